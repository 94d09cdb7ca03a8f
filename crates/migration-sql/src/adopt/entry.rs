//! What a tool's table says of one migration.

use jiff::Timestamp;

use crate::layout::DottedVersion;

/// What a tool knows a migration by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    /// A version that is a number.
    Number(i128),
    /// A version of numbers between dots.
    Dotted(DottedVersion),
    /// A version that is a text, or a name.
    Text(String),
}

impl Key {
    /// Whether another one comes no later in order. Those of different kinds are in none.
    pub(super) fn reaches(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Number(this), Self::Number(other)) => other <= this,
            (Self::Dotted(this), Self::Dotted(other)) => other <= this,
            _ => false,
        }
    }
}

/// What a row says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Says {
    /// The migration is applied.
    Applied,
    /// Every migration up to this version counts as applied, and this one is among them.
    UpToThis,
    /// Every migration up to this version counts as applied, whether there is one of just this version or not.
    UpToAny,
    /// The migration failed, or nobody knows how far it got.
    Failed,
}

/// What a tool's table says of one migration, or of all up to one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(super) key: Key,
    /// The version or name as the table has it.
    pub(super) label: String,
    pub(super) says: Says,
    pub(super) applied_at: Option<Timestamp>,
    pub(super) execution_time_ms: Option<i64>,
    /// As the tool's `fits` takes it.
    pub(super) checksum: Option<String>,
    /// Whether the tool runs it again when its file is another one.
    pub(super) repeatable: bool,
}

impl Entry {
    /// A migration that is applied, of which nothing else is recorded.
    pub(super) fn applied(key: Key, label: impl Into<String>) -> Self {
        Self {
            key,
            label: label.into(),
            says: Says::Applied,
            applied_at: None,
            execution_time_ms: None,
            checksum: None,
            repeatable: false,
        }
    }
}
