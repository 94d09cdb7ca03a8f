//! What a thing in a schema is: the words that analysis, databases and reports share.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a thing in a schema is. Its text form, in JSON too, is one lower-case word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SchemaObjectKind {
    /// A view, a materialized one too.
    View,
    /// A key, check or reference.
    Constraint,
    /// A column: a generated one, or one of another table whose type is that of a row.
    Column,
    /// A function or procedure.
    Function,
    /// A trigger.
    Trigger,
    /// An index.
    Index,
    /// A policy of row security.
    Policy,
    /// A table: for one a partition, or one that inherits.
    Table,
    /// A rule that rewrites queries.
    Rule,
}

impl SchemaObjectKind {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            SchemaObjectKind::View => "view",
            SchemaObjectKind::Constraint => "constraint",
            SchemaObjectKind::Column => "column",
            SchemaObjectKind::Function => "function",
            SchemaObjectKind::Trigger => "trigger",
            SchemaObjectKind::Index => "index",
            SchemaObjectKind::Policy => "policy",
            SchemaObjectKind::Table => "table",
            SchemaObjectKind::Rule => "rule",
        }
    }
}

impl fmt::Display for SchemaObjectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::SchemaObjectKind as Kind;

    #[test]
    fn the_word_is_that_of_json() {
        let all = [
            Kind::View,
            Kind::Constraint,
            Kind::Column,
            Kind::Function,
            Kind::Trigger,
            Kind::Index,
            Kind::Policy,
            Kind::Table,
            Kind::Rule,
        ];
        for kind in all {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
    }
}
