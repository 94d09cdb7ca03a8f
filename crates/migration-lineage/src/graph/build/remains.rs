//! What remains of a table that is gone: what had come into it stays where it was copied to, and views that name it read
//! whatever takes the name.
//!
//! So a table that is made anew, by way of another one and by any order of copying, dropping and renaming, still comes from what
//! the old one came from.

use std::collections::BTreeMap;

use migration_syntax::Dialect;

use super::GraphBuilder;
use super::apply::{into_view, is_flow};
use crate::graph::{Lifetime, LineageEdge, LineageGraph, NodeId, NodeKind};
use crate::name::ObjectName;

/// What views have read of tables that are gone, by the tables' names: the edges, with the column's name unless it was the table
/// as a whole.
pub(super) type Orphans = BTreeMap<ObjectName, Vec<(Option<Box<str>>, LineageEdge)>>;

impl GraphBuilder {
    /// Ends a dataset that went by a name.
    pub(super) fn end(&mut self, key: &ObjectName, dataset: NodeId) {
        self.leave_views(key, dataset);
        let columns: Vec<NodeId> = self.graph.children(dataset).collect();
        self.hand_on(dataset, &columns);
        self.graph.end(dataset);
    }

    /// Ends a column of a dataset that stays.
    pub(super) fn end_column(&mut self, column: NodeId) {
        self.hand_on(column, &[]);
        self.graph.end(column);
    }

    /// What flows into nodes that go comes, without them, to the tables that were filled from them.
    fn hand_on(&mut self, node: NodeId, columns: &[NodeId]) {
        let own = |other: NodeId| other == node || columns.contains(&other);
        let mut edges = Vec::new();
        for passed in columns.iter().copied().chain([node]) {
            let onwards: Vec<LineageEdge> = self
                .graph
                .open_edges(passed)
                .filter(|edge| edge.from == passed && is_flow(edge.kind) && !own(edge.to))
                .filter(|edge| !into_view(&self.graph, edge))
                .collect();
            if onwards.is_empty() {
                continue;
            }
            let into = |edge: &LineageEdge| edge.to == passed && is_flow(edge.kind) && !own(edge.from);
            for first in self.graph.open_edges(passed).filter(into) {
                let joined = onwards.iter().filter(|then| then.to != first.from);
                edges.extend(joined.map(|then| through(&first, then)));
            }
            if passed != node {
                // What decides on its rows decides on theirs.
                let rows = |edge: &LineageEdge| edge.to == node && edge.kind.is_indirect() && !own(edge.from);
                for first in self.graph.open_edges(node).filter(rows) {
                    let to = onwards.iter().map(|then| dataset_of(&self.graph, then.to));
                    edges.extend(to.map(|to| LineageEdge { to, ..first }));
                }
            }
        }
        let lifetime = Lifetime::from(self.graph.now());
        for edge in edges {
            self.graph.add_edge(LineageEdge { lifetime, ..edge });
        }
    }

    /// Notes what views read of a dataset whose name they keep.
    pub(super) fn leave_views(&mut self, key: &ObjectName, dataset: NodeId) {
        if self.catalogue().dialect() == Dialect::Postgres {
            return;
        }
        let nodes: Vec<NodeId> = self.graph.children(dataset).chain([dataset]).collect();
        let mut left = Vec::new();
        for node in nodes {
            let name = Some(self.graph.get(node).name.clone()).filter(|_| node != dataset);
            let read =
                |edge: &LineageEdge| edge.from == node && is_flow(edge.kind) && into_view(&self.graph, edge);
            left.extend(self.graph.open_edges(node).filter(read).map(|edge| (name.clone(), edge)));
        }
        self.orphans.insert(key.clone(), left);
    }

    /// Views that were left behind read the dataset that has taken the name, as far as it has their columns.
    pub(super) fn adopt_views(&mut self, name: &ObjectName, dataset: NodeId) {
        let Some(left) = self.orphans.remove(&self.catalogue().key(name)) else { return };
        let catalogue = self.analyzer.catalogue();
        let reads = |relation: &&crate::catalogue::Relation| {
            let mut inputs = relation.view.iter().flat_map(|view| &view.inputs);
            inputs.any(|input| catalogue.key(input) == catalogue.key(name))
        };
        let readers: Vec<NodeId> = catalogue
            .relations()
            .filter(reads)
            .filter_map(|view| self.names.find(&view.name, catalogue))
            .collect();
        let columns: BTreeMap<Box<str>, NodeId> =
            self.names.columns(dataset).map(|(name, node)| (name.key().into(), node)).collect();
        let lifetime = Lifetime::from(self.graph.now());
        for (column, edge) in left {
            let from = match &column {
                Some(column) => columns.get(&*column.to_lowercase()).copied(),
                None => Some(dataset),
            };
            let is_there = self.graph.get(edge.to).lifetime.is_open();
            if let Some(from) = from.filter(|_| is_there)
                && readers.contains(&dataset_of(&self.graph, edge.to))
            {
                self.graph.add_edge(LineageEdge { from, lifetime, ..edge });
            }
        }
    }
}

/// Two edges of which one begins where the other ends, as one.
fn through(first: &LineageEdge, then: &LineageEdge) -> LineageEdge {
    let (kind, masking) = match (first.kind.is_direct(), then.kind.is_direct()) {
        (_, false) => (then.kind, false),
        (false, true) => (first.kind, first.masking),
        (true, true) => (first.kind.max(then.kind), first.masking || then.masking),
    };
    LineageEdge { to: then.to, kind, masking, ..*first }
}

fn dataset_of(graph: &LineageGraph, node: NodeId) -> NodeId {
    match graph.get(node) {
        column if column.kind == NodeKind::Column => column.parent.unwrap_or(node),
        _ => node,
    }
}
