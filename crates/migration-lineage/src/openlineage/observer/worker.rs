//! The thread behind an observer: analyses what took effect, and makes the events.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, Sender};
use std::time::SystemTime;

use migration_model::{MigrationDirection, MigrationStatus};

use super::run::{Outcome, Told, Unit};
use super::{Load, ObserverSettings};
use crate::analyzer::Analyzer;
use crate::openlineage::datasets::{Found, JobDatasets};
use crate::openlineage::event::{EventType, Job, Run, RunEvent};
use crate::openlineage::facet::{
    EmissionPattern, ErrorMessage, JobName, JobType, Parent, Root, RunFacets, RunName, Sql,
};
use crate::openlineage::{Emit, query, stamp};
use crate::secrets::mask_message;

/// What the thread is sent.
pub(super) enum Message {
    /// Something happened.
    Told(SystemTime, Told),
    /// Somebody waits.
    Flush(Sender<()>),
}

pub(super) struct Worker {
    settings: ObserverSettings,
    emit: Arc<dyn Emit>,
    load: Arc<Load>,
    /// What there is, as far as it is known; made when the first message comes.
    analyzer: Option<Analyzer>,
    run: Option<OpenRun>,
}

/// A run that is under way.
struct OpenRun {
    run_id: String,
    direction: MigrationDirection,
    units: Vec<Unit>,
}

impl Worker {
    pub(super) fn new(settings: ObserverSettings, emit: Arc<dyn Emit>, load: Arc<Load>) -> Self {
        Self { settings, emit, load, analyzer: None, run: None }
    }

    /// Works until the observer is gone and nothing waits.
    pub(super) fn run(mut self, receiver: &Receiver<Message>) {
        while let Ok(message) = receiver.recv() {
            match message {
                Message::Told(at, told) => self.told(at, told),
                Message::Flush(done) => {
                    let _ = done.send(());
                }
            }
        }
        if self.run.is_some() {
            self.run_finished(SystemTime::now(), &[]);
        }
    }

    fn told(&mut self, at: SystemTime, told: Told) {
        match told {
            Told::RunStarted(direction) => self.run_started(at, direction),
            Told::Started(id) => self.started(at, id),
            Told::Executed { id, number, sql, rows } => {
                let bytes = sql.len();
                let replaced = match self.unit(&id) {
                    Some(unit) => unit.statements.insert(number, (sql, rows)).map_or(0, |(sql, _)| sql.len()),
                    None => bytes,
                };
                self.load.waiting.fetch_sub(replaced, Ordering::Relaxed);
            }
            Told::Failed { id, sql, message } => {
                let bytes = sql.len();
                let replaced = match self.unit(&id) {
                    Some(unit) => unit.failure.replace((sql, message)).map_or(0, |(sql, _)| sql.len()),
                    None => bytes,
                };
                self.load.waiting.fetch_sub(replaced, Ordering::Relaxed);
            }
            Told::StepFailed { id, message } => {
                if let Some(unit) = self.unit(&id) {
                    unit.failure.get_or_insert((String::new(), message));
                }
            }
            Told::Finished(outcome) => {
                if let Some(unit) = self.unit(&outcome.id) {
                    unit.outcome = Some(outcome);
                }
            }
            Told::Committed(ids) => self.committed(at, &ids),
            Told::RunFinished(outcomes) => self.run_finished(at, &outcomes),
        }
    }

    fn unit(&mut self, id: &str) -> Option<&mut Unit> {
        self.run.as_mut()?.units.iter_mut().rev().find(|unit| unit.id == id)
    }

    fn run_started(&mut self, at: SystemTime, direction: MigrationDirection) {
        if self.run.is_some() {
            // Nobody said that the one before was over.
            self.run_finished(at, &[]);
        }
        let run_id = stamp::run_id();
        self.run = Some(OpenRun { run_id: run_id.clone(), direction, units: Vec::new() });
        let facets = self.facets(self.settings.parent.clone());
        let job = self.job(direction, None);
        self.send(at, EventType::Start, Run { run_id, facets }, job, Found::default());
    }

    fn started(&mut self, at: SystemTime, id: String) {
        let Some(run) = &mut self.run else { return };
        if let Some(again) = run.units.iter_mut().find(|unit| unit.id == id && !unit.is_over) {
            // The transaction was undone and is tried again.
            self.load.waiting.fetch_sub(again.bytes(), Ordering::Relaxed);
            let (id, run_id) = (again.id.clone(), again.run_id.clone());
            *again = Unit::new(id, run_id);
            return;
        }
        let run_id = stamp::run_id();
        run.units.push(Unit::new(id.clone(), run_id.clone()));
        let direction = run.direction;
        let facets = self.facets(Some(self.parent()));
        let job = self.job(direction, Some(&id));
        self.send(at, EventType::Start, Run { run_id, facets }, job, Found::default());
    }

