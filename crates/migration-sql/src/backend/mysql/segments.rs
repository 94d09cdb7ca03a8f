//! Which statements of a script can share a transaction on MySQL and MariaDB.
//!
//! Rows can, definitions can't: the server commits before and after each statement that changes the schema
//! (<https://dev.mysql.com/doc/refman/en/implicit-commit.html>,
//! <https://mariadb.com/kb/en/sql-statements-that-cause-an-implicit-commit/>). What a procedure or a prepared statement
//! does is not known beforehand; it counts as one of those.

use migration_syntax::{Dialect, SplitOptions, StatementKind as Kind, TokenKind, tokens};

use crate::plan::PlannedStatement;
use crate::rules::{Meaning, Role, Rules};

/// MySQL's way to run scripts.
pub(super) struct MysqlRules {
    /// Whether `sql_mode` holds `ANSI_QUOTES`.
    ansi_quotes: bool,
    /// Whether it holds `NO_BACKSLASH_ESCAPES`.
    no_backslash_escapes: bool,
}

/// One for each combination.
static RULES: [MysqlRules; 4] = [
    MysqlRules { ansi_quotes: false, no_backslash_escapes: false },
    MysqlRules { ansi_quotes: false, no_backslash_escapes: true },
    MysqlRules { ansi_quotes: true, no_backslash_escapes: false },
    MysqlRules { ansi_quotes: true, no_backslash_escapes: true },
];

impl MysqlRules {
    /// The rules under a `sql_mode` (<https://dev.mysql.com/doc/refman/en/sql-mode.html>), which the server tells with the
    /// parts of combined modes.
    pub(super) fn under(sql_mode: &str) -> &'static Self {
        let has = |mode: &str| sql_mode.split(',').any(|part| part.trim().eq_ignore_ascii_case(mode));
        let ansi_quotes = usize::from(has("ANSI_QUOTES"));
        &RULES[2 * ansi_quotes + usize::from(has("NO_BACKSLASH_ESCAPES"))]
    }
}

impl Rules for MysqlRules {
    fn split_options(&self) -> SplitOptions {
        let mut options = SplitOptions::new(Dialect::Mysql);
        options.ansi_quotes = self.ansi_quotes;
        options.backslash_escapes = !self.no_backslash_escapes;
        options
    }

    fn meaning(&self, statement: &PlannedStatement) -> Meaning {
        meaning(statement.kind, &first_words(statement.sent()))
    }

    fn commits_implicitly(&self) -> bool {
        true
    }
}

/// Statements of no kind of ours that commit.
const COMMITTING: &[&str] =
    &["cache", "change", "check", "flush", "install", "purge", "repair", "reset", "stop", "uninstall"];

fn meaning(kind: Kind, words: &[String]) -> Meaning {
    let word = |place: usize| words.get(place).map_or("", String::as_str);
    let temporary = matches!(word(0), "create" | "drop") && words.iter().take(4).any(|w| w == "temporary");
    match kind {
        Kind::Begin => Role::Begin.into(),
        Kind::Commit => Role::Commit.into(),
        Kind::Rollback => Role::Rollback.into(),
        Kind::Savepoint => Role::Savepoint.into(),
        Kind::Release => Role::Release.into(),
        Kind::Lock | Kind::Unlock => Role::Skip(
            "LOCK TABLES and UNLOCK TABLES are left out: each note of the journal would release the locks",
        )
        .into(),
        // A temporary table goes with the session, and commits nothing.
        _ if temporary => Meaning { leaves_traces: true, ..Role::Plain.into() },
        Kind::Set if matches!(word(1), "password" | "statement" | "role" | "default") => Role::Alone.into(),
        Kind::Set if matches!(word(1), "global" | "persist" | "persist_only") => Role::Plain.into(),
        Kind::Set | Kind::Use => Meaning { session: true, ..Role::Plain.into() },
        Kind::Prepare if word(0) != "execute" => Meaning { session: true, ..Role::Plain.into() },
        Kind::Prepare | Kind::Call | Kind::Do | Kind::Analyze | Kind::Optimize => Role::Alone.into(),
        Kind::Load if word(1) == "index" => Role::Alone.into(),
        Kind::Other if COMMITTING.contains(&word(0)) => Role::Alone.into(),
        kind if kind.is_ddl() => Role::Alone.into(),
        _ => Role::Plain.into(),
    }
}

/// The first few bare words of a statement in lower case.
fn first_words(sql: &str) -> Vec<String> {
    let bare =
        tokens(sql, Dialect::Mysql).map_while(Result::ok).filter(|token| token.kind == TokenKind::Word);
    bare.take(5).map(|token| token.text.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use migration_syntax::split;

    use super::*;

    fn of(sql: &str) -> Meaning {
        let statements = split(sql, Dialect::Mysql).unwrap();
        meaning(statements[0].kind, &first_words(sql))
    }

    #[test]
    fn modes_change_how_a_script_is_split() {
        let options = |sql_mode| MysqlRules::under(sql_mode).split_options();
        assert_eq!(options("STRICT_TRANS_TABLES"), Dialect::Mysql.into());
        assert!(options("REAL_AS_FLOAT,PIPES_AS_CONCAT,ANSI_QUOTES,ANSI").ansi_quotes);
        assert!(!options("no_backslash_escapes").backslash_escapes);
    }

    #[test]
    fn definitions_run_alone() {
        for sql in [
            "CREATE TABLE t (a int)",
            "/*!50001 CREATE VIEW v AS SELECT 1 */",
            "RENAME TABLE a TO b",
            "TRUNCATE t",
            "GRANT SELECT ON t TO u",
            "CALL p()",
            "EXECUTE s",
            "ANALYZE TABLE t",
            "FLUSH TABLES",
            "SET PASSWORD = 'x'",
            "LOAD INDEX INTO CACHE t",
        ] {
            assert_eq!(of(sql).role, Role::Alone, "{sql}");
        }
    }

    #[test]
    fn rows_do_not() {
        for sql in [
            "INSERT INTO t VALUES ('CREATE TABLE')",
            "UPDATE t SET a = 1",
            "LOAD DATA INFILE 'x' INTO TABLE t",
            "CREATE TEMPORARY TABLE t (a int)",
            "SET @a = 1",
            "PREPARE s FROM 'SELECT 1'",
            "SELECT 1",
        ] {
            assert_eq!(of(sql).role, Role::Plain, "{sql}");
        }
        assert!(of("SET FOREIGN_KEY_CHECKS = 0").session);
        assert!(of("USE other").session);
        assert!(!of("SET GLOBAL max_connections = 7").session);
        assert!(of("DROP TEMPORARY TABLE t").leaves_traces);
    }
}
