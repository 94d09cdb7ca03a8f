//! What a directory of migrations came to: every migration with its SQL text, in the order in which they would run.

mod join;

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use migration_model::{Checksum, DependencyGraph, Migration, MigrationDirection, MigrationStep};
use migration_syntax::Dialect;

use crate::Layout;
use crate::code::{Code, StepContext, StepError};
use crate::journal::{Rollback, RollbackDetails};
use crate::layout::{LoadError, LoadOptions};
use crate::replaced::Replaced;

/// The SQL of one direction of a migration, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// The SQL text as it runs, from the file's first byte on.
    pub text: Arc<str>,
    /// The file that holds it; `None` for text that comes from a program.
    pub path: Option<PathBuf>,
    /// What runs in the place of the text.
    pub(crate) code: Option<Code>,
    /// How the text came from the file's, where values took the place of names.
    pub(crate) replaced: Option<Arc<Replaced>>,
}

impl Script {
    /// The text as the file has it, in which spans and lines count: before values took the place of names.
    #[must_use]
    pub fn in_file(&self) -> &Arc<str> {
        self.replaced.as_ref().map_or(&self.text, |replaced| &replaced.file)
    }

    /// The text without the values that nobody shall read.
    #[must_use]
    pub fn shown(&self) -> Cow<'_, str> {
        let shown =
            self.replaced.as_ref().and_then(|replaced| replaced.shown(&self.text, &(0..self.text.len())));
        shown.map_or_else(|| Cow::Borrowed(&*self.text), Cow::Owned)
    }

    /// Whether a value is in it that nobody shall read.
    pub(crate) fn has_secrets(&self) -> bool {
        self.replaced.as_ref().is_some_and(|replaced| replaced.secrets().next().is_some())
    }

    /// A script that stands in no file.
    pub fn from_text(text: impl Into<Arc<str>>) -> Self {
        Self { text: text.into(), path: None, code: None, replaced: None }
    }

    /// The text of a file.
    pub fn from_file(path: impl Into<PathBuf>, text: impl Into<Arc<str>>) -> Self {
        Self { text: text.into(), path: Some(path.into()), code: None, replaced: None }
    }

    /// A function, for what SQL can't do: called in the migration's transaction, with the connection.
    ///
    /// `label` stands for it in plans, errors and events, and the checksum is that of the label: change it when you change
    /// what the function does, say by a version number, or nobody will notice. A function always runs in a transaction,
    /// together with the row that says that its migration is applied, whatever
    /// [`run_in_transaction`](SqlMigration::run_in_transaction) says; so it may be called again after a crash and has done
    /// nothing then.
    ///
    /// ```
    /// # #[cfg(feature = "sqlite")] {
    /// use migration_sql::{DatabaseConnector, MigrationManager, MigrationSet, Script, SqlMigration, Value};
    ///
    /// let table = Script::from_text("CREATE TABLE t (name TEXT, length INTEGER); INSERT INTO t (name) VALUES ('Ada')");
    /// let measure = Script::from_fn("measure the names, v1", |step| {
    ///     for row in step.execute("SELECT rowid, name FROM t", &[])?.rows {
    ///         let length = row[1].as_str().unwrap_or_default().chars().count();
    ///         step.execute("UPDATE t SET length = ? WHERE rowid = ?", &[Value::from(length as i64), row[0].clone()])?;
    ///     }
    ///     Ok(())
    /// });
    /// let mut manager = MigrationManager::new(DatabaseConnector::open("sqlite::memory:")?);
    /// manager.use_set(MigrationSet::new(vec![
    ///     SqlMigration::new("1_table", table, None),
    ///     SqlMigration::new("2_measure", measure, None),
    /// ])?);
    /// assert_eq!(manager.apply_pending_migrations()?.results[1].rows_affected, 1);
    /// # }
    /// # Ok::<(), migration_sql::Error>(())
    /// ```
    pub fn from_fn(
        label: impl Into<Arc<str>>,
        function: impl Fn(&mut StepContext<'_>) -> Result<(), StepError> + Send + Sync + 'static,
    ) -> Self {
        Self { text: label.into(), path: None, code: Some(Code::new(function)), replaced: None }
    }
}

