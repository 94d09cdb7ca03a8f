//! goose's history: `goose_db_version(id, version_id, is_applied, tstamp)`.
//!
//! As in its dialects and `GetMigrations` (v2, v3): the newest row of a version, by `id`, says whether it is applied; older
//! versions of goose noted a rollback in one more row, newer ones delete the row. Version 0 only says that the table was
//! made. There are no checksums, and a migration that fails leaves no row. The time has no zone and is taken for UTC.

use std::collections::BTreeMap;

use super::{Entry, Facts, Key, Rows};
use crate::SqlMigration;

pub(super) const FACTS: Facts = Facts {
    table: "goose_db_version",
    columns: &["id", "version_id", "is_applied", "tstamp"],
    no_others: true,
    read,
    key,
    fits: None,
    failed: "",
    mend: "",
    note: None,
};

fn read(rows: &Rows) -> Result<Vec<Entry>, String> {
    let mut newest = BTreeMap::new();
    for row in rows.iter() {
        let version = row.number("version_id").ok_or("a row has no `version_id` that is a number")?;
        let incomplete =
            || format!("a row of version {version} has no `id` or doesn't say whether it is applied");
        let id = row.number("id").ok_or_else(incomplete)?;
        let applied = row.truth("is_applied").ok_or_else(incomplete)?;
        let kept = newest.entry(version).or_insert((id, applied, row.time("tstamp")));
        if kept.0 < id {
            *kept = (id, applied, row.time("tstamp"));
        }
    }
    let applied = newest.into_iter().filter(|(version, (_, applied, _))| *version > 0 && *applied);
    let entry = |(version, (_, _, applied_at)): (i128, (_, _, _))| Entry {
        applied_at,
        ..Entry::applied(Key::Number(version), version.to_string())
    };
    Ok(applied.map(entry).collect())
}

fn key(migration: &SqlMigration) -> Option<Key> {
    migration.version.as_ref()?.parse().ok().map(Key::Number)
}
