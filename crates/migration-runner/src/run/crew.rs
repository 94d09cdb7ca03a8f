//! Who calls the steps: this thread, or several others.

use crossbeam_channel::{Receiver, Sender};

use super::perform::{Done, Env, Job, perform};

/// Takes steps to be called, and says what came of them.
pub(crate) enum Crew<'e, 'r, 'm> {
    /// This thread, one step at a time, when it is asked for what came of it.
    Alone(&'e Env<'r>, Option<Job<'m>>),
    /// Threads that wait for steps.
    Threads {
        /// How many.
        threads: usize,
        /// To them.
        jobs: Sender<Job<'m>>,
        /// From them.
        done: Receiver<Done>,
    },
}

impl<'m> Crew<'_, '_, 'm> {
    /// How many steps it can call at the same time.
    pub(crate) fn threads(&self) -> usize {
        match self {
            Self::Alone(..) => 1,
            Self::Threads { threads, .. } => *threads,
        }
    }

    /// At most [`threads`](Self::threads) at the same time.
    pub(crate) fn start(&mut self, job: Job<'m>) {
        match self {
            Self::Alone(_, waiting) => *waiting = Some(job),
            // The threads leave only when this sender is gone.
            Self::Threads { jobs, .. } => _ = jobs.send(job),
        }
    }

    /// What came of the steps that are over; waits until there is one. Nothing if none was started.
    pub(crate) fn wait(&mut self, into: &mut Vec<Done>) {
        match self {
            Self::Alone(env, job) => into.extend(job.take().map(|job| perform(env, &job))),
            Self::Threads { done, .. } => {
                into.extend(done.recv().ok());
                into.extend(done.try_iter());
            }
        }
    }
}

/// What each of the threads does.
pub(crate) fn work(env: &Env<'_>, jobs: &Receiver<Job<'_>>, done: &Sender<Done>) {
    for job in jobs {
        if done.send(perform(env, &job)).is_err() {
            return;
        }
    }
}
