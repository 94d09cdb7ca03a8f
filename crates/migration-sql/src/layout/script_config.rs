//! The file that Flyway reads beside a script: `V1__name.sql.conf`.

use std::path::Path;

use super::LoadError;

/// What a script's own settings say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ScriptConfig {
    pub(super) execute_in_transaction: bool,
    pub(super) placeholder_replacement: bool,
}

impl Default for ScriptConfig {
    fn default() -> Self {
        Self { execute_in_transaction: true, placeholder_replacement: true }
    }
}

impl ScriptConfig {
    /// Reads lines of the form `key=value`; those that begin with `#` are comments.
    ///
    /// # Errors
    /// [`LoadError::Unsupported`] for anything that would make Flyway do what we can't: another encoding than UTF-8,
    /// `shouldExecute`, a key that neither knows, a value that is neither true nor false.
    pub(super) fn parse(text: &str, path: &Path) -> Result<Self, LoadError> {
        let mut config = Self::default();
        for (number, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let refuse = |what: String| LoadError::Unsupported {
                path: path.to_owned(),
                line: Some(number + 1),
                column: Some(1),
                what,
            };
            let Some((key, value)) = line.split_once('=') else {
                return Err(refuse("a line that is not of the form `key=value`".into()));
            };
            let (key, value) = (key.trim(), value.trim());
            let flag = || match value.to_ascii_lowercase().as_str() {
                "true" => Ok(true),
                "false" => Ok(false),
                _ => Err(refuse(format!("`{key}` must be true or false"))),
            };
            match key {
                "executeInTransaction" => config.execute_in_transaction = flag()?,
                "placeholderReplacement" => config.placeholder_replacement = flag()?,
                "encoding"
                    if ["utf-8", "utf8", "us-ascii"].contains(&value.to_ascii_lowercase().as_str()) => {}
                "encoding" => return Err(refuse("an encoding other than UTF-8 is not read".into())),
                "shouldExecute" => {
                    return Err(refuse(
                        "`shouldExecute`, a condition that Flyway evaluates, is not known here".into(),
                    ));
                }
                _ => return Err(refuse("a key that Flyway doesn't know in the settings of a script".into())),
            }
        }
        Ok(config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<ScriptConfig, String> {
        ScriptConfig::parse(text, Path::new("c")).map_err(|error| error.to_string())
    }

    #[test]
    fn keys_and_values() {
        assert_eq!(parse(""), Ok(ScriptConfig::default()));
        let config =
            parse("# why\r\n executeInTransaction = FALSE\r\nencoding=UTF-8\nplaceholderReplacement=false");
        assert_eq!(
            config,
            Ok(ScriptConfig { execute_in_transaction: false, placeholder_replacement: false })
        );
        for text in
            ["executeInTransaction=no", "shouldExecute=true", "encoding=ISO-8859-1", "mixed=true", "x"]
        {
            let error = parse(&format!("\n{text}\n")).unwrap_err();
            assert!(error.starts_with("`c` line 2: "), "{error}");
        }
    }
}
