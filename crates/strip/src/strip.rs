use std::ops::Range;

use scutch_document::{Document, DocumentStage, Edit, Signals, Verdict};

use crate::blocks::{Seen, link_runs, teaser_runs};
use crate::crumbs::Crumbs;
use crate::lines::{Line, lines, removal_spans};
use crate::links::links;
use crate::rules::{Action, LINE_LIMIT, Rule, Rules, SHIPPED};
use crate::sites::{RepeatedLine, line_hash};
use crate::text::{is_picture, normalise};
use crate::{Config, Error};

const NAME: &str = "strip";
/// A text whose lines keep looking worse the more of it is taken away is left alone.
const ROUNDS: usize = 8;

/// The strip stage.
#[derive(Debug)]
pub struct Strip {
    rules: Rules,
    crumbs: Crumbs,
    drop: u64,
    open: u64,
    head: u64,
    field: u64,
}

/// A line that is to go.
struct Drop {
    line: usize,
    rule: String,
    score: f32,
}

impl Strip {
    /// Builds the stage from its settings and from files of rules (name, contents) that the caller
    /// has read.
    ///
    /// # Errors
    /// When a file of rules is not valid.
    pub fn new(config: &Config, extra_rules: &[(String, String)]) -> Result<Self, Error> {
        let _ = config;
        let files: Vec<(&str, &str)> = SHIPPED
            .into_iter()
            .chain(extra_rules.iter().map(|(name, text)| (name.as_str(), text.as_str())))
            .collect();
        let rules = Rules::new(&files)?;
        Ok(Self {
            drop: rules.with_action(Action::Drop),
            open: rules.with_action(Action::Open),
            head: rules.with_action(Action::Head),
            field: rules.with_action(Action::Field),
            crumbs: Crumbs::new(rules.rules()),
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
        let mut lines = lines(text);
        let crumbs = self.cut_crumbs(&mut lines);
        let (seen, drops) = self.drops(&lines, repeated);

        let spans: Vec<Range<usize>> =
            drops.iter().map(|drop| lines[drop.line].span.clone()).collect();
        let spans = removal_spans(text, &spans);
        let mut edits: Vec<Edit> = drops
            .iter()
            .zip(spans)
            .map(|(drop, span)| Edit::replace(NAME, drop.rule.clone(), text, span, "", drop.score))
            .collect();
        let mut dropped = drops.iter().map(|drop| drop.line).peekable();
        for (line, span) in crumbs {
            while dropped.next_if(|&other| other < line).is_some() {}
            if dropped.peek() != Some(&line) {
                edits.push(Edit::replace(NAME, "breadcrumb", text, span, "", 1.0));
            }
        }
        edits.sort_by_key(|edit| edit.start);
        Verdict::Keep { signals: signals(&seen, &drops), edits }
    }

    /// The spans of the lines that stay, without their breaks.
    pub(crate) fn kept(&self, document: &Document, repeated: &[RepeatedLine]) -> Vec<Range<usize>> {
        let mut lines = lines(document.text());
        self.cut_crumbs(&mut lines);
        let (_, drops) = self.drops(&lines, repeated);
        let mut drops = drops.iter().peekable();
        lines
            .into_iter()
            .enumerate()
            .filter(|(i, _)| drops.next_if(|drop| drop.line == *i).is_none())
            .map(|(_, line)| line.span)
            .collect()
    }

    /// Takes glued breadcrumbs off the lines: the line and the span of each.
    fn cut_crumbs(&self, lines: &mut [Line<'_>]) -> Vec<(usize, Range<usize>)> {
        let mut found = Vec::new();
        for (i, line) in lines.iter_mut().enumerate() {
            if let Some(cut) = self.crumbs.find(line.text) {
                let start = line.start;
                line.text = &line.text[cut..];
                found.push((i, start..start + cut));
            }
        }
        found
    }

    fn drops(&self, lines: &[Line<'_>], repeated: &[RepeatedLine]) -> (Vec<Seen>, Vec<Drop>) {
        let mut normal = String::new();
        let seen: Vec<Seen> = lines.iter().map(|line| self.see(line.text, &mut normal)).collect();
        let mut drops: Vec<Drop> = Vec::new();
        if !repeated.is_empty() {
            let mut repeated: Vec<u64> = repeated.iter().map(|line| line.line).collect();
            repeated.sort_unstable();
            for (i, line) in lines.iter().enumerate() {
                if repeated.binary_search(&line_hash(line.text, &mut normal)).is_ok() {
                    drops.push(Drop { line: i, rule: "repeated_line".to_owned(), score: 1.0 });
                }
            }
            // A page all of whose prose stands elsewhere is a copy, not boilerplate.
            let lost = drops.iter().filter(|drop| seen[drop.line].prose).count();
            if lost > 0 && lost == seen.iter().filter(|line| line.prose).count() {
                drops.clear();
            }
        }
        let mut alive: Vec<usize> = (0..lines.len()).collect();
        remove(&mut alive, &drops);
        for _ in 0..ROUNDS {
            let view: Vec<&Seen> = alive.iter().map(|&i| &seen[i]).collect();
            let round = self.round(&view, &alive);
            if round.is_empty() {
                drops.sort_by_key(|drop| drop.line);
                return (seen, drops);
            }
            remove(&mut alive, &round);
            drops.extend(round);
        }
        (seen, Vec::new())
    }

    /// The lines to drop from what is still there.
    fn round(&self, view: &[&Seen], alive: &[usize]) -> Vec<Drop> {
        let mut why: Vec<Option<(&str, f32)>> = vec![None; view.len()];
        for (i, line) in view.iter().enumerate() {
            if let Some(name) = self.rules.name(line.rules & self.drop) {
                why[i] = Some((name, 1.0));
            }
        }
        self.forms(view, &mut why);
        if view.iter().any(|line| line.prose) {
            link_runs(view, |i| why[i] = Some(("link_run", 1.0)));
            teaser_runs(view, |i| why[i] = Some(("teaser_run", 0.9)));
            self.heads(view, &mut why);
        }
        why.iter()
            .zip(alive)
            .filter_map(|(why, &line)| {
                why.map(|(rule, score)| Drop { line, rule: rule.to_owned(), score })
            })
            .collect()
    }

    /// Fields of a form go when they follow its head or when several stand together.
    fn forms<'a>(&'a self, view: &[&Seen], why: &mut [Option<(&'a str, f32)>]) {
        let is_form = |line: &Seen| line.rules & (self.open | self.field) != 0;
        let mut start = 0;
        for run in view.chunk_by(|a, b| is_form(a) == is_form(b)) {
            let opened = run.iter().any(|line| line.rules & self.open != 0);
            if is_form(run[0]) && (opened || run.len() >= 3) {
                for (i, line) in run.iter().enumerate() {
                    let name = self.rules.name(line.rules & (self.open | self.field));
                    why[start + i] = name.map(|name| (name, 1.0));
                }
            }
            start += run.len();
        }
    }

    /// A head goes with the run that follows it.
    fn heads<'a>(&'a self, view: &[&Seen], why: &mut [Option<(&'a str, f32)>]) {
        for i in (0..view.len().saturating_sub(1)).rev() {
            let follows =
                why[i + 1].is_some_and(|(rule, _)| matches!(rule, "link_run" | "teaser_run"));
            if why[i].is_some() || !follows {
                continue;
            }
            if let Some(name) = self.rules.name(view[i].rules & self.head) {
                why[i] = Some((name, 1.0));
            } else if view[i].picture && view[i].words <= 6 {
                why[i] = Some(("link_head", 0.9));
            }
        }
    }

    fn see(&self, line: &str, normal: &mut String) -> Seen {
        normalise(line, LINE_LIMIT, normal);
        let chars = line.chars().count() as u32;
        let words = normal.bytes().filter(|&b| b == b' ').count().saturating_sub(1) as u32;
        let cut = line.ends_with('…') || line.ends_with("...");
        let ends = line.trim_end_matches(['"', '\'', '”', '’', '»', ')', ']']);
        Seen {
            chars,
            words,
            links: links(line),
            picture: line.starts_with(is_picture) || line.ends_with(is_picture),
            cut,
            prose: chars >= 80
                && !cut
                && ends.ends_with(['.', '!', '?', '。', '！', '？', '।', '؟', ':', ';']),
            rules: self.rules.matched(line, normal, words as usize).rules,
        }
    }
}

fn remove(alive: &mut Vec<usize>, drops: &[Drop]) {
    let mut drops = drops.iter().peekable();
    alive.retain(|&i| drops.next_if(|drop| drop.line == i).is_none());
}

fn signals(seen: &[Seen], drops: &[Drop]) -> Signals {
    let share =
        |part: u32, whole: u32| if whole == 0 { 0.0 } else { f64::from(part) / f64::from(whole) };
    let chars = seen.iter().map(|line| line.chars).sum();
    let stripped = drops.iter().map(|drop| seen[drop.line].chars).sum();
    let linked = seen.iter().map(|line| line.links.chars).sum();
    Signals::from([
        ("q_link_share", share(linked, chars)),
        ("q_stripped_share", share(stripped, chars)),
    ])
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
