//! The one JSON object that a command prints with `--json`.

use migration_kit::sql::Effects;
use schemars::{JsonSchema, Schema, generate::SchemaSettings};
use serde::Serialize;
use serde_json::Value;

use crate::failure::{DatabaseInfo, Failure, NextAction, Place};

/// What every command prints.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Envelope<T> {
    /// `migration/COMMAND@VERSION`: what `data` looks like. `migration schema COMMAND` prints it.
    schema: String,
    /// Whether the exit code is 0; then `error` is `null`, else it isn't.
    ok: bool,
    /// The command.
    command: &'static str,
    /// What the command found or did; `null` where an error came before there was anything to say.
    data: Option<T>,
    /// Why the exit code isn't 0.
    error: Option<ErrorBody>,
    /// What to do next, the best idea first.
    next_actions: Vec<NextAction>,
}

/// An error, for programs.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ErrorBody {
    /// From a closed list.
    code: &'static str,
    /// What failed.
    message: String,
    /// The causes, such as what the database said.
    why: Option<String>,
    /// Where it is.
    #[serde(rename = "where")]
    place: Option<Place>,
    /// Which database said no.
    database: Option<DatabaseInfo>,
    /// What is in effect, found by looking; `null` for a command that changes nothing.
    effects: Option<Effects>,
}

impl<T> Envelope<T> {
    pub(crate) fn new(
        command: &'static str,
        data: Option<T>,
        failure: Option<&Failure>,
        next_actions: Vec<NextAction>,
    ) -> Self {
        Self {
            schema: format!("migration/{command}@1"),
            ok: failure.is_none(),
            command,
            data,
            error: failure.map(ErrorBody::from),
            next_actions,
        }
    }
}

impl From<&Failure> for ErrorBody {
    fn from(failure: &Failure) -> Self {
        Self {
            code: failure.code,
            message: failure.message.clone(),
            why: failure.why.clone(),
            place: failure.place.clone(),
            database: failure.database.clone(),
            effects: failure.stated_effects(),
        }
    }
}

/// The JSON Schema of the envelope that `command` prints around a `T`.
pub(crate) fn schema_of<T: JsonSchema>(command: &str) -> Schema {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let mut schema = settings.into_generator().into_root_schema_for::<Envelope<T>>();
    schema.insert("title".to_owned(), format!("migration {command} --json").into());
    let of_all = schema.get_mut("properties").and_then(|properties| properties.get_mut("schema"));
    if let Some(Value::Object(of_all)) = of_all {
        of_all.insert("const".to_owned(), format!("migration/{command}@1").into());
    }
    schema
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use migration_kit::sql::{EffectState, MigrationEffect};

    use super::*;

    #[test]
    fn all_keys_are_always_there() {
        let envelope = Envelope::new("status", Some(7), None, Vec::new());
        expect![[r#"{"schema":"migration/status@1","ok":true,"command":"status","data":7,"error":null,"next_actions":[]}"#]].assert_eq(&serde_json::to_string(&envelope).unwrap());
    }

    #[test]
    fn an_error_with_everything() {
        let mut failure = Failure::new("apply.statement_failed", "migration `1` failed")
            .because("no such table: t")
            .at(Place { file: Some("1/up.sql".into()), line: Some(4), column: Some(31), statement: Some(2) });
        failure.database =
            Some(DatabaseInfo { engine: "sqlite".into(), sqlstate: None, blocked_by: Vec::new() });
        failure.effects = Some(Effects {
            state: EffectState::None,
            migrations: [("1".to_owned(), MigrationEffect::RolledBack)].into(),
        });
        let actions = vec![NextAction::run("try again", "migration up"), NextAction::manual("correct it")];
        let envelope = Envelope::<()>::new("up", None, Some(&failure), actions);
        expect![[r#"
            {
              "schema": "migration/up@1",
              "ok": false,
              "command": "up",
              "data": null,
              "error": {
                "code": "apply.statement_failed",
                "message": "migration `1` failed",
                "why": "no such table: t",
                "where": {
                  "file": "1/up.sql",
                  "line": 4,
                  "column": 31,
                  "statement": 2
                },
                "database": {
                  "engine": "sqlite",
                  "sqlstate": null
                },
                "effects": {
                  "state": "none",
                  "migrations": {
                    "1": "rolled_back"
                  }
                }
              },
              "next_actions": [
                {
                  "kind": "run-command",
                  "label": "try again",
                  "command": "migration up"
                },
                {
                  "kind": "manual",
                  "label": "correct it",
                  "command": null
                }
              ]
            }"#]]
        .assert_eq(&serde_json::to_string_pretty(&envelope).unwrap());
    }

    #[test]
    fn a_command_that_changes_things_says_that_nothing_was_begun() {
        let failure = Failure::new("load.duplicate", "twice").before_any_run();
        let json = serde_json::to_value(Envelope::<()>::new("up", None, Some(&failure), Vec::new())).unwrap();
        assert_eq!(json["error"]["effects"], serde_json::json!({"state": "none", "migrations": {}}));
        assert_eq!(failure.exit(), crate::exit::Exit::Usage);
    }

    #[test]
    fn the_schema_names_the_parts() {
        let schema = schema_of::<u8>("up");
        let properties = schema.get("properties").unwrap();
        assert_eq!(properties["schema"]["const"], "migration/up@1");
        for key in ["schema", "ok", "command", "data", "error", "next_actions"] {
            assert!(properties.get(key).is_some(), "{key}");
        }
    }
}
