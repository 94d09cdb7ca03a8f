//! `migration repair`: shows what needs a decision, and records the one that it is given.

use migration_kit::sql::{self, MigrationInfo, MigrationManager, MigrationState, MissingDatabase};
use schemars::JsonSchema;
use serde::Serialize;

use crate::advice;
use crate::args::RepairArgs;
use crate::context::Context;
use crate::failure::{NextAction, Result};
use crate::outcome::{CommandData, Outcome};
use crate::protection;
use crate::screen::{View, count};
use crate::style::{GOOD, STRONG, paint};
use crate::table;

/// What needs a decision, after the one that was given.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct RepairData {
    /// What was recorded; `null` when nothing was to be.
    recorded: Option<Recorded>,
    /// The migrations that still need a decision.
    migrations: Vec<MigrationInfo>,
}

/// A decision.
#[derive(Debug, Serialize, JsonSchema)]
struct Recorded {
    /// The migration.
    migration_id: String,
    /// What was decided about it.
    decision: Decision,
}

/// What can be decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Decision {
    /// Its edited file is what counts from now on.
    Accepted,
    /// All of it is in effect.
    MarkedApplied,
    /// Nothing of it is in effect.
    MarkedPending,
}

impl CommandData for RepairData {
    fn render(&self, view: View) -> String {
        let mut text = String::new();
        if let Some(recorded) = self.recorded.as_ref().filter(|_| !view.quiet) {
            let what = match recorded.decision {
                Decision::Accepted => "its file as it is now counts",
                Decision::MarkedApplied => "counts as applied",
                Decision::MarkedPending => "counts as pending",
            };
            text.push_str(&format!(
                "{} {}: {what}\n",
                paint(GOOD, "recorded"),
                paint(STRONG, &recorded.migration_id)
            ));
        }
        if !self.migrations.is_empty() {
            text.push_str(&table::of_migrations(&self.migrations));
            for migration in &self.migrations {
                text.push_str(&in_words(migration));
            }
            let noun = if self.migrations.len() == 1 { "needs" } else { "need" };
            text.push_str(&format!("{} {noun} a decision\n", count(self.migrations.len(), "migration")));
        } else if self.recorded.is_none() {
            text.push_str("nothing to repair\n");
        }
        text
    }

    fn has_effect(&self) -> bool {
        self.recorded.is_some()
    }
}

pub(crate) fn run(args: &RepairArgs, context: &Context) -> Result<Outcome<RepairData>> {
    if let Some(words) = words(args) {
        protection::ask(context, &words)?;
    }
    let mut manager = context.manager(MissingDatabase::Refuse)?;
    let recorded = match record(args, &mut manager) {
        Ok(recorded) => recorded,
        Err(error) => return Err(context.explain_with(&manager, &error).before_any_run()),
    };
    let migrations = match manager.list_migrations() {
        Ok(migrations) => {
            migrations.into_iter().filter(|migration| needs_decision(migration.status)).collect()
        }
        Err(error) => return Err(context.explain_with(&manager, &error)),
    };
    let data = RepairData { recorded, migrations };
    let actions = next_actions(&data, context);
    Ok(Outcome::done(data).advise(actions).showing_actions())
}

/// The call that records the decision, if there is one to record.
fn words(args: &RepairArgs) -> Option<[String; 3]> {
    let given = [
        ("--accept", &args.accept),
        ("--mark-applied", &args.mark_applied),
        ("--mark-pending", &args.mark_pending),
    ];
    let (flag, id) = given.into_iter().find_map(|(flag, id)| Some((flag, id.as_ref()?)))?;
    Some(["repair".to_owned(), flag.to_owned(), id.clone()])
}

fn record(args: &RepairArgs, manager: &mut MigrationManager) -> sql::Result<Option<Recorded>> {
    let (id, decision) = match (&args.accept, &args.mark_applied, &args.mark_pending) {
        (Some(id), ..) => (id, Decision::Accepted),
        (_, Some(id), _) => (id, Decision::MarkedApplied),
        (.., Some(id)) => (id, Decision::MarkedPending),
        (None, None, None) => return Ok(None),
    };
    let id = manager.set().find(id).map_or_else(|| id.clone(), |migration| migration.id.clone());
    match decision {
        Decision::Accepted => manager.accept(&id)?,
        Decision::MarkedApplied => manager.mark_applied(&id)?,
        Decision::MarkedPending => manager.mark_pending(&id)?,
    }
    Ok(Some(Recorded { migration_id: id, decision }))
}

fn needs_decision(state: MigrationState) -> bool {
    !matches!(state, MigrationState::Pending | MigrationState::Applied | MigrationState::Outdated)
}

fn in_words(migration: &MigrationInfo) -> String {
    match (migration.status, migration.progress) {
        (MigrationState::Partial, Some(progress)) => format!(
            "{}: cut off on its way {}, {} of {} in effect\n",
            migration.id,
            progress.direction,
            progress.statements_done,
            count(progress.statements_total, "statement"),
        ),
        _ => String::new(),
    }
}

fn next_actions(data: &RepairData, context: &Context) -> Vec<NextAction> {
    let mut actions = Vec::new();
    for migration in &data.migrations {
        let id = migration.id.as_str();
        match migration.status {
            MigrationState::Changed => actions.push(NextAction::run(
                "if the edit is right and the database needs no change",
                context.call.command(&["repair", "--accept", id]),
            )),
            MigrationState::Missing => {
                actions.push(NextAction::manual(format!("bring the file of {id} back")));
                actions.push(NextAction::run(
                    format!("if {id} is to be forgotten"),
                    context.call.command(&["repair", "--mark-pending", id]),
                ));
            }
            MigrationState::Partial => {
                let direction = migration.progress.map_or("up", |progress| progress.direction.as_str());
                actions.push(NextAction::run(format!("finish {id}"), context.call.command(&[direction])));
                actions.extend(advice::decide(id, &context.call));
            }
            _ => actions.extend(advice::decide(id, &context.call)),
        }
    }
    actions
}
