//! `cargo xtask bench`: whole programs, release builds, beside their peers in the same run.
//!
//! Machines are noisy: the candidates take turns, every figure is a median, and what counts are the ratios of one run.
//! Continuous integration runs none of this.

mod commits;
mod measure;
mod migrations;
mod transform;

use std::time::Duration;

use crate::step::{Failure, Result};

/// One benchmark.
struct Bench {
    name: &'static str,
    about: &'static str,
    run: fn(&[String]) -> Result,
}

const BENCHES: &[Bench] = &[
    Bench {
        name: "commits",
        about: "SQLite on disk: what is gained by sharing commits",
        run: |arguments| no_arguments(arguments).and_then(|()| commits::run()),
    },
    Bench {
        name: "migrations",
        about: "1 to 5,000 migrations beside diesel_cli, sqlx-cli and refinery_cli, which it installs \
                into target/peers first: that takes minutes",
        run: migrations::run,
    },
    Bench {
        name: "transform",
        about: "records through a chain beside DuckDB, Polars, DataFusion, jq, Miller, a loop in Python, and a copy of the \
                file; installs what is for Python into target/peers/venv",
        run: transform::run,
    },
];

/// Runs the benchmark that is named, with the arguments behind the name; all of them when none is named.
pub(crate) fn run(arguments: &[String]) -> Result {
    let Some((name, rest)) = arguments.split_first() else {
        return BENCHES.iter().try_for_each(|bench| (bench.run)(&[]));
    };
    if name == measure::COMMAND {
        return measure::child(rest);
    }
    if name == transform::copy::COMMAND {
        return transform::copy::child(rest);
    }
    match BENCHES.iter().find(|bench| bench.name == name) {
        Some(bench) => (bench.run)(rest),
        None => Err(Failure::new(format!("there is no benchmark `{name}`")).fix(list())),
    }
}

fn list() -> String {
    let names = BENCHES.iter().map(|bench| format!("`cargo xtask bench {}`: {}", bench.name, bench.about));
    names.collect::<Vec<_>>().join("\n        ")
}

fn no_arguments(arguments: &[String]) -> Result {
    match arguments {
        [] => Ok(()),
        [first, ..] => Err(Failure::new(format!("`{first}` is no argument of this benchmark"))),
    }
}

/// The value in the middle; of an even number the upper of the two.
fn median<T: Ord + Copy + Default>(mut values: Vec<T>) -> T {
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// Three digits or so, in milliseconds.
fn milliseconds(time: Duration) -> String {
    match time.as_secs_f64() * 1000.0 {
        ms if ms < 100.0 => format!("{ms:.1}"),
        ms => format!("{ms:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{median, milliseconds, run};

    #[test]
    fn what_is_unknown_is_refused_with_a_list() {
        let arguments = ["migratoins".to_owned()];
        let refusal = run(&arguments).unwrap_err().to_string();
        assert!(refusal.contains("no benchmark `migratoins`"), "{refusal}");
        assert!(refusal.contains("`cargo xtask bench migrations`: "), "{refusal}");
    }

    #[test]
    fn medians_and_their_digits() {
        assert_eq!(median(vec![3, 1, 2]), 2);
        assert_eq!(median(Vec::<u64>::new()), 0);
        assert_eq!(milliseconds(Duration::from_micros(4_125)), "4.1");
        assert_eq!(milliseconds(Duration::from_micros(1_234_567)), "1235");
    }
}
