use expect_test::{Expect, expect};
use migration_syntax::split;

use super::*;
use crate::Script;
use crate::plan::StatementAction;
use crate::rules::{Outline, cut};

/// One line a segment: its statements with their actions, then what it needs.
fn outline(sql: &str, run_in_transaction: bool) -> Result<String, String> {
    let script = Script::from_text(sql);
    let mut statements: Vec<PlannedStatement> = split(sql, Dialect::Sqlite)
        .unwrap()
        .iter()
        .enumerate()
        .map(|(place, statement)| PlannedStatement {
            number: place + 1,
            kind: statement.kind,
            sql: statement.text.to_owned(),
            line: statement.line,
            start: statement.start,
            hidden: None,
            offset: 0,
            action: StatementAction::Execute,
            session: false,
            copy_data: None,
        })
        .collect();
    let mut warnings = Vec::new();
    let outline = Outline { migration: "m", script: &script, run_in_transaction };
    let execution =
        cut(&outline, &mut statements, &mut warnings, &SqliteRules).map_err(|error| error.to_string())?;
    let mut text = String::new();
    for segment in &execution.segments {
        let kind = if segment.transaction { "transaction" } else { "alone" };
        let keys = if segment.foreign_keys { "" } else { ", foreign keys off" };
        text.push_str(&format!("{kind}{keys}:"));
        for statement in &statements[segment.first - 1..segment.last] {
            let action = match statement.action {
                StatementAction::Execute => "",
                StatementAction::OpenBlock => "open ",
                StatementAction::CloseBlock => "close ",
                StatementAction::UndoBlock => "undo ",
                StatementAction::Call | StatementAction::Skipped => "not here",
                StatementAction::Hoisted => "hoisted ",
            };
            let session = if statement.session { "session " } else { "" };
            text.push_str(&format!(" [{action}{session}{}]", statement.sql));
        }
        text.push('\n');
    }
    if execution.changes_session {
        text.push_str("changes the session\n");
    }
    for warning in warnings {
        text.push_str(&format!("warning: {warning}\n"));
    }
    Ok(text)
}

fn check(sql: &str, expected: Expect) {
    expected.assert_eq(&outline(sql, true).unwrap_or_else(|error| error));
}

fn check_without_transaction(sql: &str, expected: Expect) {
    expected.assert_eq(&outline(sql, false).unwrap_or_else(|error| error));
}

