//! A sentence's lattice: each word may be kept, each spun form replaced by one of its originals.

use std::ops::Range;
use std::sync::Arc;

use crate::lexicon::{Family, Lexicon, Link, NONE};
use crate::lm::{END, Model, Word};
use crate::score::Score;
use crate::graph::Graph;
use crate::survey::Assumptions;
use crate::words::{Case, Kind, Token, Tokens, hash_any, hash_word, key};

/// Most tokens that are decoded at once.
pub(crate) const LONGEST_SENTENCE: usize = 100;

/// Originals of one spun form that are tried, and how far they may be behind the most probable.
const TRIED: usize = 4;
const BEHIND: Score = Score(4 * Score::NAT);

/// The channel of the other form of an article.
const ARTICLE: Score = Score(-Score::NAT / 2);

/// Lexicon and language model, tied together.
#[derive(Debug)]
pub(crate) struct Lattice {
    pub(crate) lexicon: Arc<Lexicon>,
    pub(crate) model: Arc<Model>,
    /// The lexicon's words, as the model knows them.
    words: Vec<Word>,
    /// The pairs that are tried, and where each form's begin.
    tried: Vec<Tried>,
    first_tried: Vec<u32>,
    /// What their originals write.
    writes: Vec<Word>,
    /// What is taken for granted before a text is read.
    pub(crate) first: Assumptions,
    pub(crate) end: Word,
    a: Word,
    an: Word,
    /// Keys of both.
    articles: [u64; 2],
}

/// A pair that is tried: a form's most probable originals are, whatever stands around it.
#[derive(Debug)]
pub(crate) struct Tried {
    pub(crate) pair: u32,
    /// Its original's node.
    pub(crate) node: u32,
    /// Its original's words, among what is written.
    words: Range<u32>,
    pub(crate) family: Family,
    /// How probable the spun form is for a spun original.
    pub(crate) channel: Score,
    /// How probable it is that a spinner knows the original.
    pub(crate) coverage: Score,
    /// The channel of the whole before anything is known of a text.
    pub(crate) first: Score,
}

/// A way on from a token.
#[derive(Debug, Clone)]
pub(crate) struct Edge {
    /// The token behind it.
    pub(crate) to: u32,
    pub(crate) step: Step,
    /// Its channel before anything is known of the text.
    pub(crate) first: Score,
    /// What it writes, among the sentence's words.
    words: Range<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Keep,
    /// The other form of the article.
    Article,
    /// A pair of the lexicon, at one of the sentence's places.
    Replace {
        place: u32,
        pair: u32,
    },
}

/// A spun form, or what looks like one.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// Its tokens.
    pub(crate) span: Range<usize>,
    /// The spun form's number in the lexicon.
    pub(crate) form: usize,
    /// The edges that replace it.
    pub(crate) edges: Range<usize>,
}

/// A sentence, and everything that may become of it.
#[derive(Debug, Default)]
pub(crate) struct Sentence {
    pub(crate) tokens: Vec<Token>,
    /// The tokens' numbers in the lexicon.
    pub(crate) numbers: Vec<u32>,
    /// What the edges write; the tokens themselves come first.
    words: Vec<Word>,
    /// By the token where they begin; the first one keeps it.
    pub(crate) edges: Vec<Edge>,
    first_edge: Vec<usize>,
    /// From left to right, shorter ones first; they may overlap.
    pub(crate) places: Vec<Place>,
    /// Originals that stand there: tokens, and node in the lexicon.
    pub(crate) originals: Vec<(Range<usize>, u32)>,
    pub(crate) graph: Graph,
}

impl Lattice {
    /// Looks up every word of the lexicon in the model.
    pub(crate) fn new(lexicon: Arc<Lexicon>, model: Arc<Model>) -> Self {
        let words: Vec<Word> = lexicon.hashes().iter().map(|&hash| model.word(hash)).collect();
        let word = |text| model.word(hash_word(text));
        let (end, a, an) = (word(END), word("a"), word("an"));
        let (first, articles) = (Assumptions::first(), [key("a"), key("an")]);
        let (tried, first_tried, writes) = Default::default();
        let mut lattice =
            Self { lexicon, model, words, tried, first_tried, writes, first, end, a, an, articles };
        lattice.rank();
        lattice.first.tabulate(&lattice.lexicon);
        lattice
    }

