//! The thread behind a tracker.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, Sender};

use migration_model::{DataUse, RecordFlow};

use super::Shared;

/// What the thread is told.
#[derive(Debug)]
pub(super) enum Message {
    /// A migration begins.
    Started(String),
    /// A statement was executed.
    Statement { migration: String, number: usize, sql: String },
    /// A callable step took effect, or was undone.
    Step { migration: String, step: String, what: StepChange },
    /// A run is over; of every migration, how many of its statements are in effect.
    Finished(Vec<(String, usize)>),
    /// Records went through a chain.
    Records { input: String, output: String, flow: RecordFlow },
    /// Somebody waits.
    Flush(Sender<()>),
}

/// What became of a callable step.
#[derive(Debug)]
pub(super) enum StepChange {
    Done(Option<DataUse>),
    Undone,
}

/// What is known of a migration of the run at hand.
#[derive(Debug, Default)]
struct Pending {
    /// By their numbers: one that is run again after a retry takes the place of the first.
    statements: BTreeMap<usize, String>,
    steps: Vec<(String, StepChange)>,
}

pub(super) struct Worker {
    shared: Arc<Shared>,
    /// The migrations that are under way, in the order in which they began.
    pending: Vec<(String, Pending)>,
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
                    self.pending.push((id, Pending::default()));
                }
                Message::Statement { migration, number, sql } => {
                    let known = self.of(&migration);
                    let (is_kept, before) = match known {
                        Some(known) => (true, known.statements.insert(number, sql)),
                        None => (false, None),
                    };
                    if !is_kept || before.is_some() {
                        self.done(1);
                    }
                }
                Message::Step { migration, step, what } => match self.of(&migration) {
                    Some(known) => known.steps.push((step, what)),
                    None => self.done(1),
                },
                Message::Finished(results) => self.finish(&results),
                Message::Records { input, output, flow } => {
                    self.shared.builder().records(&input, &output, &flow);
                    self.done(1);
                }
                Message::Flush(done) => {
                    let _ = done.send(());
                }
            }
        }
    }

    fn of(&mut self, migration: &str) -> Option<&mut Pending> {
        self.pending.iter_mut().find(|(id, _)| id == migration).map(|(_, pending)| pending)
    }

    /// Takes over what is in effect.
    fn finish(&mut self, results: &[(String, usize)]) {
        for (id, pending) in &self.pending {
            let Some((_, effective)) = results.iter().find(|(known, _)| known == id) else { continue };
            let mut statements = pending.statements.range(..=*effective).peekable();
            if statements.peek().is_none() && pending.steps.is_empty() {
                continue;
            }
            self.shared.builder().begin(id);
            for (number, sql) in statements {
                // The lock is given back between statements, for those who ask meanwhile.
                self.shared.builder().numbered(*number, sql);
            }
            for (step, what) in &pending.steps {
                match what {
                    StepChange::Done(declared) => {
                        self.shared.builder().step(step, declared.as_ref());
                    }
                    StepChange::Undone => self.shared.builder().step_undone(step),
                }
            }
        }
        // Another run may be under way, of other migrations.
        self.release(|id| results.iter().any(|(known, _)| known == id));
    }

    /// Forgets migrations: their statements wait no more.
    fn release(&mut self, test: impl Fn(&String) -> bool) {
        let mut released = 0;
        self.pending.retain(|(id, pending)| {
            let is_gone = test(id);
            if is_gone {
                released += pending.statements.len() + pending.steps.len();
            }
            !is_gone
        });
        self.done(released);
    }

    /// So many texts wait no more.
    fn done(&self, texts: usize) {
        self.shared.waiting.fetch_sub(texts, Ordering::Relaxed);
    }
}
