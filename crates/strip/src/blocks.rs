//! What only the neighbours can tell: runs of links, runs of teasers, forms.

use crate::links::Links;

/// A line as the rules on neighbours see it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    /// Characters.
    pub(crate) chars: u32,
    /// Words.
    pub(crate) words: u32,
    /// Its web addresses.
    pub(crate) links: Links,
    /// Whether it begins or ends with a picture.
    pub(crate) picture: bool,
    /// Whether it ends in `…` or `...`.
    pub(crate) cut: bool,
    /// Whether it is long and ends like a sentence.
    pub(crate) prose: bool,
    /// Bits of the rules that it matched.
    pub(crate) rules: u64,
}

/// Fewest lines that make a run.
const RUN: usize = 3;
/// Fewest words of an opening that is cut off.
const TEASER_WORDS: u32 = 6;

/// Runs of links: every line is an address and nothing else, most of them bare domains or adorned
/// with pictures. A list of deep links (references, sources) is content.
pub(crate) fn link_runs(seen: &[&Seen], mut found: impl FnMut(usize)) {
    for_runs(
        seen,
        |line| line.links.only(),
        |start, run| {
            let known = run.iter().filter(|line| line.links.known > 0).count();
            let bare = run.iter().filter(|line| line.links.paths == 0 || line.picture).count();
            if known * 2 >= run.len() && bare * 3 >= run.len() * 2 {
                (start..start + run.len()).for_each(&mut found);
            }
        },
    );
}

/// Runs of openings of other pages: sentences that are cut off.
pub(crate) fn teaser_runs(seen: &[&Seen], mut found: impl FnMut(usize)) {
    for_runs(
        seen,
        |line| line.cut && line.words >= TEASER_WORDS && line.chars < 400,
        |start, run| {
            (start..start + run.len()).for_each(&mut found);
        },
    );
}

/// Calls `found` with each run of at least [`RUN`] lines that are `member`s.
fn for_runs(
    seen: &[&Seen],
    member: impl Fn(&Seen) -> bool,
    mut found: impl FnMut(usize, &[&Seen]),
) {
    let mut start = 0;
    for run in seen.chunk_by(|a, b| member(a) == member(b)) {
        if run.len() >= RUN && member(run[0]) {
            found(start, run);
        }
        start += run.len();
    }
}
