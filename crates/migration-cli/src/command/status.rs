//! `migration status`: where every migration stands.

use std::collections::BTreeMap;

use migration_kit::sql::{MigrationInfo, MigrationState, MissingDatabase};
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
    /// What a person should know about the directory though it is no error.
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
        format!("{notes}{}{total}: {}\n", table::of_migrations(&self.migrations), parts.join(", "))
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
const ORDER: [MigrationState; 6] = [
    MigrationState::Applied,
    MigrationState::Pending,
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
    let marker = match manager.environment_marker() {
        Ok(marker) => marker,
        Err(error) => return Err(context.explain_with(&manager, &error)),
    };
    let environment = context.settings()?.env.as_ref().map(|env| env.value.clone());
    let mut warnings = manager.set().warnings.clone();
    if let Some(marker) = marker.as_ref().filter(|marker| environment.as_ref() != Some(marker)) {
        warnings.push(format!("the database is marked as `{marker}`: only --env {marker} can work on it"));
    }
    let mut summary = BTreeMap::new();
    for migration in &migrations {
        *summary.entry(migration.status.as_str().to_owned()).or_insert(0) += 1;
    }
    let data = StatusData {
        database: manager.connector().url().to_string(),
        directory: context.dir()?.display().to_string(),
        environment,
        marker,
        migrations,
        summary,
        warnings,
    };
    let actions = next_actions(&data, context);
    match finding(&data).filter(|_| args.exit_code) {
        Some((code, message)) => {
            let mut failure = Failure::new(code, message);
            failure.next_actions = actions;
            Ok(Outcome::with_failure(data, failure))
        }
        None => Ok(Outcome::done(data).advise(actions)),
    }
}

/// What `--exit-code` finds fault with.
fn finding(data: &StatusData) -> Option<(&'static str, String)> {
    let number = |state: MigrationState| data.summary.get(state.as_str()).copied().unwrap_or(0);
    let pending = number(MigrationState::Pending);
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
    if has(&[
        MigrationState::Partial,
        MigrationState::Failed,
        MigrationState::Changed,
        MigrationState::Missing,
    ]) {
        actions.push(NextAction::run("see what can be done", context.call.command(&["repair"])));
    }
    if has(&[MigrationState::Pending]) {
        actions.push(NextAction::run("see what would run", context.call.command(&["plan"])));
        actions.push(NextAction::run("apply what is pending", context.call.command(&["up"])));
    }
    actions
}
