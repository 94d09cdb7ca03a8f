//! Finding things by the names that statements use.

use std::collections::BTreeSet;

use migration_syntax::Dialect;

use super::{Catalogue, Relation};
use crate::flow::{ColumnRef, Flow, Source};
use crate::name::{Ident, ObjectName};

impl Catalogue {
    /// The table or view of that name, by the rules of the dialect.
    #[must_use]
    pub fn relation(&self, name: &ObjectName) -> Option<&Relation> {
        self.of_session(name)
            .or_else(|| self.on_path(name))
            .or_else(|| self.relations.get(&self.key(name)))
            .or_else(|| self.without_database(name))
    }

    /// The table or view that goes by that name: as [`canonical`](Self::canonical) gives it, whatever `search_path` says.
    pub(crate) fn known(&self, name: &ObjectName) -> Option<&Relation> {
        self.relations
            .get(&self.key(name))
            .filter(|known| known.name == *name)
            .or_else(|| self.relation(name))
    }

    /// Whether there is a table or view that is stored under this.
    pub(crate) fn holds(&self, key: &ObjectName) -> bool {
        self.relations.contains_key(key)
    }

    /// The name that a thing goes by, of one that is it already or that somebody outside has written.
    pub(crate) fn named(&self, name: &ObjectName) -> ObjectName {
        self.known(name).map_or_else(|| name.clone(), |known| known.name.clone())
    }

    /// Whether two names mean the same table: with its schema and without, for example.
    pub(crate) fn is_same(&self, one: &ObjectName, other: &ObjectName) -> bool {
        let key = |name: &ObjectName| self.key(self.known(name).map_or(name, |known| &known.name));
        key(one) == key(other)
    }

    /// The functions and procedures of that name, in the order in which they were made.
    #[must_use]
    pub fn routines_named(&self, name: &ObjectName) -> &[super::Routine] {
        let known = |name: &ObjectName| self.functions.get(&self.key(name)).map(Vec::as_slice);
        let path = if name.qualifiers().is_empty() { self.path.as_slice() } else { &[] };
        let on_path = path.iter().find_map(|schema| known(&name.within(schema.clone())));
        on_path.or_else(|| known(name)).unwrap_or_default()
    }

    /// The tables that inherit from one or are partitions of it, and those of which they are parents, and so on.
    pub(crate) fn descendants(&self, table: &ObjectName, partitions_alone: bool) -> Vec<ObjectName> {
        let mut found: Vec<ObjectName> = Vec::new();
        let mut open = vec![table.clone()];
        while let Some(parent) = open.pop() {
            let is_child = |relation: &&Relation| {
                let of = |known: &super::Parent| {
                    known.table == parent && (known.of_partition || !partitions_alone)
                };
                relation.parents.iter().any(of)
            };
            for child in self.relations.values().filter(is_child) {
                if child.name != *table && !found.contains(&child.name) {
                    found.push(child.name.clone());
                    open.push(child.name.clone());
                }
            }
        }
        found
    }

    /// Whether a table or view of that name was there once, and is no more.
    pub(crate) fn is_gone(&self, name: &ObjectName) -> bool {
        self.gone.contains(&self.key(name))
    }

    /// The schema in which the session makes things, where that is known.
    pub(crate) fn schema(&self) -> Option<String> {
        match (self.path.first(), self.dialect) {
            (Some(schema), _) => Some(schema.as_str().to_owned()),
            (None, Dialect::Postgres) => Some("public".to_owned()),
            (None, _) => None,
        }
    }

    /// The name that a thing goes by: the one that it was made with, if it is known.
    pub(crate) fn canonical(&self, name: &ObjectName) -> ObjectName {
        self.relation(name).map_or_else(|| name.clone(), |relation| relation.name.clone())
    }

    /// The name that a new thing gets: within the schema that the session would make it in.
    pub(crate) fn new_name(&self, name: &ObjectName) -> ObjectName {
        match self.path.first() {
            Some(schema) if name.qualifiers().is_empty() && !self.is_default(schema) => {
                name.within(schema.clone())
            }
            _ => name.clone(),
        }
    }

