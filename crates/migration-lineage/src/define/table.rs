//! `CREATE TABLE`.

use migration_syntax::Dialect;
use sqlparser::ast::{self, ColumnOption, CreateTable, CreateTableLikeKind, Expr, TableConstraint};

use crate::catalogue::{Catalogue, Column, Constraint, ConstraintKind, Index, Parent, Relation};
use crate::fault::Fault;
use crate::flow::{ColumnRef, Flow, Subtype};
use crate::name::{Ident, ObjectName};
use crate::result::Findings;
use crate::walk::{Output, Scope, Walker};

pub(super) fn create(
    create: &CreateTable,
    catalogue: &mut Catalogue,
    found: &mut Findings,
) -> Result<(), Fault> {
    let dialect = catalogue.dialect();
    let name = ObjectName::of(&create.name, dialect);
    let temporary = create.temporary || catalogue.says_temporary(&name);
    let name = if temporary { catalogue.new_temporary_name(&name) } else { catalogue.new_name(&name) };
    // What has only been named so far is made now.
    let is_seen = |known: &Relation| known.complete || !known.columns.is_empty();
    let same = |known: &Relation| is_seen(known) && known.temporary == temporary;
    let exists = create.if_not_exists && catalogue.known(&name).is_some_and(same);
    if exists && create.query.is_none() {
        found.output(&catalogue.known(&name).map_or(name, |known| known.name.clone()));
        return Ok(());
    }
    let mut relation = Relation::table(name.clone());
    relation.temporary = temporary;
    if temporary {
        let hidden = catalogue.known(&name).filter(|known| !known.temporary && known.name == name);
        relation.hides = hidden.cloned().map(Box::new);
    }
    let mut indexes = Vec::new();
    for (parents, of_partition) in
        [(create.inherits.iter().flatten().collect(), false), (Vec::from_iter(&create.partition_of), true)]
    {
        let parents = parents.into_iter().map(|parent| catalogue.canonical(&ObjectName::of(parent, dialect)));
        relation.parents.extend(parents.map(|table| Parent { table, of_partition }));
    }
    let parents = create.inherits.iter().flatten().chain(&create.partition_of);
    let like = create.like.as_ref().map(|like| match like {
        CreateTableLikeKind::Parenthesized(like) | CreateTableLikeKind::Plain(like) => &like.name,
    });
    for parent in parents.chain(like).chain(&create.clone) {
        let parent = catalogue.canonical(&ObjectName::of(parent, dialect));
        found.inputs.insert(parent.clone());
        match catalogue.relation(&parent) {
            Some(known) => {
                relation.complete &= known.complete;
                relation.columns.extend(known.columns.iter().map(|column| inherited(column, &parent, &name)));
            }
            None => relation.complete = false,
        }
    }
    relation.partition_key = create
        .partition_by
        .iter()
        .filter(|_| dialect == Dialect::Postgres)
        .flat_map(|key| names_in(key, dialect))
        .collect();
    for column in &create.columns {
        add_column(column, &mut relation, &mut indexes, dialect);
    }
    for constraint in &create.constraints {
        add_constraint(constraint, &mut relation, &mut indexes, dialect);
    }
    if let Some(query) = &create.query {
        return from_query(query, relation, catalogue, found);
    }
    let generated = create.columns.iter().filter_map(|column| Some((&column.name, generation(column)?)));
    compute(generated, &mut relation, catalogue)?;
    found.output(&name);
    for column in &relation.columns {
        found.column(ColumnRef::new(&name, &column.name), column.computed.clone().unwrap_or_default());
    }
    resolve_references(&mut relation, catalogue);
    catalogue.put(relation);
    indexes.into_iter().for_each(|index| catalogue.put_index(index));
    Ok(())
}

fn inherited(column: &Column, from: &ObjectName, to: &ObjectName) -> Column {
    let mut column = column.clone();
    if let Some(flow) = &column.computed {
        let moved = flow.iter().cloned().map(|mut source| {
            if source.column.table.as_ref() == Some(from) {
                source.column.table = Some(to.clone());
            }
            source
        });
        column.computed = Some(moved.collect());
    }
    column
}

