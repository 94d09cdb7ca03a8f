//! Indexes by their names, which PostgreSQL keeps together with those of tables and views.

use migration_syntax::Dialect;

use super::{Catalogue, ConstraintKind, Index};
use crate::name::{Ident, ObjectName};

impl Catalogue {
    /// PostgreSQL: the index of that name, where no table or view has it.
    pub(crate) fn index_named(&self, name: &ObjectName) -> Option<&Index> {
        if self.dialect != Dialect::Postgres || self.known(name).is_some() {
            return None;
        }
        self.indexes.iter().find(|index| self.is_index(index, name))
    }

    /// An index is in the schema of its table.
    fn is_index(&self, index: &Index, name: &ObjectName) -> bool {
        let schema = |name: &ObjectName| self.key(name).qualifiers().to_vec();
        index.name.as_ref() == Some(&name.last())
            && (name.qualifiers().is_empty() || schema(name) == schema(&index.table))
    }

    /// PostgreSQL: gives an index another name, and the key that it belongs to, if it belongs to one.
    pub(crate) fn rename_index(&mut self, old: &ObjectName, new: &Ident) {
        if let Some(at) = self.indexes.iter().position(|index| self.is_index(index, old)) {
            self.indexes[at].name = Some(new.clone());
            return;
        }
        let last = old.last();
        let has_index = |kind| !matches!(kind, ConstraintKind::Check | ConstraintKind::ForeignKey);
        let mut constraints = self.relations.values_mut().flat_map(|relation| &mut relation.constraints);
        if let Some(key) = constraints.find(|known| has_index(known.kind) && known.goes_by(&last)) {
            key.name = Some(new.clone());
        }
    }
}