    /// What a thing is stored under: the name without the schema that it would be in anyway.
    pub(crate) fn key(&self, name: &ObjectName) -> ObjectName {
        match name.qualifiers() {
            [schema] if self.is_default(schema) => ObjectName::from_parts(&[name.last()]),
            [_, schema] if self.is_default(schema) => ObjectName::from_parts(&[name.last()]),
            [_, schema] => ObjectName::from_parts(&[schema.clone(), name.last()]),
            _ => name.clone(),
        }
    }

    fn is_default(&self, schema: &Ident) -> bool {
        match self.dialect {
            Dialect::Postgres => schema.is("public"),
            Dialect::Sqlite => schema.is("main"),
            Dialect::Mysql => false,
        }
    }

    /// The schema of what goes with the session, where there is one.
    pub(crate) fn temporary_schema(&self) -> Option<Ident> {
        match self.dialect {
            Dialect::Postgres => Some(Ident::verbatim("pg_temp")),
            Dialect::Sqlite => Some(Ident::verbatim("temp")),
            Dialect::Mysql => None,
        }
    }

    /// Whether a name says that it is of something temporary.
    pub(crate) fn says_temporary(&self, name: &ObjectName) -> bool {
        matches!(name.qualifiers(), [schema] if self.temporary_schema().as_ref() == Some(schema))
    }

    /// The name that a new temporary table or view gets: with its schema only where it would be another's without.
    pub(crate) fn new_temporary_name(&self, name: &ObjectName) -> ObjectName {
        let ([], Some(schema)) = (name.qualifiers(), self.temporary_schema()) else {
            return self.new_name(name);
        };
        let hides = self.relations.get(name).is_some_and(|known| !known.temporary);
        if hides { name.within(schema) } else { name.clone() }
    }

    /// A temporary table or view: it comes before all others of the name.
    fn of_session(&self, name: &ObjectName) -> Option<&Relation> {
        if !self.session.has_temporary || name.qualifiers().len() > 1 {
            return None;
        }
        let schema = self.temporary_schema()?;
        if name.qualifiers().first().is_some_and(|qualifier| *qualifier != schema) {
            return None;
        }
        let own = ObjectName::from_parts(&[name.last()]);
        let alone = || self.relations.get(&own).filter(|known| known.temporary);
        self.relations.get(&own.within(schema)).or_else(alone)
    }

    fn on_path(&self, name: &ObjectName) -> Option<&Relation> {
        let path = if name.qualifiers().is_empty() { self.path.as_slice() } else { &[] };
        path.iter().find_map(|schema| self.relations.get(&self.key(&name.within(schema.clone()))))
    }

    /// MySQL: what was made before any database was named is in the one that is.
    fn without_database(&self, name: &ObjectName) -> Option<&Relation> {
        let [database] = name.qualifiers() else { return None };
        let is = self.asks_for_databases() && self.may_be_own(database);
        let own = is.then(|| ObjectName::from_parts(&[name.last()]))?;
        self.relations.get(&own)
    }

    /// The columns of stored tables that a source comes from: views are seen through, as often as it takes.
    #[must_use]
    pub fn origins(&self, source: &Source) -> BTreeSet<Source> {
        let mut found = BTreeSet::new();
        let mut seen = BTreeSet::new();
        let mut open = vec![source.clone()];
        while let Some(source) = open.pop() {
            if !seen.insert(source.clone()) {
                continue;
            }
            match self.view_column(&source.column) {
                Some(flow) => {
                    let through = |inner: &Source| {
                        let mut inner = inner.clone().through(source.subtype, source.masking);
                        inner.through_star |= source.through_star;
                        inner
                    };
                    open.extend(flow.iter().map(through));
                }
                None => {
                    found.insert(source);
                }
            }
        }
        found
    }

    fn view_column(&self, column: &ColumnRef) -> Option<Flow> {
        let relation = self.known(column.table.as_ref()?)?;
        let view = relation.view.as_ref()?;
        if let Some(column) = relation.column(&column.name) {
            return column.computed.clone();
        }
        let through_star = !column.name.is_star();
        let shown = |table| Source { through_star, ..Source::copy_of(ColumnRef::new(table, &column.name)) };
        (!view.open.is_empty()).then(|| view.open.iter().map(shown).collect())
    }
}
