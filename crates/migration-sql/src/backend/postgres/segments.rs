//! Which statements of a script can share a transaction on PostgreSQL.
//!
//! All but a few can, and so a script is one transaction unless its author says otherwise. The exceptions are those that the
//! server calls `PreventInTransactionBlock` for: each runs by itself. They are known by their words, no marker is needed.

use migration_syntax::{Dialect, SplitOptions, StatementKind, Token, tokens};

use crate::plan::PlannedStatement;
use crate::rules::{Meaning, Role, Rules};

/// PostgreSQL's way to run scripts.
pub(super) struct PostgresRules {
    /// The server's setting of this name.
    pub(super) standard_conforming_strings: bool,
}

/// One for each value of the setting.
pub(super) static RULES: [PostgresRules; 2] = [
    PostgresRules { standard_conforming_strings: false },
    PostgresRules { standard_conforming_strings: true },
];

impl Rules for PostgresRules {
    fn split_options(&self) -> SplitOptions {
        let mut options = SplitOptions::new(Dialect::Postgres);
        options.standard_conforming_strings = self.standard_conforming_strings;
        options
    }

    fn meaning(&self, statement: &PlannedStatement) -> Meaning {
        meaning(statement)
    }
}

fn meaning(statement: &PlannedStatement) -> Meaning {
    let words = words(statement.sent());
    let role = match statement.kind {
        StatementKind::Begin => Role::Begin,
        StatementKind::Commit => Role::Commit,
        StatementKind::Rollback => Role::Rollback,
        StatementKind::Savepoint => Role::Savepoint,
        StatementKind::Release => Role::Release,
        _ if runs_alone(&words) => Role::Alone,
        // A procedure may commit, where it isn't in a transaction.
        StatementKind::Call | StatementKind::Do => Role::Opaque,
        _ => Role::Plain,
    };
    // What `SET` and `LISTEN` do outlives a transaction; `SET LOCAL` and `SET TRANSACTION` don't.
    let sets = statement.kind == StatementKind::Set
        && !matches!(words.get(1).map(String::as_str), Some("local" | "transaction" | "constraints"));
    let temporary =
        statement.kind.is_ddl() && matches!(words.get(1).map(String::as_str), Some("temp" | "temporary"));
    // What tools write in the place of `SET`, also with other columns beside it, which are not to be read twice.
    let configures = statement.kind == StatementKind::Select && words.iter().any(|word| word == "set_config");
    let only_configures = configures
        && words.iter().skip(1).find(|word| *word != "pg_catalog").is_some_and(|word| word == "set_config");
    Meaning { session: sets || only_configures, leaves_traces: temporary || configures, ..role.into() }
}

/// Whether the server refuses the statement inside a transaction.
fn runs_alone(words: &[String]) -> bool {
    let word = |place: usize| words.get(place).map_or("", String::as_str);
    let concurrently = || words.iter().take(5).any(|word| word == "concurrently");
    match (word(0), word(1)) {
        ("vacuum", _) | ("alter", "system") => true,
        ("create" | "drop" | "alter", "database" | "tablespace") => {
            word(0) != "alter" || words.iter().any(|w| w == "tablespace")
        }
        ("create" | "drop" | "alter", "subscription") => true,
        ("create", "index" | "unique") | ("drop", "index") => concurrently(),
        ("reindex", _) => {
            // `REINDEX (VERBOSE, …) DATABASE d`
            let whole = |word: &String| matches!(word.as_str(), "database" | "system" | "schema");
            concurrently() || words.iter().take(5).any(whole)
        }
        ("cluster", second) => second.is_empty(),
        // `ALTER TABLE … DETACH PARTITION … CONCURRENTLY`
        ("alter", "table") => {
            words.last().is_some_and(|word| word == "concurrently")
                && words.iter().any(|word| word == "detach")
        }
        _ => false,
    }
}

/// The bare words of a statement in lower case; names in quotes and everything else are left out.
fn words(sql: &str) -> Vec<String> {
    let bare = |token: &Token<'_>| token.kind == migration_syntax::TokenKind::Word;
    let words = tokens(sql, Dialect::Postgres).map_while(Result::ok).filter(bare);
    words.map(|token| token.text.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_that_run_alone() {
        for sql in [
            "CREATE INDEX CONCURRENTLY i ON t (a)",
            "create unique index concurrently if not exists i on t (a)",
            "DROP INDEX CONCURRENTLY IF EXISTS i",
            "REINDEX TABLE CONCURRENTLY t",
            "REINDEX (VERBOSE) DATABASE d",
            "VACUUM (ANALYZE) t",
            "CREATE DATABASE d",
            "ALTER SYSTEM SET work_mem = '1MB'",
            "ALTER TABLE t DETACH PARTITION p CONCURRENTLY",
            "ALTER DATABASE d SET TABLESPACE s",
            "CLUSTER",
        ] {
            assert!(runs_alone(&words(sql)), "{sql}");
        }
    }

    #[test]
    fn settings_by_function() {
        let of = |sql: &str| {
            let statement = &migration_syntax::split(sql, Dialect::Postgres).unwrap()[0];
            let planned = PlannedStatement {
                number: 1,
                kind: statement.kind,
                sql: sql.to_owned(),
                line: 1,
                start: 0,
                hidden: None,
                offset: 0,
                action: crate::plan::StatementAction::Execute,
                session: false,
                copy_data: None,
            };
            let meaning = meaning(&planned);
            (meaning.session, meaning.leaves_traces)
        };
        assert_eq!(of("SELECT pg_catalog.set_config('search_path', '', false)"), (true, true));
        assert_eq!(of("SELECT nextval('s'), set_config('a.b', '1', false)"), (false, true));
        assert_eq!(of("SELECT 'set_config'"), (false, false));
        assert_eq!(of("SET search_path = app"), (true, false));
    }

    #[test]
    fn statements_that_do_not() {
        for sql in [
            "CREATE INDEX \"concurrently\" ON t (a)",
            "CREATE INDEX i ON t (a)",
            "REFRESH MATERIALIZED VIEW CONCURRENTLY v",
            "ALTER DATABASE d SET search_path = a",
            "CLUSTER t USING i",
            "CREATE TABLE database (vacuum int)",
            "COMMENT ON TABLE t IS 'vacuum'",
        ] {
            assert!(!runs_alone(&words(sql)), "{sql}");
        }
    }
}
