//! The manager: a directory of migrations and a database brought together.

mod create;
mod repair;
mod run;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use migration_model::{MigrationDirection, MigrationResult, Observer};

use crate::connector::DatabaseConnector;
use crate::error::{Error, Result};
use crate::history::History;
use crate::journal::Journal;
use crate::plan::Plan;
use crate::planner::{Planner, similar};
use crate::report::{MigrationInfo, MigrationState, RunReport};
use crate::request::{Interrupt, Request, Target};
use crate::set::MigrationSet;
use crate::settings::Settings;
use crate::status::{self, Verification};
use crate::tracking::Tracking;

/// Applies the migrations of a directory to a database, rolls them back, and says where each stands.
///
/// ```
/// # #[cfg(feature = "sqlite")] {
/// use migration_sql::{DatabaseConnector, MigrationManager, MigrationState};
///
/// let directory = tempfile::tempdir()?;
/// let mut manager = MigrationManager::new(DatabaseConnector::open("sqlite::memory:")?);
/// manager.load_migrations_from_directory(directory.path())?;
///
/// let users = "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL)";
/// let users = manager.create_migration("users", "", users, Some("DROP TABLE users"), &[])?;
/// manager.create_migration("seed", "", "INSERT INTO users (name) VALUES ('Ada')", None, &[&users.id])?;
///
/// let report = manager.apply_pending_migrations()?;
/// assert_eq!(report.results.len(), 2);
/// assert_eq!(manager.get_migration_status(&users.id)?.status, MigrationState::Applied);
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct MigrationManager {
    connector: DatabaseConnector,
    settings: Settings,
    directory: Option<PathBuf>,
    set: MigrationSet,
    observers: Vec<Arc<dyn Observer>>,
    interrupt: Interrupt,
    /// Whether other runners are kept out already.
    exclusive: bool,
}

impl MigrationManager {
    /// A manager with the default settings and no migrations yet.
    #[must_use]
    pub fn new(connector: DatabaseConnector) -> Self {
        Self {
            connector,
            settings: Settings::default(),
            directory: None,
            set: MigrationSet::default(),
            observers: Vec::new(),
            interrupt: Interrupt::default(),
            exclusive: false,
        }
    }

    /// A manager without migrations yet.
    ///
    /// # Errors
    /// [`Error::TableName`] for a name that can't be a table's, or one name for both tables.
    pub fn with_settings(connector: DatabaseConnector, settings: Settings) -> Result<Self> {
        for name in [&settings.history_table, &settings.journal_table] {
            if name.trim().is_empty()
                || name.contains('\0')
                || name.to_ascii_lowercase().starts_with("sqlite_")
            {
                return Err(Error::TableName { name: name.clone() });
            }
        }
        if settings.history_table.eq_ignore_ascii_case(&settings.journal_table) {
            return Err(Error::TableName { name: settings.journal_table });
        }
        Ok(Self { settings, ..Self::new(connector) })
    }

    /// Reads a directory of migrations, in place of those that the manager had. Returns how many there are.
    ///
    /// # Errors
    /// [`Error::Load`], and the manager keeps what it had.
    pub fn load_migrations_from_directory(&mut self, directory: impl AsRef<Path>) -> Result<usize> {
        let set = MigrationSet::load(&directory, self.settings.layout)?;
        self.directory = Some(directory.as_ref().to_owned());
        self.use_set(set);
        Ok(self.set.len())
    }

    /// Takes migrations that a program brings along, in place of those that the manager had.
    pub fn use_set(&mut self, set: MigrationSet) {
        self.set = set;
    }

    /// The migrations, in order.
    #[must_use]
    pub fn set(&self) -> &MigrationSet {
        &self.set
    }

    /// Tells an observer of everything that happens from now on.
    pub fn observe(&mut self, observer: Arc<dyn Observer>) {
        self.observers.push(observer);
    }

    /// Watches a flag that stops a run between two statements.
    pub fn set_interrupt(&mut self, interrupt: Interrupt) {
        self.interrupt = interrupt;
    }

    /// The connection.
    pub fn connector(&mut self) -> &mut DatabaseConnector {
        &mut self.connector
    }

    /// What a request would do. Changes nothing, and takes no lock.
    ///
    /// # Errors
    /// Whatever would keep the run from beginning: see [`Error`]'s variants about files, history and dependencies.
    pub fn plan(&mut self, request: &Request) -> Result<Plan> {
        let (history, journal) = self.read_state()?;
        self.plan_from(&history, &journal, request)
    }

    fn plan_from(&mut self, history: &History, journal: &Journal, request: &Request) -> Result<Plan> {
        let rules = self.connector.backend().rules();
        let history_table = &self.settings.history_table;
        let mut plan = Planner { set: &self.set, history, journal, history_table, rules }.plan(request)?;
        run::check_atomic(&plan, request)?;
        plan.warnings.splice(0..0, self.set.warnings.iter().cloned());
        Ok(plan)
    }

