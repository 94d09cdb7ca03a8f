//! What became of a statement that takes effect by itself when its runner was cut off.
//!
//! A statement that changes the schema is whole or not at all, on MySQL from 8.0 and MariaDB from 10.6 on also when the
//! server dies (<https://dev.mysql.com/doc/refman/en/atomic-ddl.html>, <https://mariadb.com/kb/en/atomic-ddl/>). So its
//! fingerprint is what `SHOW CREATE` says of each thing that it is about, taken before it runs: the same later means that it
//! did not take effect (or that running it again changes nothing), another one that it did. That nobody else changed just
//! these things meanwhile is the assumption.

use migration_model::Checksum;
use migration_syntax::{Dialect, tokens};

use super::connection::MysqlBackend;
use super::objects::{About, Object, Verb, about};
use crate::backend::{Backend, InFlight};
use crate::error::{DatabaseError, DatabaseErrorKind};
use crate::value::Value;

/// What a thing is that does not exist.
const ABSENT: &str = "-";

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

/// The definition of one thing in short.
fn described(backend: &mut MysqlBackend, object: &Object) -> Result<String, DatabaseError> {
    if object.kind == "TRIGGER" {
        return trigger(backend, &object.name);
    }
    match backend.query(&format!("SHOW CREATE {} {}", object.kind, object.name), &[]) {
        Ok(output) => {
            let text: Vec<&str> = output.rows.iter().flatten().filter_map(Value::as_str).collect();
            Ok(Checksum::of(without_counter(&text.join("\n"))).short().to_owned())
        }
        Err(error) if is_absence(&error) => Ok(ABSENT.to_owned()),
        Err(error) => Err(error),
    }
}

/// As [`described`]: MariaDB prepares no `SHOW CREATE TRIGGER`.
fn trigger(backend: &mut MysqlBackend, name: &str) -> Result<String, DatabaseError> {
    let names: Vec<String> = tokens(name, Dialect::Mysql)
        .map_while(Result::ok)
        .filter(|token| token.text != ".")
        .map(|token| token.identifier().into_owned())
        .collect();
    let select = "SELECT event_object_table, event_manipulation, action_timing, action_statement \
                  FROM information_schema.triggers WHERE trigger_schema =";
    let found = match names.as_slice() {
        [schema, name] => backend.query(
            &format!("{select} ? AND trigger_name = ?"),
            &[schema.as_str().into(), name.as_str().into()],
        ),
        _ => backend
            .query(&format!("{select} DATABASE() AND trigger_name = ?"), &[names.concat().as_str().into()]),
    }?;
    Ok(if found.rows.is_empty() {
        ABSENT.to_owned()
    } else {
        Checksum::of(format!("{:?}", found.rows)).short().to_owned()
    })
}

/// The next number of a table's counter is no part of its definition: rows that others insert change it.
fn without_counter(definition: &str) -> String {
    let Some((before, after)) = definition.split_once(" AUTO_INCREMENT=") else {
        return definition.to_owned();
    };
    format!("{before}{}", after.trim_start_matches(|c: char| c.is_ascii_digit()))
}

/// The words for tables, routines, triggers, events and databases that don't exist.
fn is_absence(error: &DatabaseError) -> bool {
    error.kind == DatabaseErrorKind::Statement
        && ["doesn't exist", "does not exist", "Unknown"].iter().any(|words| error.message.contains(words))
}

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

    #[test]
    fn the_counter_is_no_part_of_a_definition() {
        assert_eq!(
            without_counter(") ENGINE=InnoDB AUTO_INCREMENT=12 COMMENT='x'"),
            ") ENGINE=InnoDB COMMENT='x'"
        );
    }
}
