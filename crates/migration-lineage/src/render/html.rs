//! One page of HTML to look at a graph with: cards for tables, edges between columns, and what made them.

mod cards;
mod data;
mod document;
mod gather;
mod layout;
mod model;

use crate::catalogue::Catalogue;
use crate::graph::LineageGraph;
use crate::render::excerpt::{Level, Selection};
use cards::Cards;
use data::Data;
use model::Model;

/// A page for a browser: one file that asks nobody for anything, the same bytes for the same graph.
///
/// Its cards stand in layers, from where data begins on the left to where it ends on the right. A click on a column lights
/// up all that it comes from and all that comes from it; the rest is in the page's own help.
///
/// ```
/// use migration_lineage::{LineageGraph, LineagePage, Selection};
/// use migration_syntax::Dialect;
///
/// let orders = ("001_orders", "CREATE TABLE orders (id INTEGER PRIMARY KEY, price INTEGER, qty INTEGER);");
/// let totals = ("002_totals", "CREATE VIEW totals AS SELECT id, price * qty AS total FROM orders;");
/// let history = LineageGraph::from_history(Dialect::Sqlite, [orders, totals]);
/// let page = LineagePage::of(&history.graph, &history.catalogue, &Selection::default()).title("Shop");
/// let html = page.to_html();
/// assert!(html.starts_with("<!doctype html>"));
/// assert!(html.contains("<title>Shop</title>"));
/// ```
#[derive(Debug)]
pub struct LineagePage {
    model: Model,
    title: String,
    notes: Vec<String>,
    level: Option<Level>,
}

impl LineagePage {
    /// A page of what is selected: each table as a whole, with all edges between them. What was asked about is lit when the
    /// page opens. The catalogue is that of the selection's moment; it knows keys and the order of columns.
    ///
    /// # Panics
    /// For an id that another graph gave out.
    #[must_use]
    pub fn of(graph: &LineageGraph, catalogue: &Catalogue, selection: &Selection) -> Self {
        let model = gather::gather(graph, catalogue, selection);
        Self { model, title: "Lineage".to_owned(), notes: Vec::new(), level: None }
    }

    /// The same under another title.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// The same with something that a reader has to know.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// The same, with tables or columns shown first; without this, columns if they can be read with everything on the screen.
    #[must_use]
    pub fn level(mut self, level: Level) -> Self {
        self.level = Some(level);
        self
    }

    /// The whole file.
    #[must_use]
    pub fn to_html(&self) -> String {
        let cards = Cards::of(&self.model);
        let pairs = self.model.pairs();
        let layouts =
            [&cards.with_columns, &cards.without_columns].map(|sizes| layout::lay_out(sizes, &pairs));
        let data = Data::of(&self.model, &cards, &layouts, &self.title, &self.notes, self.level);
        document::document(&self.title, &serde_json::to_string(&data).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests;
