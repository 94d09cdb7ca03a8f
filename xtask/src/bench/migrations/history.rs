//! The migrations: a table each, in the layouts that the programs read.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// One and the same history in several layouts.
#[derive(Debug)]
pub(super) struct History {
    folder: PathBuf,
}

impl History {
    /// Writes it into a folder, which is emptied before.
    pub(super) fn write(folder: &Path, size: usize) -> io::Result<Self> {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
        let history = Self { folder: folder.to_owned() };
        for layout in [history.sqlx(), history.diesel(), history.refinery()] {
            fs::create_dir_all(layout)?;
        }
        let (mut statements, mut transactions) = (String::new(), String::new());
        for n in 1..=size {
            let up = format!("CREATE TABLE t{n} (id INTEGER PRIMARY KEY, note TEXT);");
            let down = format!("DROP TABLE t{n};\n");
            fs::write(history.sqlx().join(format!("{n:05}_t{n}.sql")), format!("{up}\n"))?;
            fs::write(history.refinery().join(format!("V{n}__t{n}.sql")), format!("{up}\n"))?;
            let folder = history.diesel().join(format!("{n:05}_t{n}"));
            fs::create_dir(&folder)?;
            fs::write(folder.join("up.sql"), format!("{up}\n"))?;
            fs::write(folder.join("down.sql"), down)?;
            _ = writeln!(statements, "{up}");
            _ = writeln!(transactions, "BEGIN; {up} COMMIT;");
        }
        fs::write(history.transaction(), format!("BEGIN;\n{statements}COMMIT;\n"))?;
        fs::write(history.transactions(), transactions)?;
        Ok(history)
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// `N_name.sql`.
    pub(super) fn sqlx(&self) -> PathBuf {
        self.folder.join("sqlx")
    }

    /// `N_name/up.sql` and `down.sql`.
    pub(super) fn diesel(&self) -> PathBuf {
        self.folder.join("diesel")
    }

    /// `VN__name.sql`.
    pub(super) fn refinery(&self) -> PathBuf {
        self.folder.join("refinery")
    }

    /// A script that does the same in one transaction, a statement on each line.
    pub(super) fn transaction(&self) -> PathBuf {
        self.folder.join("transaction.sql")
    }

    /// A script that does the same in a transaction for each migration, one on each line.
    pub(super) fn transactions(&self) -> PathBuf {
        self.folder.join("transactions.sql")
    }
}

#[cfg(test)]
mod tests {
    use super::History;

    #[test]
    fn every_layout_holds_every_migration() {
        let folder = std::env::temp_dir().join(format!("xtask-history-{}", std::process::id()));
        let history = History::write(&folder, 3).unwrap();
        for layout in [history.sqlx(), history.diesel(), history.refinery()] {
            assert_eq!(std::fs::read_dir(&layout).unwrap().count(), 3, "{}", layout.display());
        }
        let each = std::fs::read_to_string(history.transactions()).unwrap();
        assert_eq!(
            each.lines().filter(|line| line.starts_with("BEGIN; ") && line.ends_with(" COMMIT;")).count(),
            3
        );
        assert_eq!(std::fs::read_to_string(history.transaction()).unwrap().lines().count(), 5);
        std::fs::remove_dir_all(folder).unwrap();
    }
}
