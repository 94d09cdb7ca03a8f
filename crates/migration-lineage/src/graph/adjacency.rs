//! Which edges begin or end at a node, without a list of its own for every node.

use hashbrown::HashMap;

use super::edge::EdgeKind;

/// One end of an edge as seen from the other: the neighbour and the edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) node: u32,
    pub(super) edge: u32,
    /// The edge's kind, so that a walk along some kinds need not look at the edges themselves.
    pub(super) kind: EdgeKind,
}

/// The links of all nodes in one direction: those of a node side by side (compressed sparse rows), and the newest apart
/// until there are enough to be worth sorting them in.
#[derive(Debug, Clone, Default)]
pub(super) struct Adjacency {
    /// Where in `links` a node's begin; its last entry is the number of links. Nodes beyond it have recent ones at most.
    starts: Vec<u32>,
    links: Vec<Link>,
    recent: HashMap<u32, Vec<Link>>,
    recent_links: usize,
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
        let mut links = vec![Link { node: 0, edge: 0, kind: EdgeKind::Identity }; edges];
        for edge in 0..edges {
            let (node, link) = ends(edge);
            let place = &mut next[node as usize];
            links[*place as usize] = link;
            *place += 1;
        }
        Self { starts, links, recent: HashMap::new(), recent_links: 0 }
    }

    /// Adds a link of a new edge.
    pub(super) fn push(&mut self, node: u32, link: Link) {
        self.recent.entry(node).or_default().push(link);
        self.recent_links += 1;
    }

    /// Whether so many links are recent that all should be sorted in; each edge is sorted a fixed number of times at most.
    pub(super) fn is_untidy(&self) -> bool {
        self.recent_links > FEW.max(self.links.len() / 4)
    }

    /// The links of a node, oldest first.
    pub(super) fn of(&self, node: u32) -> impl Iterator<Item = Link> + '_ {
        let [sorted, recent] = self.parts(node);
        sorted.iter().chain(recent).copied()
    }

    /// The same in two parts, of which the second is mostly empty: for walks over very many nodes.
    #[inline]
    pub(super) fn parts(&self, node: u32) -> [&[Link]; 2] {
        let index = node as usize;
        let sorted = match (self.starts.get(index), self.starts.get(index + 1)) {
            (Some(start), Some(end)) => &self.links[*start as usize..*end as usize],
            _ => &[],
        };
        let recent = if self.recent_links == 0 { None } else { self.recent.get(&node) };
        [sorted, recent.map(Vec::as_slice).unwrap_or_default()]
    }
}
