//! What is new and what is gone between two moments.

use super::LineageGraph;
use super::edge::EdgeId;
use super::node::NodeId;
use super::time::{Lifetime, Moment};

/// What changed from one moment to another, each list in the order of ids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct GraphDiff {
    /// Nodes that exist at the second moment only.
    pub added_nodes: Vec<NodeId>,
    /// Nodes that exist at the first moment only.
    pub removed_nodes: Vec<NodeId>,
    /// Edges that exist at the second moment only.
    pub added_edges: Vec<EdgeId>,
    /// Edges that exist at the first moment only.
    pub removed_edges: Vec<EdgeId>,
}

impl LineageGraph {
    /// What changed from one moment to another.
    #[must_use]
    pub fn diff(&self, from: Moment, to: Moment) -> GraphDiff {
        let gained = |lifetime: Lifetime| !lifetime.contains(from) && lifetime.contains(to);
        let lost = |lifetime: Lifetime| lifetime.contains(from) && !lifetime.contains(to);
        let nodes = |test: &dyn Fn(Lifetime) -> bool| {
            self.nodes().filter(|(_, node)| test(node.lifetime)).map(|(id, _)| id).collect()
        };
        let edges = |test: &dyn Fn(Lifetime) -> bool| {
            self.edges().filter(|(_, edge)| test(edge.lifetime)).map(|(id, _)| id).collect()
        };
        GraphDiff {
            added_nodes: nodes(&gained),
            removed_nodes: nodes(&lost),
            added_edges: edges(&gained),
            removed_edges: edges(&lost),
        }
    }
}
