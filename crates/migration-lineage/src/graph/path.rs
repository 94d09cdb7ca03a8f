//! The shortest way from one node to another.

use super::LineageGraph;
use super::edge::EdgeId;
use super::node::NodeId;
use super::query::{Direction, Query};

impl LineageGraph {
    /// The edges of a shortest way from one node to another as a query follows them; none if there is no way, no edges if
    /// both are the same.
    ///
    /// # Panics
    /// For an id that another graph gave out.
    #[must_use]
    pub fn shortest_path(&self, from: NodeId, to: NodeId, query: &Query) -> Option<Vec<EdgeId>> {
        if from == to {
            return Some(Vec::new());
        }
        let found = self.walk(&[from], query, |level| level.iter().any(|reached| reached.node == to));
        let mut path = Vec::new();
        let mut node = to;
        // What a node was reached from stands before it.
        for reached in found.iter().rev() {
            if reached.node == node {
                let edge = self.edge(reached.edge);
                path.push(reached.edge);
                node = match query.direction {
                    Direction::Upstream => edge.to,
                    Direction::Downstream => edge.from,
                };
            }
        }
        path.reverse();
        (node == from).then_some(path)
    }
}
