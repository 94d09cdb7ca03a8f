//! The stand-in where PostgreSQL is not compiled in: says which feature has it.

use migration_syntax::Dialect;

use super::Backend;
use crate::ConnectOptions;
use crate::error::{Error, Result};
use crate::url::{DatabaseUrl, ServerTarget};

pub(super) fn connect(_: &DatabaseUrl, _: &ServerTarget, _: &ConnectOptions) -> Result<Box<dyn Backend>> {
    Err(Error::FeatureMissing { dialect: Dialect::Postgres, feature: "postgres" })
}