#[test]
fn a_script_is_one_transaction() {
    check(
        "CREATE TABLE a (x); INSERT INTO a VALUES (1);",
        expect![[r#"
        transaction: [CREATE TABLE a (x)] [INSERT INTO a VALUES (1)]
    "#]],
    );
    check("-- nothing", expect![[""]]);
}

#[test]
fn a_table_rebuild_runs_without_foreign_keys_in_one_transaction() {
    check(
        "PRAGMA foreign_keys = OFF; BEGIN; CREATE TABLE b (x); DROP TABLE a; COMMIT; PRAGMA foreign_keys=on;",
        expect![[r#"
            transaction, foreign keys off: [hoisted PRAGMA foreign_keys = OFF] [open BEGIN] [CREATE TABLE b (x)] [DROP TABLE a] [close COMMIT] [hoisted PRAGMA foreign_keys=on]
        "#]],
    );
    check(
        "PRAGMA main.foreign_keys(0); DROP TABLE a; PRAGMA foreign_keys(1)",
        expect![[r#"
            transaction, foreign keys off: [hoisted PRAGMA main.foreign_keys(0)] [DROP TABLE a] [hoisted PRAGMA foreign_keys(1)]
        "#]],
    );
    // What was meant, though SQLite itself would ignore it there.
    check(
        "BEGIN; PRAGMA foreign_keys = 'off'; DROP TABLE a; COMMIT;",
        expect![[r#"
        transaction, foreign keys off: [open BEGIN] [hoisted PRAGMA foreign_keys = 'off'] [DROP TABLE a] [close COMMIT]
    "#]],
    );
}

#[test]
fn statements_around_a_rebuild_keep_their_foreign_keys() {
    check(
        "DELETE FROM a; PRAGMA foreign_keys = OFF; DROP TABLE a; PRAGMA foreign_keys = ON; DELETE FROM b;",
        expect![[r#"
            transaction: [DELETE FROM a]
            transaction, foreign keys off: [hoisted PRAGMA foreign_keys = OFF] [DROP TABLE a]
            transaction: [hoisted PRAGMA foreign_keys = ON] [DELETE FROM b]
        "#]],
    );
    check(
        "BEGIN; DELETE FROM a; PRAGMA foreign_keys = OFF; DROP TABLE a; COMMIT;",
        expect![[r#"
        transaction: [open BEGIN] [DELETE FROM a] [PRAGMA foreign_keys = OFF] [DROP TABLE a] [close COMMIT]
        warning: migration `m`, line 1: PRAGMA foreign_keys has no effect inside a transaction
    "#]],
    );
}

#[test]
fn what_cannot_run_in_a_transaction_runs_alone() {
    check(
        "CREATE TABLE a (x); VACUUM; PRAGMA journal_mode = WAL; ATTACH 'b.db' AS b; INSERT INTO b.t VALUES (1);",
        expect![[r#"
            transaction: [CREATE TABLE a (x)]
            alone: [VACUUM]
            alone: [PRAGMA journal_mode = WAL]
            alone: [session ATTACH 'b.db' AS b]
            transaction: [INSERT INTO b.t VALUES (1)]
            changes the session
        "#]],
    );
}

#[test]
fn switches_of_the_session_are_known() {
    check(
        "PRAGMA legacy_alter_table = ON; ALTER TABLE a RENAME TO b;",
        expect![[r#"
        transaction: [session PRAGMA legacy_alter_table = ON] [ALTER TABLE a RENAME TO b]
        changes the session
    "#]],
    );
    check(
        "PRAGMA user_version = 3; PRAGMA foreign_key_check; PRAGMA integrity_check;",
        expect![[r#"
        transaction: [PRAGMA user_version = 3] [PRAGMA foreign_key_check] [PRAGMA integrity_check]
    "#]],
    );
    check(
        "CREATE TEMP TABLE t (x);",
        expect![[r#"
        transaction: [CREATE TEMP TABLE t (x)]
        changes the session
    "#]],
    );
}

#[test]
fn transactions_must_add_up() {
    check(
        "BEGIN; SELECT 1;",
        expect!["migration `m`, line 1: the transaction that begins here is never ended"],
    );
    check(
        "SELECT 1;\nCOMMIT;",
        expect!["migration `m`, line 2: the transaction that ends here was never begun"],
    );
    check(
        "BEGIN;\nBEGIN;",
        expect!["migration `m`, line 2: BEGIN stands inside a transaction that is still open"],
    );
    check(
        "BEGIN; DELETE FROM a; ROLLBACK; BEGIN IMMEDIATE; DELETE FROM b; END;",
        expect![[r#"
        transaction: [open BEGIN] [DELETE FROM a] [undo ROLLBACK] [open BEGIN IMMEDIATE] [DELETE FROM b] [close END]
    "#]],
    );
}

#[test]
fn on_request_each_statement_is_its_own_transaction() {
    check_without_transaction(
        "CREATE TABLE a (x); BEGIN; DROP TABLE b; DROP TABLE c; COMMIT; SAVEPOINT s; DELETE FROM a; RELEASE s; VACUUM;",
        expect![[r#"
            transaction: [CREATE TABLE a (x)]
            transaction: [open BEGIN] [DROP TABLE b] [DROP TABLE c] [close COMMIT]
            transaction: [SAVEPOINT s] [DELETE FROM a] [RELEASE s]
            alone: [VACUUM]
        "#]],
    );
}
