#!/usr/bin/env bash
# Checks what needs minutes, gigabytes or root, and says what it did:
#   interruption by Ctrl-C and by kill -9, each gone on with to the same bytes;
#   a full disk in each pass and before the first (root, for a small tmpfs);
#   an input that is written to while it is read;
#   files and folders that another user may not read (root);
#   one line of 2 GB, one document of 50 MB, decompression bombs: time and peak memory.
#
# Usage: scripts/check_hostile.sh CORPUS [WORK]
#   CORPUS  JSONL files of at least 100 MB (scripts/ has one that builds them)
#   WORK    a folder with 5 GB of room [default: a temporary one, removed at the end]
set -u
corpus=$(realpath "${1:?usage: scripts/check_hostile.sh CORPUS [WORK]}")
scutch=${SCUTCH:-$(dirname "$0")/../target/release/scutch}
scutch=$(realpath "$scutch")
work=${2:-$(mktemp -d)}
mkdir -p "$work" && cd "$work" || exit 1
failures=0

say() { printf '\n== %s\n' "$*"; }
check() { if "${@:2}"; then echo "ok: $1"; else echo "FAILED: $1"; failures=$((failures + 1)); fi; }
same() { diff -r "$1" "$2" >/dev/null; }
# measured COMMAND...: runs it, and prints its exit code, peak memory and processor time.
measured() {
    python3 - "$@" <<'PYTHON'
import os, subprocess, sys
_, status, usage = os.wait4(subprocess.Popen(sys.argv[1:]).pid, 0)
code = os.waitstatus_to_exitcode(status)
cpu = usage.ru_utime + usage.ru_stime
print(f"exit {code}, peak {usage.ru_maxrss // 1024} MiB, {cpu:.1f} s of processor time")
sys.exit(code)
PYTHON
}

say "reference"
rm -rf reference reference.partial
measured "$scutch" run -q --memory 64MiB --input "$corpus" --output reference || exit 1

for signal in INT KILL; do
    for seconds in 2 10 25; do
        say "SIG$signal after $seconds s, then --resume"
        rm -rf out out.partial
        "$scutch" run -q --memory 64MiB --input "$corpus" --output out & pid=$!
        sleep "$seconds"
        kill -s "$signal" "$pid"
        wait "$pid"; code=$?
        if [ -d out ]; then echo "it was done before"; continue; fi
        [ "$signal" = KILL ] || check "exit code 130" [ "$code" = 130 ]
        "$scutch" run -q --memory 512MiB --threads 1 --resume --input "$corpus" --output out
        check "the same bytes" same reference out
        check "nothing is left behind" [ ! -e out.partial ]
    done
done

if [ "$(id -u)" = 0 ]; then
    say "full disk"
    head -c 14000000 "$(find "$corpus" -name '*.jsonl' | sort | head -1)" | sed '$d' >part.jsonl
    rm -rf part && "$scutch" run -q --memory 64MiB --input part.jsonl --output part
    mkdir -p small && mount -t tmpfs -o size=4m tmpfs small
    for size in 4 12 18 24 32 40; do
        rm -rf small/*
        mount -o "remount,size=${size}m" "$work/small"
        if "$scutch" run -q --memory 64MiB --input part.jsonl --output small/out 2>said; then break; fi
        echo "$size MiB: $(cat said)"
        check "one line that names the cause" [ "$(grep -c 'No space left' said)" = "$(wc -l <said)" ]
        mount -o remount,size=400m "$work/small"
        "$scutch" run -q --memory 64MiB --resume --input part.jsonl --output small/out
        check "the same bytes once there is room" same part small/out
    done
    rm -rf small/* && mount -o remount,size=4m "$work/small"
    cat /dev/zero >small/filler 2>/dev/null
    "$scutch" run -q --memory 64MiB --input part.jsonl --output small/out 2>said
    check "one line that names the cause: $(cat said)" grep -q 'No space left' said
    rm small/filler && mount -o remount,size=400m "$work/small"
    "$scutch" run -q --memory 64MiB --resume --input part.jsonl --output small/out
    check "the same bytes once there is room" same part small/out
    umount small

    say "another user"
    mkdir -p closed/folder && echo text >closed/page.txt && chmod 755 "$work" && chmod 777 .
    chmod 000 closed/page.txt
    su nobody -s /bin/sh -c "'$scutch' run -q --input closed --output not" 2>said
    check "exit code 1, and the file is named: $(cat said)" grep -q 'page.txt.*denied' said
    chmod 644 closed/page.txt && chmod 000 closed/folder && rm -rf not.partial
    su nobody -s /bin/sh -c "'$scutch' run -q --input closed --output not" 2>said
    check "exit code 1, and the folder is named: $(cat said)" grep -q 'folder.*denied' said
    chmod 755 closed/folder
else
    echo "not root: full disk and other users are not checked"
fi

say "an input that is written to while it is read"
find "$corpus" -name '*.jsonl' | sort | xargs cat >growing.jsonl
rm -rf out out.partial
"$scutch" run -q --memory 64MiB --input growing.jsonl --output out 2>said & pid=$!
sleep 1
echo '{"text":"A page that came late."}' >>growing.jsonl
wait "$pid"; code=$?
check "exit code 1, and the file is named: $(cat said)" grep -q 'growing.jsonl changed' said
[ "$code" = 1 ] || check "exit code 1, not $code" false
check "gone on with once it is whole" "$scutch" run -q --memory 64MiB --resume --input growing.jsonl --output out
rm growing.jsonl

say "one line of 2 GB between two others"
{ echo '{"text":"first"}'; printf '{"text":"'; head -c 2000000000 /dev/zero | tr '\0' a; echo '"}'; echo '{"text":"last"}'; } >line.jsonl
rm -rf out out.partial
check "it is rejected, the others are kept" measured "$scutch" run -q --memory 64MiB --input line.jsonl --output out
rm line.jsonl

for megabytes in 12 25 50; do
    say "one line of $megabytes MB that is a document"
    find "$corpus" -name '*.jsonl' | sort | head -3 | xargs cat | tr -c 'a-zA-Z' ' ' | head -c "${megabytes}000000" >document.txt
    rm -rf out out.partial
    check "done" measured "$scutch" run -q --memory 64MiB --input document.txt --output out
done

say "bombs"
mkdir -p bombs
head -c 2G /dev/zero | gzip >bombs/a.txt.gz
head -c 2G /dev/zero | bzip2 >bombs/b.txt.bz2
head -c 2G /dev/zero | zstd -q -f -o bombs/c.jsonl.zst
rm -rf out out.partial
check "they are rejected" measured "$scutch" run -q --memory 64MiB --input bombs --output out
"$scutch" inspect out

[ $# -ge 2 ] || rm -rf "$work"
say "$failures failures"
[ "$failures" = 0 ]
