//! What remains of a table that is gone: what had come into it stays where it was copied to, and views that name it read
//! whatever takes the name.
//!
//! So a table that is made anew, by way of another one and by any order of copying, dropping and renaming, still comes from what
//! the old one came from.

use std::collections::BTreeMap;

use migration_syntax::Dialect;

use super::GraphBuilder;
use super::apply::{into_view, is_flow};
use crate::catalogue::Relation;
use crate::flow::{Flow, Source};
use crate::graph::{EdgeKind, Lifetime, LineageEdge, LineageGraph, NodeId, NodeKind};
use crate::name::{Ident, ObjectName};

/// What views have read of tables and columns that are gone, by the tables' names: the edges, with the column's name unless it
/// was the table as a whole.
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
        let columns: Vec<NodeId> = self.graph.children(dataset).collect();
        for column in columns {
            self.leave_column(key, column);
        }
        self.leave(key, dataset, None);
    }

    /// Notes what views read of a column whose name they keep.
    pub(super) fn leave_column(&mut self, key: &ObjectName, column: NodeId) {
        let name = self.graph.get(column).name.clone();
        self.leave(key, column, Some(name));
    }

    fn leave(&mut self, key: &ObjectName, node: NodeId, name: Option<Box<str>>) {
        if self.catalogue().dialect() == Dialect::Postgres {
            return;
        }
        let read =
            |edge: &LineageEdge| edge.from == node && is_flow(edge.kind) && into_view(&self.graph, edge);
        let left: Vec<_> =
            self.graph.open_edges(node).filter(read).map(|edge| (name.clone(), edge)).collect();
        if !left.is_empty() {
            self.orphans.entry(key.clone()).or_default().extend(left);
        }
    }

    /// Views that were left behind read what has the names now that they go by.
    pub(super) fn adopt_views(&mut self, name: &ObjectName, dataset: NodeId) {
        let key = self.catalogue().key(name);
        let Some(left) = self.orphans.remove(&key) else { return };
        let lifetime = Lifetime::from(self.graph.now());
        let mut waiting = Vec::new();
        for (column, edge) in left {
            let from = match &column {
                None => Some(dataset),
                Some(column) => {
                    let named = |(name, _): &(&Ident, NodeId)| name.as_str().eq_ignore_ascii_case(column);
                    self.names.columns(dataset).find(named).map(|(_, node)| node)
                }
            };
            match from {
                None => waiting.push((column, edge)),
                Some(from) if self.still_reads(&key, column.as_deref(), &edge) => {
                    self.graph.add_edge(LineageEdge { from, lifetime, ..edge });
                }
                Some(_) => {}
            }
        }
        if !waiting.is_empty() {
            self.orphans.insert(key, waiting);
        }
    }

    /// Whether the view that an edge leads into is there and says the same of a table's column as when the edge was made.
    fn still_reads(&self, key: &ObjectName, column: Option<&str>, edge: &LineageEdge) -> bool {
        let (catalogue, target) = (self.analyzer.catalogue(), self.graph.get(edge.to));
        let dataset = dataset_of(&self.graph, edge.to);
        let is_it = |view: &&Relation| self.names.find(&view.name, catalogue) == Some(dataset);
        let mut views = catalogue.relations().filter(|relation| relation.view.is_some());
        let Some(view) = views.find(is_it).filter(|_| target.lifetime.is_open()) else { return false };
        let own = view.columns.iter().filter(|own| own.name.as_str() == &*target.name);
        let flows =
            own.filter_map(|own| own.computed.as_ref()).chain(view.view.iter().map(|view| &view.rows));
        let says = |source: &Source| {
            let name = &source.column.name;
            let is_column = match column {
                Some(column) => name.as_str().eq_ignore_ascii_case(column),
                None => name.is_star(),
            };
            let is_table = source.column.table.as_ref().is_some_and(|table| catalogue.key(table) == *key);
            is_table && is_column && EdgeKind::from(source.subtype) == edge.kind
        };
        flows.flat_map(Flow::iter).any(says)
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
