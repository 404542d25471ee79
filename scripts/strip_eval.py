#!/usr/bin/env python3
"""Scores the strip stage and its peers' rules on labelled pages.

    cargo build --release -p scutch-strip --example evaluate
    SCUTCH_BENCH_DATA=... python3 scripts/strip_eval.py peers
    SCUTCH_BENCH_DATA=... python3 scripts/strip_eval.py folds FOLDS [--article 0.4] [--footers 0.02]
    SCUTCH_BENCH_DATA=... python3 scripts/strip_eval.py sites FOLDS
    SCUTCH_BENCH_DATA=... python3 scripts/strip_eval.py languages

`peers`: keep everything, lines of 80 characters or more, C4's line rule, jusText's algorithm on
lines (with the function words of `crates/strip/src/function_words.txt`, its published thresholds).
`folds`: the whole stage, rules and model and all rounds, on pages that its model did not see;
FOLDS is what `strip_train.py --folds-out` wrote. `footers` also without the lines of
`strip_label_errors.jsonl`, whose labels are wrong (each with its reason; quotes from WCXB, CC-BY-4.0, see
`crates/strip/model/README.md`). `sites`: what the other pages of a site add.
`languages`: sentences in 75 languages that `footers` drops, each a document and all of a language
as one.
"""

import argparse
import gzip
import json
import os
import re
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOL = ROOT / "target/release/examples/evaluate"
LABEL_ERRORS = ROOT / "scripts/strip_label_errors.jsonl"
STOP_WORDS = set((ROOT / "crates/strip/src/function_words.txt").read_text(encoding="utf-8").split())
POLICY = ["terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies", "use cookies"]


def keep_all(lines):
    return [True] * len(lines)


def keep_long(lines):
    return [len(line) >= 80 for line in lines]


def keep_c4(lines):
    """Raffel et al. 2020, the rules on lines."""

    def keep(line):
        line = re.sub(r"\[\d*\]|\[edit\]|\[citation needed\]", "", line).strip()
        low = line.lower()
        return (
            line.endswith((".", "?", "!", '"', "'", "”"))
            and not line.endswith("...")
            and len(line.split()) >= 3
            and "javascript" not in low
            and not any(phrase in low for phrase in POLICY)
        )

    return [keep(line) for line in lines]


def keep_justext(lines, low=70, high=200, few=0.30, many=0.32):
    """Pomikálek 2011: each block by length and stop words, then by its neighbours. Links are not
    known here, headings neither."""

    def alone(line):
        words = line.split()
        stop = sum(word.lower() in STOP_WORDS for word in words) / max(1, len(words))
        if "©" in line or "&copy" in line:
            return "bad"
        if len(line) < low:
            return "short"
        if stop >= many:
            return "good" if len(line) > high else "near"
        return "near" if stop >= few else "bad"

    first = [alone(line) for line in lines]
    final = list(first)

    def neighbour(i, step, skip):
        i += step
        while 0 <= i < len(lines):
            if first[i] in ("good", "bad") or (first[i] == "near" and not skip):
                return first[i]
            i += step
        return "bad"

    for i, kind in enumerate(first):
        if kind == "short":
            before, after = neighbour(i, -1, True), neighbour(i, 1, True)
            if before == after:
                final[i] = before
            else:
                step = -1 if before == "bad" else 1
                final[i] = "good" if neighbour(i, step, False) == "near" else "bad"
    shown = list(final)
    for i, kind in enumerate(shown):
        if kind == "near":
            around = {neighbour(i, -1, True), neighbour(i, 1, True)}
            final[i] = "bad" if around == {"bad"} else "good"
    return [kind == "good" for kind in final]


def add(total, lines, kept):
    for (text, label), keep in zip(lines, kept):
        if label in (0, 1):
            place = (0 if keep else 1) if label == 1 else (2 if keep else 3)
            total[0][place] += 1
            total[1][place] += len(text)


def show(name, lines, chars, more=""):
    def f1(c):
        return 2 * c[0] / max(1, 2 * c[0] + c[1] + c[2])

    kept, lost, left, removed = chars
    print(
        f"{name:28} line F1 {f1(lines):.4f} (P {lines[0] / max(1, lines[0] + lines[2]):.3f}"
        f" R {lines[0] / max(1, lines[0] + lines[1]):.3f})  char F1 {f1(chars):.4f}"
        f"  keeps {kept / (kept + lost):.2%}, removes {removed / (removed + left):.2%} of characters{more}",
        flush=True,
    )


