//! SQLite rewrites the text of a view when something in it gets another name. Here the text stays, and what its names mean by
//! now is kept beside it.

use crate::name::{Ident, ObjectName};

/// The names in a view's text that mean something with another name by now.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Former {
    /// As it is written, and as it is called.
    tables: Vec<(ObjectName, ObjectName)>,
    /// Of the table that is called so: as it is written, and as it is called.
    columns: Vec<(ObjectName, Ident, Ident)>,
}

impl Former {
    pub(super) fn rename(&mut self, old: &ObjectName, new: &ObjectName) {
        match self.tables.iter_mut().find(|(_, now)| now == old) {
            Some((_, now)) => *now = new.clone(),
            None => self.tables.push((old.clone(), new.clone())),
        }
        for (table, ..) in self.columns.iter_mut().filter(|(table, ..)| table == old) {
            *table = new.clone();
        }
    }

    pub(super) fn rename_column(&mut self, table: &ObjectName, old: &Ident, new: &Ident) {
        let mut own = self.columns.iter_mut().filter(|(known, ..)| known == table);
        if let Some((.., now)) = own.find(|(.., now)| now == old) {
            *now = new.clone();
        } else if self.columns(table).all(|(written, _)| written != old) {
            // Else the name in the text is another column's, and this one was added later.
            self.columns.push((table.clone(), old.clone(), new.clone()));
        }
    }

    /// The table that is meant, if it isn't called what is written.
    pub(crate) fn table(&self, is_written: impl Fn(&ObjectName) -> bool) -> Option<&ObjectName> {
        self.tables.iter().find(|(written, _)| is_written(written)).map(|(_, now)| now)
    }

    /// The columns of a table as they are written, and as they are called.
    pub(crate) fn columns(&self, table: &ObjectName) -> impl Iterator<Item = (&Ident, &Ident)> {
        let own = self.columns.iter().filter(move |(known, ..)| known == table);
        own.map(|(_, written, now)| (written, now))
    }
}
