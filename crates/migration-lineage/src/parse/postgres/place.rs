//! Where PostgreSQL stopped reading.
//!
//! Its parser says so, but the crate around it hands on the message alone. It reads from left to right and stops at the first
//! token that nothing could make a statement of, so what is before that token is refused only because it ends.

use migration_syntax::{Dialect, tokens};

use super::Unread;

/// How the parser begins a message about a token.
const AT_TOKEN: &str = "syntax error at or near ";

/// Texts longer than this are not read again to find the place.
const LONGEST: usize = 64 * 1024;

/// More of a token than this says no more.
const LONGEST_TOKEN: usize = 60;

/// The message, with the line and column of the token that it names.
pub(super) fn with_place(message: &str, text: &str) -> String {
    let told = shortened(message);
    let Some(start) = place(message, text) else { return told };
    let before = &text[..start];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1;
    format!("{told} at Line: {line}, Column: {column}")
}

/// A token can be a string of any length.
fn shortened(message: &str) -> String {
    let Some(token) = message.strip_prefix(AT_TOKEN) else { return message.to_owned() };
    let first = token.lines().next().unwrap_or_default();
    let mut short: String = first.chars().take(LONGEST_TOKEN).collect();
    if short.len() < token.len() {
        short.push('…');
    }
    format!("{AT_TOKEN}{short}")
}

/// Where the token begins; none if it is about none, or looking for it would take too long.
fn place(message: &str, text: &str) -> Option<usize> {
    if !message.starts_with(AT_TOKEN) || text.len() > LONGEST {
        return None;
    }
    let spans: Vec<(usize, usize)> = tokens(text, Dialect::Postgres)
        .map_while(Result::ok)
        .filter(|token| !token.is_trivia())
        .map(|token| (token.start, token.end))
        .collect();
    // The first token up to which the text is refused because of a token in it.
    let refused = spans.partition_point(|(_, end)| !is_refused(text, *end));
    spans.get(refused).map(|(start, _)| *start)
}

fn is_refused(text: &str, end: usize) -> bool {
    let part = text.get(..end).unwrap_or(text);
    matches!(super::tree(part), Err(Unread::Refused(message)) if message.starts_with(AT_TOKEN))
}

#[cfg(test)]
mod tests {
    use super::super::{Unread, tree};
    use super::with_place;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let Err(Unread::Refused(message)) = tree(text) else { panic!("{text} is read") };
        assert_eq!(with_place(&message, text), expected);
    }

    #[test]
    fn the_token_is_found_where_it_stands() {
        check("SELECT a, FROM t", "syntax error at or near \"FROM\" at Line: 1, Column: 11");
        check("SELECT a\nFROM t WHERE\n  é + (1 2)", "syntax error at or near \"2\" at Line: 3, Column: 10");
        check("SELECT 1 FROM (", "syntax error at end of input");
        check("SELECT 'a' 'b\nc'", "syntax error at or near \"'b… at Line: 1, Column: 12");
        check("x", "syntax error at or near \"x\" at Line: 1, Column: 1");
        check("CREATE TABLE t (a int,, b int)", "syntax error at or near \",\" at Line: 1, Column: 23");
    }
}
