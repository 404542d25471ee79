//! A sentence's lattice: each word may be kept, each spun form replaced by one of its originals.

use std::hint::black_box;
use std::ops::Range;
use std::sync::Arc;

use crate::graph::Graph;
use crate::lexicon::{Family, Lexicon, Link, NONE};
use crate::lm::{END, Model, Word};
use crate::score::Score;
use crate::survey::{Assumptions, Known, Rosters};
use crate::words::{Case, Kind, Token, Tokens, hash_any, hash_word, key};

/// Most tokens that are decoded at once.
pub(crate) const LONGEST_SENTENCE: usize = 100;

/// Originals of one spun form that are tried, and how far they may be behind the most probable.
pub(crate) const TRIED: usize = 3;
const BEHIND: Score = Score(4 * Score::NAT);

/// The channel of the other form of an article.
const ARTICLE: Score = Score(-2 * Score::NAT);

/// How probable a compound is beside its last part alone, as which the model counts it.
const COMPOUND: Score = Score(-4 * Score::NAT);

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
    /// For each node of the lexicon the original that ends there, or [`NONE`].
    originals: Vec<u32>,
    /// For each original, the log-probability that it is kept, before a text is read.
    kept: Vec<Score>,
    end: Word,
    a: Word,
    an: Word,
    /// Keys of both.
    articles: [u64; 2],
}

/// A pair that is tried: a form's most probable originals are, whatever stands around it.
#[derive(Debug)]
struct Tried {
    pair: u32,
    original: u32,
    /// Where its original's words begin, among what is written, and how many there are.
    begin: u32,
    length: u8,
    family: Family,
    /// How probable the spun form is for a spun original, in steps of a [`Score`].
    channel: i32,
    /// The channel of the whole before anything is known of a text.
    first: i32,
}

/// A way on from a token.
#[derive(Debug, Clone)]
pub(crate) struct Edge {
    /// The token behind it.
    pub(crate) to: u32,
    /// The number of the original that it keeps or restores, in the text; [`NONE`] for other words.
    pub(crate) original: u32,
    pub(crate) step: Step,
    /// The family of its pair.
    pub(crate) family: Family,
    /// How probable what stands there is if the original was spun.
    pub(crate) channel: Score,
    /// The channel of the whole before anything is known of a text.
    pub(crate) first: Score,
    /// What it writes, among the sentence's words.
    words: Range<u32>,
}

impl Edge {
    /// The edge that keeps a word of which nothing is known.
    fn keep(at: u32) -> Self {
        Self {
            to: at + 1,
            original: NONE,
            step: Step::Keep,
            family: Family::Known,
            channel: Score::ZERO,
            first: Score::ZERO,
            words: at..at + 1,
        }
    }
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
    /// The spun form's number in the text.
    pub(crate) number: u32,
    /// The edges that replace it.
    pub(crate) edges: Range<usize>,
}

/// A phrase of the lexicon, in a sentence.
#[derive(Debug, Clone, Copy)]
struct Found {
    /// Its first token.
    at: usize,
    /// Its number of tokens.
    length: usize,
    node: u32,
}

/// A sentence, and everything that may become of it.
#[derive(Debug, Default)]
pub(crate) struct Sentence {
    pub(crate) tokens: Vec<Token>,
    /// The tokens' numbers in the lexicon.
    numbers: Vec<u32>,
    /// What the edges write; the tokens themselves come first.
    words: Vec<Word>,
    /// By the token where they begin; the first one keeps it. The last one of all is the sentence's
    /// end.
    pub(crate) edges: Vec<Edge>,
    first_edge: Vec<usize>,
    /// From left to right, shorter ones first.
    found: Vec<Found>,
    /// From left to right, shorter ones first; they may overlap.
    pub(crate) places: Vec<Place>,
    /// Originals that stand there: tokens, and number in the text.
    pub(crate) originals: Vec<(Range<usize>, u32)>,
    pub(crate) graph: Graph,
}

