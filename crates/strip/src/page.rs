//! The features of a page's lines: what the model reads.
//!
//! The same code names the features and computes them, for training and for serving.

use std::sync::LazyLock;

use hashbrown::HashMap;

use crate::facts::{Begin, End, Facts};
use crate::lexicon::word_hash;
use crate::rules::Rule;
use crate::text::normalise;

/// Takes features as they come: their values, or their names.
pub(crate) trait Sink {
    /// The next feature. The part of the name before the dot is its group.
    fn put(&mut self, name: impl FnOnce() -> String, value: f32);
}

impl Sink for Vec<f32> {
    fn put(&mut self, _: impl FnOnce() -> String, value: f32) {
        self.push(value);
    }
}

impl Sink for Vec<String> {
    fn put(&mut self, name: impl FnOnce() -> String, _: f32) {
        self.push(name());
    }
}

macro_rules! put {
    ($sink:expr, $name:literal, $value:expr) => {
        $sink.put(|| format!($name), $value as f32)
    };
}

/// Words of a page's address.
#[derive(Debug, Default)]
pub(crate) struct Address {
    path: Vec<u32>,
    host: Vec<u32>,
}

impl Address {
    pub(crate) fn new(url: Option<&str>) -> Self {
        let mut address = Self::default();
        let Some(url) = url else { return address };
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let mut normal = String::new();
        for (text, words) in [(path, &mut address.path), (host, &mut address.host)] {
            normalise(text, 400, &mut normal);
            words.extend(
                normal
                    .split(' ')
                    .filter(|word| {
                        word.len() > 2 && !matches!(*word, "www" | "com" | "html" | "org" | "net")
                    })
                    .map(|word| word_hash(word) as u32),
            );
            words.sort_unstable();
            words.dedup();
        }
        address
    }
}

/// What stands for "no such line".
const NONE: f32 = -1.0;
/// Offsets of the neighbours that are looked at one by one.
const NEAR: [isize; 6] = [-3, -2, -1, 1, 2, 3];

/// A page's lines in their context.
pub(crate) struct Page<'a> {
    lines: Vec<&'a Facts>,
    vocabulary: &'a [u32],
    address: &'a Address,
    rules: &'a [Rule],
    prose: Vec<bool>,
    prose_lines: u32,
    /// For each line: log of its characters, weight of its words, share of function words.
    length: Vec<f32>,
    tone: Vec<f32>,
    function: Vec<f32>,
    chars: Sums,
    prose_chars: Sums,
    log_chars: Sums,
    lexicon: Sums,
    hints: Sums,
    stops: Sums,
    repeats: Sums,
    links: Sums,
    functions: Sums,
    /// For each line, the nearest line of prose before and after it.
    before: Places,
    after: Places,
    /// Places of each line's twins: how many, and whether it is the first.
    twins: Vec<(u32, bool)>,
    /// In how many lines of prose each word stands.
    words: HashMap<u32, u32>,
    title: Option<usize>,
    tight: (usize, usize),
    loose: (usize, usize),
}

