//! All that is to be known before the first step is called.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};
use std::time::{Duration, Instant};

use migration_model::{DependencyGraph, Event, Migration, MigrationDirection};

use super::Equipment;
use super::course::Course;
use super::perform::{Env, probe};
use crate::action::{Action, OnUncertain};
use crate::cancel::CancellationToken;
use crate::error::{Error, Result, UncertainStep};
use crate::journal::{Access, Claim, Entry, Hold, Journal, JournalError, Note};
use crate::observers::Observers;
use crate::options::{OnIrreversible, RunOptions};
use crate::outline::{Now, Outline, Settlement, policy, settlement};

/// Migrations that may be run now.
pub(crate) struct Prepared<'m, 'j> {
    /// In the order in which they run.
    pub(crate) courses: Vec<Course<'m>>,
    pub(crate) hold: Box<dyn Hold + 'j>,
}

/// After how long a waiting run says that it waits.
const PATIENCE: Duration = Duration::from_millis(500);

/// How often a waiting run looks again, at most.
const POLL: Duration = Duration::from_millis(20);

/// Claims the migrations and finds every reason for which they can't be run. No step is called.
pub(crate) fn prepare<'m, 'j>(
    equipment: &Equipment<'j>,
    migrations: &[&'m Migration<Action>],
    direction: MigrationDirection,
    options: &RunOptions,
    env: &Env<'_>,
) -> Result<Prepared<'m, 'j>> {
    let journal = equipment.journal;
    let outlines = in_order(migrations)?;
    let members: HashSet<&str> = outlines.iter().map(Outline::id).collect();
    let outside = match direction {
        MigrationDirection::Up => needed_from_outside(&outlines, &members),
        MigrationDirection::Down => Vec::new(),
    };
    let mut hold = lock(journal, equipment.observers, &outlines, &outside, options)?;

    let mut courses = outlines
        .into_iter()
        .map(|outline| {
            let ledger = read(journal, outline.id())?;
            Course::new(outline, &ledger)
        })
        .collect::<Result<Vec<_>>>()?;
    match direction {
        MigrationDirection::Up => are_completed(journal, &outside)?,
        MigrationDirection::Down => {
            are_not_needed(journal, &courses, &members)?;
            courses.reverse();
        }
    }
    settle(&mut courses, direction, &mut *hold, journal, env)?;
    if direction == MigrationDirection::Down && options.on_irreversible == OnIrreversible::Refuse {
        are_reversible(&courses)?;
    }
    Ok(Prepared { courses, hold })
}

/// Those that others depend on first, otherwise as given.
fn in_order<'m>(migrations: &[&'m Migration<Action>]) -> Result<Vec<Outline<'m>>> {
    let members: HashSet<&str> = migrations.iter().map(|migration| migration.id.as_str()).collect();
    let inside = |migration: &&'m Migration<Action>| -> Vec<&'m str> {
        let needs = migration.dependencies.iter().map(String::as_str);
        needs.filter(|id| members.contains(id)).collect()
    };
    let needs: Vec<Vec<&str>> = migrations.iter().map(inside).collect();
    let nodes =
        migrations.iter().zip(&needs).map(|(migration, needs)| (migration.id.as_str(), needs.as_slice()));
    let graph = DependencyGraph::in_order(nodes).map_err(|source| Error::Migrations { source })?;
    graph.places().iter().map(|place| Outline::new(migrations[*place])).collect()
}

/// Pairs: a migration, and one that it depends on and that is not run with it.
fn needed_from_outside<'m>(outlines: &[Outline<'m>], members: &HashSet<&str>) -> Vec<(&'m str, &'m str)> {
    let pairs = outlines.iter().flat_map(|outline| {
        let needs = outline.migration.dependencies.iter();
        needs.map(|need| (outline.id(), need.as_str()))
    });
    pairs.filter(|(_, need)| !members.contains(need)).collect()
}

fn lock<'j>(
    journal: &'j dyn Journal,
    observers: &Observers,
    outlines: &[Outline<'_>],
    outside: &[(&str, &str)],
    options: &RunOptions,
) -> Result<Box<dyn Hold + 'j>> {
    let needed: BTreeSet<&str> = outside.iter().map(|(_, need)| *need).collect();
    let own = outlines.iter().map(|outline| Claim { migration: outline.id(), access: Access::Exclusive });
    let shared = needed.into_iter().map(|migration| Claim { migration, access: Access::Shared });
    let claims: Vec<Claim<'_>> = own.chain(shared).collect();
    claim(journal, &claims, options.lock_timeout, &options.cancellation, observers)
}

/// Waits for whoever is at work.
pub(crate) fn claim<'j>(
    journal: &'j dyn Journal,
    claims: &[Claim<'_>],
    timeout: Duration,
    cancellation: &CancellationToken,
    observers: &Observers,
) -> Result<Box<dyn Hold + 'j>> {
    let started = Instant::now();
    let mut pause = Duration::from_millis(1);
    let mut told = false;
    loop {
        if cancellation.is_cancelled() {
            return Err(Error::Cancelled);
        }
        if let Some(hold) = journal.try_lock(claims).map_err(|source| in_journal(journal, source))? {
            return Ok(hold);
        }
        let waited = started.elapsed();
        if waited >= timeout {
            let own = claims.iter().filter(|claim| claim.access == Access::Exclusive);
            let migrations = own.map(|claim| claim.migration.to_owned()).collect();
            return Err(Error::Locked { migrations, waited: timeout });
        }
        if waited >= PATIENCE && !told {
            told = true;
            observers.tell(&Event::WaitingForLock { holder: None });
        }
        _ = cancellation.wait(pause.min(timeout - waited));
        pause = (pause * 2).min(POLL);
    }
}