    fn read_state(&mut self) -> Result<(History, Journal)> {
        let backend = self.connector.backend();
        let tracking = Tracking::find(backend, &self.settings)?;
        let history = History::read(backend, &tracking.history)?;
        let journal = Journal::read(backend, &tracking.journal)?;
        Ok((history, journal))
    }

    /// Applies one migration, whose dependencies must be applied already.
    ///
    /// # Errors
    /// As [`MigrationManager::run`].
    pub fn apply_migration(&mut self, id: &str, dry_run: bool) -> Result<MigrationResult> {
        self.run_one(id, &Request::new(MigrationDirection::Up, Target::Only(id.to_owned())).dry_run(dry_run))
    }

    /// Rolls back one migration, on which no applied one may depend.
    ///
    /// # Errors
    /// As [`MigrationManager::run`].
    pub fn rollback_migration(&mut self, id: &str, dry_run: bool) -> Result<MigrationResult> {
        self.run_one(
            id,
            &Request::new(MigrationDirection::Down, Target::Only(id.to_owned())).dry_run(dry_run),
        )
    }

    fn run_one(&mut self, id: &str, request: &Request) -> Result<MigrationResult> {
        let result = self.run(request)?.results.pop();
        result.ok_or_else(|| Error::UnknownMigration { id: id.to_owned(), similar: None })
    }

    /// Applies everything that is pending.
    ///
    /// # Errors
    /// As [`MigrationManager::run`].
    pub fn apply_pending_migrations(&mut self) -> Result<RunReport> {
        self.run(&Request::up())
    }

    /// Where every migration stands: those of the directory in order, then those that only the database knows.
    ///
    /// # Errors
    /// [`Error::Database`] when the tracking table can't be read.
    pub fn list_migrations(&mut self) -> Result<Vec<MigrationInfo>> {
        let (history, journal) = self.read_state()?;
        Ok(status::list(&self.set, &history, &journal))
    }

    /// Where one migration stands.
    ///
    /// # Errors
    /// [`Error::UnknownMigration`], and as [`MigrationManager::list_migrations`].
    pub fn get_migration_status(&mut self, id: &str) -> Result<MigrationInfo> {
        let known = self.set.find(id).map_or(id, |migration| migration.id.as_str()).to_owned();
        let found = self.list_migrations()?.into_iter().find(|info| info.id == known);
        found.ok_or_else(|| Error::UnknownMigration { id: id.to_owned(), similar: similar(id, &self.set) })
    }

    /// The migrations that are not applied, in the order in which they would be.
    ///
    /// # Errors
    /// As [`MigrationManager::list_migrations`].
    pub fn get_pending_migrations(&mut self) -> Result<Vec<MigrationInfo>> {
        let mut all = self.list_migrations()?;
        all.retain(|info| matches!(info.status, MigrationState::Pending | MigrationState::Partial));
        Ok(all)
    }

    /// The migrations that are applied, in their order.
    ///
    /// # Errors
    /// As [`MigrationManager::list_migrations`].
    pub fn get_applied_migrations(&mut self) -> Result<Vec<MigrationInfo>> {
        let mut all = self.list_migrations()?;
        all.retain(|info| info.status.is_applied());
        Ok(all)
    }

    /// Compares files and history. Changes nothing.
    ///
    /// # Errors
    /// As [`MigrationManager::list_migrations`].
    pub fn verify(&mut self) -> Result<Verification> {
        let (history, journal) = self.read_state()?;
        Ok(status::verify(&self.set, &history, &journal))
    }
}

impl std::fmt::Debug for MigrationManager {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MigrationManager")
            .field("connector", &self.connector)
            .field("directory", &self.directory)
            .field("migrations", &self.set.len())
            .finish_non_exhaustive()
    }
}

/// Brings a database up to date with a directory ([`Up`](MigrationDirection::Up)), or rolls the newest migration back
/// ([`Down`](MigrationDirection::Down)): what the commands `up` and `down` do.
///
/// # Errors
/// As [`DatabaseConnector::open`], [`MigrationManager::load_migrations_from_directory`] and [`MigrationManager::run`].
pub fn run_migrations(
    directory: impl AsRef<Path>,
    url: &str,
    direction: MigrationDirection,
) -> Result<RunReport> {
    let set = MigrationSet::load(directory, None)?;
    let mut manager = MigrationManager::new(DatabaseConnector::open(url)?);
    manager.use_set(set);
    manager.run(&match direction {
        MigrationDirection::Up => Request::up(),
        MigrationDirection::Down => Request::down(),
    })
}
