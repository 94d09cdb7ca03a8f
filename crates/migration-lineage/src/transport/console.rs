//! Events onto the console: lines on standard error, as standard output is for what a command prints.

use std::io::{Write, stderr};
use std::time::Duration;

use super::{SendError, Transport};

#[derive(Debug)]
pub(super) struct ConsoleTransport;

impl Transport for ConsoleTransport {
    fn send(&mut self, event: &str, _limit: Duration) -> Result<(), SendError> {
        let written = stderr().write_all(format!("{event}\n").as_bytes());
        written.map_err(|error| SendError::Away {
            reason: format!("can't write to stderr: {error}"),
            soon: false,
        })
    }

    fn is_remote(&self) -> bool {
        false
    }
}
