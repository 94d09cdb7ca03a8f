//! What is not the same after a set was written in another layout and read again.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use migration_model::{MigrationDirection, message};
use serde::Serialize;
use thiserror::Error;

use crate::layout::Layout;
use crate::{MigrationSet, Script, SqlMigration};

/// What a layout can't express.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum LossKind {
    /// The id: databases know the migration by the one that it has.
    Ids,
    /// What it is called, where that is not part of the id.
    Names,
    /// What it is for.
    Descriptions,
    /// What must be applied before it. The order stays the same.
    Dependencies,
    /// When it was written.
    Times,
    /// The down part.
    Down,
    /// Whether it runs in a transaction, up or down.
    Transactions,
    /// That it runs again whenever it changes.
    Repeatable,
    /// The place in the order. Can't be accepted.
    Order,
    /// The SQL itself. Can't be accepted.
    Sql,
}

impl LossKind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[
        Self::Ids,
        Self::Names,
        Self::Descriptions,
        Self::Dependencies,
        Self::Times,
        Self::Down,
        Self::Transactions,
        Self::Repeatable,
        Self::Order,
        Self::Sql,
    ];

    /// The name in the command line and in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ids => "ids",
            Self::Names => "names",
            Self::Descriptions => "descriptions",
            Self::Dependencies => "dependencies",
            Self::Times => "times",
            Self::Down => "down",
            Self::Transactions => "transactions",
            Self::Repeatable => "repeatable",
            Self::Order => "order",
            Self::Sql => "sql",
        }
    }

    /// Whether somebody may say that it doesn't matter. Another order or other SQL is another history.
    #[must_use]
    pub fn can_be_accepted(self) -> bool {
        !matches!(self, Self::Order | Self::Sql)
    }
}

impl fmt::Display for LossKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A text that names no loss that can be accepted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is no loss that can be accepted: expected one of {names}", names = acceptable())]
pub struct UnknownLoss(String);

impl FromStr for LossKind {
    type Err = UnknownLoss;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let named = Self::ALL.iter().find(|kind| kind.can_be_accepted() && kind.as_str() == text);
        named.copied().ok_or_else(|| UnknownLoss(text.to_owned()))
    }
}

fn acceptable() -> String {
    let kinds = LossKind::ALL.iter().filter(|kind| kind.can_be_accepted());
    kinds.map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ")
}

/// Something that a layout can't express.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Loss {
    /// What kind of thing.
    pub kind: LossKind,
    /// The migration.
    pub migration: String,
    /// The file that says it.
    pub file: Option<PathBuf>,
    /// What exactly, for people.
    pub what: String,
}

/// How many of each kind, and where the first is.
pub(super) fn summary(losses: &[Loss]) -> String {
    let of_kind = |kind: &LossKind| {
        let mut found = losses.iter().filter(|loss| loss.kind == *kind);
        let first = found.next()?;
        let file = first.file.as_ref().map(|file| format!(" in `{}`", file.display())).unwrap_or_default();
        let more = match found.count() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        Some(format!("{kind}: {}{file}{more}", first.what))
    };
    message::list(LossKind::ALL.iter().filter_map(of_kind), "; ")
}

const MARKER: &str = "-- no-transaction";

/// The text as sqlx wants it of a script that runs in no transaction.
pub(super) fn marked_for_sqlx(text: &str) -> String {
    let text = text.trim_start_matches('\u{feff}');
    if text.starts_with(MARKER) { text.to_owned() } else { format!("{MARKER}\n{text}") }
}

/// Everything that is another thing now. `names` are the new ids, in the order of `before`.
pub(super) fn between(
    before: &MigrationSet,
    after: &MigrationSet,
    to: Layout,
    names: &[String],
) -> Vec<Loss> {
    let mut losses = Vec::new();
    for (place, old) in before.migrations().iter().enumerate() {
        let mut lose = |kind, what: String| {
            losses.push(Loss { kind, migration: old.id.clone(), file: old.up.path.clone(), what });
        };
        let Some(new) = after.get(&names[place]) else {
            lose(
                LossKind::Sql,
                format!("the layout would overlook a migration with the name `{}`", names[place]),
            );
            continue;
        };
        if after.position(&names[place]) != Some(place) {
            lose(LossKind::Order, format!("`{}` would run at another place", names[place]));
        }
        let ids = |id: &String| before.position(id).map(|place| names[place].clone());
        compare(old, new, to, ids, &mut lose);
        if old.repeatable && !new.repeatable {
            lose(LossKind::Repeatable, "it is repeatable".to_owned());
        }
    }
    if let (true, Some(first)) = (after.len() > before.len(), after.migrations().first()) {
        let what = format!("the layout would read {} migrations instead of {}", after.len(), before.len());
        losses.push(Loss { kind: LossKind::Sql, migration: first.id.clone(), file: None, what });
    }
    losses
}

fn compare(
    old: &SqlMigration,
    new: &SqlMigration,
    to: Layout,
    ids: impl Fn(&String) -> Option<String>,
    lose: &mut impl FnMut(LossKind, String),
) {
    if old.id != new.id {
        lose(LossKind::Ids, format!("the id becomes `{}`", new.id));
    }
    // What still stands in the id is not lost, whatever part of it the layout takes for the name.
    if old.name != new.name && !new.id.contains(&old.name) {
        lose(LossKind::Names, format!("the name {:?} becomes {:?}", old.name, new.name));
    }
    if old.description != new.description {
        lose(LossKind::Descriptions, "the description".to_owned());
    }
    let dependencies: Vec<_> = old.dependencies.iter().filter_map(ids).collect();
    if dependencies != new.dependencies {
        lose(LossKind::Dependencies, format!("it depends on {}", message::list_ids(&old.dependencies)));
    }
    if old.created_at != new.created_at {
        lose(LossKind::Times, "when it was written".to_owned());
    }
    if [Some(&old.up), old.down.as_ref()].into_iter().flatten().any(|script| script.replaced.is_some()) {
        lose(
            LossKind::Sql,
            "values take the place of names in it, which the new files don't ask for".to_owned(),
        );
    }
    if !is_same(&old.up, &new.up, to) {
        lose(LossKind::Sql, "the up part would be another text".to_owned());
    }
    match (&old.down, &new.down) {
        (Some(_), None) => lose(LossKind::Down, "the down part".to_owned()),
        (None, Some(_)) => lose(LossKind::Sql, "there would be a down part".to_owned()),
        (Some(down), Some(other)) if !is_same(down, other, to) => {
            lose(LossKind::Sql, "the down part would be another text".to_owned());
        }
        _ => {}
    }
    for (direction, what) in [(MigrationDirection::Up, "up"), (MigrationDirection::Down, "down")] {
        let exists = direction == MigrationDirection::Up || new.down.is_some();
        if exists && old.in_transaction(direction) != new.in_transaction(direction) {
            let which = if old.in_transaction(direction) { "in a transaction" } else { "in no transaction" };
            lose(LossKind::Transactions, format!("{what}, it runs {which}"));
        }
    }
}

/// Whether two scripts are the same text but for blanks around them, a byte-order mark and what tells sqlx of transactions.
fn is_same(old: &Script, new: &Script, to: Layout) -> bool {
    let bare = |text: &str| text.trim_start_matches('\u{feff}').trim().to_owned();
    let (before, after) = (bare(old.in_file()), bare(&new.text));
    let marked = || to == Layout::Sqlx && bare(&marked_for_sqlx(&before)) == after;
    old.code.is_none() && (before == after || marked())
}
