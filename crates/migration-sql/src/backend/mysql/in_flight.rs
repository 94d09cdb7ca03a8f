//! What became of a statement that takes effect by itself when its runner was cut off.
//!
//! A statement that changes the schema is whole or not at all, on MySQL from 8.0 and MariaDB from 10.6 on also when the
//! server dies (<https://dev.mysql.com/doc/refman/en/atomic-ddl.html>, <https://mariadb.com/kb/en/atomic-ddl/>). So its
//! fingerprint is what the server's catalogue says of each thing that it is about, taken before it runs: the same later means that it
//! did not take effect (or that running it again changes nothing), another one that it did. That nobody else changed just
//! these things meanwhile is the assumption.

use migration_model::Checksum;

use super::connection::MysqlBackend;
use super::objects::{About, Object, Verb, about};
use crate::backend::{Backend, InFlight};
use crate::error::DatabaseError;
use crate::value::Value;

/// What a thing is that does not exist.
const ABSENT: &str = "-";

/// What the fingerprint in the journal begins with once a statement has committed the transaction that it was sent in.
const COMMITTED: &str = "committed ";

/// The fingerprint that is noted in the transaction of a statement: who finds it knows that the statement committed.
pub(super) fn of_committed(fingerprint: &str) -> String {
    format!("{COMMITTED}{fingerprint}")
}

/// Queries that together see every definition in the current database. The order of columns doesn't matter, as the same
/// server is asked twice.
const SCHEMA: &[&str] = &[
    "SELECT table_name, table_type, engine, table_collation, table_comment, create_options \
     FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY 1",
    "SELECT * FROM information_schema.columns WHERE table_schema = DATABASE() ORDER BY table_name, ordinal_position",
    "SELECT table_name, index_name, seq_in_index, column_name, non_unique, index_type, sub_part \
     FROM information_schema.statistics WHERE table_schema = DATABASE() ORDER BY 1, 2, 3",
    "SELECT constraint_name, table_name, constraint_type FROM information_schema.table_constraints \
     WHERE table_schema = DATABASE() ORDER BY 2, 1",
    "SELECT constraint_name, table_name, update_rule, delete_rule, referenced_table_name \
     FROM information_schema.referential_constraints WHERE constraint_schema = DATABASE() ORDER BY 2, 1",
    "SELECT table_name, view_definition, check_option, security_type FROM information_schema.views \
     WHERE table_schema = DATABASE() ORDER BY 1",
    "SELECT routine_name, routine_type, routine_definition, last_altered FROM information_schema.routines \
     WHERE routine_schema = DATABASE() ORDER BY 1, 2",
    "SELECT trigger_name, event_object_table, event_manipulation, action_timing, action_statement \
     FROM information_schema.triggers WHERE trigger_schema = DATABASE() ORDER BY 1",
    "SELECT event_name, event_definition, interval_value, status FROM information_schema.events \
     WHERE event_schema = DATABASE() ORDER BY 1",
];

const PRIVILEGES: &[&str] = &[
    "SELECT * FROM information_schema.user_privileges ORDER BY 1, 3",
    "SELECT * FROM information_schema.schema_privileges ORDER BY 1, 3, 4",
    "SELECT * FROM information_schema.table_privileges ORDER BY 1, 3, 4, 5",
    "SELECT * FROM information_schema.column_privileges ORDER BY 1, 3, 4, 5, 6",
];

/// One line for each thing that a statement is about.
pub(super) fn fingerprint(backend: &mut MysqlBackend, sql: &str) -> Result<String, DatabaseError> {
    match about(sql) {
        About::Objects { objects, .. } => {
            let lines: Result<Vec<_>, _> = objects.iter().map(|object| described(backend, object)).collect();
            Ok(lines?.join("\n"))
        }
        About::Privileges => digest(backend, PRIVILEGES),
        About::Anything { .. } => digest(backend, SCHEMA),
        About::Rows { adds_or_removes: true } => rows(backend, sql),
        About::Rows { adds_or_removes: false } | About::Nothing | About::Unknown => Ok(String::new()),
    }
}

