//! A migration's `metadata.toml`, in diesel's layout.

use std::path::Path;

use migration_model::message;
use serde::Deserialize;

use super::LoadError;
use super::read::place;

/// What a `metadata.toml` says. Diesel knows the first key, the others are ours; it ignores those.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Metadata {
    pub(super) run_in_transaction: Option<bool>,
    pub(super) description: Option<String>,
    #[serde(default)]
    pub(super) depends_on: Vec<String>,
}

const KEYS: [&str; 3] = ["run_in_transaction", "description", "depends_on"];

impl Metadata {
    /// Reads the text of the file, and appends to `warnings` what is odd about it.
    pub(super) fn parse(text: &str, path: &Path, warnings: &mut Vec<String>) -> Result<Self, LoadError> {
        let refuse = |error: toml::de::Error| {
            let (line, column) = place(text.as_bytes(), error.span().map_or(0, |span| span.start));
            LoadError::InvalidToml { path: path.to_owned(), line, column, source: error.message().into() }
        };
        let keys: toml::Table = toml::from_str(text).map_err(refuse)?;
        let metadata: Self = toml::from_str(text).map_err(refuse)?;
        for key in keys.keys().filter(|key| !KEYS.contains(&key.as_str())) {
            warnings.push(format!(
                "`{}`: unknown key `{}` (known: {})",
                path.display(),
                message::clip(key),
                KEYS.join(", ")
            ));
        }
        if metadata.run_in_transaction.is_none() {
            // Its manual says that the key is optional and true by default; its code takes a file without it for false.
            warnings.push(format!(
                "`{}` does not say `run_in_transaction`: taken for true, but diesel's own runner takes it for false",
                path.display()
            ));
        }
        Ok(metadata)
    }

    /// The text of a file that says this.
    pub(super) fn to_toml(description: Option<&str>, depends_on: &[String]) -> String {
        Self::text(true, description, depends_on)
    }

    /// The same for a migration that may run in no transaction.
    pub(super) fn text(in_transaction: bool, description: Option<&str>, depends_on: &[String]) -> String {
        // In the order of the names, whether or not another crate of the build asks `toml` to keep that of insertion.
        let mut table = toml::Table::new();
        if !depends_on.is_empty() {
            table.insert("depends_on".into(), depends_on.to_vec().into());
        }
        if let Some(description) = description {
            table.insert("description".into(), description.into());
        }
        table.insert("run_in_transaction".into(), in_transaction.into());
        table.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let text = Metadata::to_toml(Some("say \"hi\"\nö"), &["a'b".to_owned()]);
        let mut warnings = Vec::new();
        let read = Metadata::parse(&text, Path::new("m"), &mut warnings).unwrap();
        assert_eq!(read.run_in_transaction, Some(true));
        assert_eq!(read.description.as_deref(), Some("say \"hi\"\nö"));
        assert_eq!(read.depends_on, ["a'b"]);
        assert_eq!(warnings, [""; 0]);
    }
}
