//! `migration status`: where every migration stands.

use std::collections::BTreeMap;

use migration_kit::sql::{ForeignHistory, MigrationInfo, MigrationState, MissingDatabase, OutOfOrder};
use schemars::JsonSchema;
use serde::Serialize;

use crate::args::StatusArgs;
use crate::context::Context;
use crate::failure::{Failure, NextAction, Result};
use crate::outcome::{CommandData, Outcome};
use crate::screen::{View, count, notes, printable};
use crate::table;

/// Where every migration stands.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct StatusData {
    /// The database, without its password.
    database: String,
    /// The directory of migrations.
    directory: String,
    /// The environment that was named.
    environment: Option<String>,
    /// The environment that the database is marked as.
    marker: Option<String>,
    /// In the order in which they run; those whose file is gone come last.
    migrations: Vec<MigrationInfo>,
    /// How many there are of each status.
    summary: BTreeMap<String, usize>,
    /// Histories of other tools that say that something is applied, as long as ours is empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    foreign_histories: Vec<ForeignHistory>,
    /// What a person should know though it is no error.
    warnings: Vec<String>,
}

impl CommandData for StatusData {
    fn render(&self, _view: View) -> String {
        let mut notes = notes(&self.warnings);
        notes.push_str(&of_environment(self.environment.as_deref(), self.marker.as_deref()));
        if self.migrations.is_empty() {
            return format!("{notes}no migrations in {}\n", self.directory);
        }
        let parts: Vec<String> = ORDER
            .iter()
            .filter_map(|state| {
                self.summary.get(state.as_str()).map(|number| format!("{number} {}", state.as_str()))
            })
            .collect();
        let total = count(self.migrations.len(), "migration");
        let late = self.migrations.iter().filter(|migration| migration.out_of_order).count();
        let late = if late == 0 { String::new() } else { format!("; {late} out of order") };
        format!("{notes}{}{total}: {}{late}\n", table::of_migrations(&self.migrations), parts.join(", "))
    }
}

/// Which environment it is, as a line; nothing where nobody cares.
fn of_environment(named: Option<&str>, marked: Option<&str>) -> String {
    match (named, marked) {
        (_, Some(marked)) => format!("environment: {}\n", printable(marked)),
        (Some(named), None) => {
            format!("environment: {} (the database is not marked yet)\n", printable(named))
        }
        (None, None) => String::new(),
    }
}

/// The order of the summary line.
const ORDER: [MigrationState; 7] = [
    MigrationState::Applied,
    MigrationState::Pending,
    MigrationState::Outdated,
    MigrationState::Partial,
    MigrationState::Failed,
    MigrationState::Changed,
    MigrationState::Missing,
];

pub(crate) fn run(args: &StatusArgs, context: &Context) -> Result<Outcome<StatusData>> {
    let mut manager = context.manager(MissingDatabase::TreatAsEmpty)?;
    let migrations = match manager.list_migrations() {
        Ok(migrations) => migrations,
        Err(error) => return Err(context.explain_with(&manager, &error)),
    };
    // With anything but pending ones there is a history of ours.
    let is_new = migrations.iter().all(|migration| migration.status == MigrationState::Pending);
    let foreign = if is_new { manager.foreign_histories() } else { Ok(Vec::new()) };
    let foreign = match foreign {
        Ok(foreign) => foreign,
        Err(error) => return Err(context.explain_with(&manager, &error)),
    };
    let marker = match manager.environment_marker() {
        Ok(marker) => marker,
        Err(error) => return Err(context.explain_with(&manager, &error)),
    };
    let environment = context.settings()?.env.as_ref().map(|env| env.value.clone());
    let mut warnings = manager.set().warnings.clone();
    warnings.extend(foreign.iter().map(beside));
    if let Some(marker) = marker.as_ref().filter(|marker| environment.as_ref() != Some(marker)) {
        warnings.push(format!("the database is marked as `{marker}`: only --env {marker} can work on it"));
    }
    let mut summary = BTreeMap::new();
    for migration in &migrations {
        *summary.entry(migration.status.as_str().to_owned()).or_insert(0) += 1;
    }
    let data = StatusData {
        database: manager.connector().url().to_string(),
        directory: context.settings()?.shown_dirs(),
        environment,
        marker,
        migrations,
        summary,
        warnings,
        foreign_histories: foreign,
    };
    let actions = next_actions(&data, context);
    let is_foreign = !data.foreign_histories.is_empty();
    match finding(&data).filter(|_| args.exit_code) {
        Some((code, message)) => {
            let mut failure = Failure::new(code, message);
            failure.next_actions = actions;
            Ok(Outcome::with_failure(data, failure))
        }
        None => {
            let outcome = Outcome::done(data).advise(actions);
            Ok(if is_foreign { outcome.showing_actions() } else { outcome })
        }
    }
}

/// The history of another tool, in words.
fn beside(history: &ForeignHistory) -> String {
    let whose = history.tool.map_or_else(|| "another tool".to_owned(), |tool| tool.to_string());
    format!(
        "`{}` is the history of {whose}, and nothing of it was adopted: `up` refuses to run",
        history.table
    )
}

/// What `--exit-code` finds fault with.
fn finding(data: &StatusData) -> Option<(&'static str, String)> {
    let number = |state: MigrationState| data.summary.get(state.as_str()).copied().unwrap_or(0);
    let pending = number(MigrationState::Pending) + number(MigrationState::Outdated);
    let other = data.migrations.len() - pending - number(MigrationState::Applied);
    match (pending, other) {
        (0, 0) => None,
        (_, 0) => Some(("status.pending", format!("{} not applied yet", count(pending, "migration")))),
        _ => Some((
            "status.attention",
            format!("{} attention", count(other, "migration") + if other == 1 { " needs" } else { " need" }),
        )),
    }
}

fn next_actions(data: &StatusData, context: &Context) -> Vec<NextAction> {
    let has = |states: &[MigrationState]| {
        data.migrations.iter().any(|migration| states.contains(&migration.status))
    };
    let mut actions = Vec::new();
    if data.foreign_histories.iter().any(|history| history.tool.is_some()) {
        let adopt = context.call.command(&["adopt", "--dry-run"]);
        actions.push(NextAction::run("see what could be taken over", adopt));
    }
    if has(&[
        MigrationState::Partial,
        MigrationState::Failed,
        MigrationState::Changed,
        MigrationState::Missing,
    ]) {
        actions.push(NextAction::run("see what can be done", context.call.command(&["repair"])));
    }
    if has(&[MigrationState::Pending, MigrationState::Outdated]) && data.foreign_histories.is_empty() {
        // Where the settings refuse them, the commands as they stand would do nothing but that.
        let refused = data.migrations.iter().any(|migration| migration.out_of_order)
            && context.settings().is_ok_and(|settings| settings.out_of_order.value == OutOfOrder::Refuse);
        let with = |command| {
            let mut words = vec![command];
            words.extend(refused.then_some(["--out-of-order", "apply"]).into_iter().flatten());
            context.call.command(&words)
        };
        actions.push(NextAction::run("see what would run", with("plan")));
        actions.push(NextAction::run("apply what is pending", with("up")));
    }
    actions
}
