//! What a prediction comes to when the database itself has been asked.

use std::collections::BTreeSet;

use migration_syntax::Dialect;
use serde::Serialize;

use super::change::together::Together;
use super::change::{Change, ChangeKind};
use super::{Dependent, Impact, SchemaObjectKind};
use crate::catalogue::Catalogue;
use crate::flow::Confidence;

/// What a statement changes, one of perhaps several things.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Changed {
    /// What is done.
    pub action: ChangeAction,
    /// The schema of the table, if one was named or the table is known to be in one.
    pub schema: Option<String>,
    /// The table or view; of a dropped index, that.
    pub table: String,
    /// The column that is there before and is changed.
    pub column: Option<String>,
    /// Whether what depends on it goes with it.
    pub cascade: bool,
    /// PostgreSQL: whether those that inherit from the table are left as they are.
    #[serde(skip)]
    pub only: bool,
    /// Whether a column keeps its type, so that no key is in the way.
    #[serde(skip)]
    keeps_type: bool,
    /// The keys and columns that the same statement takes away, so that they refuse nothing.
    #[serde(skip)]
    beside: BTreeSet<(SchemaObjectKind, String)>,
    /// Whether another column has the name afterwards.
    #[serde(skip)]
    given_again: bool,
}

impl Changed {
    /// Whether the statement as a whole leaves something as it is, or takes it away itself.
    fn excuses(&self, dialect: Dialect, found: &Dependent) -> bool {
        let own = found.table.as_ref().is_some_and(|table| same_name(dialect, table, &self.table));
        let is_taken = |(kind, name): &(SchemaObjectKind, String)| {
            *kind == found.kind && same_name(dialect, name, &found.name)
        };
        own && self.beside.iter().any(is_taken) || self.given_again && found.kind == SchemaObjectKind::View
    }
}

/// What is done to a table, view or column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ChangeAction {
    /// A table or view is dropped.
    Drop,
    /// A table gets another name.
    Rename,
    /// A table gets another column.
    AddColumn,
    /// A column is dropped.
    DropColumn,
    /// A column gets another name.
    RenameColumn,
    /// A column gets another type.
    AlterType,
    /// An index is dropped.
    DropIndex,
    /// A constraint is dropped.
    DropConstraint,
    /// A view gets another query.
    ReplaceView,
    /// Something that nobody else sees: a default, what a column may hold.
    Other,
}

impl Changed {
    fn of(catalogue: &Catalogue, change: &Change) -> Self {
        let action = match change.kind {
            ChangeKind::Drop => ChangeAction::Drop,
            ChangeKind::Rename(_) => ChangeAction::Rename,
            ChangeKind::AddColumn(_) => ChangeAction::AddColumn,
            ChangeKind::DropColumn(_) => ChangeAction::DropColumn,
            ChangeKind::RenameColumn(..) => ChangeAction::RenameColumn,
            ChangeKind::AlterType(..) => ChangeAction::AlterType,
            ChangeKind::DropIndex(_) => ChangeAction::DropIndex,
            ChangeKind::DropConstraint(_) => ChangeAction::DropConstraint,
            ChangeKind::ReplaceView(_) => ChangeAction::ReplaceView,
            ChangeKind::Use { .. } | ChangeKind::Missing(_) => ChangeAction::Other,
        };
        Self {
            action,
            schema: change.table.qualifiers().last().map(|schema| schema.as_str().to_owned()),
            table: change.table.last().as_str().to_owned(),
            column: change.column().map(|column| column.as_str().to_owned()),
            cascade: change.cascade,
            only: change.only,
            keeps_type: super::mysql::keeps_type(catalogue, change),
            beside: change.together.iter().flat_map(Together::taken_away).collect(),
            given_again: change.is_given_again(),
        }
    }
}

/// What a database's own catalogue says depends on what is changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EngineDependents {
    /// All that it knows of.
    pub found: Vec<Dependent>,
    /// The kinds of which it knows all.
    pub complete: Vec<SchemaObjectKind>,
    /// Names of tables and views that statements before the change have made, changed or dropped: of those, the database
    /// knows the state before, and what it says of them counts for nothing.
    pub stale: BTreeSet<String>,
}

