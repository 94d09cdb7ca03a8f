//! The pages for people say what the program does.
//!
//! Every command in a `console` block is run, page by page, in one throw-away folder, and must print what the page shows:
//! `...` on a line of its own stands for any lines, `[..]` for anything within a line, and `? 4` after the output is the
//! exit code (0 unless told). `> ` continues a command on the next line. A block of SQL, TOML or JSON below a line that
//! ends in a path and a colon is written to that file; `…` in the path stands for anything that one file has there.
//! What `docs/cli.md` and `docs/errors.md` list is compared with the program and the sources.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use migration_tests::Command;
use serde_json::Value;

/// Pages that run nothing: the index, and figures that no test can repeat.
const WITHOUT_COMMANDS: &[&str] = &["docs/README.md", "docs/benchmarks.md"];

#[test]
fn commands_do_what_the_pages_show() {
    let mut complaints = Vec::new();
    for page in pages() {
        let steps = steps(&read(&page));
        let runs = steps.iter().any(|step| matches!(step.action, Action::Run { .. }));
        if !runs && !WITHOUT_COMMANDS.contains(&page.as_str()) {
            complaints.push(format!("{page}: shows no command"));
        }
        complaints.extend(perform(&steps).into_iter().map(|complaint| format!("{page}:{complaint}")));
    }
    assert_none(&complaints);
}

#[test]
fn the_index_links_to_every_page() {
    let index = read("docs/README.md");
    let lonely = pages().into_iter().filter_map(|page| page.strip_prefix("docs/").map(str::to_owned));
    let lonely = lonely.filter(|page| page != "README.md" && !index.contains(&format!("]({page})")));
    assert_none(&lonely.map(|page| format!("docs/README.md doesn't link to {page}")).collect::<Vec<_>>());
}

#[test]
fn links_lead_to_headings_that_exist() {
    let mut complaints = Vec::new();
    for page in pages() {
        for target in read(&page).split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let Some((file, anchor)) = target.split_once('#').filter(|(file, _)| !file.contains(':')) else {
                continue;
            };
            let folder = Path::new(&page).parent().unwrap();
            let file = if file.is_empty() { PathBuf::from(&page) } else { folder.join(file) };
            let found = headings(&read(&file.display().to_string())).any(|heading| slug(heading) == anchor);
            if !found {
                complaints.push(format!("{page}: there is no heading for `{target}`"));
            }
        }
    }
    assert_none(&complaints);
}

#[test]
fn the_reference_lists_every_command_and_flag() {
    let page = read("docs/cli.md");
    let general = help(&[]);
    let mut complaints =
        differences("Global options", &rows(&section(&page, "Global options")), &flags(&general, true));
    let mut known: BTreeSet<String> = BTreeSet::new();
    for command in commands(&general) {
        let subcommands = commands(&help(&[&command]));
        let names = if subcommands.is_empty() {
            vec![Vec::new()]
        } else {
            subcommands.iter().map(|s| vec![s.as_str()]).collect()
        };
        for rest in names {
            let words = [vec![command.as_str()], rest].concat();
            let heading = format!("migration {}", words.join(" "));
            let text = section(&page, &heading);
            if text.is_empty() {
                complaints.push(format!("docs/cli.md: no section `{heading}`"));
            }
            complaints.extend(differences(&heading, &rows(&text), &flags(&help(&words), false)));
            for key in data_keys(&command) {
                if !text.contains(&format!("`{key}`")) {
                    complaints.push(format!("docs/cli.md: `{heading}` doesn't mention `{key}` of its data"));
                }
            }
            known.insert(heading);
        }
    }
    let odd = headings(&page).filter(|h| h.starts_with("migration ") && !known.contains(*h));
    complaints.extend(odd.map(|heading| format!("docs/cli.md: there is no `{heading}`")));
    assert_none(&complaints);
}

