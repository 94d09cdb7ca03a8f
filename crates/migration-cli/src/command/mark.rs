//! `migration mark`: says which environment a database is.

use migration_kit::sql::{MigrationManager, MissingDatabase};
use schemars::JsonSchema;
use serde::Serialize;

use crate::args::MarkArgs;
use crate::context::Context;
use crate::failure::{Failure, NextAction, Result};
use crate::outcome::{CommandData, Outcome};
use crate::screen::{View, printable};
use crate::style::{GOOD, paint};

/// What the database is marked as.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct MarkData {
    /// The database, without its password.
    database: String,
    /// What it is marked as now; `null` when it is not.
    marker: Option<String>,
    /// What it was marked as before.
    previous: Option<String>,
}

impl CommandData for MarkData {
    fn render(&self, view: View) -> String {
        if view.quiet {
            return String::new();
        }
        match &self.marker {
            Some(name) => format!("{} {} as {}\n", paint(GOOD, "marked"), self.database, printable(name)),
            None => format!("{} is not marked\n", self.database),
        }
    }

    fn has_effect(&self) -> bool {
        self.marker != self.previous
    }
}

pub(crate) fn run(args: &MarkArgs, context: &Context) -> Result<Outcome<MarkData>> {
    let named = context.settings()?.env.as_ref().map(|env| env.value.clone());
    let marker = if args.remove { None } else { Some(named.ok_or_else(not_named)?) };
    let mut manager = context.manager_of_no_migrations(MissingDatabase::Refuse)?;
    // Under one lock, so that what is confirmed is what is replaced.
    let both = manager.exclusively(|manager| Ok(replace(manager, marker.as_deref(), args, context)));
    let previous = both.unwrap_or_else(|error| Err(context.explain(&error)))?;
    let database = manager.connector().url().to_string();
    Ok(Outcome::done(MarkData { database, marker, previous }))
}

fn replace(
    manager: &mut MigrationManager,
    marker: Option<&str>,
    args: &MarkArgs,
    context: &Context,
) -> Result<Option<String>> {
    let previous = manager.environment_marker().map_err(|error| context.explain(&error))?;
    let confirmed = context.flags.confirm.as_deref();
    if let Some(previous) =
        previous.filter(|previous| marker != Some(previous) && confirmed != Some(previous))
    {
        return Err(not_confirmed(&previous, confirmed, args, context));
    }
    manager.mark_environment(marker).map_err(|error| context.explain(&error))
}

fn not_named() -> Box<Failure> {
    Failure::new("environment.not_named", "no environment was named that the database could be marked as")
        .advise(NextAction::manual("pass --env NAME, or --remove to take the marker away"))
}

fn not_confirmed(previous: &str, given: Option<&str>, args: &MarkArgs, context: &Context) -> Box<Failure> {
    let message = format!("the database is marked as `{previous}`");
    if given.is_some() {
        return Failure::new("environment.declined", message).because("another name was confirmed");
    }
    let mut words = vec!["mark"];
    words.extend(args.remove.then_some("--remove"));
    words.extend(["--confirm", previous]);
    Failure::new("environment.mismatch", message)
        .because("to mark it otherwise has to be confirmed with the name that it has now")
        .advise(NextAction::run(format!("if it is not {previous} any more"), context.call.command(&words)))
}
