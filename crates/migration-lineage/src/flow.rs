//! Flow.

use serde::{Deserialize, Serialize};

/// Whether a value comes from a column, or is only influenced by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Kind {
    /// The value is computed from the column's value.
    Direct,
    /// The column decides whether, where or which value there is.
    Indirect,
}

/// In which way. The first three are [`Kind::Direct`], the others [`Kind::Indirect`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Subtype {
    /// A copy of the value.
    Identity,
    /// Computed from values of the same row.
    Transformation,
    /// Computed from values of many rows.
    Aggregation,
    /// In a join's condition.
    Join,
    /// In `WHERE`, `HAVING` and the like.
    Filter,
    /// In `GROUP BY`, `DISTINCT`, or a set operation that removes duplicates.
    GroupBy,
    /// In `ORDER BY`.
    Sort,
    /// In a window's `PARTITION BY` or `ORDER BY`.
    Window,
    /// In the condition of `CASE`, `IF`, `COALESCE`, or of an aggregate's `FILTER`.
    Conditional,
}

impl Subtype {
    /// Whether the value itself flows.
    #[must_use]
    pub fn kind(self) -> Kind {
        if self <= Subtype::Aggregation { Kind::Direct } else { Kind::Indirect }
    }
}

/// How well an edge is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Confidence {
    /// Read from the text of a statement.
    #[default]
    Parsed,
    /// The database's own catalogue says so as well.
    Confirmed,
    /// Somebody said so.
    Declared,
}
