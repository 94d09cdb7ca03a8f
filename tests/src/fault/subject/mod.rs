//! What is put through faults: a database of some kind with its history of migrations.

mod mariadb;
mod postgres;
mod served;
mod sqlite;

use std::collections::BTreeSet;
use std::fmt::Debug;

pub use served::{Flavored, OnServer};
pub use sqlite::Sqlite;

use crate::{Command, Project};

/// A database with a history of migrations, and what may be done to it.
pub trait Subject: Debug {
    /// What kind of database.
    fn name(&self) -> &'static str;

    /// The folder with the history.
    fn project(&self) -> &Project;

    /// The URL of the database as it is now.
    fn url(&self) -> String;

    /// Throws the database away and makes an empty one, with the witness in it.
    fn renew(&mut self);

    /// Everything in it that has to be the same after a fault: schema, rows, tracking tables without times. One line each.
    /// Then makes the witness what it was.
    fn snapshot(&mut self) -> Vec<String>;

    /// The ids in the history table.
    fn applied(&self) -> BTreeSet<String>;

    /// Waits until no session of a run is left; returns what is left after a while.
    fn wait_until_idle(&self) -> Result<(), String>;

    /// Migrations of which nobody may be able to tell how far they got.
    fn undecidable(&self) -> &'static [&'static str];

    /// The server that it is on, if it is on one.
    fn server(&mut self) -> Option<&mut dyn Served>;

    /// The `migration` command for it, by another URL if one is given.
    fn migration(&self, url: Option<&str>, arguments: &[&str]) -> Command {
        let url = url.map_or_else(|| self.url(), str::to_owned);
        self.project().migration(arguments).env("DATABASE_URL", url)
    }
}

/// A server that can be cut off, stopped and killed.
pub trait Served {
    /// Its port on 127.0.0.1.
    fn port(&self) -> u16;

    /// Kills all its processes.
    fn kill(&mut self);

    /// Stops it in order, although clients are connected.
    fn stop(&mut self);

    /// Starts it again.
    fn start(&mut self);
}

impl<E: crate::server::Engine> Served for crate::server::Server<E> {
    fn port(&self) -> u16 {
        self.place().port()
    }

    fn kill(&mut self) {
        Self::kill(self);
    }

    fn stop(&mut self) {
        Self::stop(self);
    }

    fn start(&mut self) {
        self.restart();
    }
}
