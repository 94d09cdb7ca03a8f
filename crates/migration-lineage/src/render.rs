//! Pictures: a part of a graph as text trees, for Graphviz and for Mermaid, and as a page for a browser. As JSON it is what
//! serde makes of an [`Excerpt`].

mod diagram;
mod excerpt;
mod html;
mod text;

pub use excerpt::{Excerpt, ExcerptEdge, ExcerptNode, Level, Selection};
pub use html::LineagePage;

#[cfg(test)]
mod tests;
