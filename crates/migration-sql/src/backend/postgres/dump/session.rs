//! Settings under which the catalogs are read.

use crate::backend::Backend;
use crate::error::DatabaseError;
use crate::value::Value;

/// What the server's own functions print depends on these: names are qualified if they can't be found along the search
/// path, constants are printed in the session's style.
const SETTINGS: &str = "SET LOCAL search_path = ''; SET LOCAL quote_all_identifiers = off; \
    SET LOCAL standard_conforming_strings = on; SET LOCAL datestyle = 'ISO'; SET LOCAL intervalstyle = 'postgres'; \
    SET LOCAL timezone = 'UTC'; SET LOCAL extra_float_digits = 1; SET LOCAL bytea_output = 'hex';";

const SAVEPOINT: &str = "_migration_dump";

/// Reads under these settings, on one snapshot; the session is afterwards as it was.
pub(super) fn within<T>(
    backend: &mut dyn Backend,
    read: impl FnOnce(&mut dyn Backend) -> Result<T, DatabaseError>,
) -> Result<T, DatabaseError> {
    let (begin, end) = if in_transaction(backend)? {
        (
            format!("SAVEPOINT {SAVEPOINT}"),
            format!("ROLLBACK TO SAVEPOINT {SAVEPOINT}; RELEASE SAVEPOINT {SAVEPOINT}"),
        )
    } else {
        ("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY".to_owned(), "ROLLBACK".to_owned())
    };
    backend.batch(&begin)?;
    let result = backend.batch(SETTINGS).and_then(|()| read(backend));
    let ended = backend.batch(&end);
    let value = result?;
    ended.map(|()| value)
}

/// Whether the session is in a transaction: a setting that is local to a transaction lasts until its end, which is the
/// end of the statement outside of one.
fn in_transaction(backend: &mut dyn Backend) -> Result<bool, DatabaseError> {
    backend.query("SELECT set_config('migration.dump', 'on', true) AS value", &[])?;
    let output = backend.query("SELECT current_setting('migration.dump', true) AS value", &[])?;
    Ok(output.get(0, "value").and_then(Value::as_str) == Some("on"))
}
