//! Prisma's layout: a folder `TIMESTAMP_name` per migration with a `migration.sql`, and a `migration_lock.toml` beside them.
//!
//! As `prisma migrate` 7 lists them: every folder is a migration, whatever its name, and one without a `migration.sql` is an
//! error; files and symbolic links beside the folders are ignored. The order is that of JavaScript's `localeCompare`, in
//! which `20250221_b` comes before `20250221120000_a`; it is imitated for ASCII, and other signs follow by their numbers.
//! The provider in the lock file must be that of the database. There is no down part, and no marker for running without
//! a transaction.

use std::path::Path;

use migration_syntax::Dialect;
use serde::Deserialize;

use super::listing::{Entry, Kind, Listing};
use super::numbered::described;
use super::publish::Draft;
use super::read::{Reader, place};
use super::{Format, Layout, LoadError, LoadOptions, Loaded, NewMigration, number};
use crate::set::WrittenFor;
use crate::{Script, SqlMigration};

pub(super) const FORMAT: Format = Format { claims, load, draft };

const LOCK: &str = "migration_lock.toml";
const SCRIPT: &str = "migration.sql";
/// The signs of ASCII in the order in which `localeCompare` has them; letters that differ in case only count as one at first.
const ORDER: &str =
    " _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$0123456789aAbBcCdDeEfFgGhHiIjJkKlLmMnNoOpPqQrRsStTuUvVwWxXyYzZ";

/// The lock file, or the first folder with a script. To look into all of many folders of another layout would take long.
fn claims(listing: &Listing) -> Result<Option<&Entry>, LoadError> {
    if let Some(lock) = listing.entries.iter().find(|entry| entry.name == LOCK) {
        return Ok(Some(lock));
    }
    for entry in listing.entries.iter().filter(|entry| entry.kind == Kind::Directory) {
        let folder = listing.path(entry);
        if folder.join(SCRIPT).is_file() {
            return Ok(Some(entry));
        }
        if folder.join("up.sql").is_file() {
            break;
        }
    }
    Ok(None)
}

fn load(listing: &Listing, _: &LoadOptions) -> Result<Loaded, LoadError> {
    let mut loaded = Loaded::default();
    let mut reader = Reader::new();
    let mut folders = Vec::with_capacity(listing.entries.len());
    for entry in &listing.entries {
        match entry.kind {
            Kind::Directory => folders.push(entry),
            _ if entry.name == LOCK => {
                let path = listing.path(entry);
                loaded.written_for = provider(reader.text(&path, entry.kind)?, &path, &mut loaded.warnings)?;
            }
            Kind::Link if listing.path(entry).is_dir() => {
                let path = listing.path(entry);
                loaded
                    .warnings
                    .push(format!("`{}` is ignored: it is no folder but a link to one", path.display()));
            }
            Kind::File | Kind::Link => {
                loaded.warnings.extend(listing.ignored(entry, "a folder with a `migration.sql`"));
            }
        }
    }
    folders.sort_by_cached_key(|entry| key(&entry.name));
    for entry in folders {
        let folder = listing.path(entry);
        let path = folder.join(SCRIPT);
        let up = Script::from_file(path.clone(), reader.text(&path, Kind::File)?);
        let down = folder.join("down.sql");
        if down.is_file() {
            let down = down.display();
            loaded.warnings.push(format!("`{down}` is ignored: Prisma has no down parts"));
        }
        let (version, name) = entry.name.split_once('_').unwrap_or((&entry.name, &entry.name));
        loaded.migrations.push(SqlMigration {
            name: name.to_owned(),
            version: Some(version.to_owned()),
            ..SqlMigration::new(entry.name.as_str(), up, None)
        });
    }
    Ok(loaded)
}

fn draft(listing: &Listing, new: &NewMigration) -> Result<Draft, LoadError> {
    let no_place = |what| Err(LoadError::NoPlace { layout: Layout::Prisma, what });
    if !new.dependencies.is_empty() {
        return no_place("dependencies");
    }
    if new.rollback_sql.is_some() {
        return no_place("a down part");
    }
    let versions = listing.entries.iter().filter(|entry| entry.kind == Kind::Directory);
    let version = number::next(versions.filter_map(|entry| entry.name.split('_').next()), new.at);
    let up = described(new.up_text("-- The SQL that applies this migration."), new.description.as_deref());
    Ok(Draft { folder: Some(format!("{version}_{}", new.slug()?)), files: vec![(SCRIPT.to_owned(), up)] })
}

/// What `localeCompare` compares: first the signs without case, then the case.
fn key(name: &str) -> (Vec<u32>, Vec<u32>) {
    let rank = |sign: char| {
        let place =
            if sign.is_ascii() { ORDER.bytes().position(|other| char::from(other) == sign) } else { None };
        // Signs that ASCII doesn't have come after its letters.
        place.and_then(|place| u32::try_from(place).ok()).unwrap_or(1000 + u32::from(sign))
    };
    let without_case = name.chars().map(|sign| rank(sign.to_ascii_lowercase())).collect();
    (without_case, name.chars().map(rank).collect())
}

#[derive(Deserialize)]
struct Lock {
    provider: Option<toml::Spanned<String>>,
}

/// The dialect that a lock file names.
fn provider(text: &str, path: &Path, warnings: &mut Vec<String>) -> Result<Option<WrittenFor>, LoadError> {
    let at = |offset: usize| place(text.as_bytes(), offset);
    let lock: Lock = toml::from_str(text).map_err(|error| {
        let (line, column) = at(error.span().map_or(0, |span| span.start));
        LoadError::InvalidToml { path: path.to_owned(), line, column, source: error.message().into() }
    })?;
    let Some(provider) = lock.provider else {
        warnings.push(format!("`{}` doesn't say which database the migrations are for", path.display()));
        return Ok(None);
    };
    let (line, column) = at(provider.span().start);
    let dialect = match provider.get_ref().as_str() {
        "postgresql" | "postgres" => Dialect::Postgres,
        "mysql" => Dialect::Mysql,
        "sqlite" => Dialect::Sqlite,
        other => {
            let what = format!("the migrations are for {other:?}, which is no database that is known here");
            let path = path.to_owned();
            return Err(LoadError::Unsupported { path, line: Some(line), column: Some(column), what });
        }
    };
    Ok(Some(WrittenFor { dialect, path: path.to_owned(), line, column }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The expectation is what Node.js 22 makes of the same names.
    #[test]
    fn the_order_is_that_of_javascript() {
        let mut names = [
            "Z",
            "a_B",
            "20250221232355_e",
            "a copy",
            "z",
            "a_b",
            "A_b",
            "f",
            "20250221_l",
            "a",
            "a_1",
            "a_a",
        ];
        names.sort_by_cached_key(|name| key(name));
        let expected = [
            "20250221_l",
            "20250221232355_e",
            "a",
            "a copy",
            "a_1",
            "a_a",
            "a_b",
            "a_B",
            "A_b",
            "f",
            "z",
            "Z",
        ];
        assert_eq!(names, expected);
    }
}
