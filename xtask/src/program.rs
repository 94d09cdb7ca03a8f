//! The programs that commands here run, as this repository builds them.

use std::path::PathBuf;

use crate::metadata::Workspace;
use crate::step::{Result, Step};

/// Builds `migration` for development. Returns where it is.
pub(crate) fn build() -> Result<PathBuf> {
    built("migration-cli", "migration", "debug", &[])
}

/// Builds `migration` with all backends, for tests. Returns where it is.
pub(crate) fn build_for_tests() -> Result<PathBuf> {
    built("migration-cli", "migration", "debug", &["--features", "postgres,mysql"])
}

/// Builds `migration` as users get it. Returns where it is.
pub(crate) fn build_release() -> Result<PathBuf> {
    built("migration-cli", "migration", "release", &["--release"])
}

/// Builds `migration` as users get it who also have servers, and what sends a script to a database and does nothing else.
/// Returns where the two are.
pub(crate) fn build_release_with_bare() -> Result<(PathBuf, PathBuf)> {
    // Together, so that what both are made of is compiled once.
    let bare = ["--package", "migration-tests", "--bin", "bare"];
    let arguments = ["--release", "--features", "migration-cli/postgres"];
    let program = built("migration-cli", "migration", "release", &[&bare[..], &arguments].concat())?;
    let bare = program.with_file_name(format!("bare{}", std::env::consts::EXE_SUFFIX));
    Ok((program, bare))
}

/// Builds what starts the servers for the tests. Returns where it is.
pub(crate) fn build_servers() -> Result<PathBuf> {
    built("migration-tests", "servers", "debug", &[])
}

fn built(package: &str, program: &str, profile: &str, arguments: &[&str]) -> Result<PathBuf> {
    Step::cargo(&["build", "--package", package, "--bin", program]).args(arguments).run()?;
    let target = Workspace::load()?.target_directory;
    Ok(target.join(profile).join(format!("{program}{}", std::env::consts::EXE_SUFFIX)))
}
