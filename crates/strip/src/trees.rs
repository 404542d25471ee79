//! Boosted trees, read from a text that a person can read too.

use std::ops::Range;

use fearless_simd::prelude::*;
use fearless_simd::{Level, dispatch, f32x16, u32x16};
use hashbrown::HashMap;

use crate::Error;
use crate::features::Sink;

/// Lines that are scored together.
pub(crate) const LANES: usize = 16;
/// Most leaves of a tree: each is a bit of a word.
const LEAVES: usize = 32;

/// The group of a feature: what stands before the dot of its name.
pub(crate) fn group_of(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}

/// An ensemble of binary trees; the sum of the leaves is a log-odds.
///
/// No tree is walked to score a line. Its leaves are numbered from left to right; every split that
/// sends the line to the right crosses out the leaves on its left, and the first leaf that is left
/// over is the line's (Lucchese et al. 2015, QuickScorer). There is nothing to guess or to wait for,
/// and the [`LANES`] are vectors of whatever width the processor has.
#[derive(Debug)]
pub(crate) struct Trees {
    level: Level,
    trees: Vec<Tree>,
    splits: Vec<Split>,
    /// The splits on each feature that all lines of a page share, and the tree of each: from the
    /// lowest threshold to the highest.
    shared: Vec<Vec<(u16, Split)>>,
    /// For each of the [`LEAVES`] of each tree, by how much the groups of features moved the score on
    /// the way to it; longer ways go on in `more`.
    ways: Vec<Steps>,
    more: Vec<Steps>,
}

/// By how much each group of features moved a score; the last eight are nobody's.
pub(crate) type Moved = [f32; 256];
/// Groups of steps that lead nowhere: not one for all, which would have to wait for each other.
const NOBODY: [u8; 8] = [248, 249, 250, 251, 252, 253, 254, 255];

/// Steps on the way to a leaf, each of another group. Nearly every way is one of these, which leaves
/// the processor nothing to guess.
#[derive(Debug, Clone, Copy)]
struct Steps {
    groups: [u8; 8],
    by: [f32; 8],
    /// Where the way goes on, from 1; 0: it ends.
    next: u32,
}

#[derive(Debug)]
struct Tree {
    splits: Range<usize>,
    leaves: [f32; LEAVES],
}

#[derive(Debug, Clone, Copy)]
struct Split {
    feature: u16,
    threshold: f32,
    /// The leaves that are left over when a line's feature is above the threshold.
    above: u32,
}

/// Up to [`LANES`] lines: their features, and where the trees put them.
#[derive(Debug)]
pub(crate) struct Block {
    features: Vec<[f32; LANES]>,
    /// For each tree, the leaves that are left over for all lines of the page.
    shared: Vec<u32>,
    /// For each tree of the ensemble that was asked last, the leaves that are left over.
    open: Vec<[u32; LANES]>,
}

impl Block {
    /// Room for lines of `features` numbers.
    pub(crate) fn new(features: usize) -> Self {
        let features = vec![[0.0; LANES]; features];
        Self { features, shared: Vec::new(), open: Vec::new() }
    }

    /// Takes the features of a line.
    pub(crate) fn lane(&mut self, lane: usize) -> Lane<'_> {
        Lane { columns: self.features.iter_mut(), lane }
    }

    /// The leaf of a line in each tree.
    pub(crate) fn leaves(&self, lane: usize) -> impl Iterator<Item = u8> {
        self.open.iter().map(move |open| leaf(open[lane]) as u8)
    }
}

/// The features of one of the lines.
pub(crate) struct Lane<'a> {
    columns: std::slice::IterMut<'a, [f32; LANES]>,
    lane: usize,
}

impl Sink for Lane<'_> {
    fn put(&mut self, _: impl FnOnce() -> String, value: f32) {
        if let Some(column) = self.columns.next() {
            column[self.lane % LANES] = value;
        }
    }
}

