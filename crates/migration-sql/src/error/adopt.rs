//! Why another tool's history, or a baseline, can't be taken for granted.

use std::path::PathBuf;

use migration_model::message::{list, list_ids};
use thiserror::Error;

use crate::adopt::{ForeignHistory, Tool};

/// Why another tool's history, or a baseline, can't be taken for granted. Nothing was written.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AdoptError {
    /// No table that could be a tool's history.
    #[error("there is no history of another tool in this database: looked for the {} {}",
        if .looked_for.len() == 1 { "table" } else { "tables" }, list_ids(.looked_for))]
    NoHistory {
        /// The tables that it would be in.
        looked_for: Vec<String>,
    },
    /// Several tools have left a history.
    #[error("this database has the histories of several tools: {}", in_words(.found))]
    Ambiguous {
        /// Which.
        found: Vec<ForeignHistory>,
    },
    /// A table is no history that can be read.
    #[error("the table `{table}` is no history that can be adopted: {why}")]
    UnknownTable {
        /// The table.
        table: String,
        /// What is odd about it.
        why: String,
    },
    /// The history says that migrations failed.
    #[error("by the table `{table}` of {tool}, {} did not succeed: {meaning}", list_ids(.rows))]
    FailedRow {
        /// Whose history.
        tool: Tool,
        /// The table.
        table: String,
        /// Their versions or names as the table has them.
        rows: Vec<String>,
        /// What such a row means.
        meaning: &'static str,
        /// What to do about it.
        mend: &'static str,
    },
    /// Files are not what they were when the tool ran them.
    #[error("{} edited after {tool} applied {}: {}",
        if .changed.len() == 1 { "a migration was" } else { "migrations were" },
        if .changed.len() == 1 { "it" } else { "them" },
        list(.changed.iter().map(|changed| format!("`{}`", changed.id)), ", "))]
    Changed {
        /// Whose history.
        tool: Tool,
        /// Which.
        changed: Vec<ForeignChange>,
    },
    /// The history names migrations that no file holds.
    #[error("the table `{table}` of {tool} names {} that no file of the directory holds: {}",
        if .versions.len() == 1 { "a migration" } else { "migrations" }, list_ids(.versions))]
    MissingFiles {
        /// Whose history.
        tool: Tool,
        /// The table.
        table: String,
        /// Their versions or names as the table has them.
        versions: Vec<String>,
    },
    /// Several files could be the one that the tool ran.
    #[error("by the table `{table}` of {tool}, version `{version}` is applied, and several files have it: {}", list_ids(.ids))]
    SeveralFiles {
        /// Whose history.
        tool: Tool,
        /// The table.
        table: String,
        /// The version.
        version: String,
        /// The migrations that have it.
        ids: Vec<String>,
    },
    /// A migration was cut off here.
    #[error("migration `{id}` was cut off before it was done")]
    Unfinished {
        /// Which.
        id: String,
    },
    /// What is applied is not the beginning of the directory.
    #[error("what is applied is not how the directory begins: `{applied}` is applied{}",
        .before.as_ref().map_or(" and no file of the directory holds it".to_owned(), |id| format!(", and `{id}` before it is not")))]
    NotTheBeginning {
        /// A migration that is applied.
        applied: String,
        /// One before it that is not.
        before: Option<String>,
    },
    /// Migrations are to be applied where another tool has applied some.
    #[error("this database has the history of another tool and none of ours: {}", in_words(.found))]
    ForeignTool {
        /// Whose.
        found: Vec<ForeignHistory>,
    },
}

/// A migration whose file is not what another tool ran.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignChange {
    /// Which.
    pub id: String,
    /// Its file.
    pub path: Option<PathBuf>,
    /// The checksum that the tool noted.
    pub recorded: String,
}

impl AdoptError {
    /// What kind of error it is, from the closed list.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::NoHistory { .. } => "adopt.no_history",
            Self::Ambiguous { .. } => "adopt.ambiguous",
            Self::UnknownTable { .. } => "adopt.unknown_table",
            Self::FailedRow { .. } => "adopt.failed_row",
            Self::Changed { .. } => "adopt.changed",
            Self::MissingFiles { .. } => "adopt.missing_file",
            Self::SeveralFiles { .. } => "adopt.several_files",
            Self::Unfinished { .. } => "adopt.unfinished",
            Self::NotTheBeginning { .. } => "baseline.not_the_beginning",
            Self::ForeignTool { .. } => "history.foreign_tool",
        }
    }
}

fn in_words(found: &[ForeignHistory]) -> String {
    let one = |found: &ForeignHistory| match found.tool {
        Some(tool) => format!("`{}` of {tool}", found.table),
        None => format!("`{}` of a tool that is not known here", found.table),
    };
    list(found.iter().map(one), ", ")
}
