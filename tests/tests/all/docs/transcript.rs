//! The commands of a page: reading them, running them, comparing what they print.
//!
//! `...` on a line of its own stands for any lines, `[..]` for anything within a line, and `? 4` after the output is the exit
//! code (0 unless told). `> ` continues a command on the next line. A block below a line that ends in a path and a colon is
//! written to that file; `…` in the path stands for anything that one file has there.

use std::fs;
use std::path::{Path, PathBuf};

use migration_tests::Command;

use super::page::root;

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) line: usize,
    pub(super) action: Action,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Action {
    Write { path: String, text: String },
    Run { command: String, output: Vec<String>, code: i32 },
}

pub(super) fn steps(page: &str) -> Vec<Step> {
    let mut lines = page.lines().zip(1..);
    let mut steps = Vec::new();
    let mut above = "";
    while let Some((line, number)) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let body: Vec<_> = lines.by_ref().take_while(|(line, _)| !line.starts_with("```")).collect();
            match (language, path_at_end(above)) {
                ("console", _) => transcript(&body, &mut steps),
                (_, Some(path)) => {
                    let text = body.iter().map(|(line, _)| format!("{line}\n")).collect();
                    steps.push(Step { line: number, action: Action::Write { path: path.to_owned(), text } });
                }
                _ => {}
            }
            above = "";
        } else if !line.is_empty() {
            above = line;
        }
    }
    steps
}

/// The path in ``… `path`:``.
fn path_at_end(line: &str) -> Option<&str> {
    line.strip_suffix("`:")?.rsplit_once('`').map(|(_, path)| path)
}

fn transcript(body: &[(&str, usize)], steps: &mut Vec<Step>) {
    for (text, line) in body {
        let open = steps.last_mut().map(|step| &mut step.action);
        match (text.strip_prefix("$ "), open) {
            (Some(command), _) => {
                let action = Action::Run { command: command.to_owned(), output: Vec::new(), code: 0 };
                steps.push(Step { line: *line, action });
            }
            (None, Some(Action::Run { command, output, code })) => {
                let more = Some(*text).filter(|_| output.is_empty()).and_then(|text| text.strip_prefix('>'));
                if let Some(more) = more {
                    command.push('\n');
                    command.push_str(more.strip_prefix(' ').unwrap_or(more));
                } else if let Some(number) = text.strip_prefix("? ").and_then(|text| text.parse().ok()) {
                    *code = number;
                } else {
                    output.push((*text).to_owned());
                }
            }
            _ => {}
        }
    }
}

/// Does in a throw-away folder what a page says. What goes otherwise than it says: line and reason.
pub(super) fn perform(steps: &[Step]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    copy(&root().join("docs/examples"), &folder.path().join("docs/examples"));
    let mut complaints = Vec::new();
    for Step { line, action } in steps {
        match action {
            Action::Write { path, text } => match place(folder.path(), path) {
                Ok(path) => {
                    fs::create_dir_all(path.parent().unwrap()).unwrap();
                    fs::write(path, text).unwrap();
                }
                Err(problem) => complaints.push(format!("{line}: {problem}")),
            },
            Action::Run { command, .. } if command.starts_with("cargo ") => {
                complaints.extend(check_cargo(command).err().map(|problem| format!("{line}: {problem}")));
            }
            Action::Run { command, output, code } => {
                let shell = Command::migration(&[]).current_dir(folder.path());
                let ended = shell.line(&format!("exec 2>&1\n{command}")).run();
                let actual: Vec<&str> = ended.stdout.lines().map(str::trim_end).collect();
                let expected: Vec<&str> = output.iter().map(String::as_str).collect();
                if ended.code != Some(*code) || !matches(&expected, &actual) {
                    let (expected, actual) = (expected.join("\n"), actual.join("\n"));
                    let ended = ended.code.unwrap_or(-1);
                    complaints.push(format!(
                        "{line}: $ {command}\n--- the page, exit code {code}\n{expected}\n--- the program, exit code {ended}\n{actual}\n---"
                    ));
                }
            }
        }
    }
    complaints
}

/// Commands that would build something are only looked at.
fn check_cargo(command: &str) -> Result<(), String> {
    let words: Vec<&str> = command.split_whitespace().collect();
    match words.as_slice() {
        ["cargo", "xtask", name, ..] => {
            let cargo = std::process::Command::new(env!("CARGO"))
                .args(["xtask", "help"])
                .current_dir(root())
                .output();
            let help = String::from_utf8(cargo.unwrap().stdout).unwrap();
            let known = help
                .lines()
                .any(|line| line.strip_prefix("  ").is_some_and(|l| l.split(' ').next() == Some(name)));
            if known { Ok(()) } else { Err(format!("`cargo xtask help` doesn't list `{name}`")) }
        }
        ["cargo", "run", "-p", package, "--example", name] => has_target(package, "examples", name),
        ["cargo", "bench", "-p", package, "--bench", name] => has_target(package, "benches", name),
        ["cargo", .., "--path", path] if root().join(path).join("Cargo.toml").is_file() => Ok(()),
        ["cargo", .., "--path", path, "--features", feature] if has_feature(path, feature) => Ok(()),
        _ => Err(format!("`{command}` can't be checked")),
    }
}

