#!/usr/bin/env python3
"""Speed and memory of the whole chain, and of every stage over the floor.

Usage: SCUTCH_BENCH_DATA=DIR scripts/bench.py SCUTCH [MEGABYTES]

SCUTCH is the binary. Builds the corpus of scripts/bench_corpus.py in out/bench (kept for the next
time), runs `scutch run` over it with --stages none, with each stage and with all, and prints a
Markdown table: CPU seconds (user + system), MB of input per CPU second, ratio to the floor, peak
resident memory. CPU time, not wall time: it says what a core does, whatever else the machine does.
"""
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUNS = [
    ("none", ["--stages", "none"]),
    ("decode", ["--stages", "decode"]),
    ("dedup", ["--stages", "dedup"]),
    ("strip", ["--stages", "strip"]),
    ("repair", ["--stages", "repair"]),
    ("all", []),
]


def measured(command):
    """Runs it; CPU seconds, peak resident MiB, what it said on stderr."""
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{' '.join(map(str, command))}:\n{said}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, said


def main():
    if len(sys.argv) < 2 or "SCUTCH_BENCH_DATA" not in os.environ:
        sys.exit(__doc__)
    scutch, megabytes = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "300"
    corpus, out = ROOT / "out/bench" / f"corpus-{megabytes}", ROOT / "out/bench/dataset"
    if not corpus.exists():
        script = ROOT / "scripts/bench_corpus.py"
        subprocess.run([sys.executable, script, corpus, megabytes], check=True)
    size = sum(file.stat().st_size for file in corpus.iterdir()) / 1e6
    print(f"{size:.0f} MB of JSON lines, --memory 512MiB --threads 2\n")
    print("| stages | CPU s | MB per CPU s | times the floor | peak MiB |")
    print("|---|---|---|---|---|")
    floor, said = None, ""
    for name, stages in RUNS:
        for stale in (out, out.with_name(out.name + ".partial")):
            shutil.rmtree(stale, ignore_errors=True)
        command = [scutch, "run", "--memory", "512MiB", "--threads", "2", *stages]
        cpu, peak, said = measured([*command, "--input", corpus, "--output", out])
        floor = floor or cpu
        print(f"| {name} | {cpu:.1f} | {size / cpu:.1f} | {cpu / floor:.1f} | {peak:.0f} |", flush=True)
    print("\n" + said)


main()
