//! Names picked from a statement's words, where no tree has them.

use migration_syntax::{Dialect, Token, TokenKind, tokens};

use crate::catalogue::Catalogue;
use crate::name::{Ident, ObjectName};

/// The tokens that mean something, up to one that can't be read.
pub(crate) fn words(text: &str, dialect: Dialect) -> Vec<Token<'_>> {
    tokens(text, dialect).map_while(Result::ok).filter(|token| !token.is_trivia()).collect()
}

/// MySQL: the same text with blanks for the marks of conditional comments, as what is in them is code. None if there are none.
pub(super) fn without_marks(text: &str, dialect: Dialect) -> Option<String> {
    if dialect != Dialect::Mysql || !text.contains("/*") {
        return None;
    }
    let mut output = text.to_owned();
    let is_mark =
        |token: &Token<'_>| matches!(token.kind, TokenKind::ConditionalStart | TokenKind::ConditionalEnd);
    let marks: Vec<_> = tokens(text, dialect).map_while(Result::ok).filter(is_mark).collect();
    for mark in &marks {
        output.replace_range(mark.start..mark.end, &" ".repeat(mark.end - mark.start));
    }
    (!marks.is_empty()).then_some(output)
}

/// The identifier that a token is.
pub(super) fn ident(token: &Token<'_>, dialect: Dialect) -> Option<Ident> {
    let quoted = match token.kind {
        TokenKind::Word => false,
        TokenKind::QuotedIdentifier => true,
        _ => return None,
    };
    Some(Ident::new(&token.identifier(), quoted, dialect))
}

