//! The head of a function or procedure: its parameters, and what it says of its result.

use migration_syntax::{Dialect, Token, TokenKind};

use crate::catalogue::{Argument, ArgumentMode, Outs, canonical_type, is_base_type};
use crate::define::{body, names};
use crate::name::{Ident, ObjectName};

/// The parameters that a call gives values to, and those that it gets back.
#[derive(Default)]
pub(super) struct Head {
    pub(super) arguments: Vec<Argument>,
    pub(super) outs: Outs,
    pub(super) defaults: Vec<Option<String>>,
}

/// Reads the list in brackets, if one begins here, and says where it ends. A procedure is called with its `OUT` parameters.
pub(super) fn parameters(
    tokens: &[Token<'_>],
    at: usize,
    dialect: Dialect,
    procedure: bool,
) -> (Head, usize) {
    let mut head = Head::default();
    if tokens.get(at).is_none_or(|token| token.text != "(") {
        return (head, at);
    }
    let end = closing(tokens, at);
    for part in body::split_list(tokens.get(at + 1..end).unwrap_or_default()) {
        let Some(parameter) = parameter(part, dialect) else { continue };
        let mode = parameter.argument.mode;
        if mode != ArgumentMode::In {
            head.outs.names.extend(parameter.argument.name.clone());
        }
        if mode == ArgumentMode::Out {
            head.outs.fresh.extend(parameter.argument.name.clone());
        }
        if procedure || mode != ArgumentMode::Out {
            head.arguments.push(parameter.argument);
            head.defaults.push(parameter.default);
        }
    }
    (head, end + 1)
}

/// The types in the brackets that begin here, as `DROP FUNCTION` names a function; and where they end.
pub(in crate::define) fn types(
    tokens: &[Token<'_>],
    at: usize,
    dialect: Dialect,
) -> (Option<Vec<String>>, usize) {
    if tokens.get(at).is_none_or(|token| token.text != "(") {
        return (None, at);
    }
    let procedure = tokens.iter().take(at).any(|token| token.is_word("procedure"));
    let (head, end) = parameters(tokens, at, dialect, procedure);
    (Some(head.arguments.into_iter().map(|argument| argument.data_type).collect()), end)
}

fn closing(tokens: &[Token<'_>], open: usize) -> usize {
    let mut depth = 0usize;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token.text {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    tokens.len()
}

struct Parameter {
    argument: Argument,
    default: Option<String>,
}

/// `[mode] [name] type [DEFAULT value]`.
fn parameter(words: &[Token<'_>], dialect: Dialect) -> Option<Parameter> {
    let mut rest = words;
    let (mut way, mut variadic) = (ArgumentMode::In, false);
    while let [mode, after @ ..] = rest {
        match mode.text.to_ascii_lowercase().as_str() {
            "in" if !after.is_empty() => {}
            "out" if way == ArgumentMode::In && rest.len() < words.len() => way = ArgumentMode::InOut,
            "out" => way = ArgumentMode::Out,
            "inout" => way = ArgumentMode::InOut,
            "variadic" => variadic = true,
            _ => break,
        }
        rest = after;
    }
    let value = rest.iter().position(|token| token.is_word("default") || token.text == "=");
    let optional = value.is_some();
    let default = value.and_then(|at| rest.get(at + 1..)).map(body::join);
    rest = &rest[..value.unwrap_or(rest.len())];
    let [first, next @ ..] = rest else { return None };
    let is_named = dialect == Dialect::Mysql
        || next.first().is_some_and(|next| {
            matches!(next.kind, TokenKind::Word | TokenKind::QuotedIdentifier) && !continues_type(first, next)
        });
    let name = if is_named { names::ident(first, dialect) } else { None };
    let words = if is_named { next } else { rest };
    let data_type = canonical_type(&body::join(words));
    Some(Parameter { default, argument: Argument { name, mode: way, data_type, optional, variadic } })
}

/// Whether two words are of one type, and not a name and its type.
fn continues_type(first: &Token<'_>, next: &Token<'_>) -> bool {
    const PAIRS: &[(&str, &[&str])] = &[
        ("double", &["precision"]),
        ("character", &["varying"]),
        ("char", &["varying"]),
        ("national", &["character", "char"]),
        ("bit", &["varying"]),
        ("timestamp", &["with", "without"]),
        ("time", &["with", "without"]),
        ("interval", &["year", "month", "day", "hour", "minute", "second"]),
    ];
    next.is_word("array")
        || PAIRS
            .iter()
            .any(|(start, nexts)| first.is_word(start) && nexts.iter().any(|word| next.is_word(word)))
}

/// What a function says of its result.
#[derive(Default)]
pub(super) struct Returned {
    /// The names in `RETURNS TABLE (…)`.
    pub(super) columns: Vec<Ident>,
    /// Whether it gives back rows, and not one.
    pub(super) by_row: bool,
    /// The type, where it may be the type of a row.
    pub(super) row_type: Option<ObjectName>,
}

/// `RETURNS TABLE (…)`, `RETURNS SETOF type`, `RETURNS type`.
pub(super) fn returned(tokens: &[Token<'_>], dialect: Dialect) -> Returned {
    let Some(at) = tokens.iter().position(|token| token.is_word("returns")) else {
        return Returned::default();
    };
    let next = |word: &str| tokens.get(at + 1).is_some_and(|token| token.is_word(word));
    if next("table") {
        let (head, _) = parameters(tokens, at + 2, dialect, false);
        let columns = head.arguments.into_iter().filter_map(|argument| argument.name).collect();
        return Returned { columns, by_row: true, row_type: None };
    }
    let by_row = next("setof");
    let named = names::name_at(tokens, at + 1 + usize::from(by_row), dialect).map(|(name, _)| name);
    let row_type = named.filter(|name| dialect == Dialect::Postgres && !is_base_type(&name.to_string()));
    Returned { columns: Vec::new(), by_row, row_type }
}
