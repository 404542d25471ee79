//! The stage: reads the gate, decodes what is spun, decides place by place.

use std::borrow::Cow;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock};

use scutch_document::{Document, DocumentStage, Edit, Signals, Verdict, apply, compose};
use serde::{Deserialize, Serialize};

use crate::gate::{self, Gate, Outcome, ROUNDING, SIGNAL, rounded};
use crate::graph::Builder;
use crate::lattice::{Lattice, Sentence, Sentences};
use crate::lexicon::{Family, Lexicon};
use crate::lm::Model;
use crate::score::Score;
use crate::search::{Search, Site};
use crate::survey::{Assumptions, Rosters, Survey};
use crate::{numbers, surface};

/// The stage's name.
pub const STAGE: &str = "repair";

/// How spun text is restored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// When a text counts as spun.
    pub gate: gate::Config,
    /// How much better a replacement must be than the text as it is, in nats.
    pub margin: f64,
    /// How much better than any other replacement, in nats; what is missing is asked of the margin.
    pub gap: f64,
    /// Whether places that cannot be decided are marked.
    pub flags: bool,
    /// States that the decoder keeps at each word.
    pub beam: usize,
    /// Families of the lexicon that ships to use.
    pub families: Vec<Family>,
    /// Lexicon files to read beside those that ship.
    pub lexicon: Vec<PathBuf>,
    /// A language model to use instead of the one that ships.
    pub model: Option<PathBuf>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            gate: gate::Config::default(),
            margin: 0.0,
            gap: 2.5,
            flags: true,
            beam: 4,
            families: Family::ALL.to_vec(),
            lexicon: Vec::new(),
            model: None,
        }
    }
}

/// Gives spun text its words back.
#[derive(Debug)]
pub struct Repair {
    config: Config,
    gate: Gate,
    lexicon: Arc<Lexicon>,
    model: Arc<Model>,
    /// Made when the first spun text comes.
    lattice: OnceLock<Lattice>,
    /// At most one for each thread that ever decoded at the same time.
    spare: Mutex<Vec<Memory>>,
}

/// What decoding a text needs, used again for the next text.
#[derive(Debug, Default)]
struct Memory {
    rosters: Rosters,
    builder: Builder,
    search: Search,
    surveyed: Vec<Sentence>,
    one: Sentence,
}

/// So many tokens tell enough about a text.
const SURVEYED: usize = 10_000;
/// A margin that is as good as any: the beam has lost the text as it is.
const MOST: f64 = 50.0;
/// What is asked beyond the margin of what looks like a name.
const NAME: f64 = 1.0;
/// What is asked for each nat that a pair's family is less at work in the text than the lexicon says:
/// where a spinner hardly draws on a family, its pairs fit by chance for the greater part.
const IDLE: f64 = 0.5;
/// A text is decoded anew until nothing changes, at most so often.
const ROUNDS: usize = 4;

/// Tokens, rule, what is to stand there (`None` where that is undecided), score.
type Change = (Range<usize>, Cow<'static, str>, Option<String>, f32);

/// A decision about a place.
pub(crate) struct Decision {
    pub(crate) site: Site,
    /// How much better the chosen original is than any other.
    pub(crate) gap: Score,
    pub(crate) choice: Choice,
}

/// Takes a sentence, what was decided about its places, and the search that it came from.
type Take<'a> = &'a mut dyn FnMut(&Sentence, &[Decision], &Search);

/// What is done with a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// It is replaced.
    Repaired,
    /// A replacement is more probable than the text as it is, but not by enough.
    Undecided,
    /// The text as it is is the more probable.
    Kept,
}

impl Repair {
    /// The stage with its lexicon and model.
    pub fn new(config: &Config, lexicon: Arc<Lexicon>, model: Arc<Model>) -> Self {
        let gate = Gate::new(&config.gate, Arc::clone(&lexicon), &model);
        let (config, lattice, spare) = (config.clone(), OnceLock::new(), Mutex::default());
        Self { config, gate, lexicon, model, lattice, spare }
    }

    /// The gate that it begins with.
    pub fn gate(&self) -> &Gate {
        &self.gate
    }

