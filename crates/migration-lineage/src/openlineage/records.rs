//! Events of a transformation of records: files or streams that are read and written.

mod columns;

use std::path::{Path, absolute};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use migration_model::{Event, Observer, ObserverError, RecordFlow};

use super::event::{EventType, InputDataset, Job, OutputDataset, Run, RunEvent};
use super::facet::{
    DatasetFacets, DatasetType, ErrorMessage, InputStatistics, JobDocumentation, OutputStatistics,
    ProcessingEngine, RunFacets,
};
use super::observer::job_type;
use super::{DatasetId, Emit, stamp};
use crate::secrets::mask_message;

/// A run of a transformation of records.
///
/// It is an observer: what it is told of records that are read is in the statistics of its input, and what becomes of their
/// fields is in the columns of its output, if it is told of that before its end. It ends once: what is told of its end later is
/// not heard.
pub struct RecordsRun {
    emit: Arc<dyn Emit>,
    run_id: String,
    job: Job,
    inputs: Vec<DatasetId>,
    outputs: Vec<DatasetId>,
    records: AtomicU64,
    bytes: AtomicU64,
    flow: Mutex<Option<RecordFlow>>,
    is_over: AtomicBool,
}

/// What a transformation came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RecordsSummary {
    /// How many records were read; 0 for as many as the observer was told.
    pub records_in: u64,
    /// How many bytes that were, likewise.
    pub bytes_in: u64,
    /// How many records were written.
    pub records_out: u64,
    /// How many bytes that were.
    pub bytes_out: u64,
}

impl DatasetId {
    /// A file, by its absolute path; `-` is a stream of this process.
    #[must_use]
    pub fn of_file(path: &Path, stream: &str) -> Self {
        let name = if path == Path::new("-") {
            format!("/dev/{stream}")
        } else {
            absolute(path).unwrap_or_else(|_| path.to_owned()).to_string_lossy().into_owned()
        };
        Self { namespace: "file".to_owned(), name }
    }
}

impl RecordsRun {
    /// Begins a run of a job, which is told at once. `description` says what the job is for.
    #[must_use]
    pub fn start(
        emit: Arc<dyn Emit>,
        namespace: &str,
        job: &str,
        description: Option<&str>,
        (inputs, outputs): (Vec<DatasetId>, Vec<DatasetId>),
    ) -> Self {
        let mut job = Job::new(namespace, job);
        job.facets.job_type = Some(job_type("JOB").into());
        job.facets.documentation = description.map(|text| JobDocumentation::plain(text).into());
        let run_id = stamp::run_id();
        let (records, bytes, is_over) = (AtomicU64::new(0), AtomicU64::new(0), AtomicBool::new(false));
        let flow = Mutex::new(None);
        let run = Self { emit, run_id, job, inputs, outputs, records, bytes, flow, is_over };
        run.send(EventType::Start, RunFacets::default(), None);
        run
    }

    /// Tells that it is done.
    pub fn complete(&self, summary: &RecordsSummary) {
        self.send(EventType::Complete, RunFacets::default(), Some(*summary));
    }

    /// Tells that it failed, and how far it got. Of what the summary has nothing, nothing is said.
    pub fn fail(&self, message: &str, summary: &RecordsSummary) {
        self.end(EventType::Fail, message, summary);
    }

    /// Tells that somebody ended it, and how far it got. Of what the summary has nothing, nothing is said.
    pub fn abort(&self, message: &str, summary: &RecordsSummary) {
        self.end(EventType::Abort, message, summary);
    }

    fn end(&self, event_type: EventType, message: &str, summary: &RecordsSummary) {
        // No statement is about: the dialect decides on nothing.
        let message = mask_message(message, "", migration_syntax::Dialect::Sqlite);
        let error = ErrorMessage { message, programming_language: "RUST".to_owned() };
        let facets = RunFacets { error_message: Some(error.into()), ..RunFacets::default() };
        self.send(event_type, facets, Some(*summary));
    }

    fn send(&self, event_type: EventType, facets: RunFacets, summary: Option<RecordsSummary>) {
        if event_type != EventType::Start && self.is_over.swap(true, Ordering::Relaxed) {
            return;
        }
        let told =
            |given: u64, counted: &AtomicU64| if given > 0 { given } else { counted.load(Ordering::Relaxed) };
        let facets = RunFacets { processing_engine: Some(ProcessingEngine::own().into()), ..facets };
        let mut event =
            RunEvent::now(event_type, Run { run_id: self.run_id.clone(), facets }, self.job.clone());
        let facets = |id: &DatasetId| {
            let kind = if id.name.starts_with("/dev/") { "STREAM" } else { "FILE" };
            let dataset_type = DatasetType { dataset_type: kind.to_owned(), sub_type: None };
            DatasetFacets { dataset_type: Some(dataset_type.into()), ..DatasetFacets::default() }
        };
        event.inputs = self.inputs.iter().map(|id| InputDataset::new(id.clone(), facets(id))).collect();
        event.outputs = self.outputs.iter().map(|id| OutputDataset::new(id.clone(), facets(id))).collect();
        // Of one that didn't get to its end nobody has counted what is not in the summary.
        let is_known = |records: u64, bytes: u64| event_type == EventType::Complete || records + bytes > 0;
        if let Some(summary) = summary {
            // Of several inputs nobody counts each.
            if let [input] = event.inputs.as_mut_slice() {
                let rows = told(summary.records_in, &self.records);
                let bytes = told(summary.bytes_in, &self.bytes);
                let statistics = InputStatistics { row_count: Some(rows), size: Some(bytes) };
                input.input_facets.input_statistics = is_known(rows, bytes).then(|| statistics.into());
            }
            if let [output, ..] = event.outputs.as_mut_slice() {
                let RecordsSummary { records_out, bytes_out, .. } = summary;
                let statistics = OutputStatistics { row_count: Some(records_out), size: Some(bytes_out) };
                output.output_facets.output_statistics =
                    is_known(records_out, bytes_out).then(|| statistics.into());
            }
        }
        let flow = self.flow.lock().unwrap_or_else(PoisonError::into_inner);
        if let (EventType::Complete, Some(flow)) = (event_type, &*flow) {
            columns::describe(&mut event, flow);
        }
        self.emit.emit(event.into());
    }
}

impl Observer for RecordsRun {
    fn on_event(&self, event: &Event<'_>) -> Result<(), ObserverError> {
        match event {
            Event::RecordsRead { records, bytes, .. } => {
                self.records.store(*records, Ordering::Relaxed);
                self.bytes.store(*bytes, Ordering::Relaxed);
            }
            Event::RecordsFinished { flow, .. } => {
                *self.flow.lock().unwrap_or_else(PoisonError::into_inner) = Some((*flow).clone());
            }
            _ => {}
        }
        Ok(())
    }
}

impl std::fmt::Debug for RecordsRun {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RecordsRun")
            .field("run_id", &self.run_id)
            .field("job", &self.job.name)
            .finish_non_exhaustive()
    }
}
