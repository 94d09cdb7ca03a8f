//! Which tables and columns somebody means by a name, and what to say where nobody goes by it.

use std::collections::BTreeSet;

use migration_kit::lineage::{
    Direction, EdgeKind, EdgeKinds, LineageGraph, LineageNode, Moment, NodeId, NodeKind, Query,
};
use migration_kit::syntax::Dialect;

use crate::call::Call;
use crate::failure::{Failure, NextAction};

/// What goes by a name at a moment: those that are called just so, else those with the same letters whichever way they are
/// quoted, else without regard to case, else those with a schema before that name, else without the schema that needs no name.
pub(super) fn find(name: &str, graph: &LineageGraph, moment: Moment, dialect: Dialect) -> Vec<NodeId> {
    among(name, &named(graph, |node| node.lifetime.contains(moment)), graph, dialect)
}

fn among(name: &str, known: &[Named], graph: &LineageGraph, dialect: Dialect) -> Vec<NodeId> {
    let plain = unquoted(name);
    let folded = plain.to_lowercase();
    let suffix = format!(".{folded}");
    let default = match dialect {
        Dialect::Sqlite => "main.",
        Dialect::Postgres => "public.",
        Dialect::Mysql => "",
    };
    let is_path = name.contains('.');
    let may_be_short = |id: NodeId| is_path || graph.get(id).kind != NodeKind::Column;
    let without = folded.strip_prefix(default).unwrap_or(&folded);
    let ways: [&dyn Fn(&Named) -> bool; 5] = [
        &|known| known.shown == name,
        &|known| known.plain == plain,
        &|known| known.plain.to_lowercase() == folded,
        &|known| may_be_short(known.id) && known.plain.to_lowercase().ends_with(&suffix),
        &|known| known.plain.to_lowercase() == without,
    ];
    let found =
        ways.iter().map(|way| known.iter().filter(|known| way(known)).map(|known| known.id).collect());
    found.into_iter().find(|found: &Vec<NodeId>| !found.is_empty()).unwrap_or_default()
}

/// A table, view or column with its names.
struct Named {
    id: NodeId,
    /// As it is shown.
    shown: String,
    /// Without quotes.
    plain: String,
}

fn named(graph: &LineageGraph, counts: impl Fn(&LineageNode) -> bool) -> Vec<Named> {
    let counts =
        |node: &LineageNode| counts(node) && matches!(node.kind, NodeKind::Dataset | NodeKind::Column);
    let of = |(id, node): (NodeId, &LineageNode)| {
        let plain = match node.parent {
            Some(table) => format!("{}.{}", unquoted(&graph.get(table).name), node.name),
            None => unquoted(&node.name),
        };
        Named { id, shown: graph.path_of(id), plain }
    };
    graph.nodes().filter(|(_, node)| counts(node)).map(of).collect()
}

/// A name without the quotes around its parts, in which every dialect may write it.
fn unquoted(name: &str) -> String {
    let mut plain = String::new();
    let mut rest = name;
    loop {
        let part = rest.chars().next().and_then(|quote| quoted(rest, quote));
        let (part, behind) = part.unwrap_or_else(|| {
            let end = rest.find('.').unwrap_or(rest.len());
            (rest[..end].to_owned(), &rest[end..])
        });
        plain.push_str(&part);
        match behind.strip_prefix('.') {
            Some(next) => rest = next,
            None => return plain,
        }
        plain.push('.');
    }
}

/// The quoted part that a text begins with, and what is behind it: a dot, or nothing.
fn quoted(text: &str, quote: char) -> Option<(String, &str)> {
    let close = match quote {
        '"' | '`' => quote,
        '[' => ']',
        _ => return None,
    };
    let mut part = String::new();
    let mut letters = text.char_indices().skip(1).peekable();
    while let Some((at, letter)) = letters.next() {
        if letter != close {
            part.push(letter);
        } else if letters.peek().is_some_and(|(_, next)| *next == close) {
            part.push(letter);
            letters.next();
        } else {
            let behind = &text[at + letter.len_utf8()..];
            return (behind.is_empty() || behind.starts_with('.')).then_some((part, behind));
        }
    }
    None
}

/// The error where nobody goes by a name: what has become of who did, or who is called much like it. The dialect comes with
/// what the command was given as such.
pub(super) fn unknown(
    name: &str,
    graph: &LineageGraph,
    moment: Moment,
    as_of: Option<&str>,
    (dialect, given): (Dialect, Option<Dialect>),
    call: &Call,
) -> Box<Failure> {
    let behind = as_of.map(|id| format!(" behind `{id}`")).unwrap_or_default();
    let failure =
        Failure::new("lineage.unknown_object", format!("there is no table or column `{name}`{behind}"));
    let ever = among(name, &named(graph, |_| true), graph, dialect);
    match ever.iter().rev().find_map(|node| elsewhen(*node, graph, moment)) {
        Some((what, at)) => {
            let mut words = vec!["lineage", name, "--as-of", at];
            words.extend(given.iter().flat_map(|dialect| ["--dialect", dialect.as_str()]));
            let command = call.command(&words);
            failure.advise(NextAction::manual(what)).advise(NextAction::run("see it as it was then", command))
        }
        None => {
            let known = named(graph, |node| node.lifetime.contains(moment));
            suggesting(failure, name, known.into_iter().map(|known| known.shown))
        }
    }
}

