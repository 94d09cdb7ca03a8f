//! Facets of datasets.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Facet, schemas};

/// What is known of a dataset.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DatasetFacets {
    /// Its columns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<Facet<Schema>>,
    /// Where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_source: Option<Facet<DataSource>>,
    /// What it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dataset_type: Option<Facet<DatasetType>>,
    /// What happened to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifecycle_state_change: Option<Facet<LifecycleStateChange>>,
    /// Where its columns come from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column_lineage: Option<Facet<ColumnLineage>>,
    /// Where it and its columns come from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lineage: Option<Facet<LineageInputs>>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub documentation: Option<Facet<Documentation>>,
    /// Its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Facet<DatasetVersion>>,
}

/// What is known of one reading of a dataset.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InputFacets {
    /// How much was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_statistics: Option<Facet<InputStatistics>>,
}

/// What is known of one writing of a dataset.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OutputFacets {
    /// How much was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_statistics: Option<Facet<OutputStatistics>>,
}

/// The columns of a dataset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schema {
    /// In order.
    pub fields: Vec<SchemaField>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchemaField {
    /// Its name.
    pub name: String,
    /// Its type, as it was written.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub data_type: Option<String>,
    /// Its place, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ordinal_position: Option<usize>,
}

/// Where a dataset is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataSource {
    /// The namespace of its server or file.
    pub name: String,
    /// Its URI, without user and password.
    pub uri: String,
}

/// What a dataset is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DatasetType {
    /// `TABLE`, `VIEW`, `FILE` or `STREAM`.
    pub dataset_type: String,
    /// `MATERIALIZED`, for a view that holds its rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub_type: Option<String>,
}

/// What happened to a dataset as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LifecycleStateChange {
    /// What.
    pub lifecycle_state_change: LifecycleChange,
    /// What it was called before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_identifier: Option<PreviousIdentifier>,
}

/// A change of a dataset as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum LifecycleChange {
    /// It has other columns, or another definition.
    Alter,
    /// It is new.
    Create,
    /// It is gone.
    Drop,
    /// It holds other rows.
    Overwrite,
    /// It is called otherwise.
    Rename,
    /// It holds no rows.
    Truncate,
}

/// What a dataset was called before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviousIdentifier {
    /// The name.
    pub name: String,
    /// Where it was valid.
    pub namespace: String,
}

/// Where the columns of a dataset come from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnLineage {
    /// Each column's own sources.
    pub fields: BTreeMap<String, FieldInputs>,
    /// What decides on its rows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dataset: Vec<InputField>,
}

/// Where a column comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FieldInputs {
    /// The columns.
    pub input_fields: Vec<InputField>,
}

/// A column that another one comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputField {
    /// Where the name of its dataset is valid.
    pub namespace: String,
    /// Its dataset.
    pub name: String,
    /// Its name.
    pub field: String,
    /// In which ways.
    pub transformations: Vec<Transformation>,
}

/// A way in which a column comes from another one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Transformation {
    /// `DIRECT` or `INDIRECT`.
    #[serde(rename = "type")]
    pub kind: String,
    /// `IDENTITY`, `JOIN` and so on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subtype: Option<String>,
    /// Whether the value can't be told from the result.
    #[serde(default)]
    pub masking: bool,
}

/// What flows into a dataset and its columns.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineageInputs {
    /// Into the dataset: whole datasets, and columns that decide on its rows.
    #[serde(default)]
    pub inputs: Vec<LineageInput>,
    /// Into its columns.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, FieldLineage>,
}

/// What flows into a column.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldLineage {
    /// The columns.
    pub inputs: Vec<LineageInput>,
}

/// A dataset, or a column of one, that something flows from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineageInput {
    /// Where the name of the dataset is valid.
    pub namespace: String,
    /// The dataset.
    pub name: String,
    /// `DATASET`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// In which ways.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transformations: Vec<Transformation>,
}

/// What a dataset is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Documentation {
    /// In words.
    pub description: String,
}

/// The version of a dataset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DatasetVersion {
    /// The version.
    pub dataset_version: String,
}

/// How much was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InputStatistics {
    /// How many rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row_count: Option<u64>,
    /// How many bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
}

/// How much was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OutputStatistics {
    /// How many rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row_count: Option<u64>,
    /// How many bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
}

schemas! {
    Schema = "1-2-0/SchemaDatasetFacet.json#/$defs/SchemaDatasetFacet",
    DataSource = "1-0-1/DatasourceDatasetFacet.json#/$defs/DatasourceDatasetFacet",
    DatasetType = "1-0-1/DatasetTypeDatasetFacet.json#/$defs/DatasetTypeDatasetFacet",
    LifecycleStateChange = "1-0-1/LifecycleStateChangeDatasetFacet.json#/$defs/LifecycleStateChangeDatasetFacet",
    ColumnLineage = "1-2-0/ColumnLineageDatasetFacet.json#/$defs/ColumnLineageDatasetFacet",
    LineageInputs = "1-0-0/LineageFacet.json#/$defs/LineageDatasetFacet",
    Documentation = "1-1-0/DocumentationDatasetFacet.json#/$defs/DocumentationDatasetFacet",
    DatasetVersion = "1-0-1/DatasetVersionDatasetFacet.json#/$defs/DatasetVersionDatasetFacet",
    InputStatistics = "1-0-0/InputStatisticsInputDatasetFacet.json#/$defs/InputStatisticsInputDatasetFacet",
    OutputStatistics = "1-0-2/OutputStatisticsOutputDatasetFacet.json#/$defs/OutputStatisticsOutputDatasetFacet",
}