impl<'a> Page<'a> {
    pub(crate) fn new(
        lines: Vec<&'a Facts>,
        vocabulary: &'a [u32],
        address: &'a Address,
        rules: &'a [Rule],
    ) -> Self {
        let n = lines.len();
        let prose: Vec<bool> = lines.iter().map(|line| line.is_prose()).collect();
        let (before, after) = nearest(n, |i| prose[i]);
        let mut counts: HashMap<u64, u32> = HashMap::with_capacity(n);
        let mut first = Vec::with_capacity(n);
        for line in &lines {
            let count = counts.entry(line.hash).or_default();
            first.push(*count == 0);
            *count += 1;
        }
        let twins: Vec<(u32, bool)> =
            lines.iter().zip(first).map(|(line, first)| (counts[&line.hash], first)).collect();
        let mut words: HashMap<u32, u32> = HashMap::new();
        for (line, _) in lines.iter().zip(&prose).filter(|(_, prose)| **prose) {
            for &word in &vocabulary[line.vocabulary.0 as usize..line.vocabulary.1 as usize] {
                *words.entry(word).or_default() += 1;
            }
        }
        let weight = |i: usize, penalty: f32| {
            if prose[i] { (lines[i].chars as f32).min(1_000.0) } else { -penalty }
        };
        let tight = best_span(n, |i| weight(i, 120.0));
        let loose = best_span(n, |i| weight(i, 30.0));
        let length: Vec<f32> = lines.iter().map(|line| log(line.chars)).collect();
        let tone: Vec<f32> = lines.iter().map(|line| tone(line)).collect();
        let function: Vec<f32> = lines
            .iter()
            .map(|line| line.function_words as f32 / line.words.max(1) as f32)
            .collect();
        let mut page = Self {
            chars: Sums::new(n, |i| lines[i].chars as f32),
            prose_chars: Sums::new(n, |i| if prose[i] { lines[i].chars as f32 } else { 0.0 }),
            log_chars: Sums::new(n, |i| length[i]),
            lexicon: Sums::new(n, |i| tone[i]),
            hints: Sums::new(n, |i| f32::from(lines[i].rules != 0)),
            stops: Sums::new(n, |i| f32::from(lines[i].ends == End::Stop)),
            repeats: Sums::new(n, |i| f32::from(twins[i].0 > 1)),
            links: Sums::new(n, |i| f32::from(lines[i].links.known + lines[i].links.mails > 0)),
            functions: Sums::new(n, |i| function[i]),
            lines,
            vocabulary,
            address,
            rules,
            prose_lines: prose.iter().filter(|prose| **prose).count() as u32,
            prose,
            length,
            tone,
            function,
            before,
            after,
            twins,
            words,
            title: None,
            tight,
            loose,
        };
        // The first line that says what the address says is the title.
        page.title = (0..n).find(|&i| {
            let (of_line, of_address) = page.overlap(i, &address.path);
            address.path.len() > 2 && of_address > 0.6 && of_line > 0.5
        });
        page
    }

    pub(crate) fn len(&self) -> usize {
        self.lines.len()
    }

    fn words_of(&self, i: usize) -> &[u32] {
        let (from, to) = self.lines[i].vocabulary;
        &self.vocabulary[from as usize..to as usize]
    }

    /// Share of the line's words that are among `words`, and the other way round.
    fn overlap(&self, i: usize, words: &[u32]) -> (f32, f32) {
        let own = self.words_of(i);
        if own.is_empty() || words.is_empty() {
            return (0.0, 0.0);
        }
        let both = own.iter().filter(|word| words.binary_search(word).is_ok()).count() as f32;
        (both / own.len() as f32, (both / words.len() as f32).min(1.0))
    }

    /// The features of line `i`.
    pub(crate) fn features(&self, i: usize, out: &mut impl Sink) {
        self.own(i, out);
        self.near(i, out);
        self.place(i, out);
        self.whole(out);
    }

