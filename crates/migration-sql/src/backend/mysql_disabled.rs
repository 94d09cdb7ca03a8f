//! The stand-in where MySQL is not compiled in: says which feature has it.

use migration_syntax::Dialect;

use super::Backend;
use crate::ConnectOptions;
use crate::error::{Error, Result};
use crate::url::{DatabaseUrl, MysqlTarget};

pub(super) fn connect(_: &DatabaseUrl, _: &MysqlTarget, _: &ConnectOptions) -> Result<Box<dyn Backend>> {
    Err(Error::FeatureMissing { dialect: Dialect::Mysql, feature: "mysql" })
}
