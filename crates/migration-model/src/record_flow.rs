//! Where the fields of records come from that go through a chain of steps.

use serde::{Deserialize, Serialize};

/// What a chain does with the fields of a record, from what goes in to what comes out; plain data, which whoever runs
/// chains makes and whoever keeps track of lineage reads.
///
/// Fields are named by their paths, as chains write them: `address.city`. A path whose last name ends in `*` outside of
/// quotes stands for all fields that begin with what is before it: `address.*`, `address_*`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct RecordFlow {
    /// The operations of its steps, in order.
    pub steps: Vec<String>,
    /// The fields that come out and that a step has to do with.
    pub fields: Vec<FieldFlow>,
    /// What decides which records come out.
    pub records: Vec<FieldSource>,
    /// Whether every other field comes out as it went in, but for those in `removed`.
    pub passes_others: bool,
    /// Fields that come out no more, at least not under the name that they had; in the order of their names.
    pub removed: Vec<String>,
    /// Steps that are functions. If there is one, `fields` is empty: nobody knows what it does.
    pub opaque: Vec<OpaqueStep>,
}

/// Where a field comes from. Without a source it is a constant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FieldFlow {
    /// The field that comes out.
    pub field: String,
    /// What it comes from, in the order of their names.
    pub sources: Vec<FieldSource>,
}

/// A field that something comes from, and how.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FieldSource {
    /// Of which dataset; `null` for the records that go in.
    pub dataset: Option<String>,
    /// The field that goes in, or the column of that dataset.
    pub field: String,
    /// In which way.
    pub kind: FlowKind,
    /// Whether the value can't be told from what it became.
    pub masking: bool,
    /// Whether that is so only of records in which a step finds nothing to do, or fails: a field that is overwritten stays
    /// where there is nothing to overwrite it with.
    pub fallback: bool,
}

/// In which way a field comes from another; the names are those of OpenLineage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum FlowKind {
    /// A copy.
    Identity,
    /// Computed from it.
    Transformation,
    /// It is the key by which the value is found.
    Join,
    /// It decides which records come out.
    Filter,
    /// It decides which of several values it is.
    Conditional,
}

impl FlowKind {
    /// The kind as it is written in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "IDENTITY",
            Self::Transformation => "TRANSFORMATION",
            Self::Join => "JOIN",
            Self::Filter => "FILTER",
            Self::Conditional => "CONDITIONAL",
        }
    }

    /// Whether the value itself flows.
    #[must_use]
    pub fn is_direct(self) -> bool {
        self <= Self::Transformation
    }

    /// What it comes to if something flows in this way out of what came in another way.
    ///
    /// ```
    /// use migration_model::FlowKind;
    ///
    /// assert_eq!(FlowKind::Identity.after(FlowKind::Transformation), FlowKind::Transformation);
    /// assert_eq!(FlowKind::Filter.after(FlowKind::Transformation), FlowKind::Filter);
    /// assert_eq!(FlowKind::Identity.after(FlowKind::Conditional), FlowKind::Conditional);
    /// ```
    #[must_use]
    pub fn after(self, before: Self) -> Self {
        match (self.is_direct(), before.is_direct()) {
            (true, true) => self.max(before),
            (false, _) => self,
            (true, false) => before,
        }
    }
}

/// A step that is a function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OpaqueStep {
    /// Which step of the chain, from 1.
    pub number: usize,
    /// What it is called.
    pub name: String,
}
