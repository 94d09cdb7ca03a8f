//! What every command is given: the options of the call, the settings, and the way to the database.

use std::cell::OnceCell;

use migration_kit::sql::{
    self, ConnectOptions, DatabaseConnector, DatabaseUrl, MigrationManager, MigrationSet, MissingDatabase,
};

use crate::args::GlobalArgs;
use crate::call::Call;
use crate::explain::{explain, explain_load};
use crate::failure::{Failure, Result};
use crate::screen::View;
use crate::secret;
use crate::settings::Settings;

/// One call of the program.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) flags: GlobalArgs,
    pub(crate) view: View,
    pub(crate) call: Call,
    settings: OnceCell<Settings>,
}

impl Context {
    pub(crate) fn new(flags: GlobalArgs, command: &'static str) -> Self {
        Self { view: View::new(&flags), call: Call::new(&flags, command), flags, settings: OnceCell::new() }
    }

    /// The settings; read when first needed, so that a broken file doesn't stop a command that needs none.
    pub(crate) fn settings(&self) -> Result<&Settings> {
        if let Some(settings) = self.settings.get() {
            return Ok(settings);
        }
        let settings = Settings::load(&self.flags)?;
        Ok(self.settings.get_or_init(|| settings))
    }

    pub(crate) fn connect(&self, missing: MissingDatabase) -> Result<DatabaseConnector> {
        let settings = self.settings()?;
        let url = settings.url()?;
        let mut options = ConnectOptions::default();
        options.lock_timeout = settings.lock_timeout.value;
        // To wait for another run keeps nobody from working: as long as all tries together.
        options.run_lock_timeout = settings
            .lock_timeout
            .value
            .map(|timeout| timeout.saturating_mul(settings.lock_retries.value.saturating_add(1)));
        options.statement_timeout = settings.statement_timeout.value;
        options.missing = missing;
        DatabaseConnector::connect(&url, &options).map_err(|error| self.unreachable(&error, &url))
    }

    /// The directory of migrations.
    pub(crate) fn load(&self) -> Result<MigrationSet> {
        let settings = self.settings()?;
        MigrationSet::load_all(&settings.dirs.value, &settings.load_options())
            .map_err(|error| explain_load(&error))
    }

    /// The directory and the database, in this order: nobody is connected to for a directory that can't be read.
    pub(crate) fn manager(&self, missing: MissingDatabase) -> Result<MigrationManager> {
        let set = self.load()?;
        let settings = self.settings()?;
        let connector = self.connect(missing)?;
        let mut chosen = sql::Settings::default();
        chosen.layout = settings.layout.value.0;
        chosen.history_table.clone_from(&settings.history_table.value);
        chosen.journal_table.clone_from(&settings.journal_table.value);
        chosen.lock_retries = settings.lock_retries.value;
        let mut manager =
            MigrationManager::with_settings(connector, chosen).map_err(|error| self.explain(&error))?;
        manager.use_set(set);
        Ok(manager)
    }

    /// An error of the library that no migration's text has to do with.
    pub(crate) fn explain(&self, error: &sql::Error) -> Box<Failure> {
        explain(error, None, &self.call)
    }

    /// An error of the manager.
    pub(crate) fn explain_with(&self, manager: &MigrationManager, error: &sql::Error) -> Box<Failure> {
        explain(error, Some(manager.set()), &self.call)
    }

    /// An error of a connection: what a client library says may quote a piece of the URL.
    pub(crate) fn unreachable(&self, error: &sql::Error, url: &DatabaseUrl) -> Box<Failure> {
        let mut failure = self.explain(error);
        failure.why = failure.why.map(|why| secret::mask_password_of(url.secret(), &why));
        failure
    }
}
