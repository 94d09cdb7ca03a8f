//! `cargo xtask servers`, and the database servers that all tests share: throw-away ones, gone with this program.
//!
//! What starts them is a program of the crate of tests, so that tests which need a server of their own start it in the
//! same way, and this crate compiles nothing for it. It ends when its input does: closed after the tests, however they
//! went, and by the system when this program is ended by Ctrl-C or killed.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use crate::provision::{self, Purpose};
use crate::step::{Failure, Result, root};
use crate::{mysql, program};

/// The kinds that can be named; MySQL is not among those of the everyday tests.
const KINDS: &[&str] = &["postgres", "mariadb", "mysql"];

/// The servers of the everyday tests.
pub(crate) const EVERYDAY: &[&str] = &["postgres", "mariadb"];

/// Runs the servers that `arguments` name until it is interrupted; without any, those of the everyday tests.
pub(crate) fn run(arguments: &[String]) -> Result {
    let named: Vec<_> = arguments.iter().map(String::as_str).collect();
    if let Some(unknown) = named.iter().find(|name| !KINDS.contains(name)) {
        let kinds = KINDS.join(", ");
        return Err(Failure::new(format!("`{unknown}` is no server: it may be one of {kinds}")));
    }
    let kinds = if named.is_empty() { EVERYDAY } else { &named };
    provide(kinds)?;
    let mut servers = Servers::start(kinds)?;
    println!();
    for (name, url) in &servers.variables {
        println!("{name}='{url}'");
    }
    println!("\nThey run until this is interrupted (Ctrl-C).");
    servers.wait()
}

/// Makes sure that the machine has the programs.
pub(crate) fn provide(kinds: &[&str]) -> Result {
    if kinds.iter().any(|kind| EVERYDAY.contains(kind)) {
        provision::ensure(Purpose::Test)?;
    } else {
        provision::ensure(Purpose::BuildAll)?;
    }
    if kinds.contains(&"mysql") { mysql::ensure() } else { Ok(()) }
}

/// Servers that run until this is dropped.
#[derive(Debug)]
pub(crate) struct Servers {
    starter: Child,
    /// The variables by which tests find them.
    pub(crate) variables: BTreeMap<String, String>,
}

impl Servers {
    pub(crate) fn start(kinds: &[&str]) -> Result<Self> {
        let program = program::build_servers()?;
        println!("$ {} {}", program.strip_prefix(root()).unwrap_or(&program).display(), kinds.join(" "));
        let failed = |how: String| {
            Failure::new(format!("`servers`: {how}"))
                .fix("what it says above; then `cargo xtask test -p migration-tests servers`")
        };
        let mut command = Command::new(program);
        command.args(kinds).stdin(Stdio::piped()).stdout(Stdio::piped());
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

    /// Waits for an end that doesn't come by itself, with the input open.
    fn wait(&mut self) -> Result {
        let input = self.starter.stdin.take();
        let end = self.starter.wait().map_err(|error| Failure::new(format!("`servers`: {error}")))?;
        drop(input);
        Err(Failure::new(format!("`servers` ended: {end}")))
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        drop(self.starter.stdin.take());
        _ = self.starter.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::run;

    #[test]
    fn only_known_servers_are_started() {
        let failure = run(&["mariadb".to_owned(), "oracle".to_owned()]).unwrap_err();
        assert_eq!(
            failure.to_string(),
            "failed: `oracle` is no server: it may be one of postgres, mariadb, mysql"
        );
    }
}
