//! The walk behind every query: breadth first, level by level.

use super::LineageGraph;
use super::adjacency::{Adjacency, Link};
use super::edge::EdgeId;
use super::node::NodeId;
use super::query::{Query, Reached};

impl LineageGraph {
    /// What is reached, nearest first, up to the end of the first level that is `enough`.
    pub(super) fn walk(
        &self,
        from: &[NodeId],
        query: &Query,
        enough: impl Fn(&[Reached]) -> bool,
    ) -> Vec<Reached> {
        let adjacency = self.adjacency(query);
        let walk = Walk { adjacency, visited: Visited::new(self.nodes.len()), found: Vec::new() };
        let every_kind = query.kinds.contains_all(adjacency.kinds());
        if every_kind && query.as_of.is_none_or(|at| self.unchanged.contains(at)) {
            walk.run(from, query.depth, |_| true, enough)
        } else {
            walk.run(from, query.depth, |link| self.follows(&link, query), enough)
        }
    }
}

struct Walk<'a> {
    adjacency: &'a Adjacency,
    visited: Visited,
    found: Vec<Reached>,
}

impl Walk<'_> {
    fn run(
        mut self,
        from: &[NodeId],
        depth: Option<u32>,
        follows: impl Fn(Link) -> bool,
        enough: impl Fn(&[Reached]) -> bool,
    ) -> Vec<Reached> {
        let mut level: Vec<u32> = Vec::with_capacity(from.len());
        level.extend(from.iter().map(|node| node.0).filter(|node| self.visited.insert(*node, true)));
        let mut distance = 0;
        while !level.is_empty() && depth.is_none_or(|depth| distance < depth) {
            distance += 1;
            let before = self.found.len();
            self.step(&level, distance, &follows);
            if enough(&self.found[before..]) {
                break;
            }
            level.clear();
            level.extend(self.found[before..].iter().map(|reached| reached.node.0));
        }
        self.found
    }

    /// Finds what is one edge further.
    ///
    /// Whether a node is new can't be foretold, so nothing branches on it: each link is written down, and stays if it led to
    /// a new node; else the next takes its place.
    fn step(&mut self, level: &[u32], distance: u32, follows: impl Fn(Link) -> bool) {
        const BLANK: Reached = Reached { node: NodeId(0), distance: 0, edge: EdgeId(0) };
        let Self { adjacency, visited, found } = self;
        let mut len = found.len();
        let sorted: usize = level.iter().map(|node| adjacency.sorted_count(*node)).sum();
        found.resize(len + sorted, BLANK);
        for node in level {
            let recent = adjacency.recent(*node);
            if !recent.is_empty() {
                found.resize(found.len() + recent.len(), BLANK);
            }
            let mut take = |link: Link| {
                found[len] = Reached { node: NodeId(link.node), distance, edge: EdgeId(link.edge) };
                len += usize::from(visited.insert(link.node, follows(link)));
            };
            adjacency.each_sorted(*node, &mut take);
            recent.iter().copied().for_each(take);
        }
        self.found.truncate(len);
    }
}

/// A set of nodes as one bit each.
struct Visited(Vec<u64>);

impl Visited {
    fn new(nodes: usize) -> Self {
        Self(vec![0; nodes.div_ceil(64)])
    }

    /// Adds a node if it is `wanted`; whether it was and is new.
    #[inline]
    fn insert(&mut self, node: u32, wanted: bool) -> bool {
        let word = &mut self.0[node as usize / 64];
        let before = *word;
        *word |= u64::from(wanted) << (node % 64);
        *word != before
    }
}
