//! Taking away what hangs on something that goes.

use migration_syntax::Dialect;

use super::{Catalogue, Constraint, ConstraintKind, Index, Relation, View};
use crate::name::{Ident, ObjectName};

impl Catalogue {
    /// Removes the views for which it holds, and those that read them.
    pub(crate) fn remove_views_where(&mut self, holds: impl Fn(&View) -> bool) {
        for view in self.views_where(holds) {
            self.remove(&view);
        }
    }

    /// Removes the foreign keys to a table, of which the columns that they name are asked about.
    pub(crate) fn remove_references(&mut self, table: &ObjectName, holds: impl Fn(&[Ident]) -> bool) {
        for relation in self.relations.values_mut() {
            relation.constraints.retain(|constraint| {
                !constraint
                    .references
                    .as_ref()
                    .is_some_and(|(target, columns)| target == table && holds(columns))
            });
        }
    }

    pub(crate) fn remove_indexes(&mut self, holds: impl Fn(&Index) -> bool) {
        self.indexes.retain(|index| !holds(index));
    }

    /// MySQL: a dropped column leaves the indexes that it is in, and those that have no other go with it.
    pub(crate) fn narrow_indexes(&mut self, table: &ObjectName, column: &Ident) {
        for index in self.indexes.iter_mut().filter(|index| index.table == *table) {
            index.columns.remove(column);
            index.keys.retain(|key| key != column);
        }
        self.remove_indexes(|index| index.table == *table && index.columns.is_empty());
    }
}

impl Relation {
    /// PostgreSQL gives a name to each constraint that was given none, by the table's name at that time.
    pub(super) fn name_constraints(&mut self, dialect: Dialect) {
        if dialect != Dialect::Postgres {
            return;
        }
        for at in 0..self.constraints.len() {
            let constraint = &self.constraints[at];
            if constraint.name.is_some() || constraint.by_default.is_some() {
                continue;
            }
            let columns: Vec<_> = constraint.columns.iter().map(Ident::as_str).collect();
            let table = self.name.last();
            let stem = match (constraint.kind, columns.as_slice()) {
                (ConstraintKind::PrimaryKey, _) => format!("{table}_pkey"),
                (ConstraintKind::Unique, _) => format!("{table}_{}_key", columns.join("_")),
                (ConstraintKind::ForeignKey, _) => format!("{table}_{}_fkey", columns.join("_")),
                (ConstraintKind::Exclude, _) => format!("{table}_{}_excl", columns.join("_")),
                (ConstraintKind::Check, [column]) => format!("{table}_{column}_check"),
                (ConstraintKind::Check, _) => format!("{table}_check"),
            };
            let ident = |text: &str| Ident::new(text, true, dialect);
            let is_free = |name: &Ident| !self.constraints.iter().any(|known| known.goes_by(name));
            let numbered = (1..=self.constraints.len()).map(|number| ident(&format!("{stem}{number}")));
            let name = std::iter::once(ident(&stem)).chain(numbered).find(is_free);
            self.constraints[at].by_default = name;
        }
    }
}

impl Constraint {
    /// Whether this is its name, given or not.
    pub(crate) fn goes_by(&self, name: &Ident) -> bool {
        self.known_name() == Some(name)
    }

    /// Its name: the one that it was given, or else the one that PostgreSQL gave it.
    pub(crate) fn known_name(&self) -> Option<&Ident> {
        self.name.as_ref().or(self.by_default.as_ref())
    }
}
