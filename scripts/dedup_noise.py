#!/usr/bin/env python3
"""Simulates the errors of character recognition and abridgement, and scores what is found again.

    dedup_noise.py [--scutch target/release/scutch] [--documents 1000] [--seed 5]

Takes news bodies of SCUTCH_BENCH_DATA (150 to 1,200 words) and damages both of two prints of each: a share of
the words gets a wrong, a missing or an additional character or is broken in two, and sentences are left out.
A row of the table says how many of the pairs are found among all prints (`scutch dedup`: they must meet and be
recognised) and how many are recognised when they are shown (`scutch eval dedup`).

The last row is about pairs that are none: different bodies with the greatest overlap of names, which are
reports on the same event. Those of them that are recognised are reprints, all that were looked at.
"""

import argparse
import json
import random
import re
import subprocess
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

from dedup_plant import clusters
from dedup_spin import news, write

LETTERS = "abcdefghijklmnopqrstuvwxyz.,1"


def damaged(text, rate, rng):
    words = []
    for word in text.split(" "):
        if len(word) > 1 and rng.random() < rate:
            kind, at = rng.random(), rng.randrange(len(word))
            middle = rng.choice(LETTERS) if kind < 0.6 else " " + word[at] if kind < 0.8 else ""
            word = word[:at] + middle + word[at + 1 :]
        words.append(word)
    return " ".join(words)


def abridged(text, share, rng):
    sentences = re.split(r"(?<=[.!?])\s+", text)
    kept = rng.sample(range(len(sentences)), max(3, round(len(sentences) * (1 - share))))
    return " ".join(sentences[i] for i in sorted(kept) if i < len(sentences))


def same_event(texts, count, rng):
    """Pairs of different texts that share the most names."""
    names = [set(re.findall(r"\b[A-Z][a-z]+", text)) for text in texts]
    of_name = defaultdict(list)
    for i, found in enumerate(names):
        for name in found:
            of_name[name].append(i)
    for i in rng.sample(range(len(texts)), count):
        shared = Counter(j for name in names[i] if len(of_name[name]) < 60 for j in of_name[name] if j != i)
        for j, _ in shared.most_common(1):
            yield texts[i], texts[j]


def shown(scutch, folder, pairs):
    """How many pairs are recognised."""
    with open(folder / "pairs.jsonl", "w", encoding="utf-8") as file:
        file.writelines(json.dumps({"a": a, "b": b, "duplicate": True}) + "\n" for a, b in pairs)
    command = [scutch, "eval", "dedup", folder / "pairs.jsonl"]
    table = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return int(table.splitlines()[-1].split("|")[1])


def met(scutch, folder, pairs):
    """How many are found among all of them."""
    write(folder / "all.jsonl", [(f"{side}{i}", pair[side]) for i, pair in enumerate(pairs) for side in (0, 1)])
    with open(folder / "found.jsonl", "wb") as file:
        subprocess.run([scutch, "dedup", "--quiet", "--jsonl", folder / "all.jsonl"], stdout=file, check=True)
    of = clusters(folder / "found.jsonl")
    return sum(f"0{i}" in of and of[f"0{i}"] == of.get(f"1{i}") for i in range(len(pairs)))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--scutch", default="target/release/scutch")
    parser.add_argument("--documents", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=5)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    texts = sorted({text for text in news() if 150 <= len(text.split()) <= 1200})
    some = rng.sample(texts, args.documents)
    print("| words damaged | sentences left out of one | found | recognised |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        for rate, share in [(0.05, 0), (0.1, 0), (0.15, 0), (0.2, 0), (0.05, 0.3), (0.1, 0.3), (0.1, 0.5)]:
            pairs = [(damaged(t, rate, rng), damaged(abridged(t, share, rng), rate, rng)) for t in some]
            found, known = met(args.scutch, folder, pairs), shown(args.scutch, folder, pairs)
            share_of = lambda n: f"{100 * n / len(pairs):.1f} %"
            print(f"| {rate:.0%} | {share:.0%} | {share_of(found)} | {share_of(known)} |", flush=True)
        pairs = list(same_event(texts, args.documents, rng))
        print(f"{shown(args.scutch, folder, pairs)} of {len(pairs)} pairs of reports on one event are recognised")


if __name__ == "__main__":
    main()
