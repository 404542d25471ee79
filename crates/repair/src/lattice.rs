//! A sentence's lattice: each word may be kept, each spun form replaced by one of its originals.

use std::ops::Range;
use std::sync::Arc;

use crate::lexicon::Lexicon;
use crate::lm::{END, Model, Word};
use crate::search::Graph;
use crate::words::{Case, Kind, Token, Tokens, hash_any, hash_word, key};

/// Most tokens that are decoded at once.
pub(crate) const LONGEST_SENTENCE: usize = 100;

/// Originals of one spun form that are tried.
const TRIED: usize = 6;

/// Lexicon and language model, tied together.
#[derive(Debug)]
pub(crate) struct Lattice {
    pub(crate) lexicon: Arc<Lexicon>,
    pub(crate) model: Arc<Model>,
    /// The lexicon's words, as the model knows them.
    words: Vec<Word>,
    /// For each pair of the lexicon, whether it is tried: a form's most probable originals are,
    /// whatever stands around it.
    tried: Vec<bool>,
    pub(crate) end: Word,
    a: Word,
    an: Word,
}

/// A way on from a token.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Edge {
    /// The token behind it.
    pub(crate) to: usize,
    pub(crate) step: Step,
    /// The last word, where it takes over a possessive `'s`.
    tail: Option<Word>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Keep,
    /// The other form of the article.
    Article(Word),
    /// A pair of the lexicon, at one of the sentence's places.
    Replace {
        place: usize,
        pair: usize,
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
#[derive(Debug)]
pub(crate) struct Sentence {
    pub(crate) tokens: Vec<Token>,
    /// The tokens' numbers in the lexicon.
    pub(crate) numbers: Vec<u32>,
    kept: Vec<Word>,
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
        let mut tried = vec![true; lexicon.pairs().len()];
        let mut ranks = Vec::new();
        for form in 0..lexicon.entries().len() {
            let pairs = lexicon.pairs_of(form);
            if pairs.len() > TRIED {
                ranks.clear();
                ranks.extend(pairs.map(|pair| {
                    let link = lexicon.pairs()[pair];
                    let originals = lexicon.words(link.original).iter();
                    let least = originals.map(|&word| words[word as usize].probability()).min();
                    (-(link.channel + least.unwrap_or_default()), pair)
                }));
                ranks.sort_unstable();
                ranks[TRIED..].iter().for_each(|&(_, pair)| tried[pair] = false);
            }
        }
        let word = |text| model.word(hash_word(text));
        let (end, a, an) = (word(END), word("a"), word("an"));
        Self { words, tried, end, a, an, lexicon, model }
    }

    /// Reads a sentence of at most [`LONGEST_SENTENCE`] tokens.
    pub(crate) fn sentence(&self, text: &str, tokens: Vec<Token>) -> Sentence {
        let lexicon = &self.lexicon;
        let numbers: Vec<u32> = tokens.iter().map(|token| lexicon.word(token.key)).collect();
        let mut sentence = Sentence {
            kept: Vec::new(),
            edges: Vec::with_capacity(4 * tokens.len()),
            first_edge: Vec::with_capacity(tokens.len() + 1),
            places: Vec::new(),
            originals: Vec::new(),
            graph: Graph::default(),
            tokens,
            numbers,
        };
        let Sentence { tokens, numbers, edges, first_edge, places, originals, .. } = &mut sentence;
        for (at, token) in tokens.iter().enumerate() {
            first_edge.push(edges.len());
            edges.push(Edge { to: at + 1, step: Step::Keep, tail: None });
            if let Some(other) = self.other_article(token) {
                edges.push(Edge { to: at + 1, step: Step::Article(other), tail: None });
            }
            let words = mutable(&tokens[at..], &numbers[at..]);
            for (length, node) in lexicon.walk(words) {
                let span = at..at + length;
                if lexicon.is_original(node) {
                    originals.push((span.clone(), node));
                }
                let Some(form) = lexicon.form(node) else { continue };
                let begin = edges.len();
                let possessive = tokens[span.end - 1].possessive();
                for pair in lexicon.pairs_of(form).filter(|&pair| self.tried[pair]) {
                    let tail = possessive.then(|| self.possessive(pair));
                    let step = Step::Replace { place: places.len(), pair };
                    edges.push(Edge { to: span.end, step, tail });
                }
                places.push(Place { span, form, edges: begin..edges.len() });
            }
        }
        first_edge.push(edges.len());
        if !places.is_empty() {
            let read = |(token, &number): (&Token, &u32)| self.kept(text, token, number);
            sentence.kept = tokens.iter().zip(&*numbers).map(read).collect();
        }
        sentence
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
        if token.key == key("a") {
            Some(self.an)
        } else if token.key == key("an") {
            Some(self.a)
        } else {
            None
        }
    }

    /// The last word of a replacement that takes over a possessive `'s`.
    fn possessive(&self, pair: usize) -> Word {
        let text = self.lexicon.text(self.lexicon.pairs()[pair].original);
        let word = text.rsplit(' ').next().unwrap_or(text);
        let tail = if word.ends_with(['s', 'S']) { "'" } else { "'s" };
        self.model.word(hash_any(&format!("{word}{tail}")))
    }
}

impl Sentence {
    /// The edges that begin at a token.
    pub(crate) fn edges_at(&self, at: usize) -> Range<usize> {
        self.first_edge[at]..self.first_edge[at + 1]
    }

    /// The word that an edge writes at this place, if it writes so many.
    pub(crate) fn word(&self, lattice: &Lattice, edge: usize, place: usize) -> Option<Word> {
        let edge = &self.edges[edge];
        match edge.step {
            Step::Keep => (place == 0).then(|| self.kept[edge.to - 1]),
            Step::Article(word) => (place == 0).then_some(word),
            Step::Replace { pair, .. } => {
                let words = lattice.lexicon.words(lattice.lexicon.pairs()[pair].original);
                let word = lattice.words[*words.get(place)? as usize];
                Some(edge.tail.filter(|_| place + 1 == words.len()).unwrap_or(word))
            }
        }
    }

    /// Whether a capital in the middle of the sentence speaks for a name.
    pub(crate) fn is_name(&self, place: &Place) -> bool {
        let first = &self.tokens[place.span.start];
        first.case == Case::Title && !first.opens
    }
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

/// The tokens of each sentence of a text.
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

impl Iterator for Sentences<'_> {
    type Item = Vec<Token>;

    fn next(&mut self) -> Option<Vec<Token>> {
        let mut sentence = vec![self.next.take()?];
        for token in self.tokens.by_ref() {
            if token.opens || sentence.len() == LONGEST_SENTENCE {
                self.next = Some(token);
                break;
            }
            sentence.push(token);
        }
        Some(sentence)
    }
}
