//! What no statement says: callable steps, and records that go through a chain.

use std::collections::BTreeSet;

use migration_model::{DataUse, FieldSource, FlowKind, RecordFlow};

use super::{GraphBuilder, NotAnalysed};
use crate::flow::Confidence;
use crate::graph::{EdgeKind, Lifetime, LineageEdge, NodeId, NodeKey, NodeKind};
use crate::name::{Ident, ObjectName};

/// Where the names of records are valid that are no table's: files, pipes, queues.
const RECORDS: &str = "records";

/// Where an edge begins and ends, of what kind it is, and whether it masks.
type DeclaredEdge = (NodeId, NodeId, EdgeKind, bool);

impl GraphBuilder {
    /// Notes a step of the migration at hand that is a function, with what its author declared that it reads and writes.
    ///
    /// It is a [`NodeKind::Transformation`] with the properties `kind` (`step`) and `migration`, and its edges are declared
    /// ones. Without a declaration it has no edges, and is listed as not understood.
    pub fn step(&mut self, step: &str, declared: Option<&DataUse>) -> NodeId {
        self.count(declared.is_some());
        let node = self.graph.node(&step_key(&self.namespace, &step_name(&self.migration, step)));
        self.graph.set_property(node, "kind", "step");
        self.graph.set_property(node, "migration", self.migration.clone());
        match declared {
            Some(declared) => {
                for (names, reads) in [(&declared.reads, true), (&declared.writes, false)] {
                    for name in names {
                        let dataset = self.dataset_called(name);
                        self.declared_edge(dataset, node, reads);
                    }
                }
            }
            None => {
                let reason = format!("step `{step}` is a function that doesn't say what it reads and writes");
                self.not_analysed(self.migration.clone(), reason);
            }
        }
        node
    }

    /// Notes that a step was undone: it is there no more.
    pub fn step_undone(&mut self, step: &str) {
        let name = step_name(&self.migration, step);
        if let Some(node) = self.graph.find(&step_key(&self.namespace, &name)) {
            self.graph.end(node);
        }
    }

    /// Notes that records went through a chain, from one dataset into another: a table that is known by that name, else a
    /// dataset of the namespace `records`.
    ///
    /// It is a [`NodeKind::Transformation`] with the properties `kind` (`records`) and `steps`; the edges between fields
    /// name it as their `via`. What an earlier run of the same two names said and this one doesn't is over.
    pub fn records(&mut self, input: &str, output: &str, flow: &RecordFlow) -> NodeId {
        self.count(flow.opaque.is_empty());
        let (from, to) = (self.records_called(input), self.records_called(output));
        let name = format!("{input} -> {output}");
        let via = self.graph.node(&NodeKey::new(NodeKind::Transformation, RECORDS, &name));
        self.graph.set_property(via, "kind", "records");
        self.graph.set_property(via, "steps", flow.steps.join(", "));
        let mut edges = vec![(from, via, EdgeKind::Read, false), (via, to, EdgeKind::Write, false)];
        for step in &flow.opaque {
            let reason = format!(
                "step {} of `{name}`, `{}`, is a function: what it does is not known",
                step.number, step.name
            );
            self.not_analysed(name.clone(), reason);
        }
        edges.extend(self.field_edges((from, to), flow));
        for lookup in
            flow.fields.iter().flat_map(|field| &field.sources).filter_map(|source| source.dataset.as_ref())
        {
            let table = self.records_called(lookup);
            edges.push((table, via, EdgeKind::Read, false));
        }
        self.replace_edges(to, via, &edges);
        via
    }

    /// The edges between the fields of two datasets that a chain makes, and from fields that decide on records.
    fn field_edges(&mut self, (from, to): (NodeId, NodeId), flow: &RecordFlow) -> Vec<DeclaredEdge> {
        let mut edges = Vec::new();
        for field in &flow.fields {
            let target = self.field(to, &field.field);
            for source in &field.sources {
                if let Some(source_node) = self.source(from, source) {
                    edges.push((source_node, target, edge_kind(source.kind), source.masking));
                }
            }
        }
        for source in &flow.records {
            if let Some(node) = self.source(from, source) {
                edges.push((node, to, edge_kind(source.kind), source.masking));
            }
        }
        if flow.passes_others && from != to {
            let named: BTreeSet<&str> = flow
                .fields
                .iter()
                .map(|field| &*field.field)
                .chain(flow.removed.iter().map(|name| &**name))
                .collect();
            for column in self.open_columns(from) {
                let name = self.graph.get(column).name.to_string();
                // What is only there as the source of others isn't known to come out, and paths go with their objects.
                if !named.contains(&*name) && !name.ends_with('*') && !name.contains('.') {
                    let target = self.field(to, &name);
                    edges.push((column, target, EdgeKind::Identity, false));
                }
            }
        }
        edges
    }

