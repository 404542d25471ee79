#!/usr/bin/env python3
"""Read a dataset with the readers that people use, and compare with its manifest.

    python3 scripts/check_readers.py DATASET

Uses whichever of DuckDB, Polars, pandas and PyArrow are installed; none is an error. With each:
every table's row count is the manifest's, documents + rejected = input records, every column of
`documents` is there, and the first text is the same with all of them. If mlcroissant is installed,
croissant.json is validated too. Exits with 1 when anything is not as it should be.
"""

import importlib
import json
import sys
from pathlib import Path

TABLES = ("documents", "rejected", "edits", "clusters")
COLUMNS = (
    "id source record source_id url text encoding language n_chars n_words n_edits spun_score "
    "cluster cluster_size meta"
).split()


def duckdb(glob):
    table = importlib.import_module("duckdb").read_parquet(glob)
    first = table.select("text").limit(1).fetchall() if "text" in table.columns else []
    return table.count("*").fetchall()[0][0], table.columns, first[0][0] if first else None


def polars(glob):
    table = importlib.import_module("polars").read_parquet(glob)
    first = table["text"].head(1).to_list() if "text" in table.columns else []
    return table.height, table.columns, first[0] if first else None


def pyarrow(glob):
    table = importlib.import_module("pyarrow.parquet").read_table(str(Path(glob).parent))
    first = table["text"][:1].to_pylist() if "text" in table.column_names else []
    return table.num_rows, table.column_names, first[0] if first else None


def pandas(glob):
    table = importlib.import_module("pandas").read_parquet(str(Path(glob).parent))
    first = list(table["text"][:1]) if "text" in table.columns else []
    return len(table), list(table.columns), first[0] if first else None


def expected_rows(manifest):
    """Rows of each table, as the manifest's counts have them."""
    counts = manifest["counts"]
    total = lambda tally: sum(n for names in tally.values() for n in names.values())
    return {
        "documents": counts["documents"],
        "rejected": total(counts["rejected"]),
        "edits": total(counts["edits"]),
        "clusters": counts["clustered"],
    }


def check(dataset, name, read, manifest):
    """Yields what is wrong, reader by reader, and the first text as the last item."""
    expected = expected_rows(manifest)
    rows = {}
    for table in TABLES:
        rows[table], columns, text = read(str(dataset / table / "*.parquet"))
        if rows[table] != expected[table]:
            yield f"{name}: {table} has {rows[table]} rows, the manifest says {expected[table]}"
        if table == "documents":
            missing = [column for column in COLUMNS if column not in columns]
            if missing:
                yield f"{name}: documents lacks {', '.join(missing)}"
            first = text
    records = sum(file["records"] for file in manifest["inputs"])
    if rows["documents"] + rows["rejected"] != records:
        yield f"{name}: {rows['documents']} + {rows['rejected']} is not {records} input records"
    yield {"text": first}


def croissant(dataset):
    """Validates the Croissant metadata; None when there is no validator."""
    try:
        mlcroissant = importlib.import_module("mlcroissant")
    except ImportError:
        return None
    metadata = mlcroissant.Dataset(jsonld=str(dataset / "croissant.json")).metadata
    return [] if len(metadata.record_sets) == len(TABLES) else ["croissant: a table is missing"]


def main():
    if len(sys.argv) != 2 or sys.argv[1] in ("-h", "--help"):
        sys.exit(__doc__)
    dataset = Path(sys.argv[1])
    manifest = json.loads((dataset / "manifest.json").read_text(encoding="utf-8"))
    problems, texts, used = [], {}, []
    for read in (duckdb, polars, pyarrow, pandas):
        try:
            importlib.import_module(read.__name__)
        except ImportError:
            continue
        used.append(read.__name__)
        for found in check(dataset, read.__name__, read, manifest):
            if isinstance(found, dict):
                texts[read.__name__] = found["text"]
            else:
                problems.append(found)
    if not used:
        sys.exit("none of DuckDB, Polars, PyArrow, pandas is installed")
    if len(set(texts.values())) > 1:
        problems.append("the first document's text differs between readers")
    found = croissant(dataset)
    if found is not None:
        used.append("mlcroissant")
        problems += found
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        sys.exit(1)
    rows = ", ".join(f"{n} {table}" for table, n in expected_rows(manifest).items())
    print(f"{dataset}: {rows}; read alike by {', '.join(used)}")


if __name__ == "__main__":
    main()
