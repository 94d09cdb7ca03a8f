//! How this process was called, as far as the commands that it suggests have to repeat it.

use migration_kit::sql::DatabaseUrl;

use crate::args::GlobalArgs;
use crate::shell::quote;

/// `migration` with the global options of this call that decide what is acted upon.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    prefix: String,
    /// The command of this call.
    pub(crate) name: &'static str,
}

impl Call {
    pub(crate) fn new(flags: &GlobalArgs, name: &'static str) -> Self {
        let mut prefix = "migration".to_owned();
        let mut option = |name: &str, value: String| {
            prefix.push_str(&format!(" {name} {value}"));
        };
        if let Some(url) = &flags.database_url {
            // A URL with a password is not repeated: then the variable is to have it.
            let safe = DatabaseUrl::parse(url).is_ok_and(|url| url.to_string() == url.secret());
            option("--database-url", if safe { quote(url.trim()) } else { "\"$DATABASE_URL\"".to_owned() });
        }
        if let Some(name) = &flags.env {
            option("--env", quote(name));
        }
        for dir in &flags.dir {
            option("--dir", quote(&dir.to_string_lossy()));
        }
        if let Some(crate::args::LayoutChoice(Some(layout))) = flags.layout {
            option("--layout", layout.to_string());
        }
        let tables = [
            ("--history-table", &flags.history_table),
            ("--journal-table", &flags.journal_table),
            ("--history-schema", &flags.history_schema),
        ];
        for (name, value) in tables {
            if let Some(value) = value {
                option(name, quote(value));
            }
        }
        for schema in &flags.schema {
            option("--schema", quote(schema));
        }
        if let Some(config) = &flags.config {
            option("--config", quote(&config.to_string_lossy()));
        }
        for (name, value) in &flags.placeholder {
            option("--placeholder", quote(&format!("{name}={value}")));
        }
        if flags.env_substitution {
            prefix.push_str(" --env-substitution");
        }
        Self { prefix, name }
    }

    /// `migration …` with these words behind it.
    pub(crate) fn command(&self, words: &[impl AsRef<str>]) -> String {
        let mut command = self.prefix.clone();
        for word in words {
            command.push(' ');
            command.push_str(&quote(word.as_ref()));
        }
        command
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_repeated_and_ids_quoted() {
        let flags = GlobalArgs { dir: vec!["my db".into()], json: true, ..GlobalArgs::default() };
        let command = Call::new(&flags, "up").command(&["repair", "--accept", "o'brien"]);
        assert_eq!(command, r"migration --dir 'my db' repair --accept 'o'\''brien'");
    }

    #[test]
    fn a_password_is_not_repeated() {
        let with = |url: &str| {
            Call::new(&GlobalArgs { database_url: Some(url.into()), ..GlobalArgs::default() }, "up")
                .command(&["up"])
        };
        assert_eq!(with("sqlite:///app.db"), "migration --database-url sqlite:///app.db up");
        assert_eq!(with("postgres://u:p@h/d"), "migration --database-url \"$DATABASE_URL\" up");
        assert_eq!(with("nonsense"), "migration --database-url \"$DATABASE_URL\" up");
    }
}
