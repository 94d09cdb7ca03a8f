//! PostgreSQL: types whose values are rows, which are those of tables and views, and composite types.

use super::Catalogue;
use crate::name::{Ident, ObjectName};

impl Catalogue {
    /// The columns of a type's values, in order; none if they are no rows, or not known.
    pub(crate) fn row_type(&self, name: &ObjectName) -> Option<Vec<Ident>> {
        let columns = |relation: &super::Relation| {
            let columns = relation.columns.iter().map(|column| column.name.clone());
            relation.complete.then(|| columns.collect())
        };
        self.relation(name).and_then(columns).or_else(|| self.composite(name).cloned())
    }

    fn composite(&self, name: &ObjectName) -> Option<&Vec<Ident>> {
        let path = if name.qualifiers().is_empty() { self.path.as_slice() } else { &[] };
        let on_path = path.iter().find_map(|schema| self.types.get(&self.key(&name.within(schema.clone()))));
        on_path.or_else(|| self.types.get(&self.key(name)))
    }

    /// A composite type is made, or has other fields from now on.
    pub(crate) fn put_composite(&mut self, name: &ObjectName, fields: Vec<Ident>) {
        let key = self.key(&self.new_name(name));
        self.types.insert(key, fields);
    }

    /// The fields of a composite type are changed; none are left if that can't be told.
    pub(crate) fn change_composite(
        &mut self,
        name: &ObjectName,
        change: impl FnOnce(Vec<Ident>) -> Option<(ObjectName, Vec<Ident>)>,
    ) {
        for key in [self.key(&self.new_name(name)), self.key(name)] {
            if let Some(fields) = self.types.remove(&key) {
                if let Some((name, fields)) = change(fields) {
                    self.put_composite(&name, fields);
                }
                return;
            }
        }
    }
}
