use std::borrow::Cow;
use std::ops::Range;

use scutch_document::{Document, DocumentStage, Edit, Signals, Verdict};

use crate::address::Address;
use crate::blocks::{link_runs, teaser_runs};
use crate::crumbs::Crumbs;
use crate::facts::{Facts, Reader, Scratch};
use crate::lines::{Line, lines, removal_spans, sheets};
use crate::model::{Desk, Model, logit};
use crate::page::Page;
use crate::pool::Pool;
use crate::rules::{Action, Rule, Rules, SHIPPED};
use crate::sites::RepeatedLine;
use crate::vocabulary::Vocabulary;
use crate::{Config, Error, Profile};

const NAME: &str = "strip";
/// A text whose lines keep looking worse the more of it is taken away is looked at this often.
const ROUNDS: usize = 30;
/// The model judges a line by what stands around it: of a text with fewer lines it knows nothing.
const CONTEXT: usize = 5;
/// A head of links without words that a rule knows has at most this many words.
const HEAD_WORDS: u16 = 6;

/// Lines that are looked at together. No page has as many, and of each some 300 bytes are known.
const SHEET: usize = 1 << 17;

/// The strip stage.
#[derive(Debug)]
pub struct Strip {
    rules: Rules,
    crumbs: Crumbs,
    model: Option<Model>,
    desks: Pool<Desk>,
    scratches: Pool<Scratch>,
    limit: f32,
    profile: Profile,
    drop: u64,
    open: u64,
    head: u64,
    field: u64,
    link: u64,
}

/// Why a line goes.
#[derive(Debug, Clone)]
struct Why {
    rule: Cow<'static, str>,
    score: f32,
}

/// For each line, why it goes, if it does: of most there is nothing to say, so it takes little room.
type Reasons = Vec<Option<Box<Why>>>;

impl Why {
    fn new(rule: impl Into<Cow<'static, str>>, score: f32) -> Option<Box<Self>> {
        Some(Box::new(Self { rule: rule.into(), score }))
    }
}

/// A document's lines, or as many of them as are looked at together.
struct Sheet<'a> {
    lines: Vec<Line<'a>>,
    facts: Vec<Facts>,
    vocabulary: Vocabulary<'a>,
    address: &'a Address,
    /// Glued breadcrumbs: line and span.
    crumbs: Vec<(usize, Range<usize>)>,
}

impl Strip {
    /// Builds the stage from its settings and from files of rules (name, contents) that the caller
    /// has read.
    ///
    /// # Errors
    /// When a file of rules is not valid.
    pub fn new(config: &Config, extra_rules: &[(String, String)]) -> Result<Self, Error> {
        let model = if config.model { Some(Model::shipped()?) } else { None };
        Self::build(config, extra_rules, model)
    }

    /// As [`Strip::new`], with a model of your own: lexicon, first and second trees, as
    /// `scripts/strip_train.py` writes them.
    ///
    /// # Errors
    /// When a file of rules or the model is not valid.
    pub fn with_model(
        config: &Config,
        extra_rules: &[(String, String)],
        model: [&str; 3],
    ) -> Result<Self, Error> {
        Self::build(config, extra_rules, Some(Model::parse(model)?))
    }

    fn build(
        config: &Config,
        extra_rules: &[(String, String)],
        model: Option<Model>,
    ) -> Result<Self, Error> {
        let files: Vec<(&str, &str)> = SHIPPED
            .into_iter()
            .chain(extra_rules.iter().map(|(name, text)| (name.as_str(), text.as_str())))
            .collect();
        let rules = Rules::new(&files)?;
        let below = match config.profile {
            Profile::Footers => config.footers_below,
            Profile::Article => config.article_below,
        };
        Ok(Self {
            crumbs: Crumbs::new(rules.rules()),
            model,
            desks: Pool::default(),
            scratches: Pool::default(),
            limit: logit(below.clamp(0.0, 1.0)),
            profile: config.profile,
            drop: rules.with_action(Action::Drop),
            open: rules.with_action(Action::Open),
            head: rules.with_action(Action::Head),
            field: rules.with_action(Action::Field),
            link: rules.with_action(Action::Link),
            rules,
        })
    }

    /// The rules in use, in the order in which they are tried.
    pub fn rules(&self) -> &[Rule] {
        self.rules.rules()
    }

