#!/usr/bin/env python3
"""Trains the line model of `crates/strip` and scores it out of fold.

    python3 -m venv venv && venv/bin/pip install lightgbm scikit-learn numpy scipy
    cargo build --release -p scutch-strip --example features
    SCUTCH_BENCH_DATA=... venv/bin/python scripts/strip_train.py [--out crates/strip/model] [--quick]

Three layers, each trained on out-of-fold answers of the one below, in folds of whole sites:

1. the lexicon: a linear model on words and pairs of words (`lexicon.txt`);
2. the first trees, on the features of a line and its neighbours (`first.txt`);
3. the second trees, on the first trees' scores around the line and a few of the same features (`second.txt`).

All features are computed by the Rust code that serves (`examples/features.rs`); this script treats
them as opaque numbers. Every page also comes as a copy without most of its boilerplate, so that
the model knows what clean text looks like. `--quick` leaves out the final model. One thread and fixed
seeds: the same data and the same versions of the libraries give the same model.
"""

import argparse
import gzip
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from pathlib import Path
from urllib.parse import urlparse

import lightgbm
import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

warnings.filterwarnings("ignore", message="lbfgs failed")  # forty steps are enough

ROOT = Path(__file__).resolve().parent.parent
FOLDS = 5
LINES = 300  # lines of a page that are learned from
LEAST_PAGES = 5  # pages that must use a word before it gets a weight
COPIES = 0.3  # of the lines of clean copies
# Thresholds of splits are drawn at random (Geurts et al. 2006): pages are few, and differ.
FIRST = dict(num_leaves=31, learning_rate=0.09, min_data_in_leaf=250, lambda_l2=20.0, rounds=160)
SECOND = dict(num_leaves=15, learning_rate=0.08, min_data_in_leaf=200, lambda_l2=20.0, rounds=120)


def digest(text):
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


class Pages:
    """Labelled pages, and copies of them without most of their boilerplate."""

    def __init__(self, path, by_page):
        self.pages, self.fold, self.labels, self.copy = [], [], [], []
        self.gold = [[] for _ in range(FOLDS)]
        for row in map(json.loads, gzip.open(path, "rt", encoding="utf-8")):
            if not row["ok"]:
                continue
            site = ".".join(urlparse(row["url"] or "").netloc.split(".")[-2:])
            fold = digest(row["id"] if by_page or not site else site) % FOLDS
            lines = [(text.replace("\n", " "), label) for text, label in row["lines"] if text.strip()]
            if not lines:
                continue
            self.add(row["url"], lines, fold, False)
            self.gold[fold].append(row)
            left = [
                line
                for i, line in enumerate(lines)
                if line[1] == 1 or digest(f"{row['id']} {i}") % 10 == 0
            ]
            if any(label == 1 for _, label in left):
                self.add(None, left, fold, True)
        self.start = np.cumsum([0] + [len(page["lines"]) for page in self.pages])

    def add(self, url, lines, fold, copy):
        self.pages.append({"url": url, "lines": [text for text, _ in lines]})
        self.labels.append([label if label in (0, 1) else -1 for _, label in lines])
        self.fold.append(fold)
        self.copy.append(copy)

    def of_fold(self, fold):
        return [i for i, f in enumerate(self.fold) if fold is None or f == fold]

    def write(self, which, folder):
        path = Path(folder) / "pages.jsonl"
        with open(path, "w", encoding="utf-8") as out:
            for i in which:
                out.write(json.dumps(self.pages[i]) + "\n")
        return path

    def write_gold(self, fold, path):
        with open(path, "w", encoding="utf-8") as out:
            for row in self.gold[fold]:
                out.write(json.dumps(row) + "\n")

    def rows(self, which):
        return np.concatenate([np.arange(self.start[i], self.start[i + 1]) for i in which])


def features(tool, *args):
    return subprocess.run([tool, *map(str, args)], check=True, stdout=subprocess.PIPE).stdout


