//! What training needs: the features of labelled pages, by the code that serves.

use crate::Error;
use crate::address::Address;
use crate::facts::{Facts, Reader};
use crate::lexicon::{Lexicon, keys};
use crate::page::Page;
use crate::rules::{Rule, Rules, SHIPPED};
use crate::second::Second;
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
        let mut reader =
            Reader::new(&self.rules, Some(&self.lexicon), Vocabulary::new(&address, 0, 0));
        let mut key = String::new();
        for (i, line) in lines.iter().enumerate() {
            reader.read(line);
            keys(reader.normal(), &mut key, |key| found(i, key));
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
                        page.whole(&mut out);
                    }
                    Some(second) => second.features(i, &mut out),
                }
            }
        });
        out
    }

    /// The names of the features of either pass.
    pub fn names(&self) -> [Vec<String>; 2] {
        let [mut first, of_page, second] = feature_names(self.rules.rules());
        first.extend(of_page);
        [first, second]
    }

    fn with_page(&self, url: Option<&str>, lines: &[&str], then: impl FnOnce(&Page<'_>)) {
        let address = Address::new(url);
        let mut reader =
            Reader::new(&self.rules, Some(&self.lexicon), Vocabulary::new(&address, 0, 0));
        let facts: Vec<_> = lines.iter().map(|line| reader.read(line.trim())).collect();
        let rules = self.rules.rules();
        then(&Page::new(facts.iter().collect(), &reader.vocabulary, &address, rules));
    }
}

/// The names of the first trees' features, of lines and of pages, and of the second trees'.
pub(crate) fn feature_names(rules: &[Rule]) -> [Vec<String>; 3] {
    let line = Facts::default();
    let address = Address::default();
    let vocabulary = Vocabulary::new(&address, 0, 0);
    let page = Page::new(vec![&line], &vocabulary, &address, rules);
    let [mut of_line, mut of_page, mut second] = [Vec::new(), Vec::new(), Vec::new()];
    page.features(0, &mut of_line);
    page.whole(&mut of_page);
    Second::new(&page, &[0.5]).features(0, &mut second);
    [of_line, of_page, second]
}
