//! The manager: a directory of migrations and a database brought together.

mod adopt;
mod create;
mod environment;
mod repair;
mod run;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use migration_model::{MigrationDirection, MigrationResult, Observable, Observer};
use migration_syntax::Dialect;

use crate::connector::DatabaseConnector;
use crate::error::{Error, Result};
use crate::history::{History, HistoryRow, RowState};
use crate::hook::Hook;
use crate::journal::{self, Journal};
use crate::layout::LoadOptions;
use crate::plan::Plan;
use crate::planner::{Planner, similar};
use crate::report::{MigrationInfo, RunReport};
use crate::request::{Interrupt, Request, Target};
use crate::set::{MigrationSet, SqlMigration};
use crate::settings::Settings;
use crate::status::{self, Verification};
use crate::tracking::Tracking;
use crate::url::DatabaseUrl;

/// What the database says.
struct State {
    tracking: Tracking,
    history: History,
    journal: Journal,
}

/// A plan with what is needed to run it.
struct Prepared {
    plan: Plan,
    /// The migrations, where the database knows more of them than the directory.
    set: Option<MigrationSet>,
    tracking: Tracking,
}

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
    hooks: Vec<Hook>,
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
            hooks: Vec::new(),
            interrupt: Interrupt::default(),
            exclusive: false,
        }
    }

    /// A manager without migrations yet.
    ///
    /// # Errors
    /// [`Error::TableName`] for a name that can't be a table's, or one name for two tables;
    /// [`Error::SchemasUnsupported`] for tables in a schema where there is none.
    pub fn with_settings(connector: DatabaseConnector, settings: Settings) -> Result<Self> {
        if let Some(name) = settings.history_schema.clone()
            && connector.capabilities().schemas.is_none()
        {
            return Err(Error::SchemasUnsupported { dialect: connector.dialect(), name });
        }
        let names = [&settings.history_table, &settings.journal_table, &settings.environment_table];
        for name in names {
            if name.trim().is_empty()
                || name.contains('\0')
                || name.to_ascii_lowercase().starts_with("sqlite_")
            {
                return Err(Error::TableName { name: name.clone() });
            }
        }
        for (place, name) in names.iter().enumerate() {
            if names[..place].iter().any(|other| other.eq_ignore_ascii_case(name)) {
                return Err(Error::TableName { name: (*name).clone() });
            }
        }
        Ok(Self { settings, ..Self::new(connector) })
    }

    /// Reads a directory of migrations, in place of those that the manager had. Returns how many there are.
    ///
    /// # Errors
    /// [`Error::Load`], and the manager keeps what it had.
    pub fn load_migrations_from_directory(&mut self, directory: impl AsRef<Path>) -> Result<usize> {
        let set = MigrationSet::load_with(&directory, &self.load_options())?;
        self.directory = Some(directory.as_ref().to_owned());
        self.use_set(set);
        Ok(self.set.len())
    }

    /// How the manager reads a directory: in the layout of its settings, for the kind of database that it is connected to.
    fn load_options(&self) -> LoadOptions {
        let mut options = LoadOptions::from(self.settings.layout);
        options.dialect = Some(self.connector.dialect());
        options
    }

    /// Takes migrations in place of those that the manager had: those that a program brings along, or that were read with
    /// further [options](LoadOptions).
    pub fn use_set(&mut self, set: MigrationSet) {
        self.set = set;
    }

    /// The migrations, in order.
    #[must_use]
    pub fn set(&self) -> &MigrationSet {
        &self.set
    }

    /// By whose rules the migrations are read: those of the connected database.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.connector.dialect()
    }

    /// Tells an observer of everything that happens from now on.
    pub fn observe(&mut self, observer: Arc<dyn Observer>) {
        self.observers.push(observer);
    }

    /// Runs a hook in every run from now on, after those that it had.
    pub fn add_hook(&mut self, hook: Hook) {
        self.hooks.push(hook);
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
        Ok(self.prepare(request)?.plan)
    }

    fn prepare(&mut self, request: &Request) -> Result<Prepared> {
        self.set.check_written_for(self.connector.dialect())?;
        let state = self.read_state()?;
        self.check_environment(&state.tracking)?;
        let uses_kept = request.direction == MigrationDirection::Down
            && request.use_kept_rollbacks
            && !request.ignore_missing;
        let kept = if uses_kept { self.kept_rollbacks(&state)? } else { Vec::new() };
        let gone: Vec<String> = kept.iter().map(|migration| migration.id.clone()).collect();
        let set = if kept.is_empty() { None } else { Some(self.set.clone().join(kept)?) };

        let rules = self.connector.backend().rules();
        let planner = Planner {
            set: set.as_ref().unwrap_or(&self.set),
            history: &state.history,
            journal: &state.journal,
            history_table: &self.settings.history_table,
            rules,
        };
        let mut plan = planner.plan(request)?;
        if !plan.is_empty() {
            let backend = self.connector.backend.as_ref();
            let hooks = self.hooks.iter().map(|hook| hook.planned(request.direction, backend));
            plan.hooks = hooks.filter_map(Result::transpose).collect::<Result<_>>()?;
        }
        run::check_atomic(&plan, request, self.connector.capabilities())?;
        if request.direction == MigrationDirection::Up && !plan.is_empty() {
            self.check_foreign(&state, request)?;
        }
        plan.warnings.splice(0..0, self.set.warnings.iter().cloned());
        let without_file = plan.migrations.iter().filter(|planned| gone.contains(&planned.id));
        let warnings = without_file.map(|planned| {
            format!("migration `{}` has no file: its down part is the one that the database kept", planned.id)
        });
        plan.warnings.extend(warnings.collect::<Vec<_>>());
        Ok(Prepared { plan, set, tracking: state.tracking })
    }

    fn read_state(&mut self) -> Result<State> {
        let backend = self.connector.backend();
        let tracking = Tracking::find(backend, &self.settings)?;
        let history = History::read(backend, &tracking.history)?;
        let journal = Journal::read(backend, &tracking.journal)?;
        Ok(State { tracking, history, journal })
    }

    /// The applied migrations whose files are gone and whose down parts the database kept.
    fn kept_rollbacks(&mut self, state: &State) -> Result<Vec<SqlMigration>> {
        let gone: Vec<&HistoryRow> = state
            .history
            .rows
            .iter()
            .filter(|row| row.state == RowState::Applied && self.set.get(&row.id).is_none())
            .collect();
        let ids: Vec<&str> = gone.iter().map(|row| row.id.as_str()).collect();
        let mut kept = journal::read_rollbacks(self.connector.backend(), &state.tracking.journal, &ids)?;
        let mut migrations = Vec::new();
        for row in gone {
            let Some((checksum, rollback)) = kept.remove(&row.id) else { continue };
            // What is kept of another version of the migration undoes something else.
            if row.checksum.as_ref().is_some_and(|applied| applied.matches(&checksum)) {
                migrations.push(rollback.migration(row, checksum));
            }
        }
        let known: HashSet<String> = migrations.iter().map(|migration| migration.id.clone()).collect();
        for migration in &mut migrations {
            migration.dependencies.retain(|id| known.contains(id) || self.set.get(id).is_some());
        }
        Ok(migrations)
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
    /// [`Error::Database`] when the tracking table can't be read, [`Error::Load`] for migrations that are for another kind of
    /// database.
    pub fn list_migrations(&mut self) -> Result<Vec<MigrationInfo>> {
        self.set.check_written_for(self.connector.dialect())?;
        let state = self.read_state()?;
        let kept = self.kept_rollbacks(&state)?;
        let mut all = status::list(&self.set, &state.history, &state.journal);
        for info in all.iter_mut().filter(|info| kept.iter().any(|migration| migration.id == info.id)) {
            info.reversible = true;
        }
        Ok(all)
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

    /// The migrations of the set that are applied, in order, with their scripts.
    ///
    /// # Errors
    /// As [`MigrationManager::list_migrations`].
    pub fn applied_set(&mut self) -> Result<Vec<&SqlMigration>> {
        let applied = self.get_applied_migrations()?;
        let applied: HashSet<&str> = applied.iter().map(|info| &*info.id).collect();
        let is_applied = |migration: &&SqlMigration| applied.contains(&*migration.id);
        Ok(self.set.migrations().iter().filter(is_applied).collect())
    }

    /// The migrations that are not applied, and the repeatable ones that run again, in the order in which they would.
    ///
    /// # Errors
    /// As [`MigrationManager::list_migrations`].
    pub fn get_pending_migrations(&mut self) -> Result<Vec<MigrationInfo>> {
        let mut all = self.list_migrations()?;
        all.retain(|info| info.status.is_pending());
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
        self.set.check_written_for(self.connector.dialect())?;
        let state = self.read_state()?;
        Ok(status::verify(&self.set, &state.history, &state.journal))
    }
}

impl Observable for MigrationManager {
    fn add_observer(&mut self, observer: Arc<dyn Observer>) {
        self.observe(observer);
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
    let options = LoadOptions { dialect: Some(DatabaseUrl::parse(url)?.dialect()), ..LoadOptions::default() };
    let set = MigrationSet::load_with(directory, &options)?;
    let mut manager = MigrationManager::new(DatabaseConnector::open(url)?);
    manager.use_set(set);
    manager.run(&match direction {
        MigrationDirection::Up => Request::up(),
        MigrationDirection::Down => Request::down(),
    })
}
