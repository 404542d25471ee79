#!/usr/bin/env python3
"""Times near-duplicate detection against its peers on one file, by processor time.

    dedup_peers.py FILE.jsonl [--bench target/release/examples/dedup_bench] [--megabytes 200]

FILE holds {"id", "text"} a line; `dedup_plant.py make` writes one. Peers are taken from the Python that
runs this: pip install rensa==0.5.0 datasketch==2.0.0 'datatrove[processing]==0.10.0' spacy regex
(those that are missing are left out). All get the first MEGABYTES of the file; 200 take datatrove a quarter
of an hour.
All run on one thread; MB/s are those of text by processor time, children included.
"""

import argparse
import json
import os
import re
import resource
import shutil
import subprocess
import tempfile
from pathlib import Path


def cpu():
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def row(name, what, texts, run):
    size = sum(len(text.encode()) for text in texts) / 1e6
    before = cpu()
    try:
        run()
    except ImportError as error:
        print(f"| {name} | {what} | not installed: {error} |")
        return
    taken = cpu() - before
    print(f"| {name} | {what} | {size / taken:.2f} |", flush=True)


def shingles(text):
    words = re.findall(r"\w+", text.lower())
    return [" ".join(words[i : i + 5]) for i in range(max(1, len(words) - 4))]


def rensa(texts):
    from rensa import RMinHash

    def run():
        for text in texts:
            signature = RMinHash(num_perm=112, seed=1)
            signature.update(shingles(text))
            signature.digest()

    return run


def datasketch(texts):
    from datasketch import MinHash

    def run():
        for text in texts:
            signature = MinHash(num_perm=112, seed=1)
            signature.update_batch([shingle.encode() for shingle in shingles(text)])

    return run


def datatrove(texts):
    from datatrove.data import Document
    from datatrove.pipeline.dedup import MinhashDedupBuckets, MinhashDedupCluster, MinhashDedupSignature
    from datatrove.pipeline.dedup.minhash import MinhashConfig

    folder = tempfile.mkdtemp()

    def run():
        config = MinhashConfig()
        documents = (Document(text=text, id=str(i)) for i, text in enumerate(texts))
        MinhashDedupSignature(f"{folder}/sig", config=config).run(documents, 0, 1)
        for bucket in range(config.num_buckets):
            MinhashDedupBuckets(f"{folder}/sig", f"{folder}/buckets", config=config).run(
                None, bucket, config.num_buckets
            )
        MinhashDedupCluster(f"{folder}/buckets", f"{folder}/remove", config=config).run(None, 0, 1)
        shutil.rmtree(folder)

    return run


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--bench", default="target/release/examples/dedup_bench")
    parser.add_argument("--megabytes", type=float, default=200)
    args = parser.parse_args()
    with open(args.file, encoding="utf-8") as file:
        texts = [json.loads(line)["text"] for line in file]
    few, size = [], 0
    for text in texts:
        if size > args.megabytes * 1e6:
            break
        few.append(text)
        size += len(text.encode())
    part = tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8")
    part.writelines(json.dumps({"id": str(i), "text": text}, ensure_ascii=False) + "\n" for i, text in enumerate(few))
    part.flush()
    print(f"{len(few)} documents, {size / 1e6:.1f} MB\n")
    print("| program | what | MB/s of one core |\n|---|---|---|", flush=True)
    if os.path.exists(args.bench):
        env = {**os.environ, "RAYON_NUM_THREADS": "1"}
        out = subprocess.run([args.bench, "text", part.name], env=env, check=True, capture_output=True, text=True)
        for line in out.stdout.splitlines()[1:]:
            print(f"| Scutch | {line[:24].strip()} | {line.split()[-2]} |", flush=True)
    for name, what, make in [
        ("rensa", "signatures", rensa),
        ("datasketch", "signatures", datasketch),
        ("datatrove", "signatures, bands, clusters", datatrove),
    ]:
        row(name, what, few, lambda: make(few)())


if __name__ == "__main__":
    main()
