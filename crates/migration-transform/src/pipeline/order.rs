//! Threads that take chunks as they come and hand them on in order, with a bounded number in flight.
//!
//! What a thread made of a chunk is written by that thread, as it is still in the caches of its core; only the place in the output
//! is given out in order, by whoever has the chunk that comes next.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::aligned::BLOCK;
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

/// How many chunks of one thread may be in flight: one at work, and two that wait for those before them.
const MOST: usize = 3;

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
    /// How many bytes a chunk usually has.
    pub(crate) chunk: usize,
    state: Mutex<State<'a>>,
    /// Something that a thread may sleep for has happened.
    news: Condvar,
}

struct State<'a> {
    ledger: Ledger<'a>,
    /// The number of the chunk that is handed on next.
    next: u64,
    /// Chunks that wait for those before them, by their number, each with the number of its thread.
    waiting: BTreeMap<u64, (usize, Slot)>,
    /// Of each thread the chunks that were handed on, and where what they became is to be written.
    placed: Vec<Vec<(Slot, Option<u64>)>>,
    in_flight: usize,
    bytes: usize,
    sleeping: usize,
    failure: Option<RunError>,
}

/// What one thread has.
struct Hand {
    /// Which thread.
    number: usize,
    spare: Vec<Slot>,
    in_flight: usize,
    /// What is to be written next, and nothing between two calls.
    placed: Vec<(Slot, Option<u64>)>,
}

impl<'e, 'a> Order<'e, 'a> {
    pub(crate) fn new(
        engine: &'e Engine,
        feed: Feed<'a>,
        (input, input_name): (Format, String),
        ledger: Ledger<'a>,
        file: Option<&'e File>,
        interrupt: Option<&'e AtomicBool>,
        (chunk, threads): (usize, usize),
    ) -> Self {
        let state = State {
            ledger,
            next: 0,
            waiting: BTreeMap::new(),
            placed: (0..threads.max(1)).map(|_| Vec::new()).collect(),
            in_flight: 0,
            bytes: 0,
            sleeping: 0,
            failure: None,
        };
        let (state, news) = (Mutex::new(state), Condvar::new());
        Self { engine, feed, input, input_name, file, interrupt, chunk, state, news }
    }

    /// Runs it to its end on all its threads.
    ///
    /// # Errors
    /// The first failure.
    pub(crate) fn run(self) -> Result<Ledger<'a>, RunError> {
        let threads = self.lock().placed.len();
        let order = &self;
        std::thread::scope(|scope| {
            for number in 1..threads {
                scope.spawn(move || order.work(number));
            }
            order.work(0);
        });
        let state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        match state.failure {
            Some(failure) => Err(failure),
            None => Ok(state.ledger),
        }
    }

    /// One thread, until there is nothing more to do for it or the run has failed.
    fn work(&self, number: usize) {
        let _alarm = Alarm(self);
        let mut worker = self.engine.worker();
        let mut hand = Hand { number, spare: Vec::new(), in_flight: 0, placed: Vec::new() };
        while let Some(mut slot) = self.slot(&mut hand) {
            match self.fill(&mut slot) {
                Ok(true) => {}
                Ok(false) => {
                    slot.buffer.clear();
                    hand.placed.push((slot, None));
                    return self.end(&mut hand);
                }
                Err(source) => {
                    let name = self.input_name.clone();
                    return self.fail(RunError::Input { name, begun: true, source });
                }
            }
            let Slot { buffer, records, made, .. } = &mut slot;
            worker.process(&Chunk { bytes: &buffer[records.clone()], format: self.input.clone() }, made);
            slot.add_odd();
            self.hand_on(slot, &mut hand);
        }
    }

    /// An empty slot, as soon as there may be one more; `None` if the run is over.
    fn slot(&self, hand: &mut Hand) -> Option<Slot> {
        loop {
            self.write(hand)?;
            let mut state = self.lock();
            if self.interrupt.is_some_and(|flag| flag.load(Ordering::Relaxed)) {
                state.failure.get_or_insert(RunError::Interrupted);
            }
            if state.failure.is_some() {
                self.tell(&state);
                return None;
            }
            if state.in_flight == 0 || hand.in_flight < MOST && state.bytes < MOST_BYTES {
                state.in_flight += 1;
                hand.in_flight += 1;
                drop(state);
                let headroom = if self.file.is_some() { BLOCK } else { 0 };
                let mut slot = hand.spare.pop().unwrap_or_else(|| Slot::new(headroom));
                slot.clear(self.chunk);
                return Some(slot);
            }
            self.sleep(state, hand);
        }
    }

    /// Waits for what is this thread's own and still in flight.
    fn end(&self, hand: &mut Hand) {
        while self.write(hand).is_some() && hand.in_flight > 0 {
            let state = self.lock();
            if state.failure.is_some() {
                return;
            }
            self.sleep(state, hand);
        }
    }

    /// Until something has happened, unless something has for this thread.
    fn sleep(&self, mut state: MutexGuard<'_, State<'a>>, hand: &mut Hand) {
        if state.placed[hand.number].is_empty() {
            state.sleeping += 1;
            state = self.news.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.sleeping -= 1;
        }
        hand.placed.append(&mut state.placed[hand.number]);
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

    /// Hands a chunk on, with those that waited for it, or has it wait.
    fn hand_on(&self, slot: Slot, hand: &mut Hand) {
        let mut guard = self.lock();
        let state = &mut *guard;
        state.bytes += slot.buffer.len();
        state.waiting.insert(slot.index, (hand.number, slot));
        while state.failure.is_none()
            && let Some((owner, mut slot)) = state.waiting.remove(&state.next)
        {
            state.next += 1;
            match state.ledger.take(&mut slot) {
                Ok(place) => state.placed[owner].push((slot, place)),
                Err(failure) => state.failure = Some(failure),
            }
        }
        hand.placed.append(&mut state.placed[hand.number]);
        self.tell(state);
    }

    /// Writes what is this thread's to be written. `None` if that failed, as has the run then.
    fn write(&self, hand: &mut Hand) -> Option<()> {
        for (slot, place) in hand.placed.drain(..) {
            if let (Some(place), Some(file)) = (place, self.file)
                && let Err(error) = write_at(file, &slot.made.bytes, place)
            {
                let failure = self.lock().ledger.failed(error);
                self.fail(failure);
                return None;
            }
            let mut state = self.lock();
            state.in_flight -= 1;
            state.bytes = state.bytes.saturating_sub(slot.buffer.len());
            self.tell(&state);
            drop(state);
            hand.in_flight -= 1;
            hand.spare.push(slot);
        }
        Some(())
    }

    fn fail(&self, failure: RunError) {
        let mut state = self.lock();
        state.failure.get_or_insert(failure);
        self.tell(&state);
    }

    /// Wakes those that sleep; asks first, as it is a call of the system.
    fn tell(&self, state: &State<'_>) {
        if state.sleeping > 0 {
            self.news.notify_all();
        }
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
