//! `cargo xtask faults`: the long version of the tests that kill runners and servers and break connections.
//!
//! The tests are `tests/tests/all/faults.rs`; `cargo xtask test` runs them with few faults. Each prints a line with what it
//! came to; here they are added up for each kind of database.

use std::collections::BTreeMap;

use crate::program;
use crate::servers::{self, EVERYDAY};
use crate::step::{Failure, Result, Step};

/// How many faults each test has to bring about: at least 300 for each kind of database, the one without a server included.
const FAULTS: u64 = 150;

/// What is counted, as the tests call it.
const COUNTED: [&str; 4] = ["runners killed", "servers killed", "connections broken", "differences"];

/// Runs them. The arguments: `--seed N` instead of a random one, `--rounds N` for the number of faults in each test,
/// `--mysql` for those on MySQL as well, and names of tests or parts of names.
pub(crate) fn run(arguments: &[String]) -> Result {
    let options = Options::parse(arguments)?;
    let kinds = if options.mysql { [EVERYDAY, &["mysql"]].concat() } else { EVERYDAY.to_vec() };
    servers::provide(&kinds)?;
    let migration = program::build_for_tests()?;

    let mut step = Step::cargo(&["test", "--package", "migration-tests", "--all-features", "--test", "all"])
        .env("MIGRATION_BIN", &migration.to_string_lossy())
        .env("MIGRATION_FAULT_ROUNDS", &options.rounds.to_string());
    if let Some(seed) = options.seed {
        step = step.env("MIGRATION_FAULT_SEED", &seed.to_string());
    }
    step =
        step.args(["--", "--nocapture"]).args(if options.mysql { &["--include-ignored"][..] } else { &[] });
    let all = ["faults::".to_owned()];
    step = step.args(if options.names.is_empty() { &all[..] } else { &options.names });
    step = step.fix("the same again with the seed that is named above: `cargo xtask faults --seed N`");

    let mut totals = Totals::default();
    let outcome = step.read_lines(|line| totals.add(line));
    println!("\n{totals}");
    outcome
}

#[derive(Debug, PartialEq, Eq)]
struct Options {
    seed: Option<u64>,
    rounds: u64,
    mysql: bool,
    names: Vec<String>,
}

impl Options {
    fn parse(arguments: &[String]) -> Result<Self> {
        let mut options = Self { seed: None, rounds: FAULTS, mysql: false, names: Vec::new() };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            let mut number = || {
                let value = arguments.next().and_then(|value| value.parse().ok());
                value.ok_or_else(|| Failure::new(format!("`{argument}` takes a number")))
            };
            match argument.as_str() {
                "--seed" => options.seed = Some(number()?),
                "--rounds" => options.rounds = number()?,
                "--mysql" => options.mysql = true,
                other if other.starts_with('-') => {
                    return Err(Failure::new(format!("there is no option `{other}`"))
                        .fix("`--seed N`, `--rounds N`, `--mysql`, names of tests"));
                }
                name => options.names.push(name.to_owned()),
            }
        }
        Ok(options)
    }
}

/// The sums for each kind of database.
#[derive(Debug, Default)]
struct Totals(BTreeMap<String, [u64; COUNTED.len()]>);

impl Totals {
    /// `… faults: SUBJECT: what, seed N: 12 rounds, 15 runners killed, …, 0 differences, 9.9 s`
    fn add(&mut self, line: &str) {
        let Some((_, tally)) = line.split_once("faults: ") else { return };
        let Some((subject, counts)) = tally.split_once(": ") else { return };
        let sums = self.0.entry(subject.to_owned()).or_default();
        for part in counts.rsplit(": ").next().unwrap_or_default().split(", ") {
            let Some((number, what)) = part.split_once(' ') else { continue };
            if let (Ok(number), Some(at)) = (number.parse::<u64>(), COUNTED.iter().position(|c| *c == what)) {
                sums[at] += number;
            }
        }
    }
}

impl std::fmt::Display for Totals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (subject, sums) in &self.0 {
            let counts: Vec<_> =
                sums.iter().zip(COUNTED).map(|(sum, what)| format!("{sum} {what}")).collect();
            writeln!(f, "{subject}: {}", counts.join(", "))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{FAULTS, Options, Totals};

    fn parse(line: &str) -> Result<Options, String> {
        let words: Vec<_> = line.split_whitespace().map(str::to_owned).collect();
        Options::parse(&words).map_err(|failure| failure.to_string())
    }

    #[test]
    fn arguments_are_read() {
        let all = Options { seed: None, rounds: FAULTS, mysql: false, names: Vec::new() };
        assert_eq!(parse("").unwrap(), all);
        let some = Options {
            seed: Some(7),
            rounds: 9,
            mysql: true,
            names: vec!["postgres".to_owned(), "b".to_owned()],
        };
        assert_eq!(parse("--seed 7 postgres --mysql --rounds 9 b").unwrap(), some);
        assert!(parse("--seed x").unwrap_err().contains("`--seed` takes a number"));
        assert!(parse("--sed 1").unwrap_err().contains("no option `--sed`"));
    }

    #[test]
    fn tallies_are_added_up() {
        let mut totals = Totals::default();
        totals.add("test faults::a ... faults: x: runner killed, seed 1 and 2: 9 rounds, 8 runners killed, 0 differences, 1.5 s");
        totals.add(
            "faults: x: server killed, seed 1: 3 servers killed, ends (4 ok, 1 a.b), 1 differences, 2.0 s",
        );
        totals.add("test faults::a ... ok");
        assert_eq!(
            totals.to_string(),
            "x: 8 runners killed, 3 servers killed, 0 connections broken, 1 differences\n"
        );
    }
}
