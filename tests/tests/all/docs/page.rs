//! Reading a page: prose, headings, sections, tables.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

pub(super) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every page, by its path in the repository.
pub(super) fn pages() -> Vec<String> {
    let names = fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().file_name());
    let pages = names.filter_map(|name| name.into_string().ok()).filter(|name| name.ends_with(".md"));
    let mut pages: Vec<String> = pages.map(|name| format!("docs/{name}")).collect();
    pages.push("README.md".to_owned());
    pages.sort();
    pages
}

pub(super) fn read(page: &str) -> String {
    fs::read_to_string(root().join(page)).unwrap_or_else(|error| panic!("{page}: {error}"))
}

/// The lines outside of blocks of code.
pub(super) fn prose(page: &str) -> impl Iterator<Item = &str> {
    let mut in_code = false;
    page.lines().filter(move |line| {
        let fence = line.starts_with("```");
        in_code ^= fence;
        !in_code && !fence
    })
}

pub(super) fn headings(page: &str) -> impl Iterator<Item = &str> {
    prose(page).filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim())
}

/// The anchor that a heading gets.
pub(super) fn slug(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

/// What stands below a heading, up to the next one.
pub(super) fn section(page: &str, heading: &str) -> String {
    let is_heading = |line: &&str| line.starts_with('#');
    let lines =
        prose(page).skip_while(|line| !is_heading(line) || line.trim_start_matches('#').trim() != heading);
    lines.skip(1).take_while(|line| !is_heading(line)).collect::<Vec<_>>().join("\n")
}

/// The cells of the tables' rows, without the marks of code.
pub(super) fn table_rows(text: &str) -> impl Iterator<Item = Vec<String>> {
    let rows = prose(text).filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    rows.map(|row| row.split(" | ").map(|cell| cell.trim().replace('`', "")).collect())
}

/// The first cells of the rows that begin with code.
pub(super) fn rows(text: &str) -> BTreeSet<String> {
    let code = text.lines().filter(|line| line.starts_with("| `")).collect::<Vec<_>>().join("\n");
    table_rows(&code).map(|cells| cells[0].clone()).collect()
}

pub(super) fn differences(place: &str, page: &BTreeSet<String>, truth: &BTreeSet<String>) -> Vec<String> {
    let missing = truth.difference(page).map(|name| format!("{place}: `{name}` is missing on the page"));
    let odd = page.difference(truth).map(|name| format!("{place}: there is no `{name}`"));
    missing.chain(odd).collect()
}