    fn own(&self, i: usize, out: &mut impl Sink) {
        let line = self.lines[i];
        let of_chars = |n: u32| n as f32 / line.chars.clamp(1, 1_000) as f32;
        let of_words = |n: u32| n as f32 / line.words.max(1) as f32;
        put!(out, "shape.chars", self.length[i]);
        put!(out, "shape.words", line.words.min(200));
        put!(
            out,
            "shape.word_length",
            (line.letters + line.digits) as f32 / line.words.max(1) as f32
        );
        put!(out, "shape.uppers", line.uppers as f32 / line.letters.max(1) as f32);
        put!(out, "shape.capitals", of_words(line.capitals));
        put!(out, "shape.digits", of_chars(line.digits));
        put!(out, "shape.marks", of_chars(line.marks));
        put!(out, "shape.commas", line.commas.min(20));
        put!(out, "shape.sentences", line.sentences.min(20));
        put!(out, "shape.separators", line.separators.min(20));
        put!(out, "shape.code", of_chars(line.code));
        put!(out, "shape.unspaced", of_chars(line.unspaced));
        put!(out, "shape.glued", line.glued.min(10));
        put!(out, "shape.currency", line.currency.min(5));
        put!(out, "shape.quotes", line.quotes.min(10));
        put!(out, "shape.begins", begin(line.begins));
        put!(out, "shape.ends", end(line.ends));
        put!(out, "shape.hangs", u8::from(line.hangs));
        put!(out, "shape.picture", u8::from(line.picture));
        put!(out, "words.function", self.function[i]);
        put!(out, "words.function_count", line.function_words.min(40));
        put!(out, "links.count", (line.links.known + line.links.mails).min(10));
        put!(out, "links.share", of_chars(line.links.chars));
        put!(out, "words.sum", line.lexicon[0]);
        put!(out, "words.mean", self.tone[i]);
        put!(out, "words.least", line.lexicon[1]);
        put!(out, "words.greatest", line.lexicon[2]);
        put!(out, "words.known", line.lexicon[3]);
        for (bit, rule) in self.rules.iter().enumerate() {
            let name = &rule.name;
            put!(out, "phrases.{name}", (line.rules >> bit & 1) as u8);
        }
        put!(out, "repeats.twins", self.twins[i].0.min(20));
        put!(out, "repeats.first", u8::from(self.twins[i].1));
        let own = self.words_of(i);
        let least = 1 + u32::from(self.prose[i]);
        let shared =
            own.iter().filter(|word| self.words.get(*word).copied().unwrap_or(0) >= least).count();
        put!(
            out,
            "words.in_prose",
            if own.is_empty() { NONE } else { shared as f32 / own.len() as f32 }
        );
        let known = !self.address.path.is_empty();
        let (of_line, of_path) = self.overlap(i, &self.address.path);
        put!(out, "address.of_line", if known { of_line } else { NONE });
        put!(out, "address.of_path", if known { of_path } else { NONE });
        put!(out, "address.host", self.overlap(i, &self.address.host).0);
        put!(
            out,
            "address.after_title",
            match self.title {
                Some(title) => signed_log(i as f32 - title as f32),
                None => -20.0,
            }
        );
    }

    fn near(&self, i: usize, out: &mut impl Sink) {
        for step in NEAR {
            let at = i.checked_add_signed(step).filter(|at| *at < self.len());
            let line = at.map(|at| self.lines[at]);
            put!(out, "near.chars{step:+}", at.map_or(NONE, |at| self.length[at]));
            put!(out, "near.ends{step:+}", line.map_or(NONE, |line| end(line.ends)));
            put!(out, "near.words{step:+}", at.map_or(0.0, |at| self.tone[at]));
            if step.abs() == 1 {
                put!(out, "near.function{step:+}", at.map_or(NONE, |at| self.function[at]));
                put!(
                    out,
                    "near.hint{step:+}",
                    line.map_or(NONE, |line| f32::from(line.rules != 0))
                );
                put!(out, "near.begins{step:+}", line.map_or(NONE, |line| begin(line.begins)));
            }
        }
        for reach in [3, 10, 30] {
            let (from, to) = self.window(i, reach);
            let n = (to - from) as f32;
            put!(
                out,
                "near.prose_{reach}",
                self.prose_chars.over(from, to) / self.chars.over(from, to).max(1.0)
            );
            put!(out, "near.chars_{reach}", self.log_chars.over(from, to) / n);
            put!(out, "near.words_{reach}", self.lexicon.over(from, to) / n);
            put!(out, "near.hints_{reach}", self.hints.over(from, to) / n);
            put!(out, "near.stops_{reach}", self.stops.over(from, to) / n);
            put!(out, "near.function_{reach}", self.functions.over(from, to) / n);
            if reach == 10 {
                put!(out, "near.repeats_{reach}", self.repeats.over(from, to) / n);
                put!(out, "near.links_{reach}", self.links.over(from, to) / n);
            }
        }
        for reach in [5, 15] {
            let (from, to) = self.window(i, reach);
            put!(
                out,
                "near.words_before_{reach}",
                self.lexicon.over(from, i) / (i - from).max(1) as f32
            );
            put!(
                out,
                "near.words_after_{reach}",
                self.lexicon.over(i + 1, to) / (to - i - 1).max(1) as f32
            );
            put!(
                out,
                "near.chars_before_{reach}",
                self.log_chars.over(from, i) / (i - from).max(1) as f32
            );
            put!(
                out,
                "near.chars_after_{reach}",
                self.log_chars.over(i + 1, to) / (to - i - 1).max(1) as f32
            );
        }
    }

