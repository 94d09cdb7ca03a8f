//! Who holds a lock that a statement waited for in vain.

use diesel::RunQueryDsl;
use diesel::pg::Pg;
use diesel::sql_types::Text;
use migration_syntax::Dialect;

use super::connection::establish;
use super::value::Row;
use crate::error::Blocker;
use crate::identifier::names_in;
use crate::url::ServerTarget;
use crate::value::Value;

/// What is asked of a session; the texts in UTC.
const COLUMNS: &str = "DISTINCT a.pid, a.usename::text, a.query, \
    to_char(a.xact_start AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') AS since, a.state \
    FROM pg_stat_activity a";

/// Sessions of programs. Ours have no transaction open by now.
const OTHERS: &str = "a.datname = current_database() AND a.pid <> pg_backend_pid() \
    AND a.backend_type = 'client backend'";

/// The sessions that stand in the way of a statement, asked for on a connection of its own, as the one that was kept waiting
/// is in a failed transaction: those that hold locks on what the statement names, else all with an open transaction.
pub(super) fn blockers(target: &ServerTarget, sql: Option<&str>) -> Vec<Blocker> {
    let names = sql.map(|sql| names_in(sql, Dialect::Postgres)).unwrap_or_default();
    let mut found = Vec::new();
    if !names.is_empty() {
        let list: Vec<String> = (1..=names.len()).map(|n| format!("${n}")).collect();
        let holders = format!(
            "SELECT {COLUMNS} JOIN pg_locks l USING (pid) WHERE {OTHERS} AND l.granted AND l.locktype = 'relation' \
             AND l.relation IN (SELECT to_regclass(name) FROM unnest(ARRAY[{}]) AS given (name))",
            list.join(", ")
        );
        found = read(target, &holders, &names);
    }
    if found.is_empty() {
        found = read(target, &format!("SELECT {COLUMNS} WHERE {OTHERS} AND a.xact_start IS NOT NULL"), &[]);
    }
    found
}

fn read(target: &ServerTarget, select: &str, names: &[String]) -> Vec<Blocker> {
    let Ok(mut connection) = establish(target) else { return Vec::new() };
    let query = names.iter().fold(diesel::sql_query(select).into_boxed::<Pg>(), |query, name| {
        query.bind::<Text, _>(name.clone())
    });
    let rows: Vec<Row> = query.load(&mut connection).unwrap_or_else(|error| {
        tracing::debug!(%error, "the server doesn't say who holds a lock");
        Vec::new()
    });
    rows.iter().filter_map(blocker).collect()
}

fn blocker(row: &Row) -> Option<Blocker> {
    let [pid, user, query, since, state] = row.values.as_slice() else { return None };
    let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let state = text(state).map(|state| format!(", {state}")).unwrap_or_default();
    Some(Blocker {
        pid: pid.as_i64(),
        user: text(user),
        query: text(query),
        since: text(since),
        description: format!("session {}{state}", pid.as_i64()?),
    })
}
