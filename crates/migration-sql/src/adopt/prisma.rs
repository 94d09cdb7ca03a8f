//! Prisma's history: `_prisma_migrations`, with a row for each attempt.
//!
//! As in its schema engine (3 to 7): the checksum is the SHA-256 of `migration.sql`, where line ends of another system don't
//! matter; a row with `rolled_back_at` doesn't count, one without `finished_at` is of an attempt that failed or was cut
//! off; `prisma migrate resolve` writes both.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use super::entry::Says;
use super::{Entry, Facts, Key, Rows, hex};
use crate::SqlMigration;

pub(super) const FACTS: Facts = Facts {
    table: "_prisma_migrations",
    columns: &["id", "checksum", "finished_at", "migration_name", "rolled_back_at", "started_at"],
    no_others: false,
    read,
    key,
    fits: Some(fits),
    failed: "it was begun and never finished, so part of it may be in effect (`finished_at` is empty)",
    mend: "see what of it is in effect, then say so with `prisma migrate resolve --applied NAME` or `--rolled-back NAME`",
    note: None,
};

fn read(rows: &Rows) -> Result<Vec<Entry>, String> {
    let mut entries = BTreeMap::new();
    for row in rows.iter() {
        let name = row.text("migration_name").ok_or("a row has no `migration_name`")?;
        if row.has("rolled_back_at") {
            continue;
        }
        let (begun, done) = (row.time("started_at"), row.time("finished_at"));
        let finished = row.has("finished_at");
        let taken = begun
            .zip(done)
            .and_then(|(begun, done)| i64::try_from(done.duration_since(begun).as_millis()).ok());
        let entry = Entry {
            says: if finished { Says::Applied } else { Says::Failed },
            applied_at: done,
            execution_time_ms: taken.filter(|taken| *taken >= 0),
            checksum: row.text("checksum"),
            ..Entry::applied(Key::Text(name.clone()), name.clone())
        };
        // An attempt that is still open counts over one that came to its end.
        let kept = entries.entry(name).or_insert_with(|| entry.clone());
        if kept.says == Says::Applied && (!finished || kept.applied_at < entry.applied_at) {
            *kept = entry;
        }
    }
    Ok(entries.into_values().collect())
}

/// The name of the folder.
fn key(migration: &SqlMigration) -> Option<Key> {
    Some(Key::Text(migration.id.clone()))
}

fn fits(checksum: &str, migration: &SqlMigration) -> bool {
    let text = &migration.up.text;
    let unix = text.replace("\r\n", "\n");
    let is = |text: &str| hex::digits(&Sha256::digest(text.as_bytes())).eq_ignore_ascii_case(checksum);
    is(text) || is(&unix) || is(&unix.replace('\n', "\r\n"))
}
