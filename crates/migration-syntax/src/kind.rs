//! What a statement does, told by its leading keywords; the table of kinds and the questions asked about them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Writes the enum, its list and its names from one table, so that they cannot disagree.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $name:literal,)*) => {
        /// What a statement does, by its leading keywords.
        ///
        /// Its text form, in serde too, is the name in snake case: `create_table`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(rename_all = "snake_case")]
        #[non_exhaustive]
        pub enum StatementKind {
            $($(#[$doc])* $kind,)*
        }

        impl StatementKind {
            /// Every kind there is.
            pub const ALL: &'static [StatementKind] = &[$(StatementKind::$kind),*];

            /// The name in snake case.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(StatementKind::$kind => $name,)*
                }
            }
        }
    };
}

kinds! {
    /// `SELECT`, `TABLE`, also behind `WITH` or in parentheses.
    Select = "select",
    /// `VALUES`.
    Values = "values",
    /// `INSERT`, also behind `WITH`.
    Insert = "insert",
    /// `UPDATE`, also behind `WITH`.
    Update = "update",
    /// `DELETE`, also behind `WITH`.
    Delete = "delete",
    /// `REPLACE`, also behind `WITH`.
    Replace = "replace",
    /// `MERGE`, also behind `WITH`.
    Merge = "merge",
    /// `COPY`.
    Copy = "copy",
    /// `LOAD DATA`, `LOAD XML`, and PostgreSQL's `LOAD` of a library.
    Load = "load",
    /// `CREATE TABLE`, temporary, foreign and virtual ones too.
    CreateTable = "create_table",
    /// `CREATE INDEX`.
    CreateIndex = "create_index",
    /// `CREATE VIEW`, materialized ones too.
    CreateView = "create_view",
    /// `CREATE TRIGGER`.
    CreateTrigger = "create_trigger",
    /// `CREATE FUNCTION`, aggregates too.
    CreateFunction = "create_function",
    /// `CREATE PROCEDURE`.
    CreateProcedure = "create_procedure",
    /// `CREATE SCHEMA`.
    CreateSchema = "create_schema",
    /// `CREATE DATABASE`.
    CreateDatabase = "create_database",
    /// `CREATE TYPE`, `CREATE DOMAIN`.
    CreateType = "create_type",
    /// `CREATE SEQUENCE`.
    CreateSequence = "create_sequence",
    /// `CREATE EXTENSION`.
    CreateExtension = "create_extension",
    /// Any other `CREATE`.
    Create = "create",
    /// `ALTER TABLE`.
    AlterTable = "alter_table",
    /// Any other `ALTER`.
    Alter = "alter",
    /// `DROP TABLE`.
    DropTable = "drop_table",
    /// `DROP INDEX`.
    DropIndex = "drop_index",
    /// `DROP VIEW`.
    DropView = "drop_view",
    /// `DROP TRIGGER`.
    DropTrigger = "drop_trigger",
    /// `DROP DATABASE`.
    DropDatabase = "drop_database",
    /// Any other `DROP`.
    Drop = "drop",
    /// `TRUNCATE`.
    Truncate = "truncate",
    /// `RENAME TABLE` and the like.
    Rename = "rename",
    /// `COMMENT ON`.
    Comment = "comment",
    /// `GRANT`.
    Grant = "grant",
    /// `REVOKE`.
    Revoke = "revoke",
    /// `BEGIN`, `START TRANSACTION`.
    Begin = "begin",
    /// `COMMIT`, `END`.
    Commit = "commit",
    /// `ROLLBACK`, `ABORT`.
    Rollback = "rollback",
    /// `SAVEPOINT`.
    Savepoint = "savepoint",
    /// `RELEASE`.
    Release = "release",
    /// `ROLLBACK … TO`.
    RollbackTo = "rollback_to",
    /// `PREPARE TRANSACTION`: the first half of a two-phase commit, which ends the transaction.
    PrepareTransaction = "prepare_transaction",
    /// MySQL: `XA …`.
    Xa = "xa",
    /// `PRAGMA`.
    Pragma = "pragma",
    /// `VACUUM`.
    Vacuum = "vacuum",
    /// `ANALYZE`.
    Analyze = "analyze",
    /// `REINDEX`.
    Reindex = "reindex",
    /// `REFRESH MATERIALIZED VIEW`.
    Refresh = "refresh",
    /// `CLUSTER`.
    Cluster = "cluster",
    /// MySQL: `OPTIMIZE TABLE`.
    Optimize = "optimize",
    /// `ATTACH`.
    Attach = "attach",
    /// `DETACH`.
    Detach = "detach",
    /// `EXPLAIN`, `DESCRIBE`, `DESC`.
    Explain = "explain",
    /// `SHOW`.
    Show = "show",
    /// `SET`, `RESET`.
    Set = "set",
    /// `USE`.
    Use = "use",
    /// `CALL`.
    Call = "call",
    /// `DO`, and MariaDB's blocks outside a routine (`BEGIN NOT ATOMIC`, `IF`, `WHILE`, …).
    Do = "do",
    /// `LOCK`.
    Lock = "lock",
    /// `UNLOCK`.
    Unlock = "unlock",
    /// `PREPARE`, `EXECUTE`, `DEALLOCATE`.
    Prepare = "prepare",
    /// Anything else.
    Other = "other",
}

impl StatementKind {
    /// Whether it inserts, updates, deletes, replaces or merges rows.
    ///
    /// By the main verb: a `SELECT` over a data-modifying `WITH` of PostgreSQL is a `select`. [`Copy`](Self::Copy),
    /// [`Load`](Self::Load), [`Call`](Self::Call) and [`Do`](Self::Do) may write as well; their text must be read
    /// to know.
    #[must_use]
    pub fn writes_rows(self) -> bool {
        use StatementKind as K;
        matches!(self, K::Insert | K::Update | K::Delete | K::Replace | K::Merge)
    }

    /// Whether it defines the schema: `CREATE`, `ALTER`, `DROP`, `TRUNCATE`, `RENAME`, `COMMENT`, `GRANT`, `REVOKE`.
    ///
    /// On MySQL these (and [`Lock`](Self::Lock), [`Optimize`](Self::Optimize), …) commit the transaction.
    #[must_use]
    pub fn is_ddl(self) -> bool {
        (StatementKind::CreateTable..=StatementKind::Revoke).contains(&self)
    }

    /// Whether it begins, ends or divides a transaction.
    #[must_use]
    pub fn is_transaction_control(self) -> bool {
        (StatementKind::Begin..=StatementKind::Xa).contains(&self)
    }
}

impl fmt::Display for StatementKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(question: fn(StatementKind) -> bool, expected: &Expect) {
        let names: Vec<_> =
            StatementKind::ALL.iter().filter(|kind| question(**kind)).map(|kind| kind.as_str()).collect();
        expected.assert_eq(&names.join(" "));
    }

    #[test]
    fn questions() {
        check(StatementKind::writes_rows, &expect!["insert update delete replace merge"]);
        check(
            StatementKind::is_ddl,
            &expect![
                "create_table create_index create_view create_trigger create_function create_procedure create_schema create_database create_type create_sequence create_extension create alter_table alter drop_table drop_index drop_view drop_trigger drop_database drop truncate rename comment grant revoke"
            ],
        );
        check(
            StatementKind::is_transaction_control,
            &expect!["begin commit rollback savepoint release rollback_to prepare_transaction xa"],
        );
    }

    #[test]
    fn serde_uses_the_same_names() {
        for kind in StatementKind::ALL {
            assert_eq!(serde_json::to_string(kind).unwrap(), format!("\"{kind}\""));
        }
    }
}
