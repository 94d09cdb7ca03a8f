//! Lineage.

pub mod flow;
mod graph;

pub use graph::*;
