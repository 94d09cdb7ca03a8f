//! What to do about an error: commands that run as they stand, else a word of advice.

mod adopt;

use migration_kit::model::MigrationDirection;
use migration_kit::sql::{
    DatabaseError, DatabaseErrorKind, EffectState, Error, LoadError, MigrationEffect, RunFailure,
};

use migration_kit::syntax::Dialect;

use crate::call::Call;
use crate::failure::NextAction;
use crate::shell::quote;

/// How many migrations get a command of their own.
const MOST: usize = 3;

/// Commands that can be repeated by their bare name.
const TRIED_AGAIN: [&str; 6] = ["up", "down", "redo", "status", "plan", "verify"];

/// What to do about an error of the library.
pub(crate) fn for_error(error: &Error, call: &Call) -> Vec<NextAction> {
    let run = |label: &str, words: &[&str]| NextAction::run(label, call.command(words));
    let manual = |label: &str| NextAction::manual(label);
    match error {
        Error::Load(error) => for_load(error),
        Error::Adopt(error) => adopt::advice(error, call),
        Error::FeatureMissing { feature, .. } => {
            vec![manual(&format!("use a build that has the feature `{feature}`"))]
        }
        Error::NoSuchDatabase { create, .. } => {
            let words: Vec<String> = create.iter().map(|word| quote(word)).collect();
            let label = "create it, with the password in PGPASSWORD or MYSQL_PWD where one is needed";
            vec![NextAction::run(label, words.join(" "))]
        }
        Error::Connect { source, .. } => match world(source) {
            Some(label) => vec![manual(label)],
            None => vec![run("wait until the database answers", &["wait"])],
        },
        Error::Database { source, .. } => world(source).map(manual).into_iter().collect(),
        Error::NoSuchSchema { .. } => {
            vec![run("create it and apply all migrations", &["up", "--create-schema"])]
        }
        Error::SchemasUnsupported { .. } => vec![manual("name another file in the URL for each")],
        Error::OtherEnvironment { marked, named } => other_environment(marked, named.as_deref(), call),
        Error::DatabaseMissing { .. } => vec![run("create it and apply all migrations", &["up"])],
        Error::Locked { .. } if TRIED_AGAIN.contains(&call.name) => {
            vec![run("try again and wait longer", &[call.name, "--lock-timeout", "120"])]
        }
        Error::Locked { .. } => vec![manual("try again, and wait longer with --lock-timeout SECONDS")],
        Error::UnknownMigration { similar, .. } => {
            let mut actions = vec![run("see which migrations there are", &["status"])];
            if let Some(similar) = similar {
                actions.insert(0, manual(&format!("use `{similar}`")));
            }
            actions
        }
        Error::Changed { changed } => {
            let accept = |id: &str| {
                let label = "if the edit is right and the database needs no change";
                NextAction::run(label, call.command(&["repair", "--accept", id]))
            };
            let mut actions: Vec<_> = changed.iter().take(MOST).map(|changed| accept(&changed.id)).collect();
            actions.push(manual("else undo the edit, and write a new migration for the change"));
            actions
        }
        Error::MissingFiles { ids, renamed } => missing_files(ids, renamed, call),
        Error::OutOfOrder { .. } => vec![
            run(
                "if they can run after those that are applied",
                &[if call.name == "plan" { "plan" } else { "up" }, "--out-of-order", "apply"],
            ),
            manual("else give them versions that come after those that are applied"),
        ],
        Error::DependencyNotApplied { .. } => vec![run("apply all that is pending, in order", &["up"])],
        Error::DependentApplied { .. } => vec![run("see what is applied", &["status"])],
        Error::AlreadyApplied { .. } | Error::NotApplied { .. } => {
            vec![run("see where every migration stands", &["status"])]
        }
        Error::Irreversible { .. } => vec![manual("write the down part, or undo it in a new migration")],
        Error::PartialChanged { id, .. } => {
            let mut actions = vec![manual("undo the edit of the statements that are in effect, and go on")];
            actions.extend(decide(id, call));
            actions
        }
        Error::Undecided { id, .. } => decide(id, call).into(),
        Error::PartialOtherWay { was_going, .. } => vec![run("finish what was cut off", &[was_going])],
        Error::Split { path: Some(path), .. } | Error::TransactionControl { path: Some(path), .. } => {
            vec![manual(&format!("correct {}", path.display()))]
        }
        Error::RowFailed { id, .. } => decide(id, call).into(),
        Error::NotAtomic { .. } => vec![run("without one transaction for all", &["up"])],
        Error::ForeignTable { .. } => vec![manual("set `history_table` in migration.toml to another name")],
        Error::Hook { hook, report, .. } => vec![
            NextAction::manual(format!(
                "see why the hook `{hook}` fails, or let it only warn: `on_error = \"warn\"`"
            )),
            run("then go on", &[report.direction.as_str()]),
        ],
        Error::Failed(failure) => after_failure(failure, call),
        Error::Interrupted { report, .. } => vec![run("go on", &[report.direction.as_str()])],
        _ => Vec::new(),
    }
}

