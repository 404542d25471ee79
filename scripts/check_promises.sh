#!/usr/bin/env bash
# Holds the promises against real data: scripts/check_promises.sh SCUTCH PATH...
# For each input: the run adds up and verifies, no stage failed, `restore` gives the text that a run
# without stages decodes, and threads, memory, order and working directory do not show.
set -euo pipefail
scutch="$(realpath "$1")"
shift
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
for input in "$@"; do
  input="$(realpath "$input")"
  rm -rf "${work:?}"/*
  "$scutch" run -q --input "$input" --output "$work/all"
  "$scutch" verify -q "$work/all"
  "$scutch" run -q --stages none --input "$input" --output "$work/none"
  "$scutch" restore "$work/all" | sort > "$work/all.jsonl"
  "$scutch" restore "$work/none" | sort > "$work/none.jsonl"
  cmp "$work/all.jsonl" "$work/none.jsonl"
  "$scutch" run -q --threads 1 --memory 64MiB --input "$input" --output "$work/one"
  "$scutch" run -q --threads 7 --memory 2GiB --input "$input" --output "$work/seven"
  (cd "$(dirname "$input")" && "$scutch" run -q --threads 2 --input "./$(basename "$input")" --output "$work/elsewhere")
  for other in one seven elsewhere; do diff -r "$work/all" "$work/$other"; done
  python3 - "$work/all/manifest.json" "$input" "$(wc -l < "$work/all.jsonl")" <<'PY'
import json, sys
manifest = json.load(open(sys.argv[1]))
counts = manifest["counts"]
rejected = sum(n for stage in counts["rejected"].values() for n in stage.values())
records = sum(i["records"] for i in manifest["inputs"])
failed = sum(stage.get("stage_failed", 0) for stage in counts["rejected"].values())
assert counts["documents"] + rejected == records and failed == 0, counts
print(f"{sys.argv[2].rsplit('/', 1)[-1]}: {records} records = {counts['documents']} documents + {rejected} rejected; {sys.argv[3]} restored")
PY
done
