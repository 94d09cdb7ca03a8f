//! MySQL: the actions of one `ALTER TABLE` are all about the table as it is before, and are done at once.

use std::iter;

use migration_model::SchemaObjectKind;

use super::{Change, ChangeKind};
use crate::catalogue::Catalogue;
use crate::define;
use crate::name::Ident;

/// What the actions of a statement come to.
#[derive(Debug, Clone, Default)]
pub(in crate::impact) struct Together {
    /// The names that columns get.
    given: Vec<Ident>,
    /// The names that columns lose.
    freed: Vec<Ident>,
    /// The columns that go.
    dropped: Vec<Ident>,
    /// The constraints that go.
    released: Vec<Ident>,
    /// The indexes that go.
    unindexed: Vec<Ident>,
    /// Whether the primary key goes.
    loses_primary: bool,
}

impl Together {
    pub(super) fn of(changes: &[Change], catalogue: &Catalogue) -> Self {
        let mut all = Together::default();
        for change in changes {
            match &change.kind {
                ChangeKind::AddColumn(column) => all.given.push(Ident::of(&column.name, catalogue.dialect())),
                ChangeKind::RenameColumn(old, new) => {
                    all.freed.push(old.clone());
                    all.given.push(new.clone());
                }
                ChangeKind::DropColumn(column) => {
                    all.freed.push(column.clone());
                    all.dropped.push(column.clone());
                }
                ChangeKind::DropConstraint(Some(name)) => all.released.push(name.clone()),
                ChangeKind::DropConstraint(None) => all.loses_primary = true,
                ChangeKind::DropIndex(_) => all.unindexed.push(change.table.last()),
                _ => {}
            }
        }
        all
    }

    /// Whether a column loses the name.
    pub(in crate::impact) fn frees(&self, name: &Ident) -> bool {
        self.freed.contains(name)
    }

    /// Whether a column gets the name.
    pub(in crate::impact) fn gives(&self, name: &Ident) -> bool {
        self.given.contains(name)
    }

    /// Whether the name is taken away twice, and so from a column that is not there the second time.
    pub(in crate::impact) fn frees_twice(&self, name: &Ident) -> bool {
        self.freed.iter().filter(|freed| *freed == name).count() > 1
    }

    /// Whether a column gets any name.
    pub(in crate::impact) fn gives_any(&self) -> bool {
        !self.given.is_empty()
    }

    /// Whether a column goes.
    pub(in crate::impact) fn drops(&self, column: &Ident) -> bool {
        self.dropped.contains(column)
    }

    /// Whether a key goes; without a name the primary key.
    pub(in crate::impact) fn drops_key(&self, name: Option<&Ident>) -> bool {
        name.map_or(self.loses_primary, |name| self.unindexed.contains(name) || self.released.contains(name))
    }

    /// Whether two columns get the name.
    pub(in crate::impact) fn gives_twice(&self, name: &Ident) -> bool {
        self.given.iter().filter(|given| *given == name).count() > 1
    }

    /// The columns and constraints that go.
    pub(in crate::impact) fn taken_away(&self) -> impl Iterator<Item = (SchemaObjectKind, String)> {
        let of = |kind, names: &'_ [Ident]| -> Vec<_> {
            names.iter().map(|name| (kind, name.to_string())).collect()
        };
        let columns = of(SchemaObjectKind::Column, &self.dropped);
        columns.into_iter().chain(of(SchemaObjectKind::Constraint, &self.released))
    }
}

impl Change {
    /// Whether the statement gives the name that a column loses to another one.
    pub(in crate::impact) fn is_given_again(&self) -> bool {
        let is_taken = matches!(self.kind, ChangeKind::DropColumn(_) | ChangeKind::RenameColumn(..));
        let column = self.column().filter(|_| is_taken);
        column.zip(self.together.as_ref()).is_some_and(|(column, together)| together.gives(column))
    }
}

/// Makes the changes of one statement.
pub(in crate::impact) fn make(changes: &[Change], catalogue: &mut Catalogue) {
    let is_rename = |change: &&Change| matches!(change.kind, ChangeKind::RenameColumn(..));
    let is_drop =
        |change: &&Change| matches!(change.kind, ChangeKind::DropColumn(_) | ChangeKind::DropConstraint(_));
    changes.iter().filter(is_drop).for_each(|change| change.make(catalogue));
    let renames = changes.iter().filter(is_rename).filter_map(|change| match &change.kind {
        ChangeKind::RenameColumn(old, new) => Some((&change.table, old, new)),
        _ => None,
    });
    let mut put_aside = Vec::new();
    for (table, old, new) in renames {
        let aside = define::aside(old, catalogue.dialect());
        define::rename_column(table, old, &aside, catalogue);
        put_aside.push((table, aside, new));
    }
    for (table, aside, new) in put_aside {
        define::rename_column(table, &aside, new, catalogue);
    }
    let others = changes.iter().filter(|change| !is_rename(change) && !is_drop(change));
    others.for_each(|change| change.make(catalogue));
}

/// How many changes from the first one on are of its statement, and done with it.
pub(in crate::impact) fn count(changes: &[Change]) -> usize {
    let Some((first, rest)) = changes.split_first() else { return 0 };
    let is_beside = |other: &&Change| {
        first.together.is_some() && other.together.is_some() && other.statement == first.statement
    };
    iter::once(first).chain(rest.iter().take_while(is_beside)).count()
}
