//! The runner as its users see it, and its locks under a model checker.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that can't go on has failed")]

mod basics;
mod crash;
mod events;
mod examples;
mod interleavings;
mod journal;
mod properties;
mod rollback;
mod sets;
mod steps;
mod support;
mod uncertain;

/// For the modules below, in place of the standard library's: every interleaving is tried.
mod sync {
    pub(crate) use loom::sync::atomic::{AtomicBool, Ordering};
    pub(crate) use loom::sync::{Arc, Condvar, Mutex, MutexGuard};
    pub(crate) use std::sync::PoisonError;
}

#[path = "../../src/cancel.rs"]
#[expect(unreachable_pub, reason = "it is public where it belongs")]
mod cancel;

#[path = "../../src/locks.rs"]
mod locks;