/// `CREATE TABLE … AS`: the query's columns, under the names that were given.
fn from_query(
    query: &ast::Query,
    mut relation: Relation,
    catalogue: &mut Catalogue,
    found: &mut Findings,
) -> Result<(), Fault> {
    let mut walker = Walker::new(catalogue);
    if walker.dialect == Dialect::Postgres {
        // Only names can be given; the types are those of the query.
        relation.columns.iter_mut().for_each(|column| column.data_type.clear());
    }
    let declared: Vec<Ident> = relation.columns.iter().map(|column| column.name.clone()).collect();
    // MySQL puts columns that it does not find in the query in front of those that it does.
    let by_name = walker.dialect == Dialect::Mysql && !declared.is_empty();
    let given = if by_name { &[][..] } else { &declared };
    let output = walker.query(query, None)?.under(given);
    let names = names_of(&output, given, walker.dialect);
    walker.found.output(&relation.name);
    for (column, name) in output.columns.iter().zip(&names) {
        walker.found.column(ColumnRef::new(&relation.name, name), column.flow.clone());
    }
    walker.found.rows(Some(&relation.name), &output.rows);
    let flows = output.columns.iter().map(|column| &column.flow).chain([&output.rows]);
    found.touched.extend(flows.flat_map(|flow| flow.iter().map(|source| source.column.clone())));
    found.touched.append(&mut walker.take_touched());
    let more = walker.finish();
    found.join(more);
    relation.complete &= output.columns.iter().all(|column| column.star.is_none());
    for name in names.into_iter().filter(|name| !name.is_star()) {
        if relation.column(&name).is_none() {
            relation.columns.push(Column::new(name));
        }
    }
    resolve_references(&mut relation, catalogue);
    catalogue.put(relation);
    Ok(())
}

/// What a query's columns are called in a table or view: by the names given, then by their own.
pub(crate) fn names_of(output: &Output, given: &[Ident], dialect: Dialect) -> Vec<Ident> {
    let unnamed = |index: usize| match dialect {
        Dialect::Postgres => Ident::new("?column?", true, dialect),
        _ => Ident::new(&format!("_{index}"), true, dialect),
    };
    let named = |(index, column): (usize, &crate::walk::OutColumn)| {
        let own = column.name.clone().filter(|name| column.star.is_some() || !name.is_star());
        given.get(index).cloned().or(own).unwrap_or_else(|| unnamed(index))
    };
    output.columns.iter().enumerate().map(named).collect()
}

/// Adds a column, with the constraints that stand beside it.
pub(super) fn add_column(
    column: &ast::ColumnDef,
    relation: &mut Relation,
    indexes: &mut Vec<Index>,
    dialect: Dialect,
) {
    let name = Ident::of(&column.name, dialect);
    let mut added = Column::new(name.clone());
    added.data_type = match &column.data_type {
        ast::DataType::Unspecified => String::new(),
        // SQLite: several words, which the rewriting has put into quotes.
        ast::DataType::Custom(name, arguments) if dialect == Dialect::Sqlite => custom(name, arguments),
        data_type => data_type.to_string(),
    };
    for option in &column.options {
        let constraint = match &option.option {
            ColumnOption::NotNull => {
                added.nullable = false;
                continue;
            }
            ColumnOption::Invisible => {
                added.invisible = true;
                continue;
            }
            ColumnOption::Default(value) => {
                added.default = Some(value.to_string());
                continue;
            }
            ColumnOption::PrimaryKey(_) => {
                added.nullable = false;
                (ConstraintKind::PrimaryKey, None)
            }
            ColumnOption::Unique(_) => {
                let index = Index {
                    name: None,
                    table: relation.name.clone(),
                    columns: [name.clone()].into(),
                    unique: true,
                    keys: vec![name.clone()],
                };
                indexes.push(index);
                (ConstraintKind::Unique, None)
            }
            ColumnOption::ForeignKey(key) => {
                let columns = key.referred_columns.iter().map(|column| Ident::of(column, dialect)).collect();
                (ConstraintKind::ForeignKey, Some((ObjectName::of(&key.foreign_table, dialect), columns)))
            }
            ColumnOption::Check(check) => {
                let constraint = Constraint {
                    name: check.name.as_ref().or(option.name.as_ref()).map(|name| Ident::of(name, dialect)),
                    kind: ConstraintKind::Check,
                    columns: names_in(&check.expr, dialect),
                    references: None,
                    within: Some(name.clone()),
                    empties: false,
                    by_default: None,
                };
                relation.constraints.push(constraint);
                continue;
            }
            _ => continue,
        };
        let given = option.name.as_ref().map(|name| Ident::of(name, dialect));
        let (kind, references) = constraint;
        let (columns, within) = (vec![name.clone()], Some(name.clone()));
        relation.constraints.push(Constraint {
            name: given,
            kind,
            columns,
            references,
            within,
            empties: empties(&option.option),
            by_default: None,
        });
    }
    match relation.columns.iter_mut().find(|known| known.name == name) {
        Some(known) => *known = added,
        None => relation.columns.push(added),
    }
}