impl Trees {
    /// Reads an ensemble on features of lines and features that the lines of a page share, by their
    /// names. Their groups are all among `groups`, of which no more than 248 can be told apart.
    ///
    /// A tree is a line `tree` and then its nodes, one a line, numbered from 0: `feature threshold
    /// left right value` or `leaf value`. Lines with `#` are comments. A line goes left when its
    /// feature is at most the threshold; `value` is the mean score of the lines that come to a node.
    pub(crate) fn parse(
        text: &str,
        [own, shared]: [&[String]; 2],
        groups: &[String],
    ) -> Result<Self, Error> {
        if groups.len() > usize::from(NOBODY[0]) {
            return Err(Error::Model { message: format!("{} groups of features", groups.len()) });
        }
        let group = |name: &str| groups.iter().position(|group| group == group_of(name));
        let places: HashMap<&str, (u16, u8)> = (0u16..)
            .zip(own.iter().chain(shared))
            .filter_map(|(i, name)| Some((name.as_str(), (i, group(name)? as u8))))
            .collect();
        let mut out = Self {
            level: Level::new(),
            trees: Vec::new(),
            splits: Vec::new(),
            shared: vec![Vec::new(); shared.len()],
            ways: Vec::new(),
            more: Vec::new(),
        };
        let mut nodes: Vec<Vec<&str>> = Vec::new();
        for line in text.lines().chain(["tree"]).filter(|line| !line.starts_with('#')) {
            if line != "tree" {
                nodes.push(line.split(' ').collect());
            } else if !nodes.is_empty() {
                let mut planting = Planting {
                    nodes: &nodes,
                    places: &places,
                    splits: Vec::with_capacity(LEAVES),
                    leaves: Vec::with_capacity(LEAVES),
                    way: Vec::new(),
                    ways: &mut out.ways,
                    more: &mut out.more,
                };
                let message = format!(
                    "tree {} is not a binary tree of at most {LEAVES} leaves",
                    out.trees.len()
                );
                planting.grow(0).ok_or(Error::Model { message })?;
                let mut leaves = [0.0; LEAVES];
                leaves[..planting.leaves.len()].copy_from_slice(&planting.leaves);
                let from = out.splits.len();
                for split in planting.splits {
                    match usize::from(split.feature).checked_sub(own.len()) {
                        None => out.splits.push(split),
                        Some(feature) => out.shared[feature].push((out.trees.len() as u16, split)),
                    }
                }
                out.trees.push(Tree { splits: from..out.splits.len(), leaves });
                out.ways.resize(out.trees.len() * LEAVES, Steps::END);
                nodes.clear();
            }
        }
        for splits in &mut out.shared {
            splits.sort_by(|(_, a), (_, b)| a.threshold.total_cmp(&b.threshold));
        }
        Ok(out)
    }

    /// How many trees there are.
    pub(crate) fn len(&self) -> usize {
        self.trees.len()
    }

    /// Begins with a page whose lines have these `shared` features.
    pub(crate) fn begin(&self, block: &mut Block, shared: &[f32]) {
        block.open.resize(self.trees.len(), [0; LANES]);
        block.shared.clear();
        block.shared.resize(self.trees.len(), u32::MAX);
        for (splits, &value) in self.shared.iter().zip(shared) {
            for (tree, split) in splits.iter().take_while(|(_, split)| value > split.threshold) {
                block.shared[usize::from(*tree)] &= split.above;
            }
        }
    }

    /// Adds up the trees for each line of `block`.
    pub(crate) fn score(&self, block: &mut Block) -> [f32; LANES] {
        dispatch!(self.level, simd => self.score_with(simd, block))
    }

    #[inline(always)] // into the code for the processor at hand
    fn score_with<S: Simd>(&self, simd: S, block: &mut Block) -> [f32; LANES] {
        for ((tree, &shared), out) in self.trees.iter().zip(&block.shared).zip(&mut block.open) {
            let mut open = u32x16::splat(simd, shared);
            for split in &self.splits[tree.splits.clone()] {
                let column: f32x16<S> = block.features[usize::from(split.feature)].simd_into(simd);
                let above = column.simd_gt(f32x16::splat(simd, split.threshold));
                open = above.select(open & u32x16::splat(simd, split.above), open);
            }
            *out = open.into();
        }
        let mut scores = [0.0; LANES];
        for (tree, open) in self.trees.iter().zip(&block.open) {
            for (score, &open) in scores.iter_mut().zip(open) {
                *score += tree.leaves[leaf(open)];
            }
        }
        scores
    }

