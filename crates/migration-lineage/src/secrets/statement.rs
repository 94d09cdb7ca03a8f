//! Secrets in statements, by their tokens.

use migration_syntax::{Dialect, Token, TokenKind, tokens};

use super::{MASK, prose, words};

/// A text without its secrets.
#[derive(Debug, Default)]
pub(super) struct Masked {
    pub(super) text: String,
    /// What was hidden, as it stood there and as the database understands it.
    pub(super) secrets: Vec<String>,
}

/// Words that end what belongs to the name of a secret.
const CLAUSES: &[&str] = &[
    "AND",
    "OR",
    "VALID",
    "WHERE",
    "FROM",
    "RETURNING",
    "COMMENT",
    "REQUIRE",
    "THEN",
    "ELSE",
    "END",
    "ORDER",
    "GROUP",
    "LIMIT",
    "ON",
    "JOIN",
    "UNION",
    "CONNECTION",
    "RENAME",
];

/// Words behind which a name stands and not a value.
const BEFORE_NAMES: &[&str] = &[
    "TABLE",
    "INTO",
    "EXISTS",
    "FROM",
    "JOIN",
    "VIEW",
    "INDEX",
    "ON",
    "UPDATE",
    "REFERENCES",
    "TRIGGER",
    "FUNCTION",
    "PROCEDURE",
    "CONSTRAINT",
    "EXTENSION",
    "SCHEMA",
    "DATABASE",
    "TYPE",
    "ONLY",
];

/// Words behind which a statement on users has a name or a date.
const BEFORE_USERS: &[&str] = &[
    "USER", "ROLE", "GROUP", "EXISTS", "TO", "FROM", "ON", "FOR", "UNTIL", "COMMENT", "SUBJECT", "ISSUER",
    "CIPHER",
];

impl Masked {
    pub(super) fn of(sql: &str, dialect: Dialect) -> Self {
        // What is not closed ends with the text, and nobody knows where it would have.
        let all: Vec<Token<'_>> = tokens(sql, dialect).map_while(Result::ok).collect();
        let end = all.last().map_or(0, |token| token.end);
        let mut masked = Self::default();
        for (token, hidden) in all.iter().zip(hidden(&all)) {
            masked.token(token, hidden, dialect);
        }
        if end < sql.len() {
            masked.secrets.push(sql[end..].to_owned());
            masked.text.push_str(MASK);
        }
        masked
    }

    fn token(&mut self, token: &Token<'_>, hidden: bool, dialect: Dialect) {
        if hidden {
            self.hide(token);
            return;
        }
        match token.kind {
            TokenKind::String if dollar_tag(token.text).is_some() => {
                let tag = dollar_tag(token.text).unwrap_or_default();
                let body = &token.text[tag.len()..token.text.len() - tag.len()];
                if words::may_hold_a_secret(body) {
                    let inner = Self::of(body, dialect);
                    self.text.push_str(&format!("{tag}{}{tag}", inner.text));
                    self.secrets.extend(inner.secrets);
                } else {
                    self.text.push_str(token.text);
                }
            }
            TokenKind::String | TokenKind::Comment | TokenKind::QuotedIdentifier => {
                // The quotes themselves are no part of what is said between them.
                let (open, close) = edges(token);
                let (inner, secrets) = prose::mask(&token.text[open..token.text.len() - close]);
                self.text.push_str(&token.text[..open]);
                self.text.push_str(&inner);
                self.text.push_str(&token.text[token.text.len() - close..]);
                self.secrets.extend(secrets);
            }
            _ => self.text.push_str(token.text),
        }
    }

    fn hide(&mut self, token: &Token<'_>) {
        if let Some(tag) = dollar_tag(token.text) {
            self.secrets.push(token.text[tag.len()..token.text.len() - tag.len()].to_owned());
            self.text.push_str(&format!("{tag}{MASK}{tag}"));
            return;
        }
        let (open, close) = edges(token);
        let inner = &token.text[open..token.text.len() - close];
        self.secrets.push(inner.to_owned());
        let understood =
            inner.replace("''", "'").replace("\"\"", "\"").replace("\\'", "'").replace("\\\\", "\\");
        if understood != inner {
            self.secrets.push(understood);
        }
        let quote = if token.text.ends_with('"') { '"' } else { '\'' };
        self.text.push_str(&format!("{quote}{MASK}{quote}"));
    }
}

