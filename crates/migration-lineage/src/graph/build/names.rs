//! Which node a name stands for, by the names as the database compares them.

use std::collections::{BTreeMap, HashMap};

use crate::catalogue::Catalogue;
use crate::graph::{LineageGraph, NodeId};
use crate::name::{Ident, ObjectName};

/// The datasets that exist now, and their columns.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    datasets: BTreeMap<ObjectName, Dataset>,
    columns: HashMap<NodeId, BTreeMap<Ident, NodeId>>,
}

#[derive(Debug, Clone, Copy)]
struct Dataset {
    node: NodeId,
    /// Whether the catalogue had it after some statement, so that it is gone when the catalogue has it no more.
    seen: bool,
}

impl Names {
    /// The dataset of a name, if it is there.
    pub(super) fn find(&self, name: &ObjectName, catalogue: &Catalogue) -> Option<NodeId> {
        let found = |name: &ObjectName| Some(self.datasets.get(&catalogue.key(name))?.node);
        found(name).or_else(|| found(&catalogue.named(name)))
    }

    /// The dataset of a name, made if it is not there.
    pub(super) fn dataset(
        &mut self,
        name: &ObjectName,
        namespace: &str,
        graph: &mut LineageGraph,
        catalogue: &Catalogue,
    ) -> NodeId {
        if let Some(node) = self.find(name, catalogue) {
            return node;
        }
        let name = catalogue.named(name);
        let node = graph.dataset(namespace, &name.to_string());
        let seen = catalogue.known(&name).is_some();
        self.datasets.insert(catalogue.key(&name), Dataset { node, seen });
        node
    }

    /// A column, made if it is not there; the dataset itself for the column that stands for all.
    pub(super) fn column(&mut self, dataset: NodeId, name: &Ident, graph: &mut LineageGraph) -> NodeId {
        if name.is_star() {
            return dataset;
        }
        let columns = self.columns.entry(dataset).or_default();
        *columns.entry(name.clone()).or_insert_with(|| graph.column(dataset, name.as_str()))
    }

    /// The columns of a dataset.
    pub(super) fn columns(&self, dataset: NodeId) -> impl Iterator<Item = (&Ident, NodeId)> {
        self.columns.get(&dataset).into_iter().flatten().map(|(name, node)| (name, *node))
    }

    /// Notes that the catalogue has a dataset.
    pub(super) fn see(&mut self, name: &ObjectName, catalogue: &Catalogue) {
        if let Some(dataset) = self.datasets.get_mut(&catalogue.key(name)) {
            dataset.seen = true;
        }
    }

    /// Forgets a dataset with its columns: the name is free.
    pub(super) fn forget(&mut self, name: &ObjectName, catalogue: &Catalogue) -> Option<NodeId> {
        let gone = self.datasets.remove(&catalogue.key(name))?.node;
        self.columns.remove(&gone);
        Some(gone)
    }

    pub(super) fn forget_column(&mut self, dataset: NodeId, column: &Ident) -> Option<NodeId> {
        self.columns.get_mut(&dataset)?.remove(column)
    }

    /// Forgets the datasets that the catalogue had and has no more: the names by which they were known, and the nodes.
    pub(super) fn forget_gone(&mut self, catalogue: &Catalogue) -> Vec<(ObjectName, NodeId)> {
        let is_gone = |(name, dataset): (&ObjectName, &Dataset)| {
            (dataset.seen && !catalogue.holds(name)).then(|| name.clone())
        };
        let gone: Vec<_> = self.datasets.iter().filter_map(is_gone).collect();
        let forget = |name: ObjectName| self.forget(&name, catalogue).map(|node| (name, node));
        gone.into_iter().filter_map(forget).collect()
    }
}
