//! What training needs: the features of labelled pages, by the code that serves.

use crate::Error;
use crate::address::Address;
use crate::facts::{Facts, Reader, Scratch};
use crate::lexicon::{Lexicon, keys};
use crate::page::Page;
use crate::rules::{Rule, Rules, SHIPPED};
use crate::second::Second;
use crate::trees::Names;
use crate::vocabulary::Vocabulary;

/// Computes features for training. Rules are the shipped ones.
#[derive(Debug)]
pub struct Trainer {
    rules: Rules,
    lexicon: Lexicon,
}

impl Trainer {
    /// A trainer with weights of words (lines of `key weight`; empty: none yet).
    ///
    /// # Errors
    /// When rules or weights are not valid.
    pub fn new(lexicon: &str) -> Result<Self, Error> {
        Ok(Self { rules: Rules::new(&SHIPPED)?, lexicon: Lexicon::parse(lexicon)? })
    }

    /// The keys of each line that a lexicon may weigh.
    pub fn keys(&self, lines: &[&str], mut found: impl FnMut(usize, &str)) {
        let address = Address::default();
        let vocabulary = Vocabulary::new(&address, 0, 0);
        let mut scratch = Scratch::new();
        let mut reader = Reader::new(&self.rules, Some(&self.lexicon), vocabulary, &mut scratch);
        let mut key = String::new();
        for (i, line) in lines.iter().enumerate() {
            reader.read(line);
            keys(reader.scratch.normal(), &mut key, |key| found(i, key));
        }
    }

    /// The features of each line for the first pass, one line after the other; with the scores of a
    /// first pass, those for the second.
    pub fn features(&self, url: Option<&str>, lines: &[&str], scores: Option<&[f32]>) -> Vec<f32> {
        let mut out = Vec::new();
        self.with_page(url, lines, |page| {
            let second = scores.map(|scores| Second::new(page, scores));
            for i in 0..page.len() {
                match &second {
                    None => {
                        page.features(i, &mut out);
                        (0..page.rules.len()).for_each(|rule| page.of_rule(rule, i, &mut out));
                        page.whole(&mut out);
                    }
                    Some(second) => {
                        second.features(i, &mut out);
                        second.whole(&mut out);
                    }
                }
            }
        });
        out
    }

    /// The names of the features of either pass.
    pub fn names(&self) -> [Vec<String>; 2] {
        feature_names(self.rules.rules()).map(|names| names.all().cloned().collect())
    }

    fn with_page(&self, url: Option<&str>, lines: &[&str], then: impl FnOnce(&Page<'_>)) {
        let address = Address::new(url);
        let vocabulary = Vocabulary::new(&address, 0, 0);
        let mut scratch = Scratch::new();
        let mut reader = Reader::new(&self.rules, Some(&self.lexicon), vocabulary, &mut scratch);
        let facts: Vec<_> = lines.iter().map(|line| reader.read(line.trim())).collect();
        let rules = self.rules.rules();
        then(&Page::new(facts.iter().collect(), &reader.vocabulary, &address, rules));
    }
}

/// The names of the first trees' features, and of the second trees'.
pub(crate) fn feature_names(rules: &[Rule]) -> [Names; 2] {
    let line = Facts::default();
    let address = Address::default();
    let vocabulary = Vocabulary::new(&address, 0, 0);
    // No rule matches its only line.
    let page = Page::new(vec![&line], &vocabulary, &address, rules);
    let [mut first, mut second] = [Names::default(), Names::default()];
    page.features(0, &mut first.line);
    for rule in 0..rules.len() {
        let (mut names, mut values) = (Vec::<String>::new(), Vec::<f32>::new());
        page.of_rule(rule, 0, &mut names);
        page.of_rule(rule, 0, &mut values);
        first.sets.push(names.into_iter().zip(values).collect());
    }
    page.whole(&mut first.page);
    let scores = Second::new(&page, &[0.5]);
    scores.features(0, &mut second.line);
    scores.whole(&mut second.page);
    [first, second]
}
