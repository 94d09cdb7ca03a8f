//! A chain as data: what a TOML, JSON or YAML file says, and what programs build.

mod check;
mod csv;
mod fields;
mod json;
#[cfg(any(feature = "toml", feature = "yaml"))]
mod literal;
mod misplaced;
mod options;
mod parquet;
mod read;
mod step;
#[cfg(feature = "toml")]
mod toml;
#[cfg(feature = "yaml")]
mod yaml;

use serde::{Deserialize, Serialize};

pub use csv::CsvOptions;
pub use fields::Fields;
pub use options::{OnConflict, OnError, OnUndecided, Otherwise, Target, Type, Unit, Zone};
pub use parquet::{Column, Columns, ParquetCompression, ParquetOptions};
pub use step::{
    Convert, Default, Drop, Flatten, Hash, KeepWhere, Lookup, Map, Mask, Merge, Nest, Rename, Select, Set,
    Split, Step, Table,
};

/// A chain as a file has it: `[[step]]` after `[[step]]`.
#[derive(Clone, Debug, std::default::Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// How a CSV that comes in is written, where that isn't obvious.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<CsvOptions>,
    /// How a CSV that goes out is to be written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<CsvOptions>,
    /// How a Parquet file that goes out is to be written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parquet: Option<ParquetOptions>,
    /// The steps, in order.
    #[serde(default, rename = "step", alias = "steps")]
    pub steps: Vec<Step>,
}
