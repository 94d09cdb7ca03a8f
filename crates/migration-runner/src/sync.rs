//! What threads share, named in one place: the model checker puts its own in their stead (`tests/all/main.rs`).

pub(crate) use std::sync::atomic::{AtomicBool, Ordering};
pub(crate) use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
