//! Chains from text.

use std::fs;
use std::path::Path;

use serde::Deserialize;

use super::{Hash, Lookup, Spec, Step, Table};
use crate::error::Error;
use crate::value::{MAX_DEPTH, Value, scan};

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

    /// Reads a chain from TOML.
    ///
    /// # Errors
    /// If it is no TOML or no chain; the message names the step, counted from 1.
    #[cfg(feature = "toml")]
    pub fn from_toml(text: &str) -> Result<Self, Error> {
        let value = toml::from_str(text)
            .map_err(|source| Error::Syntax { language: "TOML", source: Box::new(source) })?;
        Self::from_value(&value)
    }

    /// Reads a chain from JSON.
    ///
    /// # Errors
    /// As [`Self::from_toml`].
    pub fn from_json(text: &str) -> Result<Self, Error> {
        let value = Value::from_json(text).map_err(|_| Error::Json { line: json_error_line(text) })?;
        Self::from_value(&value)
    }

    /// Reads a chain from YAML.
    ///
    /// # Errors
    /// As [`Self::from_toml`].
    #[cfg(feature = "yaml")]
    pub fn from_yaml(text: &str) -> Result<Self, Error> {
        let value = serde_saphyr::from_str(text)
            .map_err(|source| Error::Syntax { language: "YAML", source: Box::new(source) })?;
        Self::from_value(&value)
    }

    /// What a tree of values says.
    ///
    /// # Errors
    /// If it is no chain; the message names the step, counted from 1.
    pub fn from_value(value: &Value) -> Result<Self, Error> {
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

/// The line in which a text stops being JSON.
fn json_error_line(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = scan::blanks_end(bytes, 0);
    // If one value is all right, something comes after it, and that is what is wrong.
    let _ = scan::walk(bytes, &mut at, MAX_DEPTH);
    let at = scan::blanks_end(bytes, at);
    bytes[..at.min(bytes.len())].iter().filter(|byte| **byte == b'\n').count() + 1
}
