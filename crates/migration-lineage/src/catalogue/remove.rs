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
    /// InnoDB numbers the foreign keys of a table that were given no name, from the highest number that was given to one so far.
    fn name_foreign_keys(&mut self) {
        let begin = format!("{}_ibfk_", self.name.last().as_str());
        let number = |key: &Constraint| -> Option<u64> {
            key.known_name()?.as_str().strip_prefix(&begin)?.parse().ok()
        };
        let mut highest = self.constraints.iter().filter_map(number).max().unwrap_or_default();
        let unnamed =
            |key: &&mut Constraint| key.kind == ConstraintKind::ForeignKey && key.known_name().is_none();
        for key in self.constraints.iter_mut().filter(unnamed) {
            highest = highest.saturating_add(1);
            key.by_default = Some(Ident::new(&format!("{begin}{highest}"), true, Dialect::Mysql));
        }
    }

    /// Such names follow the table's.
    pub(super) fn rename_foreign_keys(&mut self, old: &str) {
        let begin = format!("{old}_ibfk_");
        let now = self.name.last();
        for key in self.constraints.iter_mut().filter(|key| key.kind == ConstraintKind::ForeignKey) {
            for name in [&mut key.name, &mut key.by_default].into_iter().flatten() {
                if let Some(number) = name.as_str().strip_prefix(&begin) {
                    *name = Ident::new(&format!("{now}_ibfk_{number}"), true, Dialect::Mysql);
                }
            }
        }
    }

    /// PostgreSQL gives a name to each constraint that was given none, by the table's name at that time.
    pub(super) fn name_constraints(&mut self, dialect: Dialect) {
        if dialect == Dialect::Mysql {
            self.name_foreign_keys();
        }
        if dialect != Dialect::Postgres {
            return;
        }
        for at in 0..self.constraints.len() {
            let constraint = &self.constraints[at];
            if constraint.name.is_some() || constraint.by_default.is_some() {
                continue;
            }
            let columns: Vec<_> = constraint.columns.iter().map(Ident::as_str).collect();
            let columns = match (constraint.kind, columns.as_slice()) {
                (ConstraintKind::PrimaryKey, _) => None,
                (ConstraintKind::Check, [column]) => Some((*column).to_owned()),
                (ConstraintKind::Check, _) => None,
                _ => Some(columns.join("_")),
            };
            let label = match constraint.kind {
                ConstraintKind::PrimaryKey => "pkey",
                ConstraintKind::Unique => "key",
                ConstraintKind::ForeignKey => "fkey",
                ConstraintKind::Exclude => "excl",
                ConstraintKind::Check => "check",
            };
            let name = |number: usize| {
                let label = if number == 0 { label.to_owned() } else { format!("{label}{number}") };
                let name = own_name(self.name.last().as_str(), columns.as_deref(), &label);
                Ident::new(&name, true, dialect)
            };
            let is_free = |name: &Ident| !self.constraints.iter().any(|known| known.goes_by(name));
            let name = (0..=self.constraints.len()).map(name).find(is_free);
            self.constraints[at].by_default = name;
        }
    }
}

/// The name that PostgreSQL makes of a table's, its columns' and what it is; the longer one of the first two is cut until
/// the whole has no more than 63 bytes (`makeObjectName` in `src/backend/commands/indexcmds.c`).
fn own_name(table: &str, columns: Option<&str>, label: &str) -> String {
    const MOST: usize = 63;
    let (mut table, mut columns) = (table, columns);
    loop {
        let name = match columns {
            Some(columns) => format!("{table}_{columns}_{label}"),
            None => format!("{table}_{label}"),
        };
        if name.len() <= MOST || (table.is_empty() && columns.is_none_or(str::is_empty)) {
            return name;
        }
        let longer = columns.as_mut().filter(|columns| columns.len() >= table.len());
        let cut = longer.unwrap_or(&mut table);
        *cut = &cut[..cut.floor_char_boundary(cut.len() - 1)];
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

#[cfg(test)]
mod tests {
    use super::own_name;

    #[test]
    fn long_names_keep_their_end() {
        assert_eq!(own_name("t", Some("a_b"), "key"), "t_a_b_key");
        assert_eq!(own_name("t", None, "pkey"), "t_pkey");
        assert_eq!(
            own_name("hydra_oauth2_trusted_jwt_bearer_issuer", Some("issuer_subject_key_id"), "key"),
            "hydra_oauth2_trusted_jwt_bearer_issue_issuer_subject_key_id_key"
        );
        assert_eq!(own_name(&"ä".repeat(40), Some(&"b".repeat(80)), "fkey").len(), 63);
    }
}