#[test]
fn the_reference_lists_settings_exit_codes_and_the_envelope() {
    let page = read("docs/cli.md");
    let general = help(&[]).split_whitespace().collect::<Vec<_>>().join(" ");
    let mut variables: BTreeSet<String> = after_each(&general, "[env: ", &[',', ']']);
    variables.extend(general.contains("NO_COLOR").then(|| "NO_COLOR".to_owned()));

    let exits = general.rsplit_once("Exit codes:").unwrap().1.split(' ');
    let exits: BTreeSet<String> =
        exits.filter(|word| word.parse::<u8>().is_ok()).map(str::to_owned).collect();

    let settings = Command::migration(&["config", "show", "--json"]).run().json();
    let keys = settings["data"]["settings"].as_array().unwrap().iter();
    let keys = keys.map(|setting| setting["key"].as_str().unwrap()).filter(|key| *key != "config");

    let schema = schema("up");
    let mut envelope: BTreeSet<String> = names(&schema["properties"]);
    let error = names(&schema["$defs"]["ErrorBody"]["properties"]);
    envelope.extend(error.into_iter().map(|key| format!("error.{key}")));

    let check = |heading, expected| differences(heading, &rows(&section(&page, heading)), &expected);
    let complaints = [
        check("Environment", variables),
        check("Exit codes", exits),
        check("The settings file", keys.map(str::to_owned).collect()),
        check("JSON", envelope),
    ];
    assert_none(&complaints.concat());
}

#[test]
fn the_list_of_errors_is_complete() {
    let table = fs::read_to_string(root().join("crates/migration-cli/src/exit.rs")).unwrap();
    let exits = exit_table(&table);
    let areas: BTreeSet<&str> = exits.iter().filter_map(|(code, _)| code.split('.').next()).collect();
    let mut codes = BTreeSet::new();
    for file in sources(&root().join("crates")) {
        let text = fs::read_to_string(&file).unwrap();
        // What stands in tests is made up.
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        codes.extend(literals(text).filter(|text| is_code(text, &areas)).map(str::to_owned));
    }
    assert!(codes.len() > 60, "the scan finds {} codes", codes.len());

    let page = read("docs/errors.md");
    let listed = table_rows(&page).filter(|cells| is_code(&cells[0], &areas));
    let listed: Vec<_> = listed.collect();
    let names = listed.iter().map(|cells| cells[0].clone()).collect();
    let mut complaints = differences("docs/errors.md", &names, &codes);
    for cells in &listed {
        let exit = exits.iter().find(|(code, _)| cells[0].starts_with(code.as_str()));
        let exit = exit.map(|(_, exit)| exit.to_string()).unwrap_or_default();
        if cells[1].split(' ').next() != Some(&exit) {
            complaints.push(format!("docs/errors.md: {} has the exit code {exit}", cells[0]));
        }
    }
    assert_none(&complaints);
}

// Pages.

#[track_caller]
fn assert_none(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n\n{}\n", complaints.join("\n"));
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every page, by its path in the repository.
fn pages() -> Vec<String> {
    let names = fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().file_name());
    let pages = names.filter_map(|name| name.into_string().ok()).filter(|name| name.ends_with(".md"));
    let mut pages: Vec<String> = pages.map(|name| format!("docs/{name}")).collect();
    pages.push("README.md".to_owned());
    pages.sort();
    pages
}

fn read(page: &str) -> String {
    fs::read_to_string(root().join(page)).unwrap_or_else(|error| panic!("{page}: {error}"))
}

/// The lines outside of blocks of code.
fn prose(page: &str) -> impl Iterator<Item = &str> {
    let mut in_code = false;
    page.lines().filter(move |line| {
        let fence = line.starts_with("```");
        in_code ^= fence;
        !in_code && !fence
    })
}

fn headings(page: &str) -> impl Iterator<Item = &str> {
    prose(page).filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim())
}

