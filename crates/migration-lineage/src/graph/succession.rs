//! The same thing under another name: what hangs on the old node goes over to the new one.

use super::LineageGraph;
use super::edge::{EdgeKind, LineageEdge};
use super::node::NodeId;
use super::time::Lifetime;
use crate::flow::Confidence;

impl LineageGraph {
    /// Says that nodes go by another name from now on, each with the node that takes its place. The edges that exist go over
    /// if `keep` holds for them, all but those to still older names, the properties too, and an edge [`EdgeKind::Rename`] leads from the old to the new.
    pub(super) fn succeed(
        &mut self,
        pairs: &[(NodeId, NodeId)],
        via: Option<NodeId>,
        keep: impl Fn(&Self, &LineageEdge) -> bool,
    ) {
        let moved = |node: NodeId| pairs.iter().find(|(old, _)| *old == node).map_or(node, |(_, new)| *new);
        let since = Lifetime::from(self.now());
        let mut edges: Vec<_> = pairs
            .iter()
            .flat_map(|(old, _)| self.outgoing.of(old.0).chain(self.incoming.of(old.0)))
            .map(|link| link.edge)
            .collect();
        edges.sort_unstable();
        edges.dedup();
        let mut kept: Vec<LineageEdge> = edges.iter().map(|edge| self.edges[*edge as usize]).collect();
        kept.retain(|edge| edge.lifetime.is_open() && !edge.kind.is_succession() && keep(self, edge));
        for (old, new) in pairs {
            let properties = self.nodes[old.index()].properties.clone();
            self.nodes[new.index()].properties = properties;
            let now = self.now();
            self.nodes[old.index()].lifetime.end(now);
            self.end_edges(*old, |_| true);
        }
        for edge in kept {
            let (from, to) = (moved(edge.from), moved(edge.to));
            self.add_edge(LineageEdge { from, to, lifetime: since, ..edge });
        }
        for (from, to) in pairs.iter().copied() {
            self.add_edge(LineageEdge {
                from,
                to,
                kind: EdgeKind::Rename,
                masking: false,
                confidence: Confidence::Parsed,
                via,
                lifetime: since,
            });
        }
    }

    /// The edges that begin or end at a node and exist now.
    pub(super) fn open_edges(&self, node: NodeId) -> impl Iterator<Item = LineageEdge> + '_ {
        let links = self.outgoing.of(node.0).chain(self.incoming.of(node.0));
        links.map(|link| self.edges[link.edge as usize]).filter(|edge| edge.lifetime.is_open())
    }

    /// Where the edges of a kind begin that lead to a node and exist now.
    pub(super) fn open_into(&self, node: NodeId, kind: EdgeKind) -> impl Iterator<Item = NodeId> + '_ {
        let open =
            move |link: &super::Link| link.kind == kind && self.edges[link.edge as usize].lifetime.is_open();
        self.incoming.of(node.0).filter(open).map(|link| NodeId(link.node))
    }
}
