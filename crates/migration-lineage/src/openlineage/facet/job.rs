//! Facets of jobs.

use serde::{Deserialize, Serialize};

use super::{Facet, LineageInputs, schemas};

/// What is known of a job.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct JobFacets {
    /// What kind of job it is.
    #[serde(default, rename = "jobType", skip_serializing_if = "Option::is_none")]
    pub job_type: Option<Facet<JobType>>,
    /// Its statements.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sql: Option<Facet<Sql>>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub documentation: Option<Facet<JobDocumentation>>,
    /// Where its source is.
    #[serde(default, rename = "sourceCodeLocation", skip_serializing_if = "Option::is_none")]
    pub source_code_location: Option<Facet<SourceCodeLocation>>,
    /// What flows where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lineage: Option<Facet<JobLineage>>,
}

/// What kind of job it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JobType {
    /// `BATCH`: it has an end.
    pub processing_type: String,
    /// What it belongs to: `MIGRATION`.
    pub integration: String,
    /// What it is there: `DAG` for a run of migrations, `TASK` for a migration, `JOB` for a transformation of records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job_type: Option<String>,
    /// When there are events, and what they hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emission_pattern: Option<EmissionPattern>,
}

/// When there are events of a job, and what they hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EmissionPattern {
    /// `EVENT_BASED`: when something happens to the run.
    pub event_trigger: String,
    /// `ACCUMULATIVE`: all events of a run together say everything.
    pub event_content_mode: String,
}

/// The statements of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sql {
    /// Their text, without secrets.
    pub query: String,
    /// Whose rules they follow: `postgres`, `mysql` or `sqlite`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dialect: Option<String>,
}

/// What a job is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JobDocumentation {
    /// In words.
    pub description: String,
    /// The MIME type of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
}

impl JobDocumentation {
    /// Words as they are.
    #[must_use]
    pub fn plain(description: &str) -> Self {
        Self { description: description.to_owned(), content_type: Some("text/plain".to_owned()) }
    }
}

/// Where the source of a job is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SourceCodeLocation {
    /// What keeps its versions: `git`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Where the file is.
    pub url: String,
    /// Where the repository is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repo_url: Option<String>,
    /// Where the file is in the repository.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The branch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
}

/// What flows where in a job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JobLineage {
    /// Of each dataset that it writes.
    pub entries: Vec<LineageEntry>,
}

/// What flows into one dataset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LineageEntry {
    /// Where its name is valid.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// `DATASET`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What flows into it.
    #[serde(flatten)]
    pub lineage: LineageInputs,
}

schemas! {
    JobType = "2-0-4/JobTypeJobFacet.json#/$defs/JobTypeJobFacet",
    Sql = "1-1-0/SQLJobFacet.json#/$defs/SQLJobFacet",
    JobDocumentation = "1-1-0/DocumentationJobFacet.json#/$defs/DocumentationJobFacet",
    SourceCodeLocation = "1-1-0/SourceCodeLocationJobFacet.json#/$defs/SourceCodeLocationJobFacet",
    JobLineage = "1-0-0/LineageFacet.json#/$defs/LineageJobFacet",
}
