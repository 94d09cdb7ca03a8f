//! refinery's layout: `V1__name.sql`, and `U1__name.sql` for migrations that may come late.
//!
//! As in `refinery-core` 0.10 (`util.rs`): folders are searched, but not behind symbolic links; the name is made of letters,
//! digits and `_`; the version is a whole number of 32 bits, or 64 with the feature `int8-versions`, which we take for
//! granted; `V` and `U` are one sequence, ordered by version. They differ in that refinery refuses a `V` that is older than
//! the newest that is applied; here both are applied and reported as out of order. There is no down part. Migrations in
//! Rust (`V1__name.rs`) are named in a warning. Unlike refinery we don't search hidden folders.

use std::collections::HashSet;

use super::flyway_name::{Name, Prefix, Version};
use super::listing::{Entry, Listing};
use super::numbered::described;
use super::publish::Draft;
use super::read::Reader;
use super::tree::{self, Found, Links};
use super::{Format, Layout, LoadError, LoadOptions, Loaded, NewMigration, flyway, number};
use crate::{Script, SqlMigration};

pub(super) const FORMAT: Format = Format { claims, load, draft };

/// What Flyway writes as well is Flyway's, as long as nothing speaks for refinery.
fn claims(listing: &Listing) -> Result<Option<&Entry>, LoadError> {
    let Some(entry) = listing.entries.iter().find(|entry| is_file(&entry.name)) else { return Ok(None) };
    let certain = has_rust(listing)? || is_certain(listing)? && !flyway::is_certain(listing)?;
    Ok(certain.then_some(entry))
}

fn has_rust(listing: &Listing) -> Result<bool, LoadError> {
    let files = tree::files(listing, Links::Left)?;
    Ok(files.iter().any(|found| found.name.ends_with(".rs") && is_file(&found.name)))
}

/// Whether there is something that Flyway doesn't write: a migration in Rust, or a `U` that undoes nothing.
pub(super) fn is_certain(listing: &Listing) -> Result<bool, LoadError> {
    if !listing.entries.iter().any(|entry| is_file(&entry.name)) {
        return Ok(false);
    }
    let files = tree::files(listing, Links::Left)?;
    let names = || files.iter().filter_map(|found| Name::parse(stem(&found.name)?));
    let versions = |prefix| {
        let names = names().filter(move |name| name.prefix == prefix);
        names.filter_map(|name| Version::parse(name.version)).collect::<Vec<_>>()
    };
    let versioned = versions(Prefix::Versioned);
    Ok(has_rust(listing)? || versions(Prefix::Undo).iter().any(|version| !versioned.contains(version)))
}

/// Whether refinery reads a file of this name.
pub(super) fn takes(name: &Name<'_>) -> bool {
    matches!(name.prefix, Prefix::Versioned | Prefix::Undo)
        && !Version::is_dotted(name.version)
        && !name.description.is_empty()
        && name.description.chars().all(is_word)
}

fn is_file(name: &str) -> bool {
    stem(name).and_then(Name::parse).is_some_and(|name| takes(&name))
}

fn stem(file: &str) -> Option<&str> {
    file.strip_suffix(".sql").or_else(|| file.strip_suffix(".rs"))
}

fn is_word(sign: char) -> bool {
    sign.is_alphanumeric() || sign == '_'
}

fn load(listing: &Listing, _: &LoadOptions) -> Result<Loaded, LoadError> {
    let mut loaded = Loaded::default();
    let found = tree::files(listing, Links::Left)?;
    let mut files = Vec::with_capacity(found.len());
    for found in &found {
        if found.name.ends_with(".rs") && is_file(&found.name) {
            loaded.warnings.push(found.left_out("refinery would run it, but it is no SQL"));
            continue;
        }
        match found.name.strip_suffix(".sql").and_then(Name::parse) {
            Some(name) if takes(&name) => files.push((number_of(&name, found)?, name, found)),
            Some(name) if Version::is_dotted(name.version) => {
                return Err(invalid(&name, found, "it is no whole number"));
            }
            _ => loaded.warnings.extend(found.ignored("`V1__name.sql` or `U1__name.sql`")),
        }
    }
    files.sort_by_key(|(number, ..)| *number);
    if let Some([(_, name, first), (.., second)]) = files.array_windows().find(|[a, b]| a.0 == b.0) {
        let paths = vec![first.path.clone(), second.path.clone()];
        return Err(LoadError::DuplicateVersion { version: name.version.to_owned(), paths });
    }
    let mut reader = Reader::new();
    for (_, name, found) in files {
        let up = Script::from_file(found.path.clone(), reader.text(&found.path, found.kind)?);
        loaded.migrations.push(SqlMigration {
            name: name.description.to_owned(),
            version: Some(name.version.to_owned()),
            ..SqlMigration::new(name.stem, up, None)
        });
    }
    Ok(loaded)
}

/// Signs that refinery doesn't take become `_`, as it would overlook the file.
fn draft(listing: &Listing, new: &NewMigration) -> Result<Draft, LoadError> {
    let no_place = |what| Err(LoadError::NoPlace { layout: Layout::Refinery, what });
    if !new.dependencies.is_empty() {
        return no_place("dependencies");
    }
    if new.rollback_sql.is_some() {
        return no_place("a down part");
    }
    let found = tree::files(listing, Links::Left)?;
    let names = found.iter().filter_map(|found| Name::parse(stem(&found.name)?));
    let versions: HashSet<&str> = names.filter(takes).map(|name| name.version).collect();
    let version = number::next(versions.into_iter(), new.at);
    let path = listing.root.clone();
    if version.parse::<i64>().is_err() {
        return Err(LoadError::InvalidVersion { path, version, reason: "it is too large" });
    }
    let name: String = new.slug()?.chars().map(|sign| if is_word(sign) { sign } else { '_' }).collect();
    let up = described(new.up_text("-- The SQL that applies this migration."), new.description.as_deref());
    Ok(Draft { folder: None, files: vec![(format!("V{version}__{name}.sql"), up)] })
}

fn number_of(name: &Name<'_>, found: &Found) -> Result<i64, LoadError> {
    name.version.parse().map_err(|_| invalid(name, found, "it is no whole number of 64 bits"))
}

fn invalid(name: &Name<'_>, found: &Found, reason: &'static str) -> LoadError {
    LoadError::InvalidVersion { path: found.path.clone(), version: name.version.to_owned(), reason }
}
