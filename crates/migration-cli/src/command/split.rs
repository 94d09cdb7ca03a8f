//! `migration split`: the statements of a file; needs no database.
//!
//! The file is read twice, in a stream: first to know that it can be split, then to print. It may be larger than memory.

mod input;

use std::io::{self, Read};
use std::path::Path;

use migration_kit::syntax::{Dialect, SplitError, Statement, StatementKind, StreamError, StreamSplitter};
use schemars::JsonSchema;
use serde::ser::{Error as _, SerializeSeq as _};
use serde::{Serialize, Serializer};

use self::input::Input;
use crate::args::SplitArgs;
use crate::explain::of_split;
use crate::failure::{Failure, Place, Result};
use crate::outcome::{CommandData, Outcome};
use crate::screen::{View, count, printable, shorten};
use crate::style::{DIM, STRONG, paint};

/// So much text is written at once.
const CHUNK: usize = 64 << 10;

/// The statements of a file.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct SplitData {
    /// The file, or `<stdin>`.
    file: String,
    /// Whose rules the text was read by.
    dialect: Dialect,
    /// The statements, in order.
    #[schemars(with = "Vec<SplitStatement<'_>>")]
    statements: Statements,
}

/// One statement.
#[derive(Debug, Serialize, JsonSchema)]
struct SplitStatement<'a> {
    /// Its text without blanks and comments around it and without what ends it.
    text: &'a str,
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
    copy_data: Option<&'a str>,
}

/// The statements, where they can be read again; they are in memory one at a time.
#[derive(Debug)]
struct Statements {
    input: Input,
    dialect: Dialect,
}

impl Statements {
    fn read(&self) -> io::Result<StreamSplitter<Box<dyn Read + '_>>> {
        Ok(StreamSplitter::new(self.input.reader()?, self.dialect))
    }
}

impl Serialize for Statements {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut splitter = self.read().map_err(S::Error::custom)?;
        let mut all = serializer.serialize_seq(None)?;
        while let Some(statement) = splitter.next_statement().map_err(S::Error::custom)? {
            let Statement { text, kind, start, end, line, copy_data, .. } = statement;
            all.serialize_element(&SplitStatement { text, kind, start, end, line, copy_data })?;
        }
        all.end()
    }
}

impl CommandData for SplitData {
    fn render(&self, view: View) -> String {
        let mut all = String::new();
        let read = self.render_to(view, &mut |text| all.push_str(text));
        read.map_or_else(|error| error.to_string(), |()| all)
    }

    fn render_to(&self, view: View, out: &mut dyn FnMut(&str)) -> io::Result<()> {
        let mut splitter = self.statements.read()?;
        let (mut text, mut number) = (String::new(), 0);
        while let Some(statement) = splitter.next_statement().map_err(io::Error::other)? {
            let place = format!("{}:{}", self.file, statement.line);
            let kind = paint(STRONG, statement.kind);
            if view.verbose {
                let span = format!("{}..{}", statement.start, statement.end);
                text.push_str(&format!("{} {kind} {}\n", paint(DIM, place), paint(DIM, span)));
                text.push_str(&format!("{}\n\n", printable(statement.text)));
            } else {
                text.push_str(&format!("{} {kind}  {}\n", paint(DIM, place), shorten(statement.text, 80)));
            }
            number += 1;
            if text.len() >= CHUNK {
                out(&text);
                text.clear();
            }
        }
        text.push_str(&format!("{}\n", count(number, "statement")));
        out(&text);
        Ok(())
    }
}

pub(crate) fn run(args: &SplitArgs) -> Result<Outcome<SplitData>> {
    let is_stdin = args.file == Path::new("-");
    let file = if is_stdin { "<stdin>".to_owned() } else { args.file.display().to_string() };
    let unreadable = |error: io::Error| {
        Failure::new("file.unreadable", format!("can't read {file}")).because(error.to_string())
    };
    let input = if is_stdin { Input::of_stdin() } else { Input::of_file(&args.file) };
    let statements = Statements { input: input.map_err(unreadable)?, dialect: args.dialect };
    let mut splitter = statements.read().map_err(unreadable)?;
    let found = loop {
        match splitter.next_statement() {
            Ok(Some(_)) => {}
            Ok(None) => break None,
            Err(error) => break Some(error),
        }
    };
    drop(splitter);
    match found {
        None => Ok(Outcome::done(SplitData { file, dialect: args.dialect, statements })),
        Some(StreamError::Split(error)) => Err(unsplittable(&file, &statements, &error)),
        Some(StreamError::NotUtf8 { offset }) => {
            Err(Failure::new("file.not_utf8", format!("{file} is not UTF-8 text"))
                .because(format!("the byte at offset {offset}")))
        }
        Some(StreamError::Read(error)) => Err(unreadable(error)),
        Some(error) => Err(unreadable(io::Error::other(error))),
    }
}

/// The error, with the lines around the place; of a text too long to be kept only their numbers.
fn unsplittable(file: &str, statements: &Statements, error: &SplitError) -> Box<Failure> {
    let failure = Failure::new("split.unterminated", format!("{file} can't be split into statements"))
        .because(error.to_string());
    match statements.input.text() {
        Some(text) => failure.pointing_at(of_split(file, &text, statements.dialect, error)),
        None => failure.at(Place {
            file: Some(file.to_owned()),
            line: Some(error.line()),
            column: Some(error.column()),
            statement: None,
        }),
    }
}

#[cfg(test)]
mod tests;
