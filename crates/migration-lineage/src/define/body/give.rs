//! Where values go: into variables, records, and the row that a trigger is about to store.

use super::blocks::Words;
use super::read::Given;
use super::variables::Variable;
use super::{Run, clean};
use crate::flow::{ColumnRef, Flow, Subtype};
use crate::name::{Ident, ObjectName};
use crate::walk::Returned;

impl Run<'_> {
    /// A variable is declared. One with the type of a row has the columns of that row.
    pub(super) fn declare(&mut self, names: Words<'_>, of: Words<'_>, value: Words<'_>) {
        let columns = self.columns_of_type(of);
        let table = self.need_type(of);
        for name in clean::split_list(names) {
            let Some(name) = self.ident(name) else { continue };
            if let Some(table) = &table {
                self.rows_of.insert(name.clone(), table.clone());
            }
            match &columns {
                Some(columns) => self.shapes.insert(name, columns.clone()),
                None => self.shapes.remove(&name),
            };
        }
        self.assign(names, value);
    }

    /// The columns of a row type: `orders%ROWTYPE`, or the name of a table or composite type.
    fn columns_of_type(&self, of: Words<'_>) -> Option<Vec<Ident>> {
        let (name, end) = crate::define::names::name_at(of, 0, self.dialect())?;
        let is_row = match of.get(end..).unwrap_or_default() {
            [] => true,
            [percent, kind] => percent.text == "%" && kind.is_word("rowtype"),
            _ => false,
        };
        is_row.then(|| self.catalogue.row_type(&name)).flatten()
    }

    /// `target := value`.
    pub(super) fn assign(&mut self, target: Words<'_>, value: Words<'_>) {
        let given = if value.is_empty() {
            // Declared: as yet it is null.
            Some(Given { texts: Some(Default::default()), ..Given::default() })
        } else {
            let mut given = self.query(value);
            let itself = value.iter().any(|word| target.first().is_some_and(|first| first.text == word.text));
            let repeats = self.frames.iter().any(|frame| frame.block == super::Block::Loop);
            if let Some(given) = given.as_mut().filter(|_| itself && repeats) {
                (given.texts, given.begins) = (None, None);
            }
            given
        };
        self.give(&clean::split_list(target), given.as_ref());
    }

    /// A result is put into variables, in order; into one record as a whole.
    pub(super) fn give(&mut self, targets: &[Words<'_>], given: Option<&Given>) {
        let nothing = Given::default();
        let given = given.unwrap_or(&nothing);
        let guard = self.guard();
        for (at, target) in targets.iter().enumerate() {
            let mut flow = match targets.len() {
                1 => given.value(),
                _ => given.columns.get(at).map(|(_, flow)| flow.clone()).unwrap_or_default(),
            };
            flow.add_all(&given.rows);
            flow.add_all(&guard);
            match target {
                [row, dot, column] if dot.text == "." => {
                    let (Some(name), Some(column)) =
                        (self.ident(std::slice::from_ref(row)), self.ident(std::slice::from_ref(column)))
                    else {
                        continue;
                    };
                    self.put_field(name, column, flow);
                }
                [name, rest @ ..] => {
                    let Some(name) = self.ident(std::slice::from_ref(name)) else { continue };
                    let alone = targets.len() == 1 && rest.is_empty();
                    if alone && name.is("new") && self.variables.get(&name).is_none() {
                        self.store(&name, given, &guard);
                        continue;
                    }
                    let value = Variable {
                        flow,
                        fields: if alone { self.fields(&name, given) } else { Vec::new() },
                        rows: given.rows.clone(),
                        texts: given.texts.clone().filter(|_| alone),
                        begins: given.begins.clone().filter(|_| alone),
                    };
                    self.variables.put(name, value, !rest.is_empty());
                }
                [] => {}
            }
        }
    }

    fn put_field(&mut self, row: Ident, column: Ident, flow: Flow) {
        if row.is("new") && self.variables.get(&row).is_none() {
            self.write(&row, &column, flow);
        } else {
            self.variables.put_field(row, column, flow);
        }
    }

    /// What the parameters of a procedure hold behind the call goes into what stands for them.
    pub(super) fn take_back(&mut self, returned: Vec<Returned>) {
        let guard = self.guard();
        for Returned { to, mut flow } in returned {
            flow.add_all(&guard);
            match <[Ident; 2]>::try_from(to) {
                Ok([row, column]) => self.put_field(row, column, flow),
                Err(to) => {
                    if let Ok([name]) = <[Ident; 1]>::try_from(to) {
                        self.variables.put(name, Variable { flow, ..Variable::default() }, false);
                    }
                }
            }
        }
    }

    /// The fields of a record that is given a result: those of its type, else those of the result.
    fn fields(&self, name: &Ident, given: &Given) -> Vec<(Ident, Flow)> {
        match self.shapes.get(name) {
            Some(columns) if !given.columns.is_empty() => by_place(columns, given),
            _ => given
                .columns
                .iter()
                .filter_map(|(field, flow)| Some((field.clone()?, flow.clone())))
                .collect(),
        }
    }

    /// The row at hand as a whole is changed before it is stored.
    fn store(&mut self, row: &Ident, given: &Given, guard: &Flow) {
        let known = self.body.table.and_then(|table| self.catalogue.row_type(table));
        for (column, mut flow) in by_place(&known.unwrap_or_else(|| vec![Ident::star()]), given) {
            flow.add_all(&given.rows);
            flow.add_all(guard);
            self.write(row, &column, flow);
        }
    }

    /// A column of the row at hand is changed before it is stored.
    fn write(&mut self, row: &Ident, column: &Ident, flow: Flow) {
        let own = || ObjectName::from_parts(std::slice::from_ref(row));
        let table = self.body.table.cloned().unwrap_or_else(own);
        let target = ColumnRef::new(&table, column);
        self.effects.outputs.insert(table.clone());
        self.effects.writes.entry(target.clone()).or_default().add_all(&flow);
        self.found.output(&table);
        self.found.column(target, flow);
    }
}

/// A row with these columns: the values in order; each of them the whole value where that is one for all.
fn by_place(columns: &[Ident], given: &Given) -> Vec<(Ident, Flow)> {
    let flow = |at: usize| match given.columns.as_slice() {
        [(_, all)] if columns.len() > 1 || columns.iter().any(Ident::is_star) => {
            all.clone().through(Subtype::Transformation)
        }
        _ if columns.iter().any(Ident::is_star) => given.value(),
        values => values.get(at).map(|(_, flow)| flow.clone()).unwrap_or_default(),
    };
    columns.iter().enumerate().map(|(at, name)| (name.clone(), flow(at))).collect()
}
