//! Applies the migrations of a directory and dies at an event, without any chance to clean up.
//!
//! `apply-until-event DIRECTORY URL N up|down` aborts at the N-th event, from 1. When the run ends before that it prints how
//! many events there were and exits with 0.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use migration_kit::sql::{DatabaseConnector, MigrationManager};
use migration_kit::{Event, MigrationDirection};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [directory, url, number, direction] => match apply(directory, url, number, direction) {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        },
        _ => ExitCode::FAILURE,
    }
}

fn apply(
    directory: &str,
    url: &str,
    number: &str,
    direction: &str,
) -> Result<(), Box<dyn std::error::Error>> {
    let last: usize = number.parse()?;
    let seen = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&seen);
    let mut manager = MigrationManager::new(DatabaseConnector::open(url)?);
    manager.load_migrations_from_directory(directory)?;
    manager.observe(Arc::new(move |_: &Event<'_>| {
        if counter.fetch_add(1, Ordering::SeqCst) + 1 == last {
            std::process::abort();
        }
    }));
    match direction.parse()? {
        MigrationDirection::Up => manager.apply_pending_migrations()?,
        MigrationDirection::Down => {
            manager.run(&migration_kit::sql::Request::down().to(migration_kit::sql::Target::All))?
        }
    };
    println!("{}", seen.load(Ordering::SeqCst));
    Ok(())
}