    /// Finds out which pairs are tried.
    fn rank(&mut self) {
        let lexicon = &self.lexicon;
        let written = |pair: usize| {
            let words = lexicon.words(lexicon.pairs()[pair].original).iter();
            words.map(|&word| self.words[word as usize])
        };
        let mut ranks: Vec<(Score, usize)> = Vec::new();
        for form in 0..lexicon.entries().len() {
            self.first_tried.push(self.tried.len() as u32);
            ranks.clear();
            ranks.extend(lexicon.pairs_of(form).map(|pair| {
                let least = written(pair).map(|word| word.probability()).min();
                (-(lexicon.pairs()[pair].channel + least.unwrap_or_default()), pair)
            }));
            ranks.sort_unstable();
            ranks.truncate(TRIED);
            let most = ranks.first().map(|&(cost, _)| cost + BEHIND);
            ranks.retain(|&(cost, _)| Some(cost) <= most);
            ranks.sort_unstable_by_key(|&(_, pair)| pair);
            for &(_, pair) in &ranks {
                let begin = self.writes.len() as u32;
                self.writes.extend(written(pair));
                let Link { original, family, channel, .. } = lexicon.pairs()[pair];
                let node = lexicon.node(original);
                let mut tried = Tried {
                    pair: pair as u32,
                    node,
                    words: begin..self.writes.len() as u32,
                    family,
                    channel,
                    coverage: Score::ln(lexicon.standing(node).coverage),
                    first: Score::ZERO,
                };
                tried.first = self.first.channel(&tried, lexicon);
                self.tried.push(tried);
            }
        }
        self.first_tried.push(self.tried.len() as u32);
    }

    /// Reads a sentence of at most [`LONGEST_SENTENCE`] tokens, its `tokens`.
    pub(crate) fn read(&self, text: &str, sentence: &mut Sentence) {
        let lexicon = &self.lexicon;
        sentence.clear();
        let Sentence { tokens, numbers, words, edges, first_edge, places, originals, .. } =
            sentence;
        numbers.extend(tokens.iter().map(|token| lexicon.word(token.key)));
        words.resize(tokens.len(), Word::default());
        for (at, token) in tokens.iter().enumerate() {
            first_edge.push(edges.len());
            let (here, next) = (at as u32, at as u32 + 1);
            let original =
                token.kind == Kind::Word && numbers[at] != NONE && lexicon.is_original(numbers[at]);
            let first =
                if original { self.first.kept(numbers[at], lexicon) } else { Score::ZERO };
            edges.push(Edge { to: next, step: Step::Keep, first, words: here..next });
            if let Some(other) = self.other_article(token) {
                let begin = words.len() as u32;
                words.push(other);
                let (first, words) = (ARTICLE, begin..begin + 1);
                edges.push(Edge { to: next, step: Step::Article, first, words });
            }
            for (length, node) in lexicon.walk(mutable(&tokens[at..], &numbers[at..])) {
                let span = at..at + length;
                if lexicon.is_original(node) {
                    originals.push((span.clone(), node));
                }
                let Some(form) = lexicon.form(node) else { continue };
                let begin = edges.len();
                let possessive = tokens[span.end - 1].possessive();
                for one in self.tried(form) {
                    let begin = words.len() as u32;
                    words.extend(&self.writes[range(&one.words)]);
                    if possessive && let Some(last) = words.last_mut() {
                        *last = self.possessive(one.pair);
                    }
                    let step = Step::Replace { place: places.len() as u32, pair: one.pair };
                    let (to, words) = (span.end as u32, begin..words.len() as u32);
                    edges.push(Edge { to, step, first: one.first, words });
                }
                places.push(Place { span, form, edges: begin..edges.len() });
            }
        }
        first_edge.push(edges.len());
        if !places.is_empty() {
            for ((token, &number), word) in tokens.iter().zip(&*numbers).zip(words) {
                *word = self.kept(text, token, number);
            }
        }
    }

