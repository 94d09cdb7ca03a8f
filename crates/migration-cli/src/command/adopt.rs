//! `migration adopt`: takes over what another tool has noted as applied.

use migration_kit::sql::{AdoptReport, AdoptRequest, AdoptedMigration, Adoption, MissingDatabase};

use crate::args::AdoptArgs;
use crate::command::baseline::{nothing_changed, pending_lines};
use crate::context::Context;
use crate::failure::{Failure, NextAction, Result};
use crate::outcome::{CommandData, Outcome};
use crate::screen::{View, count, notes, printable};
use crate::style::{DIM, GOOD, paint};
use crate::table;

impl CommandData for AdoptReport {
    fn render(&self, view: View) -> String {
        if view.quiet {
            return String::new();
        }
        let mut text = notes(&self.warnings);
        text.push_str(&format!("history of {} in the table `{}`\n", self.tool, printable(&self.table)));
        let rows = table::of_rows(self.migrations.iter().map(|migration| row(migration, self.dry_run)));
        text.extend(rows.lines().zip(&self.migrations).map(|(line, migration)| {
            let style = if migration.status == Adoption::Adopted { GOOD } else { DIM };
            format!("  {}\n", paint(style, line))
        }));
        text.push_str(&pending_lines(&self.pending));
        let verified = self.migrations.iter().filter(|migration| migration.checksum_verified).count();
        let adopted = self.adopted();
        if adopted == 0 {
            text.push_str("nothing to adopt: all that it says is applied is recorded already\n");
        } else {
            let verb = if self.dry_run { " to adopt" } else { " adopted" };
            text.push_str(&format!("{}{verb}, {} pending", count(adopted, "migration"), self.pending.len()));
            if verified > 0 {
                text.push_str(&format!("; {} compared", count(verified, "checksum")));
            }
            text.push('\n');
        }
        text.push_str(nothing_changed(self.dry_run));
        text
    }

    fn has_effect(&self) -> bool {
        !self.dry_run && self.adopted() > 0
    }
}

fn row(migration: &AdoptedMigration, dry_run: bool) -> Vec<String> {
    let word = match (migration.status, dry_run) {
        (Adoption::Adopted, true) => "to adopt",
        (Adoption::Adopted, false) => "adopted",
        _ => "applied already",
    };
    let time = migration.applied_at.clone().unwrap_or_default();
    let took = migration.execution_time_ms.map(|ms| format!("{ms} ms")).unwrap_or_default();
    vec![word.to_owned(), printable(&migration.id), time, took]
}

pub(crate) fn run(args: &AdoptArgs, context: &Context) -> Result<Outcome<AdoptReport>> {
    let mut manager = context.manager(MissingDatabase::Refuse).map_err(Failure::before_any_run)?;
    let mut request = AdoptRequest::default();
    request.from = args.from;
    request.table.clone_from(&args.table);
    request.ignore_missing = args.ignore_missing;
    request.dry_run = args.dry_run;
    match manager.adopt(&request) {
        Ok(report) => {
            let actions = next_actions(&report, args, context);
            Ok(Outcome::done(report).advise(actions).showing_actions())
        }
        Err(error) => Err(context.explain_with(&manager, &error).before_any_run()),
    }
}

fn next_actions(report: &AdoptReport, args: &AdoptArgs, context: &Context) -> Vec<NextAction> {
    let mut actions = Vec::new();
    if report.dry_run && report.adopted() > 0 {
        let mut words = vec!["adopt".to_owned()];
        words.extend(args.from.iter().flat_map(|tool| ["--from".to_owned(), tool.to_string()]));
        words.extend(args.table.iter().flat_map(|table| ["--table".to_owned(), table.clone()]));
        words.extend(args.ignore_missing.then(|| "--ignore-missing".to_owned()));
        actions.push(NextAction::run("record it", context.call.command(&words)));
    } else if !report.pending.is_empty() {
        actions.push(NextAction::run("see what would run next", context.call.command(&["up", "--dry-run"])));
    }
    actions
}
