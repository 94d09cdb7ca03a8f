//! The examples of `docs/transform.md`: below a chain (a block of TOML, JSON or YAML that has steps) there is a block `text`
//! with lines that go in and, after an arrow, what becomes of each. `warning: field reason` lines follow the line that they
//! are about.

use std::fs;
use std::path::Path;

use migration_transform::spec::Spec;
use migration_transform::{DataMigrator, Record, Warnings};

const PAGE: &str = "../../docs/transform.md";

/// A chain's text with its language, and the block below it.
struct Example {
    line: usize,
    language: String,
    chain: String,
    text: String,
}

#[test]
fn the_examples_of_the_page_come_out_as_it_says() {
    let examples = examples();
    assert!(examples.len() > 20, "the page has {} examples", examples.len());
    for example in examples {
        let migrator = DataMigrator::new(read(&example))
            .unwrap_or_else(|error| panic!("line {}: {error}", example.line));
        let shown: String = example
            .text
            .lines()
            .filter(|line| !is_outcome(line))
            .map(|line| outcome(&migrator, line))
            .collect();
        assert_eq!(shown, example.text, "line {} of the page", example.line);
    }
}

#[test]
fn the_page_has_every_operation_and_every_reason() {
    let page = page();
    for operation in migration_transform::Step::OPERATIONS {
        assert!(page.contains(&format!("## `{operation}`")), "{operation}");
    }
    let source = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/reason.rs")).unwrap();
    let codes: Vec<&str> =
        source.lines().filter_map(|line| line.split_once(" => \"")?.1.strip_suffix("\",")).collect();
    assert!(codes.len() > 10);
    for code in codes {
        assert!(page.contains(&format!("| `{code}` |")), "{code}");
    }
}

fn page() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE)).unwrap()
}

fn is_outcome(line: &str) -> bool {
    line.starts_with("→ ") || line.starts_with("  warning: ")
}

/// The line, what becomes of it, and what is counted.
fn outcome(migrator: &DataMigrator, line: &str) -> String {
    let mut warnings = Warnings::new();
    let ended = match Record::from_json(line) {
        Err(reason) => format!("rejected: {reason}"),
        Ok(record) => match migrator.migrate_single(record, &mut warnings) {
            Ok(Some(record)) => record.to_json(),
            Ok(None) => "left out".to_owned(),
            Err(rejected) => {
                format!("rejected: {} {}", rejected.field.as_deref().unwrap_or_default(), rejected.reason)
            }
        },
    };
    let counts =
        warnings.counts().iter().map(|count| format!("  warning: {} {}\n", count.field, count.reason));
    format!("{line}\n→ {ended}\n{}", counts.collect::<String>())
}

fn read(example: &Example) -> Spec {
    let spec = match example.language.as_str() {
        "toml" => Spec::from_toml(&example.chain),
        "json" => Spec::from_json(&example.chain),
        #[cfg(feature = "yaml")]
        "yaml" => Spec::from_yaml(&example.chain),
        other => panic!("line {}: no chain is {other}", example.line),
    };
    spec.unwrap_or_else(|error| panic!("line {}: {error}", example.line))
}

fn examples() -> Vec<Example> {
    let page = page();
    let mut lines = page.lines().zip(1..);
    let mut chain: Option<(usize, String, String)> = None;
    let mut examples = Vec::new();
    while let Some((line, number)) = lines.next() {
        let Some(language) = line.strip_prefix("```").filter(|language| !language.is_empty()) else {
            continue;
        };
        let body = lines.by_ref().map(|(line, _)| line).take_while(|line| !line.starts_with("```"));
        let body: String = body.map(|line| format!("{line}\n")).collect();
        match language {
            "text" => {
                if let Some((line, language, chain)) = chain.take() {
                    examples.push(Example { line, language, chain, text: body });
                }
            }
            _ if body.contains("step") => chain = Some((number, language.to_owned(), body)),
            _ => {}
        }
    }
    examples.retain(|example| cfg!(feature = "yaml") || example.language != "yaml");
    examples
}