/// What to do about a directory that can't be used.
pub(crate) fn for_load(error: &LoadError) -> Vec<NextAction> {
    let correct = || error.location().map(|(path, ..)| format!("correct {}", path.display()));
    let label = match error.code() {
        "load.directory_missing" => {
            Some("name another directory with --dir, or make it with `migration new NAME`".to_owned())
        }
        "load.ambiguous_layout" | "load.unknown_layout" | "load.foreign_layout" => {
            Some("name the layout with --layout, or move what does not belong there".to_owned())
        }
        "load.checksum_mismatch" => {
            Some("undo the edit, and write a new migration for the change".to_owned())
        }
        "load.duplicate_id" | "load.duplicate_version" => Some("rename one of them".to_owned()),
        "load.unset_value" => Some(
            "give it a value: --placeholder NAME=VALUE, [placeholders] in migration.toml, or the variable"
                .to_owned(),
        ),
        "load.unreadable" | "load.not_a_directory" | "load.symlink_loop" => None,
        code if code.starts_with("load.") => correct(),
        _ => None,
    };
    label.map(NextAction::manual).into_iter().collect()
}

/// The two decisions about a migration whose state only a person can know.
pub(crate) fn decide(id: &str, call: &Call) -> [NextAction; 2] {
    [
        NextAction::run(
            format!("if all of {id} is in effect"),
            call.command(&["repair", "--mark-applied", id]),
        ),
        NextAction::run(
            format!("if nothing of {id} is in effect"),
            call.command(&["repair", "--mark-pending", id]),
        ),
    ]
}

/// What the world has to be changed to, where no statement is to blame.
fn world(error: &DatabaseError) -> Option<&'static str> {
    match error.kind {
        DatabaseErrorKind::ReadOnly if error.dialect != Dialect::Sqlite => {
            Some("name the server that takes writes, or end its read-only mode")
        }
        DatabaseErrorKind::Full => Some("free some disk space"),
        DatabaseErrorKind::ReadOnly => Some("see that the database and its folder can be written"),
        DatabaseErrorKind::CantOpen => Some("see that the folder exists and can be written"),
        DatabaseErrorKind::NotADatabase => Some("name a SQLite file, or move this one out of the way"),
        DatabaseErrorKind::Io => Some("see that the disk works and has room"),
        DatabaseErrorKind::Corrupt => Some("restore the database from a backup"),
        DatabaseErrorKind::Denied => {
            Some("see that the user is right, has this password, and has the rights that it needs")
        }
        DatabaseErrorKind::TooOld => Some("use a newer server"),
        _ => None,
    }
}

fn other_environment(marked: &str, named: Option<&str>, call: &Call) -> Vec<NextAction> {
    let mut actions = vec![match named {
        Some(_) => {
            NextAction::manual("name the database of this environment, or the environment of this database")
        }
        None => NextAction::run(format!("if {marked} is meant"), call.command(&[call.name, "--env", marked])),
    }];
    if let Some(named) = named {
        let label = format!("if this database is not {marked} any more, but {named}");
        actions.push(NextAction::run(label, call.command(&["mark", "--confirm", marked])));
    }
    actions
}

