//! The columns that records seem to have, from the first of them: each of those fits.

use std::collections::HashMap;

use super::scalar::is_exact;
use super::shred::name;
use crate::pipeline::columnar::Misfit;
use crate::reason::Reason;
use crate::spec::{Column, Columns};
use crate::value::{Number, Record, Value};

/// An object with more fields than this is one column with its JSON: its names are data.
const MOST_FIELDS: usize = 1000;
/// As is what is nested deeper than this.
const MOST_DEPTH: usize = 32;

/// A float holds every integer up to this one.
const FLOATS: i64 = 1 << 53;

/// What the values at one place have been.
#[derive(Debug, Default)]
pub(super) enum Guess {
    /// Only nulls so far.
    #[default]
    Nothing,
    Bool,
    /// The smallest and the largest.
    Int(i64, i64),
    Uint,
    Float,
    String,
    List(Box<Guess>),
    Object(Fields),
    /// What no other column can hold.
    Json,
}

#[derive(Debug, Default)]
pub(super) struct Fields {
    fields: Vec<(String, Guess)>,
    by_name: HashMap<String, usize>,
}

impl Guess {
    /// Looks at records, each a valid JSON object on a line. Those that fit are appended to `held`.
    pub(super) fn take(&mut self, lines: &[u8], held: &mut Vec<u8>) -> Vec<Misfit> {
        let mut misfits = Vec::new();
        let fields = match self {
            Self::Object(fields) => fields,
            other => {
                *other = Self::Object(Fields::default());
                let Self::Object(fields) = other else { return misfits };
                fields
            }
        };
        for (line, record) in lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).zip(0..) {
            let read = std::str::from_utf8(line).map_err(|_| Reason::InvalidUtf8).and_then(Record::from_json);
            let checked =
                read.map_err(|reason| (reason, String::new())).and_then(|read| match odd_name(&read) {
                    None => Ok(read),
                    Some(odd) => Err((Reason::DoesNotFit, name(odd))),
                });
            match checked {
                Ok(read) => {
                    fields.add(&read, 0);
                    held.extend_from_slice(line);
                    held.push(b'\n');
                }
                Err((reason, field)) => misfits.push(Misfit { record, reason, field }),
            }
        }
        misfits
    }

    /// The type of what has been seen; none of an object without fields.
    pub(super) fn column(&self) -> Option<Column> {
        Some(match self {
            Self::Nothing | Self::Json => Column::Json,
            Self::Bool => Column::Bool,
            Self::Int(..) => Column::Int,
            Self::Uint => Column::Uint,
            Self::Float => Column::Float,
            Self::String => Column::String,
            Self::List(element) => Column::List(Box::new(element.column().unwrap_or(Column::Json))),
            Self::Object(Fields { fields, .. }) => {
                let column = |(name, guess): &(String, Self)| {
                    // An object that never had a field is a column of its own kind: there is no group without columns.
                    (name.clone(), guess.column().unwrap_or(Column::Json))
                };
                Column::Object(Columns::new(fields.iter().map(column).collect()).ok()?)
            }
        })
    }

    fn add(&mut self, value: &Value, depth: usize) {
        let seen = match value {
            Value::Null => return,
            Value::Bool(_) => Self::Bool,
            Value::Number(number) => of_number(number),
            Value::String(_) => Self::String,
            Value::Array(_) | Value::Object(_) if depth == MOST_DEPTH => Self::Json,
            Value::Array(_) => Self::List(Box::default()),
            Value::Object(record) if odd_name(record).is_some() => Self::Json,
            Value::Object(_) => Self::Object(Fields::default()),
            Value::Verbatim(_) => Self::Json,
        };
        let known = std::mem::take(self);
        *self = match (known, seen, value) {
            (Self::Nothing, seen, _) => seen,
            (Self::Bool, Self::Bool, _) => Self::Bool,
            (Self::String, Self::String, _) => Self::String,
            (Self::Int(low, high), Self::Int(other, _), _) => Self::Int(low.min(other), high.max(other)),
            (Self::Uint, Self::Uint, _) => Self::Uint,
            (Self::Int(low, _), Self::Uint, _) | (Self::Uint, Self::Int(low, _), _) if low >= 0 => Self::Uint,
            (Self::Float, Self::Float, _) => Self::Float,
            (Self::Int(low, high), Self::Float, _) | (Self::Float, Self::Int(low, high), _)
                if low >= -FLOATS && high <= FLOATS =>
            {
                Self::Float
            }
            (known @ Self::List(_), Self::List(_), _) | (known @ Self::Object(_), Self::Object(_), _) => {
                known
            }
            _ => Self::Json,
        };
        match (&mut *self, value) {
            (Self::List(element), Value::Array(values)) => {
                values.iter().for_each(|value| element.add(value, depth + 1));
            }
            (Self::Object(fields), Value::Object(record)) => {
                fields.add(record, depth + 1);
                if fields.fields.len() > MOST_FIELDS {
                    *self = Self::Json;
                }
            }
            _ => {}
        }
    }
}

impl Fields {
    fn add(&mut self, record: &Record, depth: usize) {
        for field in record {
            let place = match self.by_name.get(field.name()) {
                Some(place) => *place,
                None => {
                    self.fields.push((field.name().to_owned(), Guess::Nothing));
                    self.by_name.insert(field.name().to_owned(), self.fields.len() - 1);
                    self.fields.len() - 1
                }
            };
            self.fields[place].1.add(field.value(), depth);
        }
    }
}

fn of_number(number: &Number) -> Guess {
    if number.is_integer() {
        return match (number.as_i64(), number.text().parse::<u64>()) {
            (Some(integer), _) => Guess::Int(integer, integer),
            (None, Ok(_)) => Guess::Uint,
            (None, Err(_)) => Guess::Json,
        };
    }
    match number.as_f64() {
        Some(float) if is_exact(number.text().as_bytes(), float) => Guess::Float,
        _ => Guess::Json,
    }
}

/// A name that no column can have: one that stands there twice, or is no text.
fn odd_name(record: &Record) -> Option<&str> {
    let mut names = std::collections::HashSet::new();
    record
        .iter()
        .find(|field| !field.is(field.name()) || !names.insert(field.name()))
        .map(crate::value::Field::name)
}
