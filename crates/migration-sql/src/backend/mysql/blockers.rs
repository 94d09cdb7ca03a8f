//! Who holds a lock that a statement waited for in vain.

use diesel::RunQueryDsl;
use diesel::mysql::MysqlConnection;

use super::connection::establish;
use super::value::Row;
use crate::url::MysqlTarget;
use crate::value::Value;

/// Sessions that hold locks on tables of the database: where the server keeps account of them
/// (<https://dev.mysql.com/doc/refman/en/performance-schema-metadata-locks-table.html>).
const BY_TABLE: &str = "SELECT DISTINCT t.processlist_id, t.processlist_user, t.processlist_info, t.processlist_time \
    FROM performance_schema.metadata_locks l JOIN performance_schema.threads t ON t.thread_id = l.owner_thread_id \
    WHERE l.object_schema = DATABASE() AND l.object_type = 'TABLE' AND l.lock_status = 'GRANTED' \
    AND t.processlist_id <> CONNECTION_ID()";

/// Transactions that are open, which everybody may see who has the privilege `PROCESS`.
const BY_TRANSACTION: &str = "SELECT p.id, p.user, p.info, TIMESTAMPDIFF(SECOND, t.trx_started, NOW()) \
    FROM information_schema.innodb_trx t JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id \
    WHERE p.id <> CONNECTION_ID()";

/// The sessions that stand in the way of others, and since when: asked on a connection of its own.
pub(super) fn blockers(target: &MysqlTarget) -> Option<String> {
    let mut connection = establish(target).ok()?;
    let mut sessions = read(&mut connection, BY_TABLE);
    if sessions.is_empty() {
        sessions = read(&mut connection, BY_TRANSACTION);
    }
    (!sessions.is_empty()).then(|| sessions.join(", "))
}

fn read(connection: &mut MysqlConnection, select: &str) -> Vec<String> {
    let rows: Vec<Row> = diesel::sql_query(select).load(connection).unwrap_or_default();
    let text = |value: Option<&Value>| match value {
        Some(Value::Text(text)) => text.clone(),
        Some(Value::Integer(number)) => number.to_string(),
        _ => String::new(),
    };
    let described = |row: &Row| {
        let [id, user, query, seconds] = [0, 1, 2, 3].map(|place| text(row.values.get(place)));
        let query = if query.is_empty() { "idle in transaction".to_owned() } else { query };
        format!("session {id} ({user}, {query}, since {seconds} s)")
    };
    rows.iter().map(described).collect()
}
