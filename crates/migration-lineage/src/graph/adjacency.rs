//! Which edges begin or end at a node, without a list of its own for every node.

use std::ops::Range;

use hashbrown::HashMap;

use super::edge::{EdgeKind, EdgeKinds};

/// One end of an edge as seen from the other: the neighbour and the edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) node: u32,
    pub(super) edge: u32,
    /// The edge's kind, so that a walk along some kinds need not look at the edges themselves.
    pub(super) kind: EdgeKind,
}

/// A link but for its kind, as small as it gets: a walk over very many waits for memory more than for anything else.
#[derive(Debug, Clone, Copy)]
struct End {
    node: u32,
    edge: u32,
}

/// The links of all nodes in one direction: those of a node side by side (compressed sparse rows), and the newest apart
/// until there are enough to be worth sorting them in.
#[derive(Debug, Clone, Default)]
pub(super) struct Adjacency {
    /// Where in `ends` a node's begin; its last entry is the number of links. Nodes beyond it have recent ones at most.
    starts: Vec<u32>,
    ends: Vec<End>,
    /// The kinds of the same links.
    kinds: Vec<EdgeKind>,
    recent: HashMap<u32, Vec<Link>>,
    recent_links: usize,
    /// The kinds that there are.
    any: EdgeKinds,
}

/// So many recent links are never worth sorting in.
const FEW: usize = 4096;

impl Adjacency {
    /// Sorts all links in: `ends` gives the node and the link of every edge.
    pub(super) fn build(nodes: usize, edges: usize, ends: impl Fn(usize) -> (u32, Link)) -> Self {
        let mut starts = vec![0u32; nodes + 1];
        for edge in 0..edges {
            starts[ends(edge).0 as usize + 1] += 1;
        }
        for node in 1..starts.len() {
            starts[node] += starts[node - 1];
        }
        let mut next = starts.clone();
        let mut sorted = vec![End { node: 0, edge: 0 }; edges];
        let mut kinds = vec![EdgeKind::Use; edges];
        let mut any = EdgeKinds::NONE;
        for edge in 0..edges {
            let (node, link) = ends(edge);
            let place = &mut next[node as usize];
            sorted[*place as usize] = End { node: link.node, edge: link.edge };
            kinds[*place as usize] = link.kind;
            any = any.with(link.kind);
            *place += 1;
        }
        Self { starts, ends: sorted, kinds, recent: HashMap::new(), recent_links: 0, any }
    }

    /// Adds a link of a new edge.
    pub(super) fn push(&mut self, node: u32, link: Link) {
        self.recent.entry(node).or_default().push(link);
        self.recent_links += 1;
        self.any = self.any.with(link.kind);
    }

    /// The kinds that links are of.
    pub(super) fn kinds(&self) -> EdgeKinds {
        self.any
    }

    /// Whether so many links are recent that all should be sorted in; each edge is sorted a fixed number of times at most.
    pub(super) fn is_untidy(&self) -> bool {
        self.recent_links > FEW.max(self.ends.len() / 4)
    }

    /// The links of a node, oldest first.
    pub(super) fn of(&self, node: u32) -> impl Iterator<Item = Link> + '_ {
        let sorted = self.sorted(node);
        let kinds = &self.kinds[sorted.clone()];
        let sorted = self.ends[sorted].iter().zip(kinds);
        sorted
            .map(|(end, kind)| Link { node: end.node, edge: end.edge, kind: *kind })
            .chain(self.recent(node).iter().copied())
    }

    /// How many links of a node are sorted in.
    #[inline]
    pub(super) fn sorted_count(&self, node: u32) -> usize {
        self.sorted(node).len()
    }

    /// The links of a node that are sorted in: what [`Adjacency::of`] begins with, for walks over very many nodes.
    #[inline]
    pub(super) fn each_sorted(&self, node: u32, mut take: impl FnMut(Link)) {
        let sorted = self.sorted(node);
        for (end, kind) in self.ends[sorted.clone()].iter().zip(&self.kinds[sorted]) {
            take(Link { node: end.node, edge: end.edge, kind: *kind });
        }
    }

    /// The links of a node that are not yet sorted in: what [`Adjacency::of`] ends with.
    #[inline]
    pub(super) fn recent(&self, node: u32) -> &[Link] {
        let recent = if self.recent_links == 0 { None } else { self.recent.get(&node) };
        recent.map(Vec::as_slice).unwrap_or_default()
    }

    #[inline]
    fn sorted(&self, node: u32) -> Range<usize> {
        let index = node as usize;
        match (self.starts.get(index), self.starts.get(index + 1)) {
            (Some(start), Some(end)) => *start as usize..*end as usize,
            _ => 0..0,
        }
    }
}