class Training:
    def __init__(self, pages, tool):
        self.pages, self.tool = pages, tool
        names = features(tool, "names").decode().splitlines()
        self.first_names, self.second_names = (line.split(" ") for line in names)
        self.y = np.concatenate([np.array(labels) for labels in pages.labels])
        lines = np.diff(pages.start)
        self.copy = np.repeat(pages.copy, lines)
        self.fold = np.repeat(pages.fold, lines)
        self.size = np.repeat(lines, lines)
        # Long pages say the same thing many times: some of their lines are enough to learn from.
        draw = np.random.default_rng(1).random(len(self.y))
        self.sample = draw < np.minimum(1.0, LINES / self.size) * np.where(self.copy, COPIES, 1.0)
        long = np.maximum(1.0, self.size / LINES)
        chars = np.array([len(text) for page in pages.pages for text in page["lines"]])
        self.first_weight = np.sqrt(long)
        # What a page is judged by in the end: every line, and long lines more.
        self.second_weight = long * (1.0 + chars / 40.0) ** 0.4
        self.second_weight /= self.second_weight[self.sample].mean()
        self.folder = tempfile.mkdtemp(dir=os.environ.get("TMPDIR"))
        self.tokenise()

    def tokenise(self):
        path = self.pages.write(range(len(self.pages.pages)), self.folder)
        keys = features(self.tool, "keys", path).decode().split("\n")[:-1]
        assert len(keys) == len(self.y)
        page_of = np.repeat(np.arange(len(self.pages.pages)), np.diff(self.pages.start))
        seen = Counter()
        for page in range(len(self.pages.pages)):
            if not self.pages.copy[page]:
                words = set()
                for i in range(self.pages.start[page], self.pages.start[page + 1]):
                    words.update(keys[i].split(" "))
                seen.update(words)
        self.vocabulary = sorted(word for word, n in seen.items() if n >= LEAST_PAGES and word)
        index = {word: i for i, word in enumerate(self.vocabulary)}
        columns, ends = [], [0]
        for line in keys:
            columns.extend(sorted({index[word] for word in line.split(" ") if word in index}))
            ends.append(len(columns))
        self.keys = csr_matrix(
            (np.ones(len(columns), dtype=np.float32), columns, ends),
            shape=(len(keys), len(self.vocabulary)),
        )
        print(f"{len(keys)} lines, {len(self.vocabulary)} keys, {len(self.first_names)} and {len(self.second_names)} features", flush=True)

    def lexicon(self, without):
        rows = (self.y >= 0) & ~np.isin(self.fold, list(without)) & ~self.copy
        weight = np.minimum(1.0, 150.0 / self.size[rows])
        model = LogisticRegression(C=0.15, max_iter=40)
        model.fit(self.keys[rows], self.y[rows], sample_weight=weight)
        print(f"{time.process_time():.0f} s: lexicon without {sorted(without)}", flush=True)
        path = Path(self.folder) / ("lexicon" + "".join(map(str, sorted(without))) + ".txt")
        with open(path, "w", encoding="utf-8") as out:
            for word, value in zip(self.vocabulary, model.coef_[0]):
                if abs(value) >= 0.05:
                    out.write(f"{word} {value:.2f}\n")
        return path

    def features(self, which, lexicon, scores=None):
        args = [self.pages.write(which, self.folder), lexicon]
        if scores is not None:
            path = Path(self.folder) / "scores"
            path.write_bytes(scores[self.pages.rows(which)].astype("<f4").tobytes())
            args.append(path)
        names = self.first_names if scores is None else self.second_names
        raw = features(self.tool, "rows", *args)
        return np.frombuffer(raw, dtype="<f4").reshape(-1, len(names))

    def fit(self, x, rows, names, settings, weight):
        y = self.y[rows]
        use = y >= 0
        weight = weight[rows][use]
        params = {
            "objective": "binary",
            **{key: value for key, value in settings.items() if key != "rounds"},
            "extra_trees": True,
            "feature_fraction": 0.3,
            "bagging_fraction": 0.7,
            "bagging_freq": 1,
            "max_bin": 63,
            "num_threads": 1,
            "seed": 1,
            "deterministic": True,
            "force_col_wise": True,
            "use_missing": False,
            "verbose": -1,
        }
        data = lightgbm.Dataset(x[use], y[use], weight=weight, feature_name=list(names), free_raw_data=True)
        model = lightgbm.train(params, data, settings["rounds"])
        print(f"{time.process_time():.0f} s: {len(names)} features, {use.sum()} lines", flush=True)
        return model

    def scored(self, lexicons, names, settings, weight, folds, scores=None):
        """Out-of-fold scores of trees on `names`, fold by fold, and the models."""
        which = [self.pages.of_fold(fold) for fold in range(FOLDS)]
        x = [self.features(which[fold], lexicons[fold], scores) for fold in range(FOLDS)]
        rows = [self.pages.rows(part) for part in which]
        out, models = np.full(len(self.y), np.nan, dtype=np.float32), []
        for fold in folds:
            others = [other for other in range(FOLDS) if other != fold]
            model = self.fit(
                np.concatenate([x[other][self.sample[rows[other]]] for other in others]),
                np.concatenate([rows[other][self.sample[rows[other]]] for other in others]),
                names,
                settings,
                weight,
            )
            out[rows[fold]] = model.predict(x[fold], num_threads=1)
            models.append(model)
        return out, models, x, rows

    def full(self, x, rows, names, settings, weight):
        rows_all = np.concatenate(rows)
        take = self.sample[rows_all]
        return self.fit(np.concatenate(x)[take], rows_all[take], names, settings, weight)


