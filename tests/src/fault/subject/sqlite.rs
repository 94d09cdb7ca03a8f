//! SQLite: a file, what lies beside it, and no server.

use std::collections::BTreeSet;
use std::fs::File;

use super::{Served, Subject};
use crate::Project;
use crate::fault::workload::SQLITE;

/// A SQLite database in a folder of its own.
#[derive(Debug)]
pub struct Sqlite {
    project: Project,
}

impl Default for Sqlite {
    fn default() -> Self {
        let mut subject = Self { project: Project::new(SQLITE.files) };
        subject.renew();
        subject
    }
}

impl Subject for Sqlite {
    fn name(&self) -> &'static str {
        "sqlite"
    }

    fn project(&self) -> &Project {
        &self.project
    }

    fn url(&self) -> String {
        self.project.url()
    }

    fn renew(&mut self) {
        for name in self.files().into_iter().filter(|name| name != "migrations") {
            std::fs::remove_file(self.project.path(&name)).expect("a file that can be removed");
        }
        self.project.connect().execute_script(SQLITE.witness).expect("the witness");
    }

    fn snapshot(&mut self) -> Vec<String> {
        let query = |sql: &str| self.project.query(sql);
        let schema = query("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name");
        let mut lines: Vec<String> = schema.into_iter().map(|line| format!("schema {line}")).collect();
        for table in query("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name") {
            let columns = query(&format!(
                "SELECT group_concat('quote(\"' || name || '\")', ' || ''|'' || ') FROM pragma_table_info({table}) \
                 WHERE name NOT IN ('applied_at', 'execution_time_ms', 'recorded_at')"
            ));
            let columns: String = serde_json::from_str(&columns[0]).expect("a text");
            let rows = query(&format!("SELECT {columns} FROM {table} ORDER BY 1"));
            lines.extend(rows.into_iter().map(|row| format!("row of {table} {row}")));
        }
        for pragma in ["journal_mode", "integrity_check", "foreign_key_check"] {
            lines.push(format!("{pragma} {:?}", query(&format!("PRAGMA {pragma}"))));
        }
        self.project.connect().execute_script(SQLITE.reset).expect("the witness");
        lines
    }

    fn applied(&self) -> BTreeSet<String> {
        if self.project.query("SELECT 1 FROM sqlite_schema WHERE name = '_migrations'").is_empty() {
            return BTreeSet::new();
        }
        let ids = self.project.query("SELECT id FROM _migrations");
        ids.iter().map(|id| serde_json::from_str(id).expect("a text")).collect()
    }

    /// What SQLite keeps beside the database is gone with its last user. The lock's file may be left over by a run that was
    /// killed when all was done, but nobody holds it.
    fn wait_until_idle(&self) -> Result<(), String> {
        let lock = "app.db-migration-lock";
        let left: Vec<_> = self.files().into_iter().filter(|name| name != lock).collect();
        if left != ["app.db", "migrations"] {
            return Err(format!("the folder holds {left:?}"));
        }
        match File::open(self.project.path(lock)) {
            Ok(file) => file.try_lock().map_err(|error| format!("the lock is held: {error}")),
            Err(_) => Ok(()),
        }
    }

    fn undecidable(&self) -> &'static [&'static str] {
        SQLITE.undecidable
    }

    fn server(&mut self) -> Option<&mut dyn Served> {
        None
    }
}

impl Sqlite {
    fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.project.root()).expect("a folder");
        let name = |entry: std::io::Result<std::fs::DirEntry>| entry.expect("an entry").file_name();
        let mut names: Vec<_> = entries.map(|entry| name(entry).to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}
