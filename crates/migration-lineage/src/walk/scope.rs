//! What names mean at one place of a query.

mod words;

use migration_syntax::Dialect;
use sqlparser::ast;

use self::words::is_no_column;
use super::Walker;
use crate::flow::{ColumnRef, Flow, Source, Subtype};
use crate::name::{Ident, ObjectName};

/// Columns that nobody has seen.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Unseen {
    /// Those of a table.
    Of(ObjectName),
    /// Of a function of which nothing is known; all come from this.
    From(Flow),
}

/// Something with columns in a `FROM`.
#[derive(Debug, Clone)]
pub(crate) struct Relation {
    /// What it is called there.
    pub(crate) alias: Ident,
    /// The table, if it is one itself.
    pub(crate) table: Option<ObjectName>,
    pub(crate) columns: Vec<(Ident, Flow)>,
    /// Columns that are not known and show through: of an unknown table itself, or of a `*` over one.
    pub(crate) open: Vec<Unseen>,
    /// Names that are not listed: hidden columns of functions.
    pub(crate) hidden: Vec<(Ident, Flow)>,
    /// Names in the text with those that the columns have by now.
    pub(crate) former: Vec<(Ident, Ident)>,
    /// Whether its columns can be named without its alias.
    bare: bool,
}

/// The relations that can be named at a place, those of the query around it behind them.
#[derive(Debug, Default)]
pub(crate) struct Scope<'p> {
    pub(crate) relations: Vec<Relation>,
    /// The columns that `USING` or `NATURAL` made one of.
    pub(crate) merged: Vec<(Ident, Flow)>,
    /// The select list's own names, where they can be used.
    pub(crate) aliases: Vec<(Ident, Flow)>,
    /// The windows of the `WINDOW` clause.
    pub(crate) windows: Vec<(Ident, Flow)>,
    pub(crate) parent: Option<&'p Scope<'p>>,
}

impl Relation {
    pub(crate) fn new(alias: Ident) -> Self {
        Relation {
            alias,
            table: None,
            columns: Vec::new(),
            open: Vec::new(),
            hidden: Vec::new(),
            former: Vec::new(),
            bare: true,
        }
    }

    /// The same relation under another name.
    pub(crate) fn called(mut self, alias: Ident) -> Self {
        self.alias = alias;
        self
    }

    /// The same relation, whose columns can only be named with its alias.
    pub(crate) fn only_qualified(mut self) -> Self {
        self.bare = false;
        self
    }

    /// The same relation, whose columns can be named by themselves.
    pub(crate) fn without_qualifier(mut self) -> Self {
        self.bare = true;
        self
    }

    /// A column that it has, by the name in the text.
    pub(crate) fn known(&self, name: &Ident) -> Option<&Flow> {
        if let Some(now) = self.former(name) {
            return self.listed(now);
        }
        self.listed(name).or_else(|| self.hidden.iter().find(|(old, _)| old == name).map(|(_, flow)| flow))
    }

    /// The name by now of a column that the text calls so, if it is another.
    pub(crate) fn former(&self, name: &Ident) -> Option<&Ident> {
        self.former.iter().find(|(written, _)| written == name).map(|(_, now)| now)
    }

    pub(crate) fn listed(&self, name: &Ident) -> Option<&Flow> {
        self.columns.iter().find(|(column, _)| column == name).map(|(_, flow)| flow)
    }

    /// The column of that name if it has one, or may have one.
    pub(crate) fn column(&self, name: &Ident) -> Option<Flow> {
        self.known(name).cloned().or_else(|| self.assumed(name))
    }

    /// A column that nobody has seen, in the tables that may have it.
    fn assumed(&self, name: &Ident) -> Option<Flow> {
        if self.open.is_empty() {
            return None;
        }
        let through_star = self.table.is_none();
        let mut flow = Flow::default();
        for unseen in &self.open {
            match unseen {
                Unseen::Of(table) => {
                    flow.insert(Source { through_star, ..Source::copy_of(ColumnRef::new(table, name)) });
                }
                Unseen::From(source) => flow.add_all(source),
            }
        }
        Some(flow)
    }

    /// All that it has, in one.
    pub(crate) fn whole(&self) -> Flow {
        let mut flow = Flow::default();
        for (_, column) in &self.columns {
            flow.add_all(column);
        }
        self.open.iter().for_each(|unseen| flow.add(unseen.whole()));
        flow
    }

    /// Whether it may have columns of tables that nobody has seen.
    fn is_open(&self) -> bool {
        self.open.iter().any(|unseen| matches!(unseen, Unseen::Of(_)))
    }

    fn is_called(&self, qualifier: &[Ident]) -> bool {
        match qualifier {
            [name] => self.alias == *name,
            _ => self.table.as_ref().is_some_and(|table| table.ends_with(qualifier)),
        }
    }
}

impl Unseen {
    /// All of them, in one.
    pub(crate) fn whole(&self) -> Flow {
        match self {
            Unseen::Of(table) => Flow::copy_of(ColumnRef::new(table, &Ident::star())),
            Unseen::From(flow) => flow.clone(),
        }
    }

