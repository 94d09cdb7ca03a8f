//! What `cargo metadata` knows of the workspace, so that no list of crates or features is kept by hand.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::step::{Failure, Result, root};

/// The workspace, as the commands need it.
#[derive(Debug, Deserialize)]
pub(crate) struct Workspace {
    pub(crate) packages: Vec<Package>,
    /// Where cargo builds to.
    pub(crate) target_directory: PathBuf,
}

/// A crate of the workspace.
#[derive(Debug, Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) manifest_path: PathBuf,
    /// Each feature with what it switches on.
    pub(crate) features: BTreeMap<String, Vec<String>>,
}

impl Workspace {
    pub(crate) fn load() -> Result<Self> {
        query(&["--no-deps"])
    }
}

impl Package {
    /// Whether it is there for others to depend on, and not only for this repository.
    pub(crate) fn is_for_users(&self) -> bool {
        self.manifest_path.starts_with(root().join("crates"))
    }
}

/// Asks `cargo metadata`; `T` names the parts of its answer that are wanted.
pub(crate) fn query<T: DeserializeOwned>(arguments: &[&str]) -> Result<T> {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(program)
        .args(["metadata", "--format-version", "1"])
        .args(arguments)
        .current_dir(root())
        .output()
        .map_err(|error| Failure::new(format!("`cargo metadata` could not be started: {error}")))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(Failure::new(format!("`cargo metadata`: {}", said.trim_end())));
    }
    serde_json::from_slice(&output.stdout).map_err(|error| {
        Failure::new(format!("`cargo metadata` answered something else than expected: {error}"))
    })
}
