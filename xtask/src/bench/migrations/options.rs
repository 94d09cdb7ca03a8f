//! What can be asked of the benchmark.

use super::Place;
use crate::step::{Failure, Result};

const USAGE: &str = "cargo xtask bench migrations [--sizes 1,100,1000,5000] [--rounds 5] [--only sqlite,postgres] [--no-peers]";

/// What is measured.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Options {
    /// How many migrations.
    pub(super) sizes: Vec<usize>,
    /// How often everything runs.
    pub(super) rounds: usize,
    pub(super) places: Vec<Place>,
    /// Whether other tools run as well.
    pub(super) peers: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { sizes: vec![1, 100, 1_000, 5_000], rounds: 5, places: Place::ALL.to_vec(), peers: true }
    }
}

impl Options {
    pub(super) fn parse(arguments: &[String]) -> Result<Self> {
        let refused = |what: String| Failure::new(what).fix(USAGE);
        let number = |text: &str| {
            let number = text.parse().ok().filter(|number| *number > 0);
            number.ok_or_else(|| refused(format!("`{text}` is no number of migrations or of rounds")))
        };
        let mut options = Self::default();
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            if argument == "--no-peers" {
                options.peers = false;
                continue;
            }
            if !["--sizes", "--rounds", "--only"].contains(&argument.as_str()) {
                return Err(refused(format!("`{argument}` is no argument of this benchmark")));
            }
            let value = rest.next().ok_or_else(|| refused(format!("`{argument}` has no value")))?;
            match argument.as_str() {
                "--sizes" => options.sizes = value.split(',').map(number).collect::<Result<_>>()?,
                "--rounds" => options.rounds = number(value)?,
                _ => options.places = places(value).map_err(refused)?,
            }
        }
        Ok(options)
    }
}

/// The places that are named; `sqlite` names both of SQLite.
fn places(names: &str) -> std::result::Result<Vec<Place>, String> {
    let mut places = Vec::new();
    for name in names.split(',') {
        let mut named: Vec<_> =
            Place::ALL.into_iter().filter(|place| place.name() == name || place.family() == name).collect();
        if named.is_empty() {
            let all: Vec<_> = Place::ALL.into_iter().map(Place::name).collect();
            return Err(format!("`{name}` is none of {}", all.join(", ")));
        }
        places.append(&mut named);
    }
    Ok(places)
}

#[cfg(test)]
mod tests {
    use super::{Options, Place};

    fn parse(line: &str) -> crate::step::Result<Options> {
        Options::parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn a_short_run_can_be_asked_for() {
        let short = parse("--sizes 1,100 --only sqlite --rounds 3 --no-peers").unwrap();
        let places = vec![Place::SqliteMemory, Place::SqliteDisk];
        assert_eq!(short, Options { sizes: vec![1, 100], rounds: 3, places, peers: false });
        assert_eq!(parse("--only postgres").unwrap().places, [Place::Postgres]);
        assert_eq!(parse("").unwrap(), Options::default());
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for (line, complaint) in [
            ("--sizes 1,x", "`x` is no number"),
            ("--rounds 0", "`0` is no number"),
            ("--rounds", "`--rounds` has no value"),
            ("--only oracle", "`oracle` is none of sqlite-memory, sqlite-disk, postgres"),
            ("--fast", "`--fast` is no argument"),
        ] {
            let refusal = parse(line).unwrap_err().to_string();
            assert!(refusal.contains(complaint), "{refusal}");
        }
    }
}
