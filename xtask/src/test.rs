//! `cargo xtask test`: provides what tests need and runs them all, with all features; those of one crate once more with one that
//! doesn't go together with the others.

use std::process::{Command, Stdio};

use crate::features::{self, GRAMMAR};
use crate::metadata::Workspace;
use crate::program;
use crate::servers::{self, EVERYDAY, Servers};
use crate::step::{Result, Step};

/// The crate whose tests use database servers.
const USES_SERVERS: &str = "migration-tests";

/// Tests on this server are marked as ignored.
const IGNORED: &str = "mysql";

/// So are these, which `cargo xtask adopt-check` runs.
const ELSEWHERE: &str = "real_tools";

/// Runs the tests that `arguments` select, which go to the runner as they are; all, if there are none. If the first is
/// `--mysql`, those on MySQL are among them.
pub(crate) fn run(arguments: &[String]) -> Result {
    let (kinds, arguments) = match arguments {
        [first, rest @ ..] if first == "--mysql" => ([EVERYDAY, &[IGNORED]].concat(), rest),
        all => (EVERYDAY.to_vec(), all),
    };
    servers::provide(&kinds)?;
    if arguments.is_empty() {
        return all(&kinds);
    }
    println!("Examples in the documentation are not run: arguments select some of the other tests.");
    run_tests(&kinds, arguments, None)
}

/// All tests. The examples in the documentation run even after a failure, so that one run shows everything.
fn all(kinds: &[&str]) -> Result {
    let tests =
        run_tests(kinds, &["--no-fail-fast".to_owned()], Some("run one again: `cargo xtask test NAME`"));
    // nextest doesn't know them.
    let features = features::together(&Workspace::load()?, &[]);
    let examples = Step::cargo(&["test", "--workspace", "--doc", "--no-fail-fast"])
        .args(features)
        .fix("correct the example in the `///` or `//!` that is named above")
        .run();
    tests.and(with_grammar()).and(examples)
}

/// The tests of the crate that reads PostgreSQL's statements in another way with PostgreSQL's grammar.
fn with_grammar() -> Result {
    let (package, _) = GRAMMAR[0];
    let runner: &[&str] = if has_nextest() { &["nextest", "run"] } else { &["test", "--lib", "--tests"] };
    Step::cargo(runner).args(["--package", package, "--all-features", "--no-fail-fast"]).run()
}

/// The servers run until the tests are over, however they went.
fn run_tests(kinds: &[&str], arguments: &[String], fix: Option<&str>) -> Result {
    let has_nextest = has_nextest();
    let mut step = runner(has_nextest, arguments)?;
    step = if kinds.contains(&IGNORED) {
        step.args(with_ignored(has_nextest, arguments))
    } else {
        step.args(arguments)
    };
    let servers = uses_servers(arguments).then(|| Servers::start(kinds)).transpose()?;
    for (name, url) in servers.iter().flat_map(|servers| &servers.variables) {
        step = step.env(name, url);
    }
    fix.into_iter().fold(step, Step::fix).run()
}

/// The arguments for a runner that is also to run the tests that are marked as ignored, but for those that run elsewhere.
fn with_ignored(has_nextest: bool, arguments: &[String]) -> Vec<String> {
    // What is behind `--` is for the tests themselves; `cargo test` hands it on, nextest understands it.
    let end = arguments.iter().position(|argument| argument == "--").unwrap_or(arguments.len());
    let (ours, theirs) = arguments.split_at(end);
    let theirs = theirs.get(1..).unwrap_or_default();
    let (before, behind): (&[&str], &[&str]) =
        if has_nextest { (&["--run-ignored", "all"], &[]) } else { (&[], &["--include-ignored"]) };
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    [&words(before), ours, &words(&["--"]), &words(behind), &words(&["--skip", ELSEWHERE]), theirs].concat()
}

/// Whether the arguments leave the crate in whose tests use servers.
fn uses_servers(arguments: &[String]) -> bool {
    let mut packages = packages(arguments).peekable();
    packages.peek().is_none() || packages.any(|name| name == USES_SERVERS)
}

/// What `-p NAME`, `-pNAME`, `--package NAME` and `--package=NAME` name.
fn packages(arguments: &[String]) -> impl Iterator<Item = &str> {
    let next = arguments.iter().skip(1).map(Some).chain([None]);
    arguments.iter().zip(next).filter_map(|(argument, next)| match argument.as_str() {
        "-p" | "--package" => next.map(String::as_str),
        other => other.strip_prefix("--package=").or_else(|| other.strip_prefix("-p")),
    })
}

/// Without `--workspace`, which would compile all crates even where `-p` selects one; at the root all is what it means.
fn runner(has_nextest: bool, arguments: &[String]) -> Result<Step> {
    // Tests of the command line run the program; each building it for itself would take its time.
    let program = program::build_for_tests()?;
    let features = features::together(&Workspace::load()?, &packages(arguments).collect::<Vec<_>>());
    let runner = if has_nextest {
        Step::cargo(&["nextest", "run"])
    } else {
        println!("cargo-nextest is not installed, so `cargo test` runs the tests.");
        Step::cargo(&["test", "--lib", "--bins", "--tests", "--examples"])
    };
    Ok(runner.args(features).env("MIGRATION_BIN", &program.to_string_lossy()))
}

fn has_nextest() -> bool {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut probe = Command::new(program);
    probe.args(["nextest", "--version"]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    probe.status().is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::{packages, uses_servers, with_ignored};

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn packages_are_read() {
        let arguments = words("-p a -pb --package c --package=d e -p");
        assert_eq!(packages(&arguments).collect::<Vec<_>>(), ["a", "b", "c", "d"]);
    }

    #[test]
    fn servers_run_where_tests_may_need_them() {
        assert!(uses_servers(&words("")));
        assert!(uses_servers(&words("crash")));
        assert!(uses_servers(&words("-p xtask -p migration-tests")));
        assert!(!uses_servers(&words("-p xtask")));
    }

    #[test]
    fn ignored_tests_run_when_asked_for() {
        let check = |has_nextest, line, expected| {
            assert_eq!(with_ignored(has_nextest, &words(line)), words(expected));
        };
        check(true, "-p a b", "--run-ignored all -p a b -- --skip real_tools");
        check(true, "a -- --exact", "--run-ignored all a -- --skip real_tools --exact");
        check(false, "-p a b", "-p a b -- --include-ignored --skip real_tools");
        check(false, "a -- --nocapture", "a -- --include-ignored --skip real_tools --nocapture");
    }
}
