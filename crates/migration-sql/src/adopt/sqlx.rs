//! sqlx's history: `_sqlx_migrations(version, description, installed_on, success, checksum, execution_time)`.
//!
//! As in `sqlx-core`'s `migrate` module and the drivers' (0.5 to 0.9): the checksum is the SHA-384 of the up script's file,
//! byte for byte; the time is in nanoseconds, -1 where it was not taken. A row whose `success` is false was written before
//! a script that ran in no transaction, as all do on MySQL, and that script did not come to its end.

use sha2::{Digest as _, Sha384};

use super::entry::Says;
use super::{Entry, Facts, Key, Rows, hex};
use crate::SqlMigration;

pub(super) const FACTS: Facts = Facts {
    table: "_sqlx_migrations",
    columns: &["version", "description", "installed_on", "success", "checksum", "execution_time"],
    no_others: false,
    read,
    key,
    fits: Some(fits),
    failed: "its script ran in no transaction and did not come to its end, so part of it may be in effect (`success` is false)",
    mend: "see what of it is in effect and finish or undo it by hand, then set `success` in its row, or delete the row",
    note: None,
};

const NANOSECONDS: i128 = 1_000_000;

fn read(rows: &Rows) -> Result<Vec<Entry>, String> {
    let entry = |row: super::rows::Row<'_>| {
        let version = row.number("version").ok_or("a row has no version that is a number")?;
        let success = row.truth("success");
        let success = success
            .ok_or_else(|| format!("the row of version {version} doesn't say whether it succeeded"))?;
        let time = row.number("execution_time").filter(|time| *time >= 0);
        Ok(Entry {
            says: if success { Says::Applied } else { Says::Failed },
            applied_at: row.time("installed_on"),
            execution_time_ms: time.and_then(|time| i64::try_from(time / NANOSECONDS).ok()),
            checksum: row.digits("checksum"),
            ..Entry::applied(Key::Number(version), version.to_string())
        })
    };
    rows.iter().map(entry).collect()
}

fn key(migration: &SqlMigration) -> Option<Key> {
    migration.version.as_ref()?.parse().ok().map(Key::Number)
}

fn fits(checksum: &str, migration: &SqlMigration) -> bool {
    hex::digits(&Sha384::digest(migration.up.in_file().as_bytes())) == checksum
}
