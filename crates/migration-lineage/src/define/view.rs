//! `CREATE VIEW` and `ALTER VIEW … AS`.

use std::collections::BTreeSet;

use sqlparser::ast::{self, CreateView};

use super::names;
use super::table::names_of;
use crate::catalogue::{Catalogue, Column, Former, Relation, RelationKind, View};
use crate::fault::Fault;
use crate::flow::ColumnRef;
use crate::name::{Ident, ObjectName};
use crate::result::Findings;
use crate::walk::{Output, Walker};

pub(super) fn create(
    create: &CreateView,
    catalogue: &mut Catalogue,
    found: &mut Findings,
) -> Result<(), Fault> {
    if create.if_not_exists {
        let name = catalogue.new_name(&ObjectName::of(&create.name, catalogue.dialect()));
        if catalogue.known(&name).is_some_and(|known| !known.assumed) {
            found.output(&catalogue.canonical(&name));
            return Ok(());
        }
    }
    let columns: Vec<_> = create.columns.iter().map(|column| column.name.clone()).collect();
    let name = ObjectName::of(&create.name, catalogue.dialect());
    let name = if create.temporary { catalogue.new_temporary_name(&name) } else { catalogue.new_name(&name) };
    let kind = if create.materialized { RelationKind::MaterializedView } else { RelationKind::View };
    put(&name, &columns, &create.query, kind, catalogue, found)?;
    if create.temporary {
        catalogue.make_temporary(&name);
    }
    Ok(())
}

pub(super) fn put(
    name: &ObjectName,
    columns: &[ast::Ident],
    query: &ast::Query,
    kind: RelationKind,
    catalogue: &mut Catalogue,
    found: &mut Findings,
) -> Result<(), Fault> {
    let dialect = catalogue.dialect();
    let mut walker = Walker::new(catalogue);
    let given: Vec<_> = columns.iter().map(|column| Ident::of(column, dialect)).collect();
    let output = walker.query(query, None)?.under(&given);
    let names = names_of(&output, &given, dialect);
    walker.found.output(name);

    // What a function reads doesn't keep it from being dropped on account of the view.
    let calls = std::mem::take(&mut walker.calls);
    let (own, reads) = own_reads(query, &output, &mut walker)?;
    found.touched.extend(reads.iter().cloned());
    let mut relation = Relation::table(name.clone());
    relation.kind = kind;
    relation.complete = output.columns.iter().all(|column| column.star.is_none());
    for (column, name_of) in output.columns.iter().zip(names) {
        walker.found.column(ColumnRef::new(name, &name_of), column.flow.clone());
        if !name_of.is_star() {
            let mut added = Column::new(name_of);
            added.computed = Some(column.flow.clone());
            relation.columns.push(added);
        }
    }
    walker.found.rows(Some(name), &output.rows);
    relation.view = Some(View {
        query: query.to_string(),
        inputs: own,
        reads,
        open: output.columns.iter().filter_map(|column| column.star.as_ref()?.table().cloned()).collect(),
        rows: output.rows,
        calls,
        names_columns: !given.is_empty(),
        former: Former::default(),
    });
    let more = walker.finish();
    found.join(more);
    catalogue.put(relation);
    Ok(())
}

/// The names of the columns that a view of this query would have; none if that can't be told.
pub(crate) fn columns_of(query: &ast::Query, given: &[Ident], catalogue: &Catalogue) -> Option<Vec<Ident>> {
    let mut walker = Walker::new(catalogue);
    let output = walker.query(query, None).ok()?;
    let names = names_of(&output, given, catalogue.dialect());
    (!names.iter().any(Ident::is_star)).then_some(names)
}

/// The tables and the columns that a query depends on itself.
fn own_reads(
    query: &ast::Query,
    output: &Output,
    walker: &mut Walker<'_>,
) -> Result<(BTreeSet<ObjectName>, BTreeSet<ColumnRef>), Fault> {
    let columns = |output: &Output, walker: &Walker<'_>| -> BTreeSet<ColumnRef> {
        let in_rows = walker.only_in_rows();
        let flows = output.columns.iter().map(|column| &column.flow).chain([&output.rows]);
        let all = flows.flat_map(|flow| flow.iter().map(|source| &source.column));
        all.filter(|column| !in_rows.contains(column)).cloned().collect()
    };
    if !walker.has_called {
        let mut reads = columns(output, walker);
        reads.append(&mut walker.take_touched());
        return Ok((walker.inputs(), reads));
    }
    let mut plain = Walker::new(walker.catalogue);
    plain.follows_calls = false;
    let output = plain.query(query, None)?;
    let mut reads = columns(&output, &plain);
    reads.append(&mut plain.take_touched());
    Ok((plain.inputs(), reads))
}

/// `REFRESH MATERIALIZED VIEW`: its rows are read anew.
pub(super) fn refresh(
    statement: &migration_syntax::Statement<'_>,
    catalogue: &Catalogue,
    found: &mut Findings,
) -> Result<(), Fault> {
    let name = names::after(statement.text, catalogue.dialect(), &["view"]);
    let Some(name) = name else { return Err(Fault::Syntax("the name of the view".to_owned())) };
    let name = catalogue.canonical(&name);
    found.output(&name);
    let relation = catalogue.known(&name);
    for column in relation.iter().flat_map(|relation| &relation.columns) {
        found.column(ColumnRef::new(&name, &column.name), column.computed.clone().unwrap_or_default());
    }
    if let Some(view) = relation.and_then(|relation| relation.view.as_ref()) {
        found.inputs.extend(view.inputs.iter().cloned());
        found.rows(Some(&name), &view.rows);
    }
    Ok(())
}
