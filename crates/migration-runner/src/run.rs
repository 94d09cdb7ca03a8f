//! A run of some migrations: claim them, look where they stand, decide, call their steps, write down what came of it.

mod course;
mod crew;
mod failure;
mod perform;
mod prepare;
mod watch;

use std::borrow::Cow;
use std::sync::atomic::AtomicBool;
use std::time::{Instant, SystemTime};

use crossbeam_channel::unbounded;
use migration_model::{Event, Migration, MigrationDirection, MigrationResult, MigrationStatus};

use self::course::{Course, Phase};
use self::crew::{Crew, work};
use self::failure::Failure;
use self::perform::Env;
use self::prepare::{Prepared, barrier, prepare};
pub(crate) use self::prepare::{claim, in_journal, read};
use self::watch::{Quit, Watch, WatchPost};
use crate::action::Action;
use crate::cancel::CancellationToken;
use crate::error::Result;
use crate::journal::{Entry, Hold, Journal, JournalError, Note};
use crate::observers::Observers;
use crate::options::{OnFailure, OnIrreversible, RunOptions};
use crate::outline::Now;
use crate::state::States;

/// What a runner has for its runs.
pub(crate) struct Equipment<'r> {
    pub(crate) journal: &'r dyn Journal,
    pub(crate) observers: &'r Observers,
    pub(crate) states: &'r States,
}

/// Runs migrations. Once steps are called, whatever happens is told by the results.
pub(crate) fn run(
    equipment: &Equipment<'_>,
    migrations: &[&Migration<Action>],
    direction: MigrationDirection,
    options: &RunOptions,
) -> Result<Vec<MigrationResult>> {
    let actions = || {
        let steps = migrations.iter().flat_map(|migration| &migration.steps);
        steps.flat_map(|step| [Some(&step.up), step.down.as_ref()]).flatten()
    };
    let (watch, post) = actions().any(|action| action.timeout.is_some()).then(Watch::new).unzip();
    let env = Env {
        states: equipment.states,
        observers: equipment.observers,
        cancellation: &options.cancellation,
        never: CancellationToken::new(),
        stopping: AtomicBool::new(false),
        watch,
    };
    let Prepared { mut courses, mut hold } = prepare(equipment, migrations, direction, options, &env)?;
    let most = courses.iter().map(|course| course.outline.len()).max().unwrap_or(0);
    let mut run = Run { equipment, direction, options, env: &env, hold: &mut *hold };
    let results = run.with_crew(&mut courses, options.threads.min(most), post);
    equipment.observers.tell(&Event::RunFinished { results: &results });
    Ok(results)
}

struct Run<'a, 'r> {
    equipment: &'a Equipment<'r>,
    direction: MigrationDirection,
    options: &'a RunOptions,
    env: &'a Env<'r>,
    hold: &'a mut dyn Hold,
}

impl Run<'_, '_> {
    /// Starts threads where more than one is of use, or where a clock has to be watched. If the system gives fewer
    /// threads than asked for, those will do.
    fn with_crew(
        &mut self,
        courses: &mut [Course<'_>],
        threads: usize,
        post: Option<WatchPost>,
    ) -> Vec<MigrationResult> {
        let env = self.env;
        if threads <= 1 && post.is_none() {
            return self.all(courses, &mut Crew::Alone(env, None));
        }
        let (jobs, to_do) = unbounded();
        let (finished, done) = unbounded();
        let scope = crossbeam_utils::thread::scope(|scope| {
            let _quit = env.watch.as_ref().map(Quit);
            if let Some(post) = post {
                _ = scope.builder().spawn(move |_| post.stand(env.observers));
            }
            let hire = |_: &usize| {
                let (to_do, finished) = (to_do.clone(), finished.clone());
                scope.builder().spawn(move |_| work(env, &to_do, &finished)).is_ok()
            };
            let wanted = if threads > 1 { 0..threads } else { 0..0 };
            let threads = wanted.filter(hire).count();
            drop(finished);
            let mut crew = match threads {
                0 => Crew::Alone(env, None),
                threads => Crew::Threads { threads, jobs, done },
            };
            self.all(courses, &mut crew)
        });
        match scope {
            Ok(results) => results,
            // A thread of the scope panicked, which none of them does.
            Err(payload) => std::panic::resume_unwind(payload),
        }
    }

    fn all<'m>(&mut self, courses: &mut [Course<'m>], crew: &mut Crew<'_, '_, 'm>) -> Vec<MigrationResult> {
        let (direction, observers) = (self.direction, self.equipment.observers);
        let statements = courses.iter().map(|course| course.outline.len()).sum();
        observers.tell(&Event::RunStarted { direction, migrations: courses.len(), statements });

