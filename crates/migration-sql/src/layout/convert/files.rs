//! The files of a set in each layout.

use std::path::PathBuf;

use migration_model::{Checksum, MigrationDirection};
use migration_syntax::Dialect;

use crate::layout::Layout;
use crate::layout::json_file::JsonFile;
use crate::layout::metadata::Metadata;
use crate::{MigrationSet, Script, SqlMigration};

/// A file that would be written.
#[derive(Debug, Clone)]
pub(super) struct File {
    /// Relative to the directory.
    pub(super) path: PathBuf,
    pub(super) text: String,
    /// The place of its migration in the set, if it is of one.
    pub(super) migration: Option<usize>,
}

const MARK: char = '\u{feff}';

/// The files of all migrations, which get these names.
pub(super) fn of_set(set: &MigrationSet, to: Layout, names: &[String]) -> Vec<File> {
    let ids = |id: &String| set.position(id).map_or_else(|| id.clone(), |place| names[place].clone());
    let in_pairs = set.migrations().iter().any(|migration| migration.down.is_some());
    let mut files = Vec::new();
    for (place, migration) in set.migrations().iter().enumerate() {
        let source = Source {
            up: sql(set, &migration.up),
            down: migration.down.as_ref().map(|down| sql(set, down)),
            dependencies: migration.dependencies.iter().map(ids).collect(),
            migration,
        };
        let of_migration = match to {
            Layout::Diesel => source.diesel(&names[place]),
            Layout::Json => source.json(&names[place]),
            Layout::GolangMigrate => source.numbered(&names[place], true),
            Layout::Sqlx => source.sqlx(&names[place], in_pairs),
            Layout::Flyway => source.flyway(&names[place]),
            Layout::Refinery => vec![(format!("{}.sql", names[place]), source.up)],
            Layout::Goose => source.goose(&names[place]),
            Layout::Dbmate => source.dbmate(&names[place]),
            Layout::Prisma => vec![(format!("{}/migration.sql", names[place]), source.up)],
        };
        files.extend(of_migration.into_iter().map(|(path, text)| File {
            path: path.into(),
            text,
            migration: Some(place),
        }));
    }
    if to == Layout::Prisma {
        files.extend(lock(set));
    }
    files
}

/// Prisma's lock file, where it is known which database the set is for.
fn lock(set: &MigrationSet) -> Option<File> {
    let provider = match set.written_for.as_ref()?.dialect {
        Dialect::Postgres => "postgresql",
        Dialect::Mysql => "mysql",
        Dialect::Sqlite => "sqlite",
    };
    let text = format!("provider = \"{provider}\"\n");
    Some(File { path: "migration_lock.toml".into(), text, migration: None })
}

/// The text of a script as it stood between the comments that steer its tool: what is before it there are blanks here.
fn sql(set: &MigrationSet, script: &Script) -> String {
    let text = script.in_file().as_ref();
    match set.layout {
        Some(Layout::Goose | Layout::Dbmate) => text.trim_start_matches(MARK).trim().to_owned(),
        _ => text.to_owned(),
    }
}

/// A migration with its texts.
struct Source<'a> {
    migration: &'a SqlMigration,
    up: String,
    down: Option<String>,
    /// By their new ids.
    dependencies: Vec<String>,
}

type Named = Vec<(String, String)>;

impl Source<'_> {
    fn diesel(self, name: &str) -> Named {
        let in_transaction = self.migration.run_in_transaction;
        let description = self.migration.description.as_deref();
        let mut files = vec![(format!("{name}/up.sql"), self.up)];
        files.extend(self.down.map(|down| (format!("{name}/down.sql"), down)));
        if description.is_some() || !self.dependencies.is_empty() || !in_transaction {
            let text = Metadata::text(in_transaction, description, &self.dependencies);
            files.push((format!("{name}/metadata.toml"), text));
        }
        files
    }

    fn json(self, name: &str) -> Named {
        let file = JsonFile {
            id: name.to_owned(),
            name: self.migration.name.clone(),
            description: self.migration.description.clone(),
            checksum: Some(Checksum::of(&self.up).short().to_owned()),
            sql: self.up,
            rollback_sql: self.down,
            dependencies: self.dependencies,
            created_at: self.migration.created_at.clone(),
            status: None,
            unknown: Vec::new(),
        };
        vec![(format!("{name}.json"), file.to_json())]
    }

    fn numbered(self, name: &str, in_pairs: bool) -> Named {
        let mut files = vec![(format!("{name}{}.sql", if in_pairs { ".up" } else { "" }), self.up)];
        files.extend(self.down.map(|down| (format!("{name}.down.sql"), down)));
        files
    }

    fn sqlx(mut self, name: &str, in_pairs: bool) -> Named {
        if !self.migration.run_in_transaction {
            self.up = super::loss::marked_for_sqlx(&self.up);
            self.down = self.down.map(|down| super::loss::marked_for_sqlx(&down));
        }
        self.numbered(name, in_pairs)
    }

    /// The settings of a script stand beside it. A script with what looks like a placeholder is meant as it stands.
    fn flyway(self, name: &str) -> Named {
        let settings = |text: &str| {
            let mut lines = String::new();
            if !self.migration.run_in_transaction {
                lines.push_str("executeInTransaction=false\n");
            }
            if text.contains("${") {
                lines.push_str("placeholderReplacement=false\n");
            }
            (!lines.is_empty()).then_some(lines)
        };
        let mut files = Vec::new();
        let undo = name.strip_prefix('V').map(|rest| format!("U{rest}"));
        for (stem, text) in
            [Some((name.to_owned(), self.up.clone())), undo.zip(self.down.clone())].into_iter().flatten()
        {
            files.extend(settings(&text).map(|settings| (format!("{stem}.sql.conf"), settings)));
            files.push((format!("{stem}.sql"), text));
        }
        files
    }

    fn goose(self, name: &str) -> Named {
        let mut text = String::new();
        if !self.migration.run_in_transaction {
            text.push_str("-- +goose NO TRANSACTION\n");
        }
        text.push_str("-- +goose Up\n");
        text.push_str(&as_lines(&self.up));
        if let Some(down) = &self.down {
            text.push_str("\n-- +goose Down\n");
            text.push_str(&as_lines(down));
        }
        vec![(format!("{name}.sql"), text)]
    }

    /// dbmate 2 demands a down part.
    fn dbmate(self, name: &str) -> Named {
        let options = |direction| {
            if self.migration.in_transaction(direction) { "" } else { " transaction:false" }
        };
        let up = options(MigrationDirection::Up);
        let down = options(MigrationDirection::Down);
        let text = format!(
            "-- migrate:up{up}\n{}\n-- migrate:down{}\n{}",
            as_lines(&self.up),
            if self.down.is_some() { down } else { "" },
            self.down.as_deref().map(as_lines).unwrap_or_default()
        );
        vec![(format!("{name}.sql"), text)]
    }
}

/// Behind a comment, a byte-order mark would be part of the SQL.
fn as_lines(text: &str) -> String {
    let text = text.trim_start_matches(MARK);
    if text.ends_with('\n') { text.to_owned() } else { format!("{text}\n") }
}