/// One SQL migration as it was loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlMigration {
    /// Unique in its set. In layouts of files it is the name of the file or folder without extensions
    /// (`2024-05-01-120000_users`, `0001_init`).
    pub id: String,
    /// The part of the id after the version, or what the file states.
    pub name: String,
    /// What it is for, if a file says so.
    pub description: Option<String>,
    /// The version that orders it, as its file writes it.
    pub version: Option<String>,
    /// Ids that must be applied before it.
    pub dependencies: Vec<String>,
    /// What applies it.
    pub up: Script,
    /// What rolls it back; `None` when nothing does.
    pub down: Option<Script>,
    /// Whether it runs in a transaction together with its history row. `false` when its author asked for it not to.
    pub run_in_transaction: bool,
    /// The same for the way down, where that is another; `None`: as `run_in_transaction` says.
    pub down_in_transaction: Option<bool>,
    /// Whether it runs again whenever its checksum is another one than when it ran last, after all that are not repeatable:
    /// a view or a procedure that its file describes as it shall be. It has to work on top of what it left the last time.
    pub repeatable: bool,
    /// When it was written (RFC 3339), if a file says so.
    pub created_at: Option<String>,
    /// SHA-256 of the up script: of the exact text in the `json` layout, else of the text with its line ends made `\n`, as the
    /// file has it; of a repeatable one with the values in their places but for secret ones, so that it runs again when one
    /// changes. Where one file holds both scripts, of the part that is the up script, without blanks at its ends.
    pub checksum: Checksum,
}

impl SqlMigration {
    /// A migration from text in a program: named like its id, in a transaction, without dependencies.
    pub fn new(id: impl Into<String>, up: Script, down: Option<Script>) -> Self {
        let id = id.into();
        Self {
            name: id.clone(),
            id,
            description: None,
            version: None,
            dependencies: Vec::new(),
            checksum: Checksum::of_text(&up.text),
            up,
            down,
            run_in_transaction: true,
            down_in_transaction: None,
            repeatable: false,
            created_at: None,
        }
    }
}

impl SqlMigration {
    /// Whether the script of a direction runs in a transaction.
    pub(crate) fn in_transaction(&self, direction: MigrationDirection) -> bool {
        match direction {
            MigrationDirection::Up => self.run_in_transaction,
            MigrationDirection::Down => self.down_in_transaction.unwrap_or(self.run_in_transaction),
        }
    }

    /// What the database keeps to roll it back without its file; so there is no file whose lines should be counted. A secret
    /// is nothing to keep.
    pub(crate) fn rollback(&self) -> Option<Rollback> {
        let details = RollbackDetails {
            run_in_transaction: self.in_transaction(MigrationDirection::Down),
            dependencies: self.dependencies.clone(),
        };
        let down = self.down.as_ref().filter(|down| down.code.is_none() && !down.has_secrets());
        down.map(|down| Rollback { sql: down.text.trim_start().into(), details })
    }
}

impl From<&SqlMigration> for Migration {
    /// The same in the shared vocabulary: one step, named like the migration.
    fn from(sql: &SqlMigration) -> Self {
        let mut step = MigrationStep::new(&sql.id, sql.up.in_file().to_string());
        step.down = sql.down.as_ref().map(|down| down.in_file().to_string());
        Self {
            id: sql.id.clone(),
            name: sql.name.clone(),
            description: sql.description.clone(),
            version: sql.version.clone(),
            steps: vec![step],
            dependencies: sql.dependencies.clone(),
            checksum: Some(sql.checksum.clone()),
        }
    }
}

/// The database that a directory says its migrations are for, and where it says so (line and column count from 1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WrittenFor {
    pub(crate) dialect: Dialect,
    pub(crate) path: PathBuf,
    pub(crate) line: usize,
    pub(crate) column: usize,
}

/// Migrations that belong together: unique ids, all dependencies present, in the order in which they run.
#[derive(Debug, Clone, Default)]
pub struct MigrationSet {
    migrations: Vec<SqlMigration>,
    index: HashMap<String, usize>,
    /// The layout that was read; `None` for a set made by a program or from an empty directory.
    pub layout: Option<Layout>,
    /// The directory that was read.
    pub root: Option<PathBuf>,
    /// What a person should know about the directory though it is no error, such as a file that is ignored.
    pub warnings: Vec<String>,
    pub(crate) written_for: Option<WrittenFor>,
}

