//! `docs/layouts.md`: what each layout can hold and does, as it is found out by doing it in all of them.
//!
//! Each row is a case that runs; the page is what came of it. `UPDATE_EXPECT=1` writes the page.

mod adopted;
mod files;
mod markers;
mod sample;
mod values;
mod written;

use std::fmt::Write as _;
use std::thread;

use migration_kit::sql::Layout;

/// One thing that a layout may be able to do. The answer is `yes`, `no` or a word that the page explains.
struct Case {
    what: &'static str,
    answer: fn(Layout) -> String,
}

/// Cases that belong together: one table.
struct Group {
    title: &'static str,
    about: &'static str,
    cases: &'static [Case],
}

const GROUPS: &[Group] = &[
    files::GROUP,
    files::ORDER,
    written::PARTS,
    markers::NO_TRANSACTION,
    markers::OTHER_TOOLS,
    values::GROUP,
    written::WRITING,
    adopted::GROUP,
];

const HEAD: &str = "# Layouts

What each layout holds. This page is written by a test (`tests/tests/all/layouts_page/`): it does one thing in every
layout, and a cell is what came of that. [Formats](formats.md) has the names of the files,
[another layout](convert.md) how to get from one to another, [adopting](adopt.md) how to take over a database.

* *yes*: it does what the row says. *no*: it does not; what was written is lost, or read as something else.
* *refused*: an error says so before anything is written or run.
* *left out*: it is not run, and a warning names the file.
* *as `…`*: the files are also those of that layout, and taken for it; `--layout` says better.
* –: the layout's tool has no such thing.
";

const TAIL: &str = "
Real histories, where the corpora are at hand: every one is loaded in the order of its own tool, converted to every
layout, and applied beside the database's own client.

    MIGRATION_HISTORIES=all cargo xtask test histories
";

fn row(page: &mut String, first: &str, cell: impl Fn(Layout) -> String) {
    let cells: Vec<_> = Layout::ALL.iter().map(|to| cell(*to)).collect();
    writeln!(page, "| {first} | {} |", cells.join(" | ")).unwrap();
}

fn table(group: &Group) -> String {
    let mut page = format!("\n## {}\n\n{}\n\n", group.title, group.about);
    row(&mut page, "", |to| format!("`{to}`"));
    row(&mut page, "---", |_| "---".to_owned());
    for case in group.cases {
        row(&mut page, case.what, case.answer);
    }
    page
}

/// Most of the time goes by in waiting for the disk, so the tables wait side by side.
fn page() -> String {
    let tables: String = thread::scope(|scope| {
        let tables: Vec<_> = GROUPS.iter().map(|group| scope.spawn(|| table(group))).collect();
        tables.into_iter().map(|table| table.join().unwrap()).collect()
    });
    format!("{HEAD}{tables}{TAIL}")
}

#[test]
fn the_page_is_what_the_cases_find() {
    expect_test::expect_file!["../../../../docs/layouts.md"].assert_eq(&page());
}
