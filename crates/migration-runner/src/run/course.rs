//! How far one migration is in this run.

use std::borrow::Cow;
use std::time::{Instant, SystemTime};

use migration_model::{
    Event, MigrationDirection, MigrationResult, MigrationStatus, StepEffect, StepResult, StepStatus,
};
use tracing::Span;

use super::crew::Crew;
use super::failure::Failure;
use super::perform::{Done, Env, Job};
use crate::error::Result;
use crate::journal::{Entry, Hold, Ledger, Note};
use crate::observers::Observers;
use crate::outline::{Now, Outline};
use crate::step_error::in_one_line;

/// One migration on its way.
pub(crate) struct Course<'m> {
    pub(crate) outline: Outline<'m>,
    /// Where each step stands, by rank.
    pub(crate) now: Vec<Now>,
    /// The steps that this run brought into effect, by rank.
    pub(crate) this_run: Vec<bool>,
    /// What happened to each step, by rank.
    steps: Vec<StepResult>,
    pub(crate) started: Option<(SystemTime, Instant)>,
    pub(crate) span: Span,
    /// How the journal has it before the run.
    status: Option<MigrationStatus>,
    /// Something is written about this run whose end is not.
    pub(crate) begun: bool,
}

/// Steps that are to be called.
pub(crate) struct Phase {
    pub(crate) direction: MigrationDirection,
    /// Which, by rank.
    pub(crate) todo: Vec<bool>,
    /// The run's cancellation doesn't concern it.
    pub(crate) shielded: bool,
}

impl Phase {
    /// Whether there is nothing to be called.
    pub(crate) fn is_empty(&self) -> bool {
        !self.todo.contains(&true)
    }
}

impl<'m> Course<'m> {
    /// # Errors
    /// [`Error::UnknownSteps`](crate::Error::UnknownSteps).
    pub(crate) fn new(outline: Outline<'m>, ledger: &Ledger) -> Result<Self> {
        let now = outline.states(ledger)?;
        let steps = (0..outline.len())
            .map(|rank| StepResult::new(&outline.step(rank).id, StepStatus::Pending, StepEffect::NotInEffect))
            .collect();
        let this_run = vec![false; now.len()];
        let (span, status) = (Span::none(), ledger.status());
        Ok(Self { outline, now, this_run, steps, started: None, span, status, begun: false })
    }

    /// Whether the journal has it already where a run in this direction ends.
    pub(crate) fn is_settled(&self, direction: MigrationDirection) -> bool {
        match direction {
            MigrationDirection::Up => self.status == Some(MigrationStatus::Completed),
            MigrationDirection::Down => {
                matches!(self.status, None | Some(MigrationStatus::RolledBack))
            }
        }
    }

    /// What keeps a rollback of this run from undoing what comes before it, by rank: steps of this run without a way down,
    /// and those that may or may not be in effect, since what they need can't be taken from under them.
    pub(crate) fn obstacles(&self) -> Vec<usize> {
        let is_unsure = |rank: &usize| matches!(self.now[*rank], Now::Unsure(_));
        let mut ranks = self.outline.irreversible(|rank| self.this_run[rank]);
        ranks.extend((0..self.outline.len()).filter(is_unsure));
        ranks.sort_unstable();
        ranks
    }

    pub(crate) fn is_uncertain(&self) -> bool {
        self.now.iter().any(|now| matches!(now, Now::Unsure(_)))
    }

    /// Calls the steps of a phase in their order, until all are done or something stands in the way.
    pub(crate) fn run(
        &mut self,
        phase: &Phase,
        hold: &mut dyn Hold,
        crew: &mut Crew<'_, '_, 'm>,
        env: &Env<'_>,
    ) -> Option<Failure> {
        let cancellation = env.cancellation(phase.shielded);
        env.stopping.store(false, std::sync::atomic::Ordering::Release);
        let mut schedule = self.outline.schedule(phase.direction);
        let mut left = phase.todo.iter().filter(|todo| **todo).count();
        let mut failure = None;
        let mut unwritten = None;
        let mut done: Vec<Done> = Vec::new();
        let mut starting: Vec<usize> = Vec::new();
        let mut entries: Vec<Entry<'m>> = Vec::new();
        loop {
            if cancellation.is_cancelled() {
                schedule.stop();
            }
            while schedule.running() < crew.threads() {
                match schedule.next() {
                    Some(node) if phase.todo[self.outline.rank(node, phase.direction)] => starting.push(node),
                    Some(node) => schedule.finished(node),
                    None => break,
                }
            }
            let at = SystemTime::now();
            // What is over and what is about to begin share one entry into the journal, and so one flush of the disk.
            entries.extend(done.iter().filter_map(|done| self.note(at, done, phase.direction)));
            entries.extend(starting.iter().map(|node| self.intent(at, *node, phase.direction)));
            if !entries.is_empty()
                && let Err(error) = hold.append(self.outline.id(), &entries)
            {
                starting.drain(..).for_each(|node| schedule.withdraw(node));
                schedule.stop();
                if failure.is_none() {
                    failure = Some(Failure::Journal(error));
                } else {
                    unwritten.get_or_insert(error);
                }
            }
            entries.clear();
            for done in done.drain(..) {
                self.announce(&done, phase.direction, env.observers);
                self.record(done, phase.direction, &mut failure);
            }
            if failure.is_some() {
                env.stopping.store(true, std::sync::atomic::Ordering::Release);
            }
            left -= starting.len();
            for node in starting.drain(..) {
                let job = self.job(node, phase);
                let (migration, step, direction) = (job.migration, job.step.id.as_str(), job.direction);
                env.observers.tell(&Event::StepStarted { migration, step, direction });
                crew.start(job);
            }
            if schedule.running() == 0 {
                break;
            }
            crew.wait(&mut done);
            if done.is_empty() {
                // The threads are gone, which they never should be; in the journal these steps are uncertain.
                failure.get_or_insert(Failure::Cancelled);
                break;
            }
            for done in &done {
                match done.result {
                    Ok(()) => schedule.finished(done.node),
                    Err(_) => schedule.failed(),
                }
            }
        }
        match (failure, unwritten) {
            (Some(first), Some(error)) if !matches!(first, Failure::Journal(_)) => {
                Some(Failure::AndJournal { first: Box::new(first), error })
            }
            (failure, _) => failure.or_else(|| (left > 0).then_some(Failure::Cancelled)),
        }
    }

