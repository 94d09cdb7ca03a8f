//! A database on a throw-away server of one's own, which may be killed.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use super::{Served, Subject};
use crate::Project;
use crate::fault::workload::Workload;
use crate::server::{Engine, Options, Server};

/// How long sessions may take to notice that their runner is gone.
const PATIENCE: Duration = Duration::from_secs(20);

/// Always the same: definitions of views name it.
const DATABASE: &str = "faults";

/// A kind of server on which a history can be put through faults.
pub trait Flavored: Engine + 'static {
    /// What is particular about it.
    fn flavor() -> &'static Flavor;
}

/// What differs between kinds of servers.
#[derive(Debug)]
pub struct Flavor {
    pub(super) name: &'static str,
    pub(super) workload: Workload,
    /// Settings of the server.
    pub(super) settings: &'static [(&'static str, &'static str)],
    /// Lists the schema, and all rows of all tables without the columns that hold times.
    pub(super) snapshot: &'static str,
    /// Whether there is a history table, one row if there is.
    pub(super) has_history: &'static str,
    /// The sessions in this database but for the one that asks.
    pub(super) sessions: &'static str,
}

/// A database on a server of its own.
#[derive(Debug)]
pub struct OnServer<E: Flavored> {
    server: Server<E>,
    project: Project,
    flavor: &'static Flavor,
}

impl<E: Flavored> OnServer<E> {
    /// Starts the server.
    #[must_use]
    pub fn start() -> Self {
        let flavor = E::flavor();
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let settings = flavor.settings.iter().map(owned).collect();
        let server = Server::start_with(Options { settings, volatile: false });
        let project = Project::new(flavor.workload.files);
        let subject = Self { server, project, flavor };
        subject.create();
        subject
    }

    fn create(&self) {
        self.server.create_database(DATABASE);
        self.query(self.flavor.workload.witness);
    }

    fn query(&self, sql: &str) -> Vec<String> {
        self.server.query(DATABASE, sql)
    }
}

impl<E: Flavored> Subject for OnServer<E> {
    fn name(&self) -> &'static str {
        self.flavor.name
    }

    fn project(&self) -> &Project {
        &self.project
    }

    fn url(&self) -> String {
        self.server.url(DATABASE)
    }

    fn renew(&mut self) {
        self.server.drop_database(DATABASE);
        self.create();
    }

    fn snapshot(&mut self) -> Vec<String> {
        // One call of the client, as starting it is what takes time.
        self.query(&format!("{}{}", self.flavor.snapshot, self.flavor.workload.reset))
    }

    fn applied(&self) -> BTreeSet<String> {
        if self.query(self.flavor.has_history).is_empty() {
            return BTreeSet::new();
        }
        self.query("SELECT id FROM _migrations").into_iter().collect()
    }

    fn wait_until_idle(&self) -> Result<(), String> {
        let started = Instant::now();
        loop {
            let sessions = self.query(self.flavor.sessions);
            if sessions.is_empty() {
                return Ok(());
            }
            if started.elapsed() > PATIENCE {
                return Err(format!("sessions are left: {sessions:?}"));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn undecidable(&self) -> &'static [&'static str] {
        self.flavor.workload.undecidable
    }

    fn server(&mut self) -> Option<&mut dyn Served> {
        Some(&mut self.server)
    }
}
