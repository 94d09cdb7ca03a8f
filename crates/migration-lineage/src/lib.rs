//! Where every table and column came from: lineage of SQL statements, analysed against the catalogue that the statements
//! before them have built.
//!
//! ```
//! use migration_lineage::Analyzer;
//! use migration_syntax::Dialect;
//!
//! let mut analyzer = Analyzer::new(Dialect::Postgres);
//! let analysis = analyzer.analyze(
//!     "CREATE TABLE orders (id int, price int, qty int);
//!      CREATE VIEW totals AS SELECT id, price * qty AS total FROM orders WHERE qty > 0;",
//! )?;
//!
//! let view = &analysis.statements[1];
//! assert_eq!(view.inputs[0].to_string(), "orders");
//! assert_eq!(view.columns[1].target.to_string(), "totals.total");
//! let sources: Vec<_> =
//!     view.columns[1].sources.iter().map(|source| format!("{} {:?}", source.column, source.subtype)).collect();
//! assert_eq!(sources, ["orders.price Transformation", "orders.qty Transformation", "orders.qty Filter"]);
//! assert_eq!(analysis.coverage.ratio, 1.0);
//! # Ok::<(), migration_syntax::SplitError>(())
//! ```
//!
//! * [`Analyzer`] reads statements in order and gives a [`StatementLineage`] for each.
//! * [`Catalogue`] is what there is afterwards: tables, views and what they depend on, triggers, functions, indexes.
//! * [`Impact`] is what a change would do to what depends on it: see [`Catalogue::impact`].
//! * [`LineageGraph`] is what depends on what over the time of a history: upstream, downstream, paths, rings, as of any
//!   migration, and between two.
//! * [`GraphBuilder`] makes that graph from the texts of migrations: see [`LineageGraph::from_history`].
//! * [`LineageTracker`] keeps it while migrations run, as an observer.
//! * [`Excerpt`] is a part of that graph, as text trees, for Graphviz and for Mermaid.
//! * [`LineagePage`] is such a part to look at in a browser.
//! * [`mask_secrets`] takes passwords out of a text of SQL before anybody keeps it.
//! * [`Source`] is an edge, by the vocabulary of OpenLineage: direct or indirect, how, and whether it masks the value.
//!
//! # What it refuses to do
//!
//! But for the optional `transport` it connects to nothing and opens no file: a graph is written to and read from what it is
//! given. It runs nothing. It does not guess: what it can't read is listed in
//! [`unanalysed`](StatementLineage::unanalysed) with its span, a column that may be of several tables has no table, and
//! [`Coverage`] says how much was understood. No input makes it panic or call itself without bound.
//!
//! # Features
//!
//! * `openlineage` (off): events for OpenLineage, an observer that makes them, and ways to hand them on: to a file, to the console.
//!   Adds `uuid`, `jiff` and a reader of YAML.
//! * `openlineage-http` (off): the same over HTTP; adds a client with TLS, 16 crates.
//! * `postgres-grammar` (off): PostgreSQL's statements by PostgreSQL's own grammar, with the one below for the rest. Compiles the C
//!   source of its parser, for which libclang has to be there; adds 13 crates, and 45 more that only build it.
//! * `schema` (off): JSON Schema of the types that are printed as JSON.
//!
//! # Limits
//!
//! * Tables whose definition was never seen are taken to have any column that is asked of them.
//! * A text that is put together from data when it runs can't be read; it is listed.
//! * Of MySQL's tables, names are compared without regard to case, as its servers do on some systems only.

mod analyzer;
mod catalogue;
mod define;
mod fault;
mod flow;
mod graph;
mod impact;
mod name;
#[cfg(feature = "openlineage")]
pub mod openlineage;
mod parse;
mod render;
mod result;
mod secrets;
mod tracker;
#[cfg(feature = "openlineage")]
pub mod transport;
mod undo;
mod walk;

pub use analyzer::Analyzer;
pub use catalogue::{
    Argument, ArgumentMode, Catalogue, Column, Constraint, ConstraintKind, Effects, Index, Policy, Relation,
    RelationKind, Routine, RoutineKind, Trigger, View,
};
pub use flow::{ColumnRef, Confidence, Flow, Kind, Source, Subtype};
pub use graph::{
    Direction, EdgeId, EdgeKind, EdgeKinds, GraphBuilder, GraphDiff, History, Lifetime, LineageEdge,
    LineageGraph, LineageNode, Moment, NodeId, NodeKey, NodeKind, NotAnalysed, Past, Properties, Query,
    Reached, ReadError, WriteError,
};
pub use impact::{ChangeAction, Changed, Dependent, EngineDependents, EngineOutcome, Impact};
pub use migration_model::SchemaObjectKind;
pub use name::{Ident, ObjectName};
pub use render::{Excerpt, ExcerptEdge, ExcerptNode, Level, LineagePage, Selection};
pub use result::{
    AmbiguousCall, Analysis, ColumnLineage, Coverage, DatasetLineage, SchemaChange, StatementLineage,
    Unanalysed,
};
pub use secrets::{mask_message, mask_secrets, mask_secrets_in_place, names_a_secret};
pub use tracker::LineageTracker;
