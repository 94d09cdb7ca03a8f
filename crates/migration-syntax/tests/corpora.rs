//! What the real servers and other tools' test suites say about real files, held against the splitter.
//!
//! The data is not ours and not in the repository: the folder is named by `MIGRATION_CORPORA`, and without it these
//! tests say so and pass. What they cover is covered by fixtures of our own as well.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "helpers of tests, which clippy takes for a program"
)]

use std::fmt::Write as _;
use std::io::Read;
use std::path::{Path, PathBuf};

use migration_syntax::{Dialect, SplitError, Statement, StreamSplitter, is_complete, split, tokens};
use serde_json::Value;

/// Cases of class `engine` that are not held against us, with the reason.
const DISPUTED_CASES: &[(&str, &str)] = &[];

/// Histories' files that are not held against us (all below a path), with the reason.
const DISPUTED_FILES: &[(&str, &str)] = &[(
    "sqitch/cas-cif/postgres/deploy/data/",
    "psql's `\\copy … from program` runs a program: refused, with its line",
)];

#[test]
fn cases() {
    let Some(corpora) = corpora() else { return };
    let text = std::fs::read_to_string(corpora.join("splitter/cases.jsonl")).unwrap();
    let mut report = Report::default();
    for line in text.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        if case["class"] != "engine" {
            continue;
        }
        let id = string(&case["id"]);
        // What any dialect must do is asked of PostgreSQL, whose parser the makers of the cases asked.
        let dialect = string(&case["dialect"]).parse().unwrap_or(Dialect::Postgres);
        report.compare(
            dialect,
            id,
            DISPUTED_CASES,
            &check_case(string(&case["input"]), dialect, &case["expect"]),
        );
    }
    report.finish("cases");
}

#[test]
fn histories() {
    let Some(corpora) = corpora() else { return };
    let folder = corpora.join("histories");
    let text = std::fs::read_to_string(folder.join("statements.json")).unwrap();
    let index: Value = serde_json::from_str(&text).unwrap();
    let mut report = Report::default();
    for file in index["files"].as_array().unwrap() {
        // The count is of a section of the file, or of the file with parameters filled in.
        if !file["section"].is_null() || !file["params"].is_null() {
            continue;
        }
        let path = string(&file["path"]);
        let dialect = string(&file["dialect"]).parse().unwrap();
        let bytes = std::fs::read(folder.join(path)).unwrap();
        let Ok(text) = String::from_utf8(bytes) else {
            eprintln!("{path}: not UTF-8, left out");
            continue;
        };
        let expected = file["n"].as_u64().unwrap();
        let disagreement = match split(&text, dialect) {
            _ if stream_differs(&text, dialect).is_some() => stream_differs(&text, dialect),
            Ok(statements) if statements.len() as u64 == expected => None,
            Ok(statements) => {
                Some(format!("the server counts {expected} statements, we {}", statements.len()))
            }
            Err(error) => Some(format!("the server counts {expected} statements, we fail: {error}")),
        };
        report.compare(dialect, path, DISPUTED_FILES, &disagreement);
    }
    report.finish("files");
}

/// What is wrong with our answer to a case, if anything is.
fn check_case(input: &str, dialect: Dialect, expect: &Value) -> Option<String> {
    if let Some(complete) = expect["complete"].as_bool() {
        return (is_complete(input, dialect) != complete)
            .then(|| format!("complete should be {complete}: {input:?}"));
    }
    if let Some(difference) = stream_differs(input, dialect) {
        return Some(difference);
    }
    let ours = split(input, dialect);
    if !expect["error"].is_null() {
        return ours.is_ok().then(|| format!("should fail: {input:?}"));
    }
    let expected: Vec<_> = expect["statements"].as_array().unwrap().iter().map(string).collect();
    let bare =
        |texts: Vec<&str>| texts.into_iter().map(|text| without_trivia(text, dialect)).collect::<Vec<_>>();
    let agrees = ours.as_ref().is_ok_and(|ours| {
        bare(ours.iter().map(|statement| statement.text).collect()) == bare(expected.clone())
            && kinds_agree(ours, &expect["types"])
    });
    (!agrees).then(|| format!("should be {expected:#?}, but is {}", show(&ours)))
}

