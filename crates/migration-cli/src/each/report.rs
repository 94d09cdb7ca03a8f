//! What came of a call for many tenants.

use migration_kit::sql::{EffectState, Effects};
use schemars::JsonSchema;
use serde::Serialize;

use super::Kind;
use crate::context::Context;
use crate::envelope::ErrorBody;
use crate::exit::Exit;
use crate::failure::{Failure, NextAction, Result};
use crate::outcome::{CommandData, Outcome};
use crate::screen::{View, count, printable};
use crate::snippet;
use crate::style::{BAD, DIM, GOOD, STRONG, WAITING, paint};

/// How many failed tenants get an advice of their own.
const MOST: usize = 3;

/// The data of a command that can be called for many: of one, or of all.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its schema is asked for")]
pub(crate) enum Several<T> {
    /// Of a call for one.
    One(T),
    /// Of a call for many.
    Each(EachData<T>),
}

/// What came of each tenant.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct EachData<T> {
    /// In the order in which they were named, or of their names.
    tenants: Vec<TenantReport<T>>,
    /// How many there are of each outcome.
    summary: Summary,
}

/// How many tenants there are of each outcome.
#[derive(Debug, Default, Serialize, JsonSchema)]
struct Summary {
    done: usize,
    findings: usize,
    failed: usize,
    not_run: usize,
}

/// What came of one tenant.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct TenantReport<T> {
    /// The schema, or the database's URL without its password.
    tenant: String,
    /// What came of it.
    outcome: TenantOutcome,
    /// What the command would have ended with for this one alone; `null` if it was not run.
    exit_code: Option<u8>,
    /// The command's data for it.
    data: Option<T>,
    /// Why it failed.
    error: Option<ErrorBody>,
    /// What to do next about it.
    next_actions: Vec<NextAction>,
    #[serde(skip)]
    failure: Option<Box<Failure>>,
}

/// What came of one tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum TenantOutcome {
    /// All well.
    Done,
    /// The question was answered, and the answer is not "all well".
    Findings,
    /// It failed.
    Failed,
    /// It was not its turn before the call ended.
    NotRun,
}

impl<T: CommandData> TenantReport<T> {
    pub(super) fn of(name: &str, result: Result<Outcome<T>>) -> Self {
        let (data, failure, mut next_actions) = match result {
            Ok(outcome) => outcome.into_parts(),
            Err(failure) => (None, Some(failure), Vec::new()),
        };
        let exit = failure.as_ref().map_or(Exit::Ok, |failure| failure.exit());
        next_actions.extend(failure.iter().flat_map(|failure| failure.next_actions.clone()));
        let outcome = match &failure {
            None => TenantOutcome::Done,
            Some(failure) if failure.code.starts_with("status.") => TenantOutcome::Findings,
            Some(_) => TenantOutcome::Failed,
        };
        Self {
            tenant: name.to_owned(),
            outcome,
            exit_code: Some(exit.code()),
            data,
            error: failure.as_deref().map(ErrorBody::from),
            next_actions,
            failure,
        }
    }

    pub(super) fn not_run(name: &str) -> Self {
        Self {
            tenant: name.to_owned(),
            outcome: TenantOutcome::NotRun,
            exit_code: None,
            data: None,
            error: None,
            next_actions: Vec::new(),
            failure: None,
        }
    }

    pub(super) fn has_failed(&self) -> bool {
        self.outcome == TenantOutcome::Failed
    }

    pub(super) fn was_interrupted(&self) -> bool {
        self.exit_code == Some(Exit::Interrupted.code())
    }

    /// How much of the call is in effect for it.
    fn effect(&self) -> EffectState {
        let stated = self.failure.as_ref().and_then(|failure| failure.stated_effects());
        match (stated, &self.data) {
            (Some(effects), _) => effects.state,
            (None, Some(data)) if data.has_effect() => EffectState::Complete,
            (None, _) => EffectState::None,
        }
    }
}

