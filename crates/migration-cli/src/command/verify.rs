//! `migration verify`: the files against the history.

use migration_kit::sql::{Finding, FindingKind, MissingDatabase, Verification};

use crate::context::Context;
use crate::failure::{Failure, NextAction, Result};
use crate::outcome::{CommandData, Outcome};
use crate::screen::{View, count, one_line};
use crate::style::{BAD, DIM, GOOD, paint};

impl CommandData for Verification {
    fn render(&self, view: View) -> String {
        if self.is_clean() {
            let checked = count(self.checked, "migration");
            return if view.quiet {
                String::new()
            } else {
                format!("{} {checked} checked, no findings\n", paint(GOOD, "ok:"))
            };
        }
        let mut text = String::new();
        for finding in &self.findings {
            let kind = word(finding.kind).replace('_', " ");
            text.push_str(&format!("{} {}\n", paint(BAD, kind + ":"), one_line(&finding.message)));
            if let Some(path) = &finding.path {
                text.push_str(&format!("  {}\n", paint(DIM, format_args!("--> {}", path.display()))));
            }
        }
        text.push_str(&format!("{} checked, {}\n", count(self.checked, "migration"), findings(self)));
        text
    }
}

pub(crate) fn run(context: &Context) -> Result<Outcome<Verification>> {
    let mut manager = context.manager(MissingDatabase::TreatAsEmpty)?;
    let verification = match manager.verify() {
        Ok(verification) => verification,
        Err(error) => return Err(context.explain_with(&manager, &error)),
    };
    for warning in &manager.set().warnings {
        tracing::warn!("{warning}");
    }
    if verification.is_clean() {
        return Ok(Outcome::done(verification));
    }
    let mut failure = Failure::new("verify.findings", findings(&verification));
    let is_late = |finding: &Finding| finding.kind == FindingKind::OutOfOrder;
    if verification.findings.iter().any(|finding| !is_late(finding)) {
        failure = failure.advise(NextAction::run("see what can be done", context.call.command(&["repair"])));
    }
    if verification.findings.iter().any(is_late) {
        let command = context.call.command(&["up", "--out-of-order", "apply"]);
        failure = failure.advise(NextAction::run("apply what is out of order", command));
    }
    Ok(Outcome::with_failure(verification, failure))
}

/// The kind as JSON writes it.
fn word(kind: FindingKind) -> String {
    serde_json::to_value(kind).ok().and_then(|kind| kind.as_str().map(str::to_owned)).unwrap_or_default()
}

fn findings(verification: &Verification) -> String {
    count(verification.findings.len(), "finding")
}
