//! Diesel's sources as our sets: the SQL text that a source would run.

use std::sync::{Arc, Mutex, PoisonError};

use diesel::Connection;
use diesel::connection::{InstrumentationEvent, SimpleConnection};
use diesel::migration::{Migration, MigrationSource};
use diesel::sqlite::{Sqlite, SqliteConnection};

use crate::error::{Error, Result};
use crate::set::{MigrationSet, Script, SqlMigration};

impl MigrationSet {
    /// The migrations of a source of `diesel_migrations`: `EmbeddedMigrations` or `FileBasedMigrations`.
    ///
    /// Those hold SQL text and don't give it away; each is run once against a private, read-only database in memory that
    /// notes what it is sent. A source whose migrations are Rust code can't be taken over like that: it has no text.
    ///
    /// ```
    /// use diesel_migrations::FileBasedMigrations;
    /// use migration_sql::MigrationSet;
    ///
    /// let directory = tempfile::tempdir()?;
    /// let migration = directory.path().join("2024-01-01-000000_users");
    /// std::fs::create_dir(&migration)?;
    /// std::fs::write(migration.join("up.sql"), "CREATE TABLE users (id INTEGER);")?;
    ///
    /// let set = MigrationSet::from_diesel(&FileBasedMigrations::from_path(directory.path())?)?;
    /// assert_eq!(set.migrations()[0].id, "2024-01-01-000000_users");
    /// assert_eq!(&*set.migrations()[0].up.text, "CREATE TABLE users (id INTEGER);");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::DieselSource`] when the source can't list its migrations or one has no text, [`Error::Load`] when they
    /// don't make a set.
    pub fn from_diesel(source: &impl MigrationSource<Sqlite>) -> Result<Self> {
        let mut migrations = source.migrations().map_err(Error::DieselSource)?;
        migrations.sort_by_key(|migration| migration.name().version().as_owned());
        let migrations: Result<Vec<_>> =
            migrations.iter().map(|migration| take_over(migration.as_ref())).collect();
        Ok(Self::new(migrations?)?)
    }
}

fn take_over(migration: &dyn Migration<Sqlite>) -> Result<SqlMigration> {
    let id = migration.name().to_string();
    let up = record(|connection| migration.run(connection))?
        .map_err(|error| Error::DieselSource(format!("migration `{id}` has no SQL text: {error}").into()))?;
    let down = record(|connection| migration.revert(connection))?.ok();
    let name = id.split_once('_').map_or(id.as_str(), |(_, name)| name).to_owned();
    Ok(SqlMigration {
        name,
        version: Some(migration.name().version().to_string()),
        run_in_transaction: migration.metadata().run_in_transaction(),
        ..SqlMigration::new(id, Script::from_text(up), down.map(Script::from_text))
    })
}

type Outcome = diesel::migration::Result<()>;

/// The text that `run` sends to a database, or the error that kept it from sending any.
fn record(run: impl FnOnce(&mut SqliteConnection) -> Outcome) -> Result<diesel::migration::Result<String>> {
    let connection_failed = |error: String| Error::DieselSource(error.into());
    let mut connection =
        SqliteConnection::establish(":memory:").map_err(|e| connection_failed(e.to_string()))?;
    connection.batch_execute("PRAGMA query_only = ON").map_err(|e| connection_failed(e.to_string()))?;
    let sent = Arc::new(Mutex::new(None));
    let note = Arc::clone(&sent);
    connection.set_instrumentation(move |event: InstrumentationEvent<'_>| {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            note.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(query.to_string());
        }
    });
    // What it sends fails, or does nothing: that there is something is all that counts.
    let outcome = run(&mut connection);
    let text = sent.lock().unwrap_or_else(PoisonError::into_inner).take();
    Ok(match (text, outcome) {
        (Some(text), _) => Ok(text),
        (None, Err(error)) => Err(error),
        (None, Ok(())) => Ok(String::new()),
    })
}
