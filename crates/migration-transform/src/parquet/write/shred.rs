//! Records taken apart to columns, with Dremel's levels.

use std::collections::HashMap;

use super::buffer::{Buffer, Mark};
use super::scalar::Scalar;
use crate::json::text;
use crate::reason::Reason;
use crate::spec::{Column, Columns};
use crate::value::{MAX_DEPTH, scan};

/// Takes records apart to the buffers that came with it.
#[derive(Debug)]
pub(super) struct Shredder {
    fields: Fields,
    marks: Vec<Mark>,
    scratch: Scratch,
}

/// Memory that is used again and again.
#[derive(Debug, Default)]
struct Scratch {
    /// A text that had to be decoded.
    text: Vec<u8>,
    /// Which fields of the objects around this place were there.
    seen: Vec<bool>,
}

#[derive(Debug)]
struct Fields {
    nodes: Vec<(String, Node)>,
    by_name: HashMap<Vec<u8>, usize>,
}

#[derive(Debug)]
enum Node {
    Scalar(Scalar, usize),
    Object { fields: Fields, first: usize, end: usize },
    List { element: Box<Node>, first: usize, end: usize, repetition: i16 },
}

/// Why a record doesn't fit, and the path of the field.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unfit {
    pub(super) reason: Reason,
    pub(super) path: String,
}

impl Shredder {
    /// With the buffers of all columns. `is_guess`: nobody asked for these types, so that nothing is to be rounded.
    pub(super) fn new(columns: &Columns, is_guess: bool) -> (Self, Vec<Buffer>) {
        let mut buffers = Vec::new();
        let fields = Fields::new(columns, is_guess, (0, 0), &mut buffers);
        (Self { fields, marks: Vec::new(), scratch: Scratch::default() }, buffers)
    }

    /// Adds a record, which is a valid JSON object on a line.
    ///
    /// # Errors
    /// If it doesn't fit; nothing of it is added then.
    pub(super) fn shred(&mut self, line: &[u8], buffers: &mut [Buffer]) -> Result<(), Unfit> {
        self.marks.clear();
        self.marks.extend(buffers.iter().map(Buffer::mark));
        self.scratch.seen.clear();
        let mut place = Place { text: line, at: 0, buffers, scratch: &mut self.scratch };
        let shredded = place.fields(&self.fields, (0, 0));
        if shredded.is_err() {
            for (buffer, mark) in buffers.iter_mut().zip(&self.marks) {
                buffer.reset(*mark);
            }
        }
        shredded
    }
}

impl Fields {
    fn new(columns: &Columns, is_guess: bool, levels: (i16, i16), buffers: &mut Vec<Buffer>) -> Self {
        let node =
            |(name, column): &(String, Column)| (name.clone(), Node::new(column, is_guess, levels, buffers));
        let nodes: Vec<_> = columns.iter().map(node).collect();
        let by_name = nodes.iter().enumerate().map(|(place, (name, _))| (name.as_bytes().to_vec(), place));
        Self { by_name: by_name.collect(), nodes }
    }

    /// The field with a name; most often the one after the last.
    fn find(&self, name: &[u8], expected: usize) -> Option<usize> {
        match self.nodes.get(expected) {
            Some((known, _)) if known.as_bytes() == name => Some(expected),
            _ => self.by_name.get(name).copied(),
        }
    }
}

impl Node {
    fn new(
        column: &Column,
        is_guess: bool,
        (definition, repetition): (i16, i16),
        buffers: &mut Vec<Buffer>,
    ) -> Self {
        let first = buffers.len();
        match column {
            Column::Object(columns) => {
                let fields = Fields::new(columns, is_guess, (definition + 1, repetition), buffers);
                Self::Object { fields, first, end: buffers.len() }
            }
            Column::List(element) => {
                let levels = (definition + 2, repetition + 1);
                let element = Box::new(Self::new(element, is_guess, levels, buffers));
                Self::List { element, first, end: buffers.len(), repetition: repetition + 1 }
            }
            scalar => {
                // All other types are one.
                let scalar = Scalar::of(scalar, is_guess).unwrap_or(Scalar::Json);
                buffers.push(Buffer::new(scalar.values(), definition + 1, repetition));
                Self::Scalar(scalar, first)
            }
        }
    }

    /// The columns below.
    fn columns(&self) -> std::ops::Range<usize> {
        match self {
            Self::Scalar(_, column) => *column..*column + 1,
            Self::Object { first, end, .. } | Self::List { first, end, .. } => *first..*end,
        }
    }
}

/// How far a record has been taken apart.
struct Place<'a> {
    text: &'a [u8],
    at: usize,
    buffers: &'a mut [Buffer],
    scratch: &'a mut Scratch,
}

