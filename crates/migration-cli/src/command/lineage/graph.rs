//! `migration lineage [OBJECT]`: the graph that the migrations of the directory build, or a part of it.

use std::fs;

use migration_kit::lineage::{
    Coverage, Direction, Excerpt, Level, LineageGraph, Moment, NodeId, NodeKind, NotAnalysed, Selection,
};
use migration_kit::sql::MigrationSet;
use migration_kit::syntax::Dialect;
use schemars::JsonSchema;
use serde::Serialize;

use super::input::{dialect, load};
use super::object::{find, suggesting, unknown};
use super::page::page;
use crate::args::{GraphArgs, LevelArg, PictureFormat};
use crate::context::Context;
use crate::failure::{Failure, NextAction, Result};
use crate::openlineage;
use crate::screen::{View, count, notes, printable};
use crate::style::{DIM, STRONG, paint};

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
    /// What of them was not, in order.
    unanalysed: Vec<NotAnalysed>,
    #[serde(flatten)]
    excerpt: Excerpt,
    /// The file that it was written to.
    output: Option<String>,
    /// What the terminal shows.
    #[serde(skip)]
    shown: String,
    /// How many events that is, if it is some.
    #[serde(skip)]
    events: Option<usize>,
    /// Whether another program reads that.
    #[serde(skip)]
    for_programs: bool,
}

impl GraphData {
    pub(super) fn render(&self, view: View) -> String {
        let mut missed = Vec::new();
        if self.coverage.analysed < self.coverage.statements {
            let all = count(self.coverage.statements, "statement");
            let number = self.coverage.statements - self.coverage.analysed;
            let more = if view.verbose { "" } else { "; --verbose says which" };
            missed.push(format!("{number} of {all} could not be read{more}"));
        }
        if view.verbose {
            let told =
                |part: &NotAnalysed| format!("{}, line {}: {}", part.migration, part.line, part.reason);
            missed.extend(self.unanalysed.iter().map(told));
        }
        match &self.output {
            Some(_) if view.quiet => String::new(),
            Some(output) => {
                let (nodes, edges) = (self.excerpt.nodes.len(), self.excerpt.edges.len());
                let what = match self.events {
                    Some(events) => count(events, "event"),
                    None => format!("{}, {}", count(nodes, "node"), count(edges, "edge")),
                };
                format!("{}{what} written to {}\n", notes(&missed), printable(output))
            }
            None if self.for_programs => self.shown.clone(),
            None if self.excerpt.nodes.is_empty() => {
                let behind = self.as_of.as_ref().map(|id| format!(" behind `{id}`")).unwrap_or_default();
                format!("{}there are no tables or views{}\n", notes(&missed), printable(&behind))
            }
            None => format!("{}{}", notes(&missed), styled(&printable(&self.shown))),
        }
    }
}

/// Trees with names before what is said of them.
fn styled(trees: &str) -> String {
    let line = |line: &str| match line {
        "comes from:" | "goes to:" => format!("{}\n", paint(STRONG, line)),
        _ => {
            let said = ["  [", " (see above)", " (see below)", "  (nothing)"];
            let at = said.iter().filter_map(|said| line.rfind(said)).min().unwrap_or(line.len());
            let (name, said) = line.split_at(at);
            if said.is_empty() { format!("{name}\n") } else { format!("{name}{}\n", paint(DIM, said)) }
        }
    };
    trees.lines().map(line).collect()
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
        selection.focus = find(object, &history.graph, moment, dialect);
        if selection.focus.is_empty() {
            return Err(unknown(
                object,
                &history.graph,
                moment,
                as_of.as_deref(),
                (dialect, args.dialect),
                &context.call,
            ));
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
        unanalysed: history.unanalysed.clone(),
        excerpt,
        output: None,
        shown: String::new(),
        events: None,
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
    if let Some(path) = args.output.as_ref().filter(|path| path.as_os_str() != "-") {
        fs::write(path, &data.shown).map_err(|error| {
            let what = format!("can't write {}", path.display());
            Failure::new("lineage.not_written", what).because(error.to_string())
        })?;
        data.output = Some(path.display().to_string());
        let is_events = args.format == PictureFormat::OpenLineage;
        data.events = is_events.then(|| data.shown.lines().count());
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
        let failure = suggesting(failure, text, known);
        let last = set.migrations().last().filter(|_| failure.next_actions.is_empty());
        return Err(match last {
            Some(last) => failure.advise(NextAction::manual(format!("the last one is `{}`", last.id))),
            None => failure,
        });
    };
    Ok((Some(migration.id.clone()), moment))
}
