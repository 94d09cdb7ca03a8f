//! Chains from text.

use std::fs;
use std::path::Path;

use serde::Deserialize;

use super::{Hash, Lookup, Spec, Step, Table};
use crate::error::Error;
use crate::value::Value;

impl Spec {
    /// Reads a chain from a file: `.toml`, `.json`, `.yaml` or `.yml`. The files that its steps name are looked for in its
    /// folder.
    ///
    /// # Errors
    /// If it can't be read, is in none of these languages or in one that isn't built in, or is no chain.
    pub fn from_file(path: &Path) -> Result<Self, Error> {
        let text =
            fs::read_to_string(path).map_err(|source| Error::Unreadable { path: path.to_owned(), source })?;
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        let mut spec = match extension.to_ascii_lowercase().as_str() {
            "json" => Self::from_json(&text),
            #[cfg(feature = "toml")]
            "toml" => Self::from_toml(&text),
            #[cfg(feature = "yaml")]
            "yaml" | "yml" => Self::from_yaml(&text),
            #[cfg(not(feature = "toml"))]
            "toml" => Err(Error::NotBuiltIn { path: path.to_owned(), feature: "toml" }),
            #[cfg(not(feature = "yaml"))]
            "yaml" | "yml" => Err(Error::NotBuiltIn { path: path.to_owned(), feature: "yaml" }),
            _ => Err(Error::UnknownLanguage { path: path.to_owned() }),
        }?;
        if let Some(folder) = path.parent() {
            spec.relative_to(folder);
        }
        Ok(spec)
    }

    /// Looks for the files that steps name in this folder, unless their paths are absolute.
    pub fn relative_to(&mut self, folder: &Path) {
        for step in &mut self.steps {
            match step {
                Step::Lookup(Lookup { table: Table::File(path), .. })
                | Step::Hash(Hash { key_file: Some(path), .. }) => {
                    *path = folder.join(&*path);
                }
                _ => {}
            }
        }
    }

    /// Reads a chain from TOML. Numbers keep the digits that they are written with; so do those of the other languages.
    ///
    /// # Errors
    /// If it is no TOML or no chain; the message names the step, counted from 1.
    #[cfg(feature = "toml")]
    pub fn from_toml(text: &str) -> Result<Self, Error> {
        let value = super::toml::read(without_mark(text))?;
        Self::from_value(&value)
    }

    /// Reads a chain from JSON.
    ///
    /// # Errors
    /// As [`Self::from_toml`].
    pub fn from_json(text: &str) -> Result<Self, Error> {
        let value = super::json::read(without_mark(text))?;
        Self::from_value(&value)
    }

    /// Reads a chain from YAML 1.2, by its core schema: `no`, `on` and `y` are texts.
    ///
    /// # Errors
    /// As [`Self::from_toml`].
    #[cfg(feature = "yaml")]
    pub fn from_yaml(text: &str) -> Result<Self, Error> {
        let value = super::yaml::read(without_mark(text))?;
        Self::from_value(&value)
    }

    /// What a tree of values says.
    ///
    /// # Errors
    /// If it is no chain; the message names the step, counted from 1.
    pub fn from_value(value: &Value) -> Result<Self, Error> {
        // What steps write has the fewest escapes, and no blanks, in whatever language the chain is.
        let value = &value.clone().rewritten();
        if value.is_null() {
            return Err(Error::Spec { why: "there is nothing in it".to_owned() });
        }
        if let Value::Object(spec) = value
            && let Some(Value::Array(steps)) = spec.get("step").or_else(|| spec.get("steps"))
        {
            for (place, step) in steps.iter().enumerate() {
                let wrong = |why| Error::Step { step: place + 1, why };
                let step = Step::deserialize(step).map_err(|error| wrong(error.to_string()))?;
                step.check().map_err(wrong)?;
            }
        }
        Self::deserialize(value).map_err(|error| Error::Spec { why: error.to_string() })
    }
}

/// A text without the byte order mark that it may begin with.
fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}
