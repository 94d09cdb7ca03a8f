//! refinery's history: `refinery_schema_history(version, name, applied_on, checksum)`.
//!
//! As in `refinery-core` 0.8 to 0.10 (`runner.rs`): the checksum is the SipHash-1-3, with a key of zeros, of the name and
//! the text, each followed by a byte 255, with the version between them in the bytes of an `i32`, or of an `i64` where
//! refinery was built with `int8-versions`; which of them can't be told, so either will do. Rows are written with what
//! they are about, so none of them means a failure.

use super::siphash::SipHash13;
use super::{Entry, Facts, Key, Rows};
use crate::SqlMigration;

pub(super) const FACTS: Facts = Facts {
    table: "refinery_schema_history",
    columns: &["version", "name", "applied_on", "checksum"],
    no_others: false,
    read,
    key,
    fits: Some(fits),
    failed: "",
    mend: "",
    note: None,
};

fn read(rows: &Rows) -> Result<Vec<Entry>, String> {
    let entry = |row: super::rows::Row<'_>| {
        let version = row.number("version").ok_or("a row has no version that is a number")?;
        let applied_at = row.time("applied_on");
        let checksum = row.text("checksum");
        Ok(Entry { applied_at, checksum, ..Entry::applied(Key::Number(version), version.to_string()) })
    };
    rows.iter().map(entry).collect()
}

fn key(migration: &SqlMigration) -> Option<Key> {
    migration.version.as_ref()?.parse().ok().map(Key::Number)
}

fn fits(checksum: &str, migration: &SqlMigration) -> bool {
    let (name, text) = (name(migration), &migration.up.text);
    let Some(Ok(version)) = migration.version.as_ref().map(|version| version.parse::<i64>()) else {
        return false;
    };
    let short = i32::try_from(version).ok().map(|version| hash(name, &version.to_ne_bytes(), text));
    [short, Some(hash(name, &version.to_ne_bytes(), text))]
        .into_iter()
        .flatten()
        .any(|hash| hash.to_string() == checksum)
}

/// What stands behind the `__` of the file's name.
fn name(migration: &SqlMigration) -> &str {
    migration.id.split_once("__").map_or(migration.name.as_str(), |(_, name)| name)
}

fn hash(name: &str, version: &[u8], text: &str) -> u64 {
    let mut hash = SipHash13::new();
    for part in [name.as_bytes(), &[0xff], version, text.as_bytes(), &[0xff]] {
        hash.update(part);
    }
    hash.finish()
}

#[cfg(test)]
mod tests {
    use std::collections::hash_map::DefaultHasher;
    use std::hash::{Hash as _, Hasher as _};

    use super::*;
    use crate::Script;

    /// refinery hashes the three one after the other as Rust does.
    #[test]
    fn checksums_of_both_widths() {
        let mut migration = SqlMigration::new("V7__größe", Script::from_text("SELECT 1;\n"), None);
        migration.version = Some("7".to_owned());
        let sum = |version: &dyn Fn(&mut DefaultHasher), text: &str| {
            let mut hasher = DefaultHasher::new();
            "größe".hash(&mut hasher);
            version(&mut hasher);
            text.hash(&mut hasher);
            hasher.finish().to_string()
        };
        let (short, long) = (|hasher: &mut _| 7_i32.hash(hasher), |hasher: &mut _| 7_i64.hash(hasher));
        assert!(
            fits(&sum(&short, "SELECT 1;\n"), &migration) && fits(&sum(&long, "SELECT 1;\n"), &migration)
        );
        assert!(!fits(&sum(&short, "SELECT 2;\n"), &migration));
        assert!(!fits(&sum(&|hasher| 8_i32.hash(hasher), "SELECT 1;\n"), &migration));
    }
}
