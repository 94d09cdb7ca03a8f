//! `migration lineage replay`: sends the events that their server was not there for.

use migration_kit::lineage::transport::replay;
use schemars::JsonSchema;
use serde::Serialize;

use super::LineageData;
use crate::failure::{Failure, NextAction, Result, causes};
use crate::openlineage::{config, in_words};
use crate::outcome::Outcome;
use crate::screen::{View, count, printable};

/// What became of the events that waited.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ReplayData {
    /// Where they go.
    destination: String,
    /// How many were sent.
    sent: u64,
    /// How many the server refused for good.
    refused: u64,
    /// How many wait still.
    waiting: u64,
    /// Where they wait; `null` where no folder for that is known.
    folder: Option<String>,
}

impl ReplayData {
    pub(super) fn render(&self, view: View) -> String {
        if view.quiet {
            return String::new();
        }
        let events = |number: u64| count(usize::try_from(number).unwrap_or(usize::MAX), "event");
        let mut text = format!("{} sent to {}", events(self.sent), printable(&self.destination));
        if self.refused > 0 {
            let folder = self.folder.as_deref().unwrap_or_default();
            text.push_str(&format!(", {} refused, see {}", self.refused, printable(folder)));
        }
        if self.waiting > 0 {
            text.push_str(&format!(", {} wait", self.waiting));
        }
        text + "\n"
    }
}

pub(super) fn run() -> Result<Outcome<LineageData>> {
    let config = config()
        .map_err(|error| Failure::new("lineage.openlineage_config", in_words(&error)))?
        .ok_or_else(|| {
            Failure::new("lineage.no_openlineage", "nobody has said where events go").advise(NextAction::manual(
                "set OPENLINEAGE_URL, or write openlineage.yml; `migration lineage --format openlineage` prints events",
            ))
        })?;
    let destination = config.transport.shown();
    let replayed = replay(&config).map_err(|error| {
        let failure = Failure::new("lineage.not_sent", error.to_string());
        match causes(&error) {
            Some(why) => failure.because(why),
            None => failure,
        }
    })?;
    let data = ReplayData {
        destination,
        sent: replayed.sent,
        refused: replayed.refused,
        waiting: replayed.waiting,
        folder: replayed.folder.map(|folder| folder.display().to_string()),
    };
    match replayed.trouble {
        Some(why) if data.waiting > 0 => {
            let message = format!("{} events could not be sent", data.waiting);
            let failure = Failure::new("lineage.not_sent", message).because(why);
            Ok(Outcome::with_failure(LineageData::Replay(data), failure))
        }
        _ => Ok(Outcome::done(LineageData::Replay(data))),
    }
}