impl MigrationSet {
    /// Reads a directory. `layout: None` detects the layout from the files.
    ///
    /// # Errors
    /// [`LoadError`] names the files: one that can't be read or parsed, two migrations with one id, a dependency that
    /// does not exist, a cycle, files of more than one layout.
    pub fn load(directory: impl AsRef<Path>, layout: Option<Layout>) -> Result<Self, LoadError> {
        Self::load_with(directory, &layout.into())
    }

    /// Reads a directory as the options say.
    ///
    /// # Errors
    /// As [`MigrationSet::load`], and [`LoadError::Unset`] for a name without a value.
    pub fn load_with(directory: impl AsRef<Path>, options: &LoadOptions) -> Result<Self, LoadError> {
        Self::load_all(&[directory.as_ref().to_owned()], options)
    }

    /// Reads several directories as one: their files are in one order and must be of one layout. [`root`](Self::root) is the
    /// first.
    ///
    /// # Errors
    /// As [`MigrationSet::load_with`].
    pub fn load_all(directories: &[PathBuf], options: &LoadOptions) -> Result<Self, LoadError> {
        crate::layout::load(directories, options)
    }

    /// Orders migrations: dependencies first, else in the order in which they are given, repeatable ones after all others.
    ///
    /// # Errors
    /// [`LoadError::Id`] for an id that can't be one, [`LoadError::Graph`] for duplicate ids, dependencies that don't
    /// exist and cycles.
    pub fn new(mut migrations: Vec<SqlMigration>) -> Result<Self, LoadError> {
        migrations.sort_by_key(|migration| migration.repeatable);
        for migration in &migrations {
            migration_model::check_id(&migration.id)?;
        }
        let index = places(migrations.iter().map(|migration| migration.id.as_str()));
        let depends = migrations.iter().any(|migration| !migration.dependencies.is_empty());
        if !depends && index.len() == migrations.len() {
            return Ok(Self { migrations, index, ..Self::default() });
        }
        let nodes = migrations.iter().map(|m| (m.id.as_str(), m.dependencies.as_slice()));
        let index = places(DependencyGraph::in_order(nodes)?.order().into_iter());
        migrations.sort_by_cached_key(|migration| index.get(&migration.id).copied());
        Ok(Self { migrations, index, ..Self::default() })
    }

    /// The migrations in the order in which they run.
    #[must_use]
    pub fn migrations(&self) -> &[SqlMigration] {
        &self.migrations
    }

    /// The migration with this id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&SqlMigration> {
        self.position(id).map(|place| &self.migrations[place])
    }

    /// The place of a migration in the order, from 0.
    #[must_use]
    pub fn position(&self, id: &str) -> Option<usize> {
        self.index.get(id).copied()
    }

    /// The migration that a person means: by id, or by a version or name that only one has.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<&SqlMigration> {
        self.get(text)
            .or_else(|| only(self.migrations.iter().filter(|m| m.version.as_deref() == Some(text))))
            .or_else(|| only(self.migrations.iter().filter(|m| m.name == text)))
    }

    /// That the migrations are for a database like this one, as far as their directory says.
    pub(crate) fn check_written_for(&self, connected: Dialect) -> Result<(), LoadError> {
        match &self.written_for {
            Some(written) if written.dialect != connected => Err(LoadError::Unsupported {
                path: written.path.clone(),
                line: Some(written.line),
                column: Some(written.column),
                what: format!("the migrations are for {}, and the database is {connected}", written.dialect),
            }),
            _ => Ok(()),
        }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.migrations.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.migrations.is_empty()
    }
}

fn places<'a>(ids: impl Iterator<Item = &'a str>) -> HashMap<String, usize> {
    ids.enumerate().map(|(place, id)| (id.to_owned(), place)).collect()
}

fn only<T>(mut found: impl Iterator<Item = T>) -> Option<T> {
    let first = found.next();
    first.filter(|_| found.next().is_none())
}
