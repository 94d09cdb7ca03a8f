//! The crate from outside.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "helpers of tests, which clippy takes for a program"
)]

mod bodies;
mod builder;
mod constructs;
mod corpus;
mod functions;
mod histories;
mod impact;
#[cfg(feature = "openlineage")]
mod lifecycle;
mod lossy;
mod names;
#[cfg(feature = "openlineage")]
mod openlineage;
#[cfg(feature = "postgres-grammar")]
mod postgres_grammar;
mod rebuilds;
mod rewriting;
mod robust;
mod routines;
mod row_sources;
mod rows;
mod servers;
mod shapes;
mod suites;
mod table_functions;
mod transactions;
#[cfg(feature = "openlineage-http")]
mod transport;
