//! Comments and files by which a tool is told something: in its own layout, and in all others.

use std::fs;

use migration_kit::sql::{Layout, MigrationSet};

use super::sample::Sample;
use super::{Case, Group};

const TABLE: &str = "CREATE TABLE a (x int);";

pub(super) const NO_TRANSACTION: Group = Group {
    title: "Without a transaction",
    about: "Each tool has a sign of its own by which a migration runs outside of a transaction. To the others it is a comment,\n\
            or a file that is none of theirs.",
    cases: &[
        Case { what: "`run_in_transaction = false` in `metadata.toml`", answer: in_metadata },
        Case { what: "`-- no-transaction`", answer: |to| alone(to, "-- no-transaction") },
        Case { what: "`executeInTransaction=false` in `….sql.conf`", answer: in_conf },
        Case { what: "`-- +goose NO TRANSACTION`", answer: |to| alone(to, "-- +goose NO TRANSACTION") },
        Case {
            what: "`-- migrate:up transaction:false`",
            answer: |to| alone(to, "-- migrate:up transaction:false"),
        },
    ],
};

pub(super) const OTHER_TOOLS: Group = Group {
    title: "Signs of tools with both parts in one file",
    about: "A file that holds the up and the down part, beside one of the layout; nobody says which layout it is. *down part*: it\n\
            is read as its tool reads it. *whole*: the sign is a comment, and all of the text is the up part.",
    cases: &[
        Case {
            what: "`-- +goose Up`, `-- +goose Down`",
            answer: |to| parts(to, ["-- +goose Up", "-- +goose Down"]),
        },
        Case {
            what: "`-- migrate:up`, `-- migrate:down`",
            answer: |to| parts(to, ["-- migrate:up", "-- migrate:down"]),
        },
        Case {
            what: "`-- +migrate Up`, `-- +migrate Down`",
            answer: |to| parts(to, ["-- +migrate Up", "-- +migrate Down"]),
        },
        Case { what: "`-- +goose StatementBegin`, `StatementEnd`", answer: statement },
    ],
};

fn told(sample: &Sample) -> String {
    match sample.load() {
        Ok(set) if !set.migrations()[0].run_in_transaction => "yes",
        Ok(_) => "no",
        Err(_) => "refused",
    }
    .to_owned()
}

fn alone(to: Layout, marker: &str) -> String {
    let sample = Sample::new(to);
    _ = sample.migration("", "1", "a", &format!("{marker}\n{TABLE}\n"));
    told(&sample)
}

fn in_metadata(to: Layout) -> String {
    let sample = Sample::new(to);
    let script = sample.migration("", "1", "a", TABLE);
    fs::write(script.with_file_name("metadata.toml"), "run_in_transaction = false\n").unwrap();
    told(&sample)
}

fn in_conf(to: Layout) -> String {
    let sample = Sample::new(to);
    let script = sample.migration("", "1", "a", TABLE);
    fs::write(script.with_added_extension("conf"), "executeInTransaction=false\n").unwrap();
    told(&sample)
}

fn parts(to: Layout, [up, down]: [&str; 2]) -> String {
    let sample = Sample::new(to);
    _ = sample.migration("", "1", "a", TABLE);
    _ = sample.script("", "2", "b", &format!("{up}\nCREATE TABLE b (x int);\n{down}\nDROP TABLE b;\n"));
    match MigrationSet::load(sample.directory(), None) {
        Err(_) => "refused",
        Ok(set) => match set.migrations() {
            [_, second] if second.down.is_some() => "down part",
            [_, second] if second.up.text.contains("DROP TABLE b") => "whole",
            _ => "no",
        },
    }
    .to_owned()
}

/// A block without a semicolon is a statement only to who knows where it ends.
fn statement(to: Layout) -> String {
    let sample = Sample::new(to);
    let block =
        "-- +goose StatementBegin\nCREATE TABLE b (x int)\n-- +goose StatementEnd\nCREATE TABLE c (x int);\n";
    _ = sample.migration("", "1", "a", block);
    let Ok(set) = sample.load() else { return "refused".to_owned() };
    match sample.up(set) {
        Ok(report) if report.results[0].statements_executed == 2 => "two statements".to_owned(),
        Ok(_) => "no".to_owned(),
        Err(error) => {
            assert_eq!(error.code(), "apply.statement_failed", "{error}");
            "no".to_owned()
        }
    }
}
