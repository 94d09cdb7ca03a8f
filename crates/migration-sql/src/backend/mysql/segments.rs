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
pub(super) struct MysqlRules;

impl Rules for MysqlRules {
    fn split_options(&self) -> SplitOptions {
        Dialect::Mysql.into()
    }

    fn meaning(&self, statement: &PlannedStatement) -> Meaning {
        meaning(statement.kind, &first_words(&statement.sql))
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
