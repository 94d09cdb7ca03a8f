//! Flyway's history: `flyway_schema_history`, a log in the order of `installed_rank`.
//!
//! As in its `JdbcTableSchemaHistory`, `MigrationInfoServiceImpl` and `ChecksumCalculator` (5 to 11): the newest row of a
//! version counts; a row of a type `UNDO…` or `DELETE` takes the version back, one of a type `…BASELINE` stands for all up
//! to its own; repeatable migrations have no version and are known by their description; rows that say that a schema or
//! the table was made, and those of no type that is known here but of Java and scripts, are no migrations of a directory.
//! `success` is false where a migration failed and the database could not undo it.
//!
//! The checksum is the CRC-32 of the lines of the file in UTF-8, without line ends and without a byte-order mark. That of
//! a repeatable migration is of its text after placeholders were replaced.

use std::collections::BTreeMap;

use super::crc32::Crc32;
use super::entry::Says;
use super::{Entry, Facts, Key, Rows};
use crate::SqlMigration;
use crate::layout::DottedVersion;

pub(super) const FACTS: Facts = Facts {
    table: "flyway_schema_history",
    columns: &[
        "installed_rank",
        "version",
        "description",
        "type",
        "script",
        "checksum",
        "installed_on",
        "success",
    ],
    no_others: false,
    read,
    key,
    fits: Some(fits),
    failed: "it failed where the database could not undo it, so part of it may be in effect (`success` is false)",
    mend: "see what of it is in effect and undo it by hand, then let Flyway remove the row: `flyway repair`",
    note: None,
};

fn read(rows: &Rows) -> Result<Vec<Entry>, String> {
    let mut log = Vec::new();
    for row in rows.iter() {
        log.push((row.number("installed_rank").ok_or("a row has no `installed_rank`")?, row));
    }
    log.sort_by_key(|(rank, _)| *rank);
    let mut entries = BTreeMap::new();
    for (rank, row) in log {
        let kind = row.text("type").ok_or_else(|| format!("the row with the rank {rank} has no type"))?;
        if matches!(kind.as_str(), "SCHEMA" | "TABLE") {
            continue;
        }
        let (version, description) = (row.text("version"), row.text("description").unwrap_or_default());
        let (key, label) = match version.filter(|version| !version.is_empty()) {
            Some(version) => {
                let dotted = DottedVersion::parse(&version);
                let dotted = dotted.ok_or_else(|| format!("`{version}` is no version"))?;
                (Key::Dotted(dotted), version)
            }
            None => (Key::Text(description.clone()), row.text("script").unwrap_or(description)),
        };
        entries.remove(&key);
        if kind.starts_with("UNDO") || kind == "DELETE" {
            continue;
        }
        let success = row
            .truth("success")
            .ok_or_else(|| format!("the row of `{label}` doesn't say whether it succeeded"))?;
        let is_baseline = kind.ends_with("BASELINE");
        let entry = Entry {
            says: match (success, is_baseline) {
                (false, _) => Says::Failed,
                (true, true) => Says::UpToAny,
                (true, false) => Says::Applied,
            },
            applied_at: row.time("installed_on"),
            execution_time_ms: row.number("execution_time").and_then(|time| i64::try_from(time).ok()),
            checksum: row.text("checksum").filter(|_| !is_baseline),
            repeatable: matches!(key, Key::Text(_)),
            ..Entry::applied(key.clone(), label)
        };
        entries.insert(key, entry);
    }
    Ok(entries.into_values().collect())
}

/// The version; the description of one that is repeatable.
fn key(migration: &SqlMigration) -> Option<Key> {
    match &migration.version {
        Some(version) => DottedVersion::parse(version).map(Key::Dotted),
        None => migration.id.strip_prefix("R__").map(|name| Key::Text(name.replace('_', " "))),
    }
}

fn fits(checksum: &str, migration: &SqlMigration) -> bool {
    // A repeatable migration is to run again when a value is another one, so its checksum is of the values.
    let text: &str = if migration.repeatable { &migration.up.text } else { migration.up.in_file() };
    let mut crc = Crc32::new();
    for line in text.strip_prefix('\u{feff}').unwrap_or(text).split(['\n', '\r']) {
        crc.update(line.as_bytes());
    }
    // Java has no unsigned numbers.
    crc.finish().cast_signed().to_string() == checksum
}
