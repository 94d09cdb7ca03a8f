//! What a body gives back: what it returns, or what its variables hold at the end.

use migration_syntax::Token;

use super::Run;
use super::blocks::Words;
use super::read::Given;
use crate::name::Ident;

impl Run<'_> {
    /// `RETURN`, with a value or without.
    pub(super) fn give_back(&mut self, value: Words<'_>, leaves: bool) {
        if value.is_empty() {
            // `RETURN NEXT` adds a row of the variables. Where there are rows, `RETURN` is no more than the end.
            if leaves != self.body.outs.by_row {
                self.answer_variables();
            }
        } else {
            let result = self.query(value);
            self.answer(result);
        }
        if leaves {
            let decides = self.guard();
            self.left.add(decides);
        }
    }

    /// The end is reached.
    pub(super) fn end(&mut self) {
        if !self.body.outs.by_row {
            self.answer_variables();
        }
    }

    /// The variables that are given back are the result.
    fn answer_variables(&mut self) {
        let value = |name: &Ident| {
            let flow = self.variables.get(name).map(|variable| variable.flow.clone());
            (Some(name.clone()), flow.unwrap_or_default())
        };
        let columns: Vec<_> = self.body.outs.names.iter().map(value).collect();
        if !columns.is_empty() {
            self.answer(Some(Given { columns, ..Given::default() }));
        }
    }

    /// A result becomes what the body gives back.
    pub(super) fn answer(&mut self, result: Option<Given>) {
        let Some(result) = result else { return };
        let guard = self.guard();
        for (at, (_, flow)) in result.columns.into_iter().enumerate() {
            if self.effects.results.len() <= at {
                self.effects.results.push(Default::default());
            }
            if let Some(known) = self.effects.results.get_mut(at) {
                known.add(flow);
                known.add_all(&result.rows);
                known.add_all(&guard);
            }
        }
    }

    /// A record, or the row that a trigger sees, column by column; none if the word is neither.
    pub(super) fn whole_row(&mut self, word: &Token<'_>) -> Option<Option<Given>> {
        let name = self.ident(std::slice::from_ref(word))?;
        if let Some(variable) = self.variables.get(&name) {
            let fields = variable.fields.iter().map(|(name, flow)| (Some(name.clone()), flow.clone()));
            let row = || Given { columns: fields.collect(), rows: variable.rows.clone(), ..Given::default() };
            return (!variable.fields.is_empty()).then(|| Some(row()));
        }
        let is_row = word.is_word("new") || word.is_word("old");
        is_row.then(|| self.statement(&format!("SELECT {}.*", word.text), std::slice::from_ref(word)))
    }
}
