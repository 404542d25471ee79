#!/usr/bin/env python3
"""Writes a detection test set from the sentences that the model was not trained on.

    SCUTCH_BENCH_DATA=DIR python3 scripts/decode_heldout.py OUT

Every tenth sentence of DIR/multilingual, alone and in groups of 4 and 16, in each encoding that can
write the language: OUT/ENCODING-LANGUAGE/SENTENCES-NUMBER.txt. Measure with `scutch eval decode OUT`.
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
        for size, groups in ((1, 12), (4, 5), (16, 3)):
            for number in range(groups):
                block = "\n".join(lines[number * size:(number + 1) * size]) + "\n"
                for encoding in ENCODINGS:
                    if ONLY.get(encoding, folder.name) != folder.name:
                        continue
                    try:
                        data = block.encode(PYTHON.get(encoding, encoding))
                    except UnicodeEncodeError:
                        continue
                    if block.isascii() and len(data) == len(block) and data.isascii():
                        continue
                    target = out / f"{label(encoding)}-{folder.name}"
                    target.mkdir(parents=True, exist_ok=True)
                    (target / f"{size}-{number}.txt").write_bytes(data)


if __name__ == "__main__":
    main()
