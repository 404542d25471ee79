#!/usr/bin/env python3
"""Writes a detection test set of hard cases, from the sentences that the model was not trained on.

    SCUTCH_BENCH_DATA=DIR python3 scripts/decode_hard.py OUT
    SCUTCH_BENCH_DATA=DIR python scripts/decode_compare.py heldout OUT

OUT/ENCODING-LANGUAGE/KIND-NUMBER.txt, where KIND is one of
    page        a short text in a page of English markup, without a declaration
    declared    the same page with the right `<meta>`
    misdeclared the same page with a wrong one that is common
    sign        English with one sign or one borrowed letter
    accent      a sentence with one or two letters beyond ASCII
    damaged     UTF-8 that is clipped, lacks a byte or holds one byte or letter of another encoding
    wide        UTF-16 without a byte order mark, 6 to 300 characters
"""
import os
import random
import sys
from pathlib import Path

MODELS = Path(os.environ["SCUTCH_BENCH_DATA"]) / "multilingual/language-models"
# Languages, the encoding's name, Python's name of it, and declarations that are commonly wrong about it.
PAGES = """ru,uk,bg,sr windows-1251 cp1251 iso-8859-1,koi8-r,utf-8
ru koi8-r koi8-r windows-1251,iso-8859-1
el windows-1253 cp1253 iso-8859-1,windows-1252
he windows-1255 cp1255 iso-8859-1,windows-1252
ar,fa windows-1256 cp1256 iso-8859-1,utf-8
th windows-874 cp874 iso-8859-1,windows-1252
zh gb18030 gb18030 big5,iso-8859-1
zh big5 big5 gb2312,utf-8
ja shift_jis shift_jis euc-jp,utf-8
ja euc-jp euc-jp shift_jis,iso-8859-1
ko euc-kr euc-kr utf-8,iso-8859-1
pl,cs,hu,sk,hr windows-1250 cp1250 iso-8859-2,iso-8859-1,utf-8
pl,hu iso-8859-2 iso8859-2 windows-1250,iso-8859-1
tr windows-1254 cp1254 iso-8859-1,windows-1252
lt windows-1257 cp1257 iso-8859-1,windows-1250
de,fr windows-1252 cp1252 utf-8,iso-8859-2"""
PAGE = """<html><head>{}<title>Home page</title><link rel="stylesheet" href="/css/style.css"><script type="text/javascript"
src="/js/jquery.min.js"></script></head><body><div id="header"><a href="index.html">Home</a> | <a href="about.html">About
us</a></div><p>{}</p><div class="footer">Copyright 2009 Example Ltd. All rights reserved.</div></body></html>"""
META = '<meta http-equiv="Content-Type" content="text/html; charset={}">'
SIGNS = """© 2019 Example Inc.|see § 4 of the law|at 25°C today|costs £5 only|he said “hello” to us|it’s fine and they’re ok
this – and that|wait… what|at the café|a résumé|naïve idea|about €5 each|add ½ cup|• item one|Acme™ tools|± 3 mm|5 µm wide
10 m² of room|a jalapeño|his fiancée|Björk sang|a garçon|España""".replace("\n", "|").split("|")
ACCENTS = """windows-1252 cp1252 de,fr,es,it,pt,nl,sv,fi,da,nb,ca,ga,is,af,eu,cy,sq
windows-1250 cp1250 pl,cs,hu,hr,sl,ro,sk
windows-1254 cp1254 tr
windows-1257 cp1257 et,lt,lv"""


def sentences(language: str) -> list[str]:
    text = (MODELS / language / "testdata/sentences.txt").read_text(encoding="utf-8")
    lines = [line.strip() for line in text.split("\n") if line.strip()][::10]
    # What UTF-8 left where it was read in another encoding is UTF-8 again in that encoding.
    return [line for line in lines if not any(mark in line for mark in ("ďż˝", "ï¿½", "Ã", "\x85"))]


class Writer:
    def __init__(self, out: Path):
        self.out, self.count = out, 0

    def write(self, kind: str, encoding: str, language: str, text: str | bytes, codec: str = "") -> None:
        try:
            data = text if isinstance(text, bytes) else text.encode(codec)
        except UnicodeEncodeError:
            return
        folder = self.out / f"{encoding}-{language}"
        folder.mkdir(parents=True, exist_ok=True)
        self.count += 1
        (folder / f"{kind}-{self.count}.txt").write_bytes(data)


def damaged(text: str, how: int, choice: random.Random) -> bytes:
    data = bytearray(text.encode())
    high = [at for at, byte in enumerate(data) if byte > 127]
    at = choice.choice(high)
    if how == 0:
        return bytes(data[:high[-1]])
    if how == 1:
        del data[at]
    elif how == 2:
        data[at] = 0xFF
    else:
        data[at:at] = b"\xe9"
    return bytes(data)


def main() -> None:
    choice, writer = random.Random(0), Writer(Path(sys.argv[1]))
    for line in PAGES.split("\n"):
        languages, encoding, codec, wrong = line.split(" ")
        for language in languages.split(","):
            kept = [text for text in sentences(language) if not text.isascii()]
            for number in range(20):
                text = choice.choice(kept)
                text = text[:40] if number % 2 else text
                if text.isascii():
                    continue
                metas = {"page": "", "declared": META.format(encoding),
                         "misdeclared": META.format(choice.choice(wrong.split(",")))}
                for kind, meta in metas.items():
                    writer.write(kind, encoding, language, PAGE.format(meta, text), codec)
    english = [text for text in sentences("en") if text.isascii()]
    for sign in SIGNS:
        for number in range(12):
            lines = choice.sample(english, 1 + number % 3)
            lines.insert(choice.randrange(len(lines) + 1), sign)
            writer.write("sign", "windows-1252", "en", "\n".join(lines), "cp1252")
    for line in ACCENTS.split("\n"):
        encoding, codec, languages = line.split(" ")
        for language in languages.split(","):
            kept = [text for text in sentences(language) if sum(not char.isascii() for char in text) in (1, 2)]
            for text in kept[:40]:
                writer.write("accent", encoding, language, text, codec)
    for language in "de fr ru el ja zh ko ar he hi th pl tr vi cs uk".split():
        kept = sentences(language)
        for number in range(20):
            text = "\n".join(choice.sample(kept, 2 + number % 8))
            if sum(not char.isascii() for char in text) >= 5:
                writer.write("damaged", "utf-8", language, damaged(text, number % 4, choice))
    for language in "zh ja ko ru el en de ar he th hi vi pl".split():
        kept = sentences(language)
        for number in range(24):
            text = choice.choice(kept)[:(8, 15, 30, 60, 120, 300)[number % 6]]
            for order in ("le", "be"):
                writer.write("wide", f"utf-16{order}", language, text, f"utf-16-{order}")


if __name__ == "__main__":
    main()
