//! What one statement does to the graph.

use migration_syntax::{Dialect, Statement, StatementKind};

use super::GraphBuilder;
use crate::catalogue::{ConstraintKind, Relation, RelationKind};
use crate::flow::Source;
use crate::graph::{EdgeKind, Lifetime, LineageEdge, LineageGraph, NodeId, NodeKind};
use crate::name::{Ident, ObjectName};
use crate::result::{ColumnLineage, SchemaChange, StatementLineage, is_rename, is_renamed};

impl GraphBuilder {
    /// Takes over what a statement was found to do; the catalogue knows it already.
    pub(super) fn apply(&mut self, statement: &Statement<'_>, lineage: &StatementLineage) {
        if lineage.inputs.is_empty() && lineage.outputs.is_empty() && !ends_something(statement.kind) {
            return;
        }
        let via = self.transformation(statement);
        for change in &lineage.changes {
            self.change(change, via);
        }
        if ends_something(statement.kind) {
            for name in &lineage.outputs {
                if self.catalogue().known(name).is_none()
                    && let Some(gone) = self.names.forget(name, self.analyzer.catalogue())
                {
                    let key = self.catalogue().key(name);
                    self.end(&key, gone);
                }
            }
        }
        let ended = self.names.forget_gone(self.analyzer.catalogue());
        for (key, gone) in &ended {
            self.end(key, *gone);
        }
        for name in &lineage.outputs {
            self.define(name, lineage, via);
        }
        self.flows(lineage, via);
        for name in &lineage.outputs {
            let catalogue = self.analyzer.catalogue();
            let is_gone = ends_something(lineage.kind)
                || is_renamed(name, &lineage.changes)
                || ended.iter().any(|(gone, _)| *gone == catalogue.key(name));
            if !is_gone || catalogue.known(name).is_some() {
                let to = self.dataset(name);
                self.edge(via, to, EdgeKind::Write, None);
            }
        }
    }

    fn change(&mut self, change: &SchemaChange, via: NodeId) {
        match change {
            SchemaChange::RenameTable { from, to } => {
                let old = self.dataset(from);
                let mut columns: Vec<(Ident, NodeId)> =
                    self.names.columns(old).map(|(name, node)| (name.clone(), node)).collect();
                // In the order that they had.
                columns.sort_unstable_by_key(|(_, node)| *node);
                self.names.forget(from, self.analyzer.catalogue());
                let new = self.new_dataset(to);
                if old == new {
                    return;
                }
                let follows = self.views_follow();
                if !follows {
                    let key = self.catalogue().key(from);
                    self.leave_views(&key, old);
                }
                let mut pairs = vec![(old, new)];
                for (name, node) in columns {
                    pairs.push((node, self.names.column(new, &name, &mut self.graph)));
                }
                self.graph.succeed(&pairs, Some(via), |graph, edge| follows || !into_view(graph, edge));
            }
            SchemaChange::RenameColumn { table, from, to } => {
                let Some(dataset) = self.names.find(table, self.analyzer.catalogue()) else { return };
                let old = self.names.column(dataset, from, &mut self.graph);
                self.names.forget_column(dataset, from);
                // Only the case may differ, which makes it the same name to the database but not to a reader.
                let new = self.names.column(dataset, to, &mut self.graph);
                if old != new {
                    let follows = self.analyzer.catalogue().dialect() != Dialect::Mysql;
                    if !follows {
                        let key = self.catalogue().key(table);
                        self.leave_column(&key, old);
                    }
                    let pairs = [(old, new)];
                    self.graph.succeed(&pairs, Some(via), |graph, edge| follows || !into_view(graph, edge));
                }
            }
            SchemaChange::DropColumn { table, column } => {
                let Some(dataset) = self.names.find(table, self.analyzer.catalogue()) else { return };
                if let Some(gone) = self.names.forget_column(dataset, column) {
                    let key = self.catalogue().key(table);
                    self.leave_column(&key, gone);
                    self.end_column(gone);
                }
            }
        }
    }

    /// Makes a dataset and its columns what the catalogue says that they are.
    fn define(&mut self, name: &ObjectName, lineage: &StatementLineage, via: NodeId) {
        let Some(relation) = self.analyzer.catalogue().known(name).cloned() else { return };
        let dataset = self.dataset(&relation.name);
        self.names.see(&relation.name, self.analyzer.catalogue());
        let what = match relation.kind {
            RelationKind::Table => "table",
            RelationKind::View => "view",
            RelationKind::MaterializedView => "materialized view",
        };
        self.graph.set_property(dataset, "relation", what);
        let gone: Vec<Ident> = self
            .names
            .columns(dataset)
            .filter(|(column, _)| relation.complete && relation.column(column).is_none())
            .map(|(column, _)| column.clone())
            .collect();
        for column in gone {
            if let Some(node) = self.names.forget_column(dataset, &column) {
                self.end_column(node);
            }
        }
        let is_own = |column: &ColumnLineage| column.target.table.as_ref() == Some(name);
        let kept =
            matches!(lineage.kind, StatementKind::Refresh | StatementKind::Alter | StatementKind::AlterTable);
        let redefined = relation.view.is_some() && !kept && lineage.columns.iter().any(is_own);
        for column in &relation.columns {
            let node = self.names.column(dataset, &column.name, &mut self.graph);
            if !column.data_type.is_empty() {
                self.graph.set_property(node, "type", column.data_type.clone());
            }
        }
        if redefined {
            let nodes: Vec<NodeId> = self.names.columns(dataset).map(|(_, node)| node).collect();
            for node in nodes.into_iter().chain([dataset]) {
                self.graph
                    .end_edges(node, |edge| edge.to == node && is_flow(edge.kind) && edge.via != Some(via));
            }
        }
        self.adopt_views(&relation.name, dataset);
        self.references(&relation, dataset, via);
    }

