//! The schema of a MySQL or MariaDB database as SQL text.

use super::connection::MysqlBackend;
use super::refusal;
use crate::dump::DumpOptions;
use crate::error::{DatabaseError, DatabaseErrorKind};

/// The text.
pub(super) fn dump(_: &mut MysqlBackend, _: &DumpOptions) -> Result<String, DatabaseError> {
    Err(refusal::new("not written yet".to_owned(), DatabaseErrorKind::Statement))
}
