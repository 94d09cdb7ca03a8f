//! Columns put together: the way back from Dremel's levels to nested records ("Dremel: Interactive Analysis of Web-Scale
//! Datasets", 2010), with the rules of Parquet's specification for lists and maps that older programs wrote.

use ::parquet::basic::{ConvertedType, LogicalType, Repetition};
use ::parquet::schema::types::{SchemaDescriptor, Type};

use super::column::Column;
use crate::json::text;

/// What stands at a place of a record.
#[derive(Debug)]
pub(super) enum Node {
    /// A value: which column.
    Value(usize),
    Object {
        fields: Vec<Field>,
        /// Definition level at which it is there.
        there: i16,
        columns: Columns,
    },
    List {
        element: Box<Node>,
        levels: Levels,
        columns: Columns,
    },
    /// Keys are the names of an object's fields.
    Map {
        key: usize,
        /// None of a map without values.
        value: Option<Box<Node>>,
        levels: Levels,
        columns: Columns,
    },
}

/// A field of an object: its name as JSON with a colon, and what stands there.
#[derive(Debug)]
pub(super) struct Field {
    name: Vec<u8>,
    node: Node,
}

/// Which columns are below a node. There is at least one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Columns {
    first: usize,
    end: usize,
}

/// Of what may be repeated.
#[derive(Clone, Copy, Debug)]
pub(super) struct Levels {
    /// Definition level at which the list is there.
    there: i16,
    /// Definition level at which it has an element.
    element: i16,
    /// Repetition level of its second element and all others.
    repetition: i16,
}

/// How far the schema has been walked.
#[derive(Clone, Copy)]
struct At {
    definition: i16,
    repetition: i16,
}

impl Node {
    /// The fields of a record.
    pub(super) fn of_schema(schema: &SchemaDescriptor) -> Result<Vec<Field>, String> {
        let mut column = 0;
        fields(schema.root_schema(), At { definition: 0, repetition: 0 }, &mut column)
    }
}

fn fields(group: &Type, at: At, column: &mut usize) -> Result<Vec<Field>, String> {
    let field = |kind: &Type, column: &mut usize| {
        let mut name = Vec::new();
        text::write(kind.name().as_bytes(), &mut name);
        name.push(b':');
        Ok(Field { name, node: node(kind, at, column)? })
    };
    group.get_fields().iter().map(|kind| field(kind, column)).collect()
}

/// A field by its repetition.
fn node(kind: &Type, at: At, column: &mut usize) -> Result<Node, String> {
    let At { definition, repetition } = at;
    match repetition_of(kind) {
        Repetition::REQUIRED => plain(kind, at, column),
        Repetition::OPTIONAL => plain(kind, At { definition: definition + 1, repetition }, column),
        // Without a group around it: a list that is always there.
        Repetition::REPEATED => {
            let inside = At { definition: definition + 1, repetition: repetition + 1 };
            let first = *column;
            let element = Box::new(plain(kind, inside, column)?);
            let columns = Columns::new(first, *column, kind)?;
            let levels =
                Levels { there: definition, element: inside.definition, repetition: inside.repetition };
            Ok(Node::List { element, levels, columns })
        }
    }
}

/// A type without its repetition, which the levels have already.
fn plain(kind: &Type, at: At, column: &mut usize) -> Result<Node, String> {
    if kind.is_primitive() {
        *column += 1;
        return Ok(Node::Value(*column - 1));
    }
    let first = *column;
    let info = kind.get_basic_info();
    let (logical, converted) = (info.logical_type_ref(), info.converted_type());
    let inner = match kind.get_fields() {
        [only] if repetition_of(only) == Repetition::REPEATED => Some(&**only),
        _ => None,
    };
    let inside = At { definition: at.definition + 1, repetition: at.repetition + 1 };
    let levels = Levels { there: at.definition, element: inside.definition, repetition: inside.repetition };
    let is_list = matches!(logical, Some(LogicalType::List)) || converted == ConvertedType::LIST;
    let is_map = matches!(logical, Some(LogicalType::Map))
        || matches!(converted, ConvertedType::MAP | ConvertedType::MAP_KEY_VALUE);
    match inner {
        Some(inner) if is_list => {
            let element = Box::new(if is_element(inner, kind.name()) {
                plain(inner, inside, column)?
            } else {
                node(&inner.get_fields()[0], inside, column)?
            });
            Ok(Node::List { element, levels, columns: Columns::new(first, *column, kind)? })
        }
        Some(inner) if is_map && inner.is_group() => match inner.get_fields() {
            [key, values @ ..] if key.is_primitive() && !key.is_optional() && values.len() < 2 => {
                *column += 1;
                let value = values.first().map(|value| node(value, inside, column)).transpose()?;
                let columns = Columns::new(first, *column, kind)?;
                Ok(Node::Map { key: first, value: value.map(Box::new), levels, columns })
            }
            // Keys that are no names: a list of objects.
            _ => {
                let element = Box::new(plain(inner, inside, column)?);
                Ok(Node::List { element, levels, columns: Columns::new(first, *column, kind)? })
            }
        },
        _ => {
            let fields = fields(kind, at, column)?;
            let columns = Columns::new(first, *column, kind)?;
            Ok(Node::Object { fields, there: at.definition, columns })
        }
    }
}

