//! What `sqlparser` does not read, said in other words: the statement without the clauses that no lineage depends on.
//!
//! The tokens are those of our own lexer, so nothing is changed inside a string or a comment. A rewritten statement is
//! only tried where the original fails, and what it loses is listed with each rule.

mod alter;
mod conflict;
mod definitions;
mod fields;
mod joins;
mod mariadb;
mod queries;
mod statement;

use migration_syntax::{Dialect, Token, TokenKind, tokens};

/// Other texts to try, the closest first.
pub(super) fn candidates(text: &str, dialect: Dialect) -> Vec<String> {
    // The marks of MySQL's conditional comments go as well: what is in them is code.
    let is_code = |token: &Token<'_>| {
        !token.is_trivia() && !matches!(token.kind, TokenKind::ConditionalStart | TokenKind::ConditionalEnd)
    };
    let tokens: Vec<_> = tokens(text, dialect).map_while(Result::ok).filter(is_code).collect();
    let rewritten = fields::named(apply(&tokens, dialect), dialect);
    let mut candidates = Vec::new();
    let words: Vec<_> = rewritten.iter().map(String::as_str).collect();
    if tokens.first().is_some_and(|token| token.is_word("alter")) {
        candidates.extend(alter::without_idle(&words));
    }
    if dialect == Dialect::Sqlite {
        candidates.extend(definitions::plain(&words));
    }
    if dialect == Dialect::Mysql {
        candidates.extend(mariadb::plain_table(&words));
    }
    if dialect != Dialect::Mysql {
        candidates.extend(conflict::plain(&words));
    }
    candidates.extend(joins::without_commas(&words));
    candidates.extend(statement::other(&words, dialect));
    candidates.insert(0, rewritten.join(" "));
    candidates
}

