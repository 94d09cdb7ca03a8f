//! The kinds of objects, and reading them.

use std::collections::BTreeSet;

use migration_syntax::Dialect;

use super::rewrite::{
    unqualified, unqualified_trigger, without_counter, without_definer, without_inherited_collations,
    without_start,
};
use crate::backend::Backend;
use crate::backend::mysql::connection::MysqlBackend;
use crate::backend::mysql::refusal;
use crate::backend::mysql::server::Flavour;
use crate::error::{DatabaseError, DatabaseErrorKind};
use crate::identifier::quote;
use crate::value::{QueryOutput, Value};

/// Something that a statement makes.
#[derive(Debug, Clone, Default)]
pub(super) struct Object {
    pub(super) name: String,
    pub(super) sql: String,
    /// What a view reads.
    pub(super) needs: BTreeSet<String>,
    /// The mode under which its body is read; `None` for what the server itself has put into words.
    pub(super) sql_mode: Option<String>,
    /// The collation of the texts in it.
    pub(super) collation: Option<String>,
    /// What its moments are meant in.
    pub(super) time_zone: Option<String>,
}

/// What keeps the parts of a program, in the order in which they need each other to be made.
const ROUTINES: &[&str] = &["FUNCTION", "PACKAGE", "PACKAGE BODY", "PROCEDURE"];

/// Sequences, which only MariaDB has.
pub(super) fn sequences(backend: &mut MysqlBackend, database: &str) -> Result<Vec<Object>, DatabaseError> {
    let names = tables_of(backend, database, &["SEQUENCE"])?;
    names.into_iter().map(|name| shown(backend, database, "SEQUENCE", &name)).collect()
}

/// Tables with their keys and constraints.
pub(super) fn tables(backend: &mut MysqlBackend, database: &str) -> Result<Vec<Object>, DatabaseError> {
    let names = tables_of(backend, database, &["BASE TABLE", "SYSTEM VERSIONED"])?;
    let marks_own_collations = backend.server().flavour == Flavour::Mysql;
    let read = |name: String| {
        let mut table = shown(backend, database, "TABLE", &name)?;
        if marks_own_collations {
            table.sql = without_inherited_collations(&table.sql);
        }
        table.sql = unqualified(&without_counter(&table.sql), database).0;
        Ok(table)
    };
    names.into_iter().map(read).collect()
}

/// Views, and the names of those that read what doesn't exist.
pub(super) fn views(
    backend: &mut MysqlBackend,
    database: &str,
) -> Result<(Vec<Object>, Vec<String>), DatabaseError> {
    let (mut views, mut broken) = (Vec::new(), Vec::new());
    for name in tables_of(backend, database, &["VIEW"])? {
        // Its columns can be told if and only if it could be made now.
        match backend.query(&format!("SHOW COLUMNS FROM {}", qualified(database, &name)), &[]) {
            Err(error) if error.kind == DatabaseErrorKind::Statement => {
                broken.push(quote(Dialect::Mysql, &name));
                continue;
            }
            other => other?,
        };
        let mut view = shown(backend, database, "VIEW", &name)?;
        (view.sql, view.needs) = unqualified(&without_definer(&view.sql), database);
        views.push(view);
    }
    Ok((views, broken))
}

/// Functions, procedures, MariaDB's packages and MySQL's libraries.
pub(super) fn routines(backend: &mut MysqlBackend, database: &str) -> Result<Vec<Object>, DatabaseError> {
    let mut listed = Vec::new();
    let has_libraries = backend.server().flavour == Flavour::Mysql && backend.server().version >= (9, 2);
    if has_libraries {
        let select = "SELECT 'LIBRARY' AS kind, library_name AS name FROM information_schema.libraries WHERE library_schema = ?";
        listed.extend(pairs(&backend.query(select, &[database.into()])?));
    }
    let select = "SELECT routine_type AS kind, routine_name AS name FROM information_schema.routines \
                  WHERE routine_schema = ?";
    let mut routines = pairs(&backend.query(select, &[database.into()])?);
    routines.retain(|(kind, _)| ROUTINES.contains(&kind.as_str()));
    listed.sort();
    routines.sort();
    listed.extend(routines);
    let read = |(kind, name): (String, String)| {
        let mut routine = shown(backend, database, &kind, &name)?;
        routine.sql = without_definer(&routine.sql);
        Ok(routine)
    };
    listed.into_iter().map(read).collect()
}