    /// As [`DocumentStage::judge`], with what the corpus says about the document's lines.
    pub fn judge_with(&self, document: &Document, repeated: &[RepeatedLine]) -> Verdict {
        let text = document.text();
        let (mut dropped, mut reasons, mut crumbs) = (Vec::new(), Vec::new(), Vec::new());
        let mut tally = Tally::default();
        self.each_sheet(document, repeated, |sheet, why| {
            tally.add(&sheet.facts, &why);
            crumbs.extend(sheet.crumbs.into_iter().filter(|(line, _)| why[*line].is_none()));
            for (line, why) in sheet.lines.into_iter().zip(why) {
                if let Some(why) = why {
                    dropped.push(line.span);
                    reasons.push(why);
                }
            }
        });
        let mut edits: Vec<Edit> = removal_spans(text, &dropped)
            .into_iter()
            .zip(reasons)
            .map(|(span, why)| Edit::replace(NAME, why.rule, text, span, "", why.score))
            .collect();
        let crumb = |(_, span)| Edit::replace(NAME, "breadcrumb", text, span, "", 1.0);
        edits.extend(crumbs.into_iter().map(crumb));
        edits.sort_by_key(|edit| edit.start);
        Verdict::Keep { edits, signals: tally.signals() }
    }

    /// The spans of the lines that stay, without their breaks.
    pub fn kept(&self, document: &Document, repeated: &[RepeatedLine]) -> Vec<Range<usize>> {
        let mut kept = Vec::new();
        self.each_sheet(document, repeated, |sheet, why| {
            let lines = sheet.lines.into_iter().zip(why);
            kept.extend(lines.filter(|(_, why)| why.is_none()).map(|(line, _)| line.span));
        });
        kept
    }

    /// Takes a document's lines, and for each why it goes.
    fn each_sheet(
        &self,
        document: &Document,
        repeated: &[RepeatedLine],
        mut take: impl FnMut(Sheet<'_>, Reasons),
    ) {
        let address = Address::new(document.origin.url.as_deref());
        let mut repeated: Vec<&RepeatedLine> = repeated.iter().collect();
        repeated.sort_unstable_by_key(|line| line.line);
        for span in sheets(document.text(), SHEET) {
            let sheet = self.read(document.text(), span, &address);
            let why = self.decide(&sheet, &repeated);
            take(sheet, why);
        }
    }

    fn read<'a>(&'a self, text: &'a str, span: Range<usize>, address: &'a Address) -> Sheet<'a> {
        let bytes = span.len();
        let mut lines: Vec<Line<'_>> = lines(text, span).collect();
        let mut crumbs = Vec::new();
        for (i, line) in lines.iter_mut().enumerate() {
            if let Some(cut) = self.crumbs.find(line.text) {
                crumbs.push((i, line.start..line.start + cut));
                line.text = &line.text[cut..];
            }
        }
        let lexicon = self.model.as_ref().map(|model| &model.lexicon);
        let vocabulary = Vocabulary::new(address, lines.len(), bytes);
        self.scratches.lend(Scratch::new, |scratch| {
            let mut reader = Reader::new(&self.rules, lexicon, vocabulary, scratch);
            let facts = lines.iter().map(|line| reader.read(line.text)).collect();
            reader.vocabulary.close();
            Sheet { facts, lines, vocabulary: reader.vocabulary, address, crumbs }
        })
    }

    /// For each line, why it goes.
    ///
    /// A line that goes changes what its neighbours look like, and whether the page is a copy, so the
    /// rest is looked at again until nothing more goes. The last look sees nothing but what is left:
    /// what comes out is left alone when it comes in again with the same `repeated`. Where that does not
    /// end, `footers` leaves the text as it is, and `article` takes away what it has found so far.
    fn decide(&self, sheet: &Sheet<'_>, repeated: &[&RepeatedLine]) -> Reasons {
        let evidence = evidence(&sheet.facts, repeated);
        let mut gone: Reasons = vec![None; sheet.facts.len()];
        let mut alive: Vec<usize> = (0..gone.len()).collect();
        for _ in 0..ROUNDS {
            let before = alive.len();
            let view: Vec<&Facts> = alive.iter().map(|&i| &sheet.facts[i]).collect();
            for (why, &i) in self.ruled(&view).into_iter().zip(&alive) {
                gone[i] = why;
            }
            alive.retain(|&i| gone[i].is_none());
            if alive.len() == before
                && alive.len() >= CONTEXT
                && let Some(model) = &self.model
            {
                let rules = &self.rules.rules()[..model.rules];
                let page = Page::new(view, &sheet.vocabulary, sheet.address, rules);
                let is_copy = is_copy(alive.iter().map(|&i| (&sheet.facts[i], evidence[i])));
                let more = |at: usize| if is_copy { 0.0 } else { evidence[alive[at]] };
                let limit = |at: usize| self.limit + more(at);
                let low = |at: usize, score: f32, reason: String| {
                    let reason = if more(at) > 0.0 { reason + "+site" } else { reason };
                    gone[alive[at]] = Why::new(reason, score);
                };
                self.desks.lend(|| model.desk(), |desk| model.judge(&page, desk, limit, low));
                alive.retain(|&i| gone[i].is_none());
            }
            if alive.len() == before {
                return gone;
            }
        }
        match self.profile {
            Profile::Footers => vec![None; sheet.facts.len()],
            Profile::Article => gone,
        }
    }

    /// For each of the lines that are still there, why a rule takes it away.
    fn ruled(&self, view: &[&Facts]) -> Reasons {
        let mut why: Reasons = view
            .iter()
            .map(|line| {
                self.rules
                    .name(line.rules & self.drop)
                    .and_then(|name| Why::new(name.to_owned(), 1.0))
            })
            .collect();
        self.forms(view, &mut why);
        if view.iter().any(|line| line.is_prose()) {
            let like_link = |line: &Facts| line.rules & self.link != 0;
            link_runs(view, like_link, |i| why[i] = Why::new("link_run", 1.0));
            teaser_runs(view, |i| why[i] = Why::new("teaser_run", 0.9));
            self.heads(view, &mut why);
        }
        why
    }

    /// Fields of a form go when they stand with its head, or when several stand together.
    fn forms(&self, view: &[&Facts], why: &mut Reasons) {
        let is_form = |line: &Facts| line.rules & (self.open | self.field) != 0;
        let mut start = 0;
        for run in view.chunk_by(|a, b| is_form(a) == is_form(b)) {
            let opened = run.iter().any(|line| line.rules & self.open != 0);
            if is_form(run[0]) && (opened || run.len() >= 3) {
                for (i, line) in run.iter().enumerate() {
                    let name = self.rules.name(line.rules & (self.open | self.field));
                    why[start + i] = name.and_then(|name| Why::new(name.to_owned(), 1.0));
                }
            }
            start += run.len();
        }
    }

    /// A head goes with the run that follows it.
    fn heads(&self, view: &[&Facts], why: &mut Reasons) {
        for i in (0..view.len().saturating_sub(1)).rev() {
            let follows = why[i + 1]
                .as_ref()
                .is_some_and(|why| matches!(why.rule.as_ref(), "link_run" | "teaser_run"));
            if why[i].is_some() || !follows {
                continue;
            }
            if let Some(name) = self.rules.name(view[i].rules & self.head) {
                why[i] = Why::new(name.to_owned(), 1.0);
            } else if view[i].picture && view[i].words <= HEAD_WORDS {
                why[i] = Why::new("link_head", 0.9);
            }
        }
    }
}