impl<T: CommandData> CommandData for EachData<T> {
    fn render(&self, view: View) -> String {
        let mut text = String::new();
        for tenant in &self.tenants {
            let body = tenant.data.as_ref().map(|data| data.render(view)).unwrap_or_default();
            if !view.quiet || !body.is_empty() {
                text.push_str(&format!("{}\n{body}", tenant.heading()));
            }
            if let Some(failure) = tenant.failure.as_ref().filter(|_| tenant.has_failed()) {
                text.push_str(&snippet::render(failure, &tenant.next_actions));
                text.push('\n');
            }
        }
        if !view.quiet {
            text.push_str(&self.in_words());
        }
        text
    }

    fn has_effect(&self) -> bool {
        self.tenants.iter().any(|tenant| tenant.effect() != EffectState::None)
    }
}

impl<T> TenantReport<T> {
    fn heading(&self) -> String {
        let word = match self.outcome {
            TenantOutcome::Done => paint(GOOD, "done"),
            TenantOutcome::Findings => paint(WAITING, "findings"),
            TenantOutcome::Failed => paint(BAD, "failed"),
            TenantOutcome::NotRun => paint(DIM, "not run"),
        };
        format!("{} {word}", paint(STRONG, format!("{}:", printable(&self.tenant))))
    }
}

impl<T> EachData<T> {
    /// `3 tenants: 2 done, 1 failed`.
    fn in_words(&self) -> String {
        let Summary { done, findings, failed, not_run } = self.summary;
        let parts = [(done, "done"), (findings, "with findings"), (failed, "failed"), (not_run, "not run")];
        let parts = parts.into_iter().filter(|(number, _)| *number > 0);
        let parts: Vec<String> = parts.map(|(number, word)| format!("{number} {word}")).collect();
        format!("{}: {}\n", count(self.tenants.len(), "tenant"), parts.join(", "))
    }
}

/// The report of all, and whether that is a failure.
pub(super) fn of_all<T: CommandData>(
    tenants: Vec<TenantReport<T>>,
    kind: Kind,
    context: &Context,
) -> Outcome<EachData<T>> {
    let number = |outcome| tenants.iter().filter(|tenant| tenant.outcome == outcome).count();
    let summary = Summary {
        done: number(TenantOutcome::Done),
        findings: number(TenantOutcome::Findings),
        failed: number(TenantOutcome::Failed),
        not_run: number(TenantOutcome::NotRun),
    };
    let interrupted = tenants.iter().any(TenantReport::was_interrupted);
    let all = count(tenants.len(), "tenant");
    let (code, message) = match (interrupted, summary.failed, summary.findings) {
        (true, ..) => ("run.interrupted", format!("interrupted: {} of {all} done", summary.done)),
        (false, 0, 0) => {
            return Outcome::done(EachData { tenants, summary });
        }
        (false, 0, findings) => ("tenants.findings", format!("{findings} of {all} with findings")),
        (false, failed, _) => ("tenants.failed", format!("{failed} of {all} failed")),
    };
    let mut failure = Failure::new(code, message);
    if kind == Kind::Changes {
        // Ids say nothing here: each tenant's own error has its migrations.
        failure.effects = Some(Effects { state: state(&tenants), migrations: Default::default() });
    }
    failure.next_actions = next_actions(&tenants, context);
    Outcome::with_failure(EachData { tenants, summary }, failure)
}

/// How much of the call is in effect for all tenants together.
fn state<T: CommandData>(tenants: &[TenantReport<T>]) -> EffectState {
    let states: Vec<EffectState> = tenants.iter().map(TenantReport::effect).collect();
    if states.contains(&EffectState::Unknown) {
        EffectState::Unknown
    } else if states.iter().all(|state| *state == EffectState::None) {
        EffectState::None
    } else if states.iter().all(|state| *state == EffectState::Complete) {
        EffectState::Complete
    } else {
        EffectState::Partial
    }
}

fn next_actions<T>(tenants: &[TenantReport<T>], context: &Context) -> Vec<NextAction> {
    let failed = tenants.iter().filter(|tenant| tenant.outcome == TenantOutcome::Failed);
    let mut actions: Vec<NextAction> = failed
        .take(MOST)
        .filter_map(|tenant| {
            let action = tenant.next_actions.first()?.clone();
            Some(NextAction { label: format!("{}: {}", tenant.tenant, action.label), ..action })
        })
        .collect();
    if context.call.name == "up" {
        actions.push(NextAction::manual("then make the same call again: what is applied is passed over"));
    }
    actions
}
