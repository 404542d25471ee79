#!/usr/bin/env python3
"""Compares Scutch's detection and mojibake repair with its peers, on the same files in one run.

    python3 -m venv venv && venv/bin/pip install chardet==7.7.0 charset-normalizer==3.5.2 \\
        faust-cchardet==3.2.0 chardetng_py==0.3.5 ftfy==6.3.1
    cargo build --release -p scutch-decode --examples
    SCUTCH_BENCH_DATA=DIR venv/bin/python scripts/decode_compare.py [detect] [mojibake]
    SCUTCH_BENCH_DATA=DIR venv/bin/python scripts/decode_compare.py heldout OUT
    SCUTCH_BENCH_DATA=DIR venv/bin/python scripts/decode_compare.py cuts OUT

detect: DIR/charset/tests/ENCODING-LANGUAGE/file. Right = the file, decoded with the encoding that was
named, gives the text that the gold encoding gives (both by Python's codecs, iconv where Python has
none); binary files are right when no encoding is named. MB/s are of detection, on one core, by the
processor's time; Scutch's include decoding (example `decode_speed`).

heldout: the same for chardet alone, on what scripts/decode_heldout.py (by length) or decode_hard.py (by
kind) wrote to OUT.

cuts: the same on 60, 200 and 600 bytes of each test file in a single-byte encoding, around the middle
one of its bytes beyond ASCII (EBCDIC: from byte 100 on), which are written to OUT.

mojibake: ftfy's cases and false edits on DIR/multilingual and DIR/news.
"""
import codecs
import glob
import json
import os
import subprocess
import sys
import time
from pathlib import Path

DATA = Path(os.environ["SCUTCH_BENCH_DATA"])
EXAMPLES = Path(__file__).resolve().parent.parent / "target/release/examples"
PYTHON = {
    "x-mac-ce": "mac_latin2", "x-mac-cyrillic": "mac_cyrillic", "x-mac-greek": "mac_greek", "windows-874": "cp874",
    "x-mac-icelandic": "mac_iceland", "x-mac-turkish": "mac_turkish", "x-mac-croatian": "mac_croatian",
    "x-mac-romanian": "mac_romanian", "macintosh": "mac_roman", "hp-roman8": "hp_roman8", "hz-gb-2312": "hz",
    "gbk": "gb18030", "gb2312": "gb18030", "shift_jis": "cp932", "shift-jis": "cp932", "euc-kr": "cp949",
    "kz-1048": "kz1048", "iso-8859-1": "cp1252", "windows-1252": "cp1252", "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874", "tis-620": "cp874", "big5": "cp950", "big5-hkscs": "big5hkscs", "ascii": "cp1252",
    "maccyrillic": "mac_cyrillic", "macgreek": "mac_greek", "maciceland": "mac_iceland", "maclatin2": "mac_latin2",
    "macroman": "mac_roman", "macturkish": "mac_turkish", "ibm00858": "cp858", "iso-2022-jp": "iso2022_jp_ext",
}
WEB = """utf-8 utf-8-sig utf-16 utf-16le utf-16be ascii ibm866 cp866 iso-8859-1 iso-8859-2 iso-8859-3 iso-8859-4
iso-8859-5 iso-8859-6 iso-8859-7 iso-8859-8 iso-8859-9 iso-8859-10 iso-8859-11 iso-8859-13 iso-8859-14 iso-8859-15
iso-8859-16 koi8-r koi8-u macroman windows-874 cp874 tis-620 windows-1250 windows-1251 windows-1252 windows-1253
windows-1254 windows-1255 windows-1256 windows-1257 windows-1258 maccyrillic gbk gb18030 big5 euc-jp iso-2022-jp
shift_jis shift-jis cp932 euc-kr cp949""".split()


