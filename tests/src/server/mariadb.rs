//! MariaDB.

use std::path::PathBuf;
use std::process::Command;

use super::{Engine, Options, PASSWORD, Place, Server, USER, system};

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

impl Engine for Mariadb {
    fn name(&self) -> &'static str {
        "MariaDB"
    }

    fn find() -> Result<Self, String> {
        let missing = "there is no MariaDB server: `mariadbd`, `mariadb-install-db`, `mariadb` and `mariadb-admin` are \
                       neither on PATH nor in /usr/sbin; `cargo xtask test` installs it, or says how to";
        let server = system::folder_with(&["mariadbd"], &[]);
        let programs = system::folder_with(&["mariadb-install-db", "mariadb", "mariadb-admin"], &[]);
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
             CREATE USER '{USER}'@'%' IDENTIFIED BY '{PASSWORD}';\n\
             GRANT ALL PRIVILEGES ON *.* TO '{USER}'@'%' WITH GRANT OPTION;\n"
        );
        let mut bootstrap = self.server();
        system::at_home(&mut bootstrap, place.folder());
        bootstrap.arg(data_folder(place)).args([LOG_SIZE, "--bootstrap"]);
        system::run(&mut bootstrap, &users).map(drop)
    }

    fn serve(&self, place: &Place, options: &Options) -> Command {
        let mut server = self.server();
        server.arg(data_folder(place)).arg(socket(place)).arg(LOG_SIZE);
        server.arg(format!("--pid-file={}", place.folder().join("pid").display()));
        server.arg(format!("--port={}", place.port()));
        server.args(["--bind-address=127.0.0.1", "--skip-name-resolve", "--character-set-server=utf8mb4"]);
        if options.volatile {
            let fast = ["--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=0", "--sync-frm=0"];
            server.args(fast);
        }
        for (name, value) in &options.settings {
            server.arg(format!("--{name}={value}"));
        }
        server
    }

    fn is_ready(&self, place: &Place) -> bool {
        // Being refused is an answer, too.
        system::says_yes(self.program("mariadb-admin").arg(socket(place)).args(["ping", "--silent"]))
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
        format!("mysql://{USER}:{PASSWORD}@127.0.0.1:{port}/{database}")
    }

    fn query(&self, url: &str, sql: &str) -> Result<Vec<String>, String> {
        let parts = parts(url).ok_or_else(|| format!("no URL as it is used here: {url}"))?;
        let [user, password, host, port, database] = parts;
        let mut client = self.program("mariadb");
        client.env("MYSQL_PWD", password).args(["--user", user, "--host", host, "--port", port]);
        client.args(["--protocol=tcp", "--default-character-set=utf8mb4", "--batch", "--skip-column-names"]);
        client.arg(database);
        Ok(system::run(&mut client, sql)?.lines().map(|line| line.replace('\t', "|")).collect())
    }

    fn create_database(&self, name: &str) -> String {
        format!("CREATE DATABASE {}", quoted(name))
    }

    fn drop_database(&self, name: &str) -> String {
        // The server waits for transactions that have used a table in it, by default for a day. Error 1094: that
        // connection has ended by itself.
        let text = name.replace('\\', "\\\\").replace('\'', "''");
        format!(
            "DELIMITER //\n\
             BEGIN NOT ATOMIC\n\
             DECLARE CONTINUE HANDLER FOR 1094 BEGIN END;\n\
             FOR client IN (SELECT id FROM information_schema.processlist WHERE db = '{text}') DO\n\
             KILL client.id; END FOR;\n\
             END //\n\
             DELIMITER ;\n\
             SET lock_wait_timeout = 30;\n\
             DROP DATABASE {};\n",
            quoted(name)
        )
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
fn without_defaults(folder: &std::path::Path, name: &str) -> Command {
    let mut command = system::program(folder.join(name));
    command.arg("--no-defaults");
    command
}

fn data_folder(place: &Place) -> String {
    format!("--datadir={}", place.data().display())
}

fn socket(place: &Place) -> String {
    format!("--socket={}", place.folder().join("socket").display())
}

/// User, password, host, port and database.
fn parts(url: &str) -> Option<[&str; 5]> {
    let (login, rest) = url.strip_prefix("mysql://")?.rsplit_once('@')?;
    let (user, password) = login.split_once(':')?;
    let (address, database) = rest.split_once('/')?;
    let (host, port) = address.split_once(':')?;
    Some([user, password, host, port, database])
}

fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}