    fn place(&self, i: usize, out: &mut impl Sink) {
        let n = self.len();
        put!(out, "place.from_start", log(i as u32));
        put!(out, "place.from_end", log((n - 1 - i) as u32));
        put!(out, "place.relative", i as f32 / n as f32);
        let (before, after) = (self.before[i], self.after[i]);
        put!(out, "place.prose_before", before.map_or(NONE, |at| log((i - at) as u32)));
        put!(out, "place.prose_after", after.map_or(NONE, |at| log((at - i) as u32)));
        put!(out, "place.prose_before_chars", before.map_or(NONE, |at| self.length[at]));
        put!(out, "place.prose_after_chars", after.map_or(NONE, |at| self.length[at]));
        let run_from = before.map_or(0, |at| at + 1);
        let run_to = after.unwrap_or(n);
        put!(out, "place.gap", if self.prose[i] { 0.0 } else { log((run_to - run_from) as u32) });
        put!(
            out,
            "place.gap_chars",
            self.log_chars.over(run_from, run_to) / (run_to - run_from).max(1) as f32
        );
        put!(
            out,
            "place.gap_words",
            self.lexicon.over(run_from, run_to) / (run_to - run_from).max(1) as f32
        );
        put!(
            out,
            "place.gap_hints",
            self.hints.over(run_from, run_to) / (run_to - run_from).max(1) as f32
        );
        let all = self.prose_chars.over(0, n).max(1.0);
        put!(out, "place.mass_before", self.prose_chars.over(0, i) / all);
        put!(out, "place.mass_after", self.prose_chars.over(i + 1, n) / all);
        for (name, span) in [("tight", self.tight), ("loose", self.loose)] {
            put!(out, "place.{name}", to_span(i, span));
            put!(out, "place.{name}_mass", self.prose_chars.over(span.0, span.1) / all);
        }
    }

    fn whole(&self, out: &mut impl Sink) {
        let n = self.len();
        let count = n.max(1) as f32;
        put!(out, "page.lines", log(n as u32));
        put!(out, "page.prose_lines", log(self.prose_lines));
        put!(out, "page.prose", self.prose_chars.over(0, n) / self.chars.over(0, n).max(1.0));
        put!(out, "page.chars", self.log_chars.over(0, n) / count);
        put!(out, "page.words", self.lexicon.over(0, n) / count);
        put!(out, "page.hints", self.hints.over(0, n) / count);
        put!(out, "page.stops", self.stops.over(0, n) / count);
        put!(out, "page.repeats", self.repeats.over(0, n) / count);
        put!(out, "page.function", self.functions.over(0, n) / count);
    }

    /// What the scores of the first pass add to the features of the second.
    pub(crate) fn second<'s>(&'s self, scores: &'s [f32]) -> Second<'s> {
        Second::new(self, scores)
    }

    fn window(&self, i: usize, reach: usize) -> (usize, usize) {
        (i.saturating_sub(reach), (i + reach + 1).min(self.len()))
    }

    /// What a line looks like, for finding others that look alike.
    fn form(&self, i: usize) -> u32 {
        let line = self.lines[i];
        let length = (self.length[i] * 1.5) as u32;
        let digits = u32::from(line.digits > 0) + u32::from(line.digits * 3 > line.chars);
        let hint = line.rules.trailing_zeros() & 31;
        length << 16
            | (begin(line.begins) as u32) << 12
            | (end(line.ends) as u32) << 8
            | digits << 5
            | hint
    }
}