/// Of something that isn't there at a moment: why not, and a migration behind which it is.
fn elsewhen(node: NodeId, graph: &LineageGraph, moment: Moment) -> Option<(String, &str)> {
    let lifetime = graph.get(node).lifetime;
    let name = graph.path_of(node);
    if lifetime.since() > moment {
        let begun = graph.migration_at(lifetime.since())?;
        return Some((format!("`{name}` is there from `{begun}` on"), begun));
    }
    let ended = lifetime.until()?;
    let by = graph.migration_at(ended)?;
    let before = graph.migration_at(Moment::behind(ended.migrations().checked_sub(1)?))?;
    let query = Query::downstream().kinds(EdgeKinds::of([EdgeKind::Rename]));
    debug_assert_eq!(query.direction, Direction::Downstream, "a rename leads from the old name to the new");
    let later = graph.reach(&[node], &query);
    let now = later.iter().rev().find(|reached| graph.get(reached.node).lifetime.contains(moment));
    let what = match now {
        Some(now) => format!("`{name}` is `{}` since `{by}`", graph.path_of(now.node)),
        None => format!("`{name}` is gone since `{by}`"),
    };
    // What came and went within one migration was there behind none.
    (lifetime.since() < ended).then_some((what, before))
}

/// The error with the names most like the one that nobody knows, the best first.
pub(super) fn suggesting(
    failure: Box<Failure>,
    name: &str,
    known: impl Iterator<Item = String>,
) -> Box<Failure> {
    let best: Vec<String> = alike(name, known).iter().map(|known| format!("`{known}`")).collect();
    if best.is_empty() {
        return failure;
    }
    failure.advise(NextAction::manual(format!("did you mean {}?", best.join(", "))))
}

/// The names most like another, the best first, three at most.
pub(crate) fn alike(name: &str, known: impl Iterator<Item = String>) -> Vec<String> {
    let mut scored: Vec<(f64, String)> = known.map(|known| (likeness(name, &known), known)).collect();
    scored.retain(|(score, _)| *score >= 0.5);
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    scored.into_iter().take(3).map(|(_, known)| known).collect()
}

/// How many pairs of neighbouring letters two names share, from 0 to 1 (Dice's coefficient).
fn likeness(a: &str, b: &str) -> f64 {
    let pairs = |text: &str| -> BTreeSet<(char, char)> {
        let letters: Vec<char> = text.to_lowercase().chars().collect();
        letters.windows(2).map(|pair| (pair[0], pair[1])).collect()
    };
    let (a, b) = (pairs(a), pairs(b));
    2.0 * a.intersection(&b).count() as f64 / (a.len() + b.len()).max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_of_every_dialect() {
        for (written, plain) in [
            ("a.b", "a.b"),
            ("\"a.b\".c", "a.b.c"),
            ("`x y`.\"q\"\"q\"", "x y.q\"q"),
            ("[a]]b].c", "a]b.c"),
            ("\"open", "\"open"),
            ("\"a\"b.c", "\"a\"b.c"),
            ("", ""),
            (".", "."),
            ("ü.\"Ö\"", "ü.Ö"),
        ] {
            assert_eq!(unquoted(written), plain, "{written}");
        }
    }

    #[test]
    fn names_in_every_way() {
        let mut graph = LineageGraph::new();
        graph.begin("1");
        let odd = graph.dataset("", "shop.\"Odd.Name\"");
        let column = graph.column(odd, "A b");
        let plain = graph.dataset("", "plain");
        let now = graph.now();
        let found = |name| find(name, &graph, now, Dialect::Postgres);
        for name in ["shop.\"Odd.Name\"", "shop.Odd.Name", "SHOP.odd.name", "\"Odd.Name\"", "odd.name"] {
            assert_eq!(found(name), [odd], "{name}");
        }
        for name in ["shop.\"Odd.Name\".A b", "\"Odd.Name\".\"A b\"", "odd.name.a B"] {
            assert_eq!(found(name), [column], "{name}");
        }
        assert_eq!(found("public.plain"), [plain]);
        assert_eq!(found("A b"), [], "a column needs its table");
        assert_eq!(found("other.plain"), []);
    }
}