    fn committed(&mut self, at: SystemTime, ids: &[String]) {
        let Some(run) = &self.run else { return };
        let direction = run.direction;
        let durable = |unit: &Unit| {
            let done = unit.outcome.as_ref().is_some_and(|outcome| outcome.is_success(direction));
            !unit.is_over && done && ids.contains(&unit.id)
        };
        let places: Vec<usize> = (0..run.units.len()).filter(|place| durable(&run.units[*place])).collect();
        for place in places {
            self.end(at, place, None);
        }
    }

    fn run_finished(&mut self, at: SystemTime, outcomes: &[Outcome]) {
        let Some(run) = &self.run else { return };
        let places: Vec<usize> = (0..run.units.len()).filter(|place| !run.units[*place].is_over).collect();
        for place in places {
            let id = self.run.as_ref().map(|run| run.units[place].id.clone()).unwrap_or_default();
            let outcome = outcomes.iter().find(|outcome| outcome.id == id);
            self.end(at, place, outcome);
        }
        let Some(run) = self.run.take() else { return };
        let failed = outcomes.iter().find(|outcome| !outcome.is_success(run.direction));
        let begun = outcomes
            .iter()
            .find(|outcome| outcome.error.is_some() || matches!(outcome.status, MigrationStatus::Failed))
            .or(failed);
        let (event_type, error) = match begun {
            None if outcomes.is_empty() => (EventType::Abort, None),
            None => (EventType::Complete, None),
            Some(outcome) if outcome.is_interrupted() => (EventType::Abort, outcome.error.clone()),
            Some(outcome) => {
                let error = outcome.error.clone().unwrap_or_else(|| outcome.status.to_string());
                (EventType::Fail, Some(format!("migration `{}`: {error}", outcome.id)))
            }
        };
        let sql = begun.and_then(|outcome| run.units.iter().rev().find(|unit| unit.id == outcome.id));
        let sql = sql.and_then(|unit| unit.failure.as_ref()).map_or("", |(sql, _)| sql);
        let mut facets = self.facets(self.settings.parent.clone());
        facets.error_message = error.map(|error| self.error(&error, sql).into());
        for unit in &run.units {
            self.load.waiting.fetch_sub(unit.bytes(), Ordering::Relaxed);
        }
        let job = self.job(run.direction, None);
        self.send(at, event_type, Run { run_id: run.run_id, facets }, job, Found::default());
    }

    /// Tells the end of a migration: what came of it is said here, or it has said so itself and is durable.
    fn end(&mut self, at: SystemTime, place: usize, outcome: Option<&Outcome>) {
        let Some(run) = &mut self.run else { return };
        let direction = run.direction;
        let own = Unit::new(run.units[place].id.clone(), run.units[place].run_id.clone());
        let mut unit = std::mem::replace(&mut run.units[place], own);
        let outcome = outcome.cloned().or_else(|| unit.outcome.take());
        let done = outcome.as_ref().is_some_and(|outcome| outcome.is_success(direction));
        // It had done its work, and somebody else's failure undid it.
        let undone = !done && unit.outcome.as_ref().is_some_and(|own| own.is_success(direction));
        let effective = match &outcome {
            _ if done => usize::MAX,
            Some(outcome) if outcome.status == MigrationStatus::Failed => outcome.effective,
            _ => 0,
        };
        let mut analyzer = self.analyzer.take().unwrap_or_else(|| self.beginning());
        let mut datasets = JobDatasets::new(&self.settings.naming, analyzer.catalogue());
        for (number, (sql, rows)) in unit.statements.range(..=effective) {
            debug_assert!(*number > 0, "statements are counted from 1");
            datasets.text(sql, Some(*rows), &mut analyzer);
        }
        let mut found = datasets.finish(analyzer.catalogue());
        self.analyzer = Some(analyzer);
        let (event_type, error) = match &outcome {
            None => (EventType::Abort, None),
            Some(_) if done => (EventType::Complete, None),
            Some(Outcome { error: None, .. }) if undone => {
                let error = "it was rolled back with the transaction that it was a part of";
                (EventType::Fail, Some(error.to_owned()))
            }
            Some(outcome) => {
                let is_abort = outcome.is_interrupted() && !undone;
                let event_type = if is_abort { EventType::Abort } else { EventType::Fail };
                (event_type, Some(unit.why(outcome)))
            }
        };
        let sql = unit.failure.as_ref().map_or("", |(sql, _)| sql);
        let mut facets = self.facets(Some(self.parent()));
        facets.error_message = error.map(|error| self.error(&error, sql).into());
        facets.extraction_error = found.errors.take().map(Into::into);
        let mut job = self.job(direction, Some(&unit.id));
        job.facets.sql = self.query(&unit).map(Into::into);
        job.facets.lineage = found.lineage.take().map(Into::into);
        self.load.waiting.fetch_sub(unit.bytes(), Ordering::Relaxed);
        if let Some(place) = self.run.as_mut().and_then(|run| run.units.get_mut(place)) {
            place.is_over = true;
            // For what is said of the run as a whole; counted as waiting until then.
            if let Some((sql, message)) = unit.failure.take() {
                self.load.waiting.fetch_add(sql.len(), Ordering::Relaxed);
                place.failure = Some((sql, message));
            }
        }
        self.send(at, event_type, Run { run_id: unit.run_id, facets }, job, found);
    }

