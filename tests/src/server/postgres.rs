//! PostgreSQL.

use std::path::PathBuf;
use std::process::Command;

use super::{Engine, Options, PASSWORD, Place, Server, USER, system};

/// A PostgreSQL server of one's own.
pub type PostgresServer = Server<Postgres>;

/// Where its programs are.
#[derive(Debug, Clone)]
pub struct Postgres {
    programs: PathBuf,
}

/// Debian and Ubuntu; Red Hat with PostgreSQL's own packages.
const VERSIONED: &[&str] = &["/usr/lib/postgresql/", "/usr/pgsql-"];

const PROGRAMS: &[&str] = &["initdb", "postgres", "psql", "pg_isready", "pg_dump"];

impl Engine for Postgres {
    fn name(&self) -> &'static str {
        "PostgreSQL"
    }

    fn find() -> Result<Self, String> {
        let missing = "there is no PostgreSQL server: `initdb`, `postgres`, `psql`, `pg_isready` and `pg_dump` are \
                       neither on PATH nor in /usr/lib/postgresql/*/bin; `cargo xtask test` installs it, or says how to";
        let programs = system::folder_with(PROGRAMS, VERSIONED);
        Ok(Self { programs: programs.ok_or(missing)? })
    }

    fn version(&self) -> Result<String, String> {
        system::run(self.program("postgres").arg("--version"), "")
    }

    fn initialize(&self, place: &Place) -> Result<(), String> {
        // It opens the file as another user, who may not open a pipe of ours.
        let password = place.folder().join("password");
        let written = std::fs::write(&password, PASSWORD).and_then(|()| system::hand_over(&password));
        written.map_err(|error| format!("{}: {error}", password.display()))?;

        let mut initdb = self.program("initdb");
        system::at_home(&mut initdb, place.folder());
        initdb.arg("--pgdata").arg(place.data()).args(["--username", USER]);
        initdb.args(["--auth=scram-sha-256", "--locale=C", "--encoding=UTF8"]);
        initdb.arg("--pwfile").arg(&password);
        // Small files of the log make a small template. What isn't flushed is copied anyway.
        initdb.args(["--wal-segsize=1", "--no-sync"]);
        system::run(&mut initdb, "").map(drop)
    }

    fn serve(&self, place: &Place, options: &Options) -> Command {
        let mut server = self.program("postgres");
        server.arg("-D").arg(place.data()).arg("-k").arg(place.folder());
        server.args(["-p", &place.port().to_string(), "-c", "listen_addresses=127.0.0.1"]);
        // What parallel workers share lies in the data folder, else it outlives a server that is killed.
        server.args(["-c", "dynamic_shared_memory_type=mmap"]);
        if options.volatile {
            server.args(["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]);
        }
        for (name, value) in &options.settings {
            server.arg("-c").arg(format!("{name}={value}"));
        }
        server
    }

    fn is_ready(&self, place: &Place) -> bool {
        let mut question = self.program("pg_isready");
        question.arg("--host").arg(place.folder()).args(["--port", &place.port().to_string()]);
        system::says_yes(&mut question)
    }

    /// The fast shutdown; see "Shutting Down the Server" in the manual, also for the immediate one.
    fn stop_signal(&self) -> &'static str {
        "INT"
    }

    fn abandon_signal(&self) -> &'static str {
        "QUIT"
    }

    /// The segment of shared memory by which a server sees that another one has its data folder. The seventh line of
    /// `postmaster.pid` names its key and its number.
    fn tidy(&self, place: &Place) {
        let file = std::fs::read_to_string(place.data().join("postmaster.pid")).unwrap_or_default();
        if let Some(number) = file.lines().nth(6).and_then(|line| line.split_whitespace().nth(1)) {
            system::says_yes(system::program("ipcrm").args(["-m", number]));
        }
    }

    fn first_database(&self) -> &'static str {
        "postgres"
    }

    fn url(&self, port: u16, database: &str) -> String {
        format!("postgres://{USER}:{PASSWORD}@127.0.0.1:{port}/{database}")
    }

    fn socket_url(&self, place: &Place, database: &str) -> String {
        let folder = place.folder().display();
        format!("postgres://{USER}:{PASSWORD}@/{database}?host={folder}&port={}", place.port())
    }

    fn query(&self, url: &str, sql: &str) -> Result<Vec<String>, String> {
        let mut psql = self.program("psql");
        psql.args(["--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--set=ON_ERROR_STOP=1", url]);
        Ok(system::run(&mut psql, sql)?.lines().map(str::to_owned).collect())
    }

    fn dump(&self, url: &str) -> Result<String, String> {
        let text = system::run(self.program("pg_dump").args(["--schema-only", "--no-owner", url]), "")?;
        // `\restrict` and `\unrestrict` have another word in each dump.
        let lines = text.lines().filter(|line| !line.starts_with(['\\', '-']) && !line.is_empty());
        Ok(lines.flat_map(|line| [line, "\n"]).collect())
    }

    fn create_database(&self, name: &str) -> String {
        // Nobody can be connected to this template, which would be in the way.
        format!("CREATE DATABASE {} TEMPLATE template0", quoted(name))
    }

    fn drop_database(&self, name: &str) -> String {
        format!("DROP DATABASE {} WITH (FORCE)", quoted(name))
    }
}

impl Postgres {
    fn program(&self, name: &str) -> Command {
        system::program(self.programs.join(name))
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
