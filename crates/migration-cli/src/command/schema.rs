//! `migration schema`: the JSON Schema of what a command prints with `--json`.

use migration_kit::sql::{AdoptReport, BaselineReport, Plan, Verification};
use schemars::{JsonSchema, Schema};
use serde::Serialize;

use crate::args::SchemaArgs;
use crate::command::completions::CompletionsData;
use crate::command::config::ConfigData;
use crate::command::convert::ConvertData;
use crate::command::dump::DumpData;
use crate::command::impact::ImpactData;
use crate::command::lineage::LineageData;
use crate::command::mark::MarkData;
use crate::command::new::NewData;
use crate::command::redo::RedoData;
use crate::command::repair::RepairData;
use crate::command::run::RunData;
use crate::command::split::SplitData;
use crate::command::status::StatusData;
use crate::command::transform::TransformData;
use crate::command::wait::WaitData;
use crate::each::Several;
use crate::envelope::schema_of;
use crate::failure::{Failure, Result};
use crate::outcome::{CommandData, Outcome};
use crate::screen::View;

/// The commands that have one: all of them.
pub(crate) const COMMANDS: [&str; 21] = [
    "new",
    "convert",
    "status",
    "plan",
    "up",
    "down",
    "redo",
    "verify",
    "baseline",
    "adopt",
    "repair",
    "mark",
    "dump",
    "split",
    "transform",
    "lineage",
    "impact",
    "wait",
    "completions",
    "schema",
    "config",
];

/// A JSON Schema.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct SchemaData {
    /// The command that it is about.
    command: String,
    /// The JSON Schema (draft 2020-12) of that command's output with `--json`.
    json_schema: Schema,
}

impl CommandData for SchemaData {
    const RAW: bool = true;

    fn render(&self, _view: View) -> String {
        serde_json::to_string_pretty(&self.json_schema).map(|text| text + "\n").unwrap_or_default()
    }
}

pub(crate) fn run(args: &SchemaArgs) -> Result<Outcome<SchemaData>> {
    let Some(json_schema) = schema_for(&args.command) else {
        return Err(Failure::new("usage.unknown_command", format!("there is no command `{}`", args.command)));
    };
    Ok(Outcome::done(SchemaData { command: args.command.clone(), json_schema }))
}

fn schema_for(command: &str) -> Option<Schema> {
    Some(match command {
        "new" => schema_of::<NewData>(command),
        "convert" => schema_of::<ConvertData>(command),
        "status" => schema_of::<Several<StatusData>>(command),
        "plan" => schema_of::<Several<Plan>>(command),
        "up" => schema_of::<Several<RunData>>(command),
        "down" => schema_of::<RunData>(command),
        "redo" => schema_of::<RedoData>(command),
        "verify" => schema_of::<Verification>(command),
        "baseline" => schema_of::<BaselineReport>(command),
        "adopt" => schema_of::<AdoptReport>(command),
        "repair" => schema_of::<RepairData>(command),
        "mark" => schema_of::<MarkData>(command),
        "dump" => schema_of::<DumpData>(command),
        "split" => schema_of::<SplitData>(command),
        "transform" => schema_of::<TransformData>(command),
        "lineage" => schema_of::<LineageData>(command),
        "impact" => schema_of::<ImpactData>(command),
        "wait" => schema_of::<WaitData>(command),
        "completions" => schema_of::<CompletionsData>(command),
        "schema" => schema_of::<SchemaData>(command),
        "config" => schema_of::<ConfigData>(command),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::args::Cli;

    #[test]
    fn every_command_has_one() {
        let commands = Cli::command();
        let names: Vec<&str> = commands.get_subcommands().map(clap::Command::get_name).collect();
        assert_eq!(names, COMMANDS);
        for name in COMMANDS {
            assert!(schema_for(name).is_some(), "{name}");
        }
    }
}
