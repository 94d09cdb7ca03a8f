//! `migration lineage [OBJECT]`: the graph that the migrations of the directory build, or a part of it.

use std::collections::BTreeSet;
use std::fs;

use migration_kit::lineage::{
    Coverage, Direction, Excerpt, Level, LineageGraph, Moment, NodeId, NodeKind, Selection,
};
use migration_kit::sql::MigrationSet;
use migration_kit::syntax::Dialect;
use schemars::JsonSchema;
use serde::Serialize;

use super::input::{dialect, load};
use super::page::page;
use crate::args::{GraphArgs, LevelArg, PictureFormat};
use crate::context::Context;
use crate::failure::{Failure, NextAction, Result};
use crate::openlineage;
use crate::screen::{View, count, notes, printable};

/// Nodes and edges of the graph.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct GraphData {
    /// Whose rules the migrations were read by.
    dialect: Dialect,
    /// The migration behind which everything is shown; `null` if there is none.
    as_of: Option<String>,
    /// What is shown as one thing.
    level: Level,
    /// How much of the migrations was understood.
    coverage: Coverage,
    #[serde(flatten)]
    excerpt: Excerpt,
    /// The file that it was written to.
    output: Option<String>,
    /// What the terminal shows.
    #[serde(skip)]
    shown: String,
    /// Whether another program reads that.
    #[serde(skip)]
    for_programs: bool,
}

impl GraphData {
    pub(super) fn render(&self, view: View) -> String {
        let mut missed = Vec::new();
        if self.coverage.analysed < self.coverage.statements {
            let all = count(self.coverage.statements, "statement");
            missed.push(format!(
                "{} of {all} could not be read",
                self.coverage.statements - self.coverage.analysed
            ));
        }
        match &self.output {
            Some(_) if view.quiet => String::new(),
            Some(output) => {
                let (nodes, edges) = (self.excerpt.nodes.len(), self.excerpt.edges.len());
                let what = format!("{}, {}", count(nodes, "node"), count(edges, "edge"));
                format!("{}{what} written to {}\n", notes(&missed), printable(output))
            }
            None if self.for_programs => self.shown.clone(),
            None => format!("{}{}", notes(&missed), printable(&self.shown)),
        }
    }
}

pub(super) fn run(args: &GraphArgs, context: &Context) -> Result<GraphData> {
    let dialect = dialect(args.dialect, context)?;
    if args.format == PictureFormat::OpenLineage && (args.object.is_some() || args.level.is_some()) {
        let what = "`--format openlineage` is about everything: it takes no OBJECT and no --level";
        return Err(Failure::new("usage.argument_conflict", what));
    }
    let set = load(dialect, context)?;
    let texts = set.migrations().iter().map(|migration| (&*migration.id, migration.up.shown()));
    let history = LineageGraph::from_history(dialect, texts);
    let (as_of, moment) = moment(args, &set, &history.graph)?;
    let mut selection = Selection::default();
    selection.as_of = Some(moment);
    selection.depth = args.depth;
    selection.direction = match (args.upstream, args.downstream) {
        (true, _) => Some(Direction::Upstream),
        (_, true) => Some(Direction::Downstream),
        _ => None,
    };
    if let Some(object) = &args.object {
        selection.focus = find(object, &history.graph, moment);
        if selection.focus.is_empty() {
            return Err(unknown(object, &history.graph, moment, as_of.as_deref()));
        }
    }
    let is_column = |node: &NodeId| history.graph.get(*node).kind == NodeKind::Column;
    selection.level = match args.level {
        Some(LevelArg::Column) => Level::Column,
        None if selection.focus.iter().any(is_column) => Level::Column,
        Some(LevelArg::Table) | None => Level::Table,
    };
    let excerpt = Excerpt::of(&history.graph, &selection);
    let mut data = GraphData {
        dialect,
        as_of,
        level: selection.level,
        coverage: history.coverage,
        excerpt,
        output: None,
        shown: String::new(),
        for_programs: args.format != PictureFormat::Text,
    };
    data.shown = match args.format {
        PictureFormat::Text => data.excerpt.to_text(selection.direction),
        PictureFormat::Html => page(args, &set, dialect, &history, &selection, data.as_of.as_deref()),
        PictureFormat::Dot => data.excerpt.to_dot(),
        PictureFormat::Mermaid => data.excerpt.to_mermaid(),
        PictureFormat::Json => {
            serde_json::to_string_pretty(&data).map(|text| text + "\n").unwrap_or_default()
        }
        PictureFormat::OpenLineage => openlineage::events_of(&set, dialect, data.as_of.as_deref(), context)?,
    };
    if let Some(path) = &args.output {
        fs::write(path, &data.shown).map_err(|error| {
            let what = format!("can't write {}", path.display());
            Failure::new("lineage.not_written", what).because(error.to_string())
        })?;
        data.output = Some(path.display().to_string());
    }
    Ok(data)
}