fn are_completed(journal: &dyn Journal, outside: &[(&str, &str)]) -> Result<()> {
    let mut missing = Vec::new();
    for (migration, need) in outside {
        if !read(journal, need)?.is_completed() {
            missing.push(((*migration).to_owned(), (*need).to_owned()));
        }
    }
    if missing.is_empty() { Ok(()) } else { Err(Error::MissingDependencies { missing }) }
}

/// What others depend on is not taken from under them. Whoever is about to depend on one of these has to share the claim
/// on it, and so comes before or after.
fn are_not_needed(journal: &dyn Journal, courses: &[Course<'_>], members: &HashSet<&str>) -> Result<()> {
    let is_there = |course: &&Course<'_>| course.now.iter().any(|now| *now != Now::Out);
    let undone: HashSet<&str> = courses.iter().filter(is_there).map(|course| course.outline.id()).collect();
    if undone.is_empty() {
        return Ok(());
    }
    let mut needed: Vec<(String, String)> = Vec::new();
    for other in journal.migrations().map_err(|source| in_journal(journal, source))? {
        if members.contains(other.as_str()) {
            continue;
        }
        let ledger = read(journal, &other)?;
        let needs = ledger.dependencies().iter().filter(|id| undone.contains(id.as_str()));
        if ledger.is_in_effect() {
            needed.extend(needs.map(|id| (id.clone(), other.clone())));
        }
    }
    needed.sort();
    match needed.first().map(|(id, _)| id.clone()) {
        None => Ok(()),
        Some(migration) => {
            let by = needed.into_iter().filter(|(id, _)| *id == migration).map(|(_, by)| by).collect();
            Err(Error::StillNeeded { migration, by })
        }
    }
}

/// Finds out about the steps that were cut off, by their probes.
fn settle(
    courses: &mut [Course<'_>],
    direction: MigrationDirection,
    hold: &mut dyn Hold,
    journal: &dyn Journal,
    env: &Env<'_>,
) -> Result<()> {
    let mut open = Vec::new();
    let mut probes = Vec::new();
    for (place, course) in courses.iter().enumerate() {
        let unsure = course.now.iter().enumerate();
        for (rank, cut_off) in unsure.filter_map(|(rank, now)| match now {
            Now::Unsure(direction) => Some((rank, *direction)),
            _ => None,
        }) {
            let (migration, step) = (course.outline.id(), course.outline.step(rank));
            let event = Event::StepUncertain { migration, step: &step.id, direction: cut_off };
            env.observers.tell(&event);
            match settlement(step, cut_off, direction) {
                Settlement::Ask => open.push(UncertainStep {
                    migration: migration.to_owned(),
                    step: step.id.clone(),
                    direction: cut_off,
                }),
                Settlement::Probe => probes.push((place, rank, cut_off)),
                Settlement::Repeat | Settlement::Leave => {}
            }
        }
    }
    if !open.is_empty() {
        return Err(Error::Uncertain { steps: open });
    }
    for (place, rank, cut_off) in probes {
        let course = &mut courses[place];
        let (migration, step) = (course.outline.id(), course.outline.step(rank));
        let OnUncertain::Probe(check) = policy(step, cut_off) else { continue };
        let in_effect = probe(env, migration, &step.id, cut_off, check).map_err(|source| Error::Probe {
            migration: migration.to_owned(),
            step: step.id.clone(),
            source,
        })?;
        let entry = Entry::now(Note::Settled { step: Cow::Borrowed(&step.id), in_effect });
        hold.append(migration, &[entry]).map_err(|source| in_journal(journal, source))?;
        course.now[rank] = if in_effect { Now::In } else { Now::Out };
    }
    Ok(())
}

fn are_reversible(courses: &[Course<'_>]) -> Result<()> {
    for course in courses {
        let fixed = course.outline.irreversible(|rank| course.now[rank] != Now::Out);
        if !fixed.is_empty() {
            let migration = course.outline.id().to_owned();
            return Err(Error::Irreversible { migration, steps: course.outline.ids(&fixed) });
        }
    }
    Ok(())
}

/// The last step that can't be undone, by rank: it and all before it stay in effect.
pub(crate) fn barrier(course: &Course<'_>) -> Option<usize> {
    course.outline.irreversible(|rank| course.now[rank] != Now::Out).last().copied()
}

pub(crate) fn read(journal: &dyn Journal, migration: &str) -> Result<crate::journal::Ledger> {
    journal.read(migration).map_err(|source| in_journal(journal, source))
}

pub(crate) fn in_journal(journal: &dyn Journal, source: JournalError) -> Error {
    Error::Journal { journal: journal.name(), source }
}
