//! Rows of a CSV as records, by the rules of the `csv` crate's reader; every value is a text, an empty one without quotes null.

use std::iter;

use super::lines::Found;
use super::names::{Names, Slot};
use super::table::Table;
use crate::chunk::{CsvDialect, CsvLayout};
use crate::json::text;
use crate::reason::Reason;

/// The rows of a chunk, without a header.
#[derive(Debug)]
pub(crate) struct Rows<'a> {
    text: &'a [u8],
    dialect: &'a CsvDialect,
    is_utf8: bool,
    at: usize,
    /// Line ends before `at`.
    lines: u64,
    /// The decoded value, if it is not a part of the text.
    scratch: Vec<u8>,
    /// The text ended within quotes.
    is_open: bool,
}

/// A row that has been read into the table, if there is no problem with it.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) at: Found,
    pub(crate) problem: Option<Reason>,
}

/// The columns' names, by number.
pub(crate) fn columns(layout: &CsvLayout, names: &Names) -> Vec<(Slot, Box<[u8]>)> {
    let mut scratch = Vec::new();
    let column = |name: &String| {
        let mut written = Vec::new();
        text::write(name.as_bytes(), &mut written);
        (names.find(&written[1..written.len() - 1], &mut scratch), written.into_boxed_slice())
    };
    layout.columns.iter().map(column).collect()
}

/// The line on which a row begins that has a quote which is never closed.
pub(crate) fn unclosed_quote(text: &[u8], dialect: &CsvDialect) -> Option<u64> {
    let mut rows = Rows::new(text, dialect, true);
    let mut table = Table::default();
    let row = iter::from_fn(|| rows.next(&mut table, &[], usize::MAX));
    row.filter(|row| row.problem == Some(Reason::UnclosedQuote)).map(|row| row.at.line).next()
}

impl<'a> Rows<'a> {
    pub(crate) fn new(text: &'a [u8], dialect: &'a CsvDialect, is_utf8: bool) -> Self {
        Self { text, dialect, is_utf8, at: 0, lines: 0, scratch: Vec::new(), is_open: false }
    }

    /// The next row, which is read into the table.
    pub(crate) fn next(
        &mut self,
        table: &mut Table,
        columns: &[(Slot, Box<[u8]>)],
        limit: usize,
    ) -> Option<Row> {
        self.skip_to_row()?;
        let (start, line) = (self.at, self.lines + 1);
        table.clear();
        self.is_open = false;
        let mut count = 0;
        loop {
            let is_last = self.field(table, columns.get(count));
            count += 1;
            if is_last {
                break;
            }
        }
        let end = self.at;
        self.skip_line_end();
        let row = &self.text[start..end];
        let problem = if row.len() > limit {
            Some(Reason::TooLong)
        } else if !self.is_utf8 && simdutf8::basic::from_utf8(row).is_err() {
            Some(Reason::InvalidUtf8)
        } else if self.is_open {
            Some(Reason::UnclosedQuote)
        } else {
            (count != columns.len()).then_some(Reason::WrongNumberOfFields)
        };
        Some(Row { at: Found { start, end, line }, problem })
    }

    /// Continues at a place, before which there were so many lines.
    pub(crate) fn go_to(&mut self, at: usize, lines: u64) {
        (self.at, self.lines) = (at, lines);
    }

    /// Where the next row begins.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// How many lines there were up to there; the last one may have no end. A CR that ends a row ends no line.
    pub(crate) fn lines(&self) -> u64 {
        let is_over = self.text.last().is_none_or(|last| matches!(last, b'\n' | b'\r'));
        let is_open = self.at == self.text.len() && !is_over;
        self.lines + u64::from(is_open)
    }

