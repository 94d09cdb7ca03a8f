//! The graph of a history: from the texts of its migrations, statement by statement.

mod apply;
mod declared;
mod names;
mod remains;

use std::sync::Arc;

use migration_syntax::{Dialect, Statement, split};
use serde::Serialize;

use super::LineageGraph;
use super::edge::{EdgeKind, LineageEdge};
use super::node::{NodeId, NodeKey, NodeKind};
use super::time::Lifetime;
use crate::analyzer::Analyzer;
use crate::catalogue::Catalogue;
use crate::flow::Confidence;
use crate::result::{Coverage, StatementLineage};
use crate::secrets::mask_secrets;
use crate::undo::Undo;
use names::Names;
use remains::Orphans;

/// Builds a [`LineageGraph`] from statements in the order in which they run.
///
/// Tables and views become [`NodeKind::Dataset`]s with [`NodeKind::Column`]s. Every statement that reads or writes them is a
/// [`NodeKind::Transformation`], which the edges that it makes name as their `via`; its properties are `sql` (without secrets, see [`mask_secrets`]), `migration`,
/// `line` (of the migration's text, from 1), `number` (of the statement, from 1) and `kind`. A table that is renamed goes on as
/// another node, with an edge [`EdgeKind::Rename`] between them; one that is dropped ends. Foreign keys are
/// [`EdgeKind::Reference`] edges, from the column referred to.
///
/// ```
/// use migration_lineage::{GraphBuilder, NodeKey, NodeKind, Query};
/// use migration_syntax::Dialect;
///
/// let mut builder = GraphBuilder::new(Dialect::Sqlite);
/// builder.migration("001_people", "CREATE TABLE people (id INTEGER, name TEXT);");
/// builder.migration("002_users", "ALTER TABLE people RENAME TO users;");
/// let history = builder.finish();
///
/// let users = history.graph.find(&NodeKey::new(NodeKind::Dataset, "sqlite", "users")).unwrap();
/// let before = history.graph.reach(&[users], &Query::upstream());
/// assert!(before.iter().any(|reached| history.graph.path_of(reached.node) == "people"));
/// assert!(history.unanalysed.is_empty());
/// ```
#[derive(Debug, Clone)]
pub struct GraphBuilder {
    graph: LineageGraph,
    analyzer: Analyzer,
    namespace: String,
    names: Names,
    orphans: Orphans,
    migration: String,
    statements: usize,
    read: Coverage,
    unanalysed: Vec<NotAnalysed>,
}

/// What a history was made into.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct History {
    /// What depends on what, and since when.
    pub graph: LineageGraph,
    /// What there is at the end.
    pub catalogue: Catalogue,
    /// What was not understood, in order.
    pub unanalysed: Vec<NotAnalysed>,
    /// How much was.
    pub coverage: Coverage,
}

/// A part of a migration that was not understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct NotAnalysed {
    /// Of which migration.
    pub migration: String,
    /// The line of the migration's text that its statement begins in, from 1.
    pub line: usize,
    /// Byte offset of its first byte in that text.
    pub start: usize,
    /// Byte offset behind its last byte.
    pub end: usize,
    /// Why.
    pub reason: String,
}

impl LineageGraph {
    /// The graph of a history: its migrations' ids and texts, in the order in which they ran. The datasets' namespace is the
    /// name of the dialect.
    ///
    /// A text that can't be cut into statements, or a statement that is not understood, is no error: it is listed.
    pub fn from_history<I, T>(dialect: Dialect, migrations: impl IntoIterator<Item = (I, T)>) -> History
    where
        I: AsRef<str>,
        T: AsRef<str>,
    {
        let mut builder = GraphBuilder::new(dialect);
        for (id, text) in migrations {
            builder.migration(id.as_ref(), text.as_ref());
        }
        builder.finish()
    }
}

impl GraphBuilder {
    /// A builder that begins with an empty database. The datasets' namespace is the name of the dialect.
    #[must_use]
    pub fn new(dialect: Dialect) -> Self {
        Self {
            graph: LineageGraph::new(),
            analyzer: Analyzer::new(dialect),
            namespace: dialect.as_str().to_owned(),
            names: Names::default(),
            orphans: Orphans::new(),
            migration: String::new(),
            statements: 0,
            read: Coverage { ratio: 1.0, ..Coverage::default() },
            unanalysed: Vec::new(),
        }
    }

    /// The same with another namespace for datasets and statements.
    #[must_use]
    pub fn namespace(mut self, namespace: impl Into<String>) -> Self {
        self.namespace = namespace.into();
        self
    }

    /// Adds a whole migration: [`GraphBuilder::begin`], then [`GraphBuilder::text`].
    pub fn migration(&mut self, id: &str, text: &str) -> Vec<StatementLineage> {
        self.begin(id);
        self.text(text)
    }

    /// Begins a migration: the statements from now on are its own.
    pub fn begin(&mut self, id: &str) {
        self.graph.begin(id);
        id.clone_into(&mut self.migration);
        self.statements = 0;
    }