/// The second pass over a page: the scores of the first pass, smoothed and compared.
pub(crate) struct Second<'a> {
    page: &'a Page<'a>,
    scores: &'a [f32],
    sums: Sums,
    weighted: Sums,
    log_chars: Sums,
    lines: (usize, usize),
    chars: (usize, usize),
    sure_before: Places,
    sure_after: Places,
    forms: HashMap<u32, (f32, f32)>,
    twins: HashMap<u64, (f32, f32)>,
    words: HashMap<u32, (f32, f32)>,
    greatest: f32,
}

impl<'a> Second<'a> {
    fn new(page: &'a Page<'a>, scores: &'a [f32]) -> Self {
        let n = scores.len();
        let weight = |i: usize| page.length[i];
        let (sure_before, sure_after) = nearest(n, |i| scores[i] > 0.8);
        let mut forms: HashMap<u32, (f32, f32)> = HashMap::new();
        let mut twins: HashMap<u64, (f32, f32)> = HashMap::new();
        let mut words: HashMap<u32, (f32, f32)> = HashMap::new();
        for (i, &score) in scores.iter().enumerate() {
            let add = |entry: &mut (f32, f32)| {
                entry.0 += score;
                entry.1 += 1.0;
            };
            add(forms.entry(page.form(i)).or_default());
            if page.twins[i].0 > 1 {
                add(twins.entry(page.lines[i].hash).or_default());
            }
            for &word in page.words_of(i) {
                add(words.entry(word).or_default());
            }
        }
        Self {
            sums: Sums::new(n, |i| scores[i]),
            weighted: Sums::new(n, |i| scores[i] * weight(i)),
            log_chars: Sums::new(n, weight),
            lines: best_span(n, |i| scores[i] - 0.4),
            chars: best_span(n, |i| (scores[i] - 0.4) * weight(i)),
            sure_before,
            sure_after,
            forms,
            twins,
            words,
            greatest: scores.iter().copied().fold(0.0, f32::max),
            page,
            scores,
        }
    }

    /// The further features of line `i`.
    pub(crate) fn features(&self, i: usize, out: &mut impl Sink) {
        let n = self.scores.len();
        let own = self.scores[i];
        put!(out, "first.own", own);
        for step in [-4isize, -3, -2, -1, 1, 2, 3, 4] {
            let score = i.checked_add_signed(step).and_then(|at| self.scores.get(at));
            put!(out, "second.score{step:+}", score.copied().unwrap_or(NONE));
        }
        for reach in [2, 5, 15, 40] {
            let (from, to) = self.page.window(i, reach);
            put!(out, "second.mean_{reach}", self.sums.over(from, to) / (to - from) as f32);
            put!(
                out,
                "second.weighted_{reach}",
                self.weighted.over(from, to) / self.log_chars.over(from, to).max(0.1)
            );
            put!(
                out,
                "second.before_{reach}",
                if from < i { self.sums.over(from, i) / (i - from) as f32 } else { NONE }
            );
            put!(
                out,
                "second.after_{reach}",
                if i + 1 < to { self.sums.over(i + 1, to) / (to - i - 1) as f32 } else { NONE }
            );
        }
        put!(
            out,
            "second.sure_before",
            self.sure_before[i].map_or(NONE, |at| log((i - at) as u32))
        );
        put!(out, "second.sure_after", self.sure_after[i].map_or(NONE, |at| log((at - i) as u32)));
        for (name, span) in [("lines", self.lines), ("chars", self.chars)] {
            put!(out, "second.in_{name}", to_span(i, span));
            put!(
                out,
                "second.mass_{name}",
                self.sums.over(span.0, span.1) / self.sums.over(0, n).max(0.1)
            );
        }
        let all = self.weighted.over(0, n).max(0.1);
        put!(out, "second.mass_before", self.weighted.over(0, i) / all);
        put!(out, "second.mass_after", self.weighted.over(i + 1, n) / all);
        put!(out, "second.page", self.sums.over(0, n) / n as f32);
        put!(out, "second.page_chars", all / self.log_chars.over(0, n).max(0.1));
        put!(out, "second.greatest", self.greatest);
        let others = |entry: Option<&(f32, f32)>| match entry {
            Some((sum, count)) if *count > 1.5 => (sum - own) / (count - 1.0),
            _ => NONE,
        };
        let form = self.forms.get(&self.page.form(i));
        put!(out, "second.alike", others(form));
        put!(out, "second.alike_count", form.map_or(0.0, |form| log(form.1 as u32)));
        put!(out, "second.twins", others(self.twins.get(&self.page.lines[i].hash)));
        let (mut sum, mut count, mut greatest) = (0.0, 0.0, NONE);
        for word in self.page.words_of(i) {
            let mean = others(self.words.get(word));
            if mean >= 0.0 {
                sum += mean;
                count += 1.0;
                greatest = f32::max(greatest, mean);
            }
        }
        put!(out, "second.words", if count > 0.0 { sum / count } else { NONE });
        put!(out, "second.words_greatest", greatest);
    }
}