fn unfit<T>(reason: Reason) -> Result<T, Unfit> {
    Err(Unfit { reason, path: String::new() })
}

impl Place<'_> {
    /// The fields of the object that begins here. Levels are those of the object.
    fn fields(&mut self, fields: &Fields, (definition, repetition): (i16, i16)) -> Result<(), Unfit> {
        let base = self.scratch.seen.len();
        self.scratch.seen.resize(base + fields.nodes.len(), false);
        self.at = scan::blanks_end(self.text, self.at + 1);
        let mut expected = 0;
        while self.text.get(self.at) == Some(&b'"') {
            let start = self.at;
            let end = scan::string_end(self.text, start).or_else(unfit)?;
            let found = self.find(fields, &self.text[start + 1..end - 1], expected);
            let Some(found) = found else {
                let path = String::from_utf8_lossy(&self.text[start + 1..end - 1]).into_owned();
                return Err(Unfit { reason: Reason::ExtraField, path: name(&path) });
            };
            let (known, node) = &fields.nodes[found];
            let within = |inner: Unfit| {
                let path = if inner.path.is_empty() {
                    name(known)
                } else {
                    format!("{}.{}", name(known), inner.path)
                };
                Unfit { reason: inner.reason, path }
            };
            if std::mem::replace(&mut self.scratch.seen[base + found], true) {
                // A column has one value for each record.
                return unfit(Reason::DoesNotFit).map_err(within);
            }
            // Over the colon.
            self.at = scan::blanks_end(self.text, scan::blanks_end(self.text, end) + 1);
            self.value(node, (definition, repetition)).map_err(within)?;
            self.separator();
            expected = found + 1;
        }
        self.at += 1;
        for (place, (_, node)) in fields.nodes.iter().enumerate() {
            if !self.scratch.seen[base + place] {
                self.nothing(node, (definition, repetition));
            }
        }
        self.scratch.seen.truncate(base);
        Ok(())
    }

    fn find(&mut self, fields: &Fields, written: &[u8], expected: usize) -> Option<usize> {
        if memchr::memchr(b'\\', written).is_none() {
            return fields.find(written, expected);
        }
        self.scratch.text.clear();
        text::decode(written, &mut self.scratch.text).ok()?;
        fields.find(&self.scratch.text, expected)
    }

    /// The value that begins here. Levels are those of what is around it.
    fn value(&mut self, node: &Node, (definition, repetition): (i16, i16)) -> Result<(), Unfit> {
        let first = self.text.get(self.at).copied().unwrap_or_default();
        if first == b'n' {
            self.at += 4;
            self.nothing(node, (definition, repetition));
            return Ok(());
        }
        match node {
            Node::Scalar(scalar, column) => {
                let end = scan::value_end(self.text, self.at, MAX_DEPTH).or_else(unfit)?;
                let buffer = &mut self.buffers[*column];
                let json = &self.text[self.at..end];
                let pushed = scalar.push(json, &mut buffer.values, &mut self.scratch.text);
                if pushed.is_none() {
                    return unfit(Reason::DoesNotFit);
                }
                buffer.push_value(repetition);
                self.at = end;
                Ok(())
            }
            Node::Object { fields, .. } if first == b'{' => self.fields(fields, (definition + 1, repetition)),
            Node::List { element, repetition: inner, .. } if first == b'[' => {
                self.at = scan::blanks_end(self.text, self.at + 1);
                if self.text.get(self.at) == Some(&b']') {
                    self.nothing(node, (definition + 1, repetition));
                }
                let mut repetition = repetition;
                while !matches!(self.text.get(self.at), Some(b']') | None) {
                    self.value(element, (definition + 2, repetition))?;
                    self.separator();
                    repetition = *inner;
                }
                self.at += 1;
                Ok(())
            }
            _ => unfit(Reason::DoesNotFit),
        }
    }

    /// All columns below have this much of their path.
    fn nothing(&mut self, node: &Node, (definition, repetition): (i16, i16)) {
        for buffer in &mut self.buffers[node.columns()] {
            buffer.push(definition, repetition);
        }
    }

    /// Over a comma and the blanks around it.
    fn separator(&mut self) {
        self.at = scan::blanks_end(self.text, self.at);
        if self.text.get(self.at) == Some(&b',') {
            self.at = scan::blanks_end(self.text, self.at + 1);
        }
    }
}

/// A name as a path has it.
pub(super) fn name(name: &str) -> String {
    let is_plain = !name.is_empty() && !name.contains(['.', '"', ' ']);
    if is_plain { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}