    /// The table whose columns they are.
    pub(crate) fn table(&self) -> Option<&ObjectName> {
        match self {
            Unseen::Of(table) => Some(table),
            Unseen::From(_) => None,
        }
    }
}

impl<'p> Scope<'p> {
    pub(crate) fn within(parent: Option<&'p Scope<'p>>) -> Self {
        Scope { parent, ..Scope::default() }
    }

    pub(crate) fn of(relations: Vec<Relation>, parent: Option<&'p Scope<'p>>) -> Self {
        Scope { relations, parent, ..Scope::default() }
    }

    fn chain(&self) -> impl Iterator<Item = &Scope<'p>> {
        let mut next = Some(self);
        std::iter::from_fn(move || {
            let scope = next?;
            next = scope.parent;
            Some(scope)
        })
    }

    /// The relation that a qualifier means, the innermost first. Where nothing is called so, the table of that name under
    /// another alias.
    pub(crate) fn relation(&self, qualifier: &[Ident]) -> Option<&Relation> {
        self.chain()
            .find_map(|scope| scope.relations.iter().find(|relation| relation.is_called(qualifier)))
            .or_else(|| {
                let is_table = |relation: &&Relation| {
                    relation.table.as_ref().is_some_and(|table| table.ends_with(qualifier))
                };
                self.chain().find_map(|scope| scope.relations.iter().find(is_table))
            })
    }

    fn bare(&self) -> impl Iterator<Item = &Relation> {
        self.relations.iter().filter(|relation| relation.bare)
    }

    /// An unqualified column, by this scope alone.
    fn own(&self, name: &Ident) -> Option<Flow> {
        if let Some((_, flow)) = self.merged.iter().find(|(merged, _)| merged == name) {
            return Some(flow.clone());
        }
        if let Some(relation) = self.bare().find(|relation| relation.former(name).is_some()) {
            return relation.known(name).cloned();
        }
        let listed = self.bare().find_map(|relation| relation.listed(name));
        if let Some(flow) = listed.or_else(|| self.bare().find_map(|relation| relation.known(name))) {
            return Some(flow.clone());
        }
        let tables: Vec<_> = self.bare().filter(|relation| relation.is_open()).collect();
        let may_have = match tables.as_slice() {
            [] => self.bare().filter(|relation| !relation.open.is_empty()).collect(),
            _ => tables,
        };
        match may_have.as_slice() {
            [] => None,
            [only] => only.assumed(name),
            _ => Some(unresolved(name)),
        }
    }

    /// An unqualified column.
    pub(crate) fn column(&self, name: &Ident) -> Option<Flow> {
        self.chain().find_map(|scope| scope.own(name)).or_else(|| self.row(name))
    }

    /// SQLite: an unqualified column, or where no table is known to have one a name of the list, place by place outwards.
    fn column_or_alias(&self, name: &Ident) -> Option<Flow> {
        let here = |scope: &Scope<'_>| {
            let alias = scope.alias(name).filter(|_| !scope.has(name));
            alias.cloned().or_else(|| scope.own(name))
        };
        self.chain().find_map(here).or_else(|| self.row(name))
    }

    /// Whether a column of that name is known here.
    fn has(&self, name: &Ident) -> bool {
        self.merged.iter().any(|(merged, _)| merged == name)
            || self.bare().any(|relation| relation.known(name).is_some())
    }

    /// PostgreSQL: a relation's name as a value is its row.
    fn row(&self, name: &Ident) -> Option<Flow> {
        self.chain()
            .find_map(|scope| scope.relations.iter().find(|relation| relation.alias == *name))
            .map(Relation::whole)
    }

    pub(crate) fn alias(&self, name: &Ident) -> Option<&Flow> {
        self.aliases.iter().find(|(alias, _)| alias == name).map(|(_, flow)| flow)
    }
}