/// Triggers of all tables but those that are gone, each table's in the order in which they act.
pub(super) fn triggers(
    backend: &mut MysqlBackend,
    database: &str,
    gone: &BTreeSet<String>,
) -> Result<Vec<Object>, DatabaseError> {
    let select = "SELECT event_object_table AS of_table, action_timing AS timing, event_manipulation AS event, \
                  action_order AS place, trigger_name AS name FROM information_schema.triggers WHERE trigger_schema = ?";
    let output = backend.query(select, &[database.into()])?;
    let mut listed: Vec<_> = (0..output.rows.len())
        .map(|row| {
            let place = output.get(row, "place").and_then(Value::as_i64).unwrap_or_default();
            let word = |column| text(&output, row, column);
            (word("of_table"), word("timing"), word("event"), place, word("name"))
        })
        .filter(|(table, ..)| !gone.contains(table))
        .collect();
    listed.sort();
    // One may act on several events.
    let mut seen = BTreeSet::new();
    listed.retain(|(.., name)| seen.insert(name.clone()));
    let read = |(.., name): (String, String, String, i64, String)| {
        let mut trigger = shown(backend, database, "TRIGGER", &name)?;
        trigger.sql = unqualified_trigger(&without_definer(&trigger.sql), database);
        Ok(trigger)
    };
    listed.into_iter().map(read).collect()
}

/// Events. One that recurs from the moment on in which it was made begins when the text is run.
pub(super) fn events(backend: &mut MysqlBackend, database: &str) -> Result<Vec<Object>, DatabaseError> {
    let select = "SELECT event_name AS name, time_zone AS zone, \
                  IF(CONVERT_TZ(starts, time_zone, @@time_zone) = created, 'creation', 'other') AS start \
                  FROM information_schema.events WHERE event_schema = ?";
    let output = backend.query(select, &[database.into()])?;
    let word = |row, column| text(&output, row, column);
    let mut listed: Vec<_> = (0..output.rows.len())
        .map(|row| (word(row, "name"), word(row, "zone"), word(row, "start")))
        .collect();
    listed.sort();
    let read = |(name, zone, start): (String, String, String)| {
        let mut event = shown(backend, database, "EVENT", &name)?;
        event.sql = without_definer(&event.sql);
        if start == "creation" {
            event.sql = without_start(&event.sql);
        }
        event.time_zone = Some(zone);
        Ok(event)
    };
    listed.into_iter().map(read).collect()
}

/// Whether some foreign key refers to columns that are no unique key as a whole, which newer servers of MySQL only take
/// if they are told to.
pub(super) fn needs_loose_foreign_keys(
    backend: &mut MysqlBackend,
    database: &str,
) -> Result<bool, DatabaseError> {
    if backend.server().flavour != Flavour::Mysql || backend.server().version < (8, 4) {
        return Ok(false);
    }
    let select = "SELECT constraint_name AS name FROM information_schema.referential_constraints \
                  WHERE constraint_schema = ? AND unique_constraint_name IS NULL LIMIT 1";
    Ok(!backend.query(select, &[database.into()])?.rows.is_empty())
}

/// Names of the tables of these types, sorted.
fn tables_of(
    backend: &mut MysqlBackend,
    database: &str,
    types: &[&str],
) -> Result<Vec<String>, DatabaseError> {
    let select =
        "SELECT table_type AS kind, table_name AS name FROM information_schema.tables WHERE table_schema = ?";
    let listed = pairs(&backend.query(select, &[database.into()])?);
    let wanted = listed.into_iter().filter(|(kind, _)| types.contains(&kind.as_str()));
    let mut names: Vec<String> = wanted.map(|(_, name)| name).collect();
    names.sort();
    Ok(names)
}

/// What `SHOW CREATE` says of an object.
fn shown(
    backend: &mut MysqlBackend,
    database: &str,
    kind: &str,
    name: &str,
) -> Result<Object, DatabaseError> {
    let qualified = qualified(database, name);
    let output = backend.query(&format!("SHOW CREATE {kind} {qualified}"), &[])?;
    let is_text = |column: &&String| column.starts_with("Create ") || *column == "SQL Original Statement";
    let column = output.columns.iter().find(is_text);
    let sql = column.and_then(|column| output.get(0, column)).and_then(Value::as_str);
    let Some(sql) = sql else {
        let message = format!("the server doesn't show the text of {} {qualified}", kind.to_lowercase());
        return Err(refusal::new(message, DatabaseErrorKind::Statement));
    };
    let setting = |column| output.get(0, column).and_then(Value::as_str).map(str::to_owned);
    Ok(Object {
        name: name.to_owned(),
        sql: sql.to_owned(),
        needs: BTreeSet::new(),
        sql_mode: setting("sql_mode"),
        collation: setting("collation_connection"),
        time_zone: None,
    })
}

fn qualified(database: &str, name: &str) -> String {
    format!("{}.{}", quote(Dialect::Mysql, database), quote(Dialect::Mysql, name))
}

fn pairs(output: &QueryOutput) -> Vec<(String, String)> {
    (0..output.rows.len()).map(|row| (text(output, row, "kind"), text(output, row, "name"))).collect()
}

fn text(output: &QueryOutput, row: usize, column: &str) -> String {
    output.get(row, column).and_then(Value::as_str).unwrap_or_default().to_owned()
}
