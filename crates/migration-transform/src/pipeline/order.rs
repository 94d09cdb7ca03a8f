//! Threads that take chunks as they come and hand them on in order, with a bounded number in flight.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::direct::Direct;
use super::error::RunError;
use super::ledger::Ledger;
use super::positioned::write_at;
use super::slot::Slot;
use super::stream::Stream;
use crate::chunk::{Chunk, Format};
use crate::engine::Engine;

/// Bytes of input that may be in flight beyond the first chunk.
const MOST_BYTES: usize = 8 << 20;

/// Where chunks come from.
pub(crate) enum Feed<'a> {
    /// From any place of a file.
    Direct(Direct),
    /// One after the other; with the number of the next.
    Stream(Mutex<(Box<Stream<'a>>, u64)>),
}

/// Everything that the threads of a run share.
pub(crate) struct Order<'e, 'a> {
    pub(crate) engine: &'e Engine,
    pub(crate) feed: Feed<'a>,
    pub(crate) input: Format,
    pub(crate) input_name: String,
    /// The file whose places the sink gives out.
    pub(crate) file: Option<&'e File>,
    pub(crate) interrupt: Option<&'e AtomicBool>,
    pub(crate) chunk: usize,
    /// How many chunks may be in flight.
    pub(crate) most: usize,
    state: Mutex<State<'a>>,
    room: Condvar,
}

struct State<'a> {
    ledger: Ledger<'a>,
    /// The number of the chunk that is handed on next.
    next: u64,
    waiting: BTreeMap<u64, Slot>,
    spare: Vec<Slot>,
    in_flight: usize,
    bytes: usize,
    failure: Option<RunError>,
}

impl<'e, 'a> Order<'e, 'a> {
    pub(crate) fn new(
        engine: &'e Engine,
        feed: Feed<'a>,
        (input, input_name): (Format, String),
        ledger: Ledger<'a>,
        file: Option<&'e File>,
        interrupt: Option<&'e AtomicBool>,
        (chunk, most): (usize, usize),
    ) -> Self {
        let state = State {
            ledger,
            next: 0,
            waiting: BTreeMap::new(),
            spare: Vec::new(),
            in_flight: 0,
            bytes: 0,
            failure: None,
        };
        let (state, room) = (Mutex::new(state), Condvar::new());
        Self { engine, feed, input, input_name, file, interrupt, chunk, most, state, room }
    }

    /// Runs it to its end on so many threads.
    ///
    /// # Errors
    /// The first failure.
    pub(crate) fn run(self, threads: usize) -> Result<Ledger<'a>, RunError> {
        std::thread::scope(|scope| {
            for _ in 1..threads {
                scope.spawn(|| self.work());
            }
            self.work();
        });
        let state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        match state.failure {
            Some(failure) => Err(failure),
            None => Ok(state.ledger),
        }
    }

    fn work(&self) {
        let _alarm = Alarm(self);
        let mut worker = self.engine.worker();
        while let Some(mut slot) = self.slot() {
            match self.fill(&mut slot) {
                Ok(true) => {}
                Ok(false) => return self.give_back(slot),
                Err(source) => {
                    let begun = slot.index > 0;
                    return self.fail(RunError::Input { name: self.input_name.clone(), begun, source });
                }
            }
            let Slot { buffer, records, made, .. } = &mut slot;
            worker.process(&Chunk { bytes: &buffer[records.clone()], format: self.input.clone() }, made);
            slot.add_odd();
            self.lock().bytes += slot.buffer.len();
            if !self.hand_on(slot) {
                return;
            }
        }
    }

    /// An empty slot, as soon as there may be one more; `None` if the run is over.
    fn slot(&self) -> Option<Slot> {
        let mut state = self.lock();
        loop {
            if self.interrupt.is_some_and(|flag| flag.load(Ordering::Relaxed)) {
                state.failure.get_or_insert(RunError::Interrupted);
            }
            if state.failure.is_some() {
                return None;
            }
            if state.in_flight == 0 || state.in_flight < self.most && state.bytes < MOST_BYTES {
                state.in_flight += 1;
                let mut slot = state.spare.pop().unwrap_or_default();
                slot.clear(self.chunk);
                return Some(slot);
            }
            state = self.room.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn fill(&self, slot: &mut Slot) -> io::Result<bool> {
        match &self.feed {
            Feed::Direct(direct) => {
                let Some(index) = direct.claim() else { return Ok(false) };
                slot.index = index;
                direct.read(index, slot).map(|()| true)
            }
            Feed::Stream(stream) => {
                let mut stream = stream.lock().unwrap_or_else(PoisonError::into_inner);
                let (stream, next) = &mut *stream;
                slot.index = *next;
                let more = stream.next(slot)?;
                *next += u64::from(more);
                Ok(more)
            }
        }
    }

    /// Hands a chunk on, with those that waited for it. `false` if the run is over.
    fn hand_on(&self, slot: Slot) -> bool {
        let mut ready = Vec::new();
        {
            let mut guard = self.lock();
            let state = &mut *guard;
            state.waiting.insert(slot.index, slot);
            while let Some(mut slot) = state.waiting.remove(&state.next) {
                if state.failure.is_some() {
                    break;
                }
                state.next += 1;
                match state.ledger.take(&mut slot) {
                    Ok(place) => ready.push((slot, place)),
                    Err(failure) => state.failure = Some(failure),
                }
            }
        }
        for (slot, place) in ready {
            if let (Some(place), Some(file)) = (place, self.file)
                && let Err(error) = write_at(file, &slot.made.bytes, place)
            {
                let failure = self.lock().ledger.failed(error);
                self.fail(failure);
                return false;
            }
            self.give_back(slot);
        }
        let over = self.lock().failure.is_some();
        if over {
            self.room.notify_all();
        }
        !over
    }

    fn give_back(&self, slot: Slot) {
        let mut state = self.lock();
        state.in_flight -= 1;
        state.bytes = state.bytes.saturating_sub(slot.buffer.len());
        state.spare.push(slot);
        drop(state);
        self.room.notify_all();
    }

    fn fail(&self, failure: RunError) {
        self.lock().failure.get_or_insert(failure);
        self.room.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State<'a>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lets the other threads end when one of them panics, in a function of the chain.
struct Alarm<'o, 'e, 'a>(&'o Order<'e, 'a>);

impl Drop for Alarm<'_, '_, '_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.fail(RunError::Interrupted);
        }
    }
}
