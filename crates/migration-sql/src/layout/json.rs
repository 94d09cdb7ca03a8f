//! The JSON layout: a file `ID.json` per migration, as a program writes it.
//!
//! Ordered by id. Every `.json` file that is not hidden must be a migration: one that isn't is refused by name.

use std::path::Path;

use migration_model::{Checksum, message};

use super::json_file::JsonFile;
use super::listing::{Entry, Listing};
use super::publish::Draft;
use super::read::{Reader, place};
use super::{Format, LoadError, LoadOptions, Loaded, NewMigration};
use crate::{Script, SqlMigration};

pub(super) const FORMAT: Format = Format { claims, load, draft };

fn claims(listing: &Listing) -> Result<Option<&Entry>, LoadError> {
    Ok(listing.entries.iter().find(|entry| stem(entry).is_some()))
}

fn load(listing: &Listing, _: &LoadOptions) -> Result<Loaded, LoadError> {
    let mut loaded = Loaded::default();
    let mut reader = Reader::new();
    let mut misnamed = None;
    for entry in &listing.entries {
        let Some(stem) = stem(entry) else {
            loaded.warnings.extend(listing.ignored(entry, "`ID.json`"));
            continue;
        };
        let path = listing.path(entry);
        let text = reader.text(&path, entry.kind)?;
        let migration = read(text, &path, &mut loaded.warnings)?;
        if migration.id != stem && misnamed.is_none() {
            misnamed = Some(LoadError::IdMismatch { path, id: migration.id.clone() });
        }
        loaded.migrations.push(migration);
    }
    loaded.migrations.sort_by(|a, b| a.id.cmp(&b.id));
    // A copy of a file is best named together with its original.
    for twins in loaded.migrations.windows(2) {
        if let [a, b] = twins
            && a.id == b.id
        {
            let paths = twins.iter().filter_map(|twin| twin.up.path.clone()).collect();
            return Err(LoadError::DuplicateId { id: a.id.clone(), paths });
        }
    }
    misnamed.map_or(Ok(loaded), Err)
}

fn draft(listing: &Listing, new: &NewMigration) -> Result<Draft, LoadError> {
    let id = format!("migration_{}_{}", new.at.as_second(), new.slug()?.to_lowercase());
    let taken = |id: &String| listing.entries.iter().any(|entry| stem(entry) == Some(id));
    let more = (2..).map(|number| format!("{id}_{number}"));
    let id = std::iter::once(id.clone()).chain(more).find(|id| !taken(id)).unwrap_or(id);
    Ok(Draft { folder: None, files: vec![(format!("{id}.json"), JsonFile::from_new(&id, new).to_json())] })
}

fn stem(entry: &Entry) -> Option<&str> {
    entry.name.strip_suffix(".json")
}

fn read(text: &str, path: &Path, warnings: &mut Vec<String>) -> Result<SqlMigration, LoadError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let file: JsonFile = serde_json::from_str(text).map_err(|error| refuse(text, path, &error))?;
    for key in &file.unknown {
        warnings.push(format!("`{}`: unknown key `{}`", path.display(), message::clip(key)));
    }
    migration_model::check_id(&file.id)
        .map_err(|source| LoadError::InvalidId { path: path.to_owned(), source })?;
    let checksum = Checksum::of(&file.sql);
    if let Some(stated) = file.checksum.map(Checksum::from_stored).filter(|stated| !stated.matches(&checksum))
    {
        return Err(LoadError::ChecksumMismatch { path: path.to_owned(), stated, actual: checksum });
    }
    let script = |sql: String| Script::from_file(path, sql);
    let filled = |text: &String| !text.trim().is_empty();
    Ok(SqlMigration {
        id: file.id,
        name: file.name,
        description: file.description.filter(filled),
        version: None,
        dependencies: file.dependencies,
        up: script(file.sql),
        down: file.rollback_sql.filter(filled).map(script),
        run_in_transaction: true,
        down_in_transaction: None,
        repeatable: false,
        created_at: file.created_at.filter(filled),
        checksum,
    })
}

/// Parts the message of the parser from the place that it names at its end.
fn refuse(text: &str, path: &Path, error: &serde_json::Error) -> LoadError {
    let message = error.to_string();
    let reason = message.rsplit_once(" at line ").map_or(message.as_str(), |(reason, _)| reason);
    let before = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum::<usize>();
    let (line, column) = place(text.as_bytes(), before + error.column().saturating_sub(1));
    LoadError::InvalidJson { path: path.to_owned(), line, column, source: reason.into() }
}
