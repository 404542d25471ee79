use crate::address::Address;
use crate::facts::{End, Facts};
use crate::landmarks::Landmarks;
use crate::rules::Rule;
use crate::series::{Counts, Places, Sums, best_span, log, nearest};
use crate::vocabulary::Vocabulary;

/// A line counts for no more characters than this where one line could outweigh a page.
const SHOWN: u32 = 1_000;

/// A page's lines in their context.
pub(crate) struct Page<'a> {
    pub(crate) lines: Vec<&'a Facts>,
    pub(crate) vocabulary: &'a Vocabulary<'a>,
    pub(crate) address: &'a Address,
    pub(crate) rules: &'a [Rule],
    pub(crate) landmarks: Landmarks,
    /// For each rule, the share of lines that it matches, and of characters (of each line no more
    /// than [`SHOWN`]).
    pub(crate) matched: Vec<[f32; 2]>,
    pub(crate) prose: Vec<bool>,
    pub(crate) prose_lines: u32,
    /// For each line: log of its characters, weight of its words, share of function words.
    pub(crate) length: Vec<f32>,
    pub(crate) tone: Vec<f32>,
    pub(crate) function: Vec<f32>,
    /// Share of its words that stand in (other) prose of the page, if it has words.
    pub(crate) in_prose: Vec<Option<f32>>,
    pub(crate) chars: Sums,
    pub(crate) prose_chars: Sums,
    pub(crate) log_chars: Sums,
    pub(crate) lexicon: Sums,
    pub(crate) hints: Counts,
    pub(crate) stops: Counts,
    pub(crate) repeats: Counts,
    pub(crate) links: Counts,
    pub(crate) functions: Sums,
    pub(crate) digits: Counts,
    pub(crate) capitals: Sums,
    pub(crate) familiar: Sums,
    pub(crate) length_squares: Sums,
    /// For each line, the nearest line of prose before and after it.
    pub(crate) before: Places,
    pub(crate) after: Places,
    /// Places of each line's twins: how many, and whether it is the first.
    pub(crate) twins: Vec<(u32, bool)>,
    pub(crate) title: Option<usize>,
    pub(crate) tight: (usize, usize),
    pub(crate) loose: (usize, usize),
}

