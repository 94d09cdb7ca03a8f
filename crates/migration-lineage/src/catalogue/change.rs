//! Changing the catalogue as a statement would. What hangs on something that goes is taken along as the engine does it.

use migration_syntax::Dialect;

use super::{Catalogue, Effects, Index, Policy, Relation, Trigger, View};
use crate::flow::{ColumnRef, Flow};
use crate::name::{Ident, ObjectName};

impl Catalogue {
    /// Adds a table or view, instead of one that has the name.
    pub(crate) fn put(&mut self, mut relation: Relation) {
        relation.temporary |= self.says_temporary(&relation.name);
        self.session.has_temporary |= relation.temporary;
        relation.name_constraints(self.dialect);
        let (key, name) = (self.key(&relation.name), relation.name.clone());
        self.gone.remove(&key);
        if self.relations.insert(key.clone(), relation).is_none() {
            self.bind(&key, &name);
        }
    }

    /// Makes it what it was when a transaction began that is rolled back. What a session knows besides the schema stays.
    pub(crate) fn go_back(&mut self, before: &Catalogue) {
        let session = std::mem::take(&mut self.session);
        *self = Catalogue { session, ..before.clone() };
    }

    /// Says of a table or view that it goes with the session.
    pub(crate) fn make_temporary(&mut self, name: &ObjectName) {
        if let Some(relation) = self.relation_mut(name) {
            relation.temporary = true;
            self.session.has_temporary = true;
        }
    }

    /// Bodies may be older than what they name, and name it in another way: `t` for `public.t`.
    fn bind(&mut self, key: &ObjectName, name: &ObjectName) {
        let (mut functions, mut triggers) =
            (std::mem::take(&mut self.functions), std::mem::take(&mut self.triggers));
        let is = |table: &ObjectName| table != name && self.key(table) == *key;
        let follows = |column: &ColumnRef| {
            column.table.as_ref().is_some_and(is).then(|| ColumnRef::new(name, &column.name))
        };
        for routine in functions.values_mut().flatten().filter(|routine| !routine.by_star.is_empty()) {
            let starred = routine.by_star.iter();
            routine.by_star = starred.map(|read| follows(read).unwrap_or_else(|| read.clone())).collect();
        }
        let bodies = functions.values_mut().flatten().map(|routine| &mut routine.body);
        for body in bodies.chain(triggers.iter_mut().map(|trigger| &mut trigger.body)) {
            let reads =
                body.reads.iter().chain(body.writes.keys()).filter_map(|column| column.table.as_ref());
            let needed = body.needs.tables.iter();
            if body.inputs.iter().chain(&body.outputs).chain(reads).chain(needed).any(is) {
                body.follow(|table| is(table).then(|| name.clone()), follows);
            }
        }
        (self.functions, self.triggers) = (functions, triggers);
    }

    pub(crate) fn relation_mut(&mut self, name: &ObjectName) -> Option<&mut Relation> {
        let key = self.key(&self.known(name)?.name);
        self.relations.get_mut(&key)
    }

    pub(crate) fn remove(&mut self, name: &ObjectName) -> Option<Relation> {
        let key = self.key(&self.known(name)?.name);
        let mut gone = self.relations.remove(&key)?;
        if let Some(hidden) = gone.hides.take() {
            self.relations.insert(key, *hidden);
            return Some(gone);
        }
        self.gone.insert(key);
        self.triggers.retain(|trigger| trigger.table != gone.name);
        self.indexes.retain(|index| index.table != gone.name);
        self.policies.retain(|policy| policy.table != gone.name);
        Some(gone)
    }

    /// Gives a table another name. The references to it follow, but not in MySQL's views, which keep the text, and nowhere
    /// where SQLite was told so.
    pub(crate) fn rename(&mut self, old: &ObjectName, new: &ObjectName) {
        let key = self.key(&self.known(old).map_or_else(|| old.clone(), |known| known.name.clone()));
        let Some(mut relation) = self.relations.remove(&key) else { return };
        self.gone.insert(key);
        let old = std::mem::replace(&mut relation.name, new.clone());
        if self.dialect == Dialect::Mysql {
            relation.rename_foreign_keys(old.last().as_str());
        }
        for column in &mut relation.columns {
            if let Some(flow) = &mut column.computed {
                *flow = renamed(flow, |column| moved(column, &old, new));
            }
        }
        self.put(relation);
        let follows = self.dialect != Dialect::Sqlite;
        for trigger in self.triggers.iter_mut().filter(|trigger| trigger.table == old) {
            trigger.table = new.clone();
            if follows {
                trigger.body.follow_row(&old, new);
            }
        }
        for index in self.indexes.iter_mut().filter(|index| index.table == old) {
            index.table = new.clone();
        }
        for policy in self.policies.iter_mut().filter(|policy| policy.table == old) {
            policy.table = new.clone();
        }
        if self.session.renames_alone {
            return;
        }
        for relation in self.relations.values_mut() {
            for parent in relation.parents.iter_mut().filter(|parent| parent.table == old) {
                parent.table = new.clone();
            }
            for constraint in &mut relation.constraints {
                if let Some((table, _)) = &mut constraint.references
                    && *table == old
                {
                    *table = new.clone();
                }
            }
        }
        for view in self.sqlite_views_on(&old) {
            view.former.rename(&old, new);
        }
        self.follow(|table| (*table == old).then(|| new.clone()), |column| moved(column, &old, new));
    }

