//! Diesel's history: `__diesel_schema_migrations(version, run_on)`.
//!
//! As in `diesel_migrations` and in diesel's `migration` module (2): a row for each migration that is applied, a rollback
//! deletes it. The version is the folder's name up to the first `_`, without its dashes. There are no checksums; a
//! migration that fails leaves no row. The time has no zone and is taken for UTC.

use super::{Entry, Facts, Key, Rows};
use crate::SqlMigration;

pub(super) const FACTS: Facts = Facts {
    table: "__diesel_schema_migrations",
    columns: &["version", "run_on"],
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
        let applied_at = row.time("run_on");
        Ok(Entry { applied_at, ..Entry::applied(Key::Text(version.clone()), version) })
    };
    rows.iter().map(entry).collect()
}

fn key(migration: &SqlMigration) -> Option<Key> {
    migration.version.as_ref().map(|version| Key::Text(version.replace('-', "")))
}
