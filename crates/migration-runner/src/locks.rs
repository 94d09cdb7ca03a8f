//! Who holds which names: several may share one, or one has it alone.

use std::collections::HashMap;

use crate::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Names that are held, for the threads of one process.
pub(crate) struct LockTable {
    held: Mutex<HashMap<String, Held>>,
}

enum Held {
    By(usize),
    Alone,
}

/// Names that are held until this is dropped.
pub(crate) struct Names {
    table: Arc<LockTable>,
    names: Vec<String>,
}

impl LockTable {
    pub(crate) fn new() -> Self {
        Self { held: Mutex::new(HashMap::new()) }
    }

    /// Takes all of the names, each once, alone (`true`) or shared; or none of them, if one is taken.
    pub(crate) fn try_take(table: &Arc<Self>, names: &[(&str, bool)]) -> Option<Names> {
        let mut held = table.held();
        let is_free = |(name, alone): &(&str, bool)| match held.get(*name) {
            None => true,
            Some(Held::By(_)) => !alone,
            Some(Held::Alone) => false,
        };
        if !names.iter().all(is_free) {
            return None;
        }
        for (name, alone) in names {
            let others = match held.get(*name) {
                Some(Held::By(others)) => *others,
                _ => 0,
            };
            held.insert((*name).to_owned(), if *alone { Held::Alone } else { Held::By(others + 1) });
        }
        let names = names.iter().map(|(name, _)| (*name).to_owned()).collect();
        Some(Names { table: Arc::clone(table), names })
    }

    fn held(&self) -> MutexGuard<'_, HashMap<String, Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Names {
    fn drop(&mut self) {
        let mut held = self.table.held();
        for name in &self.names {
            match held.get_mut(name) {
                Some(Held::By(holders)) if *holders > 1 => *holders -= 1,
                _ => _ = held.remove(name),
            }
        }
    }
}
