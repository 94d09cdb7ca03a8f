//! `cargo xtask bench migrations`: 1 to 5,000 trivial migrations, applied, tried again and listed, beside other tools.
//!
//! On SQLite, on a memory file system and on disk, and on PostgreSQL. Each program gets the same migrations in the layout
//! that it reads, and a database of its own.

mod candidates;
mod databases;
mod history;
mod options;
mod peers;
mod table;

use std::fs;

use candidates::{Action, Candidate, Programs};
use databases::{Database, Place};
use history::History;
use options::Options;
use table::Figures;

use super::measure::{Cost, Invocation};
use super::median;
use crate::metadata::Workspace;
use crate::provision::{self, Purpose};
use crate::servers::Servers;
use crate::step::{Failure, Result};

/// A program that commits every migration by itself takes seconds on disk for this many.
const MOST_COMMITS_ON_DISK: usize = 1_000;

pub(super) fn run(arguments: &[String]) -> Result {
    let options = Options::parse(arguments)?;
    provision::ensure(Purpose::Test)?;
    let target = Workspace::load()?.target_directory;
    let programs = Programs::provide(&target, options.peers)?;
    let servers =
        options.places.contains(&Place::Postgres).then(|| Servers::start(&["postgres"])).transpose()?;
    let server = servers.as_ref().and_then(|servers| servers.variables.get("MIGRATION_TEST_POSTGRES"));

    println!("\nMedians of {} runs, in which the programs take turns.", options.rounds);
    for &place in &options.places {
        let database = Database::at(place, &target, server.map(String::as_str), &programs)?;
        let mut figures = Figures::default();
        for &size in &options.sizes {
            measure(&database, &programs, size, options.rounds, &mut figures)?;
        }
        println!("{}", figures.markdown(place));
    }
    Ok(())
}

/// Everything that is run with this many migrations in one place.
fn measure(
    database: &Database<'_>,
    programs: &Programs,
    size: usize,
    rounds: usize,
    figures: &mut Figures,
) -> Result {
    let failed = |error: std::io::Error| Failure::new(format!("{}: {error}", database.folder().display()));
    let history = History::write(database.folder(), size).map_err(failed)?;
    let candidates: Vec<&Candidate> = candidates::ALL
        .iter()
        .filter(|candidate| programs.has(candidate) && makes_sense(candidate, database.place(), size))
        .collect();

    let mut costs = vec![[const { Vec::new() }; Action::ALL.len()]; candidates.len()];
    for round in 1..=rounds {
        for (candidate, costs) in candidates.iter().zip(&mut costs) {
            eprintln!("{}, {size}, round {round}/{rounds}: {}", database.place().name(), candidate.name);
            let url = database.fresh(candidate.url)?;
            for (action, costs) in Action::ALL.iter().zip(costs) {
                if let Some(command) = (candidate.command)(programs, &history, *action, &url) {
                    costs.push(command.measure()?);
                }
            }
        }
    }
    for (candidate, costs) in candidates.iter().zip(costs) {
        for (action, costs) in Action::ALL.iter().zip(costs) {
            if !costs.is_empty() {
                figures.add(candidate, *action, size, typical(&costs));
            }
        }
    }
    fs::remove_dir_all(database.folder()).map_err(failed)
}

/// Whether a candidate runs here: what nobody would wait for, and what shows nothing, is left out.
fn makes_sense(candidate: &Candidate, place: Place, size: usize) -> bool {
    match place {
        Place::SqliteDisk => !candidate.commits_each || size <= MOST_COMMITS_ON_DISK,
        Place::SqliteMemory => true,
        // There every migration commits by itself anyway.
        Place::Postgres => !candidate.only_sqlite,
    }
}

/// Each figure's median by itself.
fn typical(costs: &[Cost]) -> Cost {
    Cost {
        wall: median(costs.iter().map(|cost| cost.wall).collect()),
        cpu: median(costs.iter().map(|cost| cost.cpu).collect()),
        peak_kib: median(costs.iter().map(|cost| cost.peak_kib).collect()),
    }
}
