//! Flyway's placeholders: `${name}`, replaced wherever they stand, in strings and comments too.
//!
//! As in its `PlaceholderReplacingReader` (10): the name goes from the prefix to the next suffix, case does not count, a
//! value is not searched again, and a name without a value is an error. Of its own ones, `${flyway:filename}` is known
//! here; the others say what only Flyway knows, or something else each time, and are refused unless they are given a value.

use std::path::Path;

use migration_model::message;

use super::read::place;
use super::{LoadError, Placeholders};
use crate::Script;
use crate::replaced::Replacer;

/// What the names of Flyway's own placeholders begin with.
const OWN: &str = "flyway:";

/// The script of a file's text.
///
/// # Errors
/// [`LoadError::Unset`] for a name without a value, [`LoadError::Unsupported`] for one of Flyway's own, and for a placeholder
/// without an end.
pub(super) fn replace(text: &str, path: &Path, placeholders: &Placeholders) -> Result<Script, LoadError> {
    let Placeholders { prefix, suffix, values } = placeholders;
    let mut replacer = Replacer::new(text);
    let mut from = 0;
    while let Some(at) = text[from..].find(prefix.as_str()).map(|found| from + found) {
        let (line, column) = place(text.as_bytes(), at);
        let refuse = |what: String| {
            let (path, line, column) = (path.to_owned(), Some(line), Some(column));
            Err(LoadError::Unsupported { path, line, column, what })
        };
        let start = at + prefix.len();
        let Some(length) = text[start..].find(suffix.as_str()) else {
            return refuse(format!("the placeholder that begins here has no `{suffix}`"));
        };
        let (name, end) = (&text[start..start + length], start + length + suffix.len());
        let given = values.iter().find(|(given, _)| given.eq_ignore_ascii_case(name)).map(|(_, value)| value);
        let own = name.to_ascii_lowercase();
        match (given, own.strip_prefix(OWN)) {
            (Some(value), _) => replacer.put(at..end, &value.text, value.secret),
            (None, Some("filename")) => {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                replacer.put(at..end, &name, false);
            }
            (None, Some(_)) => {
                let name = message::clip(name);
                return refuse(format!(
                    "only Flyway knows what the placeholder `{prefix}{name}{suffix}` stands for: give `{name}` a value"
                ));
            }
            (None, None) => {
                let what = format!("the placeholder `{prefix}{}{suffix}`", message::clip(name));
                return Err(LoadError::Unset { path: path.to_owned(), line, column, what });
            }
        }
        from = end;
    }
    let (text, replaced) = replacer.finish();
    Ok(Script { replaced, ..Script::from_file(path, text) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PlaceholderValue;

    fn check(text: &str, expected: &str) {
        let value = |text: &str| PlaceholderValue { text: text.into(), secret: false };
        let values = [("Schema".into(), value("app")), ("x".into(), value("${schema}"))].into();
        let placeholders = Placeholders { values, ..Placeholders::default() };
        let script = replace(text, Path::new("V1__a.sql"), &placeholders);
        let text = script.map_or_else(|error| format!("{}: {error}", error.code()), |s| s.text.to_string());
        assert_eq!(text, expected);
    }

    #[test]
    fn names_become_values() {
        check("SELECT 1", "SELECT 1");
        check("${schema}.${SCHEMA} '${schema}' -- ${schema}", "app.app 'app' -- app");
        check("${x}$${schema}", "${schema}$app");
        check("${flyway:filename} $schema {schema}", "V1__a.sql $schema {schema}");
    }

    #[test]
    fn what_has_no_value() {
        check(
            "a\n é ${nope}",
            "load.unset_value: `V1__a.sql` line 2: the placeholder `${nope}` has no value",
        );
        check(
            "${flyway:timestamp}",
            "load.unsupported: `V1__a.sql` line 1: only Flyway knows what the placeholder `${flyway:timestamp}` stands for: \
             give `flyway:timestamp` a value",
        );
        check(
            "a ${schema",
            "load.unsupported: `V1__a.sql` line 1: the placeholder that begins here has no `}`",
        );
    }
}
