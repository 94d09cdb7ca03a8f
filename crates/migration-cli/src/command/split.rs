//! `migration split`: the statements of a file; needs no database.

use std::io::{self, Read};
use std::path::Path;

use migration_kit::syntax::{self, Dialect, StatementKind};
use schemars::JsonSchema;
use serde::Serialize;

use crate::args::SplitArgs;
use crate::explain::of_split;
use crate::failure::{Failure, Result};
use crate::outcome::{CommandData, Outcome};
use crate::screen::{View, count, printable, shorten};
use crate::style::{DIM, STRONG, paint};

/// The statements of a file.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct SplitData {
    /// The file, or `<stdin>`.
    file: String,
    /// Whose rules the text was read by.
    dialect: Dialect,
    /// The statements, in order.
    statements: Vec<SplitStatement>,
}

/// One statement.
#[derive(Debug, Serialize, JsonSchema)]
struct SplitStatement {
    /// Its text without blanks and comments around it and without what ends it.
    text: String,
    /// What it does, by its first words.
    kind: StatementKind,
    /// Byte offset in the file of its first byte.
    start: usize,
    /// Byte offset in the file behind its last byte.
    end: usize,
    /// The line on which it begins, from 1.
    line: usize,
    /// Of `COPY … FROM stdin`: the rows that follow it.
    #[serde(skip_serializing_if = "Option::is_none")]
    copy_data: Option<String>,
}

impl CommandData for SplitData {
    fn render(&self, view: View) -> String {
        let mut text = String::new();
        for statement in &self.statements {
            let place = format!("{}:{}", self.file, statement.line);
            let kind = paint(STRONG, statement.kind);
            if view.verbose {
                let span = format!("{}..{}", statement.start, statement.end);
                text.push_str(&format!("{} {kind} {}\n", paint(DIM, place), paint(DIM, span)));
                text.push_str(&format!("{}\n\n", printable(&statement.text)));
            } else {
                text.push_str(&format!("{} {kind}  {}\n", paint(DIM, place), shorten(&statement.text, 80)));
            }
        }
        text.push_str(&format!("{}\n", count(self.statements.len(), "statement")));
        text
    }
}

pub(crate) fn run(args: &SplitArgs) -> Result<Outcome<SplitData>> {
    let file =
        if args.file == Path::new("-") { "<stdin>".to_owned() } else { args.file.display().to_string() };
    let bytes = read(&args.file).map_err(|error| {
        Failure::new("file.unreadable", format!("can't read {file}")).because(error.to_string())
    })?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        Failure::new("file.not_utf8", format!("{file} is not UTF-8 text"))
            .because(format!("the byte at offset {offset}"))
    })?;
    let statements = syntax::split(&text, args.dialect).map_err(|error| {
        Failure::new("split.unterminated", format!("{file} can't be split into statements"))
            .because(error.to_string())
            .pointing_at(of_split(&file, text.as_str(), &error))
    })?;
    let statements = statements.into_iter().map(|statement| SplitStatement {
        text: statement.text.to_owned(),
        kind: statement.kind,
        start: statement.start,
        end: statement.end,
        line: statement.line,
        copy_data: statement.copy_data.map(str::to_owned),
    });
    Ok(Outcome::done(SplitData { statements: statements.collect(), file, dialect: args.dialect }))
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    if path == Path::new("-") {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes)?;
        Ok(bytes)
    } else {
        std::fs::read(path)
    }
}
