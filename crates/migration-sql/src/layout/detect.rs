//! Which layout a directory is in, by its names and, where two tools use the same names, by its texts.

use std::path::Path;

use super::listing::{Entry, Kind, Listing};
use super::read::Reader;
use super::{Layout, LoadError, Loaded, sqlx};
use crate::Script;

/// The layout that the names speak for; `None` when no name speaks for any and nothing looks like SQL. Where they are
/// sqlx's, the first file tells whether it is sqlx's or that of a tool that keeps the up and the down part in one.
pub(super) fn by_names(listing: &Listing) -> Result<Option<Layout>, LoadError> {
    let mut claims = Vec::new();
    for layout in Layout::ALL {
        if let Some(entry) = (layout.format().claims)(listing)? {
            let marked =
                if *layout == Layout::Sqlx { marked(listing, entry, &mut Reader::new())? } else { None };
            let layout = marked.unwrap_or(*layout);
            if !claims.iter().any(|(claimed, _)| *claimed == layout) {
                claims.push((layout, listing.path(entry)));
            }
        }
    }
    match claims.as_slice() {
        [] => stray_sql(listing).map(|()| None),
        [(layout, _)] => Ok(Some(*layout)),
        _ => Err(LoadError::AmbiguousLayout { directory: listing.root.clone(), examples: claims }),
    }
}

/// The layout after a look at the texts: golang-migrate's names may hide sqlx's files, and any file may be one with an up
/// and a down part. Run whole, such a file would undo itself.
pub(super) fn by_texts(named: Layout, loaded: &Loaded) -> Result<Layout, LoadError> {
    if let Some((path, tool)) = foreign(named, loaded).next() {
        return Err(LoadError::ForeignLayout { path: path.to_owned(), tool });
    }
    let scripts = loaded.migrations.iter().flat_map(|m| [Some(&m.up), m.down.as_ref()]).flatten();
    let of_sqlx = |script: &Script| sqlx::only_sqlx_begins_so(&script.text);
    let hidden = named == Layout::GolangMigrate && scripts.into_iter().any(of_sqlx);
    Ok(if hidden { Layout::Sqlx } else { named })
}

/// The files of layouts without such markers that begin with the marker of another tool, and that tool.
pub(super) fn foreign(layout: Layout, loaded: &Loaded) -> impl Iterator<Item = (&Path, &'static str)> {
    let whole = !matches!(layout, Layout::Goose | Layout::Dbmate | Layout::Json);
    let files = loaded.migrations.iter().filter(move |_| whole);
    files.filter_map(|migration| Some((migration.up.path.as_deref()?, tool_of(&migration.up.text)?)))
}

/// The layout whose marker a file begins with.
pub(super) fn marked(
    listing: &Listing,
    entry: &Entry,
    reader: &mut Reader,
) -> Result<Option<Layout>, LoadError> {
    let text = reader.text(&listing.path(entry), entry.kind)?;
    Ok(tool_of(text).and_then(|tool| tool.parse().ok()))
}

/// These tools demand their marker before the first statement, so that only the comments at the top need a look.
fn tool_of(text: &str) -> Option<&'static str> {
    let text = text.trim_start_matches('\u{feff}');
    let top = text.lines().map(str::trim).take_while(|line| line.is_empty() || line.starts_with("--"));
    for comment in top.map(|line| line.trim_start_matches('-').trim_start()) {
        if comment.starts_with("+goose") {
            return Some("goose");
        } else if comment.starts_with("+migrate") {
            return Some("sql-migrate");
        } else if comment.starts_with("migrate:up") {
            return Some("dbmate");
        }
    }
    None
}

/// SQL that no layout claims must not read as "no migrations here, all is well".
fn stray_sql(listing: &Listing) -> Result<(), LoadError> {
    let is_sql = |name: &str| Path::new(name).extension().is_some_and(|e| e.eq_ignore_ascii_case("sql"));
    for entry in &listing.entries {
        let stray = match entry.kind {
            Kind::File if is_sql(&entry.name) => Some(listing.path(entry)),
            Kind::File => None,
            Kind::Directory | Kind::Link => listing.sql_in(entry),
        };
        if let Some(path) = stray {
            return Err(LoadError::UnknownLayout { path });
        }
    }
    Ok(())
}
