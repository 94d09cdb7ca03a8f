//! What the change is, and what was there before it.

use std::fs;
use std::path::Path;

use migration_kit::sql::{MigrationSet, MissingDatabase, SqlMigration};
use migration_kit::syntax::Dialect;

use crate::args::ImpactArgs;
use crate::command::lineage::input::{SqlText, dialect, load};
use crate::context::Context;
use crate::failure::{Failure, Result};

/// A change and the history that it comes behind.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) dialect: Dialect,
    pub(super) history: Vec<Part>,
    pub(super) parts: Vec<Part>,
}

/// A text of the history or of the change.
#[derive(Debug)]
pub(super) struct Part {
    /// The migration that it is of.
    pub(super) migration: Option<String>,
    pub(super) sql: SqlText,
}

impl Part {
    fn of(migration: &SqlMigration) -> Self {
        let (path, text) = (&migration.up.path, migration.up.shown());
        let name = path.as_deref().map_or_else(|| migration.id.clone(), |path| path.display().to_string());
        Self { migration: Some(migration.id.clone()), sql: SqlText { name, text: text.into_owned() } }
    }
}

pub(super) fn read(args: &ImpactArgs, live: Option<Dialect>, context: &Context) -> Result<Change> {
    if args.pending {
        return pending(context);
    }
    let dialect = match live {
        Some(dialect) => dialect,
        None => dialect(args.dialect, context)?,
    };
    // The database says what there is: migrations need not be at hand.
    let needed = live.is_none() || context.settings()?.dirs.value.iter().any(|folder| folder.exists());
    let set = if needed { load(dialect, context)? } else { MigrationSet::default() };
    let (before, part) = match (&args.file, &args.sql) {
        (Some(file), _) => match own(&set, file) {
            // A file may hold the way down as well: what counts is what the layout takes for the way up.
            Some(place) => (place, Part::of(&set.migrations()[place])),
            None => (set.len(), Part { migration: None, sql: SqlText::read(file)? }),
        },
        (None, Some(sql)) => {
            let sql = SqlText { name: "<sql>".to_owned(), text: sql.clone() };
            (set.len(), Part { migration: None, sql })
        }
        (None, None) => return Err(Failure::new("usage.missing_argument", "no change was named")),
    };
    let history = set.migrations()[..before].iter().map(Part::of).collect();
    Ok(Change { dialect, history, parts: vec![part] })
}

/// What the database has not applied yet, behind what it has.
fn pending(context: &Context) -> Result<Change> {
    let dialect = context.settings()?.url()?.dialect();
    let mut manager = context.manager(MissingDatabase::TreatAsEmpty)?;
    let pending = match manager.get_pending_migrations() {
        Ok(pending) => pending,
        Err(error) => return Err(context.explain_with(&manager, &error)),
    };
    let is_pending = |migration: &&SqlMigration| pending.iter().any(|info| info.id == migration.id);
    let (parts, history): (Vec<_>, Vec<_>) = manager.set().migrations().iter().partition(is_pending);
    let texts = |migrations: Vec<&SqlMigration>| migrations.into_iter().map(Part::of).collect();
    Ok(Change { dialect, history: texts(history), parts: texts(parts) })
}

/// The place of the migration whose way up a file holds.
fn own(set: &MigrationSet, file: &Path) -> Option<usize> {
    let file = fs::canonicalize(file).ok()?;
    let is_it = |path: &Path| fs::canonicalize(path).is_ok_and(|path| path == file);
    set.migrations().iter().position(|migration| migration.up.path.as_deref().is_some_and(is_it))
}