        let mut results = Vec::with_capacity(courses.len());
        for place in 0..courses.len() {
            match self.one(&mut courses[place], crew) {
                None => results.push(self.finish(&mut courses[place], Verdict::success(direction))),
                Some(failure) => {
                    let begun = &mut courses[..=place];
                    self.answer(begun, failure, &mut results, crew);
                    break;
                }
            }
        }
        let not_begun = courses.iter_mut().skip(results.len());
        results.extend(not_begun.map(|course| course.result(direction, MigrationStatus::Pending, None)));
        results
    }

    /// Runs one migration, as far as it goes.
    fn one<'m>(&mut self, course: &mut Course<'m>, crew: &mut Crew<'_, '_, 'm>) -> Option<Failure> {
        let (id, direction) = (course.outline.id(), self.direction);
        course.started = Some((SystemTime::now(), Instant::now()));
        course.span = tracing::info_span!("migration", id, direction = direction.as_str());
        let _inside = course.span.clone().entered();
        self.equipment.observers.tell(&Event::MigrationStarted {
            id,
            name: &course.outline.migration.name,
            direction,
            statements: course.outline.len(),
        });

        let stop_at = (direction == MigrationDirection::Down).then(|| barrier(course)).flatten();
        let phases = phases(course, direction, stop_at);
        if course.is_settled(direction) && phases.iter().all(Phase::is_empty) {
            return self.stopped(course, stop_at);
        }
        if let Err(error) = self.begin(course, direction) {
            return Some(Failure::Journal(error));
        }
        for phase in phases.iter().filter(|phase| !phase.is_empty()) {
            if let Some(failure) = course.run(phase, self.hold, crew, self.env) {
                return Some(failure);
            }
        }
        self.stopped(course, stop_at)
    }

    fn stopped(&self, course: &Course<'_>, stop_at: Option<usize>) -> Option<Failure> {
        stop_at.map(|rank| Failure::Irreversible { steps: course.outline.ids(&[rank]) })
    }

    /// A migration failed, the last of `courses`: the others completed before it.
    fn answer<'m>(
        &mut self,
        courses: &mut [Course<'m>],
        failure: Failure,
        results: &mut Vec<MigrationResult>,
        crew: &mut Crew<'_, '_, 'm>,
    ) {
        let last = courses.len() - 1;
        let rolls_back = self.direction == MigrationDirection::Up
            && self.options.on_failure == OnFailure::RollBack
            && !matches!(failure, Failure::Journal(_) | Failure::AndJournal { .. });
        let mut culprit = Verdict { status: MigrationStatus::Failed, failure: Some(failure), rollback: None };
        if !rolls_back {
            results.push(self.finish(&mut courses[last], culprit));
            return;
        }
        for (course, result) in courses.iter_mut().zip(results.iter_mut()) {
            course.reopen(result);
        }
        let obstacle = self.undo(courses, crew);
        let id = courses[last].outline.id();
        for place in (0..=last).rev() {
            let course = &mut courses[place];
            let is_undone = !course.this_run.contains(&true) && !course.is_uncertain();
            let status = if is_undone { MigrationStatus::RolledBack } else { MigrationStatus::Failed };
            if place == last {
                let verdict =
                    Verdict { status, failure: culprit.failure.take(), rollback: obstacle.as_ref() };
                results.push(self.finish(course, verdict));
            } else if course.begun {
                let failure = Failure::Other { migration: id.to_owned() };
                let verdict = Verdict { status, failure: Some(failure), rollback: None };
                results[place] = self.finish(course, verdict);
            } else {
                results[place].steps = course.close();
            }
        }
    }

    /// Undoes what this run did, last first. Returns what kept it from undoing all.
    fn undo<'m>(&mut self, courses: &mut [Course<'m>], crew: &mut Crew<'_, '_, 'm>) -> Option<Failure> {
        let fixed = Course::obstacles;
        let steps: Vec<String> =
            courses.iter().flat_map(|course| course.outline.ids(&fixed(course))).collect();
        if !steps.is_empty() && self.options.on_irreversible == OnIrreversible::Refuse {
            return Some(Failure::Irreversible { steps });
        }
        let direction = MigrationDirection::Down;
        for course in courses.iter_mut().rev() {
            let stop_at = fixed(course).last().copied();
            let todo = |rank: usize| course.this_run[rank] && stop_at.is_none_or(|fixed| rank > fixed);
            let todo: Vec<bool> = (0..course.outline.len()).map(todo).collect();
            let phase = Phase { direction, todo, shielded: true };
            if !phase.is_empty() {
                let _inside = course.span.clone().entered();
                if let Err(error) = self.begin(course, direction) {
                    return Some(Failure::Journal(error));
                }
                if let Some(failure) = course.run(&phase, self.hold, crew, self.env) {
                    return Some(failure);
                }
            }
            if stop_at.is_some() {
                return self.stopped(course, stop_at);
            }
        }
        None
    }

    /// Writes down how a migration ended, and tells.
    fn finish(&mut self, course: &mut Course<'_>, mut verdict: Verdict<'_>) -> MigrationResult {
        let _inside = course.span.clone().entered();
        let mut unwritten = None;
        if std::mem::take(&mut course.begun)
            && let Err(error) = self.note(course.outline.id(), Note::Ended { status: verdict.status })
        {
            match verdict.failure {
                // It is known already that the journal is of no use.
                Some(Failure::Journal(_) | Failure::AndJournal { .. }) => {}
                Some(_) => unwritten = Some(Failure::Journal(error)),
                None => {
                    verdict.status = MigrationStatus::Failed;
                    verdict.failure = Some(Failure::Journal(error));
                }
            }
        }
        let mut result = course.result(self.direction, verdict.status, verdict.failure.as_ref());
        if let Some(rollback) = verdict.rollback {
            rollback.add_to(&mut result, "not all was rolled back");
        } else if let Some(unwritten) = unwritten {
            unwritten.add_to(&mut result, "and that was not written down");
        }
        self.equipment.observers.tell(&Event::MigrationFinished { result: &result });
        result
    }

    /// Writes down that something is about to happen to a migration.
    fn begin(&mut self, course: &mut Course<'_>, direction: MigrationDirection) -> Result<(), JournalError> {
        let dependencies = Cow::Borrowed(course.outline.migration.dependencies.as_slice());
        self.note(course.outline.id(), Note::Begun { direction, dependencies })?;
        course.begun = true;
        Ok(())
    }

    fn note(&mut self, migration: &str, note: Note<'_>) -> Result<(), JournalError> {
        self.hold.append(migration, &[Entry::now(note)])
    }
}