    fn job(&self, node: usize, phase: &Phase) -> Job<'m> {
        Job {
            node,
            migration: self.outline.id(),
            step: self.outline.step(self.outline.rank(node, phase.direction)),
            direction: phase.direction,
            shielded: phase.shielded,
            span: self.span.clone(),
        }
    }

    fn intent(&self, at: SystemTime, node: usize, direction: MigrationDirection) -> Entry<'m> {
        let step = self.outline.step(self.outline.rank(node, direction));
        Entry { at, note: Note::StepStarted { step: Cow::Borrowed(&step.id), direction } }
    }

    /// What the journal learns. A step that was uncertain and failed again is as uncertain as before.
    fn note(&self, at: SystemTime, done: &Done, direction: MigrationDirection) -> Option<Entry<'m>> {
        let rank = self.outline.rank(done.node, direction);
        let step = Cow::Borrowed(self.outline.step(rank).id.as_str());
        let note = match (&done.result, self.now[rank]) {
            (Ok(()), _) => Note::StepDone { step, direction },
            (Err(_), Now::Unsure(_)) => return None,
            (Err(error), _) => Note::StepFailed { step, direction, error: Cow::Owned(in_one_line(error)) },
        };
        Some(Entry { at, note })
    }

    fn announce(&self, done: &Done, direction: MigrationDirection, observers: &Observers) {
        let rank = self.outline.rank(done.node, direction);
        let (migration, step) = (self.outline.id(), self.outline.step(rank).id.as_str());
        let duration = done.duration;
        observers.tell(&match (&done.result, direction) {
            (Ok(()), MigrationDirection::Up) => {
                let declared = self.outline.step(rank).up.declared.as_deref();
                Event::StepFinished { migration, step, duration, declared }
            }
            (Ok(()), MigrationDirection::Down) => Event::StepRolledBack { migration, step, duration },
            (Err(error), _) => Event::StepFailed { migration, step, direction, duration, error },
        });
    }

    fn record(&mut self, done: Done, direction: MigrationDirection, failure: &mut Option<Failure>) {
        let rank = self.outline.rank(done.node, direction);
        let step = &mut self.steps[rank];
        step.attempts = done.attempts;
        step.overran = done.overran;
        step.started_at = Some(done.started_at);
        step.duration = done.duration;
        let is_up = direction == MigrationDirection::Up;
        match done.result {
            Ok(()) => {
                step.status = if is_up { StepStatus::Completed } else { StepStatus::RolledBack };
                step.error = None;
                self.now[rank] = if is_up { Now::In } else { Now::Out };
                self.this_run[rank] = is_up;
            }
            Err(error) => {
                step.status = if is_up { StepStatus::Failed } else { StepStatus::RollbackFailed };
                step.error = Some(in_one_line(&error));
                let step = step.id.clone();
                failure.get_or_insert(Failure::Step { step, error });
            }
        }
    }

    /// Takes up a migration again whose result was told.
    pub(crate) fn reopen(&mut self, result: &mut MigrationResult) {
        self.steps = std::mem::take(&mut result.steps);
    }

    /// The opposite, where nothing was done about it.
    pub(crate) fn close(&mut self) -> Vec<StepResult> {
        std::mem::take(&mut self.steps)
    }

    /// What the run came to for this migration. It takes the steps with it, of which there may be many.
    pub(crate) fn result(
        &mut self,
        direction: MigrationDirection,
        status: MigrationStatus,
        failure: Option<&Failure>,
    ) -> MigrationResult {
        let mut result = MigrationResult::new(self.outline.id(), self.outline.len());
        let wanted = match direction {
            MigrationDirection::Up => Now::In,
            MigrationDirection::Down => Now::Out,
        };
        let at_goal = self.now.iter().filter(|now| **now == wanted).count();
        result.advance(status, if status == MigrationStatus::Pending { 0 } else { at_goal });
        result.started_at = self.started.map(|(moment, _)| moment);
        result.finished_at = self.started.map(|_| SystemTime::now());
        result.duration = self.started.map(|(_, instant)| instant.elapsed()).unwrap_or_default();
        if let Some(failure) = failure {
            failure.describe(&mut result);
        }
        result.steps = std::mem::take(&mut self.steps);
        for (step, now) in result.steps.iter_mut().zip(&self.now) {
            step.effect = match now {
                Now::In => StepEffect::InEffect,
                Now::Out => StepEffect::NotInEffect,
                Now::Unsure(_) => StepEffect::Uncertain,
            };
            if step.status == StepStatus::Pending && *now == wanted {
                step.status = StepStatus::Skipped;
            }
        }
        result
    }
}