/// Which of the tokens of a text are to be hidden as a whole.
pub(super) fn hidden(all: &[Token<'_>]) -> Vec<bool> {
    let mut scan = Scan::new(all);
    scan.look();
    scan.hidden
}

/// How many bytes of a token are quotes, with what stands before them, and at its end.
pub(super) fn edges(token: &Token<'_>) -> (usize, usize) {
    match token.kind {
        TokenKind::String | TokenKind::QuotedIdentifier => {
            let open = token.text.find(['\'', '"', '`', '[']).map_or(0, |open| open + 1);
            (open, usize::from(token.text.len() > open))
        }
        TokenKind::Comment if token.text.starts_with("/*") => {
            (2, if token.text.len() > 3 && token.text.ends_with("*/") { 2 } else { 0 })
        }
        _ => (0, 0),
    }
}

/// The `$tag$` of a string that is quoted so. In MySQL and SQLite a name may begin with `$`, too.
pub(super) fn dollar_tag(text: &str) -> Option<&str> {
    let end = text.strip_prefix('$')?.find('$')? + 2;
    let (tag, rest) = text.split_at(end);
    rest.ends_with(tag).then_some(tag)
}

/// The tokens that mean something, and which of all tokens are to be hidden.
pub(super) struct Scan<'a, 't> {
    all: &'a [Token<'t>],
    pub(super) code: Vec<usize>,
    hidden: Vec<bool>,
}