    /// Gives a column another name, with all that refers to it.
    pub(crate) fn rename_column(&mut self, table: &ObjectName, old: &Ident, new: &Ident) {
        let Some(relation) = self.relation_mut(table) else { return };
        let table = relation.name.clone();
        for column in relation.columns.iter_mut().filter(|column| column.name == *old) {
            column.name = new.clone();
        }
        let swap = |columns: &mut Vec<Ident>| {
            for column in columns.iter_mut().filter(|column| *column == old) {
                *column = new.clone();
            }
        };
        for relation in self.relations.values_mut() {
            let own = relation.name == table;
            for constraint in &mut relation.constraints {
                if own {
                    swap(&mut constraint.columns);
                    constraint.within =
                        constraint.within.take().map(|own| if own == *old { new.clone() } else { own });
                }
                if let Some((other, columns)) = &mut constraint.references
                    && *other == table
                {
                    swap(columns);
                }
            }
            if own {
                swap(&mut relation.partition_key);
                let change = |column: &ColumnRef| renamed_column(column, &table, old, new);
                for column in &mut relation.columns {
                    column.computed = column.computed.as_ref().map(|flow| renamed(flow, change));
                }
            }
        }
        for trigger in self.triggers.iter_mut().filter(|trigger| trigger.table == table) {
            swap(&mut trigger.columns);
            if trigger.asks_for.remove(old) {
                trigger.asks_for.insert(new.clone());
            }
        }
        for index in self.indexes.iter_mut().filter(|index| index.table == table) {
            if index.columns.remove(old) {
                index.columns.insert(new.clone());
            }
            swap(&mut index.keys);
        }
        for view in self.sqlite_views_on(&table) {
            view.former.rename_column(&table, old, new);
        }
        self.follow(|_| None, |column| renamed_column(column, &table, old, new));
    }

    /// SQLite: the views that read a table themselves.
    fn sqlite_views_on(&mut self, table: &ObjectName) -> impl Iterator<Item = &mut View> {
        let is_sqlite = self.dialect == Dialect::Sqlite;
        let views = self.relations.values_mut().filter_map(|relation| relation.view.as_mut());
        views.filter(move |view| is_sqlite && view.inputs.contains(table))
    }

    /// Changes what views and triggers refer to.
    fn follow(
        &mut self,
        table: impl Fn(&ObjectName) -> Option<ObjectName>,
        column: impl Fn(&ColumnRef) -> Option<ColumnRef>,
    ) {
        if self.dialect == Dialect::Mysql {
            return;
        }
        let column_of = |old: &ColumnRef| column(old).unwrap_or_else(|| old.clone());
        let table_of = |old: &ObjectName| table(old).unwrap_or_else(|| old.clone());
        for relation in self.relations.values_mut() {
            let Some(view) = &mut relation.view else { continue };
            view.inputs = view.inputs.iter().map(table_of).collect();
            view.reads = view.reads.iter().map(column_of).collect();
            view.rows = renamed(&view.rows, &column);
            for own in &mut relation.columns {
                own.computed = own.computed.as_ref().map(|flow| renamed(flow, &column));
            }
        }
        for policy in &mut self.policies {
            policy.reads = policy.reads.iter().map(column_of).collect();
        }
        for trigger in &mut self.triggers {
            trigger.when = renamed(&trigger.when, &column);
        }
        if self.dialect == Dialect::Sqlite {
            self.triggers.iter_mut().for_each(|trigger| trigger.body.follow(&table, &column));
        }
        // What the database has parsed is found again by more than its name.
        for routine in self.functions.values_mut().flatten().filter(|routine| !routine.textual) {
            routine.body.follow(&table, &column);
            routine.by_star = routine.by_star.iter().map(column_of).collect();
        }
    }

    pub(crate) fn put_trigger(&mut self, trigger: Trigger) {
        self.drop_trigger(&trigger.name, Some(&trigger.table));
        self.triggers.push(trigger);
    }

