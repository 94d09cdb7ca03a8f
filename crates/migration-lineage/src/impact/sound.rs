//! What a schema holds that can't be read: views and triggers over tables and columns that are there no more.

use super::{Dependent, SchemaObjectKind};
use crate::catalogue::{Catalogue, Effects, RelationKind};
use crate::flow::ColumnRef;
use crate::name::ObjectName;

/// Views and triggers that can't be read.
#[derive(Debug, Default)]
pub(super) struct Unsound {
    /// Because of something that was there once.
    pub(super) broken: Vec<Dependent>,
    /// The first table that nothing has made, so that nobody knows.
    pub(super) unknown: Option<String>,
}

/// Looks at all views and triggers.
pub(super) fn look(catalogue: &Catalogue) -> Unsound {
    let mut found = Unsound::default();
    for relation in catalogue.relations() {
        let Some(view) = &relation.view else { continue };
        let dependent = || Dependent::new(SchemaObjectKind::View, &relation.name);
        found.judge(catalogue, view.inputs.iter(), view.reads.iter(), dependent);
    }
    for trigger in catalogue.triggers() {
        let Effects { inputs, outputs, reads, .. } = &trigger.body;
        let dependent = || Dependent::of(SchemaObjectKind::Trigger, &trigger.name, &trigger.table);
        found.judge(catalogue, inputs.iter().chain(outputs), reads.iter(), dependent);
    }
    found
}

impl Unsound {
    fn judge<'a>(
        &mut self,
        catalogue: &Catalogue,
        tables: impl Iterator<Item = &'a ObjectName>,
        mut columns: impl Iterator<Item = &'a ColumnRef>,
        dependent: impl Fn() -> Dependent,
    ) {
        let mut is_broken = columns.any(|column| is_lost(catalogue, column));
        for table in tables.filter(|table| catalogue.known(table).is_none()) {
            if catalogue.is_gone(table) {
                is_broken = true;
            } else if !is_built_in(table) {
                self.unknown.get_or_insert_with(|| table.to_string());
            }
        }
        if is_broken {
            self.broken.push(dependent());
        }
    }
}

/// Whether a table is known, and has no such column. Those of views are judged with the views.
fn is_lost(catalogue: &Catalogue, column: &ColumnRef) -> bool {
    let known = column.table.as_ref().and_then(|table| catalogue.known(table));
    let is_row = ["rowid", "oid", "_rowid_"].contains(&column.name.key().to_ascii_lowercase().as_str());
    known.is_some_and(|relation| {
        relation.kind == RelationKind::Table
            && relation.complete
            && !is_row
            && !column.name.is_star()
            && relation.column(&column.name).is_none()
    })
}

/// Tables that SQLite has by itself.
fn is_built_in(table: &ObjectName) -> bool {
    let name = table.last().key().to_ascii_lowercase();
    ["sqlite_", "pragma_", "json_", "dbstat", "generate_series"].iter().any(|own| name.starts_with(own))
}