fn missing_files(ids: &[String], renamed: &[(String, String)], call: &Call) -> Vec<NextAction> {
    let mut actions = Vec::new();
    for (old, new) in renamed.iter().take(MOST) {
        let forget = call.command(&["repair", "--mark-pending", old]);
        let record = call.command(&["repair", "--mark-applied", new]);
        actions
            .push(NextAction::run(format!("if {old} was renamed to {new}"), format!("{forget} && {record}")));
    }
    if renamed.len() < ids.len() {
        actions.push(NextAction::manual("bring the file back, for example from version control"));
    }
    if ["up", "down", "plan"].contains(&call.name) {
        actions.push(NextAction::run("go on without it", call.command(&[call.name, "--ignore-missing"])));
    }
    actions
}

fn after_failure(failure: &RunFailure, call: &Call) -> Vec<NextAction> {
    let direction = failure.report.direction;
    let of_world = match failure.cause.kind {
        // The script may do what it should not.
        DatabaseErrorKind::Denied if failure.place.statement.is_some() => None,
        _ => world(&failure.cause),
    };
    let correct = match (of_world, failure.cause.kind, &failure.place.path) {
        (Some(label), ..) => Some(label.to_owned()),
        (None, DatabaseErrorKind::Busy | DatabaseErrorKind::ConnectionLost, _) => None,
        (None, _, Some(path)) => Some(format!("correct {}", path.display())),
        (None, _, None) => Some(format!("correct {}", failure.migration)),
    };
    let mut actions: Vec<_> = correct.map(NextAction::manual).into_iter().collect();
    let label = match (failure.report.effects.state, direction) {
        (EffectState::Partial, _) => "then go on from there",
        (_, MigrationDirection::Up) => "then apply again",
        (_, MigrationDirection::Down) => "then roll back again",
    };
    let label = if actions.is_empty() { label.trim_start_matches("then ") } else { label };
    let patient =
        ["--lock-timeout", "120"].into_iter().filter(|_| failure.cause.kind == DatabaseErrorKind::Busy);
    let words: Vec<&str> = [direction.as_str()].into_iter().chain(patient).collect();
    actions.push(NextAction::run(label, call.command(&words)));
    let cut_off =
        |effect: &MigrationEffect| matches!(effect, MigrationEffect::Partial | MigrationEffect::Unknown);
    if failure.report.effects.migrations.values().any(cut_off) {
        actions.push(NextAction::run("see what is in effect", call.command(&["repair"])));
    }
    actions
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;
    use crate::args::GlobalArgs;

    fn check(error: &Error, expected: &Expect) {
        let call = Call::new(&GlobalArgs::default(), "up");
        let lines = for_error(error, &call).into_iter().map(|action| match action.command {
            Some(command) => format!("{}: `{command}`\n", action.label),
            None => format!("{}\n", action.label),
        });
        expected.assert_eq(&lines.collect::<String>());
    }

    #[test]
    fn drift() {
        let missing =
            Error::MissingFiles { ids: vec!["1 a".into()], renamed: vec![("1 a".into(), "1_a".into())] };
        check(
            &missing,
            &expect![[r#"
            if 1 a was renamed to 1_a: `migration repair --mark-pending '1 a' && migration repair --mark-applied 1_a`
            go on without it: `migration up --ignore-missing`
        "#]],
        );
        check(
            &Error::MissingFiles { ids: vec!["1".into()], renamed: Vec::new() },
            &expect![[r#"
            bring the file back, for example from version control
            go on without it: `migration up --ignore-missing`
        "#]],
        );
    }

    #[test]
    fn decisions() {
        check(
            &Error::RowFailed { id: "o'1".into(), table: "t".into() },
            &expect![[r#"
            if all of o'1 is in effect: `migration repair --mark-applied 'o'\''1'`
            if nothing of o'1 is in effect: `migration repair --mark-pending 'o'\''1'`
        "#]],
        );
        check(
            &Error::UnknownMigration { id: "x".into(), similar: Some("y".into()) },
            &expect![[r#"
            use `y`
            see which migrations there are: `migration status`
        "#]],
        );
    }
}
