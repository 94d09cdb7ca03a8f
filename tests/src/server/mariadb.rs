//! MariaDB.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::family::{self, data_folder, socket_option};
use super::{Engine, Options, Place, Server, system};

/// A MariaDB server of one's own.
pub type MariadbServer = Server<Mariadb>;

/// Where its programs are.
#[derive(Debug, Clone)]
pub struct Mariadb {
    server: PathBuf,
    programs: PathBuf,
}

/// The server checks at each start that its log has this size; the default would make a template of 100 MB.
const LOG_SIZE: &str = "--innodb-log-file-size=16M";

const PROGRAMS: &[&str] = &["mariadb-install-db", "mariadb", "mariadb-admin", "mariadb-dump"];

impl Engine for Mariadb {
    fn name(&self) -> &'static str {
        "MariaDB"
    }

    fn find() -> Result<Self, String> {
        let missing = "there is no MariaDB server: `mariadbd`, `mariadb-install-db`, `mariadb`, `mariadb-admin` and \
                       `mariadb-dump` are neither on PATH nor in /usr/sbin; `cargo xtask test` installs it, or says \
                       how to";
        let server = system::folder_with(&["mariadbd"], &[]);
        let programs = system::folder_with(PROGRAMS, &[]);
        Ok(Self { server: server.ok_or(missing)?, programs: programs.ok_or(missing)? })
    }

    fn version(&self) -> Result<String, String> {
        let version = system::run(self.server().arg("--version"), "")?;
        // It begins with the path of the program.
        Ok(format!("mariadbd {}", version.split_once(" Ver ").map_or(&*version, |(_, version)| version)))
    }

    fn initialize(&self, place: &Place) -> Result<(), String> {
        let mut install = self.program("mariadb-install-db");
        system::at_home(&mut install, place.folder());
        install.arg(data_folder(place)).args([LOG_SIZE, "--skip-test-db", "--skip-name-resolve"]);
        install.arg("--auth-root-authentication-method=normal");
        system::run(&mut install, "")?;

        // Without the anonymous users, whom the server would take for ours; without the tables of privileges, which
        // it doesn't read in this mode, there are no users.
        let users = format!(
            "FLUSH PRIVILEGES;\n\
             DELETE FROM mysql.global_priv WHERE User IN ('', 'root');\n\
             FLUSH PRIVILEGES;\n\
             {}",
            family::create_user()
        );
        let mut bootstrap = self.server();
        system::at_home(&mut bootstrap, place.folder());
        bootstrap.arg(data_folder(place)).args([LOG_SIZE, "--bootstrap"]);
        system::run(&mut bootstrap, &users).map(drop)
    }

    fn serve(&self, place: &Place, options: &Options) -> Command {
        let mut server = self.server();
        server.arg(LOG_SIZE);
        family::serve(&mut server, place, options, &["--innodb-doublewrite=0", "--sync-frm=0"]);
        server
    }

    fn is_ready(&self, place: &Place) -> bool {
        // Being refused is an answer, too.
        system::says_yes(self.program("mariadb-admin").arg(socket_option(place)).args(["ping", "--silent"]))
    }

    /// See "Shutdown" in the description of `mariadbd`.
    fn stop_signal(&self) -> &'static str {
        "TERM"
    }

    fn abandon_signal(&self) -> &'static str {
        "KILL"
    }

    fn first_database(&self) -> &'static str {
        "mysql"
    }

    fn url(&self, port: u16, database: &str) -> String {
        family::url(port, database)
    }

    fn socket_url(&self, place: &Place, database: &str) -> String {
        family::socket_url(place, database)
    }

    fn query(&self, url: &str, sql: &str) -> Result<Vec<String>, String> {
        family::query(self.program("mariadb"), url, sql)
    }

    fn dump(&self, url: &str) -> Result<String, String> {
        family::dump(self.program("mariadb-dump"), url)
    }

    fn create_database(&self, name: &str) -> String {
        format!("CREATE DATABASE {}", family::quoted(name))
    }

    fn drop_database(&self, name: &str) -> String {
        family::drop_database(name)
    }
}

impl Mariadb {
    fn server(&self) -> Command {
        without_defaults(&self.server, "mariadbd")
    }

    fn program(&self, name: &str) -> Command {
        without_defaults(&self.programs, name)
    }
}

/// Without the settings of the machine; the option has to come first.
fn without_defaults(folder: &Path, name: &str) -> Command {
    let mut command = system::program(folder.join(name));
    command.arg("--no-defaults");
    command
}
