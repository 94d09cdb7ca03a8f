//! golang-migrate's history: `schema_migrations(version, dirty)`, with one row or none.
//!
//! As in its `database` drivers (v4): the row holds the version that the database is at, so every migration up to it counts
//! as applied; which of them really ran, and when, is nowhere recorded. `dirty` is set before a migration runs and taken
//! back after it, so it stays when one failed. A version of -1 means that none is applied.

use super::entry::Says;
use super::{Entry, Facts, Key, Rows};
use crate::SqlMigration;

pub(super) const FACTS: Facts = Facts {
    table: "schema_migrations",
    columns: &["version", "dirty"],
    no_others: true,
    read,
    key,
    fits: None,
    failed: "a migration to or from this version failed, and how much of it took effect is not recorded (`dirty` is set)",
    mend: "see what of it is in effect and finish or undo it by hand, then tell golang-migrate the version that the \
           database is at: `migrate force VERSION`",
    note: Some(
        "golang-migrate only records the version that the database is at: every migration up to it counts as applied",
    ),
};

fn read(rows: &Rows) -> Result<Vec<Entry>, String> {
    let mut entries = Vec::new();
    for row in rows.iter() {
        let version = row.number("version").ok_or("a row has no version that is a number")?;
        let dirty = row
            .truth("dirty")
            .ok_or_else(|| format!("the row of version {version} doesn't say whether it is dirty"))?;
        if version < 0 && !dirty {
            continue;
        }
        let says = if dirty { Says::Failed } else { Says::UpToThis };
        entries.push(Entry { says, ..Entry::applied(Key::Number(version), version.to_string()) });
    }
    if entries.len() > 1 {
        return Err(format!("it has {} rows, where golang-migrate keeps one", entries.len()));
    }
    Ok(entries)
}

fn key(migration: &SqlMigration) -> Option<Key> {
    migration.version.as_ref()?.parse().ok().map(Key::Number)
}