    /// The lexicon that it draws on.
    pub fn lexicon(&self) -> &Lexicon {
        &self.lexicon
    }

    /// The edits of a text that is spun, whatever the gate says.
    pub fn restore(&self, text: &str) -> Vec<Edit> {
        let mut edits = Vec::new();
        self.decide(text, &mut |sentence, decisions, _| {
            self.write(text, sentence, decisions, &mut edits);
        });
        edits
    }

    /// Decodes the text twice: once to learn about it as a whole, once to decide.
    pub(crate) fn decide(&self, text: &str, take: Take) {
        let lattice = self
            .lattice
            .get_or_init(|| Lattice::new(Arc::clone(&self.lexicon), Arc::clone(&self.model)));
        let spare = self.spare.lock().ok().and_then(|mut spare| spare.pop());
        let mut memory = spare.unwrap_or_default();
        let Memory { rosters, builder, search, surveyed, one } = &mut memory;
        let beam = self.config.beam.max(1);
        rosters.clear(&self.lexicon);
        let mut sentences = Sentences::new(text);
        let (mut tokens, mut count) = (0, 0);
        while tokens <= SURVEYED {
            if surveyed.len() == count {
                surveyed.push(Sentence::default());
            }
            let sentence = &mut surveyed[count];
            if !sentences.next(&mut sentence.tokens) {
                break;
            }
            lattice.read(text, sentence, rosters);
            builder.build(lattice, sentence, beam);
            tokens += sentence.tokens.len();
            count += 1;
        }
        let standings = rosters.standings(&self.lexicon);
        let mut survey = Survey::new(rosters, &standings);
        surveyed[..count].iter().for_each(|sentence| survey.guess(sentence));
        let guessed = survey.finish();
        surveyed[..count].iter().for_each(|sentence| survey.add(search, sentence, &guessed));
        let mut assumed = survey.finish();
        let mut settle = |sentence: &Sentence, assumed: &_| {
            search.decode(sentence, assumed);
            let decisions = search.sites(sentence).map(|site| {
                let gap = search.gap(sentence, &site);
                let choice = self.judge_site(sentence, &site, gap, assumed);
                Decision { site, gap, choice }
            });
            take(sentence, &decisions.collect::<Vec<_>>(), search);
        };
        surveyed[..count].iter().for_each(|sentence| settle(sentence, &assumed));
        while sentences.next(&mut one.tokens) {
            lattice.read(text, one, rosters);
            assumed.extend(rosters, &self.lexicon);
            builder.build(lattice, one, beam);
            settle(one, &assumed);
        }
        if let Ok(mut spare) = self.spare.lock() {
            spare.push(memory);
        }
    }

    fn judge_site(
        &self,
        sentence: &Sentence,
        site: &Site,
        gap: Score,
        assumed: &Assumptions,
    ) -> Choice {
        let Some(chosen) = site.chosen else { return Choice::Kept };
        // A capital in the middle of a sentence is a name more often than not.
        let name = sentence.is_name(&sentence.places[site.place]);
        let mut margin = self.config.margin + if name { NAME } else { 0.0 };
        margin += IDLE * assumed.idleness(sentence.edges[chosen.edge].family).to_nats();
        // Where two replacements are nearly alike, either may be wrong.
        margin += (self.config.gap - gap.to_nats()).max(0.0);
        if site.margin() >= Score::nats(margin) { Choice::Repaired } else { Choice::Undecided }
    }

