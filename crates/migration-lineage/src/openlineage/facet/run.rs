//! Facets of runs.

use serde::{Deserialize, Serialize};

use super::{Facet, schemas};

/// What is known of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunFacets {
    /// The run that it is a part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Facet<Parent>>,
    /// Why it failed.
    #[serde(default, rename = "errorMessage", skip_serializing_if = "Option::is_none")]
    pub error_message: Option<Facet<ErrorMessage>>,
    /// What runs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub processing_engine: Option<Facet<ProcessingEngine>>,
    /// For when it was meant to run.
    #[serde(default, rename = "nominalTime", skip_serializing_if = "Option::is_none")]
    pub nominal_time: Option<Facet<NominalTime>>,
    /// What of it was not understood.
    #[serde(default, rename = "extractionError", skip_serializing_if = "Option::is_none")]
    pub extraction_error: Option<Facet<ExtractionErrors>>,
}

/// The run that a run is a part of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parent {
    /// Which run.
    pub run: RunName,
    /// Of which job.
    pub job: JobName,
    /// The run that nothing is above of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root: Option<Root>,
}

/// The run at the top.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Root {
    /// Which run.
    pub run: RunName,
    /// Of which job.
    pub job: JobName,
}

/// A run by its id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunName {
    /// Its id, a UUID.
    pub run_id: String,
}

/// A job by its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobName {
    /// Where the name is valid.
    pub namespace: String,
    /// The name.
    pub name: String,
}

/// Why a run failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ErrorMessage {
    /// For people.
    pub message: String,
    /// The language of what failed.
    pub programming_language: String,
}

/// What runs a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessingEngine {
    /// Its version.
    pub version: String,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The version of what makes the events.
    #[serde(default, rename = "openlineageAdapterVersion", skip_serializing_if = "Option::is_none")]
    pub adapter_version: Option<String>,
}

/// For when a run was meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NominalTime {
    /// Its beginning, by RFC 3339.
    pub nominal_start_time: String,
    /// Its end, likewise, which is no part of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nominal_end_time: Option<String>,
}

/// How much of a run's statements was not understood, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExtractionErrors {
    /// How many statements there were.
    pub total_tasks: usize,
    /// How many of them were not understood as a whole.
    pub failed_tasks: usize,
    /// Why.
    pub errors: Vec<ExtractionError>,
}

/// A part that was not understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExtractionError {
    /// Why.
    pub error_message: String,
    /// The statement, without its secrets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    /// Its number, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_number: Option<usize>,
}

schemas! {
    Parent = "1-2-0/ParentRunFacet.json#/$defs/ParentRunFacet",
    ErrorMessage = "1-0-1/ErrorMessageRunFacet.json#/$defs/ErrorMessageRunFacet",
    ProcessingEngine = "1-1-1/ProcessingEngineRunFacet.json#/$defs/ProcessingEngineRunFacet",
    NominalTime = "1-0-1/NominalTimeRunFacet.json#/$defs/NominalTimeRunFacet",
    ExtractionErrors = "1-1-2/ExtractionErrorRunFacet.json#/$defs/ExtractionErrorRunFacet",
}