/// Whether a crate has an example or a benchmark; the crate's own tests run it.
fn has_target(package: &str, folder: &str, name: &str) -> Result<(), String> {
    let path = format!("crates/{package}/{folder}/{name}.rs");
    if root().join(&path).is_file() { Ok(()) } else { Err(format!("there is no {path}")) }
}

/// The file that a page means by a path, `…` standing for what only one file has there.
fn place(folder: &Path, path: &str) -> Result<PathBuf, String> {
    let mut found = folder.to_owned();
    for part in path.split('/') {
        let Some((before, after)) = part.split_once('…') else {
            found.push(part);
            continue;
        };
        let names = fs::read_dir(&found).into_iter().flatten().map(|entry| entry.unwrap().file_name());
        let names: Vec<String> = names.filter_map(|name| name.into_string().ok()).collect();
        let fitting: Vec<&String> =
            names.iter().filter(|n| n.starts_with(before) && n.ends_with(after)).collect();
        let [name] = fitting.as_slice() else { return Err(format!("`{path}` is one of {names:?}")) };
        found.push(name);
    }
    Ok(found)
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            fs::copy(from, to).unwrap();
        }
    }
}

fn matches(expected: &[&str], actual: &[&str]) -> bool {
    match expected.split_first() {
        None => actual.is_empty(),
        Some((&"...", rest)) => (0..=actual.len()).any(|skipped| matches(rest, &actual[skipped..])),
        Some((line, rest)) => actual
            .split_first()
            .is_some_and(|(first, others)| line_matches(line, first) && matches(rest, others)),
    }
}

fn line_matches(expected: &str, actual: &str) -> bool {
    match expected.split_once("[..]") {
        None => expected == actual,
        Some((before, after)) => actual.strip_prefix(before).is_some_and(|rest| {
            let starts = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
            starts.into_iter().any(|at| line_matches(after, &rest[at..]))
        }),
    }
}

/// Whether the crate in a folder has a feature.
fn has_feature(path: &str, feature: &str) -> bool {
    let manifest = fs::read_to_string(root().join(path).join("Cargo.toml")).unwrap_or_default();
    manifest.lines().any(|line| line.starts_with(&format!("{feature} = [")))
}

#[test]
fn outputs_are_compared() {
    assert!(matches(&["a", "...", "z"], &["a", "b", "c", "z"]));
    assert!(matches(&["..."], &[]));
    assert!(!matches(&["a"], &["a", "b"]) && !matches(&["a", "b"], &["a"]) && !matches(&[], &["a"]));
    assert!(line_matches("took [..] ms, [..].", "took 12 ms, fine.") && line_matches("[..]", ""));
    assert!(!line_matches("took [..] ms", "took 12 s") && !line_matches("a", "ab"));
}

#[test]
fn pages_are_read() {
    let page = "Write `x/a.sql`:\n\n```sql\nSELECT 1;\n```\n```console\n$ cat <<E\n> a\n>\n> E\na\n\n? 4\n$ cat\n```\n\
                ```sql\nno path\n```\n";
    let run = |command: &str, output: &[&str], code| Action::Run {
        command: command.to_owned(),
        output: output.iter().map(ToString::to_string).collect(),
        code,
    };
    let write = Action::Write { path: "x/a.sql".to_owned(), text: "SELECT 1;\n".to_owned() };
    let expected = [(3, write), (7, run("cat <<E\na\n\nE", &["a", ""], 4)), (14, run("cat", &[], 0))];
    assert_eq!(steps(page), expected.map(|(line, action)| Step { line, action }));
}

#[test]
fn a_wrong_page_is_found_out() {
    let check = |page: &str| perform(&steps(page)).join("\n");
    assert_eq!(check("```console\n$ migration --version\nmigration [..]\n```\n"), "");
    assert!(check("```console\n$ migration --version\nflyway\n```\n").contains("2: $ migration --version"));
    assert!(check("```console\n$ migration status\n...\n```\n").contains("exit code 2"));
    assert!(check("```console\n$ cargo xtask dmeo\n```\n").contains("doesn't list `dmeo`"));
    assert_eq!(check("```console\n$ cargo run -p migration-runner --example deploy\n```\n"), "");
    assert!(
        check("```console\n$ cargo bench -p migration-runner --bench depoly\n```\n").contains("there is no")
    );
    assert!(check("`migrations/…_a/up.sql`:\n```sql\n```\n").contains("is one of"));
}
