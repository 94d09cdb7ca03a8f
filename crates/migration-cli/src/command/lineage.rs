//! `migration lineage`: where tables and columns come from.

mod analyze;
pub(crate) mod input;

use schemars::JsonSchema;
use serde::Serialize;

use self::analyze::AnalyzeData;
use crate::args::{LineageArgs, LineageCommand};
use crate::failure::Result;
use crate::outcome::{CommandData, Outcome};
use crate::screen::View;

/// What one of the commands below `lineage` found.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum LineageData {
    /// Of `lineage analyze`.
    Analyze(AnalyzeData),
}

impl CommandData for LineageData {
    fn render(&self, view: View) -> String {
        match self {
            Self::Analyze(data) => data.render(view),
        }
    }
}

pub(crate) fn run(args: &LineageArgs) -> Result<Outcome<LineageData>> {
    let data = match &args.command {
        LineageCommand::Analyze(args) => LineageData::Analyze(analyze::run(args)?),
    };
    Ok(Outcome::done(data))
}
