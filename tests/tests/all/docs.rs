//! The pages for people say what the program does.
//!
//! Every command in a `console` block is run, page by page, in one throw-away folder, and must print what the page shows
//! ([`transcript`]). What `docs/cli.md` and `docs/errors.md` list is compared with the program and with the sources.

mod page;
mod transcript;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use migration_tests::Command;
use page::{differences, headings, pages, read, root, rows, section, slug, table_rows};
use serde_json::Value;
use transcript::{Action, perform, steps};

/// Pages that run nothing: the index, figures that no test can repeat, and what a test writes as a whole.
const WITHOUT_COMMANDS: &[&str] = &["docs/README.md", "docs/benchmarks.md", "docs/layouts.md"];

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
        let below = commands(&help(&[&command]));
        let text = help(&[&command]);
        let usage = text.lines().find(|line| line.starts_with("Usage:")).unwrap();
        let whole =
            Some(vec![command.as_str()]).filter(|_| below.is_empty() || !usage.ends_with("<COMMAND>"));
        let parts = below.iter().map(|name| vec![command.as_str(), name]);
        let all: Vec<_> = whole.into_iter().chain(parts).collect();
        let heading = |words: &[&str]| format!("migration {}", words.join(" "));
        let texts: String = all.iter().map(|words| section(&page, &heading(words))).collect();
        for words in all {
            let heading = heading(&words);
            let text = section(&page, &heading);
            if text.is_empty() {
                complaints.push(format!("docs/cli.md: no section `{heading}`"));
            }
            complaints.extend(differences(&heading, &rows(&text), &flags(&help(&words), false)));
            for key in data_keys(&command) {
                if !texts.contains(&format!("`{key}`")) {
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
    let helps = commands(&help(&[])).into_iter().map(|command| help(&[&command]));
    let helps: Vec<_> = helps.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    let mut variables: BTreeSet<String> = after_each(&helps.concat(), "[env: ", &[',', ']']);
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

#[track_caller]
fn assert_none(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n\n{}\n", complaints.join("\n"));
}

// What the program says of itself.

fn help(words: &[&str]) -> String {
    Command::migration(&[words, &["--help"]].concat()).run().expect(0).stdout
}

/// The names in a help text's list of commands.
fn commands(help: &str) -> Vec<String> {
    let list =
        help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    // What doesn't fit on a line goes on below it, further to the right.
    let list = list.filter(|line| !line.starts_with("   "));
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
    let mut keys = BTreeSet::new();
    let mut open = vec![schema["properties"]["data"].clone()];
    while let Some(part) = open.pop() {
        if let Some(reference) = part["$ref"].as_str() {
            open.push(schema["$defs"][reference.rsplit('/').next().unwrap()].clone());
        }
        // Data of one of several shapes: the keys of all.
        open.extend(part["anyOf"].as_array().into_iter().flatten().cloned());
        keys.extend(part["properties"].as_object().into_iter().flat_map(|all| all.keys().cloned()));
    }
    assert!(!keys.is_empty(), "the data of `{command}` has keys");
    keys
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
        areas.contains(area)
            && !what.is_empty()
            && what.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
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
