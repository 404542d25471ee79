#!/usr/bin/env python3
"""Writes a detection test set from the sentences that the model was not trained on.

    SCUTCH_BENCH_DATA=DIR python3 scripts/decode_heldout.py OUT

Every tenth sentence of DIR/multilingual: beginnings of 50, 200 and 1000 bytes that hold a letter beyond
ASCII, in each encoding that can write them: OUT/ENCODING-LANGUAGE/BYTES-NUMBER.txt. Measure with
`scutch eval decode OUT`, or beside chardet with `scripts/decode_compare.py heldout OUT`.
"""
import os
import sys
import unicodedata
from pathlib import Path

ENCODINGS = """cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp874 iso8859-2 iso8859-3 iso8859-4 iso8859-5
iso8859-6 iso8859-7 iso8859-8 iso8859-10 iso8859-13 iso8859-14 iso8859-15 iso8859-16 koi8-r koi8-u macintosh cp437
cp737 cp775 cp850 cp852 cp855 cp857 cp860 cp861 cp862 cp863 cp865 cp866 cp869 cp1125 cp037 cp424 cp500 cp875 cp1026
mac-cyrillic mac-greek mac-latin2 mac-turkish mac-iceland kz1048 ptcp154 gb18030 gbk big5 shift_jis euc-jp
iso2022-jp euc-kr johab iso2022-kr hz utf-7 utf-8 utf-16-le utf-16-be utf-32-le utf-32-be""".split()
LABEL = {"cp874": "windows-874", "iso2022-jp": "iso-2022-jp", "iso2022-kr": "iso-2022-kr", "utf-16-le": "utf-16le",
         "utf-16-be": "utf-16be", "utf-32-le": "utf-32le", "utf-32-be": "utf-32be", "mac-cyrillic": "maccyrillic",
         "mac-greek": "macgreek", "mac-latin2": "maclatin2", "mac-turkish": "macturkish", "mac-iceland": "maciceland"}
# Encodings that could write other languages too, but never did.
ONLY = {"gb18030": "zh", "gbk": "zh", "big5": "zh", "hz": "zh", "shift_jis": "ja", "euc-jp": "ja", "iso2022-jp": "ja",
        "euc-kr": "ko", "johab": "ko", "iso2022-kr": "ko"}
C1 = {byte: bytes([byte]).decode("cp1252", "replace") for byte in range(0x80, 0xA0)}
PYTHON = {"macintosh": "mac_roman"}


def label(encoding: str) -> str:
    if encoding.startswith("cp125"):
        return "windows-" + encoding[2:]
    return LABEL.get(encoding, encoding.replace("iso8859", "iso-8859"))


def main() -> None:
    models = Path(os.environ["SCUTCH_BENCH_DATA"]) / "multilingual/language-models"
    out = Path(sys.argv[1])
    for folder in sorted(models.iterdir()):
        text = (folder / "testdata/sentences.txt").read_text(encoding="utf-8")
        text = text.translate(C1)
        lines = [unicodedata.normalize("NFC", line.strip()) for line in text.split("\n") if line.strip()][::10]
        for size in (50, 200, 1000):
            for number in range(4):
                block = "\n".join(lines[number * 25:(number + 1) * 25])[:size]
                for encoding in ENCODINGS:
                    if ONLY.get(encoding, folder.name) != folder.name:
                        continue
                    text, data = cut(block, PYTHON.get(encoding, encoding), size)
                    if not any(char.isalpha() and not char.isascii() for char in text):
                        continue
                    target = out / f"{label(encoding)}-{folder.name}"
                    target.mkdir(parents=True, exist_ok=True)
                    (target / f"{size}-{number}.txt").write_bytes(data)


def cut(text: str, encoding: str, size: int) -> tuple[str, bytes]:
    """The beginning of the text that fits into so many bytes; nothing where the encoding cannot write it."""
    try:
        while len(data := text.encode(encoding)) > size:
            text = text[:-max(1, (len(data) - size) // 4)]
    except UnicodeEncodeError:
        return "", b""
    return text, data


if __name__ == "__main__":
    main()