impl<'a> Page<'a> {
    pub(crate) fn new(
        lines: Vec<&'a Facts>,
        vocabulary: &'a Vocabulary<'a>,
        address: &'a Address,
        rules: &'a [Rule],
    ) -> Self {
        let n = lines.len();
        let prose: Vec<bool> = lines.iter().map(|line| line.is_prose()).collect();
        let (before, after) = nearest(n, |i| prose[i]);
        let mut counts = vec![0u32; vocabulary.forms().max(1)];
        let mut first = Vec::with_capacity(n);
        for line in &lines {
            let count = &mut counts[line.form as usize];
            first.push(*count == 0);
            *count += 1;
        }
        let twins: Vec<(u32, bool)> = lines
            .iter()
            .zip(first)
            .map(|(line, first)| (counts[line.form as usize], first))
            .collect();
        // In how many lines of prose each word stands.
        let mut words = vec![0u32; vocabulary.different()];
        for (line, _) in lines.iter().zip(&prose).filter(|(_, prose)| **prose) {
            for &word in vocabulary.words(line.vocabulary) {
                words[word as usize] += 1;
            }
        }
        let in_prose: Vec<Option<f32>> = lines
            .iter()
            .zip(&prose)
            .map(|(line, prose)| {
                let own = vocabulary.words(line.vocabulary);
                let least = 1 + u32::from(*prose);
                let shared = own.iter().filter(|word| words[**word as usize] >= least).count();
                (!own.is_empty()).then(|| shared as f32 / own.len() as f32)
            })
            .collect();
        let weight = |i: usize, penalty: f32| {
            if prose[i] { shown(lines[i]) } else { -penalty }
        };
        let tight = best_span(n, |i| weight(i, 120.0));
        let loose = best_span(n, |i| weight(i, 30.0));
        let length: Vec<f32> = lines.iter().map(|line| log(line.chars)).collect();
        let tone: Vec<f32> = lines.iter().map(|line| tone(line)).collect();
        let function: Vec<f32> = lines
            .iter()
            .map(|line| line.function_words as f32 / line.words.max(1) as f32)
            .collect();
        let mut matched = vec![[0.0; 2]; rules.len()];
        let all = lines.iter().map(|line| shown(line)).sum::<f32>().max(1.0);
        for line in &lines {
            let mut bits = line.rules;
            while let Some([lines, chars]) = matched.get_mut(bits.trailing_zeros() as usize) {
                *lines += 1.0 / n as f32;
                *chars += shown(line) / all;
                bits &= bits - 1;
            }
        }
        let mut page = Self {
            matched,
            chars: Sums::new(n, |i| lines[i].chars as f32),
            prose_chars: Sums::new(n, |i| if prose[i] { lines[i].chars as f32 } else { 0.0 }),
            log_chars: Sums::new(n, |i| length[i]),
            lexicon: Sums::new(n, |i| tone[i]),
            hints: Counts::new(n, |i| u32::from(lines[i].rules != 0)),
            stops: Counts::new(n, |i| u32::from(lines[i].ends == End::Stop)),
            repeats: Counts::new(n, |i| u32::from(twins[i].0 > 1)),
            links: Counts::new(n, |i| u32::from(lines[i].links.known + lines[i].links.mails > 0)),
            functions: Sums::new(n, |i| function[i]),
            digits: Counts::new(n, |i| u32::from(lines[i].digits > 0)),
            capitals: Sums::new(n, |i| lines[i].capitals as f32 / lines[i].words.max(1) as f32),
            familiar: Sums::new(n, |i| in_prose[i].unwrap_or(0.0)),
            length_squares: Sums::new(n, |i| length[i] * length[i]),
            landmarks: Landmarks::new(&lines, rules.len()),
            lines,
            vocabulary,
            address,
            rules,
            prose_lines: prose.iter().filter(|prose| **prose).count() as u32,
            prose,
            length,
            tone,
            function,
            in_prose,
            before,
            after,
            twins,
            title: None,
            tight,
            loose,
        };
        // The first line that says what the address says is the title.
        page.title = (0..n).find(|&i| {
            let (of_line, of_path) = page.in_path(i);
            address.path.len() > 2 && of_path > 0.6 && of_line > 0.5
        });
        page
    }

    pub(crate) fn len(&self) -> usize {
        self.lines.len()
    }

    pub(crate) fn words_of(&self, i: usize) -> &[u32] {
        self.vocabulary.words(self.lines[i].vocabulary)
    }

    /// Share of the line's words that stand in the address' path, and the other way round.
    pub(crate) fn in_path(&self, i: usize) -> (f32, f32) {
        let both = self.lines[i].in_address[0] as f32;
        let share = |whole: usize| if whole == 0 { 0.0 } else { (both / whole as f32).min(1.0) };
        (share(self.words_of(i).len()), share(self.address.path.len()))
    }

    /// Share of the line's words that stand in the address' host.
    pub(crate) fn in_host(&self, i: usize) -> f32 {
        self.lines[i].in_address[1] as f32 / self.words_of(i).len().max(1) as f32
    }

    /// The lines at most `reach` lines away from line `i`.
    pub(crate) fn window(&self, i: usize, reach: usize) -> (usize, usize) {
        (i.saturating_sub(reach), (i + reach + 1).min(self.len()))
    }
}

/// Characters of a line, up to [`SHOWN`].
fn shown(line: &Facts) -> f32 {
    line.chars.min(SHOWN) as f32
}

/// Mean weight of a line's words.
fn tone(line: &Facts) -> f32 {
    line.lexicon[0] / (line.words.min(40) as f32 + 2.0).sqrt()
}
