//! The kinds of objects in their order, and reading them.

use std::collections::{BTreeSet, HashMap};

use super::links::Links;
use crate::backend::Backend;
use crate::error::DatabaseError;
use crate::value::{QueryOutput, Value};

/// A query per kind, in the order of the text. Each gives `class`, `oid`, `name` and `sql`, and `bare` where an object
/// can be made without some of its parts.
const KINDS: &[&str] = &[
    include_str!("sql/schemas.sql"),
    include_str!("sql/extensions.sql"),
    include_str!("sql/languages.sql"),
    include_str!("sql/access_methods.sql"),
    include_str!("sql/collations.sql"),
    include_str!("sql/types.sql"),
    include_str!("sql/foreign_data.sql"),
    SEQUENCES,
    include_str!("sql/functions.sql"),
    include_str!("sql/aggregates.sql"),
    include_str!("sql/operators.sql"),
    include_str!("sql/operator_families.sql"),
    include_str!("sql/operator_classes.sql"),
    include_str!("sql/operator_family_members.sql"),
    include_str!("sql/casts.sql"),
    include_str!("sql/text_search.sql"),
    include_str!("sql/tables.sql"),
    TABLE_PARTS,
    include_str!("sql/constraints.sql"),
    include_str!("sql/indexes.sql"),
    include_str!("sql/statistics.sql"),
    include_str!("sql/views.sql"),
    VIEW_PARTS,
    include_str!("sql/view_defaults.sql"),
    include_str!("sql/foreign_keys.sql"),
    include_str!("sql/rules.sql"),
    include_str!("sql/triggers.sql"),
    include_str!("sql/policies.sql"),
    include_str!("sql/event_triggers.sql"),
];

const SEQUENCES: &str = include_str!("sql/sequences.sql");

/// What an object can be made without; read only where needed. These queries also give `whole_class` and `whole_oid`.
const TABLE_PARTS: &str = include_str!("sql/table_parts.sql");
const VIEW_PARTS: &str = include_str!("sql/view_parts.sql");

/// What the server makes for itself has lower numbers (`FirstNormalObjectId` in `src/include/access/transam.h`), and so
/// has the schema `public`; the queries leave out the other schemas of its own.
const FIRST_OID: i64 = 16384;
const PUBLIC_SCHEMA: i64 = 2200;

/// The address of an object: the catalog that it stands in and its number there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Id {
    pub(super) class: i64,
    pub(super) oid: i64,
}

/// Something that statements of its own make.
#[derive(Debug)]
pub(super) struct Object {
    pub(super) id: Id,
    /// Place in [`KINDS`].
    kind: usize,
    /// Qualified, and unique in its kind.
    name: String,
    /// Statements, separated by semicolons.
    sql: String,
    /// The same without the parts that can come later.
    pub(super) bare: Option<String>,
    comments: Vec<String>,
}

impl Object {
    /// What it is sorted by.
    pub(super) fn key(&self) -> (usize, String) {
        (self.kind, self.name.clone())
    }

    pub(super) fn is_sequence(&self) -> bool {
        KINDS.get(self.kind) == Some(&SEQUENCES)
    }

    /// Writes its statements, after an empty line.
    pub(super) fn write(&self, text: &mut String) {
        let mut separator = "\n";
        for statement in std::iter::once(&self.sql).chain(&self.comments) {
            let statement = statement.trim_end();
            let statement = statement.strip_suffix(';').unwrap_or(statement);
            if !statement.is_empty() {
                text.push_str(std::mem::take(&mut separator));
                text.push_str(statement);
                text.push_str(";\n");
            }
        }
    }
}

/// Reads all objects but those that an extension made.
pub(super) fn read(backend: &mut dyn Backend, links: &Links) -> Result<Vec<Object>, DatabaseError> {
    let mut objects = Vec::new();
    for (kind, query) in KINDS.iter().enumerate() {
        if ![TABLE_PARTS, VIEW_PARTS].contains(query) {
            let output = backend.query(query, &[])?;
            objects.extend((0..output.rows.len()).filter_map(|row| object(&output, row, kind, links)));
        }
    }
    Ok(objects)
}

