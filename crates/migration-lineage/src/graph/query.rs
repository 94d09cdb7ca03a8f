//! What is reached from where.

use super::edge::{EdgeId, EdgeKinds};
use super::node::{NodeId, NodeKind};
use super::time::Moment;
use super::{Adjacency, LineageGraph, Link};

/// Which way edges are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// To what something comes from.
    Upstream,
    /// To what comes from it.
    Downstream,
}

/// What is asked for: how far, along which edges, when.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Query {
    /// Which way.
    pub direction: Direction,
    /// Over how many edges at most; none for as far as they lead.
    pub depth: Option<u32>,
    /// Along which edges.
    pub kinds: EdgeKinds,
    /// As everything was at a moment; none for all that ever was.
    pub as_of: Option<Moment>,
}

impl Query {
    /// Everything that something comes from.
    #[must_use]
    pub fn upstream() -> Self {
        Self { direction: Direction::Upstream, depth: None, kinds: EdgeKinds::LINEAGE, as_of: None }
    }

    /// Everything that comes from it.
    #[must_use]
    pub fn downstream() -> Self {
        Self { direction: Direction::Downstream, ..Self::upstream() }
    }

    /// The same over so many edges at most.
    #[must_use]
    pub fn depth(mut self, depth: u32) -> Self {
        self.depth = Some(depth);
        self
    }

    /// The same along other edges.
    #[must_use]
    pub fn kinds(mut self, kinds: EdgeKinds) -> Self {
        self.kinds = kinds;
        self
    }

    /// The same as it was at a moment.
    #[must_use]
    pub fn as_of(mut self, moment: Moment) -> Self {
        self.as_of = Some(moment);
        self
    }
}

/// A node that was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// Which.
    pub node: NodeId,
    /// Over how many edges, on the shortest way.
    pub distance: u32,
    /// The last edge of that way.
    pub edge: EdgeId,
}

impl LineageGraph {
    /// Every node that is reached from some, nearest first, each once; of those at one distance in the order in which their
    /// edges were found, which is the same every time. The nodes to start from are not among them.
    ///
    /// # Panics
    /// For an id that another graph gave out.
    #[must_use]
    pub fn reach(&self, from: &[NodeId], query: &Query) -> Vec<Reached> {
        self.walk(from, query, |_| false)
    }

    /// The links of a node that a query follows.
    pub(super) fn links<'a>(&'a self, node: u32, query: &'a Query) -> impl Iterator<Item = Link> + 'a {
        self.adjacency(query).of(node).filter(|link| self.follows(link, query))
    }

    pub(super) fn adjacency(&self, query: &Query) -> &Adjacency {
        match query.direction {
            Direction::Upstream => &self.incoming,
            Direction::Downstream => &self.outgoing,
        }
    }

    pub(super) fn follows(&self, link: &Link, query: &Query) -> bool {
        let exists = |at| self.edges[link.edge as usize].lifetime.contains(at);
        query.kinds.contains(link.kind) && query.as_of.is_none_or(exists)
    }

    /// The nodes of some kind that nothing leads to: where data begins.
    pub fn roots(&self, kind: NodeKind, as_of: Option<Moment>) -> impl Iterator<Item = NodeId> + '_ {
        self.ends(kind, Direction::Upstream, as_of)
    }

    /// The nodes of some kind that lead to nothing: where data ends.
    pub fn leaves(&self, kind: NodeKind, as_of: Option<Moment>) -> impl Iterator<Item = NodeId> + '_ {
        self.ends(kind, Direction::Downstream, as_of)
    }

    fn ends(
        &self,
        kind: NodeKind,
        direction: Direction,
        as_of: Option<Moment>,
    ) -> impl Iterator<Item = NodeId> + '_ {
        let query = Query { direction, depth: None, kinds: EdgeKinds::LINEAGE, as_of };
        let here = move |node: &NodeId| {
            let data = self.get(*node);
            data.kind == kind
                && as_of.is_none_or(|at| data.lifetime.contains(at))
                && self.links(node.0, &query).next().is_none()
        };
        self.nodes().map(|(id, _)| id).filter(here)
    }
}