    /// Adds up, for each line, by how much each group of features moved its score; `leaves` are those
    /// of the first line, one of each tree, then those of the next.
    pub(crate) fn explain(&self, leaves: &[u8], moved: &mut [Moved]) {
        for (tree, ways) in self.ways.chunks_exact(LEAVES).enumerate() {
            for (leaves, moved) in leaves.chunks_exact(self.trees.len()).zip(&mut *moved) {
                let mut steps = &ways[usize::from(leaves[tree]) % LEAVES];
                loop {
                    for (group, by) in steps.groups.into_iter().zip(steps.by) {
                        moved[usize::from(group)] += by;
                    }
                    match steps.next {
                        0 => break,
                        next => steps = &self.more[next as usize - 1],
                    }
                }
            }
        }
    }
}

impl Steps {
    const END: Self = Self { groups: NOBODY, by: [0.0; 8], next: 0 };

    /// The first steps of a `way`, and the others in `more`.
    fn new(way: &[(u8, f32)], more: &mut Vec<Self>) -> Self {
        let (first, rest) = way.split_at(way.len().min(8));
        let mut steps = Self::END;
        for (i, &(group, by)) in first.iter().enumerate() {
            (steps.groups[i], steps.by[i]) = (group, by);
        }
        if !rest.is_empty() {
            let rest = Self::new(rest, more);
            more.push(rest);
            steps.next = more.len() as u32;
        }
        steps
    }
}

/// The first leaf that is left over; one always is.
fn leaf(open: u32) -> usize {
    open.trailing_zeros() as usize % LEAVES
}

/// A tree on its way from text to masks.
struct Planting<'a> {
    nodes: &'a [Vec<&'a str>],
    /// The number and the group of each feature.
    places: &'a HashMap<&'a str, (u16, u8)>,
    splits: Vec<Split>,
    leaves: Vec<f32>,
    /// The steps that lead to the node.
    way: Vec<(u8, f32)>,
    ways: &'a mut Vec<Steps>,
    more: &'a mut Vec<Steps>,
}

impl Planting<'_> {
    /// Numbers the leaves below a node from left to right. None when it is not a tree, or too large:
    /// it ends at the first leaf too many.
    fn grow(&mut self, node: usize) -> Option<()> {
        match *self.nodes.get(node)?.as_slice() {
            ["leaf", value] if self.leaves.len() < LEAVES => {
                self.leaves.push(value.parse().ok()?);
                let mut moved: Vec<(u8, f32)> = Vec::new();
                for &(group, by) in &self.way {
                    match moved.iter_mut().find(|step| step.0 == group) {
                        Some(step) => step.1 += by,
                        None => moved.push((group, by)),
                    }
                }
                self.ways.push(Steps::new(&moved, self.more));
            }
            [feature, threshold, left, right, value] => {
                let (feature, group) = *self.places.get(feature)?;
                let at = self.splits.len();
                self.splits.push(Split {
                    feature,
                    threshold: threshold.parse().ok()?,
                    above: u32::MAX,
                });
                let value: f32 = value.parse().ok()?;
                let from = self.leaves.len();
                for (side, child) in [left, right].into_iter().enumerate() {
                    if side == 1 {
                        self.splits[at].above = !(below(self.leaves.len()) & !below(from));
                    }
                    let child: usize = child.parse().ok()?;
                    // Children stand below their parent, so a way down always ends.
                    if child <= node {
                        return None;
                    }
                    let mean: f32 = self.nodes.get(child)?.last()?.parse().ok()?;
                    self.way.push((group, mean - value));
                    self.grow(child)?;
                    self.way.pop();
                }
            }
            _ => return None,
        }
        Some(())
    }
}