/// The anchor that a heading gets.
fn slug(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

/// What stands below a heading, up to the next one.
fn section(page: &str, heading: &str) -> String {
    let is_heading = |line: &&str| line.starts_with('#');
    let lines =
        prose(page).skip_while(|line| !is_heading(line) || line.trim_start_matches('#').trim() != heading);
    lines.skip(1).take_while(|line| !is_heading(line)).collect::<Vec<_>>().join("\n")
}

/// The cells of the tables' rows, without the marks of code.
fn table_rows(text: &str) -> impl Iterator<Item = Vec<String>> {
    let rows = prose(text).filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    rows.map(|row| row.split(" | ").map(|cell| cell.trim().replace('`', "")).collect())
}

/// The first cells of the rows that begin with code.
fn rows(text: &str) -> BTreeSet<String> {
    let code = text.lines().filter(|line| line.starts_with("| `")).collect::<Vec<_>>().join("\n");
    table_rows(&code).map(|cells| cells[0].clone()).collect()
}

fn differences(place: &str, page: &BTreeSet<String>, truth: &BTreeSet<String>) -> Vec<String> {
    let missing = truth.difference(page).map(|name| format!("{place}: `{name}` is missing on the page"));
    let odd = page.difference(truth).map(|name| format!("{place}: there is no `{name}`"));
    missing.chain(odd).collect()
}

// Commands of the pages.

#[derive(Debug, PartialEq, Eq)]
struct Step {
    line: usize,
    action: Action,
}

#[derive(Debug, PartialEq, Eq)]
enum Action {
    Write { path: String, text: String },
    Run { command: String, output: Vec<String>, code: i32 },
}

fn steps(page: &str) -> Vec<Step> {
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
fn perform(steps: &[Step]) -> Vec<String> {
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
        ["cargo", .., "--path", path] if root().join(path).join("Cargo.toml").is_file() => Ok(()),
        _ => Err(format!("`{command}` can't be checked")),
    }
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
        if from.is_dir() { copy(&from, &to) } else { drop(fs::copy(from, to).unwrap()) }
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

// What the program says of itself.

fn help(words: &[&str]) -> String {
    Command::migration(&[words, &["--help"]].concat()).run().expect(0).stdout
}

/// The names in a help text's list of commands.
fn commands(help: &str) -> Vec<String> {
    let list =
        help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    list.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

/// `--to ID` and the like: those of one command, or the global ones.
fn flags(help: &str, global: bool) -> BTreeSet<String> {
    let (own, shared) = help.split_once("Global options:").unwrap();
    let lines = if global { shared } else { own }.lines().map(str::trim).filter(|line| line.starts_with('-'));
    let flags = lines.filter_map(|line| line.split("  ").next());
    let flags = flags.map(|flag| flag.replace(['<', '>'], "").replace("...", ""));
    flags.filter(|flag| !["-h, --help", "-V, --version"].contains(&flag.as_str())).collect()
}

fn schema(command: &str) -> Value {
    Command::migration(&["schema", command, "--json"]).run().json()["data"]["json_schema"].take()
}

/// The names of a command's data, as its schema has them.
fn data_keys(command: &str) -> BTreeSet<String> {
    let schema = schema(command);
    let reference = schema["properties"]["data"]["anyOf"][0]["$ref"].as_str().unwrap();
    names(&schema["$defs"][reference.rsplit('/').next().unwrap()]["properties"])
}

fn names(properties: &Value) -> BTreeSet<String> {
    properties.as_object().unwrap().keys().cloned().collect()
}

fn after_each(text: &str, mark: &str, ends: &[char]) -> BTreeSet<String> {
    text.split(mark).skip(1).filter_map(|rest| rest.split(ends).next()).map(str::to_owned).collect()
}

// What the sources say.

/// All Rust sources below a folder but those of tests.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() && name != "tests" {
            found.extend(sources(&path));
        } else if name.ends_with(".rs") && name != "tests.rs" {
            found.push(path);
        }
    }
    found
}

/// The texts between double quotes in the lines that are no comments. Quotes with a backslash are not told apart: no code
/// has one.
fn literals(source: &str) -> impl Iterator<Item = &str> {
    let lines = source.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.flat_map(|line| line.split('"').skip(1).step_by(2))
}

/// `area.what_is_wrong`
fn is_code(text: &str, areas: &BTreeSet<&str>) -> bool {
    text.split_once('.').is_some_and(|(area, what)| {
        areas.contains(area) && !what.is_empty() && what.chars().all(|c| c.is_ascii_lowercase() || c == '_')
    })
}

/// The beginnings of codes with their exit codes, in the order in which they count.
fn exit_table(source: &str) -> Vec<(String, u8)> {
    let number = |name: &str| {
        let line = source.lines().find_map(|line| line.trim().strip_prefix(name)?.strip_prefix(" = "));
        line.and_then(|rest| rest.trim_end_matches(',').parse().ok()).unwrap()
    };
    let entries = source.lines().filter_map(|line| line.trim().strip_prefix("(\"")?.strip_suffix("),"));
    let entries = entries.filter_map(|entry| entry.split_once("\", Exit::"));
    entries.map(|(code, exit)| (code.to_owned(), number(exit))).collect()
}

// The tests of the test.

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
    assert!(check("`migrations/…_a/up.sql`:\n```sql\n```\n").contains("is one of"));
}
