//! Applies the migrations of a directory and dies at an event, without any chance to clean up.
//!
//! `apply-until-event DIRECTORY URL N up|down` aborts at the N-th event, from 1. When the run ends before that it prints how
//! many events there were and exits with 0, or prints the error as the command does and exits with 8.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use migration_kit::sql::{DatabaseConnector, Error, MigrationManager, Request, Target};
use migration_kit::{Event, MigrationDirection};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [directory, url, number, direction] = arguments.as_slice() else { return ExitCode::FAILURE };
    let (Ok(last), Ok(direction)) = (number.parse(), direction.parse()) else { return ExitCode::FAILURE };
    match apply(directory, url, last, direction) {
        Ok(events) => {
            println!("{events}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            let effects = error.report().map(|report| &report.effects);
            let error = serde_json::json!(
                {"code": error.code(), "message": error.to_string(), "effects": effects}
            );
            println!("{}", serde_json::json!({"error": error}));
            ExitCode::from(8)
        }
    }
}

/// Returns how many events there were.
fn apply(directory: &str, url: &str, last: usize, direction: MigrationDirection) -> Result<usize, Error> {
    let seen = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&seen);
    let mut manager = MigrationManager::new(DatabaseConnector::open(url)?);
    manager.load_migrations_from_directory(directory)?;
    manager.observe(Arc::new(move |_: &Event<'_>| {
        if counter.fetch_add(1, Ordering::SeqCst) + 1 == last {
            std::process::abort();
        }
    }));
    manager.run(&Request::new(direction, Target::All))?;
    Ok(seen.load(Ordering::SeqCst))
}
