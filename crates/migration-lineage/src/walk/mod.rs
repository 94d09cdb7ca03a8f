//! Reading one statement's tree: what each column is computed from, and what decides on the rows.
//!
//! Every value is a [`Flow`] to columns of tables from the moment it is read, so that a column of a derived table is
//! resolved by looking up its flow. Nothing is resolved twice, and no name is carried outwards.

mod call;
mod expr;
mod from;
mod functions;
mod group;
mod naming;
mod places;
mod query;
mod row;
mod scope;
mod select;
mod setops;
mod with_order;
mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use migration_syntax::Dialect;
use sqlparser::ast;

use crate::catalogue::{Catalogue, Former};
use crate::fault::Fault;
use crate::flow::{ColumnRef, Flow};
use crate::name::{Ident, ObjectName};
use crate::result::Findings;

pub(crate) use call::{Called, Returned};
pub(crate) use naming::column_name;
pub(crate) use scope::{Relation, Scope, Unseen};

/// How many expressions and table references are looked at before a statement counts as too large: recursive queries
/// inside each other multiply.
const BUDGET: usize = 4_000_000;

/// Reads the statements of one text. What it finds collects in `found`.
#[derive(Debug)]
pub(crate) struct Walker<'c> {
    pub(crate) dialect: Dialect,
    pub(crate) catalogue: &'c Catalogue,
    pub(crate) found: Findings,
    /// The tables that are read, of the query that is being walked, and how often each.
    inputs: BTreeMap<ObjectName, usize>,
    /// The `WITH` queries that can be seen, the innermost last.
    ctes: Vec<(Ident, Rc<Cte>)>,
    /// Those that can be seen and have not been walked yet, the next one last.
    awaited: Vec<Ident>,
    budget: usize,
    /// Every column that a name has meant.
    touched: BTreeSet<ColumnRef>,
    /// Columns that only the row of their table as a whole has brought along.
    of_rows: BTreeSet<ColumnRef>,
    /// Whether the last name that was looked up was that of a row.
    by_row: bool,
    /// Columns that would make a name mean two.
    pub(crate) absent: BTreeSet<ColumnRef>,
    /// Whether a name had no meaning though all tables are known.
    pub(crate) lost: bool,
    /// SQLite: the names in the text that mean something with another name by now.
    pub(crate) former: Option<&'c Former>,
    /// If the last name that was looked up was such a one: the column's name by now.
    by_former: Option<Ident>,
    /// Whether it is a body's statement, where `INTO` names variables.
    pub(crate) in_routine: bool,
    /// The variables that a body's statement sees, and what has flowed into them.
    pub(crate) variables: BTreeMap<Ident, Flow>,
    /// Whether what functions do is part of what the statement does.
    pub(crate) follows_calls: bool,
    /// Whether a function of the catalogue was called.
    pub(crate) has_called: bool,
    /// The functions that were called and change the schema.
    pub(crate) called: Vec<Called>,
    /// What procedures have put into the variables that they were called with.
    pub(crate) returned: Vec<Returned>,
    /// Whether conditions of joins wait until the select list is known.
    defers_conditions: bool,
    /// The names of all functions that were called, known or not.
    pub(crate) calls: BTreeSet<ObjectName>,
    /// Whether an unqualified name may mean columns of several tables.
    pub(crate) ambiguous: bool,
    /// The tables of which a statement needs just as many columns as they have now.
    pub(crate) counted: BTreeSet<ObjectName>,
    /// The tables that functions read.
    read_by_calls: BTreeSet<ObjectName>,
    /// The table that `SELECT … INTO` makes.
    pub(crate) made: Option<(ObjectName, Vec<Ident>)>,
}

/// A `WITH` query that has been walked.
#[derive(Debug)]
struct Cte {
    relation: Relation,
    rows: Flow,
    inputs: BTreeSet<ObjectName>,
}

/// What a query gives.
#[derive(Debug, Default)]
pub(crate) struct Output {
    pub(crate) columns: Vec<OutColumn>,
    /// What decides on the rows.
    pub(crate) rows: Flow,
}

/// A column of a query's result.
#[derive(Debug, Clone)]
pub(crate) struct OutColumn {
    /// As a view or a new table would name it; none where that is the engine's secret.
    pub(crate) name: Option<Ident>,
    pub(crate) flow: Flow,
    /// It stands for all these columns, which are not known.
    pub(crate) star: Option<Unseen>,
    /// Whether nothing says where it stands among the columns beside it.
    pub(crate) loose: bool,
}

impl OutColumn {
    pub(crate) fn new(name: Option<Ident>, flow: Flow) -> Self {
        OutColumn { name, flow, star: None, loose: false }
    }

    /// All columns that nobody has seen of something.
    pub(crate) fn star(unseen: &Unseen) -> Self {
        let (name, flow) = (Some(Ident::star()), unseen.whole());
        OutColumn { name, flow, star: Some(unseen.clone()), loose: false }
    }
}

