//! What a function says that it does with data, as nobody can read it off the function.

use serde::{Deserialize, Serialize};

/// The datasets that a step reads and writes, as its author declares them: names of tables or files.
///
/// ```
/// use migration_model::DataUse;
///
/// let declared = DataUse::default().reading("orders").writing("totals");
/// assert_eq!((declared.reads.len(), declared.writes.len()), (1, 1));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct DataUse {
    /// What it reads.
    pub reads: Vec<String>,
    /// What it writes.
    pub writes: Vec<String>,
}

impl DataUse {
    /// The same with another dataset that is read.
    #[must_use]
    pub fn reading(mut self, dataset: impl Into<String>) -> Self {
        self.reads.push(dataset.into());
        self
    }

    /// The same with another dataset that is written.
    #[must_use]
    pub fn writing(mut self, dataset: impl Into<String>) -> Self {
        self.writes.push(dataset.into());
        self
    }
}
