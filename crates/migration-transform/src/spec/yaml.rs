//! Chains from YAML 1.2 by its core schema: `no` and `y` are texts, and numbers have all the digits that are written.

use std::collections::{HashMap, HashSet};

use granit_parser::{Event, Parser, ScalarStyle, ScanError, Span, StrInput, Tag};

use super::literal;
use super::misplaced::Misplaced;
use crate::error::Error;
use crate::reason::Reason;
use crate::value::{MAX_DEPTH, Record, Value, scan};

/// How many bytes of JSON the aliases of a document may stand for: a few lines of them could fill any memory.
const MOST_COPIED: usize = 16 << 20;

/// The prefix of the tags that the core schema has.
const CORE: &str = "tag:yaml.org,2002:";

/// What a YAML document says; null if there is nothing.
///
/// # Errors
/// If it is none, if there are several, or if it says what JSON can't: infinities and NaN, tags of programs, keys that are no
/// texts.
pub(super) fn read(text: &str) -> Result<Value, Error> {
    let mut reader = Reader { text, events: Parser::new_from_str(text), anchors: HashMap::new(), copied: 0 };
    reader.document().map_err(|source| Error::Syntax { language: "YAML", source: source.into() })
}

struct Reader<'t> {
    text: &'t str,
    events: Parser<'t, StrInput<'t>>,
    /// What anchors stand for, as JSON.
    anchors: HashMap<usize, String>,
    /// How many bytes aliases have stood for.
    copied: usize,
}

type Read<T> = Result<T, Misplaced>;

impl<'t> Reader<'t> {
    fn document(&mut self) -> Read<Value> {
        let mut document = None;
        loop {
            match self.next()? {
                (Event::StreamEnd, _) => return Ok(document.unwrap_or_default()),
                (Event::DocumentStart(..), span) if document.is_some() => {
                    return Err(self.wrong(span, "a second document: a chain is one"));
                }
                (Event::DocumentStart(..), _) => {
                    let (event, span) = self.next()?;
                    document = Some(self.node(event, span, 0)?);
                }
                _ => {}
            }
        }
    }

    /// The next event that says something.
    fn next(&mut self) -> Read<(Event<'t>, Span)> {
        loop {
            match self.events.next() {
                Some(Ok((event, span))) if event.is_node() || is_frame(&event) => return Ok((event, span)),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(misplaced(&error)),
                None => return Ok((Event::StreamEnd, Span::default())),
            }
        }
    }

    fn wrong(&self, span: Span, why: impl Into<String>) -> Misplaced {
        Misplaced::new(self.text, span.start.byte_offset().unwrap_or(0), why)
    }

    /// The value that begins with an event, in so many lists and tables.
    fn node(&mut self, event: Event<'t>, span: Span, depth: usize) -> Read<Value> {
        if depth > MAX_DEPTH {
            return Err(self.wrong(span, Reason::TooDeep.code()));
        }
        let (value, anchor) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let value = scalar(&text, style, tag.as_deref()).map_err(|why| self.wrong(span, why))?;
                (value, anchor)
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.expect(span, tag.as_deref(), "seq")?;
                (self.list(depth)?, anchor)
            }
            Event::MappingStart(_, anchor, tag) => {
                self.expect(span, tag.as_deref(), "map")?;
                (Value::Object(self.table(depth)?), anchor)
            }
            Event::Alias(anchor) => (self.copy(anchor, span, depth)?, 0),
            _ => return Err(self.wrong(span, "a value has to be here")),
        };
        if anchor != 0 {
            self.anchors.insert(anchor, value.to_json());
        }
        Ok(value)
    }

    fn expect(&self, span: Span, tag: Option<&Tag>, kind: &str) -> Read<()> {
        match tag.filter(|tag| kind_of(tag).as_deref() != Some(kind)) {
            Some(tag) => Err(self.wrong(span, format!("the tag `{}` means nothing here", named(tag)))),
            None => Ok(()),
        }
    }

    fn list(&mut self, depth: usize) -> Read<Value> {
        let mut values = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(Value::Array(values)),
                (event, span) => values.push(self.node(event, span, depth + 1)?),
            }
        }
    }

    fn table(&mut self, depth: usize) -> Read<Record> {
        let mut record = Record::new();
        let mut names = HashSet::new();
        let mut merged = Vec::new();
        loop {
            let (event, span) = self.next()?;
            let name = match event {
                Event::MappingEnd => break,
                Event::Scalar(text, ScalarStyle::Plain, _, None) if text == "<<" => {
                    let (event, span) = self.next()?;
                    let value = self.node(event, span, depth + 1)?;
                    merged.extend(self.tables_of(value, span)?);
                    continue;
                }
                key => self.key(key, span, depth)?,
            };
            if !names.insert(name.clone()) {
                return Err(self.wrong(span, format!("`{name}` stands there twice")));
            }
            let (event, span) = self.next()?;
            record.push(name, self.node(event, span, depth + 1)?);
        }
        // What is there goes before what is merged, and the first before the others.
        for field in merged.into_iter().flatten() {
            if names.insert(field.name().to_owned()) {
                record.push(field.name().to_owned(), field.into_value());
            }
        }
        Ok(record)
    }

    /// A name. One that is no text has to be what JSON would have for it: `1`, but not `01`.
    fn key(&mut self, event: Event<'t>, span: Span, depth: usize) -> Read<String> {
        let written =
            if let Event::Scalar(text, ..) = &event { text.clone().into_owned() } else { String::new() };
        match self.node(event, span, depth)? {
            Value::String(name) => Ok(name),
            Value::Array(_) | Value::Object(_) => Err(self.wrong(span, "a name has to be a text")),
            other => {
                let json = other.to_json();
                if json == written {
                    return Ok(json);
                }
                Err(self.wrong(
                    span,
                    format!("`{written}` as a name has to be in quotes: without, it is `{json}`"),
                ))
            }
        }
    }

    fn tables_of(&self, value: Value, span: Span) -> Read<Vec<Record>> {
        let values = if let Value::Array(values) = value { values } else { vec![value] };
        let table = |value| match value {
            Value::Object(record) => Ok(record),
            _ => Err(self.wrong(span, "`<<` merges tables")),
        };
        values.into_iter().map(table).collect()
    }

    fn copy(&mut self, anchor: usize, span: Span, depth: usize) -> Read<Value> {
        let Some(json) = self.anchors.get(&anchor) else {
            return Err(self.wrong(span, "the alias stands in what it stands for"));
        };
        self.copied = self.copied.saturating_add(json.len());
        if self.copied > MOST_COPIED {
            return Err(self.wrong(span, "the aliases stand for more than 16 MiB"));
        }
        let read =
            scan::value_end(json.as_bytes(), 0, MAX_DEPTH - depth).and_then(|_| Value::from_json(json));
        read.map_err(|reason| self.wrong(span, reason.code()))
    }
}

