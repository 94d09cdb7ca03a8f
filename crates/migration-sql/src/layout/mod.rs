//! Directories of migrations, as the tools of the field lay them out: reading them and adding to them.
//!
//! A directory is read once, each file of a migration once, and nothing is skipped without a word: what can't be
//! understood is a [`LoadError`] that names the file, what the layout's own tool ignores is a warning of the
//! [`MigrationSet`]. Nothing here decides what runs, and nothing here touches a database.
//!
//! One module per layout ([`diesel`], [`json`], [`golang_migrate`], [`sqlx`], [`flyway`], [`refinery`], [`goose`], [`dbmate`],
//! [`prisma`]), each with the same items in the same order: `FORMAT`, `claims`, `load`, `draft`. A further layout is one more
//! module and one more line in [`Layout`].
//!
//! Several directories are listed as one ([`listing`]); which folder is meant where there is one for each kind of database is
//! told by [`dialects`]. Values get into scripts in [`placeholders`] and [`environment`] only, and on request only.

mod assemble;
mod dbmate;
mod detect;
mod dialects;
mod diesel;
mod environment;
mod error;
mod flyway;
mod flyway_name;
mod golang_migrate;
mod goose;
mod json;
mod json_file;
mod kind;
mod listing;
mod metadata;
mod new;
mod number;
mod numbered;
mod options;
mod placeholders;
mod prisma;
mod publish;
mod read;
mod refinery;
mod script_config;
mod sections;
mod sqlx;
mod tree;

use std::path::{Path, PathBuf};

pub use dialects::directories_for;
pub use error::LoadError;
pub(crate) use flyway_name::Version as DottedVersion;
pub use kind::{Layout, UnknownLayout};
pub use new::{NewMigration, write_new, write_new_among};
pub use options::{LoadOptions, PlaceholderValue, Placeholders};

use crate::set::WrittenFor;
use crate::{MigrationSet, SqlMigration};
use listing::{Entry, Listing};
use publish::Draft;

/// What a layout knows how to do.
struct Format {
    /// The first entry that makes a directory one of this layout, if any does.
    claims: fn(&Listing) -> Result<Option<&Entry>, LoadError>,
    /// Reads every migration of the directory, in the order of their versions (or ids).
    load: fn(&Listing, &LoadOptions) -> Result<Loaded, LoadError>,
    /// What a new migration would look like beside those that are there. Writes nothing.
    draft: fn(&Listing, &NewMigration) -> Result<Draft, LoadError>,
}

/// What a layout's `load` found.
#[derive(Default)]
struct Loaded {
    migrations: Vec<SqlMigration>,
    warnings: Vec<String>,
    /// The database that they are for, where a file says so.
    written_for: Option<WrittenFor>,
}

/// The layout of a directory, judged by its files; `None` when it holds none that matter.
///
/// | files | layout |
/// |---|---|
/// | a folder with an `up.sql` | `diesel` |
/// | `*.json` | `json` |
/// | `N_name.up.sql` or `N_name.down.sql` and no `N_name.sql` | `golang-migrate` |
/// | `N_name.sql`, alone or among `.up.sql` and `.down.sql` | `sqlx` |
/// | the same, and the first begins with `-- +goose …` | `goose` |
/// | the same, or `DIGITS….sql`, and the first begins with `-- migrate:up` | `dbmate` |
/// | `V1__name.sql`, `R__name.sql`, also in folders | `flyway` |
/// | `V1__name.rs`, or `U1__name.sql` that undoes no `V1__name.sql` | `refinery` |
/// | `migration_lock.toml`, or a folder with a `migration.sql` | `prisma` |
///
/// golang-migrate and reversible sqlx migrations have the same names. If a file begins with something that only sqlx
/// writes or obeys (`-- no-transaction`, `-- Add up migration script here`), it is sqlx after all.
///
/// Flyway and refinery share the names of whole numbers. What only one of them has tells them apart (refinery's above; for
/// Flyway `V1.2`, `R__`, `B1__`, `.sql.conf`); without any of it, it is `flyway`, which refuses more. The ids are the same.
///
/// # Errors
/// [`LoadError`] if the directory can't be read, holds files of more than one layout, or SQL files of none.
pub fn detect(directory: impl AsRef<Path>) -> Result<Option<Layout>, LoadError> {
    detect_listed(&Listing::read(directory.as_ref())?)
}

/// The layout of several directories that are read as one.
///
/// # Errors
/// As [`detect`].
pub fn detect_all(directories: &[impl AsRef<Path>]) -> Result<Option<Layout>, LoadError> {
    let listings = directories.iter().map(|directory| Listing::read(directory.as_ref()));
    match Listing::joined(listings.collect::<Result<_, _>>()?) {
        Some(listing) => detect_listed(&listing),
        None => Ok(None),
    }
}

fn detect_listed(listing: &Listing) -> Result<Option<Layout>, LoadError> {
    match detect::by_names(listing)? {
        Some(named @ (Layout::GolangMigrate | Layout::Sqlx)) => {
            detect::by_texts(named, &(named.format().load)(listing, &LoadOptions::default())?).map(Some)
        }
        layout => Ok(layout),
    }
}

pub(crate) fn load(directories: &[PathBuf], options: &LoadOptions) -> Result<MigrationSet, LoadError> {
    let (listing, notes) = dialects::list(directories, options.dialect)?;
    let mut set = load_listed(listing, options)?;
    set.warnings.splice(0..0, notes);
    Ok(set)
}

fn load_listed(listing: Listing, options: &LoadOptions) -> Result<MigrationSet, LoadError> {
    let (layout, loaded) = match options.layout {
        Some(layout) => (layout, load_as(layout, &listing, options)?),
        None => match detect::by_names(&listing)? {
            Some(named) => {
                let loaded = (named.format().load)(&listing, options)?;
                let layout = detect::by_texts(named, &loaded)?;
                (layout, if layout == named { loaded } else { (layout.format().load)(&listing, options)? })
            }
            None => return nothing(listing),
        },
    };
    assemble::assemble(listing.root, layout, loaded)
}

/// The person said which layout it is; what speaks against it is only worth a warning.
fn load_as(layout: Layout, listing: &Listing, options: &LoadOptions) -> Result<Loaded, LoadError> {
    let mut loaded = (layout.format().load)(listing, options)?;
    let doubts = detect::foreign(layout, &loaded).map(|(path, tool)| {
        format!("`{}` looks like a file of {tool}: its down part would run with its up part", path.display())
    });
    let doubts: Vec<_> = doubts.collect();
    loaded.warnings.extend(doubts);
    Ok(loaded)
}

fn nothing(listing: Listing) -> Result<MigrationSet, LoadError> {
    let mut set = MigrationSet::new(Vec::new())?;
    set.warnings = listing.entries.iter().filter_map(|entry| listing.ignored(entry, "a migration")).collect();
    set.root = Some(listing.root);
    Ok(set)
}
