//! Waiting for a lock by asking for it again and again.

use std::time::{Duration, Instant};

use crate::error::{Error, Result};

/// After how long a waiting runner says that it waits.
const PATIENCE: Duration = Duration::from_millis(500);

/// How long to wait, and whom to tell of it.
pub(super) struct Turn<'a> {
    /// When to give up.
    pub(super) timeout: Duration,
    /// How often to ask.
    pub(super) poll: Duration,
    /// Is told once, when it takes long, with whoever holds the lock.
    pub(super) wait: &'a mut dyn FnMut(Option<&str>),
}

/// A lock that can be asked for without waiting.
pub(super) trait Contended {
    /// What whoever has the lock has.
    type Held;

    /// Takes the lock if it is free.
    fn attempt(&mut self) -> Result<Option<Self::Held>>;

    /// Who holds it, as far as can be told.
    fn holder(&mut self) -> Option<String>;

    /// Is called once, when it takes long.
    fn impatient(&mut self) {}
}

impl Turn<'_> {
    /// Takes the lock as soon as it is free.
    ///
    /// # Errors
    /// [`Error::Locked`] after the timeout, and whatever an attempt fails with.
    pub(super) fn take<L: Contended>(self, lock: &mut L) -> Result<L::Held> {
        let start = Instant::now();
        let mut told = false;
        loop {
            if let Some(held) = lock.attempt()? {
                return Ok(held);
            }
            if start.elapsed() >= self.timeout {
                return Err(Error::Locked { holder: lock.holder(), waited: self.timeout });
            }
            if !told && start.elapsed() >= PATIENCE {
                told = true;
                (self.wait)(lock.holder().as_deref());
                lock.impatient();
            }
            std::thread::sleep(self.poll);
        }
    }
}
