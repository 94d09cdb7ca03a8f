//! `migration baseline`: says that everything up to a migration is applied, without running it.

use migration_kit::sql::{Adoption, BaselineReport, MissingDatabase};

use crate::args::BaselineArgs;
use crate::context::Context;
use crate::failure::{Failure, NextAction, Result};
use crate::outcome::{CommandData, Outcome};
use crate::screen::{View, count, notes, printable};
use crate::style::{DIM, GOOD, WAITING, paint};

impl CommandData for BaselineReport {
    fn render(&self, view: View) -> String {
        if view.quiet {
            return String::new();
        }
        let mut text = notes(&self.warnings);
        for migration in &self.migrations {
            let (style, word) = match (migration.status, self.dry_run) {
                (Adoption::Adopted, true) => (GOOD, "to record      "),
                (Adoption::Adopted, false) => (GOOD, "recorded       "),
                _ => (DIM, "applied already"),
            };
            text.push_str(&format!("  {}\n", paint(style, format!("{word}  {}", printable(&migration.id)))));
        }
        text.push_str(&pending_lines(&self.pending));
        let recorded = self.adopted();
        if recorded == 0 {
            text.push_str(&format!(
                "nothing to record: everything up to {} is applied\n",
                printable(&self.target)
            ));
        } else {
            let verb = if self.dry_run { "to record" } else { "recorded" };
            let number = count(recorded, "migration");
            text.push_str(&format!(
                "{number} {verb} as applied without running, {} pending\n",
                self.pending.len()
            ));
        }
        text.push_str(nothing_changed(self.dry_run));
        text
    }

    fn has_effect(&self) -> bool {
        !self.dry_run && self.adopted() > 0
    }
}

/// How many pending migrations are named.
const MOST: usize = 5;

/// What is left for `up`: the first few.
pub(crate) fn pending_lines(pending: &[String]) -> String {
    let line = |text: &str| format!("  {}\n", paint(WAITING, text));
    let mut lines: String =
        pending.iter().take(MOST).map(|id| line(&format!("pending  {}", printable(id)))).collect();
    if pending.len() > MOST {
        lines.push_str(&line(&format!("and {} more", pending.len() - MOST)));
    }
    lines
}

pub(crate) fn nothing_changed(dry_run: bool) -> &'static str {
    if dry_run { "dry run: every check passed, nothing was changed\n" } else { "" }
}

pub(crate) fn run(args: &BaselineArgs, context: &Context) -> Result<Outcome<BaselineReport>> {
    let mut manager = context.manager(MissingDatabase::Refuse).map_err(Failure::before_any_run)?;
    match manager.baseline(&args.id, args.dry_run) {
        Ok(report) => {
            let mut actions = Vec::new();
            if report.dry_run && report.adopted() > 0 {
                actions
                    .push(NextAction::run("record it", context.call.command(&["baseline", &report.target])));
            } else if !report.pending.is_empty() {
                let up = context.call.command(&["up", "--dry-run"]);
                actions.push(NextAction::run("see what would run next", up));
            }
            Ok(Outcome::done(report).advise(actions).showing_actions())
        }
        Err(error) => Err(context.explain_with(&manager, &error).before_any_run()),
    }
}
