//! Texts of which not all can be cut into statements: scripts with commands for psql or the mysql client, such as dumps, and
//! those that break off in the middle of something.

use migration_syntax::{
    Dialect, SplitError, SplitErrorKind, Splitter, Statement, StatementKind, TokenKind, tokens,
};

use super::Analyzer;
use crate::result::{Analysis, Coverage, Findings, StatementLineage, Unanalysed};

/// psql's commands that change nothing which lineage is about: the session, what is shown, which database of the same schema.
const IDLE: &[&str] = &[
    "restrict",
    "unrestrict",
    "connect",
    "c",
    "set",
    "unset",
    "echo",
    "qecho",
    "warn",
    "pset",
    "timing",
    "encoding",
    "conninfo",
    "errverbose",
    "prompt",
    "password",
    "cd",
    "x",
    "t",
    "a",
    "f",
    "g",
    "G",
    "gx",
    "gdesc",
    "p",
    "o",
    "q",
];

/// Commands that send the statement before them.
const SENDING: &[&str] = &["g", "G", "gx", "gset", "gexec", "gdesc", "crosstabview", "watch"];

/// How often a statement is read anew for a command inside it.
const PATIENCE: usize = 100;

impl Analyzer {
    /// Analyses a whole text as far as it can be cut into statements.
    ///
    /// A command of psql or the mysql client is listed as not understood, unless it changes nothing that lineage is about, as
    /// `\restrict`, `\connect` and `\set` do. Of a text that breaks off, as in a string without its closing quote, all from the
    /// beginning of that statement on is listed as one that is not understood.
    ///
    /// ```
    /// use migration_lineage::Analyzer;
    /// use migration_syntax::Dialect;
    ///
    /// let mut analyzer = Analyzer::new(Dialect::Postgres);
    /// let analysis = analyzer.analyze_lossy("\\restrict x\nCREATE TABLE t (a int);\nSELECT 'a FROM t");
    /// assert_eq!((analysis.coverage.analysed, analysis.coverage.statements), (1, 2));
    /// ```
    pub fn analyze_lossy(&mut self, text: &str) -> Analysis {
        let mut reading = Reading::new(text, self.catalogue.dialect());
        let mut statements = Vec::new();
        while let Some(error) = self.read_on(&mut reading, &mut statements) {
            let place = reading.reached + error.offset();
            let is_command = error.kind() == SplitErrorKind::ClientCommand;
            if is_command && reading.can_go_on(place) {
                statements.extend(reading.pass_command(place, text));
                continue;
            }
            let reason = format!("not cut into statements: {}", error.moved(text, place));
            statements.extend(reading.rest(reason));
            break;
        }
        statements.sort_by_key(|statement| statement.start);
        let coverage = Coverage::of(&statements);
        Analysis { statements, coverage }
    }

    /// Statement by statement from where the last one ended; gives what stops it before the end.
    fn read_on(&mut self, reading: &mut Reading, found: &mut Vec<StatementLineage>) -> Option<SplitError> {
        let base = reading.reached;
        let text = std::mem::take(&mut reading.text);
        let mut stopped = None;
        let mut statements = Vec::new();
        for cut in Splitter::new(&text[base..], reading.dialect) {
            match cut {
                Ok(mut statement) => {
                    statement.start += base;
                    statement.end += base;
                    statement.line = reading.line_at(&text, statement.start);
                    (reading.reached, reading.again) = (behind(&text, &statement), 0);
                    statements.push(statement);
                }
                Err(error) => {
                    let place = (base + error.offset()).saturating_sub(reading.reached);
                    stopped = Some(error.moved(&text[reading.reached..], place));
                }
            }
        }
        found.extend(self.statements(&statements));
        reading.text = text;
        stopped
    }
}

/// A text that is being read.
struct Reading {
    dialect: Dialect,
    /// Blanks stand for the commands that have been met inside a statement.
    text: String,
    /// Behind the last statement or command.
    reached: usize,
    /// The line of the byte `counted`, from 1.
    line: usize,
    counted: usize,
    /// How often it has begun at this place.
    again: usize,
}

