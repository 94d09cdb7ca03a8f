//! Which environment is meant, and what it says before the rest of the file does.

use std::path::Path;

use super::{Environment, Origin, Sourced};
use crate::args::GlobalArgs;
use crate::config_file::FileSettings;
use crate::failure::{Failure, NextAction, Result};

/// The environment that was chosen: by flag, by variable, else the file's own choice.
///
/// # Errors
/// `environment.unknown` for one that the file doesn't have.
pub(super) fn choose(
    flags: &GlobalArgs,
    environment: &Environment<'_>,
    file: &FileSettings,
    path: &Path,
) -> Result<Option<Sourced<String>>> {
    let by_flag = flags.env.clone().map(|value| Sourced { value, origin: Origin::Flag("--env") });
    let by_variable = environment.text("MIGRATION_ENV")?;
    let by_variable =
        by_variable.map(|value| Sourced { value, origin: Origin::Environment("MIGRATION_ENV") });
    let by_file = file.default_env.clone();
    let by_file = by_file.map(|value| Sourced { value, origin: Origin::File(path.to_owned()) });
    let chosen = by_flag.or(by_variable).or(by_file);
    let Some(unknown) = chosen.as_ref().filter(|chosen| !file.env.contains_key(&chosen.value)) else {
        return Ok(chosen);
    };
    let known: Vec<&str> = file.env.keys().map(String::as_str).collect();
    let why = match (known.as_slice(), path.as_os_str().is_empty()) {
        ([], true) => "there is no settings file that has environments".to_owned(),
        ([], false) => format!("{} has no environments", path.display()),
        (known, _) => format!("{} has: {}", path.display(), known.join(", ")),
    };
    let name = &unknown.value;
    Err(Failure::new("environment.unknown", format!("there is no environment `{name}`"))
        .because(format!("{why} (it was named by: {})", unknown.origin))
        .advise(NextAction::manual(format!(
            "name one that there is, or write `[env.{name}]` into migration.toml"
        ))))
}

/// The two places of a file in which a setting can stand: the section of the environment goes first.
pub(super) struct Layers<'a> {
    pub(super) path: &'a Path,
    pub(super) name: Option<&'a str>,
}

impl Layers<'_> {
    pub(super) fn pick<T>(&self, section: Option<T>, file: Option<T>) -> Option<Sourced<T>> {
        let path = || self.path.to_owned();
        match (section, file) {
            (Some(value), _) => {
                let origin = Origin::Section(path(), self.name.unwrap_or_default().to_owned());
                Some(Sourced { value, origin })
            }
            (None, Some(value)) => Some(Sourced { value, origin: Origin::File(path()) }),
            (None, None) => None,
        }
    }
}
