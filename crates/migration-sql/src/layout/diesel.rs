//! Diesel's layout: a folder `VERSION_name` per migration, with `up.sql`, `down.sql` and `metadata.toml`.
//!
//! As in `migrations_internals` 2.3: the version is what stands before the first `_`, without its dashes, and versions
//! are compared as texts; hidden folders and all files beside the folders are ignored. Where diesel refuses a folder
//! without `up.sql`, we warn; where it takes a malformed `metadata.toml` for none, we refuse.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use super::listing::{Entry, Kind, Listing};
use super::metadata::Metadata;
use super::publish::Draft;
use super::read::Reader;
use super::{Format, LoadError, LoadOptions, Loaded, NewMigration, number};
use crate::{Script, SqlMigration};

pub(super) const FORMAT: Format = Format { claims, load, draft };

fn claims(listing: &Listing) -> Result<Option<&Entry>, LoadError> {
    let has_up = |entry: &&Entry| listing.path(entry).join("up.sql").is_file();
    Ok(listing.entries.iter().filter(|entry| entry.kind != Kind::File).find(has_up))
}

fn load(listing: &Listing, _: &LoadOptions) -> Result<Loaded, LoadError> {
    let mut folders = Vec::with_capacity(listing.entries.len());
    let mut loaded = Loaded::default();
    for entry in &listing.entries {
        if is_folder(listing, entry)? {
            folders.push((version(&entry.name), entry));
        } else {
            loaded.warnings.extend(listing.ignored(entry, "a folder with an `up.sql`"));
        }
    }
    folders.sort_by(|(a, _), (b, _)| a.cmp(b));

    let mut reader = Reader::new();
    let mut last: Option<&Entry> = None;
    loaded.migrations.reserve(folders.len());
    for (version, entry) in folders {
        let twin = loaded.migrations.last().filter(|m| m.version.as_deref() == Some(version.as_str()));
        let twin = twin.and(last).map(|twin| listing.path(twin));
        let Some(migration) = read(listing, entry, version, &mut reader, &mut loaded.warnings)? else {
            continue;
        };
        if let Some(twin) = twin {
            let paths = vec![twin, listing.path(entry)];
            return Err(LoadError::DuplicateVersion {
                version: migration.version.unwrap_or_default(),
                paths,
            });
        }
        loaded.migrations.push(migration);
        last = Some(entry);
    }
    Ok(loaded)
}

fn draft(listing: &Listing, new: &NewMigration) -> Result<Draft, LoadError> {
    let taken = listing.entries.iter().map(|entry| version(&entry.name)).collect();
    let at = number::free_second(new.at, &taken);
    let folder = format!("{}_{}", at.strftime("%Y-%m-%d-%H%M%S"), new.slug()?);
    let mut files = vec![("up.sql".to_owned(), new.up_text("-- The SQL that applies this migration."))];
    files.extend(new.down_text("-- The SQL that undoes up.sql.").map(|down| ("down.sql".to_owned(), down)));
    let description = new.description.as_deref();
    if description.is_some() || !new.dependencies.is_empty() {
        files.push(("metadata.toml".to_owned(), Metadata::to_toml(description, &new.dependencies)));
    }
    Ok(Draft { folder: Some(folder), files })
}

fn version(folder: &str) -> String {
    folder.split('_').next().unwrap_or(folder).replace('-', "")
}

fn is_folder(listing: &Listing, entry: &Entry) -> Result<bool, LoadError> {
    match entry.kind {
        Kind::Directory => Ok(true),
        Kind::File => Ok(false),
        Kind::Link => {
            let path = listing.path(entry);
            let target = fs::metadata(&path).map_err(|source| LoadError::unreadable(&path, source))?;
            Ok(target.is_dir())
        }
    }
}

/// Opens the three files by name. To list the folder first would cost more calls than it saves.
fn read(
    listing: &Listing,
    entry: &Entry,
    version: String,
    reader: &mut Reader,
    warnings: &mut Vec<String>,
) -> Result<Option<SqlMigration>, LoadError> {
    let folder = listing.path(entry);
    let path = folder.join("up.sql");
    let Some(text) = reader.text_if_present(&path)? else {
        let down = folder.join("down.sql");
        if down.is_file() {
            return Err(LoadError::MissingUp { path: down });
        }
        let missing = || listing.ignored(entry, "a migration, as it has no `up.sql`");
        warnings.extend(misspelt(&folder, "up.sql").or_else(missing));
        return Ok(None);
    };
    let up = Script::from_file(path, text);

    let path = folder.join("down.sql");
    let down = reader.text_if_present(&path)?.map(Arc::from);
    if down.is_none() {
        warnings.extend(misspelt(&folder, "down.sql"));
    }
    let down = down.map(|text| Script::from_file(path, text));

    let path = folder.join("metadata.toml");
    let metadata =
        reader.text_if_present(&path)?.map(|text| Metadata::parse(text, &path, warnings)).transpose()?;
    let metadata = metadata.unwrap_or_default();

    let name = entry.name.split_once('_').map_or(entry.name.as_str(), |(_, name)| name);
    Ok(Some(SqlMigration {
        name: name.to_owned(),
        description: metadata.description,
        version: Some(version),
        dependencies: metadata.depends_on,
        run_in_transaction: metadata.run_in_transaction.unwrap_or(true),
        ..SqlMigration::new(entry.name.as_str(), up, down)
    }))
}

/// A warning about a file that is named like `name` but for its case: on other systems it would count.
fn misspelt(folder: &Path, name: &str) -> Option<String> {
    let names = fs::read_dir(folder).ok()?.flatten().map(|entry| entry.file_name());
    let found = names.into_iter().find(|found| found.eq_ignore_ascii_case(name))?;
    let path = folder.join(found);
    Some(format!("`{}` is ignored: it would have to be named `{name}`", path.display()))
}