impl Walker<'_> {
    /// What a name in an expression means.
    pub(super) fn lookup(&mut self, name: &ast::Ident, scope: &Scope<'_>) -> Flow {
        let ident = self.ident(name);
        if let Some(flow) = self.variables.get(&ident)
            && (self.dialect == Dialect::Mysql || !scope.lists(&ident))
        {
            // A column of the same name would be an error to PL/pgSQL; MySQL prefers the variable.
            return flow.clone();
        }
        if let Some(flow) = self.catalogue.session.flow(&ident).filter(|_| !self.in_routine) {
            // What the session's variable holds was read by an earlier statement, for this one.
            let tables = flow.iter().filter_map(|source| source.column.table.clone());
            self.read_by_calls.extend(tables);
            return flow.clone();
        }
        let found = match self.dialect {
            Dialect::Sqlite => scope.column_or_alias(&ident),
            _ => scope.column(&ident).or_else(|| scope.alias(&ident).cloned()),
        };
        if let Some(flow) = found {
            if scope.means_row(&ident) {
                self.note_row(&flow);
            } else if self.in_routine {
                self.absent.extend(scope.would_be_ambiguous(&ident));
            }
            self.by_former = scope.former(&ident).cloned();
            self.ambiguous |= scope.is_ambiguous(self.by_former.as_ref().unwrap_or(&ident));
            return flow;
        }
        if let Some(flow) = self.row_number(&ident, scope) {
            return flow;
        }
        if self.in_routine || is_no_column(name, self.dialect) {
            return Flow::default();
        }
        self.lost = true;
        unresolved(&ident)
    }

    /// SQLite: the number that a row has without having been given a column for it.
    fn row_number(&self, name: &Ident, scope: &Scope<'_>) -> Option<Flow> {
        let is = self.dialect == Dialect::Sqlite && ["rowid", "oid", "_rowid_"].contains(&name.key());
        let tables = || scope.chain().flat_map(Scope::bare).filter_map(|relation| relation.table.as_ref());
        let table = if is { tables().next() } else { None };
        table.map(|table| Flow::copy_of(ColumnRef::new(table, name)))
    }

    /// The relation that a qualifier means: by the scope's names, else the one whose table the catalogue finds by it, as
    /// `public.t` is the `t` that was made without a schema.
    pub(super) fn relation_of<'s>(&self, qualifier: &[Ident], scope: &'s Scope<'_>) -> Option<&'s Relation> {
        scope.relation(qualifier).or_else(|| {
            let name = (qualifier.len() > 1).then(|| ObjectName::from_parts(qualifier))?;
            let is = |relation: &&Relation| {
                relation.table.as_ref().is_some_and(|table| self.catalogue.is_same(table, &name))
            };
            scope.chain().find_map(|scope| scope.relations.iter().find(is))
        })
    }

    /// What a name with dots in it means: qualifiers and a column, or a column and a field of it.
    pub(super) fn lookup_qualified(&mut self, parts: &[ast::Ident], scope: &Scope<'_>) -> Flow {
        let names: Vec<_> = parts.iter().map(|part| self.ident(part)).collect();
        let Some((last, qualifier)) = names.split_last() else { return Flow::default() };
        if let Some(relation) = self.relation_of(qualifier, scope) {
            if let Some(flow) = relation.column(last) {
                self.by_former = relation.former(last).cloned();
                return flow;
            }
            if let Some(table) = &relation.table {
                self.lost = true;
                return Flow::copy_of(ColumnRef::new(table, last));
            }
        }
        if let [first, ..] = qualifier
            && let Some(flow) = scope.chain().find_map(|scope| scope.known(first))
        {
            // A field of it.
            return flow.through(Subtype::Transformation);
        }
        if self.in_routine {
            // A record of the body's language, of which at most the whole is known.
            let record = qualifier.first().and_then(|first| self.variables.get(first));
            return record.map(|flow| flow.clone().through(Subtype::Transformation)).unwrap_or_default();
        }
        self.lost = true;
        let text: Vec<_> = names.iter().map(ToString::to_string).collect();
        unresolved(&Ident::verbatim(&text.join(".")))
    }
}

impl Scope<'_> {
    /// What the column that a name means is called by now, if that is another name.
    fn former(&self, name: &Ident) -> Option<&Ident> {
        let scope = self.chain().find(|scope| scope.has(name))?;
        scope.bare().find_map(|relation| relation.former(name))
    }

    fn lists(&self, name: &Ident) -> bool {
        self.chain().any(|scope| scope.bare().any(|relation| relation.listed(name).is_some()))
    }

    /// Whether no column goes by the name, so that it can only be a row's.
    fn means_row(&self, name: &Ident) -> bool {
        self.chain().all(|scope| scope.own(name).is_none()) && self.row(name).is_some()
    }

    /// The columns of the name that a table beside the one that is meant must not get.
    fn would_be_ambiguous(&self, name: &Ident) -> Vec<ColumnRef> {
        let Some(scope) = self.chain().find(|scope| scope.own(name).is_some()) else { return Vec::new() };
        let others = scope.bare().filter(|relation| relation.listed(name).is_none());
        others.filter_map(|other| Some(ColumnRef::new(other.table.as_ref()?, name))).collect()
    }

    /// Whether the innermost tables that list a column of the name are several, and nothing made one of them.
    fn is_ambiguous(&self, name: &Ident) -> bool {
        let lists =
            |scope: &Scope<'_>| scope.bare().filter(|relation| relation.listed(name).is_some()).count();
        let merged = |scope: &Scope<'_>| scope.merged.iter().any(|(merged, _)| merged == name);
        let innermost = self.chain().find(|scope| merged(scope) || lists(scope) > 0);
        innermost.is_some_and(|scope| !merged(scope) && lists(scope) > 1)
    }

    fn known(&self, name: &Ident) -> Option<Flow> {
        self.bare().find_map(|relation| relation.known(name)).cloned()
    }
}

/// A column of which nothing says whose it is.
pub(super) fn unresolved(name: &Ident) -> Flow {
    Flow::copy_of(ColumnRef { table: None, name: name.clone() })
}
