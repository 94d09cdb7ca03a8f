//! dbmate's history: `schema_migrations(version)`.
//!
//! As in its drivers (v1, v2): a row for each migration that is applied, whose version is the text of the digits that the
//! file's name begins with; a rollback deletes it. Neither times nor checksums are recorded, and a migration that fails
//! leaves no row. Rails keeps a table that looks the same; `ar_internal_metadata` beside it gives that away.

use super::{Entry, Facts, Key, Rows};
use crate::SqlMigration;

pub(super) const FACTS: Facts = Facts {
    table: "schema_migrations",
    columns: &["version"],
    no_others: true,
    read,
    key,
    fits: None,
    failed: "",
    mend: "",
    note: None,
};

fn read(rows: &Rows) -> Result<Vec<Entry>, String> {
    let entry = |row: super::rows::Row<'_>| {
        let version = row.text("version").ok_or("a row has no version")?;
        Ok(Entry::applied(Key::Text(version.clone()), version))
    };
    rows.iter().map(entry).collect()
}

fn key(migration: &SqlMigration) -> Option<Key> {
    migration.version.clone().map(Key::Text)
}
