//! `migration completions`: a shell's completion script.

use clap::CommandFactory;
use schemars::JsonSchema;
use serde::Serialize;

use crate::args::{Cli, CompletionsArgs};
use crate::failure::{Failure, Result};
use crate::outcome::{CommandData, Outcome};
use crate::screen::View;

/// A completion script.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct CompletionsData {
    /// Whose.
    shell: String,
    /// The script.
    script: String,
}

impl CommandData for CompletionsData {
    const RAW: bool = true;

    fn render(&self, _view: View) -> String {
        self.script.clone()
    }
}

pub(crate) fn run(args: &CompletionsArgs) -> Result<Outcome<CompletionsData>> {
    let mut bytes = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "migration", &mut bytes);
    let script =
        String::from_utf8(bytes).map_err(|error| Failure::new("internal.completions", error.to_string()))?;
    Ok(Outcome::done(CompletionsData { shell: args.shell.to_string(), script }))
}