/// The lowest `n` bits.
fn below(n: usize) -> u32 {
    u32::MAX.checked_shl(n as u32).map_or(u32::MAX, |above| !above)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, Clone)]
    enum Node {
        Leaf(i8),
        Split(usize, i8, Box<[Node; 2]>),
    }

    impl Node {
        fn write(&self, lines: &mut Vec<String>) -> usize {
            let at = lines.len();
            lines.push(String::new());
            lines[at] = match self {
                Self::Leaf(value) => format!("leaf {value}"),
                Self::Split(feature, threshold, children) => {
                    let [left, right] = children.each_ref().map(|child| child.write(lines));
                    format!("g{feature}.f {threshold} {left} {right} 0")
                }
            };
            at
        }

        fn walk(&self, line: &[i8]) -> i8 {
            match self {
                Self::Leaf(value) => *value,
                Self::Split(feature, threshold, children) => {
                    children[usize::from(line[*feature] > *threshold)].walk(line)
                }
            }
        }
    }

    fn node() -> impl Strategy<Value = Node> {
        any::<i8>().prop_map(Node::Leaf).prop_recursive(5, 31, 2, |inner| {
            (0..3usize, any::<i8>(), [inner.clone(), inner]).prop_map(
                |(feature, threshold, children)| {
                    Node::Split(feature, threshold, Box::new(children))
                },
            )
        })
    }

    /// Trees on two features of lines and one that they share.
    fn parse(text: &str) -> Result<Trees, Error> {
        let names = [0, 1, 2].map(|i| format!("g{i}.f"));
        let groups = names.each_ref().map(|name| group_of(name).to_owned());
        Trees::parse(text, [&names[..2], &names[2..]], &groups)
    }

    proptest! {
        #[test]
        fn masks_lead_where_a_walk_leads(
            trees in prop::collection::vec(node(), 1..4),
            lines in any::<[[i8; 2]; LANES]>(),
            shared in any::<i8>(),
        ) {
            let mut text = String::new();
            for tree in &trees {
                let mut nodes = Vec::new();
                tree.write(&mut nodes);
                text += &format!("tree\n{}\n", nodes.join("\n"));
            }
            let ensemble = parse(&text).expect("a model");
            let mut block = Block::new(2);
            ensemble.begin(&mut block, &[f32::from(shared)]);
            for (lane, line) in lines.iter().enumerate() {
                let mut sink = block.lane(lane);
                line.iter().for_each(|&value| sink.put(String::new, f32::from(value)));
            }
            let scores = ensemble.score(&mut block);
            let leaves: Vec<u8> = (0..LANES).flat_map(|lane| block.leaves(lane)).collect();
            let mut moved = [[0.0; 256]; LANES];
            ensemble.explain(&leaves, &mut moved);
            for ((line, score), moved) in lines.iter().zip(scores).zip(moved) {
                let line = [line[0], line[1], shared];
                let sum: i32 = trees.iter().map(|tree| i32::from(tree.walk(&line))).sum();
                prop_assert_eq!(score, sum as f32);
                // The values of inner nodes are 0 here, so all that was moved is the score.
                let split = trees.iter().filter(|tree| matches!(tree, Node::Split(..)));
                let sum: i32 = split.map(|tree| i32::from(tree.walk(&line))).sum();
                prop_assert_eq!(moved.iter().sum::<f32>(), sum as f32);
            }
        }
    }

    #[test]
    fn damaged_trees_are_errors() {
        let comb: Vec<String> =
            (0..LEAVES).map(|i| format!("g0.f 0 {} {} 0\nleaf 1", 2 * i + 1, 2 * i + 2)).collect();
        for text in [
            "tree\ng0.f 0 0 0 0",
            "tree\ng0.f 0 1 9 0\nleaf 1",
            "tree\ng9.f 0 1 2 0\nleaf 1\nleaf 2",
            "tree\ng0.f x 1 2 0\nleaf 1\nleaf 2",
            "tree\nleaf",
            "tree\n\n",
            &format!("tree\n{}\nleaf 1", comb.join("\n")),
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