    /// Ends what `via` said before of a dataset and says no more, and adds the rest.
    fn replace_edges(&mut self, to: NodeId, via: NodeId, edges: &[DeclaredEdge]) {
        let of_columns = |(from, to, ..): &&DeclaredEdge| *from != via && *to != via;
        let wanted: BTreeSet<_> = edges.iter().filter(of_columns).copied().collect();
        let targets: Vec<NodeId> = self.open_columns(to).into_iter().chain([to]).collect();
        for target in targets {
            self.graph.end_edges(target, |edge| {
                edge.via == Some(via) && !wanted.contains(&(edge.from, edge.to, edge.kind, edge.masking))
            });
        }
        for (from, to, kind, masking) in edges.iter().copied() {
            let lifetime = Lifetime::from(self.graph.now());
            let of_via = from == via || to == via;
            let (confidence, via) = (Confidence::Parsed, (!of_via).then_some(via));
            self.graph.add_edge(LineageEdge { from, to, kind, masking, confidence, via, lifetime });
        }
    }

    /// The node of a source; none for one that only counts where it is known to be.
    fn source(&mut self, input: NodeId, source: &FieldSource) -> Option<NodeId> {
        let dataset = match &source.dataset {
            Some(name) => self.records_called(name),
            None => input,
        };
        if source.fallback {
            return self.graph.find(&NodeKey::column(dataset, &source.field));
        }
        Some(self.field(dataset, &source.field))
    }

    fn field(&mut self, dataset: NodeId, name: &str) -> NodeId {
        let ident = Ident::new(name, true, self.analyzer.catalogue().dialect());
        self.names.column(dataset, &ident, &mut self.graph)
    }

    fn open_columns(&self, dataset: NodeId) -> Vec<NodeId> {
        let open = |node: &NodeId| self.graph.get(*node).lifetime.is_open();
        self.graph.children(dataset).filter(open).collect()
    }

    /// The dataset that a person calls so: a table that is known, else a new one.
    fn dataset_called(&mut self, name: &str) -> NodeId {
        if let Some(known) = self.known_dataset(name) {
            return known;
        }
        let name = self.written(name, false);
        let catalogue = self.analyzer.catalogue();
        self.names.dataset(&name, &self.namespace, &mut self.graph, catalogue)
    }

    fn records_called(&mut self, name: &str) -> NodeId {
        self.known_dataset(name).unwrap_or_else(|| self.graph.dataset(RECORDS, name))
    }

    fn known_dataset(&self, name: &str) -> Option<NodeId> {
        let catalogue = self.analyzer.catalogue();
        let find = |quoted| self.names.find(&self.written(name, quoted), catalogue);
        find(true).or_else(|| find(false))
    }

    /// A name with dots between its parts.
    fn written(&self, name: &str, quoted: bool) -> ObjectName {
        let dialect = self.analyzer.catalogue().dialect();
        let parts: Vec<Ident> = name.split('.').map(|part| Ident::new(part, quoted, dialect)).collect();
        ObjectName::from_parts(&parts)
    }

    fn declared_edge(&mut self, dataset: NodeId, node: NodeId, reads: bool) {
        let (from, to, kind) =
            if reads { (dataset, node, EdgeKind::Read) } else { (node, dataset, EdgeKind::Write) };
        let lifetime = Lifetime::from(self.graph.now());
        let (masking, confidence, via) = (false, Confidence::Declared, None);
        self.graph.add_edge(LineageEdge { from, to, kind, masking, confidence, via, lifetime });
    }

    fn not_analysed(&mut self, migration: String, reason: String) {
        self.unanalysed.push(NotAnalysed { migration, line: 1, start: 0, end: 0, reason });
    }
}

fn step_name(migration: &str, step: &str) -> String {
    format!("{migration}:{step}")
}

fn step_key<'a>(namespace: &'a str, name: &'a str) -> NodeKey<'a> {
    NodeKey::new(NodeKind::Transformation, namespace, name)
}

fn edge_kind(kind: FlowKind) -> EdgeKind {
    match kind {
        FlowKind::Identity => EdgeKind::Identity,
        FlowKind::Join => EdgeKind::Join,
        FlowKind::Filter => EdgeKind::Filter,
        FlowKind::Conditional => EdgeKind::Conditional,
        _ => EdgeKind::Transformation,
    }
}
