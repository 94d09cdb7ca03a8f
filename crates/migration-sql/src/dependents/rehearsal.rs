//! A change of a SQLite schema, made in a copy of it.

use std::collections::{BTreeMap, BTreeSet};

use super::SchemaDependent;
use crate::connector::DatabaseConnector;
use crate::dump::DumpOptions;
use crate::error::Result;
use migration_model::SchemaObjectKind as Kind;

/// A copy of a SQLite schema in memory, without any row, in which changes are made to see what becomes of the rest. SQLite
/// records no dependencies; what it refuses and what fails is found out by having it do so.
#[derive(Debug)]
pub struct Rehearsal {
    copy: DatabaseConnector,
}

/// What came of a change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rehearsed {
    /// What SQLite said, if it refused the change; then nothing has changed.
    pub refused: Option<String>,
    /// Views and triggers that worked before and fail now.
    pub broken: BTreeSet<SchemaDependent>,
    /// Views whose columns have other names, or are more or fewer.
    pub reshaped: BTreeSet<SchemaDependent>,
    /// Indexes, views and triggers that are gone, but for what the change named.
    pub vanished: BTreeSet<SchemaDependent>,
}

/// What a schema has, and what of it works.
#[derive(Debug, Default)]
struct Look {
    /// Kind and table by name, of all that isn't a table.
    objects: BTreeMap<String, (Kind, String)>,
    /// The columns of the views that can be read.
    views: BTreeMap<String, Vec<String>>,
    /// The triggers that can be compiled.
    triggers: BTreeSet<String>,
}

/// Everything that has a name of its own.
const OBJECTS: &str = "SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_schema \
     WHERE type <> 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";

impl Rehearsal {
    /// Copies the schema of a database, from which it only reads.
    ///
    /// # Errors
    /// [`Error::Database`](crate::Error::Database) if the schema can't be read, or if SQLite can't make it again, for one
    /// because a virtual table needs an extension.
    pub fn of(connector: &mut DatabaseConnector, options: &DumpOptions) -> Result<Self> {
        let schema = connector.dump(options)?;
        let mut copy = DatabaseConnector::open("sqlite::memory:")?;
        copy.execute_script(&schema)?;
        Ok(Self { copy })
    }

    /// Makes a change, which stays for those that come after it. It has to be a statement that changes the schema: others, as
    /// `ATTACH`, reach out of the copy.
    ///
    /// # Errors
    /// [`Error::Database`](crate::Error::Database) if the copy can't be looked at.
    pub fn run(&mut self, change: &str) -> Result<Rehearsed> {
        let before = self.look()?;
        let mut found = Rehearsed::default();
        if let Err(error) = self.copy.execute_script(change) {
            let mut text = error.to_string();
            let mut cause: Option<&dyn std::error::Error> = std::error::Error::source(&error);
            while let Some(error) = cause {
                text = error.to_string();
                cause = error.source();
            }
            found.refused = Some(text);
            return Ok(found);
        }
        let after = self.look()?;
        let of = |name: &str| {
            let (kind, table) = before.objects.get(name).cloned().unwrap_or((Kind::View, String::new()));
            let table = (kind != Kind::View).then_some(table);
            SchemaDependent { kind, name: name.to_owned(), table, schema: None }
        };
        for name in before.objects.keys().filter(|name| !after.objects.contains_key(*name)) {
            found.vanished.insert(of(name));
        }
        for (name, columns) in &before.views {
            match after.views.get(name) {
                Some(now) if now != columns => {
                    found.reshaped.insert(of(name));
                }
                None if after.objects.contains_key(name) => {
                    found.broken.insert(of(name));
                }
                _ => {}
            }
        }
        let broken = before.triggers.difference(&after.triggers);
        found.broken.extend(broken.filter(|name| after.objects.contains_key(*name)).map(|name| of(name)));
        Ok(found)
    }

    fn look(&mut self) -> Result<Look> {
        let mut look = Look::default();
        let mut triggers = Vec::new();
        for row in self.copy.texts(OBJECTS, &[])? {
            let [Some(kind), Some(name), Some(table), Some(sql)] = row.as_slice() else { continue };
            let kind = match kind.as_str() {
                "view" => Kind::View,
                "trigger" => Kind::Trigger,
                _ => Kind::Index,
            };
            if kind == Kind::Trigger {
                triggers.push((name.clone(), table.clone(), sql.clone()));
            }
            look.objects.insert(name.clone(), (kind, table.clone()));
        }
        let views: Vec<String> = look
            .objects
            .iter()
            .filter(|(_, (kind, _))| *kind == Kind::View)
            .map(|(name, _)| name.clone())
            .collect();
        for name in views {
            if let Some(columns) = self.columns(&name, true) {
                look.views.insert(name, columns);
            }
        }
        let fires: Vec<bool> = triggers.iter().map(|(_, table, _)| self.fires(table)).collect();
        for ((name, table, _), fires) in triggers.iter().zip(fires) {
            if fires || self.fires_alone(name, table, &triggers)? {
                look.triggers.insert(name.clone());
            }
        }
        Ok(look)
    }

    /// The columns of a table or view that can be written to, or of one that can be read.
    fn columns(&mut self, name: &str, all: bool) -> Option<Vec<String>> {
        let hidden = if all { "" } else { " WHERE hidden = 0" };
        let sql = format!("SELECT name FROM pragma_table_xinfo(?){hidden}");
        if all {
            self.copy.execute(&format!("EXPLAIN SELECT * FROM {}", quoted(name)), &[]).ok()?;
        }
        let rows = self.copy.texts(&sql, &[name.into()]).ok()?;
        Some(rows.into_iter().filter_map(|row| row.into_iter().next()?).collect())
    }

    /// Whether statements on a table compile, with all triggers that they fire.
    fn fires(&mut self, table: &str) -> bool {
        let Some(columns) = self.columns(table, false) else { return false };
        let set: Vec<String> = columns.iter().map(|name| format!("{0} = {0}", quoted(name))).collect();
        let (table, nulls) = (quoted(table), vec!["NULL"; columns.len()].join(", "));
        let names = columns.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", ");
        [
            format!("EXPLAIN INSERT INTO {table} ({names}) VALUES ({nulls})"),
            format!("EXPLAIN UPDATE {table} SET {}", set.join(", ")),
            format!("EXPLAIN DELETE FROM {table}"),
        ]
        .iter()
        .all(|sql| match self.copy.execute(sql, &[]) {
            Ok(_) => true,
            // A view without a trigger of that kind can't be written to, which says nothing of those that it has.
            Err(error) => std::error::Error::source(&error)
                .is_some_and(|why| why.to_string().contains("because it is a view")),
        })
    }

    /// Whether statements on a table compile with one of its triggers and no other.
    fn fires_alone(&mut self, name: &str, table: &str, all: &[(String, String, String)]) -> Result<bool> {
        self.copy.execute_script("SAVEPOINT alone")?;
        for (other, ..) in all.iter().filter(|(other, ..)| other != name) {
            self.copy.execute_script(&format!("DROP TRIGGER {}", quoted(other)))?;
        }
        let fires = self.fires(table);
        self.copy.execute_script("ROLLBACK TO alone; RELEASE alone")?;
        Ok(fires)
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
