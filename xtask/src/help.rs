//! `cargo xtask help`: the table of all commands.

use crate::step::Result;
use crate::{adopt_check, bench, ci, demo, doc, faults, fuzz, lint, servers, test};

/// One command of `cargo xtask`.
#[derive(Debug)]
pub(crate) struct Command {
    /// What it is called by, the usual name first.
    pub(crate) names: &'static [&'static str],
    pub(crate) about: &'static str,
    pub(crate) takes_arguments: bool,
    pub(crate) run: fn(&[String]) -> Result,
}

pub(crate) const COMMANDS: &[Command] = &[
    Command {
        names: &["demo"],
        about: "a tour of `migration` on a throw-away SQLite database",
        takes_arguments: false,
        run: |_| demo::run(),
    },
    Command {
        names: &["test"],
        about: "all tests, after providing what they need; ARGS select some: `cargo xtask test -p xtask`; with `--mysql` \
                first, also those on MySQL",
        takes_arguments: true,
        run: test::run,
    },
    Command {
        names: &["faults"],
        about: "the long version of the tests that kill runners and servers; ARGS: --seed N, --rounds N, --mysql, names",
        takes_arguments: true,
        run: faults::run,
    },
    Command {
        names: &["servers"],
        about: "throw-away servers until interrupted; ARGS: postgres, mariadb (both without ARGS), mysql",
        takes_arguments: true,
        run: servers::run,
    },
    Command {
        names: &["bench"],
        about: "whole programs timed beside their peers, in release builds: docs/benchmarks.md; NAME selects one",
        takes_arguments: true,
        run: bench::run,
    },
    Command {
        names: &["adopt-check"],
        about: "databases that other tools have really made, adopted; installs the tools: docs/adopt.md",
        takes_arguments: false,
        run: |_| adopt_check::run(),
    },
    Command {
        names: &["fuzz"],
        about: "inputs that may break the splitter or the transformations, led by coverage: `cargo xtask fuzz --seconds 600`",
        takes_arguments: true,
        run: fuzz::run,
    },
    Command {
        names: &["lint"],
        about: "formatting, clippy, and every crate with each of its features alone",
        takes_arguments: false,
        run: |_| lint::run(),
    },
    Command {
        names: &["doc"],
        about: "the API documentation, without a warning",
        takes_arguments: false,
        run: |_| doc::run(),
    },
    Command {
        names: &["ci"],
        about: "all that has to pass: lint, doc, test",
        takes_arguments: false,
        run: |_| ci::run(),
    },
    Command { names: &["help", "--help", "-h"], about: "this", takes_arguments: true, run: |_| run() },
];

fn run() -> Result {
    println!("Usage: cargo xtask COMMAND\n");
    for command in COMMANDS {
        let arguments = match command.names[0] {
            "test" | "faults" | "servers" => " [ARGS]",
            "bench" => " [NAME]",
            "fuzz" => " [--seconds N]",
            _ => "",
        };
        println!("  {:20} {}", format!("{}{arguments}", command.names[0]), command.about);
    }
    Ok(())
}
