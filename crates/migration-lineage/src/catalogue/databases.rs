//! MySQL: which database names without one are in, where no `USE` says it.
//!
//! A text that makes `users` and reads `shop.users` most likely means one table; one that copies `users` into `archive.users`
//! means two. So a database is taken for the one of unqualified names until a statement tells otherwise.

use std::collections::BTreeSet;

use migration_syntax::Dialect;

use super::Catalogue;
use crate::name::{Ident, ObjectName};

/// What statements have told about the databases that they name.
#[derive(Debug, Clone, Default)]
pub(crate) struct Databases {
    /// The first that was named in front of a table that was made without.
    own: Option<Ident>,
    /// Those that a statement has named beside the same table without a database.
    others: BTreeSet<Ident>,
    /// Whether the statement at hand names several, so that nobody knows which it would be.
    untold: bool,
}

impl Catalogue {
    /// Notes what a statement's tables tell, as they are written in it, before it is read.
    pub(crate) fn meet(&mut self, tables: &[ObjectName]) {
        let bare: BTreeSet<Ident> =
            tables.iter().filter(|name| name.qualifiers().is_empty()).map(ObjectName::last).collect();
        let mut named = BTreeSet::new();
        for table in tables {
            let ([database], last) = (table.qualifiers(), table.last()) else { continue };
            let without = ObjectName::from_parts(std::slice::from_ref(&last));
            if self.relations.contains_key(table) || !self.relations.contains_key(&without) {
                continue;
            }
            if bare.contains(&last) {
                if self.databases.own.as_ref() == Some(database) {
                    self.databases.own = None;
                }
                self.databases.others.insert(database.clone());
            } else if !self.databases.others.contains(database) {
                named.insert(database.clone());
            }
        }
        self.databases.untold = self.databases.own.is_none() && named.len() > 1;
        if self.databases.own.is_none() && !self.databases.untold {
            self.databases.own = named.pop_first();
        }
    }

    /// Whether what stands in a database can be what was made before any was named.
    pub(super) fn may_be_own(&self, database: &Ident) -> bool {
        let Databases { own, others, untold } = &self.databases;
        match own {
            Some(own) => own == database,
            None => !untold && !others.contains(database),
        }
    }

    /// Whether statements have to be looked at for the databases that they name.
    pub(crate) fn asks_for_databases(&self) -> bool {
        self.dialect == Dialect::Mysql && self.path.is_empty()
    }
}
