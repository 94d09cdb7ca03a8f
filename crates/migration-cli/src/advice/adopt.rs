//! What to do where another tool's history, or a baseline, stands in the way.

use migration_kit::sql::{AdoptError, Tool};

use crate::call::Call;
use crate::failure::NextAction;

pub(super) fn advice(error: &AdoptError, call: &Call) -> Vec<NextAction> {
    let run = |label: &str, words: &[&str]| NextAction::run(label, call.command(words));
    let manual = |label: String| NextAction::manual(label);
    match error {
        AdoptError::NoHistory { .. } => vec![
            manual("if the tool keeps its history in another table, name that with --table".to_owned()),
            manual("if there is no history but the tables are there: `migration baseline ID`".to_owned()),
        ],
        AdoptError::Ambiguous { found } => {
            let tools = found.iter().filter_map(|found| found.tool);
            let action = |tool: Tool| {
                let name = tool.as_str();
                run(
                    &format!("if {name} is the tool that has run these migrations"),
                    &["adopt", "--from", name, "--dry-run"],
                )
            };
            tools.map(action).collect()
        }
        AdoptError::UnknownTable { .. } => vec![
            manual("name the tool with --from and its table with --table".to_owned()),
            manual("or say how far the database is: `migration baseline ID`".to_owned()),
        ],
        AdoptError::FailedRow { mend, .. } => {
            vec![manual((*mend).to_owned()), run("then adopt", &["adopt", "--dry-run"])]
        }
        AdoptError::Changed { .. } => {
            vec![manual("undo the edit, adopt, and write a new migration for the change".to_owned())]
        }
        AdoptError::MissingFiles { tool, .. } => vec![
            manual(
                "bring the file back, for example from version control, or name its directory with --dir"
                    .to_owned(),
            ),
            run("go on without it", &["adopt", "--from", tool.as_str(), "--ignore-missing", "--dry-run"]),
        ],
        AdoptError::SeveralFiles { .. } => {
            vec![manual("leave one file of each version in the directory".to_owned())]
        }
        AdoptError::Unfinished { .. } => vec![run("see what can be done", &["repair"])],
        AdoptError::NotTheBeginning { .. } => vec![
            run("see where every migration stands", &["status"]),
            manual("record single migrations: `migration repair --mark-applied ID`".to_owned()),
        ],
        AdoptError::ForeignTool { found } => {
            let mut actions = Vec::new();
            if found.iter().any(|found| found.tool.is_some()) {
                actions.push(run("see what could be taken over", &["adopt", "--dry-run"]));
            }
            actions.push(manual("or say how far the database is: `migration baseline ID`".to_owned()));
            if ["up", "plan"].contains(&call.name) {
                actions.push(run(
                    "if none of these migrations was ever applied",
                    &[call.name, "--ignore-foreign"],
                ));
            }
            actions
        }
        _ => Vec::new(),
    }
}
