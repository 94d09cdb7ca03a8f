//! Asking a run to stop.

use std::fmt;
use std::time::{Duration, Instant};

use crate::sync::{Arc, AtomicBool, Condvar, Mutex, Ordering, PoisonError};

/// A switch that a program throws to stop a run: no further step starts, and those that are running are asked to end.
///
/// Clones are the same switch. It can't be reset; a run that shall not be stopped by an earlier request gets a new one.
///
/// ```
/// use migration_runner::CancellationToken;
///
/// let token = CancellationToken::new();
/// let same = token.clone();
/// token.cancel();
/// assert!(same.is_cancelled());
/// ```
#[derive(Clone)]
pub struct CancellationToken {
    shared: Arc<Shared>,
}

struct Shared {
    cancelled: AtomicBool,
    /// Held while waiting is decided on and while waiters are woken, so that nobody falls asleep in between.
    gate: Mutex<()>,
    wake: Condvar,
}

impl CancellationToken {
    /// A switch that is not thrown.
    #[must_use]
    pub fn new() -> Self {
        let shared = Shared { cancelled: AtomicBool::new(false), gate: Mutex::new(()), wake: Condvar::new() };
        Self { shared: Arc::new(shared) }
    }

    /// Throws the switch and wakes all who wait.
    pub fn cancel(&self) {
        self.shared.cancelled.store(true, Ordering::Release);
        let _gate = self.shared.gate.lock().unwrap_or_else(PoisonError::into_inner);
        self.shared.wake.notify_all();
    }

    /// Whether it is thrown.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.shared.cancelled.load(Ordering::Acquire)
    }

    /// Waits until it is thrown, at most for `timeout`; returns whether it is.
    #[must_use]
    pub fn wait(&self, timeout: Duration) -> bool {
        let started = Instant::now();
        let mut gate = self.shared.gate.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if self.is_cancelled() {
                return true;
            }
            let Some(left) = timeout.checked_sub(started.elapsed()).filter(|left| !left.is_zero()) else {
                return false;
            };
            gate = self.shared.wake.wait_timeout(gate, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Default for CancellationToken {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for CancellationToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CancellationToken").field("cancelled", &self.is_cancelled()).finish()
    }
}