def evaluate(profile, below, model, gold, *rest):
    run = [TOOL, profile, str(below), str(model), str(gold), *rest]
    return json.loads(subprocess.run(run, check=True, stdout=subprocess.PIPE).stdout.splitlines()[-1])


def without_errors(gold, out):
    """Writes the pages of `gold` to `out`, lines with a wrong label unlabelled."""
    wrong = {(error["id"], error["text"]) for error in map(json.loads, LABEL_ERRORS.open(encoding="utf-8"))}
    for page in map(json.loads, gold.open(encoding="utf-8")):
        page["lines"] = [
            [text, None if (page["id"], text[:80]) in wrong else label] for text, label in page["lines"]
        ]
        out.write(json.dumps(page) + "\n")
    out.flush()


def folds(folder, profile, below, *rest, rules=False, corrected=False):
    total = {"lines": [0] * 4, "chars": [0] * 4, "stripped_lines": 0, "stripped_again": 0}
    for fold in sorted(Path(folder).glob("fold*")):
        model = "rules" if rules else fold
        if corrected:
            with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as gold:
                without_errors(fold / "gold.jsonl", gold)
                part = evaluate(profile, below, model, gold.name, *rest)
        else:
            part = evaluate(profile, below, model, fold / "gold.jsonl", *rest)
        for key, value in part.items():
            total[key] = [a + b for a, b in zip(total[key], value)] if isinstance(value, list) else total[key] + value
    return total


def show_folds(name, total):
    show(name, total["lines"], total["chars"], f"; again {total['stripped_again']}/{total['stripped_lines']} lines")


def languages(below):
    folder = Path(os.environ["SCUTCH_BENCH_DATA"]) / "multilingual/language-models"
    alone, joined = [], []
    for path in sorted(folder.glob("*/testdata/sentences.txt")):
        lines = [[line.strip(), 1] for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]
        name = path.parent.parent.name
        joined.append({"id": name, "url": None, "ok": True, "lines": lines})
        alone += [{"id": name, "url": None, "ok": True, "lines": [line]} for line in lines]
    for name, pages in [("each sentence a document", alone), ("each language a document", joined)]:
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as gold:
            gold.write("".join(json.dumps(page) + "\n" for page in pages))
            gold.flush()
            counts = evaluate("footers", below, ROOT / "crates/strip/model", gold.name)["lines"]
        print(f"{name}: {counts[1]} of {counts[0] + counts[1]} sentences dropped")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=["peers", "folds", "sites", "languages"])
    parser.add_argument("folds", nargs="?")
    parser.add_argument("--article", type=float, nargs="+", default=[0.35, 0.4, 0.45])
    parser.add_argument("--footers", type=float, nargs="+", default=[0.005, 0.01, 0.02, 0.03, 0.05])
    args = parser.parse_args()
    if args.what == "peers":
        gold = Path(os.environ["SCUTCH_BENCH_DATA"]) / "lines/wcxb-dev.jsonl.gz"
        pages = [page for page in map(json.loads, gzip.open(gold, "rt", encoding="utf-8")) if page["ok"]]
        for name, rule in [
            ("keep everything", keep_all),
            ("80 characters or more", keep_long),
            ("C4", keep_c4),
            ("jusText on lines", keep_justext),
        ]:
            total = [[0] * 4, [0] * 4]
            for page in pages:
                add(total, page["lines"], rule([text for text, _ in page["lines"]]))
            show(name, *total)
    elif args.what == "folds":
        show_folds("footers, rules alone", folds(args.folds, "footers", 0, rules=True))
        for below in args.footers:
            show_folds(f"footers below {below}", folds(args.folds, "footers", below))
            corrected = folds(args.folds, "footers", below, corrected=True)
            show_folds(f"footers below {below}, corrected", corrected)
        for below in args.article:
            show_folds(f"article below {below}", folds(args.folds, "article", below))
    elif args.what == "languages":
        languages(args.footers[0])
    else:
        for profile, below in [("footers", args.footers[0]), ("article", args.article[0])]:
            show_folds(f"{profile}, pages alone", folds(args.folds, profile, below))
            show_folds(f"{profile}, with their sites", folds(args.folds, profile, below, "site"))


if __name__ == "__main__":
    main()
