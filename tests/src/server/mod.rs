//! Throw-away database servers: own data, own socket, own port on the loopback interface, gone with who started them.
//!
//! [`PostgresServer`], [`MariadbServer`] and [`MysqlServer`] belong to one test, which may fill, kill and break them. Most
//! tests only need a database of their own: [`shared_postgres`], [`shared_mariadb`] and [`shared_mysql`] give one on the
//! server that `cargo xtask test` has started for all.
//!
//! A test that is the same on several servers is written once, generic over [`Kind`], and [`on_servers!`] makes a test of
//! it for each. MySQL is in no stable release of Debian, so its tests are marked as ignored, and run with
//! `cargo xtask test --mysql`.
//!
//! A server that isn't installed is a failure, and never a reason to skip a test. URLs here name the user and the
//! password as they are: percent-encoding is not read.
//!
//! [`on_servers!`]: crate::on_servers

mod family;
mod guard;
mod instance;
mod kind;
mod mariadb;
mod mysql;
mod postgres;
mod shared;
mod system;
mod template;

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

pub(crate) use guard::Guard;
pub use instance::Server;
pub use kind::Kind;
pub use mariadb::{Mariadb, MariadbServer};
pub use mysql::{Mysql, MysqlServer};
pub use postgres::{Postgres, PostgresServer};
pub use shared::{Shared, shared_mariadb, shared_mysql, shared_postgres};
pub(crate) use system::wait_until;

/// The superuser of every server that is started here.
const USER: &str = "migration";

/// Its password: servers listen where any user of the machine can connect.
const PASSWORD: &str = "throw-away";

/// How a server is started.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Whether commits may be lost when the machine or the server dies: faster, and nothing for tests of crashes.
    pub volatile: bool,
    /// Settings of the server, each a name and a value, beside those that it needs to be out of the way.
    pub settings: Vec<(String, String)>,
}

/// Where one server lives.
#[derive(Debug)]
pub struct Place {
    folder: PathBuf,
    port: u16,
}

impl Place {
    /// All that is the server's, gone when it is dropped.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The server's data folder.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// What the server says of itself.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.folder.join("log")
    }
}

/// What differs between the servers.
pub trait Engine: fmt::Debug + Send + Sync {
    /// What people call it.
    fn name(&self) -> &'static str;

    /// Looks for its programs.
    ///
    /// # Errors
    /// A sentence that says what is missing and how to get it.
    fn find() -> Result<Self, String>
    where
        Self: Sized;

    /// Its version, as it prints it itself.
    ///
    /// # Errors
    /// When its program doesn't work.
    fn version(&self) -> Result<String, String>;

    /// Makes a data folder with the superuser in it.
    ///
    /// # Errors
    /// What the programs that do so say.
    fn initialize(&self, place: &Place) -> Result<(), String>;

    /// The command that serves the data folder.
    fn serve(&self, place: &Place, options: &Options) -> Command;

    /// Whether the server at this place, and no other on the same port, takes connections.
    fn is_ready(&self, place: &Place) -> bool;

    /// The signal that makes it stop in order while clients are connected.
    fn stop_signal(&self) -> &'static str;

    /// The signal that ends it at once without leaving anything of itself in the system.
    fn abandon_signal(&self) -> &'static str;

    /// Removes what a killed server leaves in the system outside of its folder.
    fn tidy(&self, _place: &Place) {}

    /// The database that each server has.
    fn first_database(&self) -> &'static str;

    /// The URL of a database for the superuser.
    fn url(&self, port: u16, database: &str) -> String;

    /// The same over the socket, which is in the server's folder.
    fn socket_url(&self, place: &Place, database: &str) -> String;

    /// Runs SQL through the server's own client. Returns the rows, values separated by `|`.
    ///
    /// # Errors
    /// What the client says.
    fn query(&self, url: &str, sql: &str) -> Result<Vec<String>, String>;

    /// The schema of a database, without data, as the server's own program for that writes it.
    ///
    /// # Errors
    /// What the program says.
    fn dump(&self, url: &str) -> Result<String, String>;

    /// The SQL that creates an empty database.
    fn create_database(&self, name: &str) -> String;

    /// The SQL that drops a database, also one that somebody is connected to.
    fn drop_database(&self, name: &str) -> String;
}
