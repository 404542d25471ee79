#!/usr/bin/env python3
"""Simulates an article spinner, and scores whether its copies are matched to their originals.

    dedup_spin.py make DIR [--rate 0.6] [--unknown split|extra]
    dedup_spin.py score DIR FOUND.jsonl NATURAL.jsonl

`make` writes DIR/documents.jsonl (news bodies of SCUTCH_BENCH_DATA of at least 150 words and a spun copy
of each) and DIR/lexicon.txt: for `split`, the words that the product may know.
Half of the spinner's word list is unknown to the product:
  split   the spinner uses the whole lexicon, the product knows half of its originals;
  extra   the product knows the whole lexicon; the spinner has as many originals more, the most frequent
          lower-case words of the news outside the lexicon, each with three other rare words for it.
Longest match first, each match replaced with probability `rate`.

`score` counts copies that share a cluster with their original, and false matches: clusters that join
documents which are not joined in NATURAL.jsonl, found among the originals alone.
"""

import argparse
import csv
import json
import os
import random
import re
from collections import Counter, defaultdict
from pathlib import Path

from dedup_plant import clusters

WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
LEXICON = Path(__file__).resolve().parent.parent / "crates/repair/lexicon/en"


def lexicon():
    """original -> its spun forms"""
    spun_forms = defaultdict(list)
    for path in sorted(LEXICON.glob("*.tsv")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("#") or "\t" not in line:
                continue
            spun, originals = line.split("\t")[:2]
            for original in originals.split(";"):
                spun_forms[original.split("=")[0].strip()].append(spun.strip())
    return spun_forms


def spin(text, forms, rate, rng):
    out, done = [], 0
    words = [(m.start(), m.end()) for m in WORD.finditer(text)]
    at = 0
    while at < len(words):
        for length in range(min(5, len(words) - at), 0, -1):
            start, end = words[at][0], words[at + length - 1][1]
            phrase = text[start:end]
            if phrase.lower() in forms and rng.random() < rate:
                new = rng.choice(forms[phrase.lower()])
                out += [text[done:start], new.capitalize() if phrase[0].isupper() else new]
                done = end
                break
        at += length
    return "".join(out) + text[done:]


def news():
    csv.field_size_limit(1 << 30)
    seen = set()
    for name in ("train_bodies.csv", "competition_test_bodies.csv"):
        path = Path(os.environ["SCUTCH_BENCH_DATA"]) / "news" / name
        with open(path, encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                text = row["articleBody"]
                if len(text.split()) >= 150 and text not in seen:
                    seen.add(text)
                    yield text


def make(args):
    rng = random.Random(args.seed)
    forms = lexicon()
    texts = list(news())
    known = sorted(forms)
    if args.unknown == "split":
        known = set(rng.sample(known, len(known) // 2))
    else:
        inside = {w for k, v in forms.items() for p in [k, *v] for w in WORD.findall(p.lower())}
        counts = Counter(w for text in texts for w in WORD.findall(text))
        outside = [w for w, n in counts.most_common() if w.isalpha() and w.islower() and w not in inside]
        # A name in lower case is a name.
        outside = [w for w in outside if counts[w] > counts[w.capitalize()]]
        rare = outside[len(outside) // 2 :]
        for word in outside[: len(known)]:
            forms[word] = rng.sample(rare, 3)
    args.dir.mkdir(parents=True, exist_ok=True)
    with open(args.dir / "lexicon.txt", "w", encoding="utf-8") as file:
        words = {w for k in known for p in [k, *forms[k]] for w in re.findall(r"[^\W_]+", p.lower())}
        file.writelines(f"{word}\n" for word in sorted(words))
    share = []
    with open(args.dir / "documents.jsonl", "w", encoding="utf-8") as file:
        for i, text in enumerate(texts):
            file.write(json.dumps({"id": f"o{i}", "text": text}) + "\n")
            copy = spin(text, forms, args.rate, rng)
            a, b = set(WORD.findall(text)), set(WORD.findall(copy))
            share.append(len(a - b) / len(a))
            file.write(json.dumps({"id": f"c{i}", "text": copy, "spun_score": 0.3}) + "\n")
    print(f"{len(texts)} originals; {100 * sum(share) / len(share):.0f} % of an original's words are lost")


def score(args):
    found = clusters(args.found)
    natural = clusters(args.natural)
    count = sum(1 for _ in open(args.dir / "documents.jsonl", encoding="utf-8")) // 2
    right = sum(f"c{i}" in found and found[f"c{i}"] == found.get(f"o{i}") for i in range(count))
    false = []
    for i in range(count):
        winner = found.get(f"c{i}")
        if winner and winner[1:] != str(i) and natural.get(f"o{i}") != natural.get(f"o{winner[1:]}", 0):
            false.append((i, winner))
    print(f"{right} of {count} spun copies matched ({100 * right / count:.1f} %), {len(false)} with another document")
    for pair in false[:20]:
        print("  ", *pair)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    sub = parser.add_subparsers(required=True)
    one = sub.add_parser("make")
    one.add_argument("dir", type=Path)
    one.add_argument("--rate", type=float, default=0.6)
    one.add_argument("--unknown", choices=("split", "extra"), default="split")
    one.add_argument("--seed", type=int, default=5)
    one.set_defaults(run=make)
    two = sub.add_parser("score")
    two.add_argument("dir", type=Path)
    two.add_argument("found", type=Path)
    two.add_argument("natural", type=Path)
    two.set_defaults(run=score)
    args = parser.parse_args()
    args.run(args)


if __name__ == "__main__":
    main()