impl<'c> Walker<'c> {
    pub(crate) fn new(catalogue: &'c Catalogue) -> Self {
        Walker {
            dialect: catalogue.dialect(),
            catalogue,
            found: Findings::default(),
            inputs: BTreeMap::new(),
            ctes: Vec::new(),
            awaited: Vec::new(),
            budget: BUDGET,
            touched: Default::default(),
            of_rows: BTreeSet::new(),
            by_row: false,
            absent: BTreeSet::new(),
            lost: false,
            former: None,
            by_former: None,
            in_routine: false,
            variables: BTreeMap::new(),
            follows_calls: true,
            has_called: false,
            called: Vec::new(),
            returned: Vec::new(),
            calls: BTreeSet::new(),
            ambiguous: false,
            counted: BTreeSet::new(),
            read_by_calls: BTreeSet::new(),
            made: None,
            defers_conditions: false,
        }
    }

    /// What was found, with the tables that were read.
    pub(crate) fn finish(mut self) -> Findings {
        self.found.inputs.extend(std::mem::take(&mut self.inputs).into_keys());
        self.found.inputs.append(&mut self.read_by_calls);
        self.found
    }

    pub(crate) fn ident(&self, ident: &ast::Ident) -> Ident {
        Ident::of(ident, self.dialect)
    }

    /// A name of the language's own.
    fn word(&self, word: &str) -> Ident {
        Ident::new(word, true, self.dialect)
    }

    pub(crate) fn name(&self, name: &ast::ObjectName) -> ObjectName {
        ObjectName::of(name, self.dialect)
    }

    /// The canonical name of a table that a statement names.
    pub(crate) fn table(&self, name: &ast::ObjectName) -> ObjectName {
        self.catalogue.canonical(&self.name(name))
    }

    /// Runs with its own set of inputs, and gives them.
    fn with_inputs<T>(
        &mut self,
        run: impl FnOnce(&mut Self) -> Result<T, Fault>,
    ) -> Result<(T, BTreeSet<ObjectName>), Fault> {
        let outer = std::mem::take(&mut self.inputs);
        let result = run(self);
        let inner = std::mem::replace(&mut self.inputs, outer);
        Ok((result?, inner.into_keys().collect()))
    }

    pub(crate) fn read(&mut self, table: &ObjectName) {
        *self.inputs.entry(table.clone()).or_default() += 1;
    }

    /// A table goes by another name as well, as the rows do that a statement has changed for its triggers.
    pub(crate) fn show_as(&mut self, name: &Ident, table: &ObjectName) {
        let relation = self.base(table, Some(name.clone()));
        let inputs = BTreeSet::from([table.clone()]);
        self.ctes.push((name.clone(), Rc::new(Cte { relation, rows: Flow::default(), inputs })));
    }

    /// Every column that a name has meant so far, also where its value is not used.
    pub(crate) fn take_touched(&mut self) -> BTreeSet<ColumnRef> {
        std::mem::take(&mut self.touched)
    }

    /// The columns that came along with rows as wholes and were not named as well.
    pub(crate) fn only_in_rows(&self) -> BTreeSet<ColumnRef> {
        self.of_rows.difference(&self.touched).cloned().collect()
    }

    /// The value is a row as a whole. By PostgreSQL's rules it goes on when a column of it goes.
    fn note_row(&mut self, flow: &Flow) {
        if self.dialect == Dialect::Postgres {
            self.by_row = true;
            self.of_rows.extend(flow.iter().map(|source| source.column.clone()));
        }
    }

    /// Takes back that a table was read once: there it is only changed. If it was read elsewhere as well, it stays an input.
    fn unread(&mut self, table: &ObjectName) {
        if let Some(times) = self.inputs.get_mut(table) {
            *times -= 1;
            if *times == 0 {
                self.inputs.remove(table);
            }
        }
    }

    /// The tables read so far.
    pub(crate) fn inputs(&self) -> BTreeSet<ObjectName> {
        self.inputs.keys().cloned().collect()
    }

    fn spend(&mut self) -> Result<(), Fault> {
        self.budget = self.budget.checked_sub(1).ok_or(Fault::TooLarge)?;
        Ok(())
    }

    /// A table of the catalogue, or one of which nothing is known, as it is seen under an alias.
    pub(crate) fn base(&self, table: &ObjectName, alias: Option<Ident>) -> Relation {
        let mut relation = Relation::new(alias.unwrap_or_else(|| table.last()));
        relation.table = Some(table.clone());
        match self.catalogue.known(table) {
            Some(known) => {
                let column = |column: &crate::catalogue::Column| {
                    (column.name.clone(), Flow::copy_of(ColumnRef::new(table, &column.name)))
                };
                let (hidden, listed): (Vec<_>, Vec<_>) =
                    known.columns.iter().partition(|column| column.invisible);
                relation.columns = listed.into_iter().map(column).collect();
                relation.hidden = hidden.into_iter().map(column).collect();
                let former = self.former.iter().flat_map(|former| former.columns(&known.name));
                relation.former = former.map(|(written, now)| (written.clone(), now.clone())).collect();
                if !known.complete {
                    relation.open.push(Unseen::Of(table.clone()));
                }
            }
            None => relation.open.push(Unseen::Of(table.clone())),
        }
        relation
    }
}

impl Output {
    /// The number of its columns, if it is known.
    fn width(&self) -> Option<usize> {
        let is_hidden = |column: &OutColumn| column.star.is_some() || column.loose;
        (!self.columns.iter().any(is_hidden)).then_some(self.columns.len())
    }

    /// The flow of the only column that matters to an expression: what a sub-query in it gives.
    fn value(self) -> Flow {
        let mut flow = Flow::default();
        for column in self.columns {
            flow.add(column.flow);
        }
        flow.add(self.rows);
        flow
    }
}
