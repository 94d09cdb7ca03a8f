//! The shortest way from one node to another.

use std::collections::HashMap;

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
        let mut last = HashMap::new();
        self.walk(&[from], query, |reached| {
            last.insert(reached.node, reached.edge);
            reached.node != to
        });
        let mut path = Vec::new();
        let mut node = to;
        while node != from {
            let id = *last.get(&node)?;
            path.push(id);
            let edge = self.edge(id);
            node = match query.direction {
                Direction::Upstream => edge.to,
                Direction::Downstream => edge.from,
            };
        }
        path.reverse();
        Some(path)
    }
}