impl EngineDependents {
    fn is_stale(&self, dialect: Dialect, dependent: &Dependent) -> bool {
        let names = [Some(&dependent.name), dependent.table.as_ref()];
        names.into_iter().flatten().any(|name| self.stale.iter().any(|stale| same_name(dialect, stale, name)))
    }
}

/// What came of a change when the database made it in a copy of the schema.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EngineOutcome {
    /// What it said when it refused.
    pub refused: Option<String>,
    /// As in [`Impact`].
    pub broken: BTreeSet<Dependent>,
    /// As in [`Impact`].
    pub reshaped: BTreeSet<Dependent>,
    /// As in [`Impact`].
    pub vanished: BTreeSet<Dependent>,
}

/// The lists of an impact.
#[derive(Clone, Copy, PartialEq, Eq)]
enum List {
    RefusedBy,
    Broken,
    Vanished,
}

impl Impact {
    /// Compares the prediction with what the database's catalogue says. What both know is confirmed; what only the database
    /// knows is added; what only the prediction has, of a kind of which the database knows all, is
    /// [denied](Dependent::denied) and counts no more.
    pub fn confirm(&mut self, dialect: Dialect, changed: &Changed, engine: &EngineDependents) {
        let lists = [
            (&mut self.refused_by, List::RefusedBy),
            (&mut self.broken, List::Broken),
            (&mut self.vanished, List::Vanished),
        ];
        for (list, which) in lists {
            let mut now = BTreeSet::new();
            for mut dependent in std::mem::take(list) {
                let known = engine.found.iter().any(|found| same(dialect, found, &dependent));
                let place = place_of(dialect, changed, dependent.kind);
                if engine.is_stale(dialect, &dependent) {
                    // Nobody but the statements knows.
                } else if known {
                    dependent.confidence = Confidence::Confirmed;
                } else if engine.complete.contains(&dependent.kind)
                    && place == Some(which)
                    && !goes_along(dialect, dependent.kind, which)
                {
                    dependent.denied = true;
                }
                now.insert(dependent);
            }
            *list = now;
        }
        let was_refused = self.refused;
        for found in engine.found.iter().filter(|found| !engine.is_stale(dialect, found)) {
            let Some(place) = place_of(dialect, changed, found.kind) else { continue };
            let all = [&self.refused_by, &self.broken, &self.vanished, &self.reshaped];
            if all.iter().any(|list| list.iter().any(|known| same(dialect, known, found))) {
                continue;
            }
            if changed.excuses(dialect, found) {
                continue;
            }
            let found = Dependent { confidence: Confidence::Confirmed, ..found.clone() };
            match place {
                List::RefusedBy => self.refused_by.insert(found),
                // What is refused breaks nothing.
                List::Broken if was_refused => false,
                List::Broken => self.broken.insert(found),
                List::Vanished if was_refused => false,
                List::Vanished => self.vanished.insert(found),
            };
        }
        self.refused = self.reason.is_some() || self.refused_by.iter().any(|dependent| !dependent.denied);
        if self.refused && !was_refused {
            self.broken.clear();
            self.reshaped.clear();
            self.vanished.clear();
        }
    }

    /// Compares the prediction with what came of the change in a copy of the schema, likewise.
    pub fn rehearsed(&mut self, dialect: Dialect, changes: &[Changed], outcome: &EngineOutcome) {
        let is_named = |found: &&Dependent| {
            let drops =
                |change: &&Changed| matches!(change.action, ChangeAction::Drop | ChangeAction::DropIndex);
            changes.iter().filter(drops).any(|change| same_name(dialect, &change.table, &found.name))
        };
        self.refused = outcome.refused.is_some();
        self.engine_says.clone_from(&outcome.refused);
        if !self.refused {
            self.reason = None;
        }
        let by = std::mem::take(&mut self.refused_by).into_iter().map(|mut dependent| {
            let name = last_part(&dependent.name);
            let named = |text: &String| !name.is_empty() && text.contains(name);
            match &outcome.refused {
                Some(text) if named(text) => dependent.confidence = Confidence::Confirmed,
                // It stops at the first.
                Some(_) => {}
                None => dependent.denied = true,
            }
            dependent
        });
        self.refused_by = by.collect();
        let lists = [
            (&mut self.broken, &outcome.broken),
            (&mut self.reshaped, &outcome.reshaped),
            (&mut self.vanished, &outcome.vanished),
        ];
        for (list, so) in lists {
            let predicted = std::mem::take(list);
            let so: Vec<&Dependent> = so.iter().filter(|found| !is_named(found)).collect();
            let more = so.iter().filter(|found| !predicted.iter().any(|known| same(dialect, known, found)));
            list.extend(
                more.map(|found| Dependent { confidence: Confidence::Confirmed, ..(*found).clone() }),
            );
            for mut dependent in predicted {
                if so.iter().any(|found| same(dialect, found, &dependent)) {
                    dependent.confidence = Confidence::Confirmed;
                } else if seen_in_a_copy(dependent.kind) {
                    dependent.denied = true;
                }
                list.insert(dependent);
            }
        }
        self.failing_is_enough();
    }
}