    /// The pairs of a spun form that are tried.
    pub(crate) fn tried(&self, form: usize) -> &[Tried] {
        &self.tried[self.first_tried[form] as usize..self.first_tried[form + 1] as usize]
    }

    /// What the token counts as in the language model.
    fn kept(&self, text: &str, token: &Token, number: u32) -> Word {
        let piece = &text[token.start..token.end];
        if token.kind == Kind::Number
            && let Some(word) = crate::numbers::word_for(piece)
        {
            return self.model.word(hash_word(word));
        }
        match self.words.get(number as usize) {
            Some(&word) if token.kind == Kind::Word && !token.possessive() => word,
            _ => self.model.word(token.hash_whole(text)),
        }
    }

    fn other_article(&self, token: &Token) -> Option<Word> {
        let [a, an] = self.articles;
        match token.key {
            key if key == a => Some(self.an),
            key if key == an => Some(self.a),
            _ => None,
        }
    }

    /// The last word of a replacement that takes over a possessive `'s`.
    fn possessive(&self, pair: u32) -> Word {
        let text = self.lexicon.text(self.lexicon.pairs()[pair as usize].original);
        let word = text.rsplit(' ').next().unwrap_or(text);
        let tail = if word.ends_with(['s', 'S']) { "'" } else { "'s" };
        self.model.word(hash_any(&format!("{word}{tail}")))
    }
}

impl Sentence {
    /// Forgets everything but the tokens.
    fn clear(&mut self) {
        let Self { tokens: _, numbers, words, edges, first_edge, places, originals, graph: _ } = self;
        numbers.clear();
        words.clear();
        edges.clear();
        first_edge.clear();
        places.clear();
        originals.clear();
    }

    /// The edges that begin at a token.
    pub(crate) fn edges_at(&self, at: usize) -> Range<usize> {
        self.first_edge[at]..self.first_edge[at + 1]
    }

    /// What an edge writes.
    pub(crate) fn words(&self, edge: usize) -> &[Word] {
        &self.words[range(&self.edges[edge].words)]
    }

    /// Whether a capital in the middle of the sentence speaks for a name.
    pub(crate) fn is_name(&self, place: &Place) -> bool {
        let first = &self.tokens[place.span.start];
        first.case == Case::Title && !first.opens
    }
}

fn range(short: &Range<u32>) -> Range<usize> {
    short.start as usize..short.end as usize
}

/// The numbers of the words that the tokens begin with, as far as a spun form may reach.
fn mutable<'a>(tokens: &'a [Token], numbers: &'a [u32]) -> impl Iterator<Item = u32> + 'a {
    let mut closed = false;
    tokens.iter().zip(numbers).enumerate().map_while(move |(at, (token, &number))| {
        let fits = token.kind != Kind::Fixed
            && matches!(token.case, Case::Lower | Case::Title)
            && (at == 0 || token.joined)
            && !closed;
        closed = token.possessive(); // nothing goes on behind a possessive
        fits.then_some(number)
    })
}

/// Goes through the sentences of a text.
pub(crate) struct Sentences<'t> {
    tokens: Tokens<'t>,
    next: Option<Token>,
}

impl<'t> Sentences<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        let mut tokens = Tokens::new(text);
        let next = tokens.next();
        Self { tokens, next }
    }
}

impl Sentences<'_> {
    /// Puts the next sentence's tokens into `sentence`; false at the end.
    pub(crate) fn next(&mut self, sentence: &mut Vec<Token>) -> bool {
        sentence.clear();
        sentence.extend(self.next.take());
        if sentence.is_empty() {
            return false;
        }
        for token in self.tokens.by_ref() {
            if token.opens || sentence.len() == LONGEST_SENTENCE {
                self.next = Some(token);
                break;
            }
            sentence.push(token);
        }
        true
    }
}