/// What a migration came to.
struct Verdict<'f> {
    status: MigrationStatus,
    failure: Option<Failure>,
    /// Why not all of it was rolled back.
    rollback: Option<&'f Failure>,
}

impl Verdict<'_> {
    fn success(direction: MigrationDirection) -> Self {
        let status = match direction {
            MigrationDirection::Up => MigrationStatus::Completed,
            MigrationDirection::Down => MigrationStatus::RolledBack,
        };
        Self { status, failure: None, rollback: None }
    }
}

/// What is to be called: first what was cut off on its way in the other direction, then all that is not where it should be.
fn phases(course: &Course<'_>, direction: MigrationDirection, stop_at: Option<usize>) -> [Phase; 2] {
    let against = Now::Unsure(direction.opposite());
    let repeat = course.now.iter().map(|now| *now == against).collect();
    let goal = match direction {
        MigrationDirection::Up => Now::In,
        MigrationDirection::Down => Now::Out,
    };
    let is_open = |(rank, now): (usize, &Now)| *now != goal && stop_at.is_none_or(|fixed| rank > fixed);
    let main = course.now.iter().enumerate().map(is_open).collect();
    [
        Phase { direction: direction.opposite(), todo: repeat, shielded: false },
        Phase { direction, todo: main, shielded: false },
    ]
}