impl Lattice {
    /// Looks up every word of the lexicon in the model.
    pub(crate) fn new(lexicon: Arc<Lexicon>, model: Arc<Model>) -> Self {
        let words: Vec<Word> = lexicon.hashes().iter().map(|&hash| model.word(hash)).collect();
        let word = |text| model.word(hash_word(text));
        let (end, a, an) = (word(END), word("a"), word("an"));
        let articles = [key("a"), key("an")];
        let originals = lexicon.originals_by_node();
        let (tried, first_tried, writes, kept) = Default::default();
        let mut lattice = Self {
            lexicon,
            model,
            words,
            tried,
            first_tried,
            writes,
            originals,
            kept,
            end,
            a,
            an,
            articles,
        };
        lattice.rank();
        lattice
    }

    /// Finds out which pairs are tried.
    fn rank(&mut self) {
        let (lexicon, first) = (&self.lexicon, Assumptions::first());
        let all = 0..lexicon.originals() as u32;
        let known: Vec<Known> =
            all.map(|original| first.know(&lexicon.standing(original), 1.0)).collect();
        self.kept = known.iter().map(|known| known.kept).collect();
        let mut ranks: Vec<(Score, usize)> = Vec::new();
        for form in 0..lexicon.entries().len() {
            self.first_tried.push(self.tried.len() as u32);
            ranks.clear();
            ranks.extend(lexicon.pairs_of(form).map(|pair| {
                let Link { original, channel, .. } = lexicon.pairs()[pair];
                let words = lexicon.words(original).iter().map(|&word| self.words[word as usize]);
                let least = words.map(|word| word.probability()).min();
                let spun = known[original as usize].spun;
                (-(spun + channel + least.unwrap_or_default()), pair)
            }));
            ranks.sort_unstable();
            ranks.truncate(TRIED);
            let most = ranks.first().map(|&(cost, _)| cost + BEHIND);
            ranks.retain(|&(cost, _)| Some(cost) <= most);
            ranks.sort_unstable_by_key(|&(_, pair)| pair);
            for &(_, pair) in &ranks {
                let Link { original, family, channel, .. } = lexicon.pairs()[pair];
                let first = (known[original as usize].spun + channel).0 as i32;
                let (pair, channel) = (pair as u32, channel.0 as i32);
                let begin = self.writes.len() as u32;
                let words = lexicon.words(original);
                self.writes.extend(words.iter().map(|&word| self.words[word as usize]));
                let length = words.len() as u8;
                self.tried.push(Tried { pair, original, begin, length, family, channel, first });
            }
        }
        self.first_tried.push(self.tried.len() as u32);
    }

