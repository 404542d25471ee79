//! What only the neighbours can tell: runs of links, runs of teasers, forms.

use crate::facts::{End, Facts};

/// Fewest lines that make a run.
const RUN: usize = 3;
/// Fewest words of an opening that is cut off.
const TEASER_WORDS: u16 = 6;

/// Runs of links: every line is an address and nothing else, or says `like_link` that it is as good
/// as one; most of them are bare domains or adorned with pictures. A list of deep links (references,
/// sources) is content.
pub(crate) fn link_runs(
    seen: &[&Facts],
    like_link: impl Fn(&Facts) -> bool,
    mut found: impl FnMut(usize),
) {
    for_runs(
        seen,
        |line| line.links.only() || like_link(line),
        |start, run| {
            let count = |of: &dyn Fn(&Facts) -> bool| {
                run.iter().filter(|line| like_link(line) || of(line)).count()
            };
            let known = count(&|line| line.links.known > 0);
            let bare = count(&|line| line.links.paths == 0 || line.picture);
            if known * 2 >= run.len() && bare * 3 >= run.len() * 2 {
                (start..start + run.len()).for_each(&mut found);
            }
        },
    );
}

/// Runs of openings of other pages: sentences that are cut off, below a text that is longer than
/// they are. On a page that is a list by nature they are the content.
pub(crate) fn teaser_runs(seen: &[&Facts], mut found: impl FnMut(usize)) {
    let chars = |lines: &[&Facts], of: fn(&Facts) -> bool| -> u64 {
        lines.iter().filter(|line| of(line)).map(|line| u64::from(line.chars)).sum()
    };
    let (mut prose, mut read) = (0, 0);
    for_runs(
        seen,
        |line| line.ends == End::Cut && line.words >= TEASER_WORDS && line.chars < 400,
        |start, run| {
            prose += chars(&seen[read..start], Facts::is_prose);
            read = start;
            if prose > chars(run, |_| true) {
                (start..start + run.len()).for_each(&mut found);
            }
        },
    );
}

/// Calls `found` with each run of at least [`RUN`] lines that are `member`s.
fn for_runs(
    seen: &[&Facts],
    member: impl Fn(&Facts) -> bool,
    mut found: impl FnMut(usize, &[&Facts]),
) {
    let mut start = 0;
    for run in seen.chunk_by(|a, b| member(a) == member(b)) {
        if run.len() >= RUN && member(run[0]) {
            found(start, run);
        }
        start += run.len();
    }
}