    /// Turns a sentence's decisions into edits.
    fn write(
        &self,
        text: &str,
        sentence: &Sentence,
        decisions: &[Decision],
        edits: &mut Vec<Edit>,
    ) {
        let tokens = &*sentence.tokens;
        let mut found: Vec<Change> = Vec::new();
        for Decision { site, choice, .. } in decisions {
            let Some(chosen) = site.chosen else { continue };
            let span = sentence.places[site.place].span.clone();
            let original = || self.lexicon().text(self.lexicon().pairs()[chosen.pair].original);
            let after = (*choice == Choice::Repaired)
                .then(|| surface::render(text, &tokens[span.clone()], original()));
            let score = site.margin().to_nats().min(MOST) as f32;
            if after.is_some() || self.config.flags {
                let rule = if after.is_some() { "lexicon" } else { "undecided" };
                found.push((span, Cow::Borrowed(rule), after, score));
            }
        }
        for (span, rule, after) in numbers::find(text, tokens) {
            let free = |other: &Range<usize>| other.end <= span.start || span.end <= other.start;
            if found.iter().all(|(other, ..)| free(other)) {
                found.push((span, Cow::Borrowed(rule), Some(after), 10.0));
            }
        }
        found.sort_by_key(|(span, ..)| span.start);
        let mut done = 0;
        for (mut span, rule, after, score) in found {
            let Some(mut after) = after else {
                let bytes = tokens[span.start].start..tokens[span.end - 1].end;
                edits.push(Edit::flag(STAGE, rule, text, bytes, score));
                done = span.end;
                continue;
            };
            if span.start > done && tokens[span.start].joined {
                let before = &tokens[span.start - 1];
                if let Some(article) = surface::article(&text[before.start..before.end], &after) {
                    after = format!("{article} {after}");
                    span.start -= 1;
                }
            }
            done = span.end;
            let bytes = tokens[span.start].start..tokens[span.end - 1].end;
            let (bytes, changed) = narrow(text, bytes, &after);
            let changed = (changed != after).then(|| changed.to_owned());
            let after = changed.unwrap_or(after);
            edits.push(Edit::replace(STAGE, rule, text, bytes, after, score));
        }
    }
}

impl DocumentStage for Repair {
    fn name(&self) -> &'static str {
        STAGE
    }

    fn signals(&self) -> &'static [&'static str] {
        &[SIGNAL]
    }

    fn judge(&self, document: &Document) -> Verdict {
        if !crate::is_english(document) {
            return Verdict::untouched();
        }
        let text = document.text();
        // Where the gate has read this text already, its score decides, unless it is rounded too near.
        let told = document.signals.get(SIGNAL).copied();
        let (score, spun) = match told.map(|score| (score, score - self.config.gate.spun)) {
            Some((score, over)) if over.abs() > ROUNDING => {
                (score, over > 0.0 && self.gate.is_long(text))
            }
            _ => {
                let reading = self.gate.read(text);
                (rounded(reading.score), self.gate.outcome(&reading) == Outcome::Spun)
            }
        };
        let edits = if spun { self.restore_fully(text) } else { Vec::new() };
        Verdict::Keep { edits, signals: Signals::from([(SIGNAL, score)]) }
    }
}

impl Repair {
    /// Restores until nothing changes any more, so that a second run finds nothing to do.
    fn restore_fully(&self, text: &str) -> Vec<Edit> {
        let mut edits = self.restore(text);
        for _ in 1..ROUNDS {
            let Ok(restored) = apply(text, &edits) else { break };
            let reading = self.gate.read(&restored);
            if self.gate.outcome(&reading) != Outcome::Spun {
                break;
            }
            let mut again = self.restore(&restored);
            again.retain(|edit| !edit.is_flag());
            if again.is_empty() {
                break;
            }
            match compose(text, &edits, &again) {
                Ok(both) => edits = both,
                Err(_) => break,
            }
        }
        edits
    }
}

/// Leaves out the words at both ends that stay the same.
fn narrow<'a>(text: &str, span: Range<usize>, after: &'a str) -> (Range<usize>, &'a str) {
    let (mut span, mut after) = (span, after);
    if !after.contains(' ') {
        return (span, after);
    }
    loop {
        let before = &text[span.clone()];
        let (Some((a, _)), Some((b, rest))) = (before.split_once(' '), after.split_once(' '))
        else {
            break;
        };
        if a != b {
            break;
        }
        span.start += a.len() + 1;
        after = rest;
    }
    loop {
        let before = &text[span.clone()];
        let (Some((_, a)), Some((rest, b))) = (before.rsplit_once(' '), after.rsplit_once(' '))
        else {
            break;
        };
        if a != b {
            break;
        }
        span.end -= a.len() + 1;
        after = rest;
    }
    (span, after)
}
