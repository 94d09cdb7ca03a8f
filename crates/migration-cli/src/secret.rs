//! Passwords in text that will be seen: found by the shape of a URL, and replaced.

use std::fmt;
use std::ops::Range;

/// A text that is not to be shown: its `Debug` says nothing.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(pub(crate) String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Replaces what looks like a password in a URL by `***`. When in doubt it hides too much.
pub(crate) fn mask(text: &str) -> String {
    replace(text, |_| "***".to_owned())
}

/// The same, keeping every byte offset: for a text that positions refer to.
pub(crate) fn mask_in_place(text: &str) -> String {
    replace(text, |password| "*".repeat(password.len()))
}

/// Hides just this URL's password in a text that may quote pieces of it.
pub(crate) fn mask_password_of(url: &str, text: &str) -> String {
    let mut masked = mask(text);
    for range in passwords(url) {
        // Shorter ones are found in every other word; a server that quotes one quotes the whole URL.
        if range.len() > 2 {
            masked = masked.replace(&url[range], "***");
        }
    }
    masked
}

fn replace(text: &str, by: impl Fn(&str) -> String) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut done = 0;
    for range in passwords(text) {
        masked.push_str(&text[done..range.start]);
        masked.push_str(&by(&text[range.clone()]));
        done = range.end;
    }
    masked.push_str(&text[done..]);
    masked
}

/// Where the value is of a key that ends at `from`: behind `=`, in quotes or up to a blank or `&`.
fn assigned(text: &str, from: usize) -> Option<Range<usize>> {
    let behind = text[from..]
        .trim_start_matches(['"', '\'', ' ', '\t'])
        .strip_prefix('=')?
        .trim_start_matches([' ', '\t']);
    let quote = behind.chars().next().filter(|c| matches!(c, '"' | '\''));
    let value = quote.map_or(behind, |quote| &behind[quote.len_utf8()..]);
    let ends = |c: char| {
        quote.map_or_else(|| c.is_whitespace() || "&\"'`".contains(c), |quote| c == quote || c == '\n')
    };
    let start = text.len() - value.len();
    let end = value.find(ends).map_or(text.len(), |end| start + end);
    (end > start).then_some(start..end)
}

/// Where the passwords are: between the first `:` and the last `@` of an authority, and behind `password =`.
fn passwords(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text[from..].find("://") {
        let start = from + at + 3;
        let line_end = text[start..].find('\n').map_or(text.len(), |end| start + end);
        let word_end = text[start..line_end].find(|c: char| c.is_whitespace() || "\"'`<>".contains(c));
        let word_end = word_end.map_or(line_end, |end| start + end);
        // A password with a blank or a quote in it reaches beyond the word.
        let end = if text[start..word_end].contains('@') { word_end } else { line_end };
        let authority_end = text[start..end].find('?').map_or(end, |query| start + query);
        let user = text[start..authority_end].rfind('@').or_else(|| text[start..end].rfind('@'));
        if let Some(user) = user
            && let Some(colon) = text[start..word_end.min(start + user)].find(':')
            && colon + 1 < user
        {
            found.push(start + colon + 1..start + user);
        }
        from = word_end.max(found.last().map_or(start, |range| range.end));
    }
    let mut from = 0;
    while let Some(at) = text[from..].find("password") {
        from += at + "password".len();
        if let Some(value) = assigned(text, from)
            && !found.iter().any(|range| range.start < value.end && value.start < range.end)
        {
            found.push(value);
        }
    }
    found.sort_by_key(|range| range.start);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_in_any_text() {
        let cases = [
            ("found 'postgres://u:s3cret@h/db' here", "found 'postgres://u:***@h/db' here"),
            ("mysql://u:a@b:c/d@h/db?x=y@z", "mysql://u:***@h/db?x=y@z"),
            ("mysql://u:what?@h/db", "mysql://u:***@h/db"),
            ("postgres://u:two words@h/db", "postgres://u:***@h/db"),
            (
                "postgres://h/db?user=u&password=x&sslmode=off",
                "postgres://h/db?user=u&password=***&sslmode=off",
            ),
            ("sqlite:///a.db and postgres://u@h/db", "sqlite:///a.db and postgres://u@h/db"),
            ("a://u:p@h b://u:q@h", "a://u:***@h b://u:***@h"),
            ("password = 'two words' # x", "password = '***' # x"),
            ("\"password\" = \"x\"", "\"password\" = \"***\""),
            ("a password is needed", "a password is needed"),
            ("nothing: to @hide", "nothing: to @hide"),
        ];
        for (text, masked) in cases {
            assert_eq!(mask(text), masked);
        }
    }

    #[test]
    fn offsets_can_be_kept() {
        let text = "a = \"mysql://u:pässw@h\"\nb = 1";
        let masked = mask_in_place(text);
        assert_eq!(masked.len(), text.len());
        assert!(masked.ends_with("@h\"\nb = 1") && !masked.contains("ssw"));
    }

    #[test]
    fn a_piece_of_the_url_is_hidden_too() {
        let shown = mask_password_of("postgres://u:p%zz@h/db", "invalid percent-encoded token: \"p%zz\"");
        assert_eq!(shown, "invalid percent-encoded token: \"***\"");
    }
}
