//! A database of one's own on a server that is not.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::SystemTime;

use super::{Engine, Kind, Mariadb, Mysql, Options, Postgres, Server};

/// A fresh database; dropped when this is.
#[derive(Debug)]
pub struct Shared {
    engine: Box<dyn Engine>,
    server: String,
    name: String,
}

/// A fresh database on the PostgreSQL server that `MIGRATION_TEST_POSTGRES` names; see [`Kind::shared`].
///
/// # Panics
/// When there is no server, or it doesn't work.
#[must_use]
pub fn shared_postgres() -> Shared {
    Postgres::shared()
}

/// The same on the MariaDB server that `MIGRATION_TEST_MARIADB` names.
///
/// # Panics
/// When there is no server, or it doesn't work.
#[must_use]
pub fn shared_mariadb() -> Shared {
    Mariadb::shared()
}

/// The same on the MySQL server that `MIGRATION_TEST_MYSQL` names.
///
/// # Panics
/// When there is no server, or it doesn't work.
#[must_use]
pub fn shared_mysql() -> Shared {
    Mysql::shared()
}

impl Shared {
    /// What is in a `static` is never dropped, but the server's guard sees the end of the process.
    pub(super) fn new<E: Kind>() -> Self {
        let engine = E::find().unwrap_or_else(|missing| panic!("{missing}"));
        let variable = E::VARIABLE;
        let server = std::env::var(variable).unwrap_or_else(|_| {
            let options = Options { volatile: true, ..Options::default() };
            E::own().get_or_init(|| Server::start_with(options)).url(engine.first_database())
        });
        let name = unique_name();
        engine
            .query(&server, &engine.create_database(&name))
            .unwrap_or_else(|error| panic!("{variable}: {error}"));
        Self { engine: Box::new(engine), server, name }
    }

    /// The engine's name.
    #[must_use]
    pub fn engine(&self) -> &'static str {
        self.engine.name()
    }

    /// The name of the database.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its URL, for a superuser.
    #[must_use]
    pub fn url(&self) -> String {
        let (server, _) = self.server.rsplit_once('/').expect("a URL with a database");
        format!("{server}/{}", self.name)
    }

    /// Runs SQL through the server's own client. Returns the rows, values separated by `|`.
    ///
    /// # Panics
    /// When the SQL fails.
    pub fn query(&self, sql: &str) -> Vec<String> {
        self.engine.query(&self.url(), sql).unwrap_or_else(|error| panic!("{error}"))
    }

    /// The schema, without data, as the server's own program for that writes it.
    ///
    /// # Panics
    /// When that program fails.
    #[must_use]
    pub fn dump(&self) -> String {
        self.engine.dump(&self.url()).unwrap_or_else(|error| panic!("{error}"))
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        // Not a panic, which would hide that of a test that has failed. The database ends with the server.
        if let Err(error) = self.engine.query(&self.server, &self.engine.drop_database(&self.name)) {
            eprintln!("{} can't be dropped: {error}", self.name);
        }
    }
}

/// Unlike that of any other test, in this process or another one.
fn unique_name() -> String {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let time = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default().as_nanos();
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("test_{time:x}_{:x}_{count:x}", std::process::id())
}
