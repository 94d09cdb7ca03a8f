//! `cargo xtask lint`: formatting, clippy, every crate with each of its features alone, and whether fuzz targets compile.

use crate::features::combinations;
use crate::fuzz;
use crate::metadata::{Package, Workspace};
use crate::provision::{self, Purpose};
use crate::step::{Result, Step};

const DENY_WARNINGS: [&str; 3] = ["--", "-D", "warnings"];

pub(crate) fn run() -> Result {
    Step::cargo(&["fmt", "--all", "--check"]).fix("`cargo fmt --all`").run()?;
    provision::ensure(Purpose::BuildAll)?;
    Step::cargo(&["clippy", "--workspace", "--all-targets", "--all-features"])
        .args(DENY_WARNINGS)
        .fix("follow the advice above; where a lint is wrong, `#[expect(…, reason = \"…\")]`")
        .run()?;
    for package in Workspace::load()?.packages.iter().filter(|package| package.is_for_users()) {
        each_alone(package)?;
    }
    fuzz::check()
}

/// Compiles a crate by itself, as it comes to those who pick only this one: nothing else in the workspace switches on a
/// feature that it forgot to ask for.
fn each_alone(package: &Package) -> Result {
    for features in combinations(&package.features) {
        Step::cargo(&["clippy", "--quiet", "--package", &package.name])
            .args(features)
            .args(DENY_WARNINGS)
            .fix("a `#[cfg(feature = …)]` is missing or too many, or a feature doesn't switch on one that it needs")
            .run()?;
    }
    Ok(())
}