    /// Removes a trigger: of that table, where triggers of several tables may share a name.
    pub(crate) fn drop_trigger(&mut self, name: &Ident, table: Option<&ObjectName>) {
        let table =
            if self.dialect == Dialect::Postgres { table.map(|table| self.named(table)) } else { None };
        self.triggers.retain(|trigger| {
            trigger.name != *name || table.as_ref().is_some_and(|table| trigger.table != *table)
        });
    }

    /// Triggers that call a function go on calling it under another name.
    pub(crate) fn follow_routine(&mut self, old: &ObjectName, new: &ObjectName) {
        let (old, path) = (self.key(old), self.path.clone());
        let mut triggers = std::mem::take(&mut self.triggers);
        for trigger in &mut triggers {
            let named = |name: &ObjectName| {
                self.key(name) == old
                    || name.qualifiers().is_empty()
                        && path.iter().any(|schema| self.key(&name.within(schema.clone())) == old)
            };
            if trigger.function.as_ref().is_some_and(named) {
                trigger.function = Some(new.clone());
            }
        }
        self.triggers = triggers;
    }

    /// Removes the triggers that call a function.
    pub(crate) fn remove_triggers_of(&mut self, function: &ObjectName) {
        let key = self.key(function);
        let mut triggers = std::mem::take(&mut self.triggers);
        triggers.retain(|trigger| trigger.function.as_ref().is_none_or(|name| self.key(name) != key));
        self.triggers = triggers;
    }

    /// The triggers that call a function, to be changed.
    pub(crate) fn triggers_mut(&mut self) -> &mut [Trigger] {
        &mut self.triggers
    }

    pub(crate) fn put_policy(&mut self, policy: Policy) {
        self.policies.push(policy);
    }

    pub(crate) fn remove_policy(&mut self, name: &Ident, table: &ObjectName) {
        let table = self.canonical(table);
        self.policies.retain(|policy| policy.name != *name || policy.table != table);
    }

    pub(crate) fn put_index(&mut self, index: Index) {
        self.indexes.push(index);
    }

    pub(crate) fn remove_index(&mut self, name: &Ident) {
        self.indexes.retain(|index| index.name.as_ref() != Some(name));
    }
}

impl Effects {
    /// Changes what is read and written.
    fn follow(
        &mut self,
        table: impl Fn(&ObjectName) -> Option<ObjectName>,
        column: impl Fn(&ColumnRef) -> Option<ColumnRef>,
    ) {
        let column_of = |old: &ColumnRef| column(old).unwrap_or_else(|| old.clone());
        let table_of = |old: &ObjectName| table(old).unwrap_or_else(|| old.clone());
        self.inputs = self.inputs.iter().map(table_of).collect();
        self.outputs = self.outputs.iter().map(table_of).collect();
        self.counted = self.counted.iter().map(table_of).collect();
        self.reads = self.reads.iter().map(column_of).collect();
        let flow = |(target, flow): (&ColumnRef, &Flow)| (column_of(target), renamed(flow, &column));
        self.writes = self.writes.iter().map(flow).collect();
        let rows = |(name, flow): (&ObjectName, &Flow)| (table_of(name), renamed(flow, &column));
        self.rows = self.rows.iter().map(rows).collect();
        self.results = self.results.iter().map(|flow| renamed(flow, &column)).collect();
        self.needs.follow(table_of, column_of);
    }

    /// The row that a trigger is about is of a table with another name now. What names the table itself still names the old one.
    fn follow_row(&mut self, old: &ObjectName, new: &ObjectName) {
        let stays = self.inputs.contains(old) || self.outputs.contains(old);
        let column_of = |column: &ColumnRef| moved(column, old, new);
        let mut followed = self.clone();
        followed.follow(|_| None, column_of);
        if self.outputs.contains(old) {
            followed.outputs.insert(new.clone());
        }
        if stays {
            followed.reads.append(&mut self.reads);
            followed.writes.append(&mut self.writes);
        }
        *self = followed;
    }
}

fn moved(column: &ColumnRef, old: &ObjectName, new: &ObjectName) -> Option<ColumnRef> {
    (column.table.as_ref() == Some(old)).then(|| ColumnRef::new(new, &column.name))
}

fn renamed_column(column: &ColumnRef, table: &ObjectName, old: &Ident, new: &Ident) -> Option<ColumnRef> {
    (column.table.as_ref() == Some(table) && column.name == *old).then(|| ColumnRef::new(table, new))
}

fn renamed(flow: &Flow, change: impl Fn(&ColumnRef) -> Option<ColumnRef>) -> Flow {
    let renamed = |source: &crate::flow::Source| {
        let mut source = source.clone();
        if let Some(column) = change(&source.column) {
            source.column = column;
        }
        source
    };
    flow.iter().map(renamed).collect()
}