    /// The analyzer of what was in effect before the first run.
    fn beginning(&mut self) -> Analyzer {
        let mut analyzer = Analyzer::new(self.settings.naming.dialect());
        for (_, text) in std::mem::take(&mut self.settings.applied) {
            // What can't be cut into statements was run by somebody nevertheless, and is a gap in what is known.
            let _ = analyzer.analyze(&text);
        }
        analyzer
    }

    fn error(&self, message: &str, sql: &str) -> ErrorMessage {
        let message = mask_message(message, sql, self.settings.naming.dialect());
        let language = if sql.is_empty() { "RUST" } else { "SQL" };
        ErrorMessage { message, programming_language: language.to_owned() }
    }

    /// The statements that were executed, and the one that failed, without secrets.
    fn query(&self, unit: &Unit) -> Option<Sql> {
        let failed = unit.failure.as_ref().map(|(sql, _)| sql).filter(|sql| !sql.is_empty());
        let texts = unit.statements.values().map(|(sql, _)| sql).chain(failed);
        query::of_statements(texts.map(String::as_str), self.settings.naming.dialect())
    }

    /// The job of a run, or of a migration of it.
    fn job(&self, direction: MigrationDirection, id: Option<&str>) -> Job {
        let way = match direction {
            MigrationDirection::Up => "up",
            MigrationDirection::Down => "down",
        };
        let name =
            [Some(&*self.settings.prefix), Some(way), id].into_iter().flatten().collect::<Vec<_>>().join(".");
        let mut job = Job::new(&self.settings.namespace, name);
        job.facets.job_type = Some(job_type(if id.is_some() { "TASK" } else { "DAG" }).into());
        if let Some(facts) = id.and_then(|id| self.settings.facts.get(id)) {
            facts.describe(&mut job);
        }
        job
    }

    /// What every run says: of what it is a part, and what runs it.
    fn facets(&self, parent: Option<Parent>) -> RunFacets {
        let engine = self.settings.engine.clone();
        RunFacets {
            parent: parent.map(Into::into),
            processing_engine: Some(engine.into()),
            ..RunFacets::default()
        }
    }

    /// The run at hand as the parent of its migrations.
    fn parent(&self) -> Parent {
        let run_id = self.run.as_ref().map(|run| run.run_id.clone()).unwrap_or_default();
        let direction = self.run.as_ref().map_or(MigrationDirection::Up, |run| run.direction);
        let job = self.job(direction, None);
        let run = RunName { run_id };
        let job = JobName { namespace: job.namespace, name: job.name };
        let root = match &self.settings.parent {
            Some(Parent { root: Some(root), .. }) => root.clone(),
            Some(Parent { run, job, root: None }) => Root { run: run.clone(), job: job.clone() },
            None => Root { run: run.clone(), job: job.clone() },
        };
        Parent { run, job, root: Some(root) }
    }

    fn send(&self, at: SystemTime, event_type: EventType, run: Run, job: Job, found: Found) {
        let mut event = RunEvent::now(event_type, run, job);
        event.event_time = stamp::moment(at);
        event.inputs = found.inputs;
        event.outputs = found.outputs;
        self.emit.emit(event.into());
    }
}

/// What kind of job it is.
pub(in crate::openlineage) fn job_type(job_type: &str) -> JobType {
    JobType {
        processing_type: "BATCH".to_owned(),
        integration: "MIGRATION".to_owned(),
        job_type: Some(job_type.to_owned()),
        emission_pattern: Some(EmissionPattern {
            event_trigger: "EVENT_BASED".to_owned(),
            event_content_mode: "ACCUMULATIVE".to_owned(),
        }),
    }
}
