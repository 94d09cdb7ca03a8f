//! `cargo xtask test`: provides what tests need and runs them all, with all features.

use std::process::{Command, Stdio};

use crate::program;
use crate::provision::{self, Purpose};
use crate::step::{Result, Step};

/// Runs the tests that `arguments` select, which go to the runner as they are; all, if there are none.
pub(crate) fn run(arguments: &[String]) -> Result {
    provision::ensure(Purpose::Test)?;
    if arguments.is_empty() {
        return all();
    }
    println!("Examples in the documentation are not run: arguments select some of the other tests.");
    runner()?.args(arguments).run()
}

/// All tests. The examples in the documentation run even after a failure, so that one run shows everything.
fn all() -> Result {
    let tests = runner()?.args(["--no-fail-fast"]).fix("run one again: `cargo xtask test NAME`").run();
    // nextest doesn't know them.
    let examples = Step::cargo(&["test", "--workspace", "--all-features", "--doc", "--no-fail-fast"])
        .fix("correct the example in the `///` or `//!` that is named above")
        .run();
    tests.and(examples)
}

/// Without `--workspace`, which would compile all crates even where `-p` selects one; at the root all is what it means.
fn runner() -> Result<Step> {
    // Tests of the command line run the program; each building it for itself would take its time.
    let program = program::build()?;
    let runner = if has_nextest() {
        Step::cargo(&["nextest", "run", "--all-features"])
    } else {
        println!("cargo-nextest is not installed, so `cargo test` runs the tests.");
        Step::cargo(&["test", "--all-features", "--lib", "--bins", "--tests", "--examples"])
    };
    Ok(runner.env("MIGRATION_BIN", &program.to_string_lossy()))
}

fn has_nextest() -> bool {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut probe = Command::new(program);
    probe.args(["nextest", "--version"]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    probe.status().is_ok_and(|status| status.success())
}
