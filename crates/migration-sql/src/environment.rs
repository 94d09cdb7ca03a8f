//! The marker in a database that says which environment it is.
//!
//! A table of its own with one row: the tracking table's columns are what other programs read, and a row of the journal is
//! about a migration. It stands beside the tracking table, so that histories in schemas of their own have markers of their
//! own.

use crate::backend::{Backend, refused};
use crate::error::{DatabaseError, Error, Result};
use crate::identifier::{Bound, parameter};
use crate::tracking::{Table, foreign};
use crate::value::Value;

/// What makes the table.
fn creation(table: &str) -> String {
    format!(
        "CREATE TABLE IF NOT EXISTS {table} (name VARCHAR(255) PRIMARY KEY NOT NULL, \
         marked_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP)"
    )
}

/// The environment that the database is marked as; `None` where it is not marked.
///
/// # Errors
/// [`Error::ForeignTable`] for a table that is something else, or says two things; [`Error::Database`] when it can't be read.
pub(crate) fn read(backend: &mut dyn Backend, table: &Table) -> Result<Option<String>> {
    if !table.exists {
        return Ok(None);
    }
    let what = format!("the table `{}` can't be read", table.name);
    let output = backend.read_table(&table.sql).map_err(|error| refused(backend, &what, error))?.with_texts();
    if output.rows.len() > 1 {
        return Err(foreign(table, "it has more than one row, and a database is one environment".to_owned()));
    }
    if output.rows.is_empty() {
        return Ok(None);
    }
    match output.get(0, "name").and_then(Value::as_str) {
        Some(name) => Ok(Some(name.to_owned())),
        None => Err(foreign(table, "it has no column `name`".to_owned())),
    }
}

/// Marks the database, in place of any marker that it has; with `None` it is not marked any more.
///
/// # Errors
/// What the database says. Nothing has changed then.
pub(crate) fn write(
    backend: &mut dyn Backend,
    table: &Table,
    name: Option<&str>,
) -> Result<(), DatabaseError> {
    let capabilities = backend.capabilities();
    if !table.exists && name.is_none() {
        return Ok(());
    }
    let begin = capabilities.begin;
    let insertion = name.map(|name| Bound {
        sql: format!("INSERT INTO {} (name) VALUES ({})", table.sql, parameter(capabilities, 1)),
        values: vec![Value::from(name)],
    });
    if !capabilities.transactional_ddl && !table.exists {
        // It would end the transaction. An empty table is no marker.
        backend.batch(&creation(&table.sql))?;
    }
    backend.batch(begin)?;
    let creation = || if table.exists { String::new() } else { creation(&table.sql) + ";" };
    let prepare = if capabilities.transactional_ddl { creation() } else { String::new() };
    backend
        .batch(&format!("{prepare}DELETE FROM {}", table.sql))
        .and_then(|()| insertion.map_or(Ok(()), |insertion| insertion.run(backend)))
        .and_then(|()| backend.batch("COMMIT"))
        .inspect_err(|_| _ = backend.batch("ROLLBACK"))
}

/// Whether one may work on a database that is marked like this, having named an environment or none.
///
/// | named | marked | |
/// |---|---|---|
/// | any or none | no | yes: whoever names none cares for none, and who names one is the first to do so |
/// | the same | yes | yes |
/// | another | yes | no |
/// | none | yes | no: the settings of that environment, such as its protection, would be passed by |
///
/// # Errors
/// [`Error::OtherEnvironment`] where the answer is no.
pub(crate) fn check(named: Option<&str>, marked: Option<&str>) -> Result<()> {
    match marked {
        Some(marked) if named != Some(marked) => {
            Err(Error::OtherEnvironment { marked: marked.to_owned(), named: named.map(str::to_owned) })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_work_on_what() {
        for (named, marked, may) in [
            (None, None, true),
            (Some("dev"), None, true),
            (Some("dev"), Some("dev"), true),
            (Some("dev"), Some("production"), false),
            (Some("Dev"), Some("dev"), false),
            (None, Some("dev"), false),
        ] {
            assert_eq!(check(named, marked).is_ok(), may, "{named:?} {marked:?}");
        }
        let words = check(None, Some("dev")).unwrap_err().to_string();
        assert_eq!(words, "the database is marked as `dev`, and no environment was named");
    }
}
