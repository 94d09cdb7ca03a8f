//! What no text in the repository may contain.

use super::{assert_none, files, read, shown};

/// Folders where people live. In two parts each, so that this file doesn't break its own rule.
const HOMES: &[&str] =
    &[concat!("/ho", "me/"), concat!("/ro", "ot/"), concat!("/Us", "ers/"), concat!(r"\Us", r"ers\")];

#[test]
fn no_path_of_somebodys_machine() {
    let mut complaints = Vec::new();
    for path in files(&["rs", "md", "toml"]) {
        for (number, line) in read(&path).lines().enumerate() {
            if let Some(home) = names_home(line) {
                complaints.push(format!("{}:{}: names a path below `{home}`", shown(&path), number + 1));
            }
        }
    }
    assert_none(&complaints);
}

fn names_home(line: &str) -> Option<&'static str> {
    // Within a longer word it is the path of a web page or of something in the repository.
    let stands_alone = |at: usize| !line[..at].ends_with(|c: char| c.is_alphanumeric() || "_-.}".contains(c));
    let windows = |home: &str| home.starts_with('\\');
    HOMES
        .iter()
        .copied()
        .find(|home| line.match_indices(home).any(|(at, _)| windows(home) || stands_alone(at)))
}

#[test]
fn homes_are_recognized() {
    assert!(names_home(&format!("see `{}ada/x`", HOMES[0])).is_some());
    assert!(names_home(&format!(r"C:{}ada\x", HOMES[3])).is_some());
    assert!(names_home(&format!("https://example.com{}page", HOMES[0])).is_none());
}

/// `cargo xtask test --mysql` runs all that is ignored, so nothing else may be; what is slow is made smaller instead.
#[test]
fn only_tests_on_mysql_are_ignored() {
    let mut complaints = Vec::new();
    for path in files(&["rs"]).iter().filter(|path| !path.ends_with("tests/src/server/kind.rs")) {
        for (number, line) in read(path).lines().enumerate() {
            if line.trim_start().starts_with("#[ignore") {
                let place = format!("{}:{}", shown(path), number + 1);
                complaints.push(format!("{place}: only what `on_servers!` makes for MySQL may be ignored"));
            }
        }
    }
    assert_none(&complaints);
}
