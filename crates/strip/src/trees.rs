//! Boosted trees, read from a text that a person can read too.

use std::ops::Range;

use hashbrown::HashMap;

use crate::Error;
use crate::features::Sink;

/// Lines that are scored together.
pub(crate) const LANES: usize = 8;
/// Most leaves of a tree: each is a bit of a word.
const LEAVES: usize = 32;

/// The features that trees may ask for.
#[derive(Debug)]
pub(crate) struct Names {
    names: Vec<String>,
    /// The group of each feature: what stands before the dot of its name.
    group_of: Vec<u16>,
}

impl Names {
    /// Numbers the groups by their place in `groups`, and adds those that are new.
    pub(crate) fn new(names: Vec<String>, groups: &mut Vec<String>) -> Self {
        let mut group = |name: &str| {
            let group = name.split('.').next().unwrap_or(name);
            let known = groups.iter().position(|known| known == group);
            known.unwrap_or_else(|| {
                groups.push(group.to_owned());
                groups.len() - 1
            }) as u16
        };
        Self { group_of: names.iter().map(|name| group(name)).collect(), names }
    }

    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }
}

/// An ensemble of binary trees; the sum of the leaves is a log-odds.
///
/// No tree is walked to score a line. Its leaves are numbered from left to right; every split that
/// sends the line to the right crosses out the leaves on its left, and the first leaf that is left
/// over is the line's (Lucchese et al. 2015, QuickScorer). There is nothing to guess or to wait for,
/// and the compiler makes vectors of the [`LANES`].
#[derive(Debug)]
pub(crate) struct Trees {
    trees: Vec<Tree>,
    splits: Vec<Split>,
    /// For each leaf of each tree, by how much the groups of features moved the score on the way to
    /// it: which of the `steps`.
    ways: Vec<Range<usize>>,
    steps: Vec<(u16, f32)>,
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
    /// For each tree of the ensemble that was asked last, the leaves that are left over.
    open: Vec<[u32; LANES]>,
}

impl Block {
    /// Room for lines of `features` numbers, of which the last are the `shared` ones.
    pub(crate) fn new(features: usize, shared: &[f32]) -> Self {
        let own = features.saturating_sub(shared.len());
        let mut columns = vec![[0.0; LANES]; own];
        columns.extend(shared.iter().map(|&value| [value; LANES]));
        Self { features: columns, open: Vec::new() }
    }

    /// Takes the features of a line.
    pub(crate) fn lane(&mut self, lane: usize) -> Lane<'_> {
        Lane { columns: self.features.iter_mut(), lane }
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
            column[self.lane] = value;
        }
    }
}

impl Trees {
    /// Reads an ensemble on the features `names`.
    ///
    /// A tree is a line `tree` and then its nodes, one a line, numbered from 0: `feature threshold
    /// left right value` or `leaf value`. Lines with `#` are comments. A line goes left when its
    /// feature is at most the threshold; `value` is the mean score of the lines that come to a node.
    pub(crate) fn parse(text: &str, names: &Names) -> Result<Self, Error> {
        let places = names.names.iter().enumerate();
        let places: HashMap<&str, usize> = places.map(|(i, name)| (name.as_str(), i)).collect();
        let mut out =
            Self { trees: Vec::new(), splits: Vec::new(), ways: Vec::new(), steps: Vec::new() };
        let mut nodes: Vec<Vec<&str>> = Vec::new();
        for line in text.lines().chain(["tree"]).filter(|line| !line.starts_with('#')) {
            if line != "tree" {
                nodes.push(line.split(' ').collect());
            } else if !nodes.is_empty() {
                let mut planting = Planting {
                    nodes: &nodes,
                    places: &places,
                    group_of: &names.group_of,
                    splits: &mut out.splits,
                    leaves: Vec::with_capacity(LEAVES),
                    way: Vec::new(),
                    ways: &mut out.ways,
                    steps: &mut out.steps,
                };
                let first = planting.splits.len();
                let message = format!(
                    "tree {} is not a binary tree of at most {LEAVES} leaves",
                    out.trees.len()
                );
                planting.grow(0).ok_or(Error::Model { message })?;
                let mut leaves = [0.0; LEAVES];
                leaves[..planting.leaves.len()].copy_from_slice(&planting.leaves);
                out.trees.push(Tree { splits: first..out.splits.len(), leaves });
                out.ways.resize(out.trees.len() * LEAVES, 0..0);
                nodes.clear();
            }
        }
        Ok(out)
    }

