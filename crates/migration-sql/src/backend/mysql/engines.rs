//! Tables of storage engines without transactions: what is written to them stays, whatever becomes of the transaction.

use migration_syntax::Dialect;

use super::connection::MysqlBackend;
use super::objects;
use crate::backend::Backend;
use crate::error::DatabaseError;
use crate::identifier::quote;
use crate::value::Value;

impl MysqlBackend {
    /// The tables that statements write at once, by database and name.
    fn tables_without_transactions(&mut self) -> Result<&[(String, String)], DatabaseError> {
        if self.without_transactions.is_none() {
            let select = "SELECT t.table_schema, t.table_name FROM information_schema.tables t \
                          JOIN information_schema.engines e ON e.engine = t.engine \
                          WHERE t.table_type = 'BASE TABLE' AND e.transactions <> 'YES' AND t.table_schema NOT IN \
                          ('mysql', 'sys', 'performance_schema', 'information_schema')";
            let output = self.query(select, &[])?.with_texts();
            let name = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
            let found = output.rows.iter().map(|row| (name(row.first()), name(row.get(1)))).collect();
            self.without_transactions = Some(found);
        }
        Ok(self.without_transactions.as_deref().unwrap_or_default())
    }

    /// Those of these tables that a statement names, as they stand in one.
    pub(super) fn named_without_transactions(&mut self, sql: &str) -> Result<Vec<String>, DatabaseError> {
        let tables = self.tables_without_transactions()?.to_vec();
        if tables.is_empty() {
            return Ok(Vec::new());
        }
        let home = self.current_database()?;
        let named =
            |table: &&(String, String)| objects::names_table(sql, &home, std::slice::from_ref(*table));
        let quoted = |name: &str| quote(Dialect::Mysql, name);
        Ok(tables
            .iter()
            .filter(named)
            .map(|(database, name)| format!("{}.{}", quoted(database), quoted(name)))
            .collect())
    }

    /// Whether a statement writes to one of them.
    pub(super) fn writes_without_transactions(
        &mut self,
        sql: &str,
        any_database: bool,
    ) -> Result<bool, DatabaseError> {
        let home = self.home().to_owned();
        let tables = self.tables_without_transactions()?;
        // Where the script switches between databases, an unqualified name may be that of any.
        let names = |table: &(String, String)| {
            let home = if any_database { &table.0 } else { &home };
            objects::names_table(sql, home, std::slice::from_ref(table))
        };
        Ok(tables.iter().any(names))
    }
}
