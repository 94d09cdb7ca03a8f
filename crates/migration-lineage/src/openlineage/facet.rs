//! Facets: what events say about runs, jobs and datasets. Those of the specification that migrations have something to
//! say for; each names its schema and its producer.

mod dataset;
mod job;
mod run;

use serde::{Deserialize, Serialize};

use super::producer;

pub use dataset::{
    ColumnLineage, DataSource, DatasetFacets, DatasetType, DatasetVersion, Documentation, FieldInputs,
    FieldLineage, InputFacets, InputField, InputStatistics, LifecycleChange, LifecycleStateChange,
    LineageInput, LineageInputs, OutputFacets, OutputStatistics, PreviousIdentifier, Schema, SchemaField,
    Transformation,
};
pub use job::{
    EmissionPattern, JobDocumentation, JobFacets, JobLineage, JobType, LineageEntry, SourceCodeLocation, Sql,
};
pub use run::{
    ErrorMessage, ExtractionError, ExtractionErrors, JobName, NominalTime, Parent, ProcessingEngine, Root,
    RunFacets, RunName,
};

/// What a facet says, with the schema that it follows and who says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facet<T> {
    /// Who says it.
    #[serde(rename = "_producer")]
    pub producer: String,
    /// By which schema.
    #[serde(rename = "_schemaURL")]
    pub schema_url: String,
    /// What it says.
    #[serde(flatten)]
    pub body: T,
}

/// What a [`Facet`] can say.
pub trait Body {
    /// The URL of its schema.
    const SCHEMA_URL: &'static str;
}

impl<T: Body> From<T> for Facet<T> {
    fn from(body: T) -> Self {
        Self { producer: producer(), schema_url: T::SCHEMA_URL.to_owned(), body }
    }
}

/// Says which schema facets follow: `Type = "version/File#Definition"`.
macro_rules! schemas {
    ($($body:ty = $url:literal,)+) => {
        $(impl $crate::openlineage::facet::Body for $body {
            const SCHEMA_URL: &'static str = concat!("https://openlineage.io/spec/facets/", $url);
        })+
    };
}
use schemas;
