#!/bin/bash
# Prints the figures of docs/repair.md.
#
# usage: SCUTCH_BENCH_DATA=... scripts/repair_measure.sh [articles]
set -euo pipefail
cd "$(dirname "$0")/.."
articles=${1:-300}
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
python3 - "$work" <<'PYTHON'
import csv, gzip, json, os, sys
data, work = os.environ["SCUTCH_BENCH_DATA"], sys.argv[1]
csv.field_size_limit(10**9)
with open(f"{work}/news.jsonl", "w") as out:
    seen = set()
    for name in ["train_bodies", "competition_test_bodies"]:
        for row in csv.DictReader(open(f"{data}/news/{name}.csv", encoding="utf-8")):
            if row["articleBody"] not in seen:
                seen.add(row["articleBody"])
                out.write(json.dumps({"id": name + row["Body ID"], "text": row["articleBody"]}) + "\n")
with open(f"{work}/pages.jsonl", "w") as out:
    for line in gzip.open(f"{data}/lines/wcxb-dev.jsonl.gz", "rt"):
        page = json.loads(line)
        text = "\n".join(text for text, _ in page["lines"])
        out.write(json.dumps({"id": page["type"] + page["id"], "text": text}) + "\n")
PYTHON
cargo build --release -q -p scutch-repair --examples
measure=target/release/examples/measure
gold=crates/repair/tests/gold
for group in 000 "markets phone court paper" "sleep football travel" "election film" "vaccine startup" fire pressure estate garden; do
    echo "== gold: $group"
    for name in $group; do cat "$gold/$name.tsv"; done > "$work/gold.tsv"
    $measure gold "$work/gold.tsv" . | tail -1
done
echo "== choices of the model in all of these"
$measure choices . $gold/*.tsv
echo "== clean news, clean pages (documents, called suspicious, called spun, MB/s)"
for set in news pages; do $measure clean "$work/$set.jsonl" | tail -1; done
echo "== words that spinners leave alone, in clean news"
$measure mutable "$work/news.jsonl"
echo "== speed: start, clean news, clean pages, sample 000"
speed=target/release/examples/speed
python3 -c 'import json, sys; print(json.dumps({"text": sys.stdin.read()}))' < tests/samples/000_*.txt > "$work/000.jsonl"
$speed start
for set in news pages; do $speed gate "$work/$set.jsonl"; done
for _ in $(seq 40); do cat "$work/000.jsonl"; done > "$work/spun.jsonl"
$speed repair "$work/spun.jsonl"
simulate() {
    for setting in "1 $1 0" "0.5 $1 0" "1 $1 0.5"; do # share of slots, times known, share hidden
        echo "$setting"
        SPUN="$work/spun.jsonl" target/release/examples/simulate "$work/news.jsonl" "$articles" $setting 7 | head -1
        $speed repair "$work/spun.jsonl"
    done
}
echo "== simulated spins by a spinner that knows what is weighed by hand"
simulate "2 0"
echo "== by one that knows this and as much of the rest as spoils a third of the tokens"
simulate "2 0.2"
echo "== by one that knows any pair with the probability that its weight gives"
simulate "1 1"
