//! `migration lineage`: where tables and columns come from.

mod analyze;
mod chain;
mod graph;
pub(crate) mod input;
pub(crate) mod object;
mod page;
mod replay;

use schemars::JsonSchema;
use serde::Serialize;

use self::analyze::AnalyzeData;
use self::chain::ChainData;
use self::graph::GraphData;
use self::replay::ReplayData;
use crate::args::{LineageArgs, LineageCommand};
use crate::context::Context;
use crate::failure::Result;
use crate::outcome::{CommandData, Outcome};
use crate::screen::View;

/// What `lineage`, or the command below it, found.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum LineageData {
    /// Of `lineage analyze`.
    Analyze(AnalyzeData),
    /// Of `lineage transform`.
    Transform(ChainData),
    /// Of `lineage replay`.
    Replay(ReplayData),
    /// Of `lineage`.
    Graph(GraphData),
}

impl CommandData for LineageData {
    fn render(&self, view: View) -> String {
        match self {
            Self::Analyze(data) => data.render(view),
            Self::Transform(data) => data.render(),
            Self::Replay(data) => data.render(view),
            Self::Graph(data) => data.render(view),
        }
    }
}

pub(crate) fn run(args: &LineageArgs, context: &Context) -> Result<Outcome<LineageData>> {
    let data = match &args.command {
        Some(LineageCommand::Analyze(args)) => LineageData::Analyze(analyze::run(args, context)?),
        Some(LineageCommand::Transform(args)) => LineageData::Transform(chain::run(args)?),
        Some(LineageCommand::Replay) => return replay::run(),
        None => LineageData::Graph(graph::run(&args.graph, context)?),
    };
    Ok(Outcome::done(data))
}
