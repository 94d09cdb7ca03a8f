//! What a session remembers between statements, besides its schema: MySQL's variables, and prepared statements.

use std::collections::{BTreeMap, BTreeSet};

use crate::flow::Flow;
use crate::name::Ident;

/// All texts that a value can be; none if that can't be told.
type Texts = Option<BTreeSet<String>>;

/// A session, as far as texts in it may be run.
#[derive(Debug, Clone, Default)]
pub(crate) struct Session {
    texts: BTreeMap<Ident, Texts>,
    flows: BTreeMap<Ident, Flow>,
    prepared: BTreeMap<Ident, Texts>,
    /// What a directive of a client has set as the end of statements.
    pub(crate) delimiter: Option<String>,
    /// Whether anything was made that goes with it.
    pub(crate) has_temporary: bool,
    /// SQLite's `legacy_alter_table`: a table gets another name, and what names it does not.
    pub(crate) renames_alone: bool,
    /// The statements that bodies have changed the schema with, where somebody wants to know them.
    pub(crate) made: Option<Vec<Made>>,
    /// MySQL: whether foreign keys are left unchecked.
    pub(crate) unchecked_keys: bool,
    /// How many calls the statement at hand has led to.
    pub(crate) calls: usize,
    /// How many bodies are being run, one inside the other.
    pub(crate) nesting: usize,
}

/// A statement with which a body has changed the schema.
#[derive(Debug, Clone)]
pub(crate) struct Made {
    pub(crate) statement: String,
    /// Whether something decides on whether it runs.
    pub(crate) conditional: bool,
}

impl Session {
    /// The variables that a session has.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&Ident, &Texts)> {
        self.texts.iter()
    }

    /// What has flowed into a variable of it.
    pub(crate) fn flow(&self, name: &Ident) -> Option<&Flow> {
        self.flows.get(name)
    }

    /// A variable of it gets a value.
    pub(crate) fn keep(&mut self, name: Ident, texts: Texts, flow: Flow) {
        self.texts.insert(name.clone(), texts);
        self.flows.insert(name, flow);
    }

    pub(crate) fn prepare(&mut self, name: Ident, texts: Texts) {
        self.prepared.insert(name, texts);
    }

    /// What a prepared statement can say; none if nothing of the name was prepared.
    pub(crate) fn prepared(&self, name: &Ident) -> Option<&Texts> {
        self.prepared.get(name)
    }
}
