//! Pictures: a part of a graph as text trees, for Graphviz and for Mermaid. As JSON it is what serde makes of an [`Excerpt`].

mod diagram;
mod excerpt;
mod text;

pub use excerpt::{Excerpt, ExcerptEdge, ExcerptNode, Level, Selection};

#[cfg(test)]
mod tests;