def decode(data: bytes, name: str) -> str | None:
    """The text, or None where the encoding is unknown; bytes that mean nothing become U+FFFD."""
    name = name.lower().replace("_", "-") if name.lower() not in PYTHON else name.lower()
    if name in ("euc-tw", "x-euc-tw"):
        return subprocess.run(["iconv", "-c", "-f", "EUC-TW", "-t", "UTF-8"], input=data,
                              capture_output=True).stdout.decode("utf-8", "replace")
    name = PYTHON.get(name, name)
    if name.startswith("ibm"):
        name = "cp" + (name[3:].lstrip("0") if len(name) > 6 else name[3:])
    try:
        text = data.decode(codecs.lookup(name).name, "replace")
    except LookupError:
        return None
    return text.lstrip("\ufeff")


def peers():
    import cchardet
    import chardet
    import charset_normalizer
    import chardetng_py

    def chardetng(data: bytes) -> str | None:
        for mark, name in ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
                           (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
            if data.startswith(mark):
                return name
        try:
            data.decode()
            return "utf-8"
        except UnicodeDecodeError:
            return chardetng_py.detect(data)

    def normalizer(data: bytes) -> str | None:
        best = charset_normalizer.from_bytes(data).best()
        return best.encoding if best else None

    return {
        "chardet 7.7.0": lambda data: chardet.detect(data)["encoding"],
        "charset-normalizer 3.5.2": normalizer,
        "faust-cchardet 3.2.0": lambda data: cchardet.detect(data)["encoding"],
        "chardetng (BOM, UTF-8 check)": chardetng,
    }


def detect() -> None:
    files = sorted(path for path in (DATA / "charset/tests").glob("*/*") if path.is_file())
    contents = [path.read_bytes() for path in files]
    golds = []
    for path, data in zip(files, contents):
        folder = path.parent.name
        label = folder if folder in ("None", "ascii") else folder.rsplit("-", 1)[0]
        golds.append((label, None if label == "None" else decode(data, label)))
    size = sum(map(len, contents))

    lines = subprocess.run([EXAMPLES / "detect", *files], capture_output=True, text=True, check=True).stdout
    names = [line.split("\t")[1] for line in lines.splitlines()]
    found = {"scutch": [None if name == "binary" else name for name in names]}
    legacy = [str(path) for path, name in zip(files, names) if name not in ("UTF-8", "binary")]
    speed = {}
    for task, paths in (("utf8", [str(DATA / "multilingual/language-models")]), ("legacy", legacy)):
        done = subprocess.run([EXAMPLES / "decode_speed", task, *paths], capture_output=True, text=True, check=True)
        speed[task] = done.stdout.split()[1]
    speeds = {"scutch": f"{speed['legacy']} (UTF-8 {speed['utf8']})"}
    for name, run in peers().items():
        start = time.process_time()
        found[name] = [run(data) for data in contents]
        speeds[name] = f"{size / 1e6 / (time.process_time() - start):.1f}"

    print("| detector | WHATWG and UTF-16 | all | binary | MB/s |\n|---|---|---|---|---|")
    for name, answers in found.items():
        count = {"web": [0, 0], "all": [0, 0], "binary": [0, 0]}
        for data, (label, text), answer in zip(contents, golds, answers):
            right = answer is None if label == "None" else answer is not None and decode(data, answer) == text
            kinds = ["all"] + ["binary"] * (label == "None") + ["web"] * (label in WEB)
            for kind in kinds:
                count[kind][0] += right
                count[kind][1] += 1
        cells = [f"{100 * right / all:.2f} %" for right, all in (count["web"], count["all"])]
        print(f"| {name} | {cells[0]} | {cells[1]} | {count['binary'][0]} of {count['binary'][1]} | {speeds[name]} |")
    print(f"\n{len(files)} files, {sum(label in WEB for label, _ in golds)} of them WHATWG or UTF-16.")


def heldout(folder: Path) -> None:
    import chardet

    files = sorted(path for path in folder.glob("*/*") if path.is_file())
    count: dict[str, list[int]] = {}
    lost: dict[str, list[int]] = {}
    for start in range(0, len(files), 1000):
        paths = files[start:start + 1000]
        lines = subprocess.run([EXAMPLES / "detect", *paths], capture_output=True, text=True, check=True).stdout
        for path, line in zip(paths, lines.splitlines()):
            data, label = path.read_bytes(), path.parent.name.rsplit("-", 1)[0]
            text = decode(data, label)
            answers = line.split("\t")[1], chardet.detect(data)["encoding"]
            right = [answer not in (None, "binary") and decode(data, answer) == text for answer in answers]
            for name, counts in ((path.name.split("-")[0], count), ("all", count), (label, lost)):
                kept = counts.setdefault(name, [0, 0, 0])
                for at, one in enumerate((1, *right)):
                    kept[at] += one
    order = sorted(count.keys() - {"all"}, key=lambda name: (len(name), name)) + ["all"]
    print("| bytes or kind | files | scutch | chardet 7.7.0 |\n|---|---|---|---|")
    for name, (all, ours, theirs) in ((name, count[name]) for name in order):
        print(f"| {name} | {all} | {100 * ours / all:.2f} % | {100 * theirs / all:.2f} % |")
    print("chardet is ahead in:", {name: counts for name, counts in lost.items() if counts[1] < counts[2]})


SINGLE = "cp iso-8859 koi8 windows mac kz hp ptcp".split()
EBCDIC = "cp037 cp500 cp1026 cp875 cp424 cp1140 cp273".split()


def cuts(out: Path) -> None:
    for size in (60, 200, 600):
        for number, path in enumerate(sorted((DATA / "charset/tests").glob("*/*"))):
            name, data = path.parent.name, path.read_bytes()
            if not name.startswith(tuple(SINGLE)) or name.startswith(("cp932", "cp949")):
                continue
            highs = [at for at, byte in enumerate(data) if byte > 127]
            if not highs:
                continue
            start = 100 if name.startswith(tuple(EBCDIC)) else max(0, highs[len(highs) // 2] - size // 2)
            (out / name).mkdir(parents=True, exist_ok=True)
            (out / name / f"{size}-{number}.txt").write_bytes(data[start:start + size])
    heldout(out)


def mojibake() -> None:
    import ftfy

    cases = sorted(glob.glob(str(DATA / "mojibake/tests/test-cases/*.json")))
    print(subprocess.run([EXAMPLES / "mojibake", *cases], capture_output=True, text=True, check=True).stdout)
    for case in cases:
        entries = json.loads(Path(case).read_text())
        right = sum(ftfy.fix_encoding(e["original"]) == e.get("fixed-encoding", e["fixed"])
                    or ftfy.fix_text(e["original"]) == e["fixed"] for e in entries)
        print(f"ftfy {case}: {right} of {len(entries)}")
    sentences = sorted(map(str, (DATA / "multilingual/language-models").glob("*/testdata/sentences.txt")))
    news = sorted(map(str, (DATA / "news").glob("*.csv")))
    done = subprocess.run([EXAMPLES / "mojibake", "--clean", *sentences], capture_output=True, text=True, check=True)
    print(f"scutch on 75 languages: {done.stdout.splitlines()[-1]} in "
          f"{len({line.split(':')[0] for line in done.stdout.splitlines()[:-1]})} files")
    lines = [line for path in sentences for line in Path(path).read_text().split("\n")]
    start = time.process_time()
    changed = sum(ftfy.fix_encoding(line) != line for line in lines)
    seconds = time.process_time() - start
    print(f"ftfy on 75 languages: {changed} lines changed, {sum(map(len, lines)) / 1e6 / seconds:.2f} M characters/s")
    done = subprocess.run([EXAMPLES / "decode_speed", "mojibake", *news], capture_output=True, text=True, check=True)
    print("scutch on clean news:", done.stdout.strip())
    text = "".join(Path(path).read_text() for path in news[:1])
    start = time.process_time()
    ftfy.fix_encoding(text)
    print(f"ftfy on clean news: {len(text.encode()) / 1e6 / (time.process_time() - start):.2f} MB/s")


if __name__ == "__main__":
    tasks = sys.argv[1:] or ["detect", "mojibake"]
    if tasks[0] == "heldout":
        heldout(Path(tasks[1]))
    if tasks[0] == "cuts":
        cuts(Path(tasks[1]))
    if "detect" in tasks:
        detect()
    if "mojibake" in tasks:
        mojibake()
