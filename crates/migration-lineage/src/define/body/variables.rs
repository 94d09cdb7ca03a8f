//! The variables of a body: what has flowed into each, and which texts it can hold.

use std::collections::BTreeMap;

use super::texts::{Texts, either};
use crate::flow::Flow;
use crate::name::Ident;

/// What a variable holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Variable {
    /// What its value depends on.
    pub(super) flow: Flow,
    /// Of a record: its fields, in order.
    pub(super) fields: Vec<(Ident, Flow)>,
    /// Of a record or cursor: what decides on its rows.
    pub(super) rows: Flow,
    /// Which texts it can be.
    pub(super) texts: Texts,
    /// What they all begin with.
    pub(super) begins: Option<String>,
}

/// All variables by name; those of MySQL's session with their `@`.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Variables(BTreeMap<Ident, Variable>);

impl Variable {
    /// With what it may hold as well.
    fn or(mut self, other: Variable) -> Self {
        self.flow.add(other.flow);
        self.rows.add(other.rows);
        self.begins = self.begins.filter(|begins| other.begins.as_ref() == Some(begins));
        self.texts = either(self.texts, other.texts);
        for (name, flow) in other.fields {
            match self.fields.iter_mut().find(|(known, _)| *known == name) {
                Some((_, known)) => known.add(flow),
                None => self.fields.push((name, flow)),
            }
        }
        self
    }
}

impl Variables {
    pub(super) fn get(&self, name: &Ident) -> Option<&Variable> {
        self.0.get(name)
    }

    /// Gives it a value; besides the one that it has if it may keep that.
    pub(super) fn put(&mut self, name: Ident, value: Variable, may_keep: bool) {
        let value = match self.0.remove(&name) {
            Some(before) if may_keep => before.or(value),
            _ => value,
        };
        self.0.insert(name, value);
    }

    /// A field of a record gets a value.
    pub(super) fn put_field(&mut self, name: Ident, field: Ident, flow: Flow) {
        let record = self.0.entry(name).or_default();
        record.flow.add_all(&flow);
        match record.fields.iter_mut().find(|(known, _)| *known == field) {
            Some((_, known)) => *known = flow,
            None => record.fields.push((field, flow)),
        }
    }

    /// All that either holds. What only one of them has is null in the other.
    pub(super) fn join(&mut self, other: &Variables) {
        for (name, value) in &other.0 {
            self.put(name.clone(), value.clone(), true);
        }
    }

    /// Texts that are not what they were before can be anything.
    pub(super) fn widen(&mut self, before: &Variables) {
        for (name, value) in &mut self.0 {
            if before.get(name).is_none_or(|before| before.texts != value.texts) {
                (value.texts, value.begins) = (None, None);
            }
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&Ident, &Variable)> {
        self.0.iter()
    }
}
