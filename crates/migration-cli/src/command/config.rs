//! `migration config show`: the settings in force and where each comes from.

use std::fmt::Display;
use std::time::Duration;

use migration_kit::sql::Placeholders;
use schemars::JsonSchema;
use serde::Serialize;

use crate::context::Context;
use crate::failure::Result;
use crate::outcome::{CommandData, Outcome};
use crate::screen::View;
use crate::settings::{Settings, Sourced};
use crate::table;

/// The settings.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ConfigData {
    settings: Vec<Setting>,
}

/// One setting.
#[derive(Debug, Serialize, JsonSchema)]
struct Setting {
    /// Its name in `migration.toml`; `config` is that file itself, `env` the environment that was chosen.
    key: &'static str,
    /// Its value, a password masked; `null` when it isn't set.
    value: Option<String>,
    /// Where the value comes from: `flag …`, `environment …`, `file …` or `default`.
    source: String,
}

impl CommandData for ConfigData {
    fn render(&self, _view: View) -> String {
        table::of_rows(self.settings.iter().map(|setting| {
            let value = setting.value.clone().unwrap_or_else(|| "(not set)".to_owned());
            vec![setting.key.to_owned(), value, setting.source.clone()]
        }))
    }
}

pub(crate) fn run(context: &Context) -> Result<Outcome<ConfigData>> {
    Ok(Outcome::done(ConfigData { settings: rows(context.settings()?) }))
}

fn rows(settings: &Settings) -> Vec<Setting> {
    let unset = |key| Setting { key, value: None, source: "default".to_owned() };
    let seconds = |key, setting: &Sourced<Option<Duration>>| Setting {
        key,
        value: setting.value.map(|timeout| timeout.as_secs_f64().to_string()),
        source: setting.origin.to_string(),
    };
    let text = |key, setting: &Sourced<Option<String>>| Setting {
        key,
        value: setting.value.clone(),
        source: setting.origin.to_string(),
    };
    let layout = settings.layout.value.0.map_or_else(|| "auto".to_owned(), |layout| layout.to_string());
    vec![
        settings.config.as_ref().map_or(unset("config"), |file| row("config", file, file.value.display())),
        settings.env.as_ref().map_or(unset("env"), |env| row("env", env, &env.value)),
        settings.database_url.as_ref().map_or(unset("database_url"), |url| {
            // What is no URL may be a password by itself.
            let shown = match settings.url() {
                Ok(url) => url.to_string(),
                Err(failure) if failure.code == "url.invalid" => "(not a database URL)".to_owned(),
                Err(failure) => format!("({})", failure.message),
            };
            let source = format!("{}{}", url.origin, url.value.way());
            Setting { source, ..row("database_url", url, shown) }
        }),
        row("dir", &settings.dirs, settings.shown_dirs()),
        row("layout", &settings.layout, layout),
        row("history_table", &settings.history_table, &settings.history_table.value),
        row("journal_table", &settings.journal_table, &settings.journal_table.value),
        row("environment_table", &settings.environment_table, &settings.environment_table.value),
        text("history_schema", &settings.history_schema),
        text("schema", &settings.schema),
        seconds("lock_timeout", &settings.lock_timeout),
        row("lock_retries", &settings.lock_retries, settings.lock_retries.value),
        seconds("statement_timeout", &settings.statement_timeout),
        row("ignore_missing", &settings.ignore_missing, settings.ignore_missing.value),
        row("out_of_order", &settings.out_of_order, settings.out_of_order.value.as_str()),
        placeholders("placeholders", settings, |given| {
            let each = given.values.iter().map(|(name, value)| {
                format!("{name}={}", if value.secret { "***" } else { value.text.as_str() })
            });
            each.collect::<Vec<_>>().join(", ")
        }),
        placeholders("placeholder_prefix", settings, |given| given.prefix.clone()),
        placeholders("placeholder_suffix", settings, |given| given.suffix.clone()),
        row("env_substitution", &settings.env_substitution, settings.env_substitution.value),
        row("protected", &settings.protected, settings.protected.value),
    ]
}

/// What is said of placeholders where there are any.
fn placeholders(key: &'static str, settings: &Settings, shown: impl Fn(&Placeholders) -> String) -> Setting {
    let source = settings.placeholders.origin.to_string();
    Setting { key, value: settings.placeholders.value.as_ref().map(shown), source }
}

fn row<T>(key: &'static str, setting: &Sourced<T>, value: impl Display) -> Setting {
    Setting { key, value: Some(value.to_string()), source: setting.origin.to_string() }
}
