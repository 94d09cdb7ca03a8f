//! What can be run: a migration, its steps, and the two directions.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Checksum;

/// One change of a system, made of steps.
///
/// `A` is what a step does: SQL text (the default), or a callable in the crate that runs callables.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Migration<A = String> {
    /// Unique among the migrations that are run together; see [`check_id`](crate::check_id).
    pub id: String,
    /// The name for people; equal to `id` unless set.
    pub name: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The version that its files state (a number, a dotted number or a time stamp), if they do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// What it does, in the order in which it is done (but for the dependencies among the steps).
    #[serde(default)]
    pub steps: Vec<MigrationStep<A>>,
    /// Ids of the migrations that must be applied before this one.
    #[serde(default)]
    pub dependencies: Vec<String>,
    /// SHA-256 of what it does upwards; `None` for code, which has no text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checksum: Option<Checksum>,
}

impl<A> Migration<A> {
    /// A migration without steps, named like its id.
    pub fn new(id: impl Into<String>) -> Self {
        let id = id.into();
        Self {
            name: id.clone(),
            id,
            description: None,
            version: None,
            steps: Vec::new(),
            dependencies: Vec::new(),
            checksum: None,
        }
    }

    /// The same with one more step at its end.
    #[must_use]
    pub fn with_step(mut self, step: MigrationStep<A>) -> Self {
        self.steps.push(step);
        self
    }

    /// Adds a step at its end.
    pub fn add_step(&mut self, step: MigrationStep<A>) -> &mut Self {
        self.steps.push(step);
        self
    }

    /// The same with one more migration that must be applied before it.
    #[must_use]
    pub fn with_dependency(mut self, id: impl Into<String>) -> Self {
        self.dependencies.push(id.into());
        self
    }

    /// Whether every step can be undone.
    #[must_use]
    pub fn is_reversible(&self) -> bool {
        self.steps.iter().all(|step| step.down.is_some())
    }
}

/// One part of a migration: what it does, and what undoes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MigrationStep<A = String> {
    /// Unique within its migration.
    pub id: String,
    /// The name for people, where it has one beside its id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What is done on the way up.
    pub up: A,
    /// What undoes it; `None` when it can't be undone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub down: Option<A>,
    /// Ids of the steps of the same migration that go before it.
    #[serde(default)]
    pub dependencies: Vec<String>,
}

impl<A> MigrationStep<A> {
    /// A step that can't be undone and depends on none.
    pub fn new(id: impl Into<String>, up: A) -> Self {
        Self { id: id.into(), name: None, up, down: None, dependencies: Vec::new() }
    }

    /// The same with a name for people.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The same with what undoes it.
    #[must_use]
    pub fn with_down(mut self, down: A) -> Self {
        self.down = Some(down);
        self
    }

    /// The same with one more step that goes before it.
    #[must_use]
    pub fn with_dependency(mut self, id: impl Into<String>) -> Self {
        self.dependencies.push(id.into());
        self
    }
}

/// Whether migrations are applied or rolled back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum MigrationDirection {
    /// Apply.
    Up,
    /// Roll back.
    Down,
}

impl MigrationDirection {
    /// The other one.
    #[must_use]
    pub fn opposite(self) -> Self {
        match self {
            Self::Up => Self::Down,
            Self::Down => Self::Up,
        }
    }

    /// `up` or `down`, as in the command line, JSON and tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
        }
    }
}

impl fmt::Display for MigrationDirection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for MigrationDirection {
    type Err = UnknownDirection;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "up" => Ok(Self::Up),
            "down" => Ok(Self::Down),
            _ => Err(UnknownDirection(text.to_owned())),
        }
    }
}

/// A text that is neither `up` nor `down`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no direction: expected `up` or `down`")]
pub struct UnknownDirection(String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_migration_survives_json() {
        let migration = Migration::new("001")
            .with_step(
                MigrationStep::new("a", "CREATE TABLE a (x)".to_owned()).with_down("DROP TABLE a".to_owned()),
            )
            .with_step(MigrationStep::new("b", "SELECT 1".to_owned()).with_name("B").with_dependency("a"))
            .with_dependency("000");
        let json = serde_json::to_string(&migration).unwrap();
        assert_eq!(serde_json::from_str::<Migration>(&json).unwrap(), migration);
        assert!(!migration.is_reversible());
    }

    #[test]
    fn what_may_be_left_out_of_json() {
        let migration: Migration = serde_json::from_str(r#"{"id": "1", "name": "one"}"#).unwrap();
        assert_eq!(migration, Migration { name: "one".into(), ..Migration::new("1") });
    }

    #[test]
    fn directions_are_read_and_written() {
        assert_eq!("down".parse(), Ok(MigrationDirection::Down));
        assert_eq!(MigrationDirection::Up.to_string(), "up");
        assert!("sideways".parse::<MigrationDirection>().unwrap_err().to_string().contains("sideways"));
    }
}