    /// Whether views go on reading a table that gets another name.
    fn views_follow(&self) -> bool {
        let catalogue = self.analyzer.catalogue();
        catalogue.dialect() != Dialect::Mysql && !catalogue.session.renames_alone
    }

    /// Makes the foreign keys of a table what the catalogue says.
    fn references(&mut self, relation: &Relation, dataset: NodeId, via: NodeId) {
        let mut wanted = Vec::new();
        let keys = relation.constraints.iter().filter(|key| key.kind == ConstraintKind::ForeignKey);
        for key in keys {
            let Some((table, columns)) = &key.references else { continue };
            let other = self.dataset(table);
            wanted.push((other, dataset));
            for (own, its) in key.columns.iter().zip(columns) {
                let from = self.names.column(other, its, &mut self.graph);
                let to = self.names.column(dataset, own, &mut self.graph);
                wanted.push((from, to));
            }
        }
        let own: Vec<NodeId> = self.names.columns(dataset).map(|(_, node)| node).chain([dataset]).collect();
        let mut known = Vec::new();
        for node in own {
            let is_gone = |edge: &LineageEdge| {
                let key = edge.kind == EdgeKind::Reference && edge.to == node;
                key && !wanted.contains(&(edge.from, edge.to))
            };
            self.graph.end_edges(node, is_gone);
            known.extend(self.graph.open_into(node, EdgeKind::Reference).map(|from| (from, node)));
        }
        for (from, to) in wanted {
            if !known.contains(&(from, to)) {
                self.edge(from, to, EdgeKind::Reference, Some(via));
            }
        }
    }

    /// The edges between columns, and those of the statement with the datasets.
    fn flows(&mut self, lineage: &StatementLineage, via: NodeId) {
        for column in &lineage.columns {
            let Some(table) = &column.target.table else { continue };
            for source in &column.sources {
                if !is_rename(&column.target, source, &lineage.changes) {
                    let to = |builder: &mut Self| builder.column(table, &column.target.name);
                    self.flow(source, to, via);
                }
            }
        }
        for rows in &lineage.dataset {
            let Some(table) = &rows.target else { continue };
            for source in &rows.sources {
                self.flow(source, |builder: &mut Self| builder.dataset(table), via);
            }
        }
        for name in &lineage.inputs {
            if !is_renamed(name, &lineage.changes) {
                let from = self.dataset(name);
                self.edge(from, via, EdgeKind::Read, None);
            }
        }
    }

    fn flow(&mut self, source: &Source, to: impl FnOnce(&mut Self) -> NodeId, via: NodeId) {
        // A column that nobody knows the table of is no node.
        let Some(table) = &source.column.table else { return };
        let from = self.column(table, &source.column.name);
        let to = to(self);
        self.graph.add_edge(LineageEdge {
            from,
            to,
            kind: source.subtype.into(),
            masking: source.masking,
            confidence: source.confidence,
            via: Some(via),
            lifetime: Lifetime::from(self.graph.now()),
        });
    }

    fn column(&mut self, table: &ObjectName, name: &Ident) -> NodeId {
        let dataset = self.dataset(table);
        self.names.column(dataset, name, &mut self.graph)
    }

    fn dataset(&mut self, name: &ObjectName) -> NodeId {
        let catalogue = self.analyzer.catalogue();
        self.names.dataset(name, &self.namespace, &mut self.graph, catalogue)
    }

    /// The dataset that takes a name: one that had it is gone, though nobody said so.
    fn new_dataset(&mut self, name: &ObjectName) -> NodeId {
        if let Some(gone) = self.names.forget(name, self.analyzer.catalogue()) {
            let key = self.catalogue().key(name);
            self.end(&key, gone);
        }
        self.dataset(name)
    }
}

/// Whether a statement of a kind may end tables or views.
fn ends_something(kind: StatementKind) -> bool {
    matches!(
        kind,
        StatementKind::Drop
            | StatementKind::DropTable
            | StatementKind::DropView
            | StatementKind::DropDatabase
    )
}

pub(super) fn is_flow(kind: EdgeKind) -> bool {
    kind.is_direct() || kind.is_indirect()
}

pub(super) fn into_view(graph: &LineageGraph, edge: &LineageEdge) -> bool {
    let to = graph.get(edge.to);
    let dataset =
        if to.kind == NodeKind::Column { to.parent.map(|parent| graph.get(parent)) } else { Some(to) };
    dataset.is_some_and(|dataset| dataset.properties.get("relation").is_some_and(|what| what != "table"))
}
