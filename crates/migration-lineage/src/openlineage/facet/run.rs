//! Facets of runs.

use migration_syntax::Dialect;
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

/// What runs a job: the database for migrations, this crate for transformations of records.
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

impl ProcessingEngine {
    /// A database, with its version as it names itself.
    #[must_use]
    pub fn of_database(dialect: Dialect, version: &str) -> Self {
        let name = match dialect {
            Dialect::Sqlite => "SQLite",
            Dialect::Postgres => "PostgreSQL",
            Dialect::Mysql if version.to_ascii_lowercase().contains("mariadb") => "MariaDB",
            Dialect::Mysql => "MySQL",
        };
        // What MariaDB puts in front for the sake of old replicas is no version of it.
        let version = version.strip_prefix("5.5.5-").filter(|_| name == "MariaDB").unwrap_or(version);
        Self { version: version.to_owned(), name: Some(name.to_owned()), ..Self::own() }
    }

    /// This crate itself.
    #[must_use]
    pub fn own() -> Self {
        let version = env!("CARGO_PKG_VERSION").to_owned();
        Self { version: version.clone(), name: Some("migration".to_owned()), adapter_version: Some(version) }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn databases_by_the_versions_that_they_tell() {
        let named = |dialect, version| {
            let engine = ProcessingEngine::of_database(dialect, version);
            format!("{} {}", engine.name.unwrap_or_default(), engine.version)
        };
        assert_eq!(named(Dialect::Sqlite, "3.46.0"), "SQLite 3.46.0");
        assert_eq!(named(Dialect::Postgres, "16.2 (Debian 16.2-1)"), "PostgreSQL 16.2 (Debian 16.2-1)");
        assert_eq!(named(Dialect::Mysql, "8.4.3"), "MySQL 8.4.3");
        assert_eq!(named(Dialect::Mysql, "5.5.5-10.6.12-MariaDB"), "MariaDB 10.6.12-MariaDB");
        assert_eq!(named(Dialect::Mysql, "11.4.2-MariaDB-log"), "MariaDB 11.4.2-MariaDB-log");
    }
}
