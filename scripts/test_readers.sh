#!/usr/bin/env bash
# Reads a fresh dataset of the samples with the Parquet readers that $1 (a Python) has.
# Skipped, and said so, where it has none.
set -euo pipefail
cd "$(dirname "$0")/.."
python="${1:-python3}"
if ! "$python" -c 'import importlib.util as u, sys; sys.exit(not any(map(u.find_spec, ("duckdb", "polars", "pyarrow"))))' 2>/dev/null; then
  echo "readers: skipped, $python has none of duckdb, polars, pyarrow (pip install duckdb)"
  exit 0
fi
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cargo run --release --locked --quiet -p scutch -- run --quiet --input tests/samples --output "$work/dataset"
"$python" scripts/check_readers.py "$work/dataset"
