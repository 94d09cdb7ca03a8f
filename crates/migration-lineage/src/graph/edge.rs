//! How one node leads to another.

use std::fmt;
use std::hash::Hash;

use serde::{Deserialize, Serialize};

use super::node::NodeId;
use super::time::Lifetime;
use crate::flow::{Confidence, Subtype};

/// An edge of one [`LineageGraph`](super::LineageGraph): its number in the order in which edges were added, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EdgeId(pub(super) u32);

/// One edge: `to` depends on `from`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct LineageEdge {
    /// Where it comes from.
    pub from: NodeId,
    /// Where it goes to.
    pub to: NodeId,
    /// In which way.
    pub kind: EdgeKind,
    /// Whether the value can't be told from what it became.
    pub masking: bool,
    /// How well it is known.
    pub confidence: Confidence,
    /// The statement, step or transformer that makes it.
    pub via: Option<NodeId>,
    /// From which migration to which it exists.
    pub lifetime: Lifetime,
}

impl LineageEdge {
    /// All but its time.
    pub(super) fn says(&self) -> impl Eq + Hash + use<> {
        (self.from, self.to, self.kind, self.masking, self.confidence, self.via)
    }
}

macro_rules! edge_kinds {
    ($($(#[doc = $doc:literal])+ $kind:ident = $name:literal,)+) => {
        /// In which way one node leads to another.
        ///
        /// The first nine are those of OpenLineage's column lineage
        /// (<https://openlineage.io/docs/spec/facets/dataset-facets/column_lineage_facet>).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
        #[non_exhaustive]
        pub enum EdgeKind {
            $($(#[doc = $doc])+ $kind,)+
        }

        impl EdgeKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)+];

            /// The kind as it is written in JSON.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$kind => $name,)+ }
            }
        }
    };
}

edge_kinds! {
    /// A copy of the value.
    Identity = "IDENTITY",
    /// Computed from values of the same row.
    Transformation = "TRANSFORMATION",
    /// Computed from values of many rows.
    Aggregation = "AGGREGATION",
    /// Decides by a join's condition.
    Join = "JOIN",
    /// Decides by `WHERE`, `HAVING` and the like.
    Filter = "FILTER",
    /// Decides which rows are one.
    GroupBy = "GROUP_BY",
    /// Decides on an order.
    Sort = "SORT",
    /// Decides on a window.
    Window = "WINDOW",
    /// Decides which of several values it is.
    Conditional = "CONDITIONAL",
    /// The same thing under another name.
    Rename = "RENAME",
    /// One of several things that it was split into.
    Split = "SPLIT",
    /// What several things were merged into.
    Merge = "MERGE",
    /// A dataset that a job or a transformation reads.
    Read = "READ",
    /// A dataset that a job or a transformation writes.
    Write = "WRITE",
    /// Whatever else depends on it: a report on a dataset, a dashboard on a model.
    Use = "USE",
    /// A constraint that refers to it, as a foreign key; no data flows.
    Reference = "REFERENCE",
}

impl EdgeKind {
    /// Whether the value itself flows (`DIRECT` in OpenLineage).
    #[must_use]
    pub fn is_direct(self) -> bool {
        self <= Self::Aggregation
    }

    /// Whether a column decides on rows or values without flowing into them (`INDIRECT` in OpenLineage).
    #[must_use]
    pub fn is_indirect(self) -> bool {
        (Self::Join..=Self::Conditional).contains(&self)
    }

    /// Whether it is the same thing before and after a change of the schema.
    #[must_use]
    pub fn is_succession(self) -> bool {
        (Self::Rename..=Self::Merge).contains(&self)
    }
}

impl From<Subtype> for EdgeKind {
    fn from(subtype: Subtype) -> Self {
        match subtype {
            Subtype::Identity => Self::Identity,
            Subtype::Transformation => Self::Transformation,
            Subtype::Aggregation => Self::Aggregation,
            Subtype::Join => Self::Join,
            Subtype::Filter => Self::Filter,
            Subtype::GroupBy => Self::GroupBy,
            Subtype::Sort => Self::Sort,
            Subtype::Window => Self::Window,
            Subtype::Conditional => Self::Conditional,
        }
    }
}

impl fmt::Display for EdgeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A set of kinds of edges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EdgeKinds(u32);

impl EdgeKinds {
    /// Every kind along which data or its meaning goes: all but [`EdgeKind::Reference`].
    pub const LINEAGE: Self = Self(Self::ALL.0 & !(1 << EdgeKind::Reference as u32));
    /// Every kind.
    pub const ALL: Self = Self((1 << EdgeKind::ALL.len()) - 1);
    /// None.
    pub(super) const NONE: Self = Self(0);

    /// Just these.
    #[must_use]
    pub fn of(kinds: impl IntoIterator<Item = EdgeKind>) -> Self {
        kinds.into_iter().fold(Self::NONE, Self::with)
    }

    /// Those of all kinds that a test holds for.
    #[must_use]
    pub fn that(test: impl Fn(EdgeKind) -> bool) -> Self {
        Self::of(EdgeKind::ALL.iter().copied().filter(|kind| test(*kind)))
    }

    /// The same and one more.
    pub(super) fn with(self, kind: EdgeKind) -> Self {
        Self(self.0 | 1 << kind as u32)
    }

    /// Whether all of some are in it.
    pub(super) fn contains_all(self, others: Self) -> bool {
        others.0 & !self.0 == 0
    }

    /// Whether a kind is in it.
    #[must_use]
    pub fn contains(self, kind: EdgeKind) -> bool {
        self.0 >> kind as u32 & 1 == 1
    }
}

impl Default for EdgeKinds {
    fn default() -> Self {
        Self::LINEAGE
    }
}
