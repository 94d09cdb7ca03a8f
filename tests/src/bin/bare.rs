//! Sends the lines of a file to a database, each as one message, and does nothing else: `bare URL FILE`.
//!
//! What a program for migrations can't be faster than, with the same client library: `cargo xtask bench migrations`
//! compares with it.

use std::error::Error;
use std::process::ExitCode;

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, SqliteConnection};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, file] = arguments.as_slice() else {
        eprintln!("usage: bare URL FILE");
        return ExitCode::from(2);
    };
    match send(url, file) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// A URL of SQLite is `sqlite:` and a path as it is.
fn send(url: &str, file: &str) -> Result<(), Box<dyn Error>> {
    let lines = std::fs::read_to_string(file)?;
    match url.strip_prefix("sqlite:") {
        Some(path) => send_lines(&mut SqliteConnection::establish(path)?, &lines),
        None => send_lines(&mut PgConnection::establish(url)?, &lines),
    }
}

fn send_lines(connection: &mut impl SimpleConnection, lines: &str) -> Result<(), Box<dyn Error>> {
    for line in lines.lines() {
        connection.batch_execute(line)?;
    }
    Ok(())
}