def number(value):
    """The shortest text of the greatest 32-bit number that is not above `value`."""
    short = np.float32(value)
    if float(short) > value:
        short = np.nextafter(short, np.float32(-np.inf))
    return np.format_float_positional(short, unique=True, trim="-")


def write_trees(model, path, title):
    """See `crates/strip/src/trees.rs` for the format."""
    with open(path, "w", encoding="utf-8") as out:
        out.write(f"# {title}; trained by scripts/strip_train.py, see README.md\n")
        dump = model.dump_model()
        names = dump["feature_names"]
        for tree in dump["tree_info"]:
            out.write("tree\n")
            lines = []

            def visit(node):
                at = len(lines)
                lines.append("")
                if "leaf_value" in node and "left_child" not in node:
                    lines[at] = f"leaf {node['leaf_value']:.4f}"
                else:
                    left, right = visit(node["left_child"]), visit(node["right_child"])
                    lines[at] = (
                        f"{names[node['split_feature']]} {number(node['threshold'])}"
                        f" {left} {right} {node['internal_value']:.4f}"
                    )
                return at

            visit(tree["tree_structure"])
            out.write("\n".join(lines) + "\n")


def write_model(folder, lexicon, first, second):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "lexicon.txt").write_text(Path(lexicon).read_text(encoding="utf-8"), encoding="utf-8")
    write_trees(first, folder / "first.txt", "first trees")
    write_trees(second, folder / "second.txt", "second trees")


def report(title, y, score, chars, out=sys.stdout):
    use = y >= 0
    y, score, chars = y[use], score[use], chars[use]

    def f1(keep, weight):
        kept = weight[keep & (y == 1)].sum()
        return 2 * kept / (weight[keep].sum() + weight[y == 1].sum())

    ones = np.ones(len(y))
    print(f"{title}: line F1 / char F1 by threshold", file=out)
    for t in (0.3, 0.35, 0.4, 0.45, 0.5, 0.55):
        keep = score >= t
        print(f"  {t:.2f}  {f1(keep, ones):.4f}  {f1(keep, chars):.4f}", file=out)
    order = np.argsort(score, kind="stable")
    lost = np.cumsum(np.where(y[order] == 1, chars[order], 0)) / chars[y == 1].sum()
    removed = np.cumsum(np.where(y[order] == 0, chars[order], 0)) / chars[y == 0].sum()
    for limit in (0.001, 0.002, 0.003, 0.005, 0.01, 0.02):
        at = np.searchsorted(lost, limit)
        print(f"  lose {limit:.1%}: remove {removed[at - 1]:.1%} at score {score[order][at - 1]:.4f}", file=out)
    out.flush()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, default=ROOT / "crates/strip/model")
    parser.add_argument("--tool", default=str(ROOT / "target/release/examples/features"))
    parser.add_argument("--scores", type=Path, help="where to save the out-of-fold scores (npz)")
    parser.add_argument("--folds-out", type=Path, help="where to save each fold's model and pages")
    parser.add_argument("--by-page", action="store_true", help="folds of pages: a site may be in several")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--folds", type=int, default=FOLDS, help="score this many of the folds")
    args = parser.parse_args()
    data = Path(os.environ["SCUTCH_BENCH_DATA"]) / "lines/wcxb-dev.jsonl.gz"
    training = Training(Pages(data, args.by_page), args.tool)
    chars = np.array([len(text) for page in training.pages.pages for text in page["lines"]])

    lexicons = [training.lexicon({fold}) for fold in range(FOLDS)]
    of_first = (training.first_names, FIRST, training.first_weight)
    first, first_models, x, rows = training.scored(lexicons, *of_first, range(FOLDS))
    if not args.quick:
        first_full = training.full(x, rows, *of_first)
    del x
    real = ~training.copy
    report("first", training.y[real], first[real], chars[real])
    of_second = (training.second_names, SECOND, training.second_weight)
    second, second_models, x, rows = training.scored(lexicons, *of_second, range(args.folds), first)
    done = real & ~np.isnan(second)
    report("second", training.y[done], second[done], chars[done])
    gain = sorted(zip(second_models[0].feature_importance("gain"), training.second_names), reverse=True)
    print(", ".join(f"{name} {value:.0f}" for value, name in gain[:45]), flush=True)
    if args.folds_out:
        for fold, models in enumerate(zip(first_models, second_models)):
            folder = args.folds_out / f"fold{fold}"
            write_model(folder, lexicons[fold], *models)
            training.pages.write_gold(fold, folder / "gold.jsonl")
    if not args.quick:
        second_full = training.full(x, rows, *of_second)
        write_model(args.out, training.lexicon(set()), first_full, second_full)
    del x
    done = training.copy & ~np.isnan(second)
    report("clean copies", training.y[done], second[done], chars[done])
    if args.scores:
        np.savez_compressed(args.scores, first=first, second=second)


if __name__ == "__main__":
    main()