/// Whether an event is about documents and the ends of lists and tables.
fn is_frame(event: &Event<'_>) -> bool {
    matches!(event, Event::DocumentStart(..) | Event::SequenceEnd | Event::MappingEnd | Event::StreamEnd)
}

fn misplaced(error: &ScanError) -> Misplaced {
    let marker = error.marker();
    Misplaced { line: marker.line(), column: marker.col() + 1, why: error.info() }
}

/// What a tag of YAML itself calls: `str`.
fn kind_of(tag: &Tag) -> Option<std::borrow::Cow<'_, str>> {
    tag.suffix_in_namespace(CORE)
}

/// A tag as one writes it.
fn named(tag: &Tag) -> String {
    kind_of(tag).map_or_else(|| tag.to_string(), |kind| format!("!!{kind}"))
}

fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Result<Value, String> {
    let Some(tag) = tag else {
        return if style == ScalarStyle::Plain { plain(text) } else { Ok(Value::from(text)) };
    };
    let kind = kind_of(tag);
    // `!` alone: what is in quotes anyway.
    if kind.as_deref() == Some("str") || format!("{}{}", tag.handle(), tag.suffix()) == "!" {
        return Ok(Value::from(text));
    }
    let value = plain(text)?;
    let fits = match kind.as_deref() {
        Some("null") => value.is_null(),
        Some("bool") => matches!(value, Value::Bool(_)),
        Some("int") => matches!(&value, Value::Number(number) if number.is_integer()),
        Some("float") => matches!(value, Value::Number(_)),
        _ => return Err(format!("the tag `{}` means nothing here", named(tag))),
    };
    if fits { Ok(value) } else { Err(format!("`{text}` is not what the tag `{}` says", named(tag))) }
}

/// What a text without quotes is in the core schema (YAML 1.2.2, 10.3.2).
fn plain(text: &str) -> Result<Value, String> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let number = match text {
        "" | "~" | "null" | "Null" | "NULL" => return Ok(Value::Null),
        "true" | "True" | "TRUE" => return Ok(Value::Bool(true)),
        "false" | "False" | "FALSE" => return Ok(Value::Bool(false)),
        ".nan" | ".NaN" | ".NAN" => return Err(format!("`{text}`: NaN is no JSON number")),
        _ if matches!(unsigned, ".inf" | ".Inf" | ".INF") => {
            return Err(format!("`{text}`: infinity is no JSON number"));
        }
        _ => match (text.strip_prefix("0x"), text.strip_prefix("0o")) {
            (Some(digits), _) => based(text, digits, 16)?,
            (_, Some(digits)) => based(text, digits, 8)?,
            _ => literal::number(text).map(Value::Number),
        },
    };
    Ok(number.unwrap_or_else(|| Value::from(text)))
}

/// A number to another base; none if the digits are such of no number.
fn based(text: &str, digits: &str, radix: u32) -> Result<Option<Value>, String> {
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
        return Ok(None);
    }
    let number = literal::integer(digits, radix).map(Value::Number);
    number.map(Some).ok_or_else(|| format!("`{text}` has more than 128 bits"))
}

#[cfg(test)]
mod tests;
