//! Trees for a terminal.

use std::collections::VecDeque;
use std::fmt::Write as _;

use super::excerpt::{Excerpt, ExcerptEdge};
use crate::graph::Direction;

/// Deeper than this nobody can follow the lines: what is further away gets a tree of its own.
const DEEPEST: usize = 40;

impl Excerpt {
    /// A tree for each node that was asked about, or of a whole graph for each where data begins. What stands in a tree already
    /// is named again, but not with all that is below it. Ends of lines and tabs in names are written as `\n` and the like;
    /// nothing else is escaped: names may hold whatever a database takes.
    #[must_use]
    pub fn to_text(&self, direction: Option<Direction>) -> String {
        let mut out = String::new();
        let focus: Vec<usize> = (0..self.nodes.len()).filter(|node| self.nodes[*node].focus).collect();
        if focus.is_empty() {
            let incoming = self.neighbours(Direction::Upstream);
            let (mut begin, rest): (Vec<_>, Vec<_>) =
                (0..self.nodes.len()).partition(|node| incoming[*node].is_empty());
            // What no beginning leads to is a ring.
            begin.extend(rest);
            self.forest(&begin, Direction::Downstream, true, &mut out);
            return out;
        }
        for (way, title) in [(Direction::Upstream, "comes from"), (Direction::Downstream, "goes to")] {
            if direction.is_none_or(|only| only == way) {
                let _ = writeln!(out, "{title}:");
                self.forest(&focus, way, false, &mut out);
            }
        }
        out
    }

    /// A tree for each root; those that stand in an earlier one are left out if told.
    fn forest(&self, roots: &[usize], way: Direction, leave_out: bool, out: &mut String) {
        let next = self.neighbours(way);
        let mut seen = vec![false; self.nodes.len()];
        let mut roots: VecDeque<(usize, bool)> = roots.iter().map(|root| (*root, leave_out)).collect();
        while let Some((root, leave_out)) = roots.pop_front() {
            if leave_out && seen[root] {
                continue;
            }
            let mut open: Vec<(usize, Option<&ExcerptEdge>, String, bool)> =
                vec![(root, None, String::new(), true)];
            while let Some((node, edge, before, last)) = open.pop() {
                let deep = before.chars().count() >= DEEPEST * 3 && !next[node].is_empty() && !seen[node];
                let again = seen[node] && !next[node].is_empty();
                seen[node] |= !deep;
                let branch = match edge {
                    None => "",
                    Some(_) if last => "└─ ",
                    Some(_) => "├─ ",
                };
                let kinds = edge.map(kinds).unwrap_or_default();
                let mark = match (again, deep) {
                    (true, _) => " (see above)",
                    (_, true) => " (see below)",
                    _ if !leave_out && edge.is_none() && next[node].is_empty() => "  (nothing)",
                    _ => "",
                };
                let name = in_one_line(&self.nodes[node].name);
                let _ = writeln!(out, "{before}{branch}{name}{mark}{kinds}");
                if deep {
                    roots.push_front((node, true));
                }
                if again || deep {
                    continue;
                }
                let below = match edge {
                    None => String::new(),
                    Some(_) if last => format!("{before}   "),
                    Some(_) => format!("{before}│  "),
                };
                let count = next[node].len();
                let children = next[node].iter().enumerate().rev();
                open.extend(
                    children.map(|(at, (node, edge))| (*node, Some(*edge), below.clone(), at + 1 == count)),
                );
            }
        }
    }
}

/// A name that breaks no line and moves nothing.
fn in_one_line(name: &str) -> String {
    name.replace('\n', "\\n").replace('\r', "\\r").replace('\t', "\\t")
}

/// In which ways, behind a name.
fn kinds(edge: &ExcerptEdge) -> String {
    let kinds: Vec<&str> = edge.kinds.iter().map(|kind| kind.as_str()).collect();
    let masked = if edge.masking { ", masked" } else { "" };
    format!("  [{}{masked}]", kinds.join(", "))
}
