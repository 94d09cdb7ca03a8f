//! Secrets in a text that is shown as it stands in its file: hidden where they are, so that lines and columns stay.

use std::ops::Range;

use migration_syntax::{Dialect, Token, TokenKind, tokens};

use super::statement::{dollar_tag, edges, hidden};
use super::{prose, words};

/// Where the secrets of a text are, in order; one may reach into the next. What is not closed is taken to end with its line, and
/// what follows to be SQL again.
pub(super) fn secrets(sql: &str, dialect: Dialect) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut from = 0;
    while from < sql.len() {
        let rest = &sql[from..];
        let mut all: Vec<Token<'_>> = tokens(rest, dialect).map_while(Result::ok).collect();
        let open = all.last().map_or(0, |token| token.end);
        let end = rest[open..].find('\n').map_or(rest.len(), |line| open + line + 1);
        if open < rest.len() {
            all.extend(unclosed(&rest[open..end], open, dialect));
            // Which quote is missing nobody knows, so each line counts by itself as well.
            let mut start = from;
            for line in rest[..end].split_inclusive('\n') {
                let within = prose::secrets(line).into_iter();
                found.extend(within.map(|range| start + range.start..start + range.end));
                start += line.len();
            }
        }
        for (token, hidden) in all.iter().zip(hidden(&all)) {
            of_token(token, hidden, from + token.start, dialect, &mut found);
        }
        from += end.max(open);
    }
    found.sort_by_key(|range| range.start);
    found
}

/// The first line of a string or comment that is not closed, as if it were.
fn unclosed(text: &str, start: usize, dialect: Dialect) -> Option<Token<'_>> {
    let mut token = tokens("''", dialect).next()?.ok()?;
    if text.starts_with('/') {
        token.kind = TokenKind::Comment;
    }
    (token.text, token.start, token.end) = (text, start, start + text.len());
    Some(token)
}

/// The secrets of a token that begins at `start`.
fn of_token(token: &Token<'_>, hidden: bool, start: usize, dialect: Dialect, found: &mut Vec<Range<usize>>) {
    let length = token.text.len();
    let tag = dollar_tag(token.text).filter(|_| token.kind == TokenKind::String).map(str::len);
    let (open, close) = match tag {
        Some(tag) => (tag, tag),
        // The second quote is missing where the text breaks off.
        None => match (edges(token), token.text.trim_end().ends_with(['\'', '"', '`', ']'])) {
            ((open, close), closed) if closed || token.kind == TokenKind::Comment => (open, close),
            ((open, _), _) => (open, 0),
        },
    };
    let inner = open.min(length)..(length - close).max(open.min(length));
    let text = &token.text[inner.clone()];
    if hidden {
        found.push(start + inner.start..start + inner.end);
    } else if tag.is_some() {
        if words::may_hold_a_secret(text) {
            let within = secrets(text, dialect).into_iter();
            found.extend(within.map(|range| start + open + range.start..start + open + range.end));
        }
    } else if matches!(token.kind, TokenKind::String | TokenKind::Comment | TokenKind::QuotedIdentifier) {
        let within = prose::secrets(text).into_iter();
        found.extend(within.map(|range| start + inner.start + range.start..start + inner.start + range.end));
    }
}