/// Whether what is repeated in a list is an element itself, and no group around one.
fn is_element(repeated: &Type, list: &str) -> bool {
    !repeated.is_group()
        || repeated.get_fields().len() != 1
        || repetition_of(&repeated.get_fields()[0]) == Repetition::REPEATED
        || repeated.name() == "array"
        || repeated.name().strip_suffix("_tuple") == Some(list)
}

fn repetition_of(kind: &Type) -> Repetition {
    let info = kind.get_basic_info();
    if info.has_repetition() { info.repetition() } else { Repetition::REQUIRED }
}

impl Columns {
    fn new(first: usize, end: usize, kind: &Type) -> Result<Self, String> {
        if first == end {
            return Err(format!("the group `{}` has no column", kind.name()));
        }
        Ok(Self { first, end })
    }
}

/// Appends the next record.
///
/// # Errors
/// If the levels of the columns contradict one another.
pub(super) fn record(fields: &[Field], columns: &mut [Column], out: &mut Vec<u8>) -> Result<(), Broken> {
    object(fields, columns, out)
}

/// Levels that can't be.
#[derive(Debug, thiserror::Error)]
#[error("the levels of columns contradict one another")]
pub(super) struct Broken;

fn object(fields: &[Field], columns: &mut [Column], out: &mut Vec<u8>) -> Result<(), Broken> {
    out.push(b'{');
    for (place, field) in fields.iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        out.extend_from_slice(&field.name);
        value(&field.node, columns, out)?;
    }
    out.push(b'}');
    Ok(())
}

fn value(node: &Node, columns: &mut [Column], out: &mut Vec<u8>) -> Result<(), Broken> {
    match node {
        Node::Value(column) => {
            let column = &mut columns[*column];
            column.definition().ok_or(Broken)?;
            let kind = column.kind;
            match column.next() {
                Some(stored) => kind.write(stored, out),
                None => out.extend_from_slice(b"null"),
            }
            Ok(())
        }
        Node::Object { fields, there, columns: below } => {
            if level(columns, *below)? < *there {
                return null(columns, *below, out);
            }
            object(fields, columns, out)
        }
        Node::List { element, levels, columns: below } => {
            let each = |columns: &mut [Column], out: &mut Vec<u8>| value(element, columns, out);
            repeated((b'[', b']'), *levels, *below, columns, out, each)
        }
        Node::Map { key, value: inner, levels, columns: below } => {
            let each = |columns: &mut [Column], out: &mut Vec<u8>| {
                let start = out.len();
                let column = &mut columns[*key];
                let kind = column.kind;
                kind.write(column.next().ok_or(Broken)?, out);
                if out.get(start) != Some(&b'"') {
                    let written = out.split_off(start);
                    text::write(&written, out);
                }
                out.push(b':');
                match inner {
                    Some(inner) => value(inner, columns, out),
                    None => {
                        out.extend_from_slice(b"null");
                        Ok(())
                    }
                }
            };
            repeated((b'{', b'}'), *levels, *below, columns, out, each)
        }
    }
}

fn repeated(
    (open, close): (u8, u8),
    levels: Levels,
    below: Columns,
    columns: &mut [Column],
    out: &mut Vec<u8>,
    mut each: impl FnMut(&mut [Column], &mut Vec<u8>) -> Result<(), Broken>,
) -> Result<(), Broken> {
    let level = level(columns, below)?;
    if level < levels.there {
        return null(columns, below, out);
    }
    out.push(open);
    if level < levels.element {
        skip(columns, below)?;
    } else {
        loop {
            each(columns, out)?;
            if columns[below.first].repetition() < levels.repetition {
                break;
            }
            out.push(b',');
        }
    }
    out.push(close);
    Ok(())
}

/// The definition level of the next entry below a node: where it isn't all there, each column says the same.
fn level(columns: &[Column], below: Columns) -> Result<i16, Broken> {
    columns[below.first].definition().ok_or(Broken)
}

fn null(columns: &mut [Column], below: Columns, out: &mut Vec<u8>) -> Result<(), Broken> {
    skip(columns, below)?;
    out.extend_from_slice(b"null");
    Ok(())
}

fn skip(columns: &mut [Column], below: Columns) -> Result<(), Broken> {
    for column in &mut columns[below.first..below.end] {
        column.definition().ok_or(Broken)?;
        column.skip();
    }
    Ok(())
}
