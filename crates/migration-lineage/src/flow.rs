//! What flows where: the edges between columns, by the vocabulary of OpenLineage's column lineage facet.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::name::{Ident, ObjectName};

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

/// A column of a table; of no known table if nothing says whose it is, or if it is a query's result.
///
/// The name `*` stands for all columns of a table whose columns are not known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ColumnRef {
    /// The table.
    pub table: Option<ObjectName>,
    /// The column's own name.
    pub name: Ident,
}

impl ColumnRef {
    pub(crate) fn new(table: &ObjectName, name: &Ident) -> Self {
        ColumnRef { table: Some(table.clone()), name: name.clone() }
    }
}

impl fmt::Display for ColumnRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(table) = &self.table {
            write!(f, "{table}.")?;
        }
        self.name.fmt(f)
    }
}

/// One column that a column depends on, and how.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(into = "SourceRecord")]
#[cfg_attr(feature = "schema", schemars(with = "SourceRecord"))]
pub struct Source {
    /// The column that is read.
    pub column: ColumnRef,
    /// How it is used.
    pub subtype: Subtype,
    /// Whether the value can't be told from the result: it went through a hash or was counted.
    pub masking: bool,
    /// Whether the table's columns are unknown and the column was reached through a `*`.
    pub through_star: bool,
    /// How well this is known.
    pub confidence: Confidence,
}

impl Source {
    /// Whether the value flows or only influences.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.subtype.kind()
    }

    pub(crate) fn copy_of(column: ColumnRef) -> Self {
        let confidence = Confidence::Parsed;
        Source { column, subtype: Subtype::Identity, masking: false, through_star: false, confidence }
    }

    /// The same source, seen through something that is done with the value.
    #[must_use]
    pub(crate) fn through(mut self, subtype: Subtype, masking: bool) -> Self {
        if subtype.kind() == Kind::Indirect {
            self.subtype = subtype;
            self.masking = false;
        } else if self.kind() == Kind::Direct {
            self.subtype = self.subtype.max(subtype);
            self.masking |= masking;
        }
        self
    }
}

/// What a [`Source`] is in JSON.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Source"))]
struct SourceRecord {
    /// `table.column`; only `column` if nothing says whose it is.
    column: String,
    kind: Kind,
    subtype: Subtype,
    /// Whether the value went through a hash or was counted.
    masking: bool,
    confidence: Confidence,
    /// Whether nothing says which table the column belongs to.
    #[serde(skip_serializing_if = "is_false")]
    unresolved: bool,
    /// Whether the table's columns are unknown and the column was reached through a `*`.
    #[serde(skip_serializing_if = "is_false")]
    through_star: bool,
}

impl From<Source> for SourceRecord {
    fn from(source: Source) -> Self {
        SourceRecord {
            column: source.column.to_string(),
            kind: source.kind(),
            subtype: source.subtype,
            masking: source.masking,
            confidence: source.confidence,
            unresolved: source.column.table.is_none(),
            through_star: source.through_star,
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "what serde calls")]
fn is_false(value: &bool) -> bool {
    !value
}

/// A set of sources: all that one value depends on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flow(BTreeSet<Source>);

impl Flow {
    /// The sources in order.
    pub fn iter(&self) -> impl Iterator<Item = &Source> {
        self.0.iter()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether the value depends on no column.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn copy_of(column: ColumnRef) -> Self {
        Flow(BTreeSet::from([Source::copy_of(column)]))
    }

    pub(crate) fn add(&mut self, other: Flow) {
        if self.0.is_empty() {
            self.0 = other.0;
        } else {
            self.0.extend(other.0);
        }
    }

    pub(crate) fn add_all(&mut self, other: &Flow) {
        self.0.extend(other.0.iter().cloned());
    }

    pub(crate) fn insert(&mut self, source: Source) {
        self.0.insert(source);
    }

    /// The same sources, seen through something that is done with the value.
    pub(crate) fn through(self, subtype: Subtype) -> Flow {
        self.through_masked(subtype, false)
    }

    pub(crate) fn through_masked(self, subtype: Subtype, masking: bool) -> Flow {
        Flow(self.0.into_iter().map(|source| source.through(subtype, masking)).collect())
    }

    /// The same sources, of which a `*` hides whether they are meant.
    pub(crate) fn reached_through_star(self) -> Flow {
        let marked = |source: Source| Source { through_star: source.kind() == Kind::Direct, ..source };
        Flow(self.0.into_iter().map(marked).collect())
    }

    pub(crate) fn into_sources(self) -> Vec<Source> {
        self.0.into_iter().collect()
    }
}

impl FromIterator<Source> for Flow {
    fn from_iter<T: IntoIterator<Item = Source>>(sources: T) -> Self {
        Flow(sources.into_iter().collect())
    }
}