/// Looks whether a statement took effect.
pub(super) fn look_for(
    backend: &mut MysqlBackend,
    sql: &str,
    before: Option<&str>,
) -> Result<InFlight, DatabaseError> {
    let about = about(sql);
    match about {
        About::Nothing => return Ok(InFlight::NotDone),
        About::Unknown | About::Rows { adds_or_removes: false } => return Ok(InFlight::Undecided),
        _ => {}
    }
    let Some(before) = before else { return Ok(InFlight::Undecided) };
    let (committed, before) = match before.strip_prefix(COMMITTED) {
        Some(before) => (true, before),
        None => (false, before),
    };
    if committed && matches!(about, About::Anything { may_be_several: true }) {
        // Up to some place all of it is in effect, and nobody knows to which.
        return Ok(InFlight::Undecided);
    }
    let now = fingerprint(backend, sql)?;
    Ok(decide(&about, before, &now))
}

/// The decision table.
fn decide(about: &About, before: &str, now: &str) -> InFlight {
    let lines = before.lines().count().max(now.lines().count());
    let changed = before.lines().zip(now.lines()).filter(|(before, now)| before != now).count();
    let changed = if before.lines().count() == now.lines().count() { changed } else { lines };
    match about {
        _ if changed == 0 => InFlight::NotDone,
        // Some of its work may be done, or all of it.
        About::Anything { may_be_several: true } | About::Rows { .. } => InFlight::Undecided,
        About::Objects { verb: Verb::DropsIfExist, .. } if changed < lines => InFlight::NotDone,
        About::Objects { verb: Verb::Renames, .. } => InFlight::Done,
        _ if changed == lines => InFlight::Done,
        _ => InFlight::Undecided,
    }
}

/// The definition of one thing in short: `SHOW CREATE` would be one answer, but MySQL only gives it to clients that ask in
/// plain text.
fn described(backend: &mut MysqlBackend, object: &Object) -> Result<String, DatabaseError> {
    let mut names = object.names();
    let name = names.pop();
    let database = match (names.pop(), object.kind, name.as_deref()) {
        (Some(database), ..) => database,
        (None, "DATABASE", Some(name)) => name.to_owned(),
        _ => backend.current_database()?,
    };
    let name = name.unwrap_or_default();
    let mut found = String::new();
    for query in queries(object.kind) {
        let parameters = [Value::from(database.as_str()), Value::from(name.as_str())];
        let count = query.matches('?').count();
        let output = backend.query(query, &parameters[..count])?;
        if output.rows.is_empty() && found.is_empty() {
            // The first query tells whether it is there.
            return Ok(ABSENT.to_owned());
        }
        found.push_str(&format!("{:?}\n", output.rows));
    }
    Ok(Checksum::of(found).short().to_owned())
}

/// What a thing of some kind is defined by, as text where a client library knows not all of the types. What changes without a
/// definition, as the next number of a table, is left out.
fn queries(kind: &str) -> &'static [&'static str] {
    match kind {
        "TABLE" => &[
            "SELECT table_type, engine, table_collation, create_options, table_comment \
             FROM information_schema.tables WHERE table_schema = ? AND table_name = ?",
            "SELECT * FROM information_schema.columns WHERE table_schema = ? AND table_name = ? ORDER BY ordinal_position",
            "SELECT index_name, seq_in_index, column_name, non_unique, index_type, sub_part, index_comment \
             FROM information_schema.statistics WHERE table_schema = ? AND table_name = ? ORDER BY 1, 2",
            "SELECT constraint_name, constraint_type FROM information_schema.table_constraints \
             WHERE table_schema = ? AND table_name = ? ORDER BY 1",
            "SELECT constraint_name, update_rule, delete_rule, referenced_table_name \
             FROM information_schema.referential_constraints \
             WHERE constraint_schema = ? AND table_name = ? ORDER BY 1",
            "SELECT partition_name, subpartition_name, partition_method, partition_expression, partition_description \
             FROM information_schema.partitions WHERE table_schema = ? AND table_name = ? \
             ORDER BY partition_ordinal_position, subpartition_ordinal_position",
            "SELECT view_definition, check_option, definer, security_type \
             FROM information_schema.views WHERE table_schema = ? AND table_name = ?",
        ],
        "TRIGGER" => {
            &["SELECT CONCAT_WS('|', definer, action_timing, event_manipulation, event_object_table, \
             action_statement, sql_mode, action_order) FROM information_schema.triggers WHERE trigger_schema = ? AND trigger_name = ?"]
        }
        "EVENT" => &[
            "SELECT CONCAT_WS('|', definer, event_definition, execute_at, interval_value, interval_field, starts, \
             ends, status, on_completion, event_comment, sql_mode) FROM information_schema.events \
             WHERE event_schema = ? AND event_name = ?",
        ],
        "DATABASE" => &["SELECT * FROM information_schema.schemata WHERE schema_name = ?"],
        "FUNCTION" => &[ROUTINE_IS_FUNCTION, PARAMETERS],
        "PROCEDURE" => &[ROUTINE_IS_PROCEDURE, PARAMETERS],
        "PACKAGE" => &["SELECT routine_definition, definer FROM information_schema.routines \
             WHERE routine_schema = ? AND routine_name = ? AND routine_type = 'PACKAGE'"],
        _ => &["SELECT routine_definition, definer FROM information_schema.routines \
             WHERE routine_schema = ? AND routine_name = ? AND routine_type = 'PACKAGE BODY'"],
    }
}

