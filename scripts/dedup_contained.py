#!/usr/bin/env python3
"""Cuts excerpts out of long texts, and scores how many are found in them.

    dedup_contained.py [--scutch target/release/scutch] [--documents 400] [--config FILE] [--seed 5]

Takes news bodies, near-duplicate articles and web pages of SCUTCH_BENCH_DATA with 1,000 words or more, and
one excerpt of consecutive words of each, at a random place. A row of the table says how many excerpts of so
many words share a cluster with the text that they were cut from (`scutch dedup` over all texts and excerpts).
"""

import argparse
import random
import subprocess
import tempfile
from pathlib import Path

from dedup_plant import clusters
from dedup_spin import SETS, write

WORDS = (100, 150, 200, 250, 300, 400)


def excerpt(text, words, rng):
    words_of = text.split()
    at = rng.randrange(len(words_of) - words)
    return " ".join(words_of[at : at + words])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--scutch", default="target/release/scutch")
    parser.add_argument("--documents", type=int, default=400)
    parser.add_argument("--config")
    parser.add_argument("--seed", type=int, default=5)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    texts = sorted({text for read in SETS.values() for text in read() if len(text.split()) >= 1000})
    texts = rng.sample(texts, args.documents)
    command = [args.scutch, "dedup", "--quiet", *(["--config", args.config] if args.config else []), "--jsonl"]
    print("| words of the excerpt | found |\n|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        for words in WORDS:
            rows = [(f"o{i}", text) for i, text in enumerate(texts)]
            rows += [(f"e{i}", excerpt(text, words, rng)) for i, text in enumerate(texts)]
            write(folder / "all.jsonl", rows)
            with open(folder / "found.jsonl", "wb") as file:
                subprocess.run([*command, folder / "all.jsonl"], stdout=file, check=True)
            of = clusters(folder / "found.jsonl")
            found = sum(f"e{i}" in of and of[f"e{i}"] == of.get(f"o{i}") for i in range(len(texts)))
            print(f"| {words} | {100 * found / len(texts):.1f} % |", flush=True)


if __name__ == "__main__":
    main()
