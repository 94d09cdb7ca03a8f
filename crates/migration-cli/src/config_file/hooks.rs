//! `[[hook]]`: what runs around a run and around each migration.

use std::path::{Path, PathBuf};
use std::time::Duration;

use migration_kit::model::MigrationDirection;
use migration_kit::sql::{HookPoint, HookPolicy};
use serde::Deserialize;
use toml::Spanned;

use super::Problem;
use crate::args::parse_seconds;

/// A hook as the settings file has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HookSpec {
    /// Its name, made up from where it stands if it has none.
    pub(crate) name: String,
    pub(crate) point: HookPoint,
    pub(crate) policy: HookPolicy,
    pub(crate) direction: Option<MigrationDirection>,
    pub(crate) action: HookAction,
}

/// What a hook does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum HookAction {
    Sql(String),
    SqlFile(PathBuf),
    Command {
        /// The program and its arguments: no shell reads them.
        words: Vec<String>,
        /// Where it is run.
        folder: PathBuf,
        /// How long it may take; `None`: the default.
        timeout: Option<Duration>,
    },
}

/// The shape of one in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Raw {
    name: Option<String>,
    when: Spanned<String>,
    on_error: Option<Spanned<String>>,
    direction: Option<Spanned<String>>,
    sql: Option<String>,
    sql_file: Option<PathBuf>,
    command: Option<Spanned<Vec<String>>>,
    dir: Option<Spanned<PathBuf>>,
    timeout: Option<Spanned<toml::Value>>,
}

impl HookSpec {
    /// As it stands in a settings file of this folder: relative paths count from there.
    pub(crate) fn below(mut self, base: &Path) -> Self {
        match &mut self.action {
            HookAction::Sql(_) => {}
            HookAction::SqlFile(path) => *path = base.join(&path),
            HookAction::Command { folder, .. } => *folder = base.join(&folder),
        }
        self
    }
}

/// All hooks of a section.
pub(super) fn read(hooks: Vec<Spanned<Raw>>) -> Result<Vec<HookSpec>, Problem> {
    hooks.into_iter().enumerate().map(|(place, raw)| spec(place + 1, raw)).collect()
}

fn spec(number: usize, raw: Spanned<Raw>) -> Result<HookSpec, Problem> {
    let span = raw.span();
    let raw = raw.into_inner();
    let point = word("when", &raw.when, &HookPoint::ALL.map(|point| (point.as_str(), point)))?;
    let policies = [("fail", HookPolicy::Fail), ("warn", HookPolicy::Warn)];
    let policy = raw.on_error.as_ref().map(|text| word("on_error", text, &policies)).transpose()?;
    if let (HookPoint::OnFailure, Some(HookPolicy::Fail), Some(text)) = (point, policy, &raw.on_error) {
        let message = "`on_error`: the run has failed already: `warn` is all that there is".to_owned();
        return Err(Problem { message, span: text.span() });
    }
    let directions = [("up", MigrationDirection::Up), ("down", MigrationDirection::Down)];
    let direction = raw.direction.as_ref().map(|text| word("direction", text, &directions)).transpose()?;
    let name = raw.name.clone().unwrap_or_else(|| format!("{point} {number}"));
    let policy = policy.unwrap_or_else(|| point.default_policy());
    Ok(HookSpec { action: action(raw, span)?, name, point, policy, direction })
}

fn action(raw: Raw, span: std::ops::Range<usize>) -> Result<HookAction, Problem> {
    let only_of_commands =
        [("dir", raw.dir.as_ref().map(Spanned::span)), ("timeout", raw.timeout.as_ref().map(Spanned::span))];
    let odd = only_of_commands.into_iter().find_map(|(key, span)| Some((key, span?)));
    let action = match (raw.sql, raw.sql_file, raw.command) {
        (Some(sql), None, None) => HookAction::Sql(sql),
        (None, Some(path), None) => HookAction::SqlFile(path),
        (None, None, Some(words)) => {
            if words.get_ref().first().is_none_or(String::is_empty) {
                let message = "`command` names no program".to_owned();
                return Err(Problem { message, span: words.span() });
            }
            let seconds = raw.timeout.map(|seconds| {
                let problem =
                    |message| Problem { message: format!("`timeout`: {message}"), span: seconds.span() };
                parse_seconds(&seconds.get_ref().to_string()).map_err(problem)
            });
            return Ok(HookAction::Command {
                words: words.into_inner(),
                folder: raw.dir.map(Spanned::into_inner).unwrap_or_default(),
                timeout: seconds.transpose()?,
            });
        }
        _ => {
            let message = "a hook has just one of `sql`, `sql_file` and `command`".to_owned();
            return Err(Problem { message, span });
        }
    };
    match odd {
        Some((key, span)) => Err(Problem { message: format!("`{key}` is for a command"), span }),
        None => Ok(action),
    }
}

fn word<T: Copy>(key: &str, text: &Spanned<String>, known: &[(&str, T)]) -> Result<T, Problem> {
    let found = known.iter().find(|(word, _)| *word == text.get_ref());
    found.map(|(_, value)| *value).ok_or_else(|| {
        let words: Vec<&str> = known.iter().map(|(word, _)| *word).collect();
        Problem { message: format!("`{key}`: expected {}", words.join(", ")), span: text.span() }
    })
}
