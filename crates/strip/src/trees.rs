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

/// The names of the features that an ensemble reads.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// Of a line.
    pub(crate) line: Vec<String>,
    /// Sets of a line's features, each with its value on all lines of a page that has nothing of the
    /// set: most pages have little of few.
    pub(crate) sets: Vec<Vec<(String, f32)>>,
    /// That the lines of a page share.
    pub(crate) page: Vec<String>,
}

impl Names {
    pub(crate) fn all(&self) -> impl Iterator<Item = &String> {
        let sets = self.sets.iter().flatten().map(|(name, _)| name);
        self.line.iter().chain(sets).chain(&self.page)
    }
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
    /// How many features of lines there are before those of sets.
    features: usize,
    sets: Vec<Set>,
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

/// Splits on the features of a set.
#[derive(Debug)]
struct Set {
    features: usize,
    /// Each with its tree; features are counted from the set's first.
    splits: Vec<(u16, Split)>,
    /// For pages that have nothing of the set: trees, and the leaves that are left over.
    without: Vec<(u16, u32)>,
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
    /// The sets of which the page has something: their features follow on those of lines.
    sets: Vec<usize>,
    /// For each tree, the leaves that are left over for all lines of the page.
    shared: Vec<u32>,
    /// For each tree of the ensemble that was asked last, the leaves that are left over.
    open: Vec<[u32; LANES]>,
}

impl Block {
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
    /// Reads an ensemble on features with these names. Their groups are all among `groups`, of which no
    /// more than 248 can be told apart.
    ///
    /// A tree is a line `tree` and then its nodes, one a line, numbered from 0: `feature threshold
    /// left right value` or `leaf value`. Lines with `#` are comments. A line goes left when its
    /// feature is at most the threshold; `value` is the mean score of the lines that come to a node.
    pub(crate) fn parse(text: &str, names: &Names, groups: &[String]) -> Result<Self, Error> {
        if groups.len() > usize::from(NOBODY[0]) {
            return Err(Error::Model { message: format!("{} groups of features", groups.len()) });
        }
        let group = |name: &str| groups.iter().position(|group| group == group_of(name));
        let places: HashMap<&str, (u16, u8)> = (0u16..)
            .zip(names.all())
            .filter_map(|(i, name)| Some((name.as_str(), (i, group(name)? as u8))))
            .collect();
        // The set of each feature of a set, and its place there.
        let in_sets: Vec<(usize, u16)> = (0..)
            .zip(&names.sets)
            .flat_map(|(set, features)| (0..).zip(features).map(move |(i, _)| (set, i)))
            .collect();
        let mut out = Self {
            level: Level::new(),
            trees: Vec::new(),
            splits: Vec::new(),
            shared: vec![Vec::new(); names.page.len()],
            features: names.line.len(),
            sets: Vec::new(),
            ways: Vec::new(),
            more: Vec::new(),
        };
        for features in &names.sets {
            let (splits, without) = (Vec::new(), Vec::new());
            out.sets.push(Set { features: features.len(), splits, without });
        }
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
                let tree = out.trees.len() as u16;
                for mut split in planting.splits {
                    let Some(feature) = usize::from(split.feature).checked_sub(out.features) else {
                        out.splits.push(split);
                        continue;
                    };
                    match in_sets.get(feature) {
                        None => out.shared[feature - in_sets.len()].push((tree, split)),
                        Some(&(set, feature)) => {
                            split.feature = feature;
                            out.sets[set].splits.push((tree, split));
                        }
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
        for (set, features) in out.sets.iter_mut().zip(&names.sets) {
            let above = |split: &Split| features[usize::from(split.feature)].1 > split.threshold;
            for (tree, split) in set.splits.iter().filter(|(_, split)| above(split)) {
                match set.without.last_mut() {
                    Some((last, open)) if last == tree => *open &= split.above,
                    _ => set.without.push((*tree, split.above)),
                }
            }
        }
        Ok(out)
    }

    /// How many trees there are.
    pub(crate) fn len(&self) -> usize {
        self.trees.len()
    }

    /// Room for lines.
    pub(crate) fn block(&self) -> Block {
        let features = self.features + self.sets.iter().map(|set| set.features).sum::<usize>();
        let features = vec![[0.0; LANES]; features];
        Block { features, sets: Vec::new(), shared: Vec::new(), open: Vec::new() }
    }

    /// Begins with a page whose lines have these `shared` features, and something of these `sets`.
    pub(crate) fn begin(&self, block: &mut Block, shared: &[f32], sets: &[usize]) {
        block.open.resize(self.trees.len(), [0; LANES]);
        block.shared.clear();
        block.shared.resize(self.trees.len(), u32::MAX);
        for (splits, &value) in self.shared.iter().zip(shared) {
            for (tree, split) in splits.iter().take_while(|(_, split)| value > split.threshold) {
                block.shared[usize::from(*tree)] &= split.above;
            }
        }
        block.sets.clear();
        block.sets.extend(sets);
        let mut sets = sets.iter().peekable();
        for (i, set) in self.sets.iter().enumerate() {
            if sets.next_if_eq(&&i).is_none() {
                for &(tree, open) in &set.without {
                    block.shared[usize::from(tree)] &= open;
                }
            }
        }
    }

    /// Adds up the trees for each line of `block`.
    pub(crate) fn score(&self, block: &mut Block) -> [f32; LANES] {
        dispatch!(self.level, simd => self.score_with(simd, block))
    }

    #[inline(always)] // into the code for the processor at hand
    fn score_with<S: Simd>(&self, simd: S, block: &mut Block) -> [f32; LANES] {
        let Block { features, sets, shared, open } = block;
        let (features, mut of_sets) = features.split_at(self.features);
        for ((tree, &shared), out) in self.trees.iter().zip(&*shared).zip(&mut *open) {
            let mut open = u32x16::splat(simd, shared);
            for split in &self.splits[tree.splits.clone()] {
                open = split.cross_out(simd, features, open);
            }
            *out = open.into();
        }
        for set in sets.iter().map(|&set| &self.sets[set]) {
            for (tree, split) in &set.splits {
                let open = &mut open[usize::from(*tree)];
                *open = split.cross_out(simd, of_sets, (*open).simd_into(simd)).into();
            }
            of_sets = &of_sets[set.features..];
        }
        let mut scores = [0.0; LANES];
        for (tree, open) in self.trees.iter().zip(open) {
            for (score, &mut open) in scores.iter_mut().zip(open) {
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

impl Split {
    /// What is left of the leaves that are `open` for each of the lines with these `features`.
    #[inline(always)] // into the code for the processor at hand
    fn cross_out<S: Simd>(&self, simd: S, features: &[[f32; LANES]], open: u32x16<S>) -> u32x16<S> {
        let column: f32x16<S> = features[usize::from(self.feature)].simd_into(simd);
        let above = column.simd_gt(f32x16::splat(simd, self.threshold));
        above.select(open & u32x16::splat(simd, self.above), open)
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
            (0..4usize, any::<i8>(), [inner.clone(), inner]).prop_map(
                |(feature, threshold, children)| {
                    Node::Split(feature, threshold, Box::new(children))
                },
            )
        })
    }

    /// What the lines of a page have that has nothing of the set.
    const WITHOUT: i8 = 7;

    /// Trees on two features of lines, sets of which the second has one, and one feature that lines
    /// share.
    fn parse(text: &str) -> Result<Trees, Error> {
        let [a, b, c, d] = [0, 1, 2, 3].map(|i| format!("g{i}.f"));
        let groups = [0, 1, 2, 3].map(|i| format!("g{i}"));
        let set = |name| vec![(name, f32::from(WITHOUT))];
        let sets = vec![set("h.f".to_owned()), set(c)];
        Trees::parse(text, &Names { line: vec![a, b], sets, page: vec![d] }, &groups)
    }

    proptest! {
        #[test]
        fn masks_lead_where_a_walk_leads(
            trees in prop::collection::vec(node(), 1..4),
            lines in any::<[[i8; 2]; LANES]>(),
            set in any::<Option<[i8; LANES]>>(),
            shared in any::<i8>(),
        ) {
            let mut text = String::new();
            for tree in &trees {
                let mut nodes = Vec::new();
                tree.write(&mut nodes);
                text += &format!("tree\n{}\n", nodes.join("\n"));
            }
            let ensemble = parse(&text).expect("a model");
            let mut block = ensemble.block();
            ensemble.begin(&mut block, &[f32::from(shared)], set.map_or(&[], |_| &[1]));
            let set = set.as_ref();
            for (lane, line) in lines.iter().enumerate() {
                let mut sink = block.lane(lane);
                let set = set.map(|values| values[lane]);
                line.iter().chain(&set).for_each(|&value| sink.put(String::new, f32::from(value)));
            }
            let scores = ensemble.score(&mut block);
            let leaves: Vec<u8> = (0..LANES).flat_map(|lane| block.leaves(lane)).collect();
            let mut moved = [[0.0; 256]; LANES];
            ensemble.explain(&leaves, &mut moved);
            for (lane, ((line, score), moved)) in lines.iter().zip(scores).zip(moved).enumerate() {
                let line = [line[0], line[1], set.map_or(WITHOUT, |set| set[lane]), shared];
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
