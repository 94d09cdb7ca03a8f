//! Rows of a CSV: a line feed inside of quotes ends none.

use memchr::{memchr, memchr2, memchr3};

use super::{Cut, Found};
use crate::chunk::CsvDialect;

/// Cuts behind rows, by the rules of the `csv` crate: a quote counts at the beginning of a value only, what follows a closing
/// quote is taken as it stands, and outside of quotes a CR ends a row as well, with or without an LF.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CsvCutter {
    dialect: CsvDialect,
    state: State,
    /// Whether the row that is being looked at has anything in it.
    begun: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// At the beginning of a row.
    Row,
    /// In a row and outside of quotes.
    Plain,
    Quoted,
    /// Behind a CR that ended a row, to which an LF belongs if it is next.
    Returned,
    /// Behind the sign that takes its meaning from the next one.
    Escaped,
    /// Behind a quote inside of quotes.
    MaybeClosed,
    Comment,
}

impl CsvCutter {
    pub(crate) fn new(dialect: CsvDialect) -> Self {
        Self { dialect, state: State::Row, begun: false }
    }

    fn begins_value(&self, text: &[u8], at: usize) -> bool {
        at.checked_sub(1).is_none_or(|before| {
            matches!(text[before], b'\n' | b'\r') || text[before] == self.dialect.delimiter
        })
    }

    /// What is outside of quotes, up to the next sign that matters; says whether that is a row's end.
    fn plain(&mut self, text: &[u8], at: usize) -> (usize, bool) {
        let rest = &text[at..];
        let hit = match self.dialect.quote {
            Some(quote) => memchr3(quote, b'\n', b'\r', rest),
            None => memchr2(b'\n', b'\r', rest),
        };
        let length = hit.unwrap_or(rest.len());
        self.begun |= length > 0;
        let hit = at + length;
        match (text.get(hit), text.get(hit + 1)) {
            (None, _) => return (hit, false),
            (Some(b'\n'), _) => self.state = State::Row,
            (Some(b'\r'), Some(b'\n')) => {
                self.state = State::Row;
                return (hit + 2, true);
            }
            (Some(b'\r'), Some(_)) => self.state = State::Row,
            (Some(b'\r'), None) => {
                self.state = State::Returned;
                return (hit + 1, false);
            }
            (Some(_), _) => {
                self.begun = true;
                if self.begins_value(text, hit) {
                    self.state = State::Quoted;
                }
                return (hit + 1, false);
            }
        }
        (hit + 1, true)
    }

    fn quoted(&mut self, text: &[u8], at: usize) -> usize {
        let quote = self.dialect.quote.unwrap_or(b'"');
        let rest = &text[at..];
        let hit = match self.dialect.escape {
            Some(escape) => memchr2(quote, escape, rest),
            None => memchr(quote, rest),
        };
        let Some(length) = hit else { return text.len() };
        let sign = text[at + length];
        self.state = if sign == quote { State::MaybeClosed } else { State::Escaped };
        at + length + 1
    }
}

impl Cut for CsvCutter {
    fn scan(&mut self, text: &[u8], seen: usize, most: Option<u64>) -> Option<Found> {
        let (mut at, mut records, mut end) = (seen, 0, None);
        while at < text.len() {
            match self.state {
                State::Row if self.dialect.comment == Some(text[at]) => self.state = State::Comment,
                State::Row => (self.state, self.begun) = (State::Plain, false),
                State::Plain | State::Returned => {
                    let ended;
                    (at, ended) = if self.state == State::Plain {
                        self.plain(text, at)
                    } else {
                        self.state = State::Row;
                        (at + usize::from(text[at] == b'\n'), true)
                    };
                    if ended && self.begun {
                        records += 1;
                        end = Some(at);
                        if most == Some(records) {
                            break;
                        }
                    }
                }
                State::Quoted => at = self.quoted(text, at),
                State::Escaped => (self.state, at) = (State::Quoted, at + 1),
                State::MaybeClosed => {
                    let doubled = self.dialect.double_quote && self.dialect.quote == Some(text[at]);
                    (self.state, at) = if doubled { (State::Quoted, at + 1) } else { (State::Plain, at) };
                    // A quote that closes is followed by one that is a sign like others.
                    if self.state == State::Plain && self.dialect.quote == Some(text[at]) {
                        at += 1;
                    }
                }
                State::Comment => match memchr(b'\n', &text[at..]) {
                    Some(length) => (self.state, at) = (State::Row, at + length + 1),
                    None => at = text.len(),
                },
            }
        }
        let end = end?;
        Some(Found { end, next: end, seen: at, records, closed: false })
    }
}
