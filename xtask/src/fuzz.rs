//! `cargo xtask fuzz`: looks for an input that breaks a rule of the splitter, of lineage or of the transformations, led by coverage.
//!
//! cargo-fuzz is installed below the target folder if it is missing. Without a sanitizer the stable compiler will do: where
//! there is `unsafe` at all, it loads whole arrays behind references, which a sanitizer has nothing to say about. PostgreSQL's
//! parser, which is C, checks its own memory as little here as in a build for users.

use std::path::{Path, PathBuf};

use crate::metadata::Workspace;
use crate::provision::{self, Purpose};
use crate::step::{Failure, Result, Step};

/// What is fuzzed.
struct Target {
    name: &'static str,
    /// Its crate, from the root.
    folder: &'static str,
    /// The words that inputs are made of, in that folder.
    dictionary: &'static str,
}

const TARGETS: &[Target] = &[
    Target { name: "split", folder: "crates/migration-syntax/fuzz", dictionary: "sql.dict" },
    Target { name: "analyze", folder: "crates/migration-lineage/fuzz", dictionary: "sql.dict" },
    Target { name: "chunk", folder: "crates/migration-transform/fuzz", dictionary: "json.dict" },
];

const CARGO_FUZZ: &str = "cargo-fuzz@0.13.2";

/// How long where nothing else is said.
const SECONDS: u32 = 60;

/// Fuzzes each target for as long as `--seconds N` says.
pub(crate) fn run(arguments: &[String]) -> Result {
    let seconds = seconds(arguments)?;
    provision::ensure(Purpose::Fuzz)?;
    let target_directory = Workspace::load()?.target_directory;
    let program = provide(&target_directory)?;
    TARGETS.iter().try_for_each(|target| fuzz(target, &program, &target_directory, seconds))
}

/// Compiles the targets, which are no part of the workspace, without the fuzzer: nothing else says when they have become stale.
pub(crate) fn check() -> Result {
    let target_directory = Workspace::load()?.target_directory;
    TARGETS.iter().try_for_each(|Target { folder, .. }| {
        Step::cargo(&["check", "--quiet", "--manifest-path", &format!("{folder}/Cargo.toml")])
            .env("CARGO_TARGET_DIR", &target_directory.join("fuzz").to_string_lossy())
            // It is only linked, which doesn't happen here, so it needs no compiler for C++.
            .env("CUSTOM_LIBFUZZER_PATH", &target_directory.join("fuzz/libfuzzer.a").to_string_lossy())
            .fix("what the fuzz target calls has changed")
            .run()
    })
}

fn fuzz(target: &Target, program: &Path, target_directory: &Path, seconds: u32) -> Result {
    let Target { name, folder, dictionary } = target;
    let dictionary = format!("-dict={folder}/{dictionary}");
    let time = format!("-max_total_time={seconds}");
    Step::new(program)
        .args(["fuzz", "run", "--fuzz-dir", folder, "--sanitizer", "none", name, "--"])
        .args([dictionary.as_str(), &time, "-max_len=2048", "-timeout=10"])
        .env("CARGO_TARGET_DIR", &target_directory.join("fuzz").to_string_lossy())
        .fix("make the input that is named above a unit test, and mend what it shows")
        .run()
}

fn seconds(arguments: &[String]) -> Result<u32> {
    let read = match arguments {
        [] => return Ok(SECONDS),
        [flag, number] if flag == "--seconds" => number.parse().ok(),
        [word] => word.strip_prefix("--seconds=").and_then(|number| number.parse().ok()),
        _ => None,
    };
    // The fuzzer takes 0 for no end.
    read.filter(|seconds| *seconds > 0).ok_or_else(|| {
        Failure::new(format!("`{}` is not understood", arguments.join(" ")))
            .fix("`cargo xtask fuzz --seconds N`, with N from 1")
    })
}

/// cargo-fuzz below the target folder, of the version that is known to work here.
fn provide(target_directory: &Path) -> Result<PathBuf> {
    let tools = target_directory.join("tools");
    let program = tools.join("bin").join(format!("cargo-fuzz{}", std::env::consts::EXE_SUFFIX));
    if !program.is_file() {
        Step::cargo(&["install", CARGO_FUZZ, "--locked", "--root"])
            .args([tools.to_string_lossy()])
            .env("CARGO_TARGET_DIR", &tools.join("build").to_string_lossy())
            .fix("it comes from crates.io: is there a network?")
            .run()?;
    }
    Ok(program)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::step::root;

    #[test]
    fn what_is_run_exists() {
        for Target { name, folder, dictionary } in TARGETS {
            assert!(root().join(folder).join("fuzz_targets").join(name).with_extension("rs").is_file());
            assert!(root().join(folder).join(dictionary).is_file());
        }
    }

    #[test]
    fn the_time_is_read() {
        let read = |line: &str| {
            seconds(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
                .map_err(|e| e.to_string())
        };
        assert_eq!(read(""), Ok(SECONDS));
        assert_eq!((read("--seconds 5"), read("--seconds=7")), (Ok(5), Ok(7)));
        for line in ["5", "--seconds", "--seconds 0", "--seconds x", "--seconds 1 2"] {
            assert!(read(line).unwrap_err().contains("is not understood"), "{line}");
        }
    }
}
