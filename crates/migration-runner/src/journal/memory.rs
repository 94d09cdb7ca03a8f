//! A journal that lasts as long as the process.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Access, Claim, Entry, Hold, Journal, JournalError, Ledger};
use crate::locks::{LockTable, Names};

/// A journal in memory, which is what a runner has unless it is given another. Clones are the same journal.
#[derive(Clone)]
pub struct MemoryJournal {
    ledgers: Arc<Mutex<HashMap<String, Ledger>>>,
    locks: Arc<LockTable>,
}

impl MemoryJournal {
    /// An empty journal.
    #[must_use]
    pub fn new() -> Self {
        Self { ledgers: Arc::default(), locks: Arc::new(LockTable::new()) }
    }

    fn ledgers(&self) -> MutexGuard<'_, HashMap<String, Ledger>> {
        self.ledgers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemoryJournal {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for MemoryJournal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemoryJournal").finish_non_exhaustive()
    }
}

impl Journal for MemoryJournal {
    fn name(&self) -> String {
        "memory".to_owned()
    }

    fn migrations(&self) -> Result<Vec<String>, JournalError> {
        Ok(self.ledgers().keys().cloned().collect())
    }

    fn read(&self, migration: &str) -> Result<Ledger, JournalError> {
        Ok(self.ledgers().get(migration).cloned().unwrap_or_default())
    }

    fn try_lock(&self, claims: &[Claim<'_>]) -> Result<Option<Box<dyn Hold + '_>>, JournalError> {
        let names: Vec<_> =
            claims.iter().map(|claim| (claim.migration, claim.access == Access::Exclusive)).collect();
        let held = LockTable::try_take(&self.locks, &names);
        Ok(held
            .map(|names| -> Box<dyn Hold> { Box::new(MemoryHold { journal: self.clone(), _names: names }) }))
    }
}

struct MemoryHold {
    journal: MemoryJournal,
    _names: Names,
}

impl Hold for MemoryHold {
    fn append(&mut self, migration: &str, entries: &[Entry<'_>]) -> Result<(), JournalError> {
        let mut ledgers = self.journal.ledgers();
        if !ledgers.contains_key(migration) {
            ledgers.insert(migration.to_owned(), Ledger::default());
        }
        if let Some(ledger) = ledgers.get_mut(migration) {
            entries.iter().for_each(|entry| ledger.apply(entry));
        }
        Ok(())
    }
}
