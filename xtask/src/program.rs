//! The program `migration`, as this repository builds it.

use std::path::PathBuf;

use crate::metadata::Workspace;
use crate::step::{Result, Step};

/// Builds it for development. Returns where it is.
pub(crate) fn build() -> Result<PathBuf> {
    built("debug", &[])
}

/// Builds it as users get it. Returns where it is.
pub(crate) fn build_release() -> Result<PathBuf> {
    built("release", &["--release"])
}

fn built(profile: &str, arguments: &[&str]) -> Result<PathBuf> {
    Step::cargo(&["build", "--package", "migration-cli", "--bin", "migration"]).args(arguments).run()?;
    let target = Workspace::load()?.target_directory;
    Ok(target.join(profile).join(format!("migration{}", std::env::consts::EXE_SUFFIX)))
}
