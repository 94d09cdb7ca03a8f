//! Who holds a lock that a statement waited for in vain.

use diesel::RunQueryDsl;
use diesel::mysql::MysqlConnection;
use migration_syntax::Dialect;

use super::connection::establish;
use super::value::Row;
use crate::error::Blocker;
use crate::identifier::names_in;
use crate::url::MysqlTarget;
use crate::value::Value;

/// Sessions that hold locks on tables of the database: where the server keeps account of them
/// (<https://dev.mysql.com/doc/refman/en/performance-schema-metadata-locks-table.html>).
const BY_TABLE: &str = "SELECT DISTINCT t.processlist_id, t.processlist_user, t.processlist_info, \
    DATE_FORMAT(UTC_TIMESTAMP() - INTERVAL t.processlist_time SECOND, '%Y-%m-%dT%H:%i:%sZ'), l.object_name \
    FROM performance_schema.metadata_locks l JOIN performance_schema.threads t ON t.thread_id = l.owner_thread_id \
    WHERE l.object_schema = DATABASE() AND l.object_type = 'TABLE' AND l.lock_status = 'GRANTED' \
    AND t.processlist_id <> CONNECTION_ID()";

/// Transactions that are open, which everybody may see who has the privilege `PROCESS`.
const BY_TRANSACTION: &str = "SELECT p.id, p.user, p.info, \
    DATE_FORMAT(UTC_TIMESTAMP() - INTERVAL TIMESTAMPDIFF(SECOND, t.trx_started, NOW()) SECOND, '%Y-%m-%dT%H:%i:%sZ'), '' \
    FROM information_schema.innodb_trx t JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id \
    WHERE p.id <> CONNECTION_ID() AND p.db = DATABASE()";

/// The sessions that stand in the way of a statement, asked for on a connection of its own: those that hold locks on what the
/// statement names, else all with an open transaction.
pub(super) fn blockers(target: &MysqlTarget, sql: Option<&str>) -> Vec<Blocker> {
    let Ok(mut connection) = establish(target) else { return Vec::new() };
    let names = sql.map(|sql| names_in(sql, Dialect::Mysql)).unwrap_or_default();
    let is_named = |table: &str| names.iter().any(|name| last_part(name).eq_ignore_ascii_case(table));
    let mut rows = read(&mut connection, BY_TABLE);
    rows.retain(|row| row.values.get(4).and_then(Value::as_str).is_some_and(is_named));
    if rows.is_empty() {
        rows = read(&mut connection, BY_TRANSACTION);
    }
    let mut blockers: Vec<Blocker> = rows.iter().filter_map(blocker).collect();
    blockers.dedup_by_key(|blocker| blocker.pid);
    blockers
}

/// The last name of `` a.`b` ``, without its quotes.
fn last_part(name: &str) -> String {
    let last = name.rsplit('.').next().unwrap_or(name);
    last.trim_matches('`').replace("``", "`")
}

fn read(connection: &mut MysqlConnection, select: &str) -> Vec<Row> {
    diesel::sql_query(select).load(connection).unwrap_or_else(|error| {
        tracing::debug!(%error, "the server doesn't say who holds a lock");
        Vec::new()
    })
}

fn blocker(row: &Row) -> Option<Blocker> {
    let [pid, user, query, since, _] = row.values.as_slice() else { return None };
    let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let query = text(query);
    let state = if query.is_some() { "active" } else { "idle in transaction" };
    Some(Blocker {
        pid: pid.as_i64(),
        user: text(user),
        since: text(since),
        description: format!("session {}, {state}", pid.as_i64()?),
        query,
    })
}
