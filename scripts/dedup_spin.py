#!/usr/bin/env python3
"""Simulates an article spinner, and scores whether its copies are matched to their originals.

    dedup_spin.py [--scutch target/release/scutch] [--unknown split|extra] [--rate 0.6] [--seeds 2] [--sets news,articles,pages]

For each seed, takes the news bodies, the near-duplicate articles and the web pages' content in
SCUTCH_BENCH_DATA (of at least 150 words), makes a spun copy of each, and runs `scutch dedup` over all.
Half of the spinner's word list is unknown to the product:
  split   the spinner uses the whole lexicon, the product knows half of its originals (a file of weights 0
          takes the others out of its lexicon);
  extra   the product knows the whole lexicon; the spinner has as many originals more, the most frequent
          lower-case words of the texts outside the lexicon, each with three other rare words for it.
Longest match first, each match replaced with probability `rate`.

Right is a copy that shares a cluster with its original. False is a match of documents that are not
joined when the originals are searched alone: a copy that goes in another article's stead, or an
original that goes in that of a document of another origin.
"""

import argparse
import csv
import gzip
import json
import os
import random
import re
import subprocess
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

from dedup_plant import clusters

WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
LEXICON = Path(__file__).resolve().parent.parent / "crates/repair/lexicon/en"


def pairs():
    """(spun form, original) of the lexicon that ships"""
    for path in sorted(LEXICON.glob("*.tsv")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if not line.startswith("#") and "\t" in line:
                spun, originals = line.split("\t")[:2]
                for original in originals.split(";"):
                    yield spun.strip(), original.split("=")[0].strip()


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
    for name in ("train_bodies.csv", "competition_test_bodies.csv"):
        with open(DATA / "news" / name, encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                yield row["articleBody"]


def articles():
    with open(DATA / "neardup/data/articles_2500.train", encoding="utf-8") as file:
        for line in file:
            yield line.split(" ", 1)[1].strip()


def pages():
    with gzip.open(DATA / "lines/wcxb-dev.jsonl.gz", "rt", encoding="utf-8") as file:
        for page in map(json.loads, file):
            if page["ok"]:
                yield "\n".join(text for text, label in page["lines"] if label == 1)


def write(path, rows):
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(json.dumps({"id": id, "text": text}) + "\n" for id, text in rows)


def found(scutch, folder, name):
    """Cluster of each document in one."""
    out = folder / f"found-{name}"
    with open(out, "wb") as file:
        command = [scutch, "dedup", "--config", folder / "config.toml", "--quiet", "--jsonl", folder / name]
        subprocess.run(command, stdout=file, check=True)
    return clusters(out)


def measure(args, folder, seed):
    """Texts, copies that share a cluster with their original, and pairs that are joined and should not be."""
    rng = random.Random(seed)
    texts = {text for name in args.sets.split(",") for text in SETS[name]() if len(text.split()) >= 150}
    texts = sorted(texts)
    forms, config = defaultdict(list), ""
    for spun, original in pairs():
        forms[original].append(spun)
    known = sorted(forms)
    if args.unknown == "split":
        known = set(rng.sample(known, len(known) // 2))
        lines = (f"{spun}\t{original}=0\n" for spun, original in pairs() if original not in known)
        (folder / "without.tsv").write_text("".join(lines), encoding="utf-8")
        config = f"[repair]\nlexicon = ['{folder / 'without.tsv'}']\n"
    else:
        inside = {w for k, v in forms.items() for p in [k, *v] for w in WORD.findall(p.lower())}
        counts = Counter(w for text in texts for w in WORD.findall(text))
        outside = [w for w, n in counts.most_common() if w.isalpha() and w.islower() and w not in inside]
        # A name in lower case is a name.
        outside = [w for w in outside if counts[w] > counts[w.capitalize()]]
        rare = outside[len(outside) // 2 :]
        for word in outside[: len(known)]:
            forms[word] = rng.sample(rare, 3)
    (folder / "config.toml").write_text(config, encoding="utf-8")
    copies = [spin(text, forms, args.rate, rng) for text in texts]
    originals = [(f"o{i}", text) for i, text in enumerate(texts)]
    write(folder / "originals.jsonl", originals)
    write(folder / "all.jsonl", originals + [(f"c{i}", text) for i, text in enumerate(copies)])
    natural, joined = found(args.scutch, folder, "originals.jsonl"), found(args.scutch, folder, "all.jsonl")
    right = sum(f"c{i}" in joined and joined[f"c{i}"] == joined.get(f"o{i}") for i in range(len(texts)))
    alike = lambda i, j: i == j or natural.get(f"o{i}", i) == natural.get(f"o{j}", j)
    false = [(id, winner) for id, winner in joined.items() if not alike(id[1:], winner[1:])]
    return texts, right, false


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--scutch", default="target/release/scutch")
    parser.add_argument("--unknown", choices=("split", "extra"), default="split")
    parser.add_argument("--rate", type=float, default=0.6)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--folder", type=Path, help="keep the files of the last seed here")
    args = parser.parse_args()
    total = wrong = matched = 0
    for seed in range(args.seeds):
        with tempfile.TemporaryDirectory() as folder:
            folder = args.folder or Path(folder)
            folder.mkdir(parents=True, exist_ok=True)
            texts, right, false = measure(args, folder, seed)
        total, matched, wrong = total + len(texts), matched + right, wrong + len(false)
        print(f"seed {seed}: {right} of {len(texts)} copies matched ({100 * right / len(texts):.1f} %)", *false, flush=True)
    print(
        f"{args.unknown}, rate {args.rate}: {100 * matched / total:.1f} % of {total} copies matched; "
        f"{wrong} false of {2 * total} documents"
    )


DATA = Path(os.environ["SCUTCH_BENCH_DATA"])
SETS = {"news": news, "articles": articles, "pages": pages}
csv.field_size_limit(1 << 30)

if __name__ == "__main__":
    main()