impl Reading {
    fn new(text: &str, dialect: Dialect) -> Self {
        Reading { dialect, text: text.to_owned(), reached: 0, line: 1, counted: 0, again: 0 }
    }

    fn line_at(&mut self, text: &str, place: usize) -> usize {
        if let Some(passed) = text.get(self.counted..place) {
            self.line += passed.bytes().filter(|byte| *byte == b'\n').count();
            self.counted = place;
        }
        self.line
    }

    /// Whether what follows a command is read as if it were not there. A delimiter of MySQL that is in force would be forgotten.
    fn can_go_on(&self, place: usize) -> bool {
        let before = self.text.get(..place).unwrap_or_default();
        let word = b"delimiter";
        let has_delimiter =
            || before.as_bytes().windows(word.len()).any(|text| text.eq_ignore_ascii_case(word));
        self.again < PATIENCE && (self.dialect != Dialect::Mysql || !has_delimiter())
    }

    /// Goes on behind the command that begins here; gives it unless it changes nothing.
    fn pass_command(&mut self, start: usize, original: &str) -> Option<StatementLineage> {
        let rest = original.get(start..).unwrap_or_default();
        let command = rest.split('\n').next().unwrap_or_default().trim_end();
        let name = command.trim_start_matches('\\');
        let name = name.split(|sign: char| !sign.is_ascii_alphanumeric()).next().unwrap_or_default();
        let end = start + if command.starts_with("\\;") { 2 } else { command.len() };
        let sends = SENDING.contains(&name) || command.starts_with("\\;");
        let is_open = self.has_code(self.reached, start);
        if is_open {
            let blanks = " ".repeat((end - start).saturating_sub(1));
            self.text.replace_range(start..end, &format!("{}{blanks}", if sends { ';' } else { ' ' }));
            self.again += 1;
        } else {
            self.reached = end;
        }
        // `\d` and all that begins so describe something.
        let is_idle = IDLE.contains(&name) || name.starts_with('d') || command.starts_with("\\;");
        (!is_idle || command.contains("\\\\")).then(|| {
            let line = 1 + original[..start].bytes().filter(|byte| *byte == b'\n').count();
            not_read(start..end, line, format!("a command of a client: {command}"))
        })
    }

    /// All that is left, as one statement that is not understood.
    fn rest(&mut self, reason: String) -> Option<StatementLineage> {
        let left = self.text.get(self.reached..)?;
        let read = tokens(left, self.dialect).map_while(Result::ok);
        let passed = read.take_while(|token| !is_code(token.kind, token.text)).last();
        let start = self.reached + passed.map_or(0, |token| token.end);
        let text = std::mem::take(&mut self.text);
        let line = self.line_at(&text, start);
        Some(not_read(start..text.trim_end().len().max(start), line, reason))
    }

    /// Whether there is more than blanks, comments and semicolons.
    fn has_code(&self, from: usize, to: usize) -> bool {
        let part = self.text.get(from..to).unwrap_or_default();
        tokens(part, self.dialect).map_while(Result::ok).any(|token| is_code(token.kind, token.text))
    }
}

fn is_code(kind: TokenKind, text: &str) -> bool {
    !matches!(kind, TokenKind::Blank | TokenKind::Comment) && text != ";"
}

/// Behind a statement, and behind the rows that follow a `COPY`.
fn behind(text: &str, statement: &Statement<'_>) -> usize {
    // The rows are a part of the text.
    let rows = statement.copy_data.and_then(|rows| {
        let start = rows.as_ptr().addr().checked_sub(text.as_ptr().addr())?;
        Some(start + rows.len()).filter(|end| text.is_char_boundary(*end))
    });
    let Some(end) = rows else { return statement.end };
    end + if text[end..].starts_with("\\.") { 2 } else { 0 }
}

fn not_read(span: std::ops::Range<usize>, line: usize, reason: String) -> StatementLineage {
    let mut found = Findings::default();
    found.unanalysed.push(Unanalysed { start: span.start, end: span.end, reason });
    found.at(StatementKind::Other, span, line)
}
