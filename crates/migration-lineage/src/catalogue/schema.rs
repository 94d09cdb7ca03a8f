//! What is in a schema, or in a database of MySQL.

use migration_syntax::Dialect;

use super::{Catalogue, Routine};
use crate::name::{Ident, ObjectName};

impl Catalogue {
    /// The tables and views that are in a schema, by name. Temporary ones are in none that has a name.
    pub(crate) fn inside(&self, schema: &Ident) -> Vec<ObjectName> {
        let stays = |relation: &&super::Relation| !relation.temporary && self.is_in(&relation.name, schema);
        self.relations.values().filter(stays).map(|relation| relation.name.clone()).collect()
    }

    fn is_in(&self, name: &ObjectName, schema: &Ident) -> bool {
        match name.qualifiers().last() {
            Some(qualifier) => qualifier == schema,
            None => self.dialect == Dialect::Postgres && schema.is("public"),
        }
    }

    /// Removes the functions of a schema, and the triggers that call them.
    pub(crate) fn remove_routines(&mut self, schema: &Ident) {
        for routine in self.take_routines(schema) {
            self.remove_triggers_of(&routine.name);
        }
    }

    /// Gives the functions of a schema the names that they have in another one.
    pub(crate) fn rename_routines(&mut self, old: &Ident, new: &Ident) {
        for mut routine in self.take_routines(old) {
            let name = ObjectName::from_parts(&[new.clone(), routine.name.last()]);
            let old = std::mem::replace(&mut routine.name, name.clone());
            self.put_routine(routine);
            self.follow_routine(&old, &name);
        }
    }

    fn take_routines(&mut self, schema: &Ident) -> Vec<Routine> {
        let (taken, kept) =
            std::mem::take(&mut self.functions).into_iter().partition(|(name, _)| self.is_in(name, schema));
        self.functions = kept;
        taken.into_values().flatten().collect()
    }
}
