#!/usr/bin/env python3
"""Measures the repair of mojibake on the sentences that the model was not trained on, beside ftfy.

    cargo build --release -p scutch-decode --examples
    SCUTCH_BENCH_DATA=DIR python scripts/decode_mojibake.py      # in a venv with ftfy==6.3.1

Misread: every tenth sentence of DIR/multilingual that is not ASCII, at most 40 a language, and one word of
each, written in UTF-8 and read in another encoding; a byte that this leaves undefined becomes the character
of its number. Right = the text comes back, character by character.

Right: the same sentences in typography that looks like mojibake (capitals in quotation marks, no-break
spaces inside guillemets, dashes between words). Counted are lines that the repair changes.
"""
import json
import os
import random
import re
import subprocess
import tempfile
import unicodedata
from collections import defaultdict
from pathlib import Path

import ftfy

DATA = Path(os.environ["SCUTCH_BENCH_DATA"])
EXAMPLE = Path(__file__).resolve().parent.parent / "target/release/examples/mojibake"
ENCODINGS = "cp1252 latin-1 cp1250 cp1251 cp1253 cp1254 cp1257 iso8859-2 mac-roman cp437".split()
BROKEN = re.compile("Ã|â€|Ä\x85|Ă|Ĺ|ï¿½|ďż˝|\ufffd|[\x80-\x9f]")
WORD = re.compile(r"(\w+)")
DISGUISES = {
    "capitals": str.upper,
    "capitals in “ ”": lambda text: WORD.sub(r"“\1”", text.upper()),
    "capitals in „ “": lambda text: WORD.sub(r"„\1“", text.upper()),
    "capitals in ‘ ’": lambda text: WORD.sub(r"‘\1’", text.upper()),
    "capitals in « »": lambda text: WORD.sub(r"«\1»", text.upper()),
    "words in « » with no-break spaces": lambda text: WORD.sub("«\u00a0\\1\u00a0»", text),
    "dashes between capitals": lambda text: re.sub(r"(\w+) (\w+)", r"\1–\2", text.upper()),
    "an ellipsis after each word": lambda text: WORD.sub(r"\1…", text),
    "prices and signs": lambda text: WORD.sub(r"\1 £5 €3 ©", text),
}


def sentences() -> list[str]:
    kept = []
    for path in sorted((DATA / "multilingual/language-models").glob("*/testdata/sentences.txt")):
        lines = [unicodedata.normalize("NFC", line) for line in path.read_text().split("\n")[::10]]
        kept += [line for line in lines if not line.isascii() and not BROKEN.search(line)][:40]
    return kept


def misread(text: str, encoding: str) -> str:
    def char(byte: int) -> str:
        try:
            return bytes([byte]).decode(encoding)
        except UnicodeDecodeError:
            return chr(byte)

    return "".join(map(char, text.encode()))


def repaired(texts: list[str]) -> list[str]:
    """What the example makes of each text."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump([{"original": text} for text in texts], file)
        file.flush()
        done = subprocess.run([EXAMPLE, "--json", file.name], capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def main() -> None:
    lines = sentences()
    choice = random.Random(0)
    words = [choice.choice([word for word in line.split() if not word.isascii()] or ["é"]) for line in lines]
    print("| misread as | sentences: scutch | ftfy | words: scutch | ftfy |\n|---|---|---|---|---|")
    sums: dict[int, float] = defaultdict(float)
    for encoding in ENCODINGS:
        cells = []
        for texts in (lines, words):
            broken = [misread(text, encoding) for text in texts]
            for answers in (repaired(broken), [ftfy.fix_encoding(text) for text in broken]):
                cells.append(100 * sum(map(str.__eq__, texts, answers)) / len(texts))
        print(f"| {encoding} | " + " | ".join(f"{cell:.1f} %" for cell in cells) + " |")
        for at, cell in enumerate(cells):
            sums[at] += cell / len(ENCODINGS)
    print("| mean | " + " | ".join(f"{cell:.1f} %" for cell in sums.values()) + " |")

    print(f"\n| right text, {len(lines)} lines | scutch changes | ftfy |\n|---|---|---|")
    for name, disguise in DISGUISES.items():
        texts = [unicodedata.normalize("NFC", disguise(line)) for line in lines]
        answers = repaired(texts), [ftfy.fix_encoding(text) for text in texts]
        print(f"| {name} | " + " | ".join(str(sum(map(str.__ne__, texts, one))) for one in answers) + " |")


if __name__ == "__main__":
    main()