/// At these tokens: how many of them to leave out, and what to put there.
type Rule = fn(&[Token<'_>], &Statement, Dialect) -> Option<(usize, String)>;

/// What the rules ask of the statement that they are in.
struct Statement {
    first: String,
    second: String,
}

const RULES: &[Rule] = &[
    string,
    cross_join,
    index_hint,
    like_options,
    with_data,
    generated,
    definitions::identity,
    definitions::row_cast,
    definitions::renamed_view,
    modifier,
    key,
    into_variable,
    collation,
    only,
    partial_key,
    without_unique_kind,
    guard,
    is_anything,
    trim,
    frame,
    check_option,
    foreign_table,
    column_names,
    queries::null_test,
    queries::in_table,
    queries::shared_lock,
    queries::outfile,
    queries::returning_names,
    mariadb::zerofill,
    mariadb::versioning,
    mariadb::system_time,
    mariadb::sequence,
    mariadb::search,
];

fn apply(tokens: &[Token<'_>], dialect: Dialect) -> Vec<String> {
    let word = |at: usize| tokens.get(at).map(|token| token.text.to_ascii_lowercase()).unwrap_or_default();
    let statement = Statement { first: word(0), second: word(1) };
    let mut output = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        let rest = &tokens[at..];
        match RULES.iter().find_map(|rule| rule(rest, &statement, dialect)) {
            Some((skip, instead)) => {
                if !instead.is_empty() {
                    output.push(instead);
                }
                at += skip.max(1);
            }
            None => {
                output.push(rest[0].text.to_owned());
                at += 1;
                // An operator's characters stay together.
                while tokens.get(at).is_some_and(|next| {
                    next.start == tokens[at - 1].end && is_sign(next) && is_sign(&tokens[at - 1])
                }) {
                    if let Some(last) = output.last_mut() {
                        last.push_str(tokens[at].text);
                    }
                    at += 1;
                }
            }
        }
    }
    output
}

/// Whether it may be a part of an operator.
fn is_sign(token: &Token<'_>) -> bool {
    token.kind == TokenKind::Punctuation && !matches!(token.text, "(" | ")" | "[" | "]" | "," | "." | ";")
}

/// MySQL: strings in double quotes, where only single ones are read.
fn string(rest: &[Token<'_>], _: &Statement, dialect: Dialect) -> Option<(usize, String)> {
    let [token, ..] = rest else { return None };
    let quoted = dialect == Dialect::Mysql && token.kind == TokenKind::String && token.text.starts_with('"');
    quoted.then(|| (1, format!("'{}'", token.identifier().replace('\'', "''"))))
}

/// MySQL and SQLite: a condition behind `CROSS JOIN`.
fn cross_join(rest: &[Token<'_>], _: &Statement, dialect: Dialect) -> Option<(usize, String)> {
    (dialect != Dialect::Postgres && words(rest, &["cross", "join"])).then(|| (2, "JOIN".to_owned()))
}

/// SQLite: `INDEXED BY name`, `NOT INDEXED`.
fn index_hint(rest: &[Token<'_>], _: &Statement, dialect: Dialect) -> Option<(usize, String)> {
    if dialect != Dialect::Sqlite {
        return None;
    }
    let skip = if words(rest, &["indexed", "by"]) { 3 } else { 2 };
    (skip == 3 || words(rest, &["not", "indexed"])).then(|| (skip, String::new()))
}

/// PostgreSQL: what a `LIKE` takes along besides the columns.
fn like_options(rest: &[Token<'_>], statement: &Statement, dialect: Dialect) -> Option<(usize, String)> {
    let [option, what, ..] = rest else { return None };
    let is_option = option.is_word("including") || option.is_word("excluding");
    (dialect == Dialect::Postgres && statement.first == "create" && is_option && what.kind == TokenKind::Word)
        .then(|| (2, String::new()))
}

/// PostgreSQL: whether a new table or view is filled.
fn with_data(rest: &[Token<'_>], statement: &Statement, _: Dialect) -> Option<(usize, String)> {
    let length = if words(rest, &["with", "data"]) { 2 } else { 3 };
    let is = statement.first == "create" && (length == 2 || words(rest, &["with", "no", "data"]));
    (is && rest.len() == length).then(|| (length, String::new()))
}

/// PostgreSQL 18: generated columns that are not stored.
fn generated(rest: &[Token<'_>], _: &Statement, dialect: Dialect) -> Option<(usize, String)> {
    (dialect == Dialect::Postgres && words(rest, &[")", "virtual"])).then(|| (2, ") STORED".to_owned()))
}

/// MySQL: `UPDATE IGNORE`, `DELETE QUICK`, `INSERT HIGH_PRIORITY` and the like.
fn modifier(rest: &[Token<'_>], _: &Statement, dialect: Dialect) -> Option<(usize, String)> {
    let [verb, modifier, ..] = rest else { return None };
    let is_verb = ["update", "delete", "insert", "replace"].iter().any(|word| verb.is_word(word));
    let modifiers = ["ignore", "low_priority", "quick", "high_priority", "delayed"];
    let is = dialect == Dialect::Mysql && is_verb && modifiers.iter().any(|word| modifier.is_word(word));
    is.then(|| (2, verb.text.to_owned()))
}

/// MySQL: `DROP KEY`, and `RENAME` without `TO`.
fn key(rest: &[Token<'_>], statement: &Statement, dialect: Dialect) -> Option<(usize, String)> {
    if dialect != Dialect::Mysql || statement.first != "alter" {
        return None;
    }
    if words(rest, &["drop", "key"]) {
        return Some((2, "DROP INDEX".to_owned()));
    }
    let [rename, next, ..] = rest else { return None };
    let bare = rename.is_word("rename")
        && !["to", "as", "column", "index", "key", "constraint"].iter().any(|word| next.is_word(word));
    bare.then(|| (1, "RENAME TO".to_owned()))
}

/// MySQL: a query's result in variables of the session.
fn into_variable(rest: &[Token<'_>], _: &Statement, dialect: Dialect) -> Option<(usize, String)> {
    let [into, variable, ..] = rest else { return None };
    let is = dialect == Dialect::Mysql && into.is_word("into") && variable.kind == TokenKind::Parameter;
    is.then(|| {
        let mut skip = 2;
        while rest.get(skip).is_some_and(|token| token.text == ",") {
            skip += 2;
        }
        (skip, String::new())
    })
}

/// A collation behind a changed type.
fn collation(rest: &[Token<'_>], statement: &Statement, dialect: Dialect) -> Option<(usize, String)> {
    let is = dialect == Dialect::Postgres && statement.first == "alter" && words(rest, &["collate"]);
    is.then(|| (2, String::new()))
}

/// PostgreSQL: a table without those that inherit from it.
fn only(rest: &[Token<'_>], statement: &Statement, dialect: Dialect) -> Option<(usize, String)> {
    let before = ["from", "join", "update", "using", "on", "table", ","];
    if dialect != Dialect::Postgres || !before.iter().any(|word| words(rest, &[word, "only"])) {
        return None;
    }
    if statement.first == "alter" && words(rest, &["table"]) && !words(&rest[2..], &["("]) {
        // The parser knows it there, and it says whose columns are changed.
        return None;
    }
    // `ONLY (t)` is the same.
    let close = rest.iter().position(|token| token.text == ")").filter(|_| words(&rest[2..], &["("]));
    let name = rest.get(3..close.unwrap_or(3)).unwrap_or_default().iter().map(|token| token.text);
    let name: String = std::iter::once(" ").chain(name).collect();
    Some((close.map_or(2, |close| close + 1), format!("{}{}", rest[0].text, name.trim_end())))
}

/// PostgreSQL and SQLite: which of several indexes on the same columns an upsert means.
fn partial_key(rest: &[Token<'_>], _: &Statement, dialect: Dialect) -> Option<(usize, String)> {
    if dialect == Dialect::Mysql || !words(rest, &["conflict", "("]) {
        return None;
    }
    let outside = |from: usize, is: &dyn Fn(&Token<'_>) -> bool| {
        let mut depth = 0usize;
        rest.iter().enumerate().skip(from).find_map(|(at, token)| {
            match token.text {
                "(" => depth += 1,
                ")" => depth = depth.saturating_sub(1),
                _ => {}
            }
            (depth == 0 && is(token)).then_some(at)
        })
    };
    let close = outside(1, &|token| token.text == ")")?;
    if !words(rest.get(close + 1..)?, &["where"]) {
        return None;
    }
    let action = outside(close + 1, &|token| token.is_word("do"))?;
    let kept: Vec<_> = rest[..=close].iter().map(|token| token.text).collect();
    Some((action, kept.join(" ")))
}

/// Words that are no names, but names to the parser, which would not complain: PostgreSQL's `ONLY` a table's, SQLite's
/// `ISNULL` and `NOTNULL` a value's, MariaDB's `ADD SYSTEM VERSIONING` a column's.
pub(super) fn misread(text: &str, dialect: Dialect) -> Option<&'static str> {
    let candidates: &[&str] = match dialect {
        Dialect::Postgres => &["only"],
        Dialect::Sqlite => &["isnull", "notnull"],
        Dialect::Mysql => &["versioning"],
    };
    let bytes = text.as_bytes();
    let stands = |word: &str| {
        bytes.windows(word.len()).any(|text| text.eq_ignore_ascii_case(word.as_bytes()))
            && tokens(text, dialect).map_while(Result::ok).any(|token| token.is_word(word))
    };
    candidates.iter().find(|word| stands(word)).copied()
}

/// MySQL: `CREATE FULLTEXT INDEX`, `CREATE SPATIAL INDEX`.
fn without_unique_kind(rest: &[Token<'_>], statement: &Statement, _: Dialect) -> Option<(usize, String)> {
    let is = statement.first == "create"
        && ["fulltext", "spatial"].contains(&statement.second.as_str())
        && (words(rest, &["fulltext", "index"]) || words(rest, &["spatial", "index"]));
    is.then(|| (2, "INDEX".to_owned()))
}

/// MariaDB: `ADD COLUMN IF NOT EXISTS`.
fn guard(rest: &[Token<'_>], statement: &Statement, dialect: Dialect) -> Option<(usize, String)> {
    let is = dialect == Dialect::Mysql && statement.first == "alter" && words(rest, &["if", "not", "exists"]);
    is.then(|| (3, String::new()))
}

/// SQLite: `IS` between any two values.
fn is_anything(rest: &[Token<'_>], _: &Statement, dialect: Dialect) -> Option<(usize, String)> {
    if dialect != Dialect::Sqlite || !words(rest, &["is"]) {
        return None;
    }
    let skip = if words(rest, &["is", "not"]) { 2 } else { 1 };
    let known = ["null", "true", "false", "distinct", "unknown", "json"];
    let value = rest.get(skip).filter(|token| !known.iter().any(|word| token.is_word(word)))?;
    let negated = skip == 2;
    (!value.is_word("not")).then(|| (skip, if negated { "<>" } else { "=" }.to_owned()))
}

/// PostgreSQL: `CREATE TABLE t (a, b) AS`: the names get a type, which nobody asks for.
fn column_names(rest: &[Token<'_>], statement: &Statement, dialect: Dialect) -> Option<(usize, String)> {
    let is_table = ["table", "temp", "temporary", "unlogged"].contains(&statement.second.as_str());
    let is = dialect == Dialect::Postgres && statement.first == "create" && is_table;
    if !is || !words(rest, &["("]) {
        return None;
    }
    let close = rest.iter().position(|token| token.text == ")")?;
    let is_list = rest[1..close].iter().enumerate().all(|(at, token)| match at % 2 {
        0 => matches!(token.kind, TokenKind::Word | TokenKind::QuotedIdentifier),
        _ => token.text == ",",
    });
    if !is_list || close % 2 != 0 || !begins_query(&rest[close + 1..]) {
        return None;
    }
    let names: Vec<_> =
        rest[1..close].iter().step_by(2).map(|token| format!("{} text", token.text)).collect();
    Some((close + 1, format!("({})", names.join(", "))))
}

/// `trim(BOTH FROM x)` is `trim(x)`; from which side it trims is nobody's business here.
fn trim(rest: &[Token<'_>], _: &Statement, _: Dialect) -> Option<(usize, String)> {
    let [side, from, ..] = rest else { return None };
    let is_side = ["both", "leading", "trailing"].iter().any(|word| side.is_word(word));
    (is_side && from.is_word("from")).then(|| (2, String::new()))
}

/// The rows that a window's frame leaves out: its columns are the same.
fn frame(rest: &[Token<'_>], _: &Statement, _: Dialect) -> Option<(usize, String)> {
    const LEFT_OUT: &[&[&str]] = &[
        &["exclude", "ties"],
        &["exclude", "group"],
        &["exclude", "current", "row"],
        &["exclude", "no", "others"],
    ];
    LEFT_OUT.iter().find(|known| words(rest, known)).map(|known| (known.len(), String::new()))
}

/// What may be written through a view.
fn check_option(rest: &[Token<'_>], statement: &Statement, _: Dialect) -> Option<(usize, String)> {
    const OPTIONS: &[&[&str]] = &[
        &["with", "check", "option"],
        &["with", "cascaded", "check", "option"],
        &["with", "local", "check", "option"],
    ];
    let option = OPTIONS.iter().find(|known| rest.len() == known.len() && words(rest, known))?;
    (statement.first == "create" || statement.first == "alter").then(|| (option.len(), String::new()))
}

/// PostgreSQL: `CREATE FOREIGN TABLE` is a table, as far as its columns go; where its rows are, the `SERVER` knows.
fn foreign_table(rest: &[Token<'_>], statement: &Statement, dialect: Dialect) -> Option<(usize, String)> {
    if dialect != Dialect::Postgres || statement.first != "create" || statement.second != "foreign" {
        return None;
    }
    if words(rest, &["foreign", "table"]) {
        return Some((1, String::new()));
    }
    let options = words(rest, &["options", "("]);
    if words(rest, &["server"]) || options {
        let skip = if options { 1 } else { 2 };
        let closed = rest.iter().skip(skip).take_while(|token| token.text != ")").count();
        let bracket = rest.get(skip).is_some_and(|token| token.text == "(");
        return Some((if bracket { skip + closed + 1 } else { skip }, String::new()));
    }
    None
}

fn begins_query(rest: &[Token<'_>]) -> bool {
    words(rest, &["as"])
        && ["select", "with", "values", "table", "("].iter().any(|word| words(&rest[1..], &[word]))
}

/// Whether these words come next.
fn words(rest: &[Token<'_>], expected: &[&str]) -> bool {
    rest.len() >= expected.len()
        && rest.iter().zip(expected).all(|(token, word)| token.is_word(word) || token.text == *word)
}
