//! MySQL.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::family::{self, data_folder, socket_option};
use super::{Engine, Options, Place, Server, system, template};

/// A MySQL server of one's own.
pub type MysqlServer = Server<Mysql>;

/// Where its programs are.
///
/// Debian's stable releases have none, so `cargo xtask servers mysql` unpacks those of its unstable one beside what cargo
/// builds. They need newer libraries than the machine has: their own dynamic linker starts them with those that are
/// unpacked beside them, so that there is no need to change the root folder, which only root may.
#[derive(Debug, Clone)]
pub struct Mysql {
    server: PathBuf,
    programs: PathBuf,
    unpacked: Option<Unpacked>,
}

/// A folder like the root of a Debian system.
#[derive(Debug, Clone)]
struct Unpacked {
    root: PathBuf,
    linker: PathBuf,
    libraries: PathBuf,
}

/// Below the folder that cargo builds to; also in `xtask/src/mysql.rs`.
const FOLDER: &str = "mysql-server";

const PROGRAMS: &[&str] = &["mysql", "mysqladmin", "mysqldump"];

/// What the server keeps ready on the disk: the default would make a template of 170 MB.
const LOG_SIZE: &str = "--innodb-redo-log-capacity=16M";

/// Nothing is flushed, and nothing is written that only replicas need.
const FAST: &[&str] = &["--innodb-doublewrite=OFF", "--skip-log-bin"];

impl Engine for Mysql {
    fn name(&self) -> &'static str {
        "MySQL"
    }

    fn find() -> Result<Self, String> {
        if let Some(mysql) = Self::unpacked() {
            let folder = template::cache();
            return if system::all_may_enter(&folder) {
                Ok(mysql)
            } else {
                Err(format!(
                    "MySQL is in {}, and servers run as a user who may not enter it: let `CARGO_TARGET_DIR` name a \
                     folder that all users may enter",
                    folder.display()
                ))
            };
        }
        Self::installed().ok_or_else(|| {
            "there is no MySQL server: `mysqld` (MySQL's, not MariaDB's), `mysql`, `mysqladmin` and `mysqldump` are \
             neither on PATH nor in /usr/sbin; `cargo xtask test --mysql` brings it, or says what is missing"
                .to_owned()
        })
    }

    fn version(&self) -> Result<String, String> {
        let version = system::run(self.server().arg("--version"), "")?;
        // It begins with the path of the program.
        Ok(format!("mysqld {}", version.split_once(" Ver ").map_or(&*version, |(_, version)| version)))
    }

    fn initialize(&self, place: &Place) -> Result<(), String> {
        // It opens the file as another user, who may not open a pipe of ours.
        let script = place.folder().join("users.sql");
        let users = format!("{}DROP USER 'root'@'localhost';\n", family::create_user());
        let written = fs::write(&script, users).and_then(|()| system::hand_over(&script));
        written.map_err(|error| format!("{}: {error}", script.display()))?;

        let mut install = self.server();
        system::at_home(&mut install, place.folder());
        install.arg(data_folder(place)).args([LOG_SIZE, "--initialize-insecure"]).args(FAST);
        install.arg("--innodb-flush-log-at-trx-commit=0");
        install.arg(format!("--init-file={}", script.display()));
        system::run(&mut install, "").map(drop)
    }

    fn serve(&self, place: &Place, options: &Options) -> Command {
        // A server that was killed leaves it. If its process number is in use again, by whomever, the next one refuses.
        _ = fs::remove_file(place.folder().join("socket.lock"));
        let mut server = self.server();
        // The X protocol has a port of its own, the same for all.
        server.args([LOG_SIZE, "--mysqlx=OFF"]);
        family::serve(&mut server, place, options, FAST);
        server
    }

    fn is_ready(&self, place: &Place) -> bool {
        // Being refused is an answer, too.
        system::says_yes(self.program("mysqladmin").arg(socket_option(place)).args(["ping", "--silent"]))
    }

    /// See "The Server Shutdown Process" in the manual.
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
        family::query(self.program("mysql"), url, sql)
    }

    fn dump(&self, url: &str) -> Result<String, String> {
        let mut program = self.program("mysqldump");
        program.args(["--no-tablespaces", "--set-gtid-purged=OFF"]);
        family::dump(program, url)
    }

    fn create_database(&self, name: &str) -> String {
        format!("CREATE DATABASE {}", family::quoted(name))
    }

    fn drop_database(&self, name: &str) -> String {
        family::drop_database(name)
    }
}

impl Mysql {
    fn unpacked() -> Option<Self> {
        let unpacked = Unpacked::find(template::cache().join(FOLDER))?;
        let below = |folder: &str| unpacked.root.join(folder);
        Some(Self { server: below("usr/sbin"), programs: below("usr/bin"), unpacked: Some(unpacked) })
    }

    /// One that the machine has. MariaDB may have a program of the same name.
    fn installed() -> Option<Self> {
        let server = system::folder_with(&["mysqld"], &[])?;
        let programs = system::folder_with(PROGRAMS, &[])?;
        let mysql = Self { server, programs, unpacked: None };
        mysql.version().is_ok_and(|version| !version.contains("MariaDB")).then_some(mysql)
    }

    fn server(&self) -> Command {
        let mut server = self.command(&self.server, "mysqld");
        if let Some(Unpacked { root, .. }) = &self.unpacked {
            server.arg(format!("--basedir={}", root.join("usr").display()));
            server.arg(format!("--plugin-dir={}", root.join("usr/lib/mysql/plugin").display()));
        }
        // Debian's default is a folder that its other packages make. As on MariaDB, statements may name any file.
        server.arg("--secure-file-priv=");
        server
    }

    fn program(&self, name: &str) -> Command {
        self.command(&self.programs, name)
    }

    /// Without the settings of the machine; the option has to come first.
    fn command(&self, folder: &Path, name: &str) -> Command {
        let program = folder.join(name);
        let mut command = match &self.unpacked {
            Some(unpacked) => unpacked.command(&program),
            None => system::program(program),
        };
        command.arg("--no-defaults");
        command
    }
}

impl Unpacked {
    fn find(root: PathBuf) -> Option<Self> {
        let library = root.join("usr/lib");
        let linkers = [root.join("usr/lib64"), library.clone()];
        let linker = linkers.iter().find_map(|folder| {
            entry(folder, |path| {
                path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("ld-linux"))
            })
        })?;
        let libraries = entry(&library, |path| path.join("libc.so.6").is_file())?;
        Some(Self { root, linker, libraries })
    }

    /// A program with its own libraries. See `ld.so(8)`.
    fn command(&self, program: &Path) -> Command {
        let mut command = system::program(&self.linker);
        command.arg("--library-path").arg(&self.libraries).arg(program);
        command
    }
}

fn entry(folder: &Path, is_it: impl Fn(&Path) -> bool) -> Option<PathBuf> {
    let mut entries = folder.read_dir().ok()?.flatten().map(|entry| entry.path());
    entries.find(|path| is_it(path))
}
