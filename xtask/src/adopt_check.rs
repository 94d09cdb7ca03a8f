//! `cargo xtask adopt-check`: databases that other tools have really made, taken over with `migration adopt`.
//!
//! The checks are tests that are ignored otherwise (`tests/tests/all/adopt/real_tools.rs`), each on SQLite, PostgreSQL and
//! MariaDB. Here the tools are installed, once, into `target/peers`: from the registry of crates with all their databases,
//! and from that of Node.js without running any package's script.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::metadata::Workspace;
use crate::program;
use crate::servers::{self, EVERYDAY, Servers};
use crate::step::{Failure, Result, Step};

/// Packages of the registry of crates: name with version, features. SQLite is compiled in, as it is by us.
const CRATES: &[(&str, &str)] = &[
    ("diesel_cli@2.3.14", "sqlite-bundled,postgres,mysql"),
    ("sqlx-cli@0.9.0", "sqlite,postgres,mysql"),
    ("refinery_cli@0.10.0", "sqlite-bundled,postgresql,mysql"),
];

/// Packages of the registry of Node.js. Prisma 6 is the last one that runs its schema engine on a driver of Node.js instead
/// of a program that it downloads; the driver for PostgreSQL that came with it doesn't know the type `name`.
const NODE: &[&str] =
    &["dbmate@2.36.0", "prisma@6.19.3", "@prisma/adapter-libsql@6.19.3", "@prisma/adapter-pg@7.10.0"];

pub(crate) fn run() -> Result {
    servers::provide(EVERYDAY)?;
    let peers = Workspace::load()?.target_directory.join("peers");
    install_crates(&peers)?;
    install_node(&peers)?;
    let migration = program::build_for_tests()?;
    let servers = Servers::start(EVERYDAY)?;

    let mut step = Step::cargo(&["test", "--package", "migration-tests", "--all-features", "--test", "all"])
        .env("MIGRATION_BIN", &migration.to_string_lossy())
        .env("MIGRATION_PEERS", &peers.to_string_lossy())
        .fix("what the tool says above; its database is gone, but the test makes the same one again");
    for (name, url) in &servers.variables {
        step = step.env(name, url);
    }
    let mut tally = Tally::default();
    let outcome = step
        .args(["--", "--nocapture", "--ignored", "adopt::real_tools::"])
        .read_lines(|line| tally.add(line));
    println!("\n{tally}");
    outcome
}

fn install_crates(peers: &Path) -> Result {
    let root = peers.join("every-database");
    let (root, build) = (root.to_string_lossy(), peers.join("build"));
    println!("The other tools are compiled into {root}; the first time this takes minutes.");
    for (package, features) in CRATES {
        Step::cargo(&["install", "--root", &root, "--locked", "--quiet", "--no-default-features"])
            .args(["--features", features, package])
            .env("CARGO_TARGET_DIR", &build.to_string_lossy())
            .fix("see that the registry of crates, a C compiler and the databases' client libraries can be had")
            .run()?;
    }
    Ok(())
}

fn install_node(peers: &Path) -> Result {
    let folder = peers.join("npm");
    fs::create_dir_all(&folder).map_err(|error| Failure::new(format!("{}: {error}", folder.display())))?;
    let folder = folder.to_string_lossy();
    Step::new("npm")
        .args([
            "install",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--loglevel",
            "error",
            "--prefix",
            &folder,
        ])
        .args(NODE)
        .fix("install Node.js 20 or newer with npm, and see that its registry can be reached")
        .run()
}

/// What was checked, by tool: `adopt-check: sqlx on postgres: taken over, then one more`.
#[derive(Debug, Default)]
struct Tally(BTreeMap<String, Vec<String>>);

impl Tally {
    fn add(&mut self, line: &str) {
        let Some((_, said)) = line.split_once("adopt-check: ") else { return };
        let Some((subject, outcome)) = said.split_once(": ") else { return };
        self.0.entry(subject.to_owned()).or_default().push(outcome.to_owned());
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (subject, outcomes) in &self.0 {
            let mut outcomes = outcomes.clone();
            outcomes.sort();
            writeln!(f, "{subject}: {}", outcomes.join("; "))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Tally;

    #[test]
    fn what_was_checked_is_listed_by_tool() {
        let mut tally = Tally::default();
        tally.add("test adopt::a ... adopt-check: sqlx on postgres: taken over");
        tally.add("adopt-check: sqlx on postgres: an edited file: refused");
        tally.add("test adopt::a ... ok");
        assert_eq!(tally.to_string(), "sqlx on postgres: an edited file: refused; taken over\n");
    }
}