/// Whether a text that comes in pieces is split otherwise than the whole.
fn stream_differs(text: &str, dialect: Dialect) -> Option<String> {
    let whole = split(text, dialect);
    for size in [1, 61, 4096, 1 << 20] {
        let mut splitter = StreamSplitter::new(Pieces { rest: text.as_bytes(), size }, dialect);
        let mut statements = Vec::new();
        let end = loop {
            match splitter.next_statement() {
                Ok(Some(statement)) => statements.push(format!("{statement:?}")),
                Ok(None) => break None,
                Err(error) => break Some(error.to_string()),
            }
        };
        let agrees = match &whole {
            Ok(whole) => {
                end.is_none()
                    && whole.iter().map(|statement| format!("{statement:?}")).eq(statements.iter().cloned())
            }
            Err(error) => end == Some(error.to_string()),
        };
        if !agrees {
            return Some(format!("in pieces of {size}: {statements:#?}, {end:?}"));
        }
    }
    None
}

/// Gives a text in pieces of one size.
struct Pieces<'a> {
    rest: &'a [u8],
    size: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = self.size.min(buffer.len());
        self.rest.read(&mut buffer[..length])
    }
}

/// Tools disagree on which statement owns a comment or the semicolon.
fn without_trivia(text: &str, dialect: Dialect) -> String {
    let tokens: Vec<_> =
        tokens(text, dialect).map_while(Result::ok).filter(|token| !token.is_trivia()).collect();
    let texts: Vec<_> = tokens.iter().map(|token| token.text).collect();
    texts.join(" ").trim_end_matches([';', ' ']).to_owned()
}

fn kinds_agree(ours: &[Statement<'_>], types: &Value) -> bool {
    let Some(types) = types.as_array() else { return true };
    ours.iter().zip(types).all(|(statement, kind)| match string(kind) {
        "UNKNOWN" => true,
        "BEGIN_TRANSACTION" => statement.kind.as_str() == "begin",
        kind => statement.kind.as_str() == kind.to_lowercase(),
    })
}

fn show(ours: &Result<Vec<Statement<'_>>, SplitError>) -> String {
    match ours {
        Ok(statements) => {
            format!("{:#?}", statements.iter().map(|statement| statement.text).collect::<Vec<_>>())
        }
        Err(error) => error.to_string(),
    }
}

/// Counts and disagreements per dialect.
#[derive(Default)]
struct Report {
    compared: [usize; 3],
    agreed: [usize; 3],
    disputed: usize,
    disagreements: String,
}

impl Report {
    fn compare(
        &mut self,
        dialect: Dialect,
        id: &str,
        disputed: &[(&str, &str)],
        disagreement: &Option<String>,
    ) {
        self.compared[dialect as usize] += 1;
        match disagreement {
            None => self.agreed[dialect as usize] += 1,
            Some(_) if disputed.iter().any(|(other, _)| id.starts_with(other)) => self.disputed += 1,
            Some(what) => {
                let _ = writeln!(self.disagreements, "{dialect} {id}: {what}");
            }
        }
    }

    fn finish(&self, things: &str) {
        for dialect in Dialect::ALL {
            let (compared, agreed) = (self.compared[dialect as usize], self.agreed[dialect as usize]);
            println!("{dialect}: {agreed} of {compared} {things} agree");
        }
        println!("{} disputed", self.disputed);
        assert!(self.disagreements.is_empty(), "{}", self.disagreements);
        assert!(
            self.compared.iter().all(|compared| *compared > 0),
            "nothing compared: is the folder complete?"
        );
    }
}

fn corpora() -> Option<PathBuf> {
    let folder = std::env::var_os("MIGRATION_CORPORA").map(|folder| Path::new(&folder).to_owned());
    if folder.is_none() {
        println!("MIGRATION_CORPORA is not set: nothing to compare with");
    }
    folder
}

fn string(value: &Value) -> &str {
    value.as_str().unwrap()
}
