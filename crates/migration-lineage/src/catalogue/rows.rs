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
        self.relation(name).and_then(columns)
    }
}
