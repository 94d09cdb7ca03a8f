//! What went wrong, in one shape for the terminal and for programs.

use std::collections::BTreeMap;
use std::error::Error;
use std::ops::Range;
use std::path::Path;

use migration_kit::lineage::{mask_message, mask_secrets_in_place};
use migration_kit::sql::{Blocker, EffectState, Effects};
use migration_kit::syntax::{Dialect, LineIndex};
use schemars::JsonSchema;
use serde::Serialize;

use crate::exit::{Exit, exit_of};
use crate::secret;

pub(crate) type Result<T, E = Box<Failure>> = std::result::Result<T, E>;

/// An error of a command.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    /// From the closed list.
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) why: Option<String>,
    pub(crate) place: Option<Place>,
    pub(crate) database: Option<DatabaseInfo>,
    /// What is in effect, of a run.
    pub(crate) effects: Option<Effects>,
    /// Whether it came before a run, so that nothing of it is in effect.
    pub(crate) nothing_begun: bool,
    /// The text to show.
    pub(crate) source: Option<SourceText>,
    /// What else a person should know.
    pub(crate) notes: Vec<String>,
    pub(crate) next_actions: Vec<NextAction>,
}

/// Where something is wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Place {
    /// The file.
    pub(crate) file: Option<String>,
    /// The line, from 1.
    pub(crate) line: Option<usize>,
    /// The column in characters, from 1.
    pub(crate) column: Option<usize>,
    /// The statement's number in its script, from 1.
    pub(crate) statement: Option<usize>,
}

/// Which database said no.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct DatabaseInfo {
    /// `sqlite`, `postgres` or `mysql`.
    pub(crate) engine: String,
    /// The SQLSTATE, where the database has one.
    pub(crate) sqlstate: Option<String>,
    /// Who held the lock that was waited for, as far as the database tells.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) blocked_by: Vec<Blocker>,
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct NextAction {
    /// `run-command`: `command` does it. `manual`: a person or a program has to, as `label` says.
    pub(crate) kind: &'static str,
    /// What it is good for.
    pub(crate) label: String,
    /// A command line for a POSIX shell.
    pub(crate) command: Option<String>,
}

impl NextAction {
    pub(crate) fn run(label: impl Into<String>, command: impl Into<String>) -> Self {
        Self { kind: "run-command", label: label.into(), command: Some(command.into()) }
    }

    pub(crate) fn manual(label: impl Into<String>) -> Self {
        Self { kind: "manual", label: label.into(), command: None }
    }
}

/// A text with the part of it that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SourceText {
    /// The file's name, as it is shown.
    pub(crate) name: String,
    pub(crate) text: String,
    /// Byte span in `text`, on character boundaries.
    pub(crate) span: Range<usize>,
    /// What is wrong there.
    pub(crate) label: String,
}

impl SourceText {
    pub(crate) fn new(name: &str, text: impl Into<String>, span: Range<usize>, label: &str) -> Self {
        let text = text.into();
        let start = text.floor_char_boundary(span.start.min(text.len()));
        let end = text.ceil_char_boundary(span.end.clamp(start, text.len()));
        Self { name: name.to_owned(), text, span: start..end, label: label.to_owned() }
    }

    /// A text of SQL, without its secrets: what is wrong in a file is shown in logs as well.
    pub(crate) fn of_sql(name: &str, text: &str, dialect: Dialect, span: Range<usize>, label: &str) -> Self {
        let label = secret::mask(&mask_message(label, text, dialect));
        Self::new(name, mask_secrets_in_place(text, dialect), span, &label)
    }

    /// A file, read again, at a line and column (from 1; the whole line where there is no column).
    pub(crate) fn of_file(path: &Path, line: usize, column: Option<usize>, label: &str) -> Option<Self> {
        let text = std::fs::read_to_string(path).ok()?;
        let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
        let content = text[start..].lines().next().unwrap_or_default();
        let span = match column {
            Some(column) => {
                let at =
                    content.char_indices().nth(column.saturating_sub(1)).map_or(content.len(), |(at, _)| at);
                start + at..start + at + content[at..].chars().next().map_or(0, char::len_utf8)
            }
            None => start..start + content.len(),
        };
        Some(Self::new(&path.display().to_string(), secret::mask_in_place(&text), span, label))
    }

    pub(crate) fn place(&self) -> Place {
        let (line, column) = LineIndex::new(&self.text[..self.span.start]).line_column(self.span.start);
        Place { file: Some(self.name.clone()), line: Some(line), column: Some(column), statement: None }
    }
}

impl Failure {
    /// An error without details. Passwords in URLs are masked here, and in everything that is added.
    pub(crate) fn new(code: &'static str, message: impl AsRef<str>) -> Box<Self> {
        Box::new(Self {
            code,
            message: secret::mask(message.as_ref()),
            why: None,
            place: None,
            database: None,
            effects: None,
            nothing_begun: false,
            source: None,
            notes: Vec::new(),
            next_actions: Vec::new(),
        })
    }

    pub(crate) fn because(mut self: Box<Self>, why: impl AsRef<str>) -> Box<Self> {
        self.why = Some(secret::mask(why.as_ref().trim_end())).filter(|why| !why.is_empty());
        self
    }

    pub(crate) fn at(mut self: Box<Self>, place: Place) -> Box<Self> {
        self.place = Some(place);
        self
    }

    pub(crate) fn pointing_at(mut self: Box<Self>, source: SourceText) -> Box<Self> {
        if self.place.is_none() {
            self.place = Some(source.place());
        }
        self.source = Some(source);
        self
    }

    pub(crate) fn advise(mut self: Box<Self>, action: NextAction) -> Box<Self> {
        self.next_actions.push(action);
        self
    }

    /// The exit code that it stands for.
    pub(crate) fn exit(&self) -> Exit {
        exit_of(self.code, self.effects.as_ref().map(|effects| effects.state))
    }

    /// States that nothing was begun, for the error of a command that was to change something.
    pub(crate) fn before_any_run(mut self: Box<Self>) -> Box<Self> {
        self.nothing_begun = self.effects.is_none();
        self
    }

    /// What is in effect, for programs.
    pub(crate) fn stated_effects(&self) -> Option<Effects> {
        let nothing = || Effects { state: EffectState::None, migrations: BTreeMap::new() };
        self.effects.clone().or_else(|| self.nothing_begun.then(nothing))
    }
}

/// The causes of an error, outermost first, in one line.
pub(crate) fn causes(error: &dyn Error) -> Option<String> {
    let mut texts = Vec::new();
    let mut cause = error.source();
    while let Some(error) = cause {
        texts.push(error.to_string());
        cause = error.source();
    }
    (!texts.is_empty()).then(|| texts.join(": "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_found_in_its_text() {
        let source = SourceText::new("a.sql", "SELECT 1;\nSELECT 'é', x;\n", 22..23, "no such column");
        assert_eq!(
            source.place(),
            Place { file: Some("a.sql".into()), line: Some(2), column: Some(12), statement: None }
        );
    }

    #[test]
    fn spans_out_of_bounds_do_no_harm() {
        assert_eq!(SourceText::new("a", "é", 1..1, "").span, 0..2);
        assert_eq!(SourceText::new("a", "é", 7..9, "").span, 2..2);
        let reversed = Range { start: 2, end: 1 };
        assert_eq!(SourceText::new("a", "abc", reversed, "").span, 2..2);
    }

    #[test]
    fn no_password_gets_in() {
        let failure = Failure::new("x", "at mysql://u:secret@h").because("mysql://u:secret@h said no");
        assert!(!format!("{failure:?}").contains("secret"));
    }
}
