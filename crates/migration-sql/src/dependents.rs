//! What depends on a table or a column, as the database itself knows it.

mod mysql;
mod postgres;
mod rehearsal;

use migration_model::SchemaObjectKind;
use migration_syntax::Dialect;

use crate::connector::DatabaseConnector;
use crate::error::Result;
use crate::value::Value;

pub use rehearsal::{Rehearsal, Rehearsed};

/// Something that depends on a table, or on a column of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SchemaDependent {
    /// What it is.
    pub kind: SchemaObjectKind,
    /// Its name.
    pub name: String,
    /// The table that it belongs to, if it belongs to one.
    pub table: Option<String>,
    /// The schema of it or of that table, unless it is the one that the session works in.
    pub schema: Option<String>,
}

/// What a database's catalogue says of a table, or of a column of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Dependents {
    /// Everything that depends on it, and what depends on that, in order; each once.
    pub found: Vec<SchemaDependent>,
    /// The kinds of which the catalogue knows all: what isn't among those found doesn't depend on it.
    pub complete: Vec<SchemaObjectKind>,
}

impl DatabaseConnector {
    /// What depends on a table or view, or on a column of it, by the database's own catalogue; nothing where there is no such
    /// table or column, and on SQLite, which records no dependencies (see [`Rehearsal`]). Only reads.
    ///
    /// With a table stand its partitions, and with a column those of the same name in the tables that inherit it, unless `only`
    /// the table itself is meant, as `ALTER TABLE ONLY` has it.
    ///
    /// PostgreSQL: `pg_depend`, along which `DROP … RESTRICT` refuses and `CASCADE` drops. MySQL and MariaDB:
    /// `information_schema`, with the texts of views as the server stored them, in which every name is resolved.
    ///
    /// # Errors
    /// [`Error::Database`](crate::Error::Database) when the catalogue can't be read.
    pub fn dependents(
        &mut self,
        schema: Option<&str>,
        table: &str,
        column: Option<&str>,
        only: bool,
    ) -> Result<Option<Dependents>> {
        let mut found = match self.dialect() {
            Dialect::Postgres => postgres::dependents(self, schema, table, column, only)?,
            Dialect::Mysql => mysql::dependents(self, schema, table, column)?,
            Dialect::Sqlite => None,
        };
        if let Some(found) = &mut found {
            let own = match self.dialect() {
                Dialect::Postgres => "SELECT current_schema()::text",
                _ => "SELECT database()",
            };
            let own = self.texts(own, &[])?.into_iter().flatten().next().flatten();
            for dependent in found.found.iter_mut().filter(|dependent| dependent.schema == own) {
                dependent.schema = None;
            }
            found.found.sort();
            found.found.dedup();
        }
        Ok(found)
    }

    /// The rows of a query as texts; what is no text is left out.
    fn texts(&mut self, sql: &str, parameters: &[Value]) -> Result<Vec<Vec<Option<String>>>> {
        let output = self.execute(sql, parameters)?.with_texts();
        let text = |value: &Value| match value {
            Value::Text(text) => Some(text.clone()),
            Value::Integer(number) => Some(number.to_string()),
            _ => None,
        };
        Ok(output.rows.iter().map(|row| row.iter().map(text).collect()).collect())
    }
}
