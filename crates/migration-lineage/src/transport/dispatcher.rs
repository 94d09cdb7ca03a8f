//! The thread that sends events: a bounded queue before it, a spool behind it.

use std::collections::VecDeque;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::patience::Patience;
use super::{ConfigError, OpenLineageConfig, Retry, SendError, Spool, Transport, TransportSettings, connect};
use crate::openlineage::{Emit, LineageEvent, with_causes};

/// How many events may wait to be sent.
const QUEUE: usize = 10_000;

/// How long a server that is away is left alone.
const LEFT_ALONE: Duration = Duration::from_secs(10);

/// Takes events and sends them from a thread of its own.
///
/// Nobody waits for it and nothing fails because of it. An event that can't be sent is tried again as the settings say; then it
/// goes to the spool, and those behind it as well, so that they stay in order. What waited in the spool from before is sent
/// first. An event whose answer never came may have arrived, and is sent again; none is sent twice otherwise.
pub struct Dispatcher {
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    spool: Option<Spool>,
    /// Why what waits at the end is lost where there is no spool.
    without_spool: &'static str,
    capacity: usize,
}

#[derive(Debug, Default)]
struct State {
    /// What waits.
    queue: VecDeque<String>,
    /// Whether the first of it is under way.
    is_under_way: bool,
    /// Whether some of what waits had to go to the spool, as there was too much of it.
    is_behind: bool,
    /// When it has to be over, once somebody wants it to be.
    end: Option<Instant>,
    /// Whether what waits was taken away, and whatever is under way means nothing any more.
    is_stopped: bool,
    /// Whether the thread has ended.
    is_over: bool,
    delivery: Delivery,
}

/// What became of the events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Delivery {
    /// How many were sent.
    pub sent: u64,
    /// How many of an earlier run were sent.
    pub replayed: u64,
    /// How many wait in the spool for another run.
    pub spooled: u64,
    /// How many the server refused for good.
    pub refused: u64,
    /// How many are lost, as there was nowhere to keep them.
    pub lost: u64,
    /// What went wrong last, without secrets.
    pub trouble: Option<String>,
    /// Why what could not be sent could not be kept either.
    pub unkept: Option<String>,
    /// Where the spool is.
    pub spool: Option<PathBuf>,
}

impl Dispatcher {
    /// Begins to send to the destination of settings.
    ///
    /// # Errors
    /// [`ConfigError`] as from [`connect`].
    pub fn start(config: &OpenLineageConfig) -> Result<Self, ConfigError> {
        let transport = connect(&config.transport)?;
        let spool = config.spool.as_ref().filter(|_| transport.is_remote());
        let spool = spool.map(|folder| Spool::of(folder, &config.transport));
        let retry = match &config.transport {
            TransportSettings::Http(settings) => settings.retry.clone(),
            _ => Retry::never(),
        };
        Ok(Self::with(transport, retry, spool, QUEUE))
    }

    /// Begins to send through a transport, with at most so many events waiting.
    #[must_use]
    pub fn with(transport: Box<dyn Transport>, retry: Retry, spool: Option<Spool>, capacity: usize) -> Self {
        let mut state = State::default();
        state.delivery.spool = spool.as_ref().map(|spool| spool.folder().to_owned());
        let (state, changed) = (Mutex::new(state), Condvar::new());
        let without_spool = if transport.is_remote() {
            "there is no folder to keep them in"
        } else {
            "there was no time to write them"
        };
        let shared = Arc::new(Shared { state, changed, spool, without_spool, capacity });
        let sender = Sender { shared: Arc::clone(&shared), transport, retry };
        let thread = std::thread::Builder::new().name("openlineage-send".to_owned());
        if thread.spawn(move || sender.run()).is_err() {
            // What comes goes to the spool in the end.
            shared.state().is_over = true;
        }
        Self { shared }
    }

    /// Waits until all is sent, but not longer than a time; the rest goes to the spool. What comes afterwards is lost.
    #[must_use]
    pub fn close(&self, limit: Duration) -> Delivery {
        let end = Instant::now() + limit;
        let mut state = self.shared.state();
        state.end = Some(end);
        self.shared.changed.notify_all();
        while !state.is_over {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            state = self.shared.wait(state, left);
        }
        state.is_stopped = true;
        self.shared.keep_all(&mut state);
        state.delivery.clone()
    }
}

impl Drop for Dispatcher {
    fn drop(&mut self) {
        let mut state = self.shared.state();
        state.is_stopped = true;
        self.shared.keep_all(&mut state);
        self.shared.changed.notify_all();
    }
}

impl Emit for Dispatcher {
    fn emit(&self, event: LineageEvent) {
        let event = event.to_json();
        let mut state = self.shared.state();
        if state.is_stopped {
            state.delivery.lost += 1;
            return;
        }
        if state.queue.len() >= self.shared.capacity {
            // All but what is under way: its turn comes when what is under way is done.
            let under_way = if state.is_under_way { state.queue.pop_front() } else { None };
            self.shared.keep_all(&mut state);
            state.queue.extend(under_way);
            state.is_behind = true;
        }
        state.queue.push_back(event);
        self.shared.changed.notify_all();
    }
}

impl fmt::Debug for Dispatcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dispatcher").field("spool", &self.shared.spool).finish_non_exhaustive()
    }
}