    /// Reads a sentence of at most [`LONGEST_SENTENCE`] tokens, its `tokens`.
    pub(crate) fn read(&self, text: &str, sentence: &mut Sentence, rosters: &mut Rosters) {
        let lexicon = &self.lexicon;
        sentence.clear();
        let Sentence {
            tokens, numbers, words, edges, first_edge, places, originals, found, ..
        } = sentence;
        numbers.extend(tokens.iter().map(|token| lexicon.word(token.whole(text))));
        words.resize(tokens.len(), Word::default());
        for at in 0..tokens.len() {
            let walk = lexicon.walk(mutable(&tokens[at..], &numbers[at..]));
            found.extend(walk.map(|(length, node)| Found { at, length, node }));
        }
        self.touch(found);
        let mut found = found.iter().peekable();
        for (at, token) in tokens.iter().enumerate() {
            first_edge.push(edges.len());
            let mut keep = Edge::keep(at as u32);
            let word = numbers[at];
            let original = self.originals.get(word as usize).copied().unwrap_or(NONE);
            if token.kind == Kind::Word && original != NONE {
                keep.original = rosters.originals.number(original);
                keep.first = self.kept[original as usize];
            } else if token.kind == Kind::Fixed && word != NONE {
                (keep.channel, keep.first) = (COMPOUND, COMPOUND);
            }
            edges.push(keep);
            if let Some(other) = self.other_article(token) {
                let (step, channel, first) = (Step::Article, ARTICLE, ARTICLE);
                let written = words.len() as u32..words.len() as u32 + 1;
                words.push(other);
                let keep = Edge::keep(at as u32);
                edges.push(Edge { step, channel, first, words: written, ..keep });
            }
            while let Some(&Found { length, node, .. }) = found.next_if(|found| found.at == at) {
                let span = at..at + length;
                let original = self.originals[node as usize];
                if original != NONE {
                    originals.push((span.clone(), rosters.originals.number(original)));
                }
                let Some(form) = lexicon.form(node) else { continue };
                let begin = edges.len();
                let possessive = tokens[span.end - 1].possessive();
                for one in self.tried(form) {
                    let begin = words.len() as u32;
                    let written = one.begin as usize..one.begin as usize + usize::from(one.length);
                    words.extend(&self.writes[written]);
                    if possessive && let Some(last) = words.last_mut() {
                        *last = self.possessive(one.pair);
                    }
                    edges.push(Edge {
                        to: span.end as u32,
                        original: rosters.originals.number(one.original),
                        step: Step::Replace { place: places.len() as u32, pair: one.pair },
                        family: one.family,
                        channel: Score(one.channel.into()),
                        first: Score(one.first.into()),
                        words: begin..words.len() as u32,
                    });
                }
                let number = rosters.forms.number(form as u32);
                places.push(Place { span, number, edges: begin..edges.len() });
            }
        }
        first_edge.push(edges.len());
        if places.is_empty() {
            return;
        }
        for ((token, &number), word) in tokens.iter().zip(&*numbers).zip(&mut *words) {
            *word = self.kept(text, token, number);
        }
        let (to, written) = (tokens.len() as u32 + 1, words.len() as u32..words.len() as u32 + 1);
        edges.push(Edge { to, words: written, ..Edge::keep(to) });
        first_edge.push(edges.len());
        words.push(self.end);
    }

    /// Brings near what is tried for spun forms: so the memory's delays overlap.
    fn touch(&self, found: &[Found]) {
        let forms = found.iter().filter_map(|found| self.lexicon.form(found.node));
        black_box(forms.fold(0, |touched, form| {
            let tried = self.tried(form).first().map_or(0, |tried| tried.original);
            touched ^ tried
        }));
    }

    /// The pairs of a spun form that are tried.
    fn tried(&self, form: usize) -> &[Tried] {
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
        let Self {
            tokens: _,
            numbers,
            words,
            edges,
            first_edge,
            found,
            places,
            originals,
            graph: _,
        } = self;
        found.clear();
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

    /// What stands at these tokens.
    pub(crate) fn kept(&self, span: &Range<usize>) -> &[Word] {
        &self.words[span.clone()]
    }

    /// What the edges write, one after the other.
    pub(crate) fn all_words(&self) -> &[Word] {
        &self.words
    }

    /// Where what an edge writes begins and ends among that.
    pub(crate) fn written(&self, edge: usize) -> (u32, u32) {
        let words = &self.edges[edge].words;
        (words.start, words.end)
    }

    /// What an edge writes.
    pub(crate) fn words(&self, edge: usize) -> &[Word] {
        &self.words[range(&self.edges[edge].words)]
    }

    /// Those of the edges that replace something, with what they replace.
    pub(crate) fn replacements(
        &self,
        edges: impl Iterator<Item = usize>,
    ) -> impl Iterator<Item = (&Place, &Edge)> {
        edges.filter_map(|edge| match &self.edges[edge] {
            edge @ Edge { step: Step::Replace { place, .. }, .. } => {
                Some((&self.places[*place as usize], edge))
            }
            _ => None,
        })
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
        let fits = (token.kind != Kind::Fixed || number != NONE)
            && matches!(token.case, Case::Lower | Case::Title)
            // A name does not begin within a phrase.
            && (token.case == Case::Lower || tokens[0].case == Case::Title)
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
