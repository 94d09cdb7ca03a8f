//! An observer that makes events of runs of migrations.

mod run;
mod worker;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, SystemTime};

use migration_model::{Event, Observer, ObserverError};

use super::event::Job;
use super::facet::{JobDocumentation, Parent, ProcessingEngine, SourceCodeLocation};
use super::{DatabaseNaming, Emit};
use run::Told;
use worker::{Message, Worker};

pub(super) use worker::job_type;

/// How many bytes of statements may wait to be analysed.
const WAITING: usize = 64 << 20;

/// What is said of a migration beside what its run tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MigrationFacts {
    /// What it is for.
    pub description: Option<String>,
    /// Where its file is.
    pub location: Option<SourceCodeLocation>,
}

impl MigrationFacts {
    /// Says it of the migration's job.
    pub(super) fn describe(&self, job: &mut Job) {
        let description = self.description.as_deref().filter(|text| !text.is_empty());
        job.facets.documentation = description.map(|text| JobDocumentation::plain(text).into());
        job.facets.source_code_location = self.location.clone().map(Into::into);
    }
}

/// How runs are told of.
#[derive(Debug, Clone)]
pub struct ObserverSettings {
    /// How tables are called.
    pub naming: DatabaseNaming,
    /// The namespace of jobs; `default` unless it is set.
    pub namespace: String,
    /// What names of jobs begin with; the database's name and `.migrations` unless it is set.
    pub prefix: String,
    /// What runs the statements; this crate itself unless the database is named.
    pub engine: ProcessingEngine,
    /// The run that all this is a part of, if it is.
    pub parent: Option<Parent>,
    /// The migrations that are in effect, by their ids and texts, in order: names are looked up in what they have made.
    pub applied: Vec<(String, String)>,
    /// What else is known of migrations, by id.
    pub facts: BTreeMap<String, MigrationFacts>,
}

impl ObserverSettings {
    /// The defaults.
    #[must_use]
    pub fn new(naming: DatabaseNaming) -> Self {
        Self {
            prefix: format!("{}.migrations", naming.title()),
            naming,
            namespace: "default".to_owned(),
            engine: ProcessingEngine::own(),
            parent: None,
            applied: Vec::new(),
            facts: BTreeMap::new(),
        }
    }
}

/// Watches runs of migrations and makes events of them.
///
/// One run of `up` or `down` is a run of the job `PREFIX.up` or `PREFIX.down`, and each of its migrations one of the job
/// `PREFIX.up.ID`, with the former as its parent. It begins with `START` and ends with
///
/// * `COMPLETE` when what it did is durable, with what its statements read and wrote;
/// * `FAIL` when it failed, with `errorMessage`, and with what it read and wrote as far as that is still in effect;
/// * `ABORT` when the run was interrupted, or ended without a word.
///
/// As an observer it never fails, waits for nothing and analyses nothing itself. Texts go to a thread of its own; when too much
/// waits there, statements are left out and counted, see [`OpenLineageObserver::lost`].
pub struct OpenLineageObserver {
    sender: Sender<Message>,
    load: Arc<Load>,
}

/// What waits, and what was left out.
#[derive(Debug, Default)]
struct Load {
    waiting: AtomicUsize,
    lost: AtomicU64,
}

impl OpenLineageObserver {
    /// An observer that hands its events on.
    #[must_use]
    pub fn new(settings: ObserverSettings, emit: Arc<dyn Emit>) -> Self {
        let (sender, receiver) = channel();
        let load = Arc::new(Load::default());
        let worker = Worker::new(settings, emit, Arc::clone(&load));
        // Without a thread nothing is received, and every statement counts as left out.
        let _ =
            std::thread::Builder::new().name("openlineage".to_owned()).spawn(move || worker.run(&receiver));
        Self { sender, load }
    }

    /// How many statements were left out, as too much was waiting.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.load.lost.load(Ordering::Relaxed)
    }

    /// Waits until the events of all that was told before are handed on, but not longer than a time. Whether they are.
    pub fn flush(&self, limit: Duration) -> bool {
        let (done, wait) = channel();
        self.sender.send(Message::Flush(done)).is_ok() && wait.recv_timeout(limit).is_ok()
    }

    fn tell(&self, told: Told) {
        let bytes = told.bytes();
        let waiting = self.load.waiting.fetch_add(bytes, Ordering::Relaxed);
        if (bytes > 0 && waiting + bytes > WAITING)
            || self.sender.send(Message::Told(SystemTime::now(), told)).is_err()
        {
            self.load.waiting.fetch_sub(bytes, Ordering::Relaxed);
            self.load.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Observer for OpenLineageObserver {
    fn on_event(&self, event: &Event<'_>) -> Result<(), ObserverError> {
        if let Some(told) = Told::of(event) {
            self.tell(told);
        }
        Ok(())
    }
}

impl fmt::Debug for OpenLineageObserver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenLineageObserver").field("load", &self.load).finish_non_exhaustive()
    }
}