const ROUTINE_IS_FUNCTION: &str = "SELECT CONCAT_WS('|', definer, dtd_identifier, routine_definition, \
     is_deterministic, sql_data_access, security_type, routine_comment, sql_mode) FROM information_schema.routines \
     WHERE routine_schema = ? AND routine_name = ? AND routine_type = 'FUNCTION'";

const ROUTINE_IS_PROCEDURE: &str = "SELECT CONCAT_WS('|', definer, routine_definition, is_deterministic, \
     sql_data_access, security_type, routine_comment, sql_mode) FROM information_schema.routines \
     WHERE routine_schema = ? AND routine_name = ? AND routine_type = 'PROCEDURE'";

const PARAMETERS: &str = "SELECT CONCAT_WS('|', routine_type, parameter_mode, parameter_name, dtd_identifier) \
     FROM information_schema.parameters WHERE specific_schema = ? AND specific_name = ? \
     ORDER BY routine_type, ordinal_position";

fn digest(backend: &mut MysqlBackend, queries: &[&str]) -> Result<String, DatabaseError> {
    let mut text = String::new();
    for query in queries {
        text.push_str(&format!("{:?}\n", backend.query(query, &[])?.rows));
    }
    Ok(Checksum::of(text).short().to_owned())
}

/// How many rows the tables have that keep what was written whatever becomes of the transaction.
fn rows(backend: &mut MysqlBackend, sql: &str) -> Result<String, DatabaseError> {
    let mut counts = Vec::new();
    for table in backend.named_without_transactions(sql)? {
        counts.push(format!("{:?}", backend.query(&format!("SELECT COUNT(*) FROM {table}"), &[])?.rows));
    }
    Ok(counts.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changed_tells() {
        let check = |sql: &str, before: &str, now: &str, expected: InFlight| {
            assert_eq!(decide(&about(sql), before, now), expected, "{sql}: {before:?} {now:?}");
        };
        use InFlight::{Done, NotDone, Undecided};
        check("CREATE TABLE t (a int)", "-", "-", NotDone);
        check("CREATE TABLE t (a int)", "-", "abc", Done);
        check("ALTER TABLE t ADD b int", "abc", "def", Done);
        check("DROP TABLE a, b", "abc\ndef", "-\n-", Done);
        check("DROP TABLE a, b", "abc\ndef", "-\ndef", Undecided);
        check("DROP TABLE IF EXISTS a, b", "abc\ndef", "-\ndef", NotDone);
        check("DROP TABLE IF EXISTS a, b", "abc\n-", "-\n-", NotDone);
        check("RENAME TABLE a TO t, b TO a, t TO b", "abc\ndef\n-", "def\nabc\n-", Done);
        check("CALL p()", "abc", "abc", NotDone);
        check("CALL p()", "abc", "def", Undecided);
        check("EXECUTE s", "abc", "def", Done);
        check("INSERT INTO t VALUES (1)", "1", "2", Undecided);
    }
}