/// The name that begins at a token, and where it ends.
pub(super) fn name_at(tokens: &[Token<'_>], mut at: usize, dialect: Dialect) -> Option<(ObjectName, usize)> {
    let mut parts = vec![ident(tokens.get(at)?, dialect)?];
    at += 1;
    while tokens.get(at).is_some_and(|token| token.text == ".") {
        parts.push(ident(tokens.get(at + 1)?, dialect)?);
        at += 2;
    }
    Some((ObjectName::from_parts(&parts), at))
}

/// Skips `IF EXISTS`, `IF NOT EXISTS` and `ONLY`.
pub(super) fn skip_guards(tokens: &[Token<'_>], mut at: usize) -> usize {
    while tokens
        .get(at)
        .is_some_and(|t| ["if", "not", "exists", "only", "concurrently"].iter().any(|w| t.is_word(w)))
    {
        at += 1;
    }
    at
}

/// Whether an expression has a name in it.
pub(crate) fn mentions(text: &str, name: &Ident, dialect: Dialect) -> bool {
    words(text, dialect).iter().any(|token| ident(token, dialect).as_ref() == Some(name))
}

/// The name that stands behind the first of one of these words.
pub(super) fn after(text: &str, dialect: Dialect, leading: &[&str]) -> Option<ObjectName> {
    let tokens = words(text, dialect);
    let at = tokens.iter().position(|token| leading.iter().any(|word| token.is_word(word)))?;
    name_at(&tokens, skip_guards(&tokens, at + 1), dialect).map(|(name, _)| name)
}

/// The tables that a statement names where tables stand, as they are written.
pub(super) fn tables(text: &str, dialect: Dialect) -> Vec<ObjectName> {
    const BEFORE: &[&str] = &[
        "from",
        "join",
        "into",
        "update",
        "table",
        "tables",
        "using",
        "references",
        "like",
        "view",
        "truncate",
    ];
    const BETWEEN: &[&str] = &["if", "not", "exists", "ignore", "only", "quick", "low_priority", "table"];
    const BEHIND: &[&str] = &["where", "set", "select", "values", "on", "group", "order", "having", "limit"];
    let is_one = |token: &Token<'_>, of: &[&str]| of.iter().any(|word| token.is_word(word));
    let tokens = words(text, dialect);
    let mut found = Vec::new();
    let (mut expected, mut in_list, mut at) = (false, false, 0);
    while let Some(token) = tokens.get(at) {
        let before = at.checked_sub(1).and_then(|before| tokens.get(before));
        // `ON UPDATE CASCADE`, `FOR UPDATE`, `ON DUPLICATE KEY UPDATE`.
        let begins = is_one(token, BEFORE)
            && !(token.is_word("update") && before.is_some_and(|token| is_one(token, &["on", "for", "key"])));
        at += 1;
        if begins {
            (expected, in_list) = (true, true);
        } else if expected && is_one(token, BETWEEN) {
        } else if in_list && token.text == "," {
            expected = true;
        } else if token.text == "(" {
            in_list &= expected;
        } else if is_one(token, BEHIND) {
            (expected, in_list) = (false, false);
        } else if expected {
            expected = false;
            if let Some((name, end)) = name_at(&tokens, at - 1, dialect) {
                found.push(name);
                at = end;
            }
        }
    }
    found
}

/// `SET search_path`, `USE database`.
pub(super) fn set_path(text: &str, catalogue: &mut Catalogue) {
    let dialect = catalogue.dialect();
    let tokens = words(text, dialect);
    let mut at = 1;
    match dialect {
        Dialect::Mysql if tokens.first().is_some_and(|token| token.is_word("use")) => {
            catalogue.path = tokens.get(1).and_then(|token| ident(token, dialect)).into_iter().collect();
        }
        Dialect::Postgres => {
            while tokens.get(at).is_some_and(|token| token.is_word("session") || token.is_word("local")) {
                at += 1;
            }
            if !tokens.get(at).is_some_and(|token| token.is_word("search_path")) {
                return;
            }
            catalogue.path =
                tokens.iter().skip(at + 2).filter_map(|token| schema_of(token, dialect)).collect();
        }
        _ => {}
    }
}

/// A schema of a `search_path`; none for what holds nothing that statements make.
fn schema_of(token: &Token<'_>, dialect: Dialect) -> Option<Ident> {
    let name = match token.kind {
        TokenKind::String => Some(Ident::new(&token.identifier(), true, dialect)),
        _ => ident(token, dialect),
    };
    name.filter(|name| !["$user", "default", "pg_catalog", ""].contains(&name.key()))
}

/// `SET search_path = a, b` in the head of a function.
pub(super) fn own_path(head: &[Token<'_>], dialect: Dialect) -> Option<Vec<Ident>> {
    let sets = |window: &[Token<'_>]| window[0].is_word("set") && window[1].is_word("search_path");
    let at = head.windows(2).position(sets).filter(|_| dialect == Dialect::Postgres)?;
    let sign = head.get(at + 2).filter(|sign| sign.text == "=" || sign.is_word("to"));
    sign?;
    let mut path = Vec::new();
    let mut rest = head.get(at + 3..).unwrap_or_default();
    while let [name, after @ ..] = rest {
        path.extend(schema_of(name, dialect));
        rest = match after {
            [comma, more @ ..] if comma.text == "," => more,
            _ => break,
        };
    }
    Some(path)
}

/// A table's name behind these words, and `IF EXISTS` or `ONLY` in front of it; and where it ends.
pub(crate) fn name_behind(tokens: &[Token<'_>], at: usize, dialect: Dialect) -> Option<(ObjectName, usize)> {
    let at = skip_guards(tokens, at);
    let only = tokens.get(at).is_some_and(|token| token.is_word("only"));
    name_at(tokens, at + usize::from(only), dialect)
}

/// Whether it is MySQL's `SELECT … INTO @a, @b`.
pub(super) fn selects_into_variables(text: &str, dialect: Dialect) -> bool {
    let into = |pair: &[Token<'_>]| pair[0].is_word("into") && pair[1].text.starts_with('@');
    dialect == Dialect::Mysql && text.contains('@') && words(text, dialect).windows(2).any(into)
}

/// Whether what a `CREATE` makes holds no rows and reads none.
pub(super) fn moves_nothing(text: &str) -> bool {
    let tokens = words(text, Dialect::Postgres);
    const KINDS: &[&str] = &[
        "role",
        "user",
        "server",
        "policy",
        "rule",
        "event",
        "operator",
        "collation",
        "cast",
        "statistics",
        "language",
        "publication",
        "subscription",
        "tablespace",
        "aggregate",
        "text",
        "conversion",
        "transform",
        "group",
        "access",
        "extension",
        "domain",
        "default",
    ];
    tokens.iter().skip(1).take(8).any(|token| KINDS.iter().any(|kind| token.is_word(kind)))
}
