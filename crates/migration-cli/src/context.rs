//! What every command is given: the options of the call, the settings, and the way to the database.

use std::cell::OnceCell;

use migration_kit::sql::{
    self, ConnectOptions, DatabaseConnector, DatabaseUrl, MigrationManager, MigrationSet, MissingDatabase,
};

use crate::args::GlobalArgs;
use crate::call::Call;
use crate::explain::{explain, explain_load};
use crate::failure::{Failure, Result};
use crate::hooks;
use crate::screen::View;
use crate::script::Known;
use crate::secret;
use crate::settings::Settings;

/// One call of the program.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) flags: GlobalArgs,
    pub(crate) view: View,
    pub(crate) call: Call,
    /// Of a call for many: which of them this is.
    pub(crate) tenant: Option<String>,
    settings: OnceCell<Settings>,
}

impl Context {
    pub(crate) fn new(flags: GlobalArgs, command: &'static str) -> Self {
        let (view, call) = (View::new(&flags), Call::new(&flags, command));
        Self { view, call, flags, tenant: None, settings: OnceCell::new() }
    }

    /// The same call for one of many, with settings of its own.
    pub(crate) fn for_tenant(&self, name: &str, flags: GlobalArgs, settings: Settings) -> Self {
        let settings = OnceCell::from(settings);
        Self { tenant: Some(name.to_owned()), settings, ..Self::new(flags, self.call.name) }
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
        options.schema.clone_from(&settings.schema.value);
        options.create_schema = self.flags.create_schema;
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
        let mut manager = self.manager_of_no_migrations(missing)?;
        manager.use_set(set);
        Ok(manager)
    }

    /// The same with the hooks of the settings file: for what runs migrations, and what shows what would run.
    pub(crate) fn runner(&self, missing: MissingDatabase) -> Result<MigrationManager> {
        let hooks = self.settings()?.hooks.iter().map(hooks::hook).collect::<Result<Vec<_>>>()?;
        let mut manager = self.manager(missing)?;
        hooks.into_iter().for_each(|hook| manager.add_hook(hook));
        Ok(manager)
    }

    /// The database alone.
    pub(crate) fn manager_of_no_migrations(&self, missing: MissingDatabase) -> Result<MigrationManager> {
        let settings = self.settings()?;
        let mut connector = self.connect(missing)?;
        if let Some(name) = &settings.history_schema.value {
            self.see_to_schema(&mut connector, name, missing).map_err(|error| self.explain(&error))?;
        }
        let mut chosen = sql::Settings::default();
        chosen.layout = settings.layout.value.0;
        chosen.history_table.clone_from(&settings.history_table.value);
        chosen.journal_table.clone_from(&settings.journal_table.value);
        chosen.environment_table.clone_from(&settings.environment_table.value);
        chosen.history_schema.clone_from(&settings.history_schema.value);
        chosen.environment = settings.env.as_ref().map(|env| env.value.clone());
        chosen.lock_retries = settings.lock_retries.value;
        MigrationManager::with_settings(connector, chosen).map_err(|error| self.explain(&error))
    }

    /// Looks whether the schema of the tracking tables is there, and makes it where that is wanted.
    fn see_to_schema(
        &self,
        connector: &mut DatabaseConnector,
        name: &str,
        missing: MissingDatabase,
    ) -> Result<(), sql::Error> {
        if connector.schemas()?.iter().any(|schema| schema == name) {
            return Ok(());
        }
        match (self.flags.create_schema, missing) {
            (true, MissingDatabase::Create) => connector.create_schema(name),
            (true, MissingDatabase::TreatAsEmpty) => Ok(()),
            _ => Err(sql::Error::NoSuchSchema { name: name.to_owned() }),
        }
    }

    /// An error of the library that no migration's text has to do with.
    pub(crate) fn explain(&self, error: &sql::Error) -> Box<Failure> {
        explain(error, None, &self.call)
    }

    /// An error of the manager.
    pub(crate) fn explain_with(&self, manager: &MigrationManager, error: &sql::Error) -> Box<Failure> {
        let known = Known { set: manager.set(), dialect: manager.dialect() };
        explain(error, Some(known), &self.call)
    }

    /// An error of a connection: what a client library says may quote a piece of the URL.
    pub(crate) fn unreachable(&self, error: &sql::Error, url: &DatabaseUrl) -> Box<Failure> {
        let mut failure = self.explain(error);
        failure.why = failure.why.map(|why| secret::mask_password_of(url.secret(), &why));
        failure
    }
}
