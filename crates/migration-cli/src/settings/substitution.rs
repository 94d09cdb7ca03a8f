//! The settings that let values into migrations: Flyway's placeholders, goose's environment.

use std::env;

use migration_kit::lineage::names_a_secret;
use migration_kit::sql::{LoadOptions, PlaceholderValue, Placeholders};

use super::{Environment, Origin, Settings, Sourced};
use crate::config_file::{FilePlaceholder, FilePlaceholders};
use crate::failure::Result;

impl Settings {
    /// How the directory is read.
    pub(crate) fn load_options(&self) -> LoadOptions {
        let mut options = LoadOptions::from(self.layout.value.0);
        // A URL that is none is an error of whoever connects.
        options.dialect = self.url().ok().map(|url| url.dialect());
        options.placeholders.clone_from(&self.placeholders.value);
        options.environment = self.env_substitution.value.then(|| {
            // What is no text is no variable for a migration.
            env::vars_os()
                .filter_map(|(name, value)| name.into_string().ok().zip(value.into_string().ok()))
                .collect()
        });
        options
    }
}

/// Those of the file, and in their place or beside them those of flags. A variable that is not set gives no value: who
/// wants it is told so.
pub(super) fn placeholders(
    flags: &[(String, String)],
    file: Option<Sourced<FilePlaceholders>>,
    environment: &Environment<'_>,
) -> Result<Sourced<Option<Placeholders>>> {
    let origin = match (flags, &file) {
        ([], None) => return Ok(Sourced { value: None, origin: Origin::Default }),
        ([], Some(file)) => file.origin.clone(),
        _ => Origin::Flag("--placeholder"),
    };
    let mut placeholders = Placeholders::default();
    let FilePlaceholders { prefix, suffix, values } = file.map(|file| file.value).unwrap_or_default();
    placeholders.prefix = prefix.unwrap_or(placeholders.prefix);
    placeholders.suffix = suffix.unwrap_or(placeholders.suffix);
    for (name, value) in values {
        let value = match value {
            FilePlaceholder::Text(text) => Some(PlaceholderValue { text, secret: names_a_secret(&name) }),
            FilePlaceholder::Environment(variable) => {
                environment.named(&variable)?.map(|text| PlaceholderValue { text, secret: true })
            }
        };
        placeholders.values.extend(value.map(|value| (name, value)));
    }
    for (name, text) in flags {
        placeholders.values.retain(|known, _| !known.eq_ignore_ascii_case(name));
        let value = PlaceholderValue { text: text.clone(), secret: names_a_secret(name) };
        placeholders.values.insert(name.clone(), value);
    }
    Ok(Sourced { value: Some(placeholders), origin })
}

pub(super) fn environment(flag: bool, file: Option<Sourced<bool>>) -> Sourced<bool> {
    match (flag, file) {
        (true, _) => Sourced { value: true, origin: Origin::Flag("--env-substitution") },
        (false, Some(file)) => file,
        (false, None) => Sourced { value: false, origin: Origin::Default },
    }
}
