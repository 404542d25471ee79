#!/usr/bin/env bash
# The quality tables that the docs quote: scripts/quality.sh SCUTCH, with SCUTCH_BENCH_DATA set.
set -euo pipefail
cd "$(dirname "$0")/.."
scutch="$1"
data="${SCUTCH_BENCH_DATA:?names the folder with the measuring data}"

echo "== decode: labelled files"
"$scutch" eval decode "$data/charset/tests"
echo "== strip: labelled lines, profile footers"
"$scutch" eval strip --profile footers "$data/lines/wcxb-dev.jsonl.gz"
echo "== strip: labelled lines, profile article (trained on these pages: five-fold figures are in docs/strip.md)"
"$scutch" eval strip --profile article "$data/lines/wcxb-dev.jsonl.gz"
echo "== dedup: planted pairs"
"$scutch" eval dedup "$data/neardup/data/articles_2500.truth"
for gold in crates/repair/tests/gold/*.tsv; do
    echo "== repair: $gold"
    "$scutch" eval repair "$gold"
done
