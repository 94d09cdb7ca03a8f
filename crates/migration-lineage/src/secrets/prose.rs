//! Secrets in text that is no statement: messages, comments, the inside of strings.

use std::ops::Range;

use super::{MASK, words};

/// Words that may stand between the name of a secret and the secret.
const BETWEEN: &[&str] =
    &["by", "to", "as", "is", "was", "with", "using", "via", "for", "values", "value", "set"];

/// From which length on what stands behind `Bearer` or `Basic` is no word.
const TOKEN: usize = 16;

/// The text with its secrets masked, and the secrets.
pub(super) fn mask(text: &str) -> (String, Vec<String>) {
    let ranges = secrets(text);
    let mut masked = String::with_capacity(text.len());
    let mut secrets = Vec::new();
    let mut done = 0;
    for range in ranges {
        let start = range.start.max(done);
        if range.end <= done {
            continue;
        }
        // What begins in the middle of another one goes on from it.
        if start == range.start {
            masked.push_str(&text[done..start]);
            masked.push_str(MASK);
        }
        secrets.push(text[start..range.end].to_owned());
        done = range.end;
    }
    masked.push_str(&text[done..]);
    (masked, secrets)
}

/// Where the secrets are, in order; one may reach into the next.
pub(super) fn secrets(text: &str) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    urls(text, &mut ranges);
    named(text, &mut ranges);
    failing_rows(text, &mut ranges);
    ranges.retain(|range| !range.is_empty());
    ranges.sort_by_key(|range| (range.start, range.end));
    ranges
}

/// Between the first `:` and the last `@` of what stands behind `://`; where that is no database's URL, from its beginning.
fn urls(text: &str, found: &mut Vec<Range<usize>>) {
    let mut from = 0;
    while let Some(at) = text[from..].find("://") {
        let start = from + at + 3;
        let rest = &text[start..];
        let line = rest.find('\n').unwrap_or(rest.len());
        let word = rest[..line].find(|c: char| c.is_whitespace() || "\"'`<>".contains(c)).unwrap_or(line);
        // A password with a blank or a quote in it reaches beyond the word.
        let within = if rest[..word].contains('@') { word } else { line };
        if let Some(user) = rest[..within].rfind('@') {
            let scheme = text[..start - 3].to_ascii_lowercase();
            let token = scheme.ends_with("http") || scheme.ends_with("https");
            match rest[..user.min(word)].find(':') {
                Some(colon) if colon < user => found.push(start + colon + 1..start + user),
                _ if token && user < word => found.push(start..start + user),
                _ => {}
            }
        }
        from = start + word;
    }
}

/// Behind names of secrets: `password=x`, `"password": "x"`, `PASSWORD 'x'`, `IDENTIFIED WITH y BY 'x'`.
fn named(text: &str, found: &mut Vec<Range<usize>>) {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let mut at = 0;
    while let Some(start) = text[at..].find(is_part).map(|start| at + start) {
        let end = text[start..].find(|c| !is_part(c)).map_or(text.len(), |end| start + end);
        at = end;
        let value = if words::is_secret(&text[start..end]) { value(text, end) } else { None };
        // Of values within others each is looked for, as what ends them can be mistaken.
        found.extend(value.or_else(|| told(text, start..end)));
    }
}

/// The value behind what is no name of a secret, but tells of one where it stands: `?key=x`, `Bearer x`, `curl -u me:x`,
/// `--password x`.
fn told(text: &str, name: Range<usize>) -> Option<Range<usize>> {
    let (before, behind) = (&text[..name.start], &text[name.end..]);
    let run = |from: usize, ends: &[char]| {
        let rest = &text[from..];
        let length = rest.find(|c: char| c.is_whitespace() || "\"'`".contains(c) || ends.contains(&c));
        from..from + length.unwrap_or(rest.len())
    };
    let word = &text[name.clone()];
    if before.ends_with(['?', '&']) && behind.starts_with('=') && words::is_parameter(word) {
        return Some(run(name.end + 1, &['&', '#']));
    }
    let blanks = behind.len() - behind.trim_start_matches([' ', '=']).len();
    if blanks == 0 {
        return None;
    }
    let quotes = usize::from(behind[blanks..].starts_with(['"', '\'']));
    let value = run(name.end + blanks + quotes, &[]);
    match word {
        "-u" | "--user" | "--proxy-user" => {
            let colon = text[value.clone()].find(':')?;
            Some(value.start + colon + 1..value.end)
        }
        _ if word.starts_with("--") && words::is_secret(word) => Some(value),
        _ if word.eq_ignore_ascii_case("bearer") || word.eq_ignore_ascii_case("basic") => {
            let is_header = before.trim_end().ends_with([':', '=']);
            // The next word of a sentence is shorter, and has no digits.
            let has_digits = || text[value.clone()].contains(|c: char| c.is_ascii_digit());
            (is_header || value.len() >= TOKEN || has_digits()).then_some(value)
        }
        _ => None,
    }
}

/// The value behind a name that ends at `at`, if one stands there.
fn value(text: &str, at: usize) -> Option<Range<usize>> {
    let mut rest = text[at..].trim_start_matches(['"', '\'', '`', ']', ')', '\\']);
    let mut assigned = false;
    loop {
        let trimmed = rest.trim_start();
        let behind = trimmed.trim_start_matches(['=', ':', '>']);
        if behind.len() < trimmed.len() {
            assigned = true;
            rest = behind;
            continue;
        }
        let end = trimmed.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(trimmed.len());
        let word = trimmed[..end].to_ascii_lowercase();
        if !assigned && end > 0 && (BETWEEN.contains(&word.as_str()) || words::is_secret(&word)) {
            rest = &trimmed[end..];
            continue;
        }
        rest = trimmed;
        break;
    }
    let start = text.len() - rest.len();
    let quoted = rest.trim_start_matches(['E', 'e', 'N', 'n']).trim_start_matches('\\');
    let first = quoted.chars().next()?;
    match first {
        '\'' | '"' | '`' => {
            let open = quoted.len() - quoted.trim_start_matches(first).len();
            let inner = text.len() - quoted.len() + open;
            Some(inner..closing(text, inner, first, open))
        }
        '(' if assigned => {
            let close = text[start..].find(')').map_or(text.len(), |close| start + close);
            Some(start + 1..close)
        }
        _ if assigned => {
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            Some(start..start + end)
        }
        _ => None,
    }
}

/// Where a value that began behind `open` quotes ends; the end of the text if that isn't plain.
fn closing(text: &str, inner: usize, quote: char, open: usize) -> usize {
    let mut at = inner;
    while let Some(found) = text[at..].find(quote) {
        let start = at + found;
        let run = text[start..].len() - text[start..].trim_start_matches(quote).len();
        let escaped = text[..start].chars().rev().take_while(|c| *c == '\\').count() % 2 == 1;
        let behind = text[start + run..].chars().next();
        let ends = behind.is_none_or(|c| c.is_whitespace() || ",;)]}&\"'`.".contains(c));
        let closes = if open == 1 { run % 2 == 1 } else { run == open };
        if closes && ends && !escaped {
            return start + run - open.min(run);
        }
        at = start + run;
    }
    text.len()
}

/// PostgreSQL shows the whole row that broke a constraint.
fn failing_rows(text: &str, found: &mut Vec<Range<usize>>) {
    for (at, lead) in text.match_indices("Failing row contains (") {
        let start = at + lead.len();
        let line = text[start..].find('\n').map_or(text.len(), |end| start + end);
        let end = text[start..line].rfind(')').map_or(line, |close| start + close);
        found.push(start..end);
    }
}