    /// Adds up the trees for each line of `block`.
    pub(crate) fn score(&self, block: &mut Block) -> [f32; LANES] {
        block.open.clear();
        let splits = self.trees.iter().map(|tree| &self.splits[tree.splits.clone()]);
        block.open.extend(splits.map(|splits| open(splits, &block.features)));
        let mut scores = [0.0; LANES];
        for (tree, open) in self.trees.iter().zip(&block.open) {
            for (score, &open) in scores.iter_mut().zip(open) {
                *score += tree.leaves[leaf(open)];
            }
        }
        scores
    }

    /// Adds up by how much each group of features moved the score of a line, which [`Self::score`]
    /// has just been asked for.
    pub(crate) fn explain(&self, block: &Block, lane: usize, moved: &mut [f32]) {
        for (tree, open) in block.open.iter().enumerate() {
            let way = &self.ways[tree * LEAVES + leaf(open[lane])];
            for &(group, by) in &self.steps[way.clone()] {
                moved[usize::from(group)] += by;
            }
        }
    }
}

/// For each line, the leaves that no split crosses out.
#[inline(never)] // inlined, the lanes become eight numbers instead of two vectors
fn open(splits: &[Split], columns: &[[f32; LANES]]) -> [u32; LANES] {
    let mut open = [u32::MAX; LANES];
    for split in splits {
        let column = &columns[usize::from(split.feature)];
        for (open, &value) in open.iter_mut().zip(column) {
            // Written without a choice, which would become a branch for every lane.
            let is_above = u32::from(value > split.threshold).wrapping_neg();
            *open &= split.above | !is_above;
        }
    }
    open
}

/// The first leaf that is left over.
fn leaf(open: u32) -> usize {
    open.trailing_zeros() as usize % LEAVES
}

/// A tree on its way from text to masks.
struct Planting<'a> {
    nodes: &'a [Vec<&'a str>],
    places: &'a HashMap<&'a str, usize>,
    group_of: &'a [u16],
    splits: &'a mut Vec<Split>,
    leaves: Vec<f32>,
    /// The steps that lead to the node.
    way: Vec<(u16, f32)>,
    ways: &'a mut Vec<Range<usize>>,
    steps: &'a mut Vec<(u16, f32)>,
}

impl Planting<'_> {
    /// Numbers the leaves below a node from left to right. None when it is not a tree, or too large:
    /// it ends at the first leaf too many.
    fn grow(&mut self, node: usize) -> Option<()> {
        match *self.nodes.get(node)?.as_slice() {
            ["leaf", value] if self.leaves.len() < LEAVES => {
                self.leaves.push(value.parse().ok()?);
                let from = self.steps.len();
                for &(group, by) in &self.way {
                    match self.steps[from..].iter_mut().find(|step| step.0 == group) {
                        Some(step) => step.1 += by,
                        None => self.steps.push((group, by)),
                    }
                }
                self.ways.push(from..self.steps.len());
            }
            [feature, threshold, left, right, value] => {
                let feature = *self.places.get(feature)?;
                let at = self.splits.len();
                self.splits.push(Split {
                    feature: u16::try_from(feature).ok()?,
                    threshold: threshold.parse().ok()?,
                    above: u32::MAX,
                });
                let value: f32 = value.parse().ok()?;
                let group = self.group_of[feature];
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

    fn names() -> Names {
        Names::new((0..3).map(|i| format!("g{i}.f")).collect(), &mut Vec::new())
    }

    proptest! {
        #[test]
        fn masks_lead_where_a_walk_leads(trees in prop::collection::vec(node(), 1..4), lines in any::<[[i8; 3]; LANES]>()) {
            let mut text = String::new();
            for tree in &trees {
                let mut nodes = Vec::new();
                tree.write(&mut nodes);
                text += &format!("tree\n{}\n", nodes.join("\n"));
            }
            let ensemble = Trees::parse(&text, &names()).expect("a model");
            let mut block = Block::new(3, &[]);
            for (lane, line) in lines.iter().enumerate() {
                let mut sink = block.lane(lane);
                line.iter().for_each(|&value| sink.put(String::new, f32::from(value)));
            }
            let scores = ensemble.score(&mut block);
            for (lane, (line, score)) in lines.iter().zip(scores).enumerate() {
                let sum: i32 = trees.iter().map(|tree| i32::from(tree.walk(line))).sum();
                prop_assert_eq!(score, sum as f32);
                // The values of inner nodes are 0 here, so all that was moved is the score.
                let mut moved = [0.0; 3];
                ensemble.explain(&block, lane, &mut moved);
                let split = trees.iter().filter(|tree| matches!(tree, Node::Split(..)));
                let sum: i32 = split.map(|tree| i32::from(tree.walk(line))).sum();
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
            assert!(Trees::parse(text, &names()).is_err(), "{text}");
        }
    }
}
