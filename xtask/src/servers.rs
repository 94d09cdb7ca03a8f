//! The database servers that all tests share: started before the tests, gone with this program.
//!
//! What starts them is a program of the crate of tests, so that tests which need a server of their own start it in the
//! same way, and this crate compiles nothing for it. It ends when its input does: closed after the tests, however they
//! went, and by the system when this program is ended by Ctrl-C or killed.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use crate::program;
use crate::step::{Failure, Result, root};

/// Servers that run until this is dropped.
#[derive(Debug)]
pub(crate) struct Servers {
    starter: Child,
    /// The variables by which tests find them.
    pub(crate) variables: BTreeMap<String, String>,
}

impl Servers {
    pub(crate) fn start() -> Result<Self> {
        let program = program::build_servers()?;
        println!("$ {}", program.strip_prefix(root()).unwrap_or(&program).display());
        let failed = |how: String| {
            Failure::new(format!("`servers`: {how}"))
                .fix("what it says above; then `cargo xtask test -p migration-tests servers`")
        };
        let mut command = Command::new(program);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut starter = command.spawn().map_err(|error| failed(error.to_string()))?;
        let mut line = String::new();
        if let Some(output) = starter.stdout.take() {
            BufReader::new(output).read_line(&mut line).map_err(|error| failed(error.to_string()))?;
        }
        // From here on it is stopped, also when it is of no use.
        let mut servers = Self { starter, variables: BTreeMap::new() };
        servers.variables =
            serde_json::from_str(&line).map_err(|_| failed("the servers could not be started".to_owned()))?;
        Ok(servers)
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        drop(self.starter.stdin.take());
        _ = self.starter.wait();
    }
}
