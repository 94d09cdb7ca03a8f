//! Events: of runs, of jobs and of datasets.

use serde::{Deserialize, Serialize};

use super::facet::{DatasetFacets, InputFacets, JobFacets, OutputFacets, RunFacets};
use super::{DatasetId, producer, stamp};

/// Where the specification of events is.
const SCHEMA: &str = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/";

/// Any event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum LineageEvent {
    /// Something happened to a run.
    Run(Box<RunEvent>),
    /// What a job is, though it doesn't run.
    Job(Box<JobEvent>),
    /// What a dataset is, though nothing happens to it.
    Dataset(Box<DatasetEvent>),
}

/// Something happened to a run of a job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunEvent {
    /// When, by RFC 3339.
    pub event_time: String,
    /// Who says so.
    pub producer: String,
    /// By which version of the specification.
    #[serde(rename = "schemaURL")]
    pub schema_url: String,
    /// What happened.
    pub event_type: EventType,
    /// To which run.
    pub run: Run,
    /// Of which job.
    pub job: Job,
    /// What it reads.
    pub inputs: Vec<InputDataset>,
    /// What it writes.
    pub outputs: Vec<OutputDataset>,
}

/// What happened to a run: `START` first, one of `COMPLETE`, `ABORT` and `FAIL` last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[non_exhaustive]
pub enum EventType {
    /// It begins.
    Start,
    /// It goes on.
    Running,
    /// It is done.
    Complete,
    /// It was ended before its end.
    Abort,
    /// It failed.
    Fail,
    /// Something else.
    Other,
}

/// What a job is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JobEvent {
    /// When that was known, by RFC 3339.
    pub event_time: String,
    /// Who says so.
    pub producer: String,
    /// By which version of the specification.
    #[serde(rename = "schemaURL")]
    pub schema_url: String,
    /// Which job.
    pub job: Job,
    /// What it reads.
    pub inputs: Vec<InputDataset>,
    /// What it writes.
    pub outputs: Vec<OutputDataset>,
}

/// What a dataset is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DatasetEvent {
    /// When that was known, by RFC 3339.
    pub event_time: String,
    /// Who says so.
    pub producer: String,
    /// By which version of the specification.
    #[serde(rename = "schemaURL")]
    pub schema_url: String,
    /// Which dataset.
    pub dataset: StaticDataset,
}

/// One run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    /// Its id, a UUID.
    pub run_id: String,
    /// What else is known of it.
    #[serde(default)]
    pub facets: RunFacets,
}

/// A job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// Where its name is valid.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// What else is known of it.
    #[serde(default)]
    pub facets: JobFacets,
}

/// A dataset that is read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InputDataset {
    /// Where its name is valid.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// What is known of it.
    #[serde(default)]
    pub facets: DatasetFacets,
    /// What is known of this reading of it.
    #[serde(default)]
    pub input_facets: InputFacets,
}

/// A dataset that is written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OutputDataset {
    /// Where its name is valid.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// What is known of it.
    #[serde(default)]
    pub facets: DatasetFacets,
    /// What is known of this writing of it.
    #[serde(default)]
    pub output_facets: OutputFacets,
}

/// A dataset as it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StaticDataset {
    /// Where its name is valid.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// What is known of it.
    #[serde(default)]
    pub facets: DatasetFacets,
}

impl LineageEvent {
    /// The event as one line of JSON, without the line's end.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Plain data with keys that are strings: there is nothing that could fail.
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl RunEvent {
    /// An event of this moment, without datasets.
    #[must_use]
    pub fn now(event_type: EventType, run: Run, job: Job) -> Self {
        Self {
            event_time: stamp::now(),
            producer: producer(),
            schema_url: format!("{SCHEMA}RunEvent"),
            event_type,
            run,
            job,
            inputs: Vec::new(),
            outputs: Vec::new(),
        }
    }
}

impl JobEvent {
    /// An event of this moment.
    #[must_use]
    pub fn now(job: Job, inputs: Vec<InputDataset>, outputs: Vec<OutputDataset>) -> Self {
        let (event_time, schema_url) = (stamp::now(), format!("{SCHEMA}JobEvent"));
        Self { event_time, producer: producer(), schema_url, job, inputs, outputs }
    }
}

impl DatasetEvent {
    /// An event of this moment.
    #[must_use]
    pub fn now(dataset: StaticDataset) -> Self {
        let (event_time, schema_url) = (stamp::now(), format!("{SCHEMA}DatasetEvent"));
        Self { event_time, producer: producer(), schema_url, dataset }
    }
}

impl Job {
    /// A job of which only its name is known.
    #[must_use]
    pub fn new(namespace: impl Into<String>, name: impl Into<String>) -> Self {
        Self { namespace: namespace.into(), name: name.into(), facets: JobFacets::default() }
    }
}

impl InputDataset {
    pub(super) fn new(id: DatasetId, facets: DatasetFacets) -> Self {
        Self { namespace: id.namespace, name: id.name, facets, input_facets: InputFacets::default() }
    }
}

impl OutputDataset {
    pub(super) fn new(id: DatasetId, facets: DatasetFacets) -> Self {
        Self { namespace: id.namespace, name: id.name, facets, output_facets: OutputFacets::default() }
    }
}

impl From<RunEvent> for LineageEvent {
    fn from(event: RunEvent) -> Self {
        Self::Run(Box::new(event))
    }
}

impl From<JobEvent> for LineageEvent {
    fn from(event: JobEvent) -> Self {
        Self::Job(Box::new(event))
    }
}

impl From<DatasetEvent> for LineageEvent {
    fn from(event: DatasetEvent) -> Self {
        Self::Dataset(Box::new(event))
    }
}
