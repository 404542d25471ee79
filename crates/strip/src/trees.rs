//! Boosted trees, read from a text that a person can read too.

use hashbrown::HashMap;

use crate::Error;

/// Lines that are scored together, tree by tree, so that a tree stays in the cache.
pub(crate) const BATCH: usize = 128;

#[derive(Debug, Clone, Copy)]
struct Node {
    feature: u16,
    threshold: f32,
    /// Left (at most the threshold) and right: a node of the same tree, or `!leaf`.
    children: [i16; 2],
    /// Mean score of the lines that come here.
    value: f32,
}

#[derive(Debug, Default)]
struct Tree {
    nodes: Vec<Node>,
    leaves: Vec<f32>,
}

/// An ensemble of binary trees; the sum of the leaves is a log-odds.
#[derive(Debug)]
pub(crate) struct Trees {
    trees: Vec<Tree>,
    width: usize,
}

impl Trees {
    /// Reads an ensemble on the features `names`.
    ///
    /// A tree is a line `tree` and then its nodes, one a line, numbered from 0: `feature threshold
    /// left right value` or `leaf value`. Lines with `#` are comments.
    pub(crate) fn parse(text: &str, names: &[String]) -> Result<Self, Error> {
        let bad = |line: &str| Error::Model { message: format!("not a node: {line}") };
        let places = names.iter().enumerate().map(|(i, name)| (name.as_str(), i as u16));
        let places: HashMap<&str, u16> = places.collect();
        let mut raw: Vec<Vec<&str>> = Vec::new();
        let mut trees = Vec::new();
        for line in text.lines().chain(["tree"]).filter(|line| !line.starts_with('#')) {
            if line == "tree" {
                if !raw.is_empty() {
                    trees.push(Tree::new(&raw, &places).ok_or_else(|| bad(&raw[0].join(" ")))?);
                    raw.clear();
                }
            } else {
                raw.push(line.split(' ').collect());
            }
        }
        Ok(Self { trees, width: names.len() })
    }

    /// `rows` one by one.
    pub(crate) fn rows<'a>(&self, rows: &'a [f32]) -> impl Iterator<Item = &'a [f32]> {
        rows.chunks_exact(self.width)
    }

    /// Adds up the trees for each row of `rows`, which stand one after the other.
    pub(crate) fn score(&self, rows: &[f32], scores: &mut Vec<f32>) {
        scores.clear();
        scores.resize(rows.len() / self.width, 0.0);
        for tree in &self.trees {
            for (row, score) in self.rows(rows).zip(scores.iter_mut()) {
                *score += tree.leaf(row);
            }
        }
    }

    /// How much each feature moved the score of `row` on its way through the trees.
    pub(crate) fn explain(&self, row: &[f32]) -> Vec<f32> {
        let mut moved = vec![0.0; self.width];
        for tree in &self.trees {
            let mut at = 0;
            while let Some(node) = usize::try_from(at).ok().and_then(|at| tree.nodes.get(at)) {
                at = node.next(row);
                let value = match usize::try_from(at) {
                    Ok(inner) => tree.nodes[inner].value,
                    Err(_) => tree.leaves[!at as usize],
                };
                moved[node.feature as usize] += value - node.value;
            }
        }
        moved
    }
}

impl Node {
    fn next(&self, row: &[f32]) -> i16 {
        self.children[usize::from(row[self.feature as usize] > self.threshold)]
    }
}

impl Tree {
    fn new(raw: &[Vec<&str>], names: &HashMap<&str, u16>) -> Option<Self> {
        let mut tree = Self::default();
        // Where each line went: inner nodes and leaves are numbered apart.
        let mut places = Vec::with_capacity(raw.len());
        for line in raw {
            if let ["leaf", value] = line.as_slice() {
                places.push(!i16::try_from(tree.leaves.len()).ok()?);
                tree.leaves.push(value.parse().ok()?);
            } else {
                places.push(i16::try_from(tree.nodes.len()).ok()?);
                let [feature, threshold, _, _, value] = line.as_slice() else { return None };
                tree.nodes.push(Node {
                    feature: *names.get(feature)?,
                    threshold: threshold.parse().ok()?,
                    children: [0; 2],
                    value: value.parse().ok()?,
                });
            }
        }
        let mut inner = 0;
        for (i, line) in raw.iter().enumerate() {
            if let [_, _, left, right, _] = line.as_slice() {
                for (side, child) in [left, right].into_iter().enumerate() {
                    let child: usize = child.parse().ok()?;
                    // Children stand below their parent, so a walk always ends.
                    if child <= i {
                        return None;
                    }
                    tree.nodes[inner].children[side] = *places.get(child)?;
                }
                inner += 1;
            }
        }
        Some(tree)
    }

    fn leaf(&self, row: &[f32]) -> f32 {
        if self.nodes.is_empty() {
            return self.leaves[0];
        }
        let mut at = 0i16;
        while at >= 0 {
            at = self.nodes[at as usize].next(row);
        }
        self.leaves[!at as usize]
    }
}
