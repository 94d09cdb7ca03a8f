//! The stand-in where SQLite is not compiled in: says which feature has it.

use migration_syntax::Dialect;

use super::Backend;
use crate::ConnectOptions;
use crate::error::{Error, Result};
use crate::url::{DatabaseUrl, SqliteTarget};

pub(super) fn connect(_: &DatabaseUrl, _: &SqliteTarget, _: &ConnectOptions) -> Result<Box<dyn Backend>> {
    Err(Error::FeatureMissing { dialect: Dialect::Sqlite, feature: "sqlite" })
}
