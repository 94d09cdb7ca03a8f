//! What stands in a lineage graph.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::time::Lifetime;

/// A node of one [`LineageGraph`](super::LineageGraph): its number in the order in which nodes were added, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NodeId(pub(super) u32);

impl NodeId {
    /// The number.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// What a node stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum NodeKind {
    /// A table, a view, a file: whatever holds records.
    Dataset,
    /// A column or field of a dataset.
    Column,
    /// Something that runs again and again, as a migration or a pipeline does.
    Job,
    /// One time that a job ran.
    Run,
    /// One thing that a job does: a statement, a step, a transformer.
    Transformation,
    /// A trained model, or a model of a modelling tool.
    Model,
    /// A dashboard.
    Dashboard,
    /// A report.
    Report,
    /// Something outside of all this that data comes from or goes to.
    External,
}

impl NodeKind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[
        Self::Dataset,
        Self::Column,
        Self::Job,
        Self::Run,
        Self::Transformation,
        Self::Model,
        Self::Dashboard,
        Self::Report,
        Self::External,
    ];

    /// The kind as it is written in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dataset => "dataset",
            Self::Column => "column",
            Self::Job => "job",
            Self::Run => "run",
            Self::Transformation => "transformation",
            Self::Model => "model",
            Self::Dashboard => "dashboard",
            Self::Report => "report",
            Self::External => "external",
        }
    }
}

impl fmt::Display for NodeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What tells one node from another: no two that exist at one time have the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct NodeKey<'a> {
    /// What it stands for.
    pub kind: NodeKind,
    /// Where its name is valid, as OpenLineage's namespaces; empty for columns, whose dataset says it.
    pub namespace: &'a str,
    /// The dataset of a column, the job of a run; else none.
    pub parent: Option<NodeId>,
    /// Its name.
    pub name: &'a str,
}

impl<'a> NodeKey<'a> {
    /// The key of something with a namespace.
    #[must_use]
    pub fn new(kind: NodeKind, namespace: &'a str, name: &'a str) -> Self {
        Self { kind, namespace, parent: None, name }
    }

    /// The key of a column.
    #[must_use]
    pub fn column(dataset: NodeId, name: &'a str) -> Self {
        Self { kind: NodeKind::Column, namespace: "", parent: Some(dataset), name }
    }
}

/// One node.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct LineageNode {
    /// What it stands for.
    pub kind: NodeKind,
    /// Where its name is valid; shared by the nodes that have the same.
    pub namespace: Arc<str>,
    /// The dataset of a column, the job of a run.
    pub parent: Option<NodeId>,
    /// Its name.
    pub name: Box<str>,
    /// From which migration to which it exists.
    pub lifetime: Lifetime,
    /// Whatever else is known of it: a type, an owner, a link.
    pub properties: Properties,
}

impl LineageNode {
    pub(super) fn key(&self) -> NodeKey<'_> {
        NodeKey { kind: self.kind, namespace: &self.namespace, parent: self.parent, name: &self.name }
    }
}

/// Names and values in the order of the names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Properties(BTreeMap<String, String>);

impl Properties {
    /// The value of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Sets a value, in place of the one that the name had.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.insert(name.into(), value.into());
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
