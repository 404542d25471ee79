"""Write the n-grams of a pocketsphinx trie language model as ARPA text.

usage: lm_sphinx.py en-us.lm.bin > en-us.arpa

The model ships in the PyPI wheel `pocketsphinx` (BSD-2-Clause); the module's own ARPA export is
broken there. Layout of the file: "Trie Language Model", the order, a count for each order, tables
of quantised values (bigram probabilities and backoffs, trigram probabilities), unigrams, bit-packed
n-grams keyed newest word first, and the words. Its logarithms are to the base 1.0001.
"""

import array
import math
import struct
import sys

MAGIC = b"Trie Language Model"
LOG10 = math.log10(1.0001)


def bits(n):
    return max(1, n.bit_length())


def main(path):
    data = open(path, "rb").read()
    assert data.startswith(MAGIC)
    at = len(MAGIC)
    order = data[at]
    assert order == 3
    counts = struct.unpack_from("<3I", data, at + 1)
    at += 1 + 12 + 4
    tables = []
    for _ in range(3):  # bigram probability, bigram backoff, trigram probability
        tables.append(array.array("f", data[at : at + 4 * 65536]))
        at += 4 * 65536
    unigrams = list(struct.iter_unpack("<ffI", data[at : at + 12 * (counts[0] + 1)]))
    at += 12 * (counts[0] + 1)

    word_bits = bits(counts[0])
    next_bits = bits(counts[2])
    middle_bits = word_bits + 32 + next_bits
    middle_at = at
    at += ((1 + counts[1]) * middle_bits + 7) // 8 + 8
    longest_bits = word_bits + 16
    longest_at = at
    at += ((1 + counts[2]) * longest_bits + 7) // 8 + 8
    size = struct.unpack_from("<I", data, at)[0]
    words = data[at + 4 : at + 4 + size].split(b"\0")[: counts[0]]
    words = [word.decode("utf-8") for word in words]

    def field(base, offset, width):
        byte = base + (offset >> 3)
        value = int.from_bytes(data[byte : byte + 12], "little") >> (offset & 7)
        return value & ((1 << width) - 1)

    out = sys.stdout
    out.write("\\data\\\n")
    for i, count in enumerate(counts):
        out.write(f"ngram {i + 1}={count}\n")
    out.write("\n\\1-grams:\n")
    for word, (prob, backoff, _) in zip(words, unigrams):
        out.write(f"{prob * LOG10:.4f}\t{word}\t{backoff * LOG10:.4f}\n")

    middle_mask = (1 << middle_bits) - 1
    longest_mask = (1 << longest_bits) - 1

    def middle(i):
        value = field(middle_at, i * middle_bits, middle_bits) & middle_mask
        word = value & ((1 << word_bits) - 1)
        value >>= word_bits
        return word, tables[1][value & 0xFFFF], tables[0][value >> 16 & 0xFFFF], value >> 32

    out.write("\n\\2-grams:\n")
    trigrams = []
    for newest in range(counts[0]):
        first, last = unigrams[newest][2], unigrams[newest + 1][2]
        if first == last:
            continue
        rows = [middle(i) for i in range(first, last + 1)]
        for row, following in zip(rows, rows[1:]):
            before, backoff, prob, begin = row
            out.write(f"{prob * LOG10:.4f}\t{words[before]} {words[newest]}\t{backoff * LOG10:.4f}\n")
            for i in range(begin, following[3]):
                value = field(longest_at, i * longest_bits, longest_bits) & longest_mask
                oldest = value & ((1 << word_bits) - 1)
                trigrams.append((tables[2][value >> word_bits], oldest, before, newest))
    out.write("\n\\3-grams:\n")
    for prob, oldest, before, newest in trigrams:
        out.write(f"{prob * LOG10:.4f}\t{words[oldest]} {words[before]} {words[newest]}\n")
    out.write("\n\\end\\\n")


if __name__ == "__main__":
    main(sys.argv[1])
