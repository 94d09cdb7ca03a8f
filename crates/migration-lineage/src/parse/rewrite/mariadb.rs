//! What MySQL and MariaDB say about how rows are kept: partitions, versions, widths. None of it is about what flows.

use migration_syntax::{Dialect, Token, TokenKind};

use super::alter::split;
use super::{Statement, words};

/// Numbers that are shown with zeros in front.
pub(super) fn zerofill(
    rest: &[Token<'_>],
    statement: &Statement,
    dialect: Dialect,
) -> Option<(usize, String)> {
    let defines = statement.first == "create" || statement.first == "alter";
    (dialect == Dialect::Mysql && defines && words(rest, &["zerofill"])).then(|| (1, String::new()))
}

/// Whether older rows are kept.
pub(super) fn versioning(
    rest: &[Token<'_>],
    statement: &Statement,
    dialect: Dialect,
) -> Option<(usize, String)> {
    let begins = |verb| words(rest, &[verb, "system", "versioning"]);
    let is = dialect == Dialect::Mysql && statement.first == "alter" && (begins("add") || begins("drop"));
    is.then(|| (3, "DISABLE ROW LEVEL SECURITY".to_owned()))
}

/// The time whose rows are read: they have the same columns.
pub(super) fn system_time(rest: &[Token<'_>], _: &Statement, dialect: Dialect) -> Option<(usize, String)> {
    if dialect != Dialect::Mysql || !words(rest, &["for", "system_time"]) {
        return None;
    }
    let when = &rest[2..];
    let length = match () {
        () if words(when, &["all"]) => 1,
        () if words(when, &["as", "of"]) => 2 + moment(&when[2..]),
        () if words(when, &["between"]) || words(when, &["from"]) => {
            let between = 1 + moment(&when[1..]);
            between + 1 + moment(when.get(between + 1..)?)
        }
        () => return None,
    };
    Some((2 + length, String::new()))
}

/// How many tokens a point in time has: values and calls, with signs between them.
fn moment(tokens: &[Token<'_>]) -> usize {
    let is = |at: usize, expected: &[&str]| {
        tokens
            .get(at)
            .is_some_and(|token| expected.iter().any(|word| token.is_word(word) || token.text == *word))
    };
    let mut at = 0;
    loop {
        if is(at, &["interval"]) {
            at += 3;
        } else {
            let is_kind = is(at, &["timestamp", "transaction", "date"]) && !is(at + 1, &["("]);
            at += usize::from(is_kind);
            if !is(at, &["("]) {
                at += 1;
            }
            at += bracket(tokens.get(at..).unwrap_or_default());
        }
        if !is(at, &["+", "-"]) {
            return at.min(tokens.len());
        }
        at += 1;
    }
}

/// How many tokens a bracket has that begins here; none does not.
fn bracket(tokens: &[Token<'_>]) -> usize {
    let mut depth = 0usize;
    for (at, token) in tokens.iter().enumerate() {
        match token.text {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return if at == 0 { 0 } else { at + 1 };
        }
    }
    tokens.len()
}

/// `NEXT VALUE FOR s` is `NEXTVAL(s)`, with the sequence as a value, as it is no column.
pub(super) fn sequence(rest: &[Token<'_>], _: &Statement, dialect: Dialect) -> Option<(usize, String)> {
    let function = match () {
        () if words(rest, &["next", "value", "for"]) => "NEXTVAL",
        () if words(rest, &["previous", "value", "for"]) => "LASTVAL",
        () => return None,
    };
    let name = rest.get(3).filter(|_| dialect == Dialect::Mysql)?;
    let inner = rest.get(5).filter(|_| rest.get(4).is_some_and(|dot| dot.text == "."));
    let parts = [Some(name), inner].into_iter().flatten().map(|part| part.identifier().replace('\'', "''"));
    let parts: Vec<_> = parts.collect();
    Some((2 + 2 * parts.len(), format!("{function}('{}')", parts.join("."))))
}

/// `MATCH a, b AGAINST (…)`, as servers store it, with brackets around the columns.
pub(super) fn search(rest: &[Token<'_>], _: &Statement, dialect: Dialect) -> Option<(usize, String)> {
    if dialect != Dialect::Mysql || !words(rest, &["match"]) || words(&rest[1..], &["("]) {
        return None;
    }
    let is_name = |token: &Token<'_>| {
        matches!(token.kind, TokenKind::Word | TokenKind::QuotedIdentifier)
            || [".", ","].contains(&token.text)
    };
    let end = 1 + rest[1..].iter().position(|token| token.is_word("against"))?;
    let columns = rest[1..end].iter();
    let all = columns.clone().all(is_name) && end > 1;
    all.then(|| (end, format!("MATCH ({})", columns.map(|token| token.text).collect::<String>())))
}

/// `CREATE TABLE` with its columns, its keys and its query, and nothing else. None if it has no list of columns.
pub(super) fn plain_table(words: &[&str]) -> Option<String> {
    let is = |at: usize, expected: &str| is_word(words, at, expected);
    if !is(0, "create") {
        return None;
    }
    let table = words.iter().take(5).position(|word| word.eq_ignore_ascii_case("table"))?;
    let mut open = table + 1;
    while ["if", "not", "exists"].iter().any(|word| is(open, word)) {
        open += 1;
    }
    open += 1;
    while is(open, ".") {
        open += 2;
    }
    let close = open
        + words
            .get(open..)
            .filter(|_| is(open, "("))?
            .iter()
            .scan(0usize, depth)
            .position(|depth| depth == 0)?;
    let parts = split(words.get(open + 1..close)?);
    let parts = parts.into_iter().filter(|part| !(is_word(part, 0, "period") && is_word(part, 1, "for")));
    let parts: Vec<_> = parts.map(|part| without(part, IN_COLUMNS)).collect();
    let behind = words.get(close + 1..)?;
    let depths = behind.iter().scan(0usize, depth);
    let query = depths.enumerate().find_map(|(at, depth)| {
        let begins = |word| is_word(behind, at, word);
        let is_query =
            begins("select") || begins("as") || begins("with") && !is_word(behind, at + 1, "system");
        (depth == 0 && is_query).then_some(at)
    });
    let query = behind.get(query.unwrap_or(behind.len())..)?;
    Some(format!("{} ( {} ) {}", words[..open].join(" "), parts.join(" , "), query.join(" ")))
}

/// How deep in brackets a word is, or a bracket's end.
fn depth(depth: &mut usize, word: &&str) -> Option<usize> {
    match *word {
        "(" => *depth += 1,
        ")" => *depth = depth.saturating_sub(1),
        _ => {}
    }
    Some(*depth)
}

/// What is left out of the definition of a column or key, the longer ones first.
const IN_COLUMNS: &[&[&str]] = &[
    &["generated", "always", "as", "row", "start"],
    &["generated", "always", "as", "row", "end"],
    &["as", "row", "start"],
    &["as", "row", "end"],
    &["without", "system", "versioning"],
    &["with", "system", "versioning"],
];

fn without(words: &[&str], left_out: &[&[&str]]) -> String {
    let mut kept = Vec::with_capacity(words.len());
    let mut at = 0;
    while at < words.len() {
        let begins =
            |known: &&&[&str]| known.iter().enumerate().all(|(by, word)| is_word(words, at + by, word));
        match left_out.iter().find(begins) {
            Some(known) => at += known.len(),
            None => {
                // A part of a key that is a span of time.
                if is_word(words, at + 1, "without") && is_word(words, at + 2, "overlaps") {
                    kept.pop_if(|before| *before == ",");
                    at += 3;
                    continue;
                }
                kept.push(words[at]);
                at += 1;
            }
        }
    }
    kept.join(" ")
}

fn is_word(words: &[&str], at: usize, expected: &str) -> bool {
    words.get(at).is_some_and(|word| word.eq_ignore_ascii_case(expected))
}