impl<'a, 't> Scan<'a, 't> {
    fn new(all: &'a [Token<'t>]) -> Self {
        let code = (0..all.len()).filter(|at| !all[*at].is_trivia()).collect();
        Self { all, code, hidden: vec![false; all.len()] }
    }

    fn look(&mut self) {
        let mut about_users = false;
        // `ALTER` sets something only behind `SET`.
        let (mut sets, mut alters) = (false, false);
        // What stands behind `RENAME` is names.
        let mut renames = false;
        let mut first = true;
        for at in 0..self.code.len() {
            let token = *self.get(at);
            if is_end(&token) || is_any(&token, &["BEGIN", "THEN", "ELSE", "DO", "LOOP"]) {
                (about_users, sets, alters, renames, first) = (false, false, false, false, true);
                continue;
            }
            if first {
                sets = is_any(&token, &["SET", "PRAGMA"]);
                alters = token.is_word("ALTER");
                renames = token.is_word("RENAME");
                about_users = token.is_word("GRANT") || (token.is_word("SET") && self.is(at + 1, "PASSWORD"));
                first = false;
            }
            if alters {
                sets |= token.is_word("SET");
                renames = token.is_word("RENAME") || (renames && token.text != ",");
            }
            about_users |= is_any(&token, &["CREATE", "ALTER"]) && self.makes_users(at);
            if token.kind == TokenKind::String && about_users && !self.is_user(at) {
                self.hide(at);
            }
            match token.kind {
                TokenKind::Punctuation if token.text == "(" => self.names(at),
                TokenKind::String | TokenKind::Number => self.before_its_name(at),
                TokenKind::Word if token.is_word("AS") => self.before_its_name(at),
                TokenKind::Word if is_any(&token, &["INSERT", "REPLACE"]) => self.insert(at),
                TokenKind::Word if token.is_word("UPDATE") => self.update(at),
                _ => {}
            }
            self.row(at);
            self.put_into(at);
            if renames {
                continue;
            }
            if self.names_a_secret(at) {
                self.hide_value(at, sets);
            } else if words::is_function(&token.identifier()) && self.is_punctuation(at + 1, "(") {
                self.hide_arguments(at + 1);
            }
        }
    }

    pub(super) fn get(&self, at: usize) -> &Token<'t> {
        &self.all[self.code[at]]
    }

    pub(super) fn is_hidden(&self, at: usize) -> bool {
        self.hidden[self.code[at]]
    }

    pub(super) fn hide(&mut self, at: usize) {
        self.hidden[self.code[at]] = true;
    }

    pub(super) fn peek(&self, at: usize) -> Option<&Token<'t>> {
        self.code.get(at).map(|at| &self.all[*at])
    }

    pub(super) fn is(&self, at: usize, word: &str) -> bool {
        self.peek(at).is_some_and(|token| token.is_word(word))
    }

    pub(super) fn is_punctuation(&self, at: usize, text: &str) -> bool {
        self.peek(at).is_some_and(|token| token.kind == TokenKind::Punctuation && token.text == text)
    }

    /// Whether `CREATE` or `ALTER` at `at` is about users: not about what maps them.
    fn makes_users(&self, at: usize) -> bool {
        let kind = (at + 1..at + 4).find(|at| !self.is(*at, "OR") && !self.is(*at, "REPLACE"));
        kind.is_some_and(|kind| {
            self.peek(kind).is_some_and(|token| is_any(token, &["USER", "ROLE", "GROUP", "LOGIN"]))
                && !self.is(kind + 1, "MAPPING")
        })
    }

    /// Whether a string of a statement on users is a name or a date.
    fn is_user(&self, at: usize) -> bool {
        let before = at.checked_sub(1).and_then(|at| self.peek(at));
        let behind = self.peek(at + 1);
        let host = |token: Option<&Token<'_>>| token.is_some_and(|token| token.text.starts_with('@'));
        let is_at = before.is_some_and(|token| token.text == "@");
        is_at
            || host(behind)
            || before.is_some_and(|token| is_any(token, BEFORE_USERS))
            || behind.is_some_and(|token| token.is_word("IDENTIFIED"))
    }

    /// Whether a secret follows the token.
    fn names_a_secret(&self, at: usize) -> bool {
        let token = self.get(at);
        let is_name = matches!(
            token.kind,
            TokenKind::Word | TokenKind::QuotedIdentifier | TokenKind::Parameter | TokenKind::String
        );
        if !is_name {
            return false;
        }
        let before = at.checked_sub(1).and_then(|at| self.peek(at));
        let name = token.identifier();
        let in_file = ["key", "rekey", "hexkey", "hexrekey", "textkey", "textrekey"];
        if in_file.iter().any(|word| token.is_word(word)) {
            // `PRAGMA key`, `ATTACH … AS name KEY …`: in no other statement of SQLite does a value follow.
            let value = |at| {
                self.is_punctuation(at, "=")
                    || self.is_punctuation(at, "(")
                    || self.peek(at).is_some_and(|token| token.kind == TokenKind::String)
            };
            return value(at + 1)
                && !before.is_some_and(|token| is_any(token, &["PRIMARY", "FOREIGN", "UNIQUE"]));
        }
        if token.kind == TokenKind::String {
            // `set_config('app.password', …)`, `JSON_OBJECT('password', …)`: the name is a string, the value the next.
            return self.is_name_of_a_secret(at)
                && [",", ":", "="].iter().any(|text| self.is_punctuation(at + 1, text));
        }
        words::is_secret(&name) && !before.is_some_and(|token| is_any(token, BEFORE_NAMES))
    }

    /// Hides what belongs to the name at `at`.
    fn hide_value(&mut self, at: usize, sets: bool) {
        let mut depth = 0;
        let is_string = self.get(at).kind == TokenKind::String;
        let from = if is_string { at + 2 } else { at + 1 };
        for place in from..self.code.len() {
            let token = *self.get(place);
            let before = *self.get(place - 1);
            match token.text {
                "(" => depth += 1,
                ")" => depth -= 1,
                "," if depth == 0 => return,
                _ => {}
            }
            if depth < 0 || is_end(&token) || (depth == 0 && is_any(&token, CLAUSES)) {
                return;
            }
            let assigned = ["=", ":"].contains(&before.text)
                || is_any(&before, &["BY", "TO", "AS", "PASSWORD"])
                || place == at + 1;
            let followed = self.is_punctuation(place + 1, ".") || self.is_punctuation(place + 1, "(");
            let hide = match token.kind {
                TokenKind::String => !self.is_host(place),
                TokenKind::Number => assigned || is_string,
                TokenKind::QuotedIdentifier => {
                    let is_name = before.is_word("AS") || (before.is_word("TO") && !sets);
                    assigned && !is_name && place > at + 1 && !followed
                }
                TokenKind::Word => {
                    sets && (before.text == "=" || before.is_word("TO"))
                        && !followed
                        && !is_any(&token, &["NULL", "DEFAULT", "NONE", "PASSWORD"])
                }
                _ => false,
            };
            if hide {
                self.hide(place);
            }
        }
    }

    /// Whether a string is a user's name or host, as MySQL writes them.
    fn is_host(&self, at: usize) -> bool {
        let behind = self.peek(at + 1).is_some_and(|token| token.text.starts_with('@'));
        behind || at.checked_sub(1).is_some_and(|at| self.get(at).text == "@")
    }

    /// Hides all between the bracket at `at` and its counterpart.
    fn hide_arguments(&mut self, at: usize) {
        let mut depth = 0;
        for place in at..self.code.len() {
            let token = self.get(place);
            match token.text {
                "(" => depth += 1,
                ")" => depth -= 1,
                _ => {}
            }
            if depth == 0 || is_end(token) {
                return;
            }
            if token.kind == TokenKind::String {
                self.hide(place);
            }
        }
    }
}

pub(super) fn is_end(token: &Token<'_>) -> bool {
    matches!(token.kind, TokenKind::Semicolon | TokenKind::Delimiter)
}

pub(super) fn is_any(token: &Token<'_>, words: &[&str]) -> bool {
    words.iter().any(|word| token.is_word(word))
}
