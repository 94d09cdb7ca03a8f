//! The events of several runs of one call, such as those for tenants: they go one way, and their end is waited for once.
//!
//! A server that answers nobody would hold up the call for each of them, and be complained of as often.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use migration_kit::lineage::openlineage::OpenLineageObserver;
use migration_kit::lineage::transport::OpenLineageConfig;

use super::{Sending, finish, start_alone};
use crate::context::Context;

/// What the runs of this call share, while there are several.
static SHARED: Mutex<Option<Shared>> = Mutex::new(None);

/// How long it takes an observer without work to say so.
const AT_ONCE: Duration = Duration::from_millis(1);

#[derive(Default)]
struct Shared {
    /// Nothing before the first run, and nothing in it where nobody has said where events go.
    way: Option<Option<(Sending, OpenLineageConfig)>>,
    /// Those that may be at work still.
    observers: Vec<Arc<OpenLineageObserver>>,
    /// How many statements those were not told that are done.
    lost: u64,
}

/// From when on runs belong together, to where it ends.
#[derive(Debug)]
pub(crate) struct Together(());

/// What begins to run from now on belongs together, until what is returned is dropped: then events are sent or put aside.
#[must_use]
pub(crate) fn together() -> Together {
    *shared() = Some(Shared::default());
    Together(())
}

/// Begins to send, if somebody has said where to; in the way of the others if there are some.
pub(super) fn start(context: &Context) -> Option<(Sending, OpenLineageConfig)> {
    match &mut *shared() {
        Some(shared) => shared.way.get_or_insert_with(|| start_alone(context)).clone(),
        None => start_alone(context),
    }
}

/// Takes over an observer whose run is over: whether there are other runs to wait for.
pub(super) fn takes(observer: &Arc<OpenLineageObserver>) -> bool {
    let mut shared = shared();
    let Some(shared) = &mut *shared else { return false };
    shared.observers.push(Arc::clone(observer));
    let lost = &mut shared.lost;
    shared.observers.retain(|observer| {
        let is_done = observer.flush(AT_ONCE);
        *lost += if is_done { observer.lost() } else { 0 };
        !is_done
    });
    true
}

impl Drop for Together {
    fn drop(&mut self) {
        let Some(Shared { way: Some(Some((sending, _))), observers, lost }) = shared().take() else { return };
        finish(&sending, &observers, lost);
    }
}

fn shared() -> MutexGuard<'static, Option<Shared>> {
    SHARED.lock().unwrap_or_else(PoisonError::into_inner)
}