/// A type of any name, as it was written.
fn custom(name: &ast::ObjectName, arguments: &[String]) -> String {
    let words: Vec<_> = name.0.iter().filter_map(|part| part.as_ident()).map(|part| &*part.value).collect();
    let name = words.join(" ");
    if arguments.is_empty() { name } else { format!("{name}({})", arguments.join(", ")) }
}

pub(super) fn add_constraint(
    constraint: &TableConstraint,
    relation: &mut Relation,
    indexes: &mut Vec<Index>,
    dialect: Dialect,
) {
    let given = |name: &Option<ast::Ident>| name.as_ref().map(|name| Ident::of(name, dialect));
    let keys = |columns: &[ast::IndexColumn]| -> Vec<Ident> {
        columns.iter().flat_map(|column| names_in(&column.column.expr, dialect)).collect()
    };
    let mut index = |name: Option<Ident>, columns: &[Ident], unique| {
        let (keys, columns) = (columns.to_vec(), columns.iter().cloned().collect());
        indexes.push(Index { name, table: relation.name.clone(), columns, unique, keys });
    };
    let (name, kind, columns, references) = match constraint {
        TableConstraint::Unique(unique) => {
            let columns = keys(&unique.columns);
            let name = given(&unique.name).or(given(&unique.index_name));
            index(name.clone(), &columns, true);
            (name, ConstraintKind::Unique, columns, None)
        }
        TableConstraint::PrimaryKey(key) => {
            (given(&key.name), ConstraintKind::PrimaryKey, keys(&key.columns), None)
        }
        TableConstraint::ForeignKey(key) => {
            let columns = key.columns.iter().map(|column| Ident::of(column, dialect)).collect();
            let others = key.referred_columns.iter().map(|column| Ident::of(column, dialect)).collect();
            let table = ObjectName::of(&key.foreign_table, dialect);
            (given(&key.name), ConstraintKind::ForeignKey, columns, Some((table, others)))
        }
        TableConstraint::Check(check) => {
            (given(&check.name), ConstraintKind::Check, names_in(&check.expr, dialect), None)
        }
        TableConstraint::Exclude(exclude) => {
            let columns =
                exclude.elements.iter().flat_map(|e| names_in(&e.column.column.expr, dialect)).collect();
            (given(&exclude.name), ConstraintKind::Exclude, columns, None)
        }
        TableConstraint::Index(key) => return index(given(&key.name), &keys(&key.columns), false),
        TableConstraint::FulltextOrSpatial(key) => {
            return index(given(&key.opt_index_name), &keys(&key.columns), false);
        }
        TableConstraint::PrimaryKeyUsingIndex(_) | TableConstraint::UniqueUsingIndex(_) => return,
    };
    if kind == ConstraintKind::PrimaryKey {
        for column in relation.columns.iter_mut().filter(|column| columns.contains(&column.name)) {
            column.nullable = false;
        }
    }
    let empties = matches!(constraint, TableConstraint::ForeignKey(key) if empties_by(key));
    relation.constraints.push(Constraint {
        name,
        kind,
        columns,
        references,
        within: None,
        empties,
        by_default: None,
    });
}