impl Catalogue {
    /// What a statement changes, in the order of [`Catalogue::impact`].
    ///
    /// # Errors
    /// The statement is not understood; the text says why.
    pub fn changes(&self, statement: &str) -> Result<Vec<Changed>, String> {
        Ok(self.changes_of(statement)?.iter().map(|change| Changed::of(self, change)).collect())
    }
}

/// Where something belongs that the database says depends on what is changed, by the rules of the dialect.
fn place_of(dialect: Dialect, changed: &Changed, kind: SchemaObjectKind) -> Option<List> {
    use ChangeAction as Action;
    let takes_away = matches!(changed.action, Action::Drop | Action::DropColumn);
    match dialect {
        Dialect::Postgres => {
            // A column gets another type with its keys and indexes, but not with what reads it.
            let alters = changed.action == Action::AlterType
                && !matches!(
                    kind,
                    SchemaObjectKind::Constraint | SchemaObjectKind::Index | SchemaObjectKind::Table
                );
            if alters {
                return Some(List::RefusedBy);
            }
            takes_away.then_some(if changed.cascade { List::Vanished } else { List::RefusedBy })
        }
        Dialect::Mysql => match (changed.action, kind) {
            (Action::AlterType, SchemaObjectKind::Constraint) if changed.keeps_type => None,
            (Action::Drop | Action::DropColumn | Action::AlterType, SchemaObjectKind::Constraint) => {
                Some(List::RefusedBy)
            }
            (Action::DropColumn, SchemaObjectKind::Column) => Some(List::RefusedBy),
            (Action::DropColumn, SchemaObjectKind::Index) => Some(List::Vanished),
            (
                Action::Drop | Action::DropColumn | Action::Rename | Action::RenameColumn,
                SchemaObjectKind::View,
            ) => Some(List::Broken),
            _ => None,
        },
        // It records nothing.
        Dialect::Sqlite => None,
    }
}

/// Whether things of a kind go with what they are on, without being asked for as what depends on it: PostgreSQL's keys and checks.
fn goes_along(dialect: Dialect, kind: SchemaObjectKind, list: List) -> bool {
    dialect == Dialect::Postgres && kind == SchemaObjectKind::Constraint && list == List::Vanished
}

/// Whether a copy of the schema shows all things of a kind.
fn seen_in_a_copy(kind: SchemaObjectKind) -> bool {
    matches!(kind, SchemaObjectKind::View | SchemaObjectKind::Trigger | SchemaObjectKind::Index)
}

fn same(dialect: Dialect, a: &Dependent, b: &Dependent) -> bool {
    let tables = match (&a.table, &b.table) {
        (Some(a), Some(b)) => same_name(dialect, a, b),
        _ => true,
    };
    a.kind == b.kind && tables && same_name(dialect, &a.name, &b.name)
}

/// Whether two names say the same, as far as both are qualified.
fn same_name(dialect: Dialect, a: &str, b: &str) -> bool {
    let equal =
        |a: &str, b: &str| if dialect == Dialect::Postgres { a == b } else { a.eq_ignore_ascii_case(b) };
    equal(a, b) || (a.contains('.') != b.contains('.') && equal(last_part(a), last_part(b)))
}

fn last_part(name: &str) -> &str {
    if name.ends_with('"') {
        return name.trim_end_matches('"').rsplit('"').next().unwrap_or(name);
    }
    name.rsplit('.').next().unwrap_or(name)
}
