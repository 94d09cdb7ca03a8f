//! The examples do what they say.

use migration_runner::{MigrationStatus, StepStatus};

#[path = "../../examples/custom_journal.rs"]
#[allow(dead_code, reason = "its `main` prints what is looked at here")]
mod custom_journal;

#[path = "../../examples/deploy.rs"]
#[allow(dead_code, reason = "its `main` prints what is looked at here")]
mod deploy;

#[test]
fn a_journal_of_somebody_elses() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let results = custom_journal::three_runs(&path).unwrap();
    let statuses: Vec<_> = results.iter().map(|result| result.status).collect();
    assert_eq!(statuses, [MigrationStatus::Failed, MigrationStatus::Completed, MigrationStatus::RolledBack]);
    assert_eq!(results[1].steps[0].status, StepStatus::Skipped);
    assert_eq!(std::fs::read_to_string(path).unwrap().lines().count(), 16);
}

#[test]
fn a_deployment_that_rolls_itself_back() {
    let done = deploy::deploy(true).unwrap();
    assert_eq!((done.status, done.steps[1].attempts), (MigrationStatus::Completed, 2));
    let undone = deploy::deploy(false).unwrap();
    assert_eq!(undone.status, MigrationStatus::RolledBack);
    assert_eq!((undone.failed_step.as_deref(), undone.in_effect().count()), (Some("switch"), 0));
}
