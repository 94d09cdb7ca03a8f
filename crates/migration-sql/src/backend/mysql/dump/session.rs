//! Settings under which the server prints the same everywhere.

use migration_syntax::Dialect;

use crate::backend::Backend;
use crate::backend::mysql::connection::MysqlBackend;
use crate::error::DatabaseError;
use crate::identifier::quote;
use crate::value::Value;

/// How names and strings are quoted depends on the mode, moments are printed in the session's time zone, and names of views
/// are qualified everywhere only if another database is the current one.
const BEGIN: &str = "SET @migration_sql_mode = @@sql_mode, @migration_time_zone = @@time_zone, \
    @migration_quote = @@sql_quote_show_create; \
    SET sql_mode = '', time_zone = '+00:00', sql_quote_show_create = 1; USE information_schema";

const END: &str = "SET sql_mode = @migration_sql_mode, time_zone = @migration_time_zone, \
    sql_quote_show_create = @migration_quote";

/// Reads a database under these settings; the session is afterwards as it was.
pub(super) fn within<T>(
    backend: &mut MysqlBackend,
    read: impl FnOnce(&mut MysqlBackend, &str) -> Result<T, DatabaseError>,
) -> Result<T, DatabaseError> {
    let current = backend.query("SELECT DATABASE() AS name", &[])?;
    let current = current.get(0, "name").and_then(Value::as_str).map(str::to_owned);
    let home = backend.home().to_owned();
    backend.batch(BEGIN)?;
    let result = read(backend, &home);
    let back = quote(Dialect::Mysql, current.as_deref().unwrap_or(&home));
    let ended = backend.batch(END).and_then(|()| backend.batch(&format!("USE {back}")));
    let value = result?;
    ended.map(|()| value)
}
