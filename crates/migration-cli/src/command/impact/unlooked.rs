//! What statements take away or give another name, and of which nobody knows here what depends on it: types, functions, sequences
//! and so on.

use migration_kit::syntax::{Dialect, Statement, StatementKind, Token, tokens};

/// What may be taken away.
const WHAT: [&str; 14] = [
    "SCHEMA",
    "DATABASE",
    "FUNCTION",
    "PROCEDURE",
    "ROUTINE",
    "AGGREGATE",
    "TYPE",
    "DOMAIN",
    "SEQUENCE",
    "EXTENSION",
    "OPERATOR",
    "COLLATION",
    "CAST",
    "OWNED",
];

/// What a statement takes away.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Gone {
    /// In words: `a type`.
    pub(super) what: String,
    /// What it is called, if it goes only where it is there.
    if_there: Option<Vec<String>>,
}

/// What a statement takes away or gives another name, if it is something of which is not known what depends on it.
pub(super) fn at(statement: &Statement<'_>, dialect: Dialect) -> Option<Gone> {
    let words = tokens(statement.text, dialect).map_while(Result::ok).filter(|token| !token.is_trivia());
    let words: Vec<_> = words.collect();
    match statement.kind {
        StatementKind::Drop | StatementKind::DropDatabase => {}
        // Another name is as good as gone to whoever has the one that it had.
        StatementKind::Alter if moves(&words) => {}
        _ => return None,
    }
    let word = words.get(1)?.text.to_ascii_uppercase();
    if !WHAT.contains(&&*word) {
        return None;
    }
    let article = if word.starts_with(['A', 'E', 'I', 'O', 'U']) { "an" } else { "a" };
    let what = match &*word {
        "OWNED" => "what somebody owns".to_owned(),
        _ => format!("{article} {}", word.to_lowercase()),
    };
    let is_guarded =
        matches!(words.get(2..4), Some([first, second]) if first.is_word("IF") && second.is_word("EXISTS"));
    Some(Gone { what, if_there: is_guarded.then(|| names(words.get(4..).unwrap_or_default())) })
}

/// Whether there is a `RENAME` or a `SET SCHEMA`.
fn moves(words: &[Token<'_>]) -> bool {
    words.iter().any(|word| word.is_word("RENAME"))
        || words.windows(2).any(|pair| pair[0].is_word("SET") && pair[1].is_word("SCHEMA"))
}

/// The names of a list, without schemas and parameters.
fn names(words: &[Token<'_>]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let (mut depth, mut begins) = (0, true);
    for word in words {
        match word.text {
            "(" => depth += 1,
            ")" => depth -= 1,
            "," if depth == 0 => begins = true,
            "." => begins = found.pop().is_some(),
            _ if depth == 0 && begins => {
                found.push(word.identifier().to_lowercase());
                begins = false;
            }
            _ => {}
        }
    }
    found
}

impl Gone {
    /// Whether it may be there, after these texts: not if it goes only where it is there, and none of them has its name.
    pub(super) fn may_be_there<'t>(&self, texts: impl Iterator<Item = &'t str>) -> bool {
        let Some(names) = &self.if_there else { return true };
        let mut texts = texts.map(str::to_lowercase);
        texts.any(|text| names.iter().any(|name| text.contains(name)))
    }
}

#[cfg(test)]
mod tests {
    use migration_kit::syntax::split;

    use super::*;

    fn check(sql: &str, what: Option<&str>, names: Option<&[&str]>) {
        let statements = split(sql, Dialect::Postgres).unwrap();
        let gone = at(&statements[0], Dialect::Postgres);
        assert_eq!(gone.as_ref().map(|gone| &*gone.what), what, "{sql}");
        let names = names.map(|names| names.iter().map(|name| (*name).to_owned()).collect());
        assert_eq!(gone.and_then(|gone| gone.if_there), names, "{sql}");
    }

    #[test]
    fn what_goes() {
        check("DROP TABLE t", None, None);
        check("ALTER SCHEMA a RENAME TO b", Some("a schema"), None);
        check("ALTER FUNCTION f(int) SET SCHEMA s", Some("a function"), None);
        check("ALTER FUNCTION f(int) OWNER TO me", None, None);
        check("DROP EXTENSION x", Some("an extension"), None);
        check("DROP AGGREGATE a(int)", Some("an aggregate"), None);
        check("DROP OWNED BY bob", Some("what somebody owns"), None);
        check("DROP TYPE IF EXISTS s.mood, \"Other\" CASCADE", Some("a type"), Some(&["mood", "other"]));
        check(
            "drop function if exists f(a int, b int), public.g (text) restrict",
            Some("a function"),
            Some(&["f", "g"]),
        );
    }

    #[test]
    fn what_nobody_has_named_is_not_there() {
        let statements = split("DROP TYPE IF EXISTS mood", Dialect::Postgres).unwrap();
        let gone = at(&statements[0], Dialect::Postgres).unwrap();
        assert!(gone.may_be_there(["SELECT 1", "CREATE TYPE Mood AS ENUM ()"].into_iter()));
        assert!(!gone.may_be_there(["SELECT 1"].into_iter()));
    }
}
