#!/usr/bin/env python3
"""Builds a crawl-like JSONL corpus for benchmarks.

Usage: SCUTCH_BENCH_DATA=DIR scripts/bench_corpus.py OUT_DIR [MEGABYTES]

Paragraphs of news/*_bodies.csv and lines of lines/wcxb-dev.jsonl.gz are put together anew, page by
page, with a fixed seed, so that pages differ. 5 % of them are exact copies and 5 % near copies (2 %
of the words dropped) of earlier pages. Ten files; the same bytes each time.
"""
import csv
import gzip
import json
import os
import random
import sys
from pathlib import Path

FILES = 10


def main():
    if len(sys.argv) < 2 or "SCUTCH_BENCH_DATA" not in os.environ:
        sys.exit(__doc__)
    data, out = Path(os.environ["SCUTCH_BENCH_DATA"]), Path(sys.argv[1])
    target = int(float(sys.argv[2] if len(sys.argv) > 2 else 300) * 1e6)
    csv.field_size_limit(1 << 30)
    paragraphs = []
    for name in ("train_bodies.csv", "test_bodies.csv"):
        with open(data / "news" / name, newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                paragraphs += [p for p in row["articleBody"].split("\n") if p.strip()]
    with gzip.open(data / "lines" / "wcxb-dev.jsonl.gz", "rt", encoding="utf-8") as file:
        pages = [json.loads(line) for line in file]
    rng = random.Random(20261121)
    out.mkdir(parents=True, exist_ok=True)
    earlier, written, number = [], 0, 0
    files = [open(out / f"crawl-{n:02}.jsonl", "w", encoding="utf-8") for n in range(FILES)]
    while written < target:
        page = rng.choice(pages)
        kind = rng.random()
        if earlier and kind < 0.05:
            text = rng.choice(earlier)
        elif earlier and kind < 0.10:
            text = " ".join(w for w in rng.choice(earlier).split(" ") if rng.random() > 0.02)
        else:
            lines = [text for text, _ in page["lines"]]
            at = rng.randrange(max(1, len(lines)))
            lines = lines[max(0, at - 10) : at + 10]
            body = rng.sample(paragraphs, rng.randint(3, 12))
            text = "\n".join(lines[:10] + body + lines[10:])
            if len(earlier) < 5000:
                earlier.append(text)
            else:
                earlier[rng.randrange(5000)] = text
        record = {"id": f"{number:07}", "url": page["url"], "text": text}
        line = json.dumps(record, ensure_ascii=False) + "\n"
        files[number % FILES].write(line)
        written += len(line.encode())
        number += 1
    for file in files:
        file.close()
    print(f"{number} pages, {written / 1e6:.0f} MB in {out}")


main()
