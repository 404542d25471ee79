#!/usr/bin/env python3
"""Plants near-copies among documents, and scores what a tool makes of them.

    dedup_plant.py make DIR [--documents 20000] [--copies 5000] [--changed 0.05] [--bytes 2000]
    dedup_plant.py score DIR FOUND.jsonl

`make` writes DIR/documents.jsonl ({"id", "text"} a line, shuffled) and DIR/truth.tsv (copy, original).
Originals are built of whole sentences of the news bodies, the near-duplicate articles and the content
lines of the web pages in SCUTCH_BENCH_DATA; a sentence (at most 60 words, 500 characters)
is used again only when all were used. In a copy
the given share of the words is replaced by words drawn from the same texts.

`score` reads {"id", "cluster", ...} a line, as `scutch dedup --jsonl` writes it, and prints how many copies
share a cluster with their original, and how many documents share one with a document of another origin.
"""

import argparse
import csv
import gzip
import json
import os
import random
import re
from collections import defaultdict
from pathlib import Path

WORD = re.compile(r"\w+")


def sentences(data):
    csv.field_size_limit(1 << 30)
    for name in ("train_bodies.csv", "competition_test_bodies.csv"):
        with open(data / "news" / name, encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                yield from re.split(r"(?<=[.!?])\s+", row["articleBody"])
    with open(data / "neardup/data/articles_2500.train", encoding="utf-8") as file:
        for line in file:
            yield from re.split(r"(?<=[.!?])\s+", line.split(" ", 1)[1])
    with gzip.open(data / "lines/wcxb-dev.jsonl.gz", "rt", encoding="utf-8") as file:
        for line in file:
            page = json.loads(line)
            if page.get("ok"):
                for text, label in page["lines"]:
                    if label == 1:
                        yield from re.split(r"(?<=[.!?])\s+", text)


def make(args):
    rng = random.Random(args.seed)
    data = Path(os.environ["SCUTCH_BENCH_DATA"])
    pool = sorted({" ".join(s.split()) for s in sentences(data)})
    pool = [s for s in pool if 6 <= len(WORD.findall(s)) <= 60 and len(s) <= 500]
    words = [w for s in pool for w in s.split()]
    rng.shuffle(pool)
    used = 0

    def original():
        nonlocal used
        out, size = [], 0
        while size < args.bytes:
            if used == len(pool):
                rng.shuffle(pool)
                used = 0
            out.append(pool[used])
            size += len(pool[used]) + 1
            used += 1
        return " ".join(out)

    def changed(text):
        out = text.split(" ")
        for at in rng.sample(range(len(out)), round(args.changed * len(out))):
            old = out[at]
            while out[at] == old:
                out[at] = rng.choice(words)
        return " ".join(out)

    originals = [original() for _ in range(args.documents - args.copies)]
    texts = [(f"o{i}", text) for i, text in enumerate(originals)]
    copied = rng.sample(range(len(originals)), args.copies)
    texts += [(f"c{i}", changed(originals[i])) for i in copied]
    rng.shuffle(texts)
    args.dir.mkdir(parents=True, exist_ok=True)
    with open(args.dir / "documents.jsonl", "w", encoding="utf-8") as file:
        for id, text in texts:
            file.write(json.dumps({"id": id, "text": text}, ensure_ascii=False) + "\n")
    with open(args.dir / "truth.tsv", "w", encoding="utf-8") as file:
        file.writelines(f"c{i}\to{i}\n" for i in sorted(copied))
    size = sum(len(text.encode()) for _, text in texts)
    print(f"{len(texts)} documents, {size / 1e6:.1f} MB, {len(pool)} sentences, {len(copied)} copies")


def clusters(path):
    """Cluster of each document in one, out of {"id", "cluster", ...} a line."""
    with open(path, encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    return {row["id"]: row["cluster"] for row in rows if row["cluster"] is not None}


def score(args):
    of = clusters(args.found)
    truth = [line.split() for line in open(args.dir / "truth.tsv", encoding="utf-8")]
    found = sum(copy in of and of[copy] == of.get(original) for copy, original in truth)
    origins = defaultdict(set)
    for id, cluster in of.items():
        origins[cluster].add(id[1:])
    wrong = sum(len(of_one) > 1 for of_one in origins.values())
    print(f"{found} of {len(truth)} copies found, {wrong} wrong clusters")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    sub = parser.add_subparsers(required=True)
    one = sub.add_parser("make")
    one.add_argument("dir", type=Path)
    one.add_argument("--documents", type=int, default=20_000)
    one.add_argument("--copies", type=int, default=5_000)
    one.add_argument("--changed", type=float, default=0.05)
    one.add_argument("--bytes", type=int, default=2_000)
    one.add_argument("--seed", type=int, default=5)
    one.set_defaults(run=make)
    two = sub.add_parser("score")
    two.add_argument("dir", type=Path)
    two.add_argument("found", type=Path)
    two.set_defaults(run=score)
    args = parser.parse_args()
    args.run(args)


if __name__ == "__main__":
    main()
