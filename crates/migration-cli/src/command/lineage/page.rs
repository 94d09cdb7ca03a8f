//! `migration lineage --format html`: the page, with what only the command knows.

use std::borrow::Cow;

use migration_kit::lineage::{Coverage, History, Level, LineageGraph, LineagePage, Selection};
use migration_kit::sql::MigrationSet;
use migration_kit::syntax::Dialect;

use crate::args::{GraphArgs, LevelArg};
use crate::screen::count;

/// The whole file.
pub(super) fn page(
    args: &GraphArgs,
    set: &MigrationSet,
    dialect: Dialect,
    history: &History,
    selection: &Selection,
    as_of: Option<&str>,
) -> String {
    let then = history_until(args, set, dialect, as_of);
    let catalogue = then.as_ref().map_or(&history.catalogue, |then| &then.catalogue);
    let mut page = LineagePage::of(&history.graph, catalogue, selection).title(title(args));
    page = match args.level {
        Some(LevelArg::Column) => page.level(Level::Column),
        Some(LevelArg::Table) => page.level(Level::Table),
        None => page,
    };
    if let Some(id) = as_of {
        page = page.note(format!("behind {id}"));
    }
    let Coverage { statements, analysed, .. } = history.coverage;
    if analysed < statements {
        page = page.note(format!("{} could not be read", count(statements - analysed, "statement")));
    }
    page.to_html()
}

fn title(args: &GraphArgs) -> Cow<'static, str> {
    let Some(object) = &args.object else { return Cow::Borrowed("Lineage") };
    Cow::Owned(match (args.upstream, args.downstream) {
        (true, _) => format!("What {object} comes from"),
        (_, true) => format!("What comes from {object}"),
        _ => format!("Lineage of {object}"),
    })
}

/// What there was behind an earlier migration: a graph knows all of its time, a catalogue only its end.
fn history_until(
    args: &GraphArgs,
    set: &MigrationSet,
    dialect: Dialect,
    as_of: Option<&str>,
) -> Option<History> {
    args.as_of.as_ref()?;
    let until = set.migrations().iter().position(|migration| Some(&*migration.id) == as_of)?;
    let texts = set.migrations()[..=until].iter();
    Some(LineageGraph::from_history(dialect, texts.map(|migration| (&*migration.id, &*migration.up.text))))
}