fn empties(option: &ColumnOption) -> bool {
    matches!(option, ColumnOption::ForeignKey(key) if empties_by(key))
}

/// `ON DELETE SET NULL`, `ON UPDATE SET NULL`.
fn empties_by(key: &ast::ForeignKeyConstraint) -> bool {
    [key.on_delete, key.on_update].contains(&Some(ast::ReferentialAction::SetNull))
}

/// The tables that foreign keys name, under the names that they go by.
pub(super) fn resolve_references(relation: &mut Relation, catalogue: &Catalogue) {
    for constraint in &mut relation.constraints {
        if let Some((table, _)) = &mut constraint.references
            && *table != relation.name
        {
            *table = catalogue.canonical(table);
        }
    }
}

/// The columns that an index sorts by, up to the first expression.
pub(crate) fn leading_columns(columns: &[ast::IndexColumn], dialect: Dialect) -> Vec<Ident> {
    fn plain(expr: &Expr) -> Option<&ast::Ident> {
        match expr {
            Expr::Identifier(name) => Some(name),
            Expr::Collate { expr, .. } => plain(expr),
            Expr::Nested(inner) => plain(inner),
            _ => None,
        }
    }
    let plain = |column: &ast::IndexColumn| Some(Ident::of(plain(&column.column.expr)?, dialect));
    columns.iter().map_while(plain).collect()
}

/// The columns that a check or key names: within its own table, so whatever is an identifier.
pub(super) fn names_in(expr: &Expr, dialect: Dialect) -> Vec<Ident> {
    let catalogue = Catalogue::new(dialect);
    let mut walker = Walker::new(&catalogue);
    let flow = walker.expr(expr, &Scope::default()).unwrap_or_default();
    let name = |source: &crate::flow::Source| {
        let name = source.column.name.as_str();
        Ident::new(name.rsplit('.').next().unwrap_or(name), true, dialect)
    };
    flow.iter().map(name).collect()
}

/// The expression of a generated column.
pub(super) fn generation(column: &ast::ColumnDef) -> Option<&Expr> {
    column.options.iter().find_map(|option| match &option.option {
        ColumnOption::Generated { generation_expr, .. } => generation_expr.as_ref(),
        _ => None,
    })
}

/// Works out what generated columns are computed from.
pub(super) fn compute<'a>(
    generated: impl Iterator<Item = (&'a ast::Ident, &'a Expr)>,
    relation: &mut Relation,
    catalogue: &Catalogue,
) -> Result<(), Fault> {
    for (column, expr) in generated {
        let mut own = crate::walk::Relation::new(relation.name.last());
        own.table = Some(relation.name.clone());
        let copy = |column: &Column| {
            (column.name.clone(), Flow::copy_of(ColumnRef::new(&relation.name, &column.name)))
        };
        own.columns = relation.columns.iter().map(copy).collect();
        let mut walker = Walker::new(catalogue);
        walker.follows_calls = false;
        let flow = walker.expr(expr, &Scope::of(vec![own], None))?.through(Subtype::Identity);
        let name = Ident::of(column, catalogue.dialect());
        if let Some(column) = relation.columns.iter_mut().find(|column| column.name == name) {
            column.computed = Some(flow);
        }
    }
    Ok(())
}

/// SQLite: a table that a module makes. Of the full-text ones the arguments are the columns.
pub(super) fn create_virtual(
    name: &ast::ObjectName,
    module: &ast::Ident,
    args: &[ast::Ident],
    catalogue: &mut Catalogue,
    found: &mut Findings,
) {
    let dialect = catalogue.dialect();
    let name = catalogue.new_name(&ObjectName::of(name, dialect));
    let mut relation = Relation::table(name.clone());
    if module.value.to_ascii_lowercase().starts_with("fts") {
        relation.columns = args.iter().map(|arg| Column::new(Ident::of(arg, dialect))).collect();
    }
    // The table's own name and `rank` are columns as well.
    relation.complete = false;
    found.output(&name);
    catalogue.put(relation);
}
