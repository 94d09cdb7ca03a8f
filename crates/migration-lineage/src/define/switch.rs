//! Settings of MySQL's sessions that decide on what changes of the schema do: `foreign_key_checks`.

use migration_syntax::{Dialect, Token};

use super::names;
use crate::catalogue::Catalogue;

/// Notes what a `SET` sets.
pub(super) fn set(text: &str, catalogue: &mut Catalogue) {
    let dialect = catalogue.dialect();
    if dialect != Dialect::Mysql {
        return;
    }
    let tokens = names::words(text, dialect);
    let is_global = tokens.get(1).is_some_and(|token| token.is_word("global"));
    if let Some(value) = value_of("foreign_key_checks", &tokens).filter(|_| !is_global) {
        catalogue.session.unchecked_keys = is_off(value);
    }
}

/// What is given to a setting.
fn value_of<'t>(name: &str, tokens: &'t [Token<'_>]) -> Option<&'t str> {
    let is_it = |token: &Token<'_>| {
        let text = token.text.trim_start_matches('@').to_ascii_lowercase();
        text.rsplit('.').next() == Some(name) && token.text.starts_with('@') == token.text.starts_with("@@")
    };
    let given = tokens.windows(3).find(|window| is_it(&window[0]) && matches!(window[1].text, "=" | ":="))?;
    Some(given[2].text)
}

fn is_off(value: &str) -> bool {
    let value = value.trim_matches(['\'', '"']).to_ascii_lowercase();
    matches!(value.as_str(), "0" | "off" | "false")
}
