//! What `up` and `down` share: a run with its report.

use migration_kit::sql::{EffectState, MigrationManager, MissingDatabase, Plan, Request, RunReport};
use schemars::JsonSchema;
use serde::Serialize;

use crate::command::plan::nothing_to_do;
use crate::context::Context;
use crate::explain::done_word;
use crate::failure::{Failure, NextAction, Result};
use crate::interrupt;
use crate::narrator::Narrator;
use crate::openlineage;
use crate::outcome::{CommandData, Outcome};
use crate::screen::{View, count, notes};

/// What a run came to.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct RunData {
    #[serde(flatten)]
    pub(crate) report: RunReport,
    /// Of a dry run: what would have run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) plan: Option<Plan>,
}

impl CommandData for RunData {
    fn render(&self, view: View) -> String {
        if view.quiet {
            return String::new();
        }
        let mut text = String::new();
        if let Some(plan) = &self.plan {
            text.push_str(&plan.render(view));
            if !plan.is_empty() {
                text.push_str("dry run: every check passed, nothing was changed\n");
            }
            return text;
        }
        text.push_str(&notes(&self.report.warnings));
        if self.report.results.is_empty() {
            text.push_str(&nothing_to_do(self.report.direction));
        } else if self.report.effects.state == EffectState::Complete {
            // Of a failed run the error says what is in effect.
            text.push_str(&summary(&self.report));
        }
        text
    }

    fn has_effect(&self) -> bool {
        !self.report.dry_run && self.report.results.iter().any(|result| result.steps_completed > 0)
    }
}

/// `3 migrations applied, 7 statements`.
pub(crate) fn summary(report: &RunReport) -> String {
    let done = report.results.iter().filter(|result| result.is_success());
    let (number, statements) = done.fold((0, 0), |(n, s), result| (n + 1, s + result.steps_completed));
    let of_all =
        if number == report.results.len() { String::new() } else { format!(" of {}", report.results.len()) };
    let noun = if report.results.len() == 1 { "migration" } else { "migrations" };
    format!("{number}{of_all} {noun} {}, {}\n", done_word(report.direction), count(statements, "statement"))
}

/// Runs it, or with `dry_run` shows what would run. `again` is the command for the same without `--dry-run`.
pub(crate) fn execute(
    request: &Request,
    missing: MissingDatabase,
    again: String,
    context: &Context,
) -> Result<Outcome<RunData>> {
    if request.dry_run { dry_run(request, again, context) } else { real_run(request, missing, context) }
}

fn dry_run(request: &Request, again: String, context: &Context) -> Result<Outcome<RunData>> {
    let mut manager = context.runner(MissingDatabase::TreatAsEmpty).map_err(Failure::before_any_run)?;
    match manager.plan(request).and_then(|plan| Ok((plan, manager.run(request)?))) {
        Ok((plan, report)) => {
            let action = (!plan.is_empty()).then(|| NextAction::run("run it", again));
            Ok(Outcome::done(RunData { report, plan: Some(plan) }).advise(action))
        }
        Err(error) => Err(context.explain_with(&manager, &error).before_any_run()),
    }
}

fn real_run(request: &Request, missing: MissingDatabase, context: &Context) -> Result<Outcome<RunData>> {
    let mut manager = context.runner(missing).map_err(Failure::before_any_run)?;
    manager.set_interrupt(interrupt::install());
    let narrator = Narrator::watch(&mut manager, context);
    // Dropped last, when all is said: what it has to say of its own is the least.
    let _events = openlineage::watch(&mut manager, context);
    observed(&mut manager, &narrator, request, context)
        .map(|report| Outcome::done(RunData { report, plan: None }))
        .or_else(|(failure, report)| match report {
            Some(report) => Ok(Outcome::with_failure(RunData { report: *report, plan: None }, failure)),
            None => Err(failure),
        })
}

/// A failed run: why, and what came of each migration if it had begun.
type FailedRun = (Box<Failure>, Option<Box<RunReport>>);

/// Runs migrations and tells people about it meanwhile.
pub(crate) fn observed(
    manager: &mut MigrationManager,
    narrator: &Narrator,
    request: &Request,
    context: &Context,
) -> Result<RunReport, FailedRun> {
    match manager.run(request) {
        Ok(report) => {
            narrator.finish(&report.results);
            Ok(report)
        }
        Err(error) => {
            narrator.finish(error.report().map(|report| report.results.as_slice()).unwrap_or_default());
            let failure = context.explain_with(manager, &error).before_any_run();
            Err((failure, error.report().cloned().map(Box::new)))
        }
    }
}
