//! `migration redo`: rolls the newest migration back and applies it again.

use std::collections::BTreeMap;

use migration_kit::model::MigrationDirection;
use migration_kit::sql::{
    EffectState, Effects, MigrationEffect, MigrationManager, MissingDatabase, Request, RunReport, Target,
};
use schemars::JsonSchema;
use serde::Serialize;

use crate::command::run::{observed, summary};
use crate::context::Context;
use crate::explain::effects_in_words;
use crate::failure::{Failure, NextAction, Result};
use crate::interrupt;
use crate::narrator::Narrator;
use crate::openlineage;
use crate::outcome::{CommandData, Outcome};
use crate::protection;
use crate::screen::View;

/// What came of both ways.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct RedoData {
    /// The newest migration; `null` when none is applied.
    migration_id: Option<String>,
    /// The rollback.
    down: RunReport,
    /// The second application; `null` when the rollback failed or there was nothing to roll back.
    up: Option<RunReport>,
    /// What is in effect after both.
    effects: Effects,
}

impl CommandData for RedoData {
    fn render(&self, view: View) -> String {
        match (&self.migration_id, &self.up) {
            _ if view.quiet => String::new(),
            (None, _) => "nothing to redo: no migration is applied\n".to_owned(),
            (Some(_), Some(up)) if up.effects.state == EffectState::Complete => summary(up),
            (Some(_), _) => String::new(),
        }
    }

    fn has_effect(&self) -> bool {
        self.effects.state != EffectState::None
    }
}

pub(crate) fn run(context: &Context) -> Result<Outcome<RedoData>> {
    protection::ask(context, &["redo".to_owned()])?;
    let mut manager = context.runner(MissingDatabase::Refuse).map_err(Failure::before_any_run)?;
    manager.set_interrupt(interrupt::install());
    let narrator = Narrator::watch(&mut manager, context);
    let _events = openlineage::watch(&mut manager, context);
    // Both halves under one lock: in between, another runner would find the migration pending.
    let both = manager.exclusively(|manager| Ok(down_and_up(manager, &narrator, context)));
    both.unwrap_or_else(|error| Err(context.explain_with(&manager, &error).before_any_run()))
}

fn down_and_up(
    manager: &mut MigrationManager,
    narrator: &Narrator,
    context: &Context,
) -> Result<Outcome<RedoData>> {
    // What has no file could not be applied again.
    let mut request = Request::down();
    request.use_kept_rollbacks = false;
    let down = match observed(manager, narrator, &request, context) {
        Ok(down) => down,
        Err((failure, None)) => return Err(failure),
        Err((failure, Some(down))) => {
            let data =
                RedoData { migration_id: id_of(&down), effects: down.effects.clone(), down: *down, up: None };
            return Ok(Outcome::with_failure(data, failure));
        }
    };
    let Some(id) = id_of(&down) else {
        return Ok(Outcome::done(RedoData {
            migration_id: None,
            effects: down.effects.clone(),
            down,
            up: None,
        }));
    };
    let request = Request::up().to(Target::Only(id.clone()));
    match observed(manager, narrator, &request, context) {
        Ok(up) => {
            let effects = up.effects.clone();
            Ok(Outcome::done(RedoData { migration_id: Some(id), down, up: Some(up), effects }))
        }
        Err((mut failure, up)) => {
            let effects = after_both(&id, up.as_deref());
            failure.notes = effects_in_words(&effects, MigrationDirection::Up);
            failure.effects = Some(effects.clone());
            failure.next_actions.retain(|action| action.command.is_none());
            failure
                .next_actions
                .push(NextAction::run("then apply it again", context.call.command(&["up", "--to", &id])));
            let data = RedoData { migration_id: Some(id), down, up: up.map(|up| *up), effects };
            Ok(Outcome::with_failure(data, failure))
        }
    }
}

fn id_of(report: &RunReport) -> Option<String> {
    report.results.first().map(|result| result.migration_id.clone())
}

/// What is in effect once the rollback was done and the second application failed: never nothing.
fn after_both(id: &str, up: Option<&RunReport>) -> Effects {
    let effect = match up.and_then(|up| up.effects.migrations.get(id)) {
        None | Some(MigrationEffect::NotRun | MigrationEffect::RolledBack) => MigrationEffect::RolledBack,
        Some(other) => *other,
    };
    let state = match effect {
        MigrationEffect::Unknown => EffectState::Unknown,
        _ => EffectState::Partial,
    };
    Effects { state, migrations: BTreeMap::from([(id.to_owned(), effect)]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_second_half_leaves_the_first_in_effect() {
        let effects = after_both("1", None);
        assert_eq!(effects.state, EffectState::Partial);
        assert_eq!(effects.migrations["1"], MigrationEffect::RolledBack);
    }
}
