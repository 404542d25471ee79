"""Weigh candidate pairs of the English lexicon; keep what is plausible, found again and harmless.

usage: lexicon_weigh.py CANDIDATES WORKDIR [OUT]

CANDIDATES is a folder of lexicon files without weights (docs/repair.md), WORKDIR the folder that
lm_build.py has filled. Writes words.tsv, phrases.tsv, translated.tsv and tortured.tsv into OUT
(crates/repair/lexicon/en); known.tsv and core.tsv, which are weighed by hand, are read and left
alone. The shipped files were made from the candidates of commit 1d24651 (crates/repair/lexicon/en).

A pair's weight is how probable it is that a spinner knows it, on the scale of known.tsv (4 for what
spinners are known for). The candidates have three authors who wrote apart. Of the pairs that two of them
have, known.tsv and core.tsv confirm 38 % among the originals that these know, of a single author's 7 %
(of phrases up to 18 %): VOUCHED follows that. WordNet 3.0 and the Moby thesaurus were tried beside it; once
the authors are known, whether a thesaurus has the pair says nothing more, so that neither is used.

A pair is dropped when clean text speaks against it. Of the places of the original in clean text, FOUND
is the share where the language model prefers the original to the spun form by three nats; of those where
the spun form stands in its own right, SPOILT is the share where it would prefer the original as much.
Together with how frequent both are, they tell what share of the repairs would be right. The model for
this is one that was not made from that text.
"""

import collections
import math
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
LEXICON = os.path.join(ROOT, "crates/repair/lexicon/en")
BY_HAND = ("known.tsv", "core.tsv", "others.tsv")

# Who wrote a candidate file, by the beginning of its name.
AUTHORS = {"core-": "a", "phrases-": "a", "wide-": "b", "domains-": "c", "translated": "translated", "tortured": "tortured"}

# Weights by authors: of words, of phrases.
VOUCHED = {"ab": (1.2, 1.2), "abc": (1.3, 1.3), "ac": (0.5, 1.0), "bc": (0.5, 1.0),
           "a": (0.3, 0.4), "b": (0.3, 0.3), "c": (0.2, 0.3)}
FAMILY = {"translated": 1.0, "tortured": 4.0}

# An original that is rarer than this (log-probability) is not worth a line.
RAREST_WORD, RAREST_PHRASE = -13, -18.5
# Places that count as seen beside those that were, and as undecided.
PRIOR = 2
# Words of the clean text.
WORDS = 2_400_000
# A spinner writes this form for one in so many of an original's places.
FORMS = 10
# What a pair with one author must reach, and any other.
LEAST_FOUND, LEAST_RIGHT = (0.05, 0.0), (0.2, 0.0)
# What spinners leave alone, save in phrases with other words; contexts decide nothing there.
FUNCTION = set(
    """a an and are as at be been but by did do does for from had has have he her him his i if in is it its me my
    no not of on or our she so than that the their them then there these they this those to too us was we were
    what which who with you your""".split())


def read(path):
    """The pairs of a lexicon file."""
    for line in open(path, encoding="utf-8"):
        spun, tab, originals = line.rstrip("\n").partition("\t")
        if tab and not spun.startswith("#"):
            for original in filter(None, (part.partition("=")[0].strip() for part in originals.split(";"))):
                yield spun.strip(), original


def candidates_of(folder):
    """The authors of each pair that is not weighed by hand."""
    known = {pair for name in BY_HAND for pair in read(os.path.join(LEXICON, name))}
    pairs = collections.defaultdict(set)
    for name in sorted(set(os.listdir(folder)) - set(BY_HAND)):
        author = next(author for begin, author in AUTHORS.items() if name.startswith(begin))
        for pair in read(os.path.join(folder, name)):
            if pair not in known:
                pairs[pair].add(author)
    return pairs


def evidence(pairs, work):
    """What the example `evidence` prints of each pair."""
    model = os.path.join(work, "no-web.lm")
    run = ["cargo", "run", "--release", "-q", "-p", "scutch-repair", "--example"]
    if not os.path.exists(model):
        sources = [("0.75", "en-us.arpa"), ("0.15", "web.arpa"), ("0.1", "books.arpa")]
        sources = [f"arpa:{share}:{os.path.join(work, name)}" for share, name in sources]
        subprocess.run(run + ["lm", "--", model, "2700000", "2000000"] + sources, cwd=ROOT, check=True)
    lines = "".join(f"{spun}\t{original}\n" for spun, original in sorted(pairs))
    found = subprocess.run(run + ["evidence", "--", os.path.join(work, "wcxb.txt")], cwd=ROOT, check=True,
                           input=lines, stdout=subprocess.PIPE, text=True, env={**os.environ, "MODEL": model})
    for line in found.stdout.splitlines():
        spun, original, *numbers = line.split("\t")
        yield (spun, original), [float(number) for number in numbers]


def judge(pair, authors, numbers):
    """The pair's file and weight; None where it is dropped."""
    spun, original = pair
    places, found, own, spoilt, log_spun, log_original = numbers
    phrase = " " in spun or " " in original
    family = "tortured" if "tortured" in authors else "translated" if authors == {"translated"} else None
    weight = FAMILY[family] if family else VOUCHED["".join(sorted(authors - set(FAMILY)))][phrase]
    rarest = RAREST_PHRASE if " " in original else RAREST_WORD
    if family != "tortured" and log_original < rarest:
        return None
    if family == "tortured":
        return (family, weight) if own <= places else None
    if not family and FUNCTION.issuperset(original.split(" ")) or spun.isdigit():
        return None
    agreed = weight >= 1
    right = (found * places + PRIOR / 2) / FORMS
    wrong = spoilt * own + min(PRIOR, WORDS * math.exp(log_spun)) / 2
    found = (found * places + PRIOR / 2) / (places + PRIOR)
    if found < LEAST_FOUND[agreed] or right / (right + wrong) < LEAST_RIGHT[agreed]:
        return None
    return family or ("phrases" if phrase else "words"), weight


def write(out, name, title, weighed):
    lines = collections.defaultdict(list)
    for (spun, original), weight in weighed.items():
        lines[spun].append(f"{original}={weight:g}")
    with open(os.path.join(out, name + ".tsv"), "w", encoding="utf-8") as file:
        file.write(f"# {title}\n# spun form<TAB>original=weight; ...  Weighed by scripts/lexicon_weigh.py.\n\n")
        for spun in sorted(lines):
            file.write(f"{spun}\t{'; '.join(sorted(lines[spun]))}\n")
    print(f"{name}: {len(lines)} lines, {len(weighed)} pairs, {len({o for _, o in weighed})} originals")


TITLES = {
    "words": "Single words, as article spinners replace them.",
    "phrases": "Phrases with their function words, names and set terms, as article spinners replace them.",
    "translated": "Spinners that draw on bad translations: symbols of elements, states, odd senses.",
    "tortured": "Tortured phrases of papers: terms of art with each part replaced by a neighbour.",
}


def main(candidates, work, out=LEXICON):
    pairs = candidates_of(candidates)
    files = {name: {} for name in TITLES}
    for pair, numbers in evidence(pairs, work):
        judged = judge(pair, pairs[pair], numbers)
        if judged:
            files[judged[0]][pair] = judged[1]
    for name, weighed in files.items():
        write(out, name, TITLES[name], weighed)


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    main(*sys.argv[1:])
