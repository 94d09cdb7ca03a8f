//! A directory that holds a folder for each kind of database: `migrations/{sqlite,postgres,mysql}/`.
//!
//! Such a directory is one whose folders are all named for databases, and that holds no file that could be a migration. Then
//! the folder of the kind that is connected to is read in its place, and a note says so. Nothing is guessed: without a kind,
//! or where it has no folder or two, the directory is refused.

use std::path::{Path, PathBuf};

use migration_model::message;
use migration_syntax::Dialect;

use super::LoadError;
use super::listing::{Kind, Listing};

/// What a folder may be named for a kind of database that can be connected to.
const OURS: [(Dialect, &[&str]); 3] = [
    (Dialect::Sqlite, &["sqlite", "sqlite3"]),
    (Dialect::Postgres, &["postgres", "postgresql", "pg", "pgsql"]),
    (Dialect::Mysql, &["mysql", "mariadb"]),
];

/// Names of other kinds that stand beside them.
const OTHERS: &[&str] = &[
    "clickhouse",
    "cockroach",
    "cockroachdb",
    "crdb",
    "db2",
    "derby",
    "duckdb",
    "h2",
    "hsqldb",
    "mssql",
    "oracle",
    "redshift",
    "snowflake",
    "spanner",
    "sqlserver",
    "tidb",
    "vertica",
    "yugabyte",
    "yugabytedb",
    "ydb",
];

/// The directories that are read for a kind of database: each as it is named, or the folder in it that is for this kind,
/// where it holds nothing but one for each.
///
/// # Errors
/// [`LoadError::Unsupported`] where it can't be told which folder is meant, and where a directory can't be read.
pub fn directories_for(directories: &[PathBuf], dialect: Option<Dialect>) -> Result<Vec<PathBuf>, LoadError> {
    let (listing, _) = list(directories, dialect)?;
    Ok(listing.folders().map(Path::to_owned).collect())
}

/// Lists them as one, with what is to be said of them.
pub(super) fn list(
    directories: &[PathBuf],
    dialect: Option<Dialect>,
) -> Result<(Listing, Vec<String>), LoadError> {
    let (mut listings, mut notes) = (Vec::with_capacity(directories.len()), Vec::new());
    for directory in directories {
        let listing = Listing::read(directory)?;
        let folders = folders(&listing);
        if folders.is_empty() {
            listings.push(listing);
            continue;
        }
        let folder = directory.join(folder_for(directory, &folders, dialect)?);
        notes.push(format!(
            "`{}` has a folder for each kind of database: `{}` is read",
            directory.display(),
            folder.display()
        ));
        listings.push(Listing::read(&folder)?);
    }
    let none = || LoadError::DirectoryMissing { path: PathBuf::new() };
    Ok((Listing::joined(listings).ok_or_else(none)?, notes))
}

/// The names of the folders, if they are all named for databases and hold migrations, not parts of one.
fn folders(listing: &Listing) -> Vec<&str> {
    let mut names = Vec::new();
    for entry in &listing.entries {
        match entry.kind {
            Kind::Directory if is_kind(&entry.name) && !is_migration(&listing.path(entry)) => {
                names.push(entry.name.as_str());
            }
            Kind::File if listing.ignored(entry, "").is_none() && !entry.name.ends_with(".toml") => {}
            _ => return Vec::new(),
        }
    }
    names
}

fn is_kind(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    dialect_of(&name).is_some() || OTHERS.contains(&name.as_str())
}

fn dialect_of(name: &str) -> Option<Dialect> {
    let is_it = |(_, names): &&(Dialect, &[&str])| names.iter().any(|known| known.eq_ignore_ascii_case(name));
    OURS.iter().find(is_it).map(|(dialect, _)| *dialect)
}

/// Whether the folder itself is a migration of Diesel or Prisma.
fn is_migration(folder: &Path) -> bool {
    ["up.sql", "migration.sql"].iter().any(|file| folder.join(file).is_file())
}

fn folder_for<'a>(
    directory: &Path,
    folders: &[&'a str],
    dialect: Option<Dialect>,
) -> Result<&'a str, LoadError> {
    let refuse = |why: String| {
        let listed = message::list(folders.iter().map(|name| format!("`{name}`")), ", ");
        let what = format!("a directory with a folder for each kind of database ({listed}): {why}");
        let path = directory.to_owned();
        Err(LoadError::Unsupported { path, line: None, column: None, what })
    };
    let Some(dialect) = dialect else {
        return refuse("name one of them, or the database".to_owned());
    };
    let fitting: Vec<&str> =
        folders.iter().copied().filter(|name| dialect_of(name) == Some(dialect)).collect();
    match fitting.as_slice() {
        [only] => Ok(only),
        [] => refuse(format!("none is for {dialect}")),
        [_, ..] => refuse(format!("more than one is for {dialect}: name one of them")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(files: &[&str], dialect: Option<Dialect>, expected: &str) {
        let root = tempfile::tempdir().unwrap();
        for file in files {
            let path = root.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        let found = match list(&[root.path().to_owned()], dialect) {
            Ok((listing, notes)) => {
                assert_eq!(notes.is_empty(), listing.root == root.path(), "{files:?}");
                listing.root.strip_prefix(root.path()).unwrap().display().to_string()
            }
            Err(error) => error.to_string().split_once("): ").unwrap().1.to_owned(),
        };
        assert_eq!(found, expected, "{files:?}");
    }

    #[test]
    fn the_folder_of_the_database_is_read() {
        let all = ["sqlite/1_a.sql", "Postgres/1_a.sql", "mysql/1_a.sql", "README.md", "oracle/1_a.sql"];
        check(&all, Some(Dialect::Sqlite), "sqlite");
        check(&all, Some(Dialect::Postgres), "Postgres");
        check(&["mariadb/V1__a.sql"], Some(Dialect::Mysql), "mariadb");
        check(&["mariadb/V1__a.sql"], Some(Dialect::Sqlite), "none is for sqlite");
        check(&all, None, "name one of them, or the database");
        check(
            &["mariadb/1_a.sql", "mysql/1_a.sql"],
            Some(Dialect::Mysql),
            "more than one is for mysql: name one of them",
        );
    }

    #[test]
    fn any_other_directory_is_read_as_it_is() {
        for files in [
            &["sqlite/1_a.sql", "other/1_a.sql"][..],
            &["sqlite/1_a.sql", "1_a.sql"],
            &["sqlite/up.sql"],
            &["sqlite/migration.sql", "migration_lock.toml"],
            &["README.md"],
            &[],
        ] {
            check(files, Some(Dialect::Sqlite), "");
            check(files, None, "");
        }
    }
}