    /// Past empty lines and comments.
    fn skip_to_row(&mut self) -> Option<()> {
        loop {
            let first = *self.text.get(self.at)?;
            if matches!(first, b'\n' | b'\r') {
                self.lines += u64::from(first == b'\n');
                self.at += 1;
            } else if self.dialect.comment == Some(first) {
                let rest = &self.text[self.at..];
                let end = memchr::memchr(b'\n', rest);
                self.lines += u64::from(end.is_some());
                self.at += end.map_or(rest.len(), |end| end + 1);
            } else {
                return Some(());
            }
        }
    }

    fn skip_line_end(&mut self) {
        let (len, lines) = match &self.text[self.at..] {
            [b'\r', b'\n', ..] => (2, 1),
            [b'\n', ..] => (1, 1),
            [_, ..] => (1, 0),
            [] => (0, 0),
        };
        self.at += len;
        self.lines += lines;
    }

    /// Reads a field and the delimiter after it; says whether it is the last of its row.
    fn field(&mut self, table: &mut Table, column: Option<&(Slot, Box<[u8]>)>) -> bool {
        let first = self.text.get(self.at).copied();
        if first.is_some() && first == self.dialect.quote {
            self.quoted();
            table.push_text(column, Some(&self.scratch));
        } else {
            let end = self.plain_end(self.at);
            let value = &self.text[self.at..end];
            table.push_text(column, (!value.is_empty()).then_some(value));
            self.at = end;
        }
        let is_last = self.text.get(self.at) != Some(&self.dialect.delimiter);
        self.at += usize::from(!is_last);
        is_last
    }

    /// Where a value ends that is not in quotes, or what comes behind quotes.
    fn plain_end(&self, at: usize) -> usize {
        let rest = &self.text[at..];
        at + memchr::memchr3(self.dialect.delimiter, b'\n', b'\r', rest).unwrap_or(rest.len())
    }

