//! What a column was before, and what became of it.

use super::LineageGraph;
use super::edge::{EdgeKind, EdgeKinds};
use super::node::NodeId;
use super::query::Query;

/// A node in the history of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Past {
    /// Which.
    pub node: NodeId,
    /// How it came about: by a rename, a split or a merge; none where the history begins.
    pub by: Option<EdgeKind>,
}

impl LineageGraph {
    /// All that a node was and became through renames, splits and merges, itself included, in the order of time.
    ///
    /// # Panics
    /// For an id that another graph gave out.
    #[must_use]
    pub fn history(&self, node: NodeId) -> Vec<Past> {
        let successions = EdgeKinds::that(EdgeKind::is_succession);
        let before = self.reach(&[node], &Query::upstream().kinds(successions));
        let after = self.reach(&[node], &Query::downstream().kinds(successions));
        let mut nodes: Vec<NodeId> =
            before.iter().chain(&after).map(|reached| reached.node).chain([node]).collect();
        nodes.sort_unstable_by_key(|node| (self.get(*node).lifetime.since(), *node));
        nodes.dedup();
        let by = |node: &NodeId| {
            let made = self.incoming.of(node.0).map(|link| link.kind);
            made.filter(|kind| kind.is_succession()).min()
        };
        nodes.into_iter().map(|node| Past { node, by: by(&node) }).collect()
    }
}