/// Takes the parts that can come later out of these objects, and makes them objects of their own.
pub(super) fn split(
    backend: &mut dyn Backend,
    links: &Links,
    objects: &mut Vec<Object>,
    whole: &BTreeSet<Id>,
) -> Result<(), DatabaseError> {
    for object in objects.iter_mut().filter(|object| whole.contains(&object.id)) {
        if let Some(bare) = object.bare.take() {
            object.sql = bare;
        }
    }
    for (kind, query) in KINDS.iter().enumerate() {
        if [TABLE_PARTS, VIEW_PARTS].contains(query) {
            let output = backend.query(query, &[])?;
            let parts = (0..output.rows.len())
                .filter(|&row| whole.contains(&id(&output, row, "whole_class", "whole_oid")));
            objects.extend(parts.filter_map(|row| object(&output, row, kind, links)));
        }
    }
    Ok(())
}

/// Reads the comments into the objects whose text they follow.
pub(super) fn read_comments(
    backend: &mut dyn Backend,
    links: &Links,
    objects: &mut [Object],
) -> Result<(), DatabaseError> {
    let places: HashMap<Id, usize> =
        objects.iter().enumerate().map(|(place, object)| (object.id, place)).collect();
    let output = backend.query(include_str!("sql/comments.sql"), &[])?;
    for row in 0..output.rows.len() {
        let id = id(&output, row, "class", "oid");
        if links.is_member(id) {
            continue;
        }
        if let Some(&place) = links.objects_of(id, &places).first() {
            objects[place].comments.push(text(&output, row, "sql"));
        }
    }
    Ok(())
}

/// Names of what the text doesn't hold, sorted.
pub(super) fn read_left_out(backend: &mut dyn Backend, links: &Links) -> Result<Vec<String>, DatabaseError> {
    let output = backend.query(include_str!("sql/left_out.sql"), &[])?;
    let mut names: Vec<String> = (0..output.rows.len())
        .filter(|&row| is_ours(id(&output, row, "class", "oid"), links))
        .map(|row| text(&output, row, "name"))
        .collect();
    names.sort();
    Ok(names)
}

/// The tables of these names, in any schema.
pub(super) fn tables_named(
    backend: &mut dyn Backend,
    names: &[String],
) -> Result<BTreeSet<Id>, DatabaseError> {
    let select = "SELECT tableoid::int8 AS class, oid::int8 AS oid FROM pg_class \
                  WHERE relname = $1 AND relkind IN ('r', 'p', 'f')";
    let mut tables = BTreeSet::new();
    for name in names {
        let output = backend.query(select, &[name.as_str().into()])?;
        tables.extend((0..output.rows.len()).map(|row| id(&output, row, "class", "oid")));
    }
    Ok(tables)
}

fn object(output: &QueryOutput, row: usize, kind: usize, links: &Links) -> Option<Object> {
    let id = id(output, row, "class", "oid");
    is_ours(id, links).then(|| Object {
        id,
        kind,
        name: text(output, row, "name"),
        sql: text(output, row, "sql"),
        bare: output.get(row, "bare").and_then(Value::as_str).map(str::to_owned),
        comments: Vec::new(),
    })
}

fn is_ours(id: Id, links: &Links) -> bool {
    (id.oid >= FIRST_OID || id.oid == PUBLIC_SCHEMA) && !links.is_member(id)
}

fn id(output: &QueryOutput, row: usize, class: &str, oid: &str) -> Id {
    let number = |column| output.get(row, column).and_then(Value::as_i64).unwrap_or_default();
    Id { class: number(class), oid: number(oid) }
}

fn text(output: &QueryOutput, row: usize, column: &str) -> String {
    output.get(row, column).and_then(Value::as_str).unwrap_or_default().to_owned()
}
