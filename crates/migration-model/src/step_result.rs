//! What came of the steps of a migration, one by one.

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use crate::time::{optional, seconds};

/// What a run did about a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum StepStatus {
    /// It was not called: the run ended before its turn.
    Pending,
    /// It was not called: it was already where the run wanted it.
    Skipped,
    /// It took effect.
    Completed,
    /// It did not take effect: it said no, returned an error, or panicked.
    Failed,
    /// It was undone.
    RolledBack,
    /// It was to be undone, and that failed.
    RollbackFailed,
}

/// Whether a step is in effect after a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum StepEffect {
    /// It is.
    InEffect,
    /// It is not.
    NotInEffect,
    /// Nobody knows: it was under way when a run was cut off.
    Uncertain,
}

/// What a run came to for one step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StepResult {
    /// Which step of the migration.
    pub id: String,
    /// What the run did about it.
    pub status: StepStatus,
    /// Whether it is in effect now.
    pub effect: StepEffect,
    /// How often it was called, in the direction that [`status`](Self::status) is about.
    pub attempts: u32,
    /// Whether it took longer than it may.
    #[serde(default, skip_serializing_if = "is_false")]
    pub overran: bool,
    /// When the first call began; in JSON as RFC 3339 in UTC.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub started_at: Option<SystemTime>,
    /// From the first call to the end of the last; in JSON `duration_seconds`.
    #[serde(rename = "duration_seconds", with = "seconds")]
    #[cfg_attr(feature = "schema", schemars(with = "f64"))]
    pub duration: Duration,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !*value
}

impl StepResult {
    /// A step that was not called.
    pub fn new(id: impl Into<String>, status: StepStatus, effect: StepEffect) -> Self {
        Self {
            id: id.into(),
            status,
            effect,
            attempts: 0,
            overran: false,
            started_at: None,
            duration: Duration::ZERO,
            error: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_leaves_out_what_did_not_happen() {
        let mut step = StepResult::new("a", StepStatus::RollbackFailed, StepEffect::InEffect);
        let json = |step: &StepResult| serde_json::to_string(step).unwrap();
        assert_eq!(
            json(&step),
            r#"{"id":"a","status":"rollback_failed","effect":"in_effect","attempts":0,"duration_seconds":0.0}"#
        );
        step.overran = true;
        step.started_at = Some(SystemTime::UNIX_EPOCH + Duration::from_millis(1500));
        step.error = Some("no".to_owned());
        assert!(json(&step).contains(r#""overran":true,"started_at":"1970-01-01T00:00:01.5Z""#));
        assert_eq!(serde_json::from_str::<StepResult>(&json(&step)).unwrap(), step);
    }
}