impl Shared {
    /// A thread that panicked with the lock has left a queue that lacks something, no broken one.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>, limit: Duration) -> MutexGuard<'a, State> {
        self.changed.wait_timeout(state, limit).unwrap_or_else(PoisonError::into_inner).0
    }

    /// Waits for a time, and says whether there is time for more behind it. If it is to be over before, it doesn't wait.
    fn pause(&self, mut state: MutexGuard<'_, State>, pause: Duration) -> bool {
        let Some(until) = Instant::now().checked_add(pause) else { return false };
        loop {
            if state.is_stopped || state.end.is_some_and(|end| end <= until) {
                return false;
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return true;
            }
            state = self.wait(state, left);
        }
    }

    /// Moves all that waits to the spool.
    fn keep_all(&self, state: &mut State) {
        if state.queue.is_empty() {
            return;
        }
        let events: Vec<String> = state.queue.drain(..).collect();
        let kept = match &self.spool {
            Some(spool) => spool.keep(&events).map_err(|error| with_causes(&error)),
            None => Err(self.without_spool.to_owned()),
        };
        match kept {
            Ok(()) => state.delivery.spooled += events.len() as u64,
            Err(reason) => {
                state.delivery.lost += events.len() as u64;
                state.delivery.unkept = Some(reason);
            }
        }
    }
}

/// The thread's own part.
struct Sender {
    shared: Arc<Shared>,
    transport: Box<dyn Transport>,
    retry: Retry,
}

impl Sender {
    fn run(mut self) {
        let mut left_alone = self.replay();
        let mut attempts = 0;
        loop {
            let shared = Arc::clone(&self.shared);
            let mut state = shared.state();
            while state.queue.is_empty() && !state.is_behind && state.end.is_none() && !state.is_stopped {
                state = shared.wait(state, LEFT_ALONE);
            }
            let now = Instant::now();
            if state.is_stopped
                || (state.queue.is_empty() && !state.is_behind)
                || state.end.is_some_and(|end| end <= now)
            {
                break;
            }
            if let Some(until) = left_alone {
                shared.keep_all(&mut state);
                if until <= now {
                    drop(state);
                    left_alone = self.replay();
                } else if state.end.is_some() {
                    // Nobody was there a moment ago.
                    break;
                }
                continue;
            }
            if std::mem::take(&mut state.is_behind) {
                drop(state);
                left_alone = self.replay();
                continue;
            }
            let Some(event) = state.queue.front().cloned() else { continue };
            let limit = state.end.map_or(Duration::MAX, |end| end - now);
            state.is_under_way = true;
            drop(state);
            let outcome = self.transport.send(&event, limit);
            let mut state = shared.state();
            state.is_under_way = false;
            if state.is_stopped {
                return;
            }
            match outcome {
                // A file that can't be written once can be the next time.
                Err(SendError::Away { reason, .. }) if !self.transport.is_remote() => {
                    state.queue.pop_front();
                    state.delivery.lost += 1;
                    state.delivery.trouble = Some(reason);
                }
                Ok(()) => {
                    attempts = 0;
                    state.queue.pop_front();
                    state.delivery.sent += 1;
                    if state.delivery.refused + state.delivery.lost == 0 {
                        state.delivery.trouble = None;
                    }
                }
                Err(SendError::Refused { reason }) => {
                    attempts = 0;
                    state.queue.pop_front();
                    state.delivery.refused += 1;
                    state.delivery.trouble = Some(reason);
                    if let Some(spool) = &shared.spool {
                        spool.refuse(&event);
                    }
                }
                Err(ref error @ SendError::Away { ref reason, .. }) => {
                    state.delivery.trouble = Some(reason.clone());
                    attempts += 1;
                    match self.retry.pause_after(attempts, error) {
                        Some(pause) if shared.pause(state, pause) => {}
                        _ => {
                            attempts = 0;
                            left_alone = Some(Instant::now() + LEFT_ALONE);
                        }
                    }
                }
            }
        }
        let mut state = self.shared.state();
        if !state.is_stopped {
            self.shared.keep_all(&mut state);
        }
        state.is_over = true;
        self.shared.changed.notify_all();
    }

    /// Sends what an earlier run has left. Until when the server is left alone, if it is away.
    fn replay(&mut self) -> Option<Instant> {
        let shared = Arc::clone(&self.shared);
        let spool = shared.spool.as_ref().filter(|spool| spool.has_events())?;
        let end = || {
            let state = shared.state();
            if state.is_stopped { Some(Instant::now()) } else { state.end }
        };
        let pause = |pause| shared.pause(shared.state(), pause);
        let patience = Patience { retry: &self.retry, end: &end, pause: &pause };
        let outcome = spool.replay(&mut *self.transport, &patience);
        let mut state = shared.state();
        let replayed = match outcome {
            Ok(replayed) => replayed,
            Err(error) => {
                state.delivery.trouble = Some(with_causes(&error));
                return None;
            }
        };
        let own = state.delivery.spooled.min(replayed.sent);
        state.delivery.spooled -= own;
        state.delivery.sent += own;
        state.delivery.replayed += replayed.sent - own;
        state.delivery.refused += replayed.refused;
        // While another process sends them, ours need not wait.
        let waits = replayed.trouble.as_ref().is_some_and(|why| why != "another process sends them");
        if waits {
            state.delivery.trouble = replayed.trouble;
        }
        waits.then(|| Instant::now() + LEFT_ALONE)
    }
}

#[cfg(test)]
mod tests;
