//! The thread behind a tracker.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, Sender};

use super::Shared;

/// What the thread is told.
#[derive(Debug)]
pub(super) enum Message {
    /// A migration begins.
    Started(String),
    /// A statement was executed.
    Statement { migration: String, number: usize, sql: String },
    /// A run is over; of every migration, how many of its statements are in effect.
    Finished(Vec<(String, usize)>),
    /// Somebody waits.
    Flush(Sender<()>),
}

pub(super) struct Worker {
    shared: Arc<Shared>,
    /// The migrations of this run in the order in which they began, each with its statements by their numbers: one that is
    /// run again after a retry takes the place of the first.
    pending: Vec<(String, BTreeMap<usize, String>)>,
}

impl Worker {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, pending: Vec::new() }
    }

    /// Works until the tracker is gone and nothing waits.
    pub(super) fn run(mut self, receiver: &Receiver<Message>) {
        while let Ok(message) = receiver.recv() {
            match message {
                Message::Started(id) => {
                    self.release(|known| *known == id);
                    self.pending.push((id, BTreeMap::new()));
                }
                Message::Statement { migration, number, sql } => {
                    let known = self.pending.iter_mut().find(|(id, _)| *id == migration);
                    let (is_kept, before) = match known {
                        Some((_, statements)) => (true, statements.insert(number, sql)),
                        None => (false, None),
                    };
                    if !is_kept || before.is_some() {
                        self.shared.waiting.fetch_sub(1, Ordering::Relaxed);
                    }
                }
                Message::Finished(results) => self.finish(&results),
                Message::Flush(done) => {
                    let _ = done.send(());
                }
            }
        }
    }

    /// Takes over what is in effect.
    fn finish(&mut self, results: &[(String, usize)]) {
        for (id, statements) in &self.pending {
            let Some((_, effective)) = results.iter().find(|(known, _)| known == id) else { continue };
            if *effective == 0 {
                continue;
            }
            self.shared.builder().begin(id);
            for (number, sql) in statements.range(..=*effective) {
                // The lock is given back between statements, for those who ask meanwhile.
                self.shared.builder().numbered(*number, sql);
            }
        }
        self.release(|_| true);
    }

    /// Forgets migrations: their statements wait no more.
    fn release(&mut self, test: impl Fn(&String) -> bool) {
        let waiting = &self.shared.waiting;
        self.pending.retain(|(id, statements)| {
            let is_gone = test(id);
            if is_gone {
                waiting.fetch_sub(statements.len(), Ordering::Relaxed);
            }
            !is_gone
        });
    }
}
