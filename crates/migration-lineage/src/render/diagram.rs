//! Text that other programs draw: Graphviz and Mermaid.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::excerpt::{Excerpt, ExcerptEdge};

/// What Mermaid draws with its default settings (`maxEdges`), <https://mermaid.js.org/config/schema-docs/config.html>.
const MERMAID_EDGES: usize = 500;
/// The same of `maxTextSize`, in characters, with room for what stands around the lines.
const MERMAID_TEXT: usize = 49_000;

impl Excerpt {
    /// For Graphviz: left to right, a box for each table around its columns. Edges that only decide on rows are dashed.
    #[must_use]
    pub fn to_dot(&self) -> String {
        let mut out = String::from("digraph lineage {\n  rankdir=LR;\n  node [shape=box];\n");
        for (number, (table, nodes)) in self.by_table().into_iter().enumerate() {
            let indent = if table.is_some() { "    " } else { "  " };
            if let Some(table) = table {
                let _ = writeln!(out, "  subgraph cluster_{number} {{\n    label={};", quoted(table));
            }
            for node in nodes {
                let shown = &self.nodes[node];
                let style = if shown.focus { ", style=bold" } else { "" };
                let _ = writeln!(out, "{indent}n{node} [label={}{style}];", quoted(self.label(node)));
            }
            out.push_str(if table.is_some() { "  }\n" } else { "" });
        }
        for edge in &self.edges {
            let style = if is_indirect(edge) { ", style=dashed" } else { "" };
            let _ =
                writeln!(out, "  n{} -> n{} [tooltip={}{style}];", edge.from, edge.to, quoted(&kinds(edge)));
        }
        out.push_str("}\n");
        out
    }

    /// For Mermaid: a flowchart of no more than Mermaid draws. What is left out is said in a comment and in a node.
    #[must_use]
    pub fn to_mermaid(&self) -> String {
        let (shown, edges) = self.within_limits();
        let mut out = String::from("flowchart LR\n");
        let hidden = (self.edges.len() - edges.len(), shown.iter().filter(|shown| !**shown).count());
        if hidden != (0, 0) {
            let note = format!("left out, as Mermaid draws no more: {} edges, {} nodes", hidden.0, hidden.1);
            let _ = writeln!(out, "  %% {note}\n  note[\"{note}\"]");
        }
        for (number, (table, mut nodes)) in self.by_table().into_iter().enumerate() {
            nodes.retain(|node| shown[*node]);
            let table = table.filter(|_| !nodes.is_empty());
            let indent = if table.is_some() { "    " } else { "  " };
            if let Some(table) = table {
                let _ = writeln!(out, "  subgraph t{number}[\"{}\"]", escaped(table));
            }
            for node in nodes {
                let _ = writeln!(out, "{indent}{}", self.mermaid_node(node));
            }
            out.push_str(if table.is_some() { "  end\n" } else { "" });
        }
        for edge in edges {
            let arrow = if is_indirect(edge) { "-.->" } else { "-->" };
            let _ = writeln!(out, "  n{} {arrow} n{}", edge.from, edge.to);
        }
        out
    }

    /// Which nodes and edges Mermaid can draw: edges first, each with its ends, then what has none.
    fn within_limits(&self) -> (Vec<bool>, Vec<&ExcerptEdge>) {
        let mut shown = vec![false; self.nodes.len()];
        let mut alone = vec![true; self.nodes.len()];
        let mut edges = Vec::new();
        let mut size = 0;
        // A node is never longer than its own line and those of a table around it.
        let cost = |node: usize| {
            let table = self.nodes[node].table.as_deref().map_or(0, |table| escaped(table).len() + 32);
            self.mermaid_node(node).len() + table + 8
        };
        for edge in &self.edges {
            (alone[edge.from], alone[edge.to]) = (false, false);
            let new = [edge.from, edge.to].into_iter().filter(|node| !shown[*node]);
            let more = 24 + new.map(cost).sum::<usize>();
            if edges.len() < MERMAID_EDGES && size + more <= MERMAID_TEXT {
                size += more;
                (shown[edge.from], shown[edge.to]) = (true, true);
                edges.push(edge);
            }
        }
        for node in (0..self.nodes.len()).filter(|node| alone[*node]) {
            let more = cost(node);
            if size + more <= MERMAID_TEXT {
                size += more;
                shown[node] = true;
            }
        }
        (shown, edges)
    }

    fn mermaid_node(&self, node: usize) -> String {
        format!("n{node}[\"{}\"]", escaped(self.label(node)))
    }

    /// The nodes of each table together, in the order of their first; what is no column stands alone.
    fn by_table(&self) -> Vec<(Option<&str>, Vec<usize>)> {
        let mut places = BTreeMap::new();
        let mut groups: Vec<(Option<&str>, Vec<usize>)> = Vec::new();
        for (number, node) in self.nodes.iter().enumerate() {
            let Some(table) = node.table.as_deref() else {
                groups.push((None, vec![number]));
                continue;
            };
            let place = *places.entry(table).or_insert(groups.len());
            if place == groups.len() {
                groups.push((Some(table), Vec::new()));
            }
            groups[place].1.push(number);
        }
        groups
    }

    /// A column without its table, which stands around it.
    fn label(&self, node: usize) -> &str {
        let node = &self.nodes[node];
        let own = node.table.as_deref().and_then(|table| node.name.strip_prefix(table)?.strip_prefix('.'));
        own.unwrap_or(&node.name)
    }
}

fn is_indirect(edge: &ExcerptEdge) -> bool {
    edge.kinds.iter().all(|kind| kind.is_indirect())
}

fn kinds(edge: &ExcerptEdge) -> String {
    edge.kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ")
}

/// A string of Graphviz's: a quote ends it, and a backslash begins an escape.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace(['\n', '\r', '\0'], " "))
}

/// A label of Mermaid's between quotes: whatever means something in it or in HTML as the number of the character.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if c.is_alphanumeric() || matches!(c, ' ' | '_' | '.' | '-') {
            out.push(c);
        } else {
            let _ = write!(out, "#{};", u32::from(c));
        }
    }
    out
}
