//! `migration plan`: the statements that would run. `up --dry-run` and `down --dry-run` show them the same way.

use migration_kit::model::MigrationDirection;
use migration_kit::sql::{
    MissingDatabase, Plan, PlannedHook, PlannedMigration, PlannedStatement, Request, Segment, StatementAction,
};

use crate::args::PlanArgs;
use crate::command::target::{out_of_order_words, target, target_words};
use crate::context::Context;
use crate::failure::{NextAction, Result};
use crate::outcome::{CommandData, Outcome};
use crate::screen::{View, count, notes, printable, shorten};
use crate::style::{DIM, STRONG, WAITING, paint};

/// The most characters of a statement that are shown without `-v`.
const MOST: usize = 100;

impl CommandData for Plan {
    fn render(&self, view: View) -> String {
        if self.is_empty() {
            return nothing_to_do(self.direction);
        }
        let mut text = String::new();
        text.push_str(&notes(&self.warnings));
        text.push_str(&of_hooks(self, view));
        for migration in &self.migrations {
            text.push_str(&of_migration(migration, view));
        }
        let verb = match self.direction {
            MigrationDirection::Up => "apply",
            MigrationDirection::Down => "roll back",
        };
        let statements = count(self.statement_count(), "statement");
        text.push_str(&format!("{} to {verb}, {statements}\n", count(self.migrations.len(), "migration")));
        text
    }
}

/// The hooks of a plan, a line for each; they run with each migration or around all.
fn of_hooks(plan: &Plan, view: View) -> String {
    let shown = |hook: &PlannedHook| {
        let what = hook.call.clone().unwrap_or_else(|| hook.statements.join("; "));
        if view.verbose { printable(&what) } else { shorten(&what, MOST) }
    };
    let line = |hook: &PlannedHook| {
        let what = shown(hook);
        format!("hook {}: {}  {what}\n", hook.when, paint(STRONG, printable(&hook.name)))
    };
    plan.hooks.iter().map(line).collect()
}

/// What a run or a plan without migrations says.
pub(crate) fn nothing_to_do(direction: MigrationDirection) -> String {
    match direction {
        MigrationDirection::Up => "nothing to do: all of it is applied already\n".to_owned(),
        MigrationDirection::Down => "nothing to do: there is nothing to roll back\n".to_owned(),
    }
}

pub(crate) fn run(args: &PlanArgs, context: &Context) -> Result<Outcome<Plan>> {
    let mut request = if args.down { Request::down() } else { Request::up() };
    if let Some(target) = target(&args.target, args.all) {
        request.target = target;
    }
    let settings = context.settings()?;
    request.ignore_missing = args.ignore_missing || settings.ignore_missing.value;
    request.out_of_order = args.out_of_order.unwrap_or(settings.out_of_order.value);
    request.ignore_foreign = args.ignore_foreign;
    let mut manager = context.runner(MissingDatabase::TreatAsEmpty)?;
    let plan = match manager.plan(&request) {
        Ok(plan) => plan,
        Err(error) => return Err(context.explain_with(&manager, &error)),
    };
    let actions = (!plan.is_empty()).then(|| NextAction::run("run this plan", same_run(args, context)));
    Ok(Outcome::done(plan).advise(actions))
}

/// The command that runs what was planned.
fn same_run(args: &PlanArgs, context: &Context) -> String {
    let mut words = vec![if args.down { "down" } else { "up" }.to_owned()];
    words.extend(target_words(&args.target, args.all));
    words.extend(args.ignore_missing.then(|| "--ignore-missing".to_owned()));
    words.extend(out_of_order_words(args.out_of_order));
    words.extend(args.ignore_foreign.then(|| "--ignore-foreign".to_owned()));
    context.call.command(&words)
}

fn of_migration(migration: &PlannedMigration, view: View) -> String {
    let mut text = paint(STRONG, &migration.id);
    if migration.out_of_order {
        text.push_str(&paint(WAITING, "  out of order"));
    }
    if migration.runs_again {
        text.push_str(&paint(WAITING, "  runs again, as it changed"));
    }
    if migration.resume_after > 0 {
        let remark = format!("  goes on after statement {}, which is in effect", migration.resume_after);
        text.push_str(&paint(WAITING, remark));
    }
    text.push('\n');
    let width = migration.statements.len().to_string().len();
    let statements = |first: usize, last: usize| {
        let shown = migration.statements.iter().filter(move |s| (first..=last).contains(&s.number));
        shown.map(|statement| of_statement(statement, migration, width, view)).collect::<String>()
    };
    // What stands before a transaction for its sake is shown where it runs; nothing of a script is left out.
    let mut next = 1;
    for segment in &migration.segments {
        if segment.first > next {
            text.push_str(&statements(next, segment.first - 1));
        }
        next = segment.last + 1;
        if segment.last <= migration.resume_after {
            text.push_str(&statements(segment.first, segment.last));
            continue;
        }
        let (open, close) = boundaries(segment);
        text.push_str(&format!("  {}\n", paint(DIM, open)));
        text.push_str(&statements(segment.first, segment.last));
        if let Some(close) = close {
            text.push_str(&format!("  {}\n", paint(DIM, close)));
        }
    }
    text.push_str(&statements(next, usize::MAX));
    if migration.statements.is_empty() {
        text.push_str(&format!("  {}\n", paint(DIM, "no statements")));
    }
    text
}

fn boundaries(segment: &Segment) -> (&'static str, Option<&'static str>) {
    match (segment.transaction, segment.foreign_keys) {
        (true, true) => ("BEGIN", Some("COMMIT")),
        (true, false) => ("BEGIN (foreign keys not enforced)", Some("COMMIT")),
        (false, _) => ("outside a transaction", None),
    }
}

fn of_statement(
    statement: &PlannedStatement,
    migration: &PlannedMigration,
    width: usize,
    view: View,
) -> String {
    let indent = " ".repeat(width + 6);
    let sql = if view.verbose {
        printable(&statement.sql).replace('\n', &format!("\n{indent}"))
    } else {
        shorten(&statement.sql, MOST)
    };
    let done = statement.number <= migration.resume_after;
    let remark = match statement.action {
        _ if done => "  (in effect)",
        StatementAction::Hoisted => "  (outside the transaction)",
        StatementAction::OpenBlock => "  (as a savepoint)",
        StatementAction::CloseBlock => "  (releases the savepoint)",
        StatementAction::UndoBlock => "  (back to the savepoint)",
        _ => "",
    };
    let number = paint(DIM, format_args!("{:>width$}", statement.number));
    let sql = if done { paint(DIM, sql) } else { sql };
    format!("    {number}  {sql}{}\n", paint(DIM, remark))
}

#[cfg(test)]
mod tests;
