//! Looks at the clock while steps run, so that one that never ends is told of in time.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, unbounded};
use migration_model::Event;

use crate::observers::Observers;

/// Where calls with a limit are announced.
pub(crate) struct Watch {
    sender: Sender<Message>,
    next: AtomicU64,
}

/// Sends the post home when it is dropped, however the run ends.
pub(crate) struct Quit<'w>(pub(crate) &'w Watch);

/// A call that is being watched.
pub(crate) struct Watched {
    call: Arc<Call>,
    sender: Sender<Message>,
    key: (Instant, u64),
}

enum Message {
    Started((Instant, u64), Arc<Call>),
    Ended((Instant, u64)),
    Quit,
}

struct Call {
    migration: String,
    step: String,
    limit: Duration,
    /// Whoever throws it first tells.
    told: AtomicBool,
}

impl Call {
    fn tell(&self, observers: &Observers) {
        if !self.told.swap(true, Ordering::AcqRel) {
            let (migration, step, limit) = (self.migration.as_str(), self.step.as_str(), self.limit);
            observers.tell(&Event::StepOverran { migration, step, limit });
        }
    }
}

impl Watch {
    pub(crate) fn new() -> (Self, WatchPost) {
        let (sender, receiver) = unbounded();
        (Self { sender, next: AtomicU64::new(0) }, WatchPost { receiver })
    }

    pub(crate) fn start(&self, deadline: Instant, limit: Duration, migration: &str, step: &str) -> Watched {
        let (migration, step) = (migration.to_owned(), step.to_owned());
        let call = Arc::new(Call { migration, step, limit, told: AtomicBool::new(false) });
        let key = (deadline, self.next.fetch_add(1, Ordering::Relaxed));
        // Without a post, for want of a thread, late calls are told of when they are over.
        _ = self.sender.send(Message::Started(key, Arc::clone(&call)));
        Watched { call, sender: self.sender.clone(), key }
    }
}

impl Drop for Quit<'_> {
    fn drop(&mut self) {
        _ = self.0.sender.send(Message::Quit);
    }
}

impl Watched {
    /// The call is over. What took too long is told of before this returns.
    pub(crate) fn end(self, overran: bool, observers: &Observers) {
        if overran {
            self.call.tell(observers);
        }
        _ = self.sender.send(Message::Ended(self.key));
    }
}

/// What a thread does that watches.
pub(crate) struct WatchPost {
    receiver: Receiver<Message>,
}

impl WatchPost {
    /// Watches until it is told to [`Quit`].
    pub(crate) fn stand(self, observers: &Observers) {
        let mut calls: BTreeMap<(Instant, u64), Arc<Call>> = BTreeMap::new();
        loop {
            let message = match calls.first_key_value() {
                Some(((deadline, _), _)) => self.receiver.recv_deadline(*deadline),
                None => self.receiver.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match message {
                Ok(Message::Started(key, call)) => _ = calls.insert(key, call),
                Ok(Message::Ended(key)) => _ = calls.remove(&key),
                Err(RecvTimeoutError::Timeout) => {
                    if let Some((_, call)) = calls.pop_first() {
                        call.tell(observers);
                    }
                }
                Ok(Message::Quit) | Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }
}
