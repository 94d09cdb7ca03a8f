//! What can be asked of the benchmark.

use std::path::PathBuf;

use crate::step::{Failure, Result};

const USAGE: &str = "cargo xtask bench transform [--rounds 5] [--data DIR] [--pipe-gigabytes 10] [--only j1,j2] [--skip jq,mlr] \
     [--no-peers]";

/// What is measured.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Options {
    /// How often everything runs.
    pub(super) rounds: usize,
    /// A folder with the data.
    pub(super) data: Option<PathBuf>,
    /// How much goes through the pipe.
    pub(super) pipe_gigabytes: u64,
    /// Names of jobs; all without one.
    pub(super) only: Vec<String>,
    /// Names of other tools that don't run.
    pub(super) skip: Vec<String>,
    /// Whether other tools run as well.
    pub(super) peers: bool,
}

impl Options {
    pub(super) fn parse(arguments: &[String]) -> Result<Self> {
        let (only, skip) = (Vec::new(), Vec::new());
        let mut options = Self { rounds: 5, data: None, pipe_gigabytes: 10, only, skip, peers: true };
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            if argument == "--no-peers" {
                options.peers = false;
                continue;
            }
            let known =
                ["--rounds", "--data", "--pipe-gigabytes", "--only", "--skip"].contains(&argument.as_str());
            let value = rest.next().filter(|_| known);
            let Some(value) = value else {
                return Err(Failure::new(format!("`{argument}` is no argument, or has no value")).fix(USAGE));
            };
            let number =
                || value.parse().map_err(|_| Failure::new(format!("`{value}` is no number")).fix(USAGE));
            match argument.as_str() {
                "--rounds" => options.rounds = usize::try_from(number()?).unwrap_or(1).max(1),
                "--only" => options.only = names(value),
                "--skip" => options.skip = names(value),
                "--data" => options.data = Some(value.into()),
                _ => options.pipe_gigabytes = number()?,
            }
        }
        Ok(options)
    }
}

fn names(list: &str) -> Vec<String> {
    list.split(',').map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::Options;

    fn parse(line: &str) -> crate::step::Result<Options> {
        Options::parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn what_is_understood() {
        let options =
            parse("--rounds 3 --data /x --pipe-gigabytes 0 --only j1,j2 --skip jq --no-peers").unwrap();
        assert_eq!((options.rounds, options.pipe_gigabytes, options.peers), (3, 0, false));
        assert_eq!((options.data, options.only), (Some("/x".into()), vec!["j1".to_owned(), "j2".to_owned()]));
        assert_eq!(options.skip, ["jq"]);
        assert!(parse("--rounds x").unwrap_err().to_string().contains("`x` is no number"));
        assert!(parse("--fast").unwrap_err().to_string().contains("`--fast` is no argument"));
    }
}