/// The migration behind which everything is shown, and the moment that it is.
fn moment(args: &GraphArgs, set: &MigrationSet, graph: &LineageGraph) -> Result<(Option<String>, Moment)> {
    let Some(text) = &args.as_of else {
        return Ok((set.migrations().last().map(|migration| migration.id.clone()), graph.now()));
    };
    let found = set.find(text).and_then(|migration| Some((migration, graph.moment_of(&migration.id)?)));
    let Some((migration, moment)) = found else {
        let known = set.migrations().iter().map(|migration| migration.id.clone());
        let failure = Failure::new("lineage.unknown_migration", format!("there is no migration `{text}`"));
        return Err(suggesting(failure, text, known));
    };
    Ok((Some(migration.id.clone()), moment))
}

/// What goes by a name at a moment: those that are called just so, else without regard to case, else those with a schema
/// before that name.
fn find(name: &str, graph: &LineageGraph, moment: Moment) -> Vec<NodeId> {
    let named: Vec<(NodeId, String)> = named(graph, moment).collect();
    let exact = |known: &str| known == name;
    let folded = |known: &str| known.eq_ignore_ascii_case(name);
    let qualified = |known: &str| {
        let at = known.len().checked_sub(name.len());
        at.and_then(|at| Some((known.get(..at)?, known.get(at..)?)))
            .is_some_and(|(schema, rest)| schema.ends_with('.') && rest.eq_ignore_ascii_case(name))
    };
    let is_dataset = |id: NodeId| graph.get(id).kind != NodeKind::Column;
    let all = |test: &dyn Fn(&str) -> bool, tables_only: bool| -> Vec<NodeId> {
        let found = named.iter().filter(|(id, known)| test(known) && (!tables_only || is_dataset(*id)));
        found.map(|(id, _)| *id).collect()
    };
    let is_path = name.contains('.');
    [all(&exact, false), all(&folded, false), all(&qualified, !is_path)]
        .into_iter()
        .find(|found| !found.is_empty())
        .unwrap_or_default()
}

/// Tables, views and columns that there are at a moment.
fn named(graph: &LineageGraph, moment: Moment) -> impl Iterator<Item = (NodeId, String)> {
    let is_there = move |node: &migration_kit::lineage::LineageNode| {
        node.lifetime.contains(moment) && matches!(node.kind, NodeKind::Dataset | NodeKind::Column)
    };
    graph.nodes().filter(move |(_, node)| is_there(node)).map(|(id, _)| (id, graph.path_of(id)))
}

fn unknown(name: &str, graph: &LineageGraph, moment: Moment, as_of: Option<&str>) -> Box<Failure> {
    let behind = as_of.map(|id| format!(" behind `{id}`")).unwrap_or_default();
    let failure =
        Failure::new("lineage.unknown_object", format!("there is no table or column `{name}`{behind}"));
    suggesting(failure, name, named(graph, moment).map(|(_, known)| known))
}

/// The error with the names most like the one that nobody knows, the best first.
fn suggesting(failure: Box<Failure>, name: &str, known: impl Iterator<Item = String>) -> Box<Failure> {
    let mut scored: Vec<(f64, String)> = known.map(|known| (likeness(name, &known), known)).collect();
    scored.retain(|(score, _)| *score >= 0.5);
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    let best: Vec<String> = scored.into_iter().take(3).map(|(_, known)| format!("`{known}`")).collect();
    if best.is_empty() {
        return failure;
    }
    failure.advise(NextAction::manual(format!("did you mean {}?", best.join(", "))))
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