    /// Adds the statements of a text. One that can't be cut into statements counts as one that is not understood.
    pub fn text(&mut self, text: &str) -> Vec<StatementLineage> {
        match split(text, self.analyzer.catalogue().dialect()) {
            Ok(statements) => self.several(&statements),
            Err(error) => {
                self.count(false);
                let reason = error.to_string();
                let (line, start, end) = (1, 0, text.len());
                let migration = self.migration.clone();
                self.unanalysed.push(NotAnalysed { migration, line, start, end, reason });
                Vec::new()
            }
        }
    }

    /// Adds the statements of a text. What of them is rolled back was never there.
    fn several(&mut self, statements: &[Statement<'_>]) -> Vec<StatementLineage> {
        let dialect = self.analyzer.catalogue().dialect();
        let needed = self.analyzer.needed(statements);
        let mut undo = Undo::default();
        let mut all = Vec::new();
        for statement in statements {
            let needed = needed.has(statement);
            let now =
                || needed.then(|| Arc::new((self.graph.clone(), self.names.clone(), self.orphans.clone())));
            let before = undo.follow(statement, dialect, now).flatten();
            all.push(self.add(statement, needed));
            if let Some(before) = before {
                (self.graph, self.names, self.orphans) = (*before).clone();
            }
        }
        all
    }

    /// Adds the text of one statement, which has a number of its own.
    pub(crate) fn numbered(&mut self, number: usize, text: &str) {
        self.statements = number.saturating_sub(1);
        self.text(text);
    }

    /// Adds what no statement says: something that reads datasets, and perhaps writes others.
    pub(crate) fn declare(
        &mut self,
        kind: NodeKind,
        name: &str,
        uses: &[NodeId],
        writes: &[NodeId],
    ) -> NodeId {
        let node = self.graph.node(&NodeKey::new(kind, &self.namespace, name));
        let lifetime = Lifetime::from(self.graph.now());
        let (masking, confidence, via) = (false, Confidence::Declared, None);
        let read = if kind == NodeKind::Transformation { EdgeKind::Read } else { EdgeKind::Use };
        for (from, to, kind) in uses
            .iter()
            .map(|used| (*used, node, read))
            .chain(writes.iter().map(|written| (node, *written, EdgeKind::Write)))
        {
            self.graph.add_edge(LineageEdge { from, to, kind, masking, confidence, via, lifetime });
        }
        node
    }

    /// Adds a statement.
    pub fn statement(&mut self, statement: &Statement<'_>) -> StatementLineage {
        self.add(statement, true)
    }

    /// The same, where it is known whether something goes back to what there was before the statement.
    fn add(&mut self, statement: &Statement<'_>, needed: bool) -> StatementLineage {
        self.statements += 1;
        let lineage = self.analyzer.remembering(statement, needed);
        self.count(lineage.unanalysed.is_empty());
        for part in &lineage.unanalysed {
            self.unanalysed.push(NotAnalysed {
                migration: self.migration.clone(),
                line: statement.line,
                start: part.start,
                end: part.end,
                reason: part.reason.clone(),
            });
        }
        self.apply(statement, &lineage);
        lineage
    }

    /// The graph so far.
    #[must_use]
    pub fn graph(&self) -> &LineageGraph {
        &self.graph
    }

    /// The graph so far, for what no statement says: models, reports, what a callable does.
    pub fn graph_mut(&mut self) -> &mut LineageGraph {
        &mut self.graph
    }

    /// What there is after the statements so far.
    #[must_use]
    pub fn catalogue(&self) -> &Catalogue {
        self.analyzer.catalogue()
    }

    /// What was not understood so far.
    #[must_use]
    pub fn unanalysed(&self) -> &[NotAnalysed] {
        &self.unanalysed
    }

    /// How much was understood so far.
    #[must_use]
    pub fn coverage(&self) -> Coverage {
        self.read
    }

    /// Everything.
    #[must_use]
    pub fn finish(self) -> History {
        let catalogue = self.analyzer.catalogue().clone();
        History { graph: self.graph, catalogue, unanalysed: self.unanalysed, coverage: self.read }
    }

    fn count(&mut self, understood: bool) {
        self.read.statements += 1;
        self.read.analysed += usize::from(understood);
        self.read.ratio = self.read.analysed as f64 / self.read.statements as f64;
    }

    /// The node of the statement at hand.
    fn transformation(&mut self, statement: &Statement<'_>) -> NodeId {
        let mut name = format!("{}:{}", self.migration, self.statements);
        let taken = self.graph.find(&NodeKey::new(NodeKind::Transformation, &self.namespace, &name));
        if taken.is_some() {
            // The migration runs again, or back.
            name = format!("{name}@{}", self.graph.now().migrations());
        }
        let node = self.graph.node(&NodeKey::new(NodeKind::Transformation, &self.namespace, &name));
        let properties = [
            ("sql", mask_secrets(statement.text, self.analyzer.catalogue().dialect()).into_owned()),
            ("migration", self.migration.clone()),
            ("line", statement.line.to_string()),
            ("number", self.statements.to_string()),
            ("kind", statement.kind.to_string()),
        ];
        for (name, value) in properties {
            self.graph.set_property(node, name, value);
        }
        node
    }

    fn edge(&mut self, from: NodeId, to: NodeId, kind: EdgeKind, via: Option<NodeId>) {
        let lifetime = Lifetime::from(self.graph.now());
        let confidence = Confidence::Parsed;
        self.graph.add_edge(LineageEdge { from, to, kind, masking: false, confidence, via, lifetime });
    }
}