    /// Decodes a value in quotes.
    fn quoted(&mut self) {
        let Some(quote) = self.dialect.quote else { return };
        self.scratch.clear();
        self.at += 1;
        loop {
            let rest = &self.text[self.at..];
            let stop = memchr::memchr2(quote, self.dialect.escape.unwrap_or(quote), rest);
            let len = stop.unwrap_or(rest.len());
            self.lines += memchr::memchr_iter(b'\n', &rest[..len]).count() as u64;
            self.scratch.extend_from_slice(&rest[..len]);
            self.at += len;
            let rest = &rest[len..];
            match rest {
                [] => {
                    self.is_open = true;
                    return;
                }
                [first, second, ..] if Some(*first) == self.dialect.escape => {
                    self.lines += u64::from(*second == b'\n');
                    self.scratch.push(*second);
                    self.at += 2;
                }
                [first] if Some(*first) == self.dialect.escape => {
                    self.at += 1;
                    self.is_open = true;
                    return;
                }
                [_, second, ..] if *second == quote && self.dialect.double_quote => {
                    self.scratch.push(quote);
                    self.at += 2;
                }
                // The end; what stands between it and the delimiter belongs to the value.
                _ => {
                    self.at += 1;
                    let end = self.plain_end(self.at);
                    self.scratch.extend_from_slice(&self.text[self.at..end]);
                    self.at = end;
                    return;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The rows as JSON arrays of the values.
    fn ours(text: &str, dialect: &CsvDialect, columns: usize) -> Vec<Option<Vec<String>>> {
        let names = Names::default();
        let layout = CsvLayout { dialect: *dialect, columns: (0..columns).map(|n| n.to_string()).collect() };
        let columns = super::columns(&layout, &names);
        let mut rows = Rows::new(text.as_bytes(), dialect, true);
        let mut table = Table::default();
        let mut found = Vec::new();
        while let Some(row) = rows.next(&mut table, &columns, usize::MAX) {
            if row.problem == Some(Reason::UnclosedQuote) {
                break;
            }
            let values = table.entries.iter().map(|entry| {
                let value = table.text(text.as_bytes(), entry.value);
                let value: Option<String> = serde_json::from_slice(value).unwrap();
                value.unwrap_or_default()
            });
            found.push(row.problem.is_none().then(|| values.collect()));
        }
        found
    }

    /// Whether the text ends within quotes: a row behind it that it swallows tells.
    fn is_open(text: &str, dialect: &CsvDialect) -> bool {
        let rows = |text: &str| theirs(text, dialect, 1).len();
        rows(&format!("{text}\nx\n")) == rows(text)
    }

    #[test]
    fn a_quote_that_is_never_closed_is_told() {
        let (names, dialect) = (Names::default(), CsvDialect::default());
        let layout = CsvLayout { dialect, columns: vec!["a".to_owned(), "b".to_owned()] };
        let columns = columns(&layout, &names);
        let text = b"1,2\n3,\"4\n5,6\n";
        let mut rows = Rows::new(text, &dialect, true);
        let mut table = Table::default();
        let mut next =
            || rows.next(&mut table, &columns, 100).map(|row| (row.problem, row.at.start, row.at.end));
        assert_eq!(next(), Some((None, 0, 3)));
        assert_eq!(next(), Some((Some(Reason::UnclosedQuote), 4, text.len())));
        assert_eq!(next(), None);
        assert_eq!((unclosed_quote(text, &dialect), unclosed_quote(&text[..4], &dialect)), (Some(2), None));
        assert_eq!(unclosed_quote(b"\n1,\"\n\"\r\n2,\"", &dialect), Some(4));
    }

    fn theirs(text: &str, dialect: &CsvDialect, columns: usize) -> Vec<Option<Vec<String>>> {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(dialect.delimiter)
            .double_quote(dialect.double_quote)
            .quoting(dialect.quote.is_some())
            .quote(dialect.quote.unwrap_or(b'"'))
            .escape(dialect.escape)
            .comment(dialect.comment)
            .from_reader(text.as_bytes());
        let rows = reader.records().map(|row| {
            let row = row.unwrap();
            (row.len() == columns).then(|| row.iter().map(str::to_owned).collect())
        });
        rows.collect()
    }

    fn dialects() -> impl Strategy<Value = CsvDialect> {
        (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
            |(quote, escape, double_quote, comment)| CsvDialect {
                quote: quote.then_some(b'"'),
                escape: escape.then_some(b'\\'),
                double_quote,
                comment: comment.then_some(b'#'),
                ..CsvDialect::default()
            },
        )
    }

    #[test]
    fn nothing_is_not_the_empty_text() {
        let names = Names::default();
        let dialect = CsvDialect::default();
        let layout = CsvLayout { dialect, columns: ["a", "b", "c\"d"].map(str::to_owned).to_vec() };
        let columns = columns(&layout, &names);
        let text = b"\n,\"\",\"x\n\"\"y\r\n\r\n1,2\n\"\n";
        let mut rows = Rows::new(text, &dialect, true);
        let mut table = Table::default();
        let row = rows.next(&mut table, &columns, 100).unwrap();
        assert_eq!((row.problem, row.at.line), (None, 2));
        let mut out = Vec::new();
        table.write(text, &names, false, &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), r#"{"a":null,"b":"","c\"d":"x\n\"y\r\n\r\n1,2\n"}"#);
        assert!(rows.next(&mut table, &columns, 100).is_none());
    }

    proptest! {
        #[test]
        fn reads_as_the_csv_crate(mut text in r##"([ab",\\#]|\n|\r|"a"|,|é){0,30}"##, dialect in dialects(), columns in 1_usize..4) {
            // They make a row of a comment at the very end; nobody wants that.
            if dialect.comment.is_some() {
                text.push('\n');
            }
            let (ours, mut theirs) = (ours(&text, &dialect, columns), theirs(&text, &dialect, columns));
            // They take what follows a quote that is never closed for one value; we say so.
            if ours.len() + 1 == theirs.len() && is_open(&text, &dialect) {
                theirs.pop();
            }
            prop_assert_eq!(ours, theirs, "{}", text);
        }
    }
}
