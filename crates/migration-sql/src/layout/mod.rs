//! Directories of migrations, as the tools of the field lay them out.

mod error;

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use error::LoadError;

use crate::MigrationSet;

/// How a directory holds its migrations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Layout {
    /// `VERSION_name/{up,down}.sql`, with an optional `metadata.toml`.
    Diesel,
    /// `ID.json`.
    Json,
    /// `N_name.up.sql`, `N_name.down.sql`.
    GolangMigrate,
    /// `N_name.sql`, or `N_name.up.sql` with `N_name.down.sql`.
    Sqlx,
}

pub(crate) fn load(directory: &Path, layout: Option<Layout>) -> Result<MigrationSet, LoadError> {
    let _ = (directory, layout);
    MigrationSet::new(Vec::new())
}