/// By how much each line's log-odds must exceed the limit because it stands on other pages of the
/// site too, given the lines that do, ascending.
fn evidence(facts: &[Facts], repeated: &[&RepeatedLine]) -> Vec<f32> {
    let more = |line: &Facts| match repeated.binary_search_by_key(&line.hash, |line| line.line) {
        Ok(at) => (repeated[at].count as f32).ln() * 1.5,
        Err(_) => 0.0,
    };
    facts.iter().map(more).collect()
}

/// Whether most of the prose stands on other pages too: a copy, whose lines are not boilerplate for
/// standing there.
fn is_copy<'a>(lines: impl Iterator<Item = (&'a Facts, f32)>) -> bool {
    let (mut all, mut known) = (0u32, 0u32);
    for (_, evidence) in lines.filter(|(line, _)| line.is_prose()) {
        all += 1;
        known += u32::from(evidence > 0.0);
    }
    known * 2 > all
}

/// Characters of a document's lines: all, those of links, and those that go.
#[derive(Debug, Default)]
struct Tally {
    all: u64,
    linked: u64,
    stripped: u64,
}

impl Tally {
    fn add(&mut self, facts: &[Facts], why: &Reasons) {
        for (line, why) in facts.iter().zip(why) {
            let chars = u64::from(line.chars);
            self.all += chars;
            self.linked += u64::from(line.links.chars);
            self.stripped += if why.is_some() { chars } else { 0 };
        }
    }

    fn signals(&self) -> Signals {
        let share = |part: u64| if self.all == 0 { 0.0 } else { part as f64 / self.all as f64 };
        Signals::from([
            ("q_link_share", share(self.linked)),
            ("q_stripped_share", share(self.stripped)),
        ])
    }
}

impl DocumentStage for Strip {
    fn name(&self) -> &'static str {
        NAME
    }

    fn signals(&self) -> &'static [&'static str] {
        &["q_link_share", "q_stripped_share"]
    }

    fn judge(&self, document: &Document) -> Verdict {
        self.judge_with(document, &[])
    }
}
