//! `migration wait`: until the database answers.

use std::time::Instant;

use migration_kit::sql::wait_until_ready;
use schemars::JsonSchema;
use serde::Serialize;

use crate::args::WaitArgs;
use crate::context::Context;
use crate::failure::Result;
use crate::outcome::{CommandData, Outcome};
use crate::screen::View;

/// The database's answer.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct WaitData {
    /// The database, without its password.
    database: String,
    /// What it calls itself.
    server_version: String,
    /// How long it took to answer.
    waited_seconds: f64,
}

impl CommandData for WaitData {
    fn render(&self, view: View) -> String {
        if view.quiet {
            return String::new();
        }
        format!("{} answers after {:.1} s: {}\n", self.database, self.waited_seconds, self.server_version)
    }
}

pub(crate) fn run(args: &WaitArgs, context: &Context) -> Result<Outcome<WaitData>> {
    let url = context.settings()?.url()?;
    let begin = Instant::now();
    let mut connector =
        wait_until_ready(&url, args.timeout).map_err(|error| context.unreachable(&error, &url))?;
    let server_version = connector.server_version().map_err(|error| context.explain(&error))?;
    let waited_seconds = begin.elapsed().as_secs_f64();
    Ok(Outcome::done(WaitData { database: url.to_string(), server_version, waited_seconds }))
}
