//! What a session remembers between statements, besides its schema: texts in MySQL's variables, and prepared statements.

use std::collections::{BTreeMap, BTreeSet};

use crate::name::Ident;

/// All texts that a value can be; none if that can't be told.
type Texts = Option<BTreeSet<String>>;

/// A session, as far as texts in it may be run.
#[derive(Debug, Clone, Default)]
pub(crate) struct Session {
    texts: BTreeMap<Ident, Texts>,
    prepared: BTreeMap<Ident, Texts>,
    /// What a directive of a client has set as the end of statements.
    pub(crate) delimiter: Option<String>,
    /// How many calls the statement at hand has led to.
    pub(crate) calls: usize,
    /// How many bodies are being run, one inside the other.
    pub(crate) nesting: usize,
}

impl Session {
    /// The variables that a session has.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&Ident, &Texts)> {
        self.texts.iter()
    }

    /// Takes over the session's own of these variables.
    pub(crate) fn keep<'a>(&mut self, variables: impl Iterator<Item = (&'a Ident, &'a Texts)>) {
        for (name, texts) in variables.filter(|(name, _)| name.as_str().starts_with('@')) {
            self.texts.insert(name.clone(), texts.clone());
        }
    }

    pub(crate) fn prepare(&mut self, name: Ident, texts: Texts) {
        self.prepared.insert(name, texts);
    }

    /// What a prepared statement can say; none if nothing of the name was prepared.
    pub(crate) fn prepared(&self, name: &Ident) -> Option<&Texts> {
        self.prepared.get(name)
    }
}
