//! Where PostgreSQL stopped reading.
//!
//! Its parser says so, but the crate around it hands on the message alone. It reads from left to right and stops at the first
//! token that nothing could make a statement of, so what is before that token is refused only because it ends.

use migration_syntax::{Dialect, tokens};

/// How the parser begins a message about a token.
const AT_TOKEN: &str = "syntax error at or near ";

/// Texts longer than this are not read again to find the place.
const LONGEST: usize = 64 * 1024;

/// The message, with the line and column of the token that it names.
pub(super) fn with_place(message: String, text: &str) -> String {
    if !message.starts_with(AT_TOKEN) || text.len() > LONGEST {
        return message;
    }
    let ends: Vec<usize> = tokens(text, Dialect::Postgres)
        .map_while(Result::ok)
        .filter(|token| !token.is_trivia())
        .map(|token| token.end)
        .collect();
    // The first end up to which the text is refused because of a token in it.
    let refused = ends.partition_point(|end| !is_refused(text, *end));
    let Some(start) = start_of(text, refused) else { return message };
    let before = &text[..start];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1;
    format!("{message} at Line: {line}, Column: {column}")
}

fn start_of(text: &str, index: usize) -> Option<usize> {
    let mut found =
        tokens(text, Dialect::Postgres).map_while(Result::ok).filter(|token| !token.is_trivia());
    found.nth(index).map(|token| token.start)
}

fn is_refused(text: &str, end: usize) -> bool {
    let part = text.get(..end).unwrap_or(text);
    matches!(pg_query::parse(part, 0), Err(pg_query::Error::Parse(message)) if message.starts_with(AT_TOKEN))
}

#[cfg(test)]
mod tests {
    use super::with_place;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let Err(pg_query::Error::Parse(message)) = pg_query::parse(text, 0) else { panic!("{text} is read") };
        assert_eq!(with_place(message, text), expected);
    }

    #[test]
    fn the_token_is_found_where_it_stands() {
        check("SELECT a, FROM t", "syntax error at or near \"FROM\" at Line: 1, Column: 11");
        check("SELECT a\nFROM t WHERE\n  é + (1 2)", "syntax error at or near \"2\" at Line: 3, Column: 10");
        check("SELECT 1 FROM (", "syntax error at end of input");
        check("x", "syntax error at or near \"x\" at Line: 1, Column: 1");
        check("CREATE TABLE t (a int,, b int)", "syntax error at or near \",\" at Line: 1, Column: 23");
    }
}