/// Prefix sums.
struct Sums(Vec<f64>);

impl Sums {
    fn new(n: usize, value: impl Fn(usize) -> f32) -> Self {
        let mut sums = Vec::with_capacity(n + 1);
        let mut sum = 0.0;
        sums.push(sum);
        for i in 0..n {
            sum += f64::from(value(i));
            sums.push(sum);
        }
        Self(sums)
    }

    /// The sum over `from..to`.
    fn over(&self, from: usize, to: usize) -> f32 {
        (self.0[to.max(from)] - self.0[from]) as f32
    }
}

/// A place for each line, if there is one.
type Places = Vec<Option<usize>>;

/// For each line, the nearest line before and after it of which `holds` is true.
fn nearest(n: usize, holds: impl Fn(usize) -> bool) -> (Places, Places) {
    let follow = |lines: &mut dyn Iterator<Item = usize>| {
        let mut places = vec![None; n];
        let mut last = None;
        for i in lines {
            places[i] = last;
            if holds(i) {
                last = Some(i);
            }
        }
        places
    };
    (follow(&mut (0..n)), follow(&mut (0..n).rev()))
}

/// The span with the greatest sum of weights.
fn best_span(n: usize, weight: impl Fn(usize) -> f32) -> (usize, usize) {
    let (mut best, mut span) = (0.0, (0, 0));
    let (mut sum, mut from) = (0.0, 0);
    for i in 0..n {
        if sum <= 0.0 {
            (sum, from) = (0.0, i);
        }
        sum += weight(i);
        if sum > best {
            (best, span) = (sum, (from, i + 1));
        }
    }
    span
}

/// Where `i` lies: 0 within the span, below 0 before it, above 0 after it.
fn to_span(i: usize, span: (usize, usize)) -> f32 {
    if i < span.0 {
        -log((span.0 - i) as u32)
    } else if i >= span.1 {
        log((i - span.1 + 1) as u32)
    } else {
        0.0
    }
}

/// Mean weight of a line's words.
fn tone(line: &Facts) -> f32 {
    line.lexicon[0] / (line.words.min(40) as f32 + 2.0).sqrt()
}

fn log(n: u32) -> f32 {
    static SMALL: LazyLock<Vec<f32>> =
        LazyLock::new(|| (0..4_096u32).map(|n| (n as f32 + 1.0).ln()).collect());
    SMALL.get(n as usize).copied().unwrap_or_else(|| (n as f32 + 1.0).ln())
}

fn signed_log(x: f32) -> f32 {
    x.signum() * (x.abs() + 1.0).ln()
}

fn begin(begin: Begin) -> f32 {
    match begin {
        Begin::Bullet => 0.0,
        Begin::Digit => 1.0,
        Begin::Other => 2.0,
        Begin::Upper => 3.0,
        Begin::Lower => 4.0,
    }
}

fn end(end: End) -> f32 {
    match end {
        End::Other => 0.0,
        End::Cut => 1.0,
        End::Comma => 2.0,
        End::Colon => 3.0,
        End::Stop => 4.0,
    }
}
