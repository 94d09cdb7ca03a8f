//! Pending migrations that come before applied ones: which they are, and whether they may run.

use std::collections::HashSet;

use crate::error::{Error, Result};
use crate::history::History;
use crate::journal::Journal;
use crate::request::OutOfOrder;
use crate::set::{MigrationSet, SqlMigration};

/// The pending migrations that come before one that is applied.
#[derive(Debug, Default)]
pub(crate) struct Late<'a> {
    ids: HashSet<&'a str>,
    /// The last in order of those that are applied.
    newest: &'a str,
}

impl Late<'_> {
    /// Whether a migration is one of them.
    pub(crate) fn contains(&self, id: &str) -> bool {
        self.ids.contains(id)
    }
}

/// Finds them. Repeatable migrations run last whenever they run, so that none is late and nothing is late for their sake.
pub(crate) fn late<'a>(set: &'a MigrationSet, history: &History) -> Late<'a> {
    let ordered = || set.migrations().iter().filter(|migration| !migration.repeatable);
    let is_applied = |migration: &&SqlMigration| history.is_applied(&migration.id);
    let Some(newest) = ordered().rfind(is_applied) else { return Late::default() };
    let before = ordered().take_while(|migration| migration.id != newest.id);
    let ids = before.filter(|migration| !is_applied(migration)).map(|migration| migration.id.as_str());
    Late { ids: ids.collect(), newest: &newest.id }
}

/// Whether the policy lets those that are chosen run. What was begun has to be finished, whatever the policy.
///
/// # Errors
/// [`Error::OutOfOrder`].
pub(super) fn check(
    late: &Late<'_>,
    chosen: &[&SqlMigration],
    journal: &Journal,
    policy: OutOfOrder,
) -> Result<()> {
    if policy == OutOfOrder::Apply {
        return Ok(());
    }
    let refused = chosen.iter().filter(|m| late.contains(&m.id) && journal.get(&m.id).is_none());
    let ids: Vec<String> = refused.map(|migration| migration.id.clone()).collect();
    if ids.is_empty() { Ok(()) } else { Err(Error::OutOfOrder { ids, newest: late.newest.to_owned() }) }
}
