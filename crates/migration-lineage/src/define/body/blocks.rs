//! A body cut into steps: its statements, what is put into variables, and the blocks around them with their conditions.
//!
//! Read by words, for PL/pgSQL, for the bodies of MySQL and MariaDB, and for SQLite's triggers alike: what one of them has
//! and the others have not can't be mistaken for anything else where a statement begins.

use migration_syntax::{Dialect, Token, TokenKind};

use super::clean::split_list;

/// Words of a body, between two places of its text.
pub(super) type Words<'t> = &'t [Token<'t>];

/// One thing that a body does.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step<'t> {
    /// A statement that reads or writes rows.
    Rows(Words<'t>),
    /// A variable, a column of the row at hand, or several: what it gets.
    Assign {
        /// `x`, `NEW.x`, `x.field`; several with commas.
        target: Words<'t>,
        /// The expression.
        value: Words<'t>,
    },
    /// A variable is declared.
    Declare {
        /// Its name; in MySQL several with commas.
        names: Words<'t>,
        /// Its type.
        of: Words<'t>,
        /// What it begins with.
        value: Words<'t>,
    },
    /// A cursor, or the record of a loop: the query that its rows come from.
    Cursor {
        /// Its name.
        name: Words<'t>,
        /// The query, or `EXECUTE` with a text.
        query: Words<'t>,
    },
    /// `FETCH`: a row of a cursor put into variables.
    Fetch {
        /// The cursor.
        cursor: Words<'t>,
        /// The variables.
        into: Words<'t>,
    },
    /// A text that is run as a statement, with its `INTO` and `USING`.
    Execute(Words<'t>),
    /// `PREPARE name FROM text`.
    Prepare {
        /// The name.
        name: Words<'t>,
        /// The text.
        text: Words<'t>,
    },
    /// A statement that changes the schema.
    Define(Words<'t>),
    /// `RETURN`, with its value if it has one; `RETURN NEXT` and `RETURN QUERY` don't leave.
    Return {
        /// The value or the query.
        value: Words<'t>,
        /// Whether nothing is run behind it.
        leaves: bool,
    },
    /// A block begins; what it runs is decided by the condition.
    Open(Block, Words<'t>),
    /// Another branch of the block: `ELSIF`, `WHEN`, `ELSE`.
    Branch(Words<'t>),
    /// The block ends.
    Close,
    /// `EXIT`, `LEAVE`, `CONTINUE`, `ITERATE`, `UNTIL`: the loop goes on, or does not, by this condition.
    Jump(Words<'t>),
    /// A string with a text of SQL in it.
    Text(&'t Token<'t>),
    /// Expressions with commas, whose values nobody keeps.
    Look(Words<'t>),
    /// Tables with commas, and their columns, that are named alone.
    Name(Words<'t>),
}

/// What a block is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Block {
    /// `BEGIN`.
    Plain,
    /// `IF`: its condition is that of its first branch.
    If,
    /// `CASE`: its branches follow, and what is said here is what they compare.
    Case,
    /// `LOOP`, `WHILE`, `FOR`, `REPEAT`.
    Loop,
}

/// Words that a statement about rows begins with.
pub(super) const ROWS: &[&str] = &[
    "select", "insert", "update", "delete", "merge", "with", "replace", "truncate", "perform", "values",
    "call",
];

/// Words that a statement begins with that changes the schema.
const DEFINITIONS: &[&str] = &["create", "alter", "drop", "rename"];

/// Words that other statements begin with, in which an equals sign compares.
const OTHERS: &[&str] =
    &["raise", "assert", "get", "signal", "resignal", "do", "comment", "grant", "close", "copy"];

/// Cuts a body.
pub(super) fn steps(tokens: Words<'_>, dialect: Dialect) -> Vec<Step<'_>> {
    let mut scan = Scan { tokens, dialect, at: 0, steps: Vec::new(), declaring: false, handling: false };
    while scan.at < tokens.len() {
        let before = scan.at;
        scan.statement();
        // Whatever it was, there is less of it now.
        scan.at = scan.at.max(before + 1);
    }
    scan.steps
}

/// How many blocks are open at once, at most.
pub(super) fn depth(steps: &[Step<'_>]) -> usize {
    let (mut open, mut most) = (0usize, 0);
    for step in steps {
        match step {
            Step::Open(..) => open += 1,
            Step::Close => open = open.saturating_sub(1),
            _ => {}
        }
        most = most.max(open);
    }
    most
}

/// What has been cut so far, and where the next statement begins.
pub(super) struct Scan<'t> {
    pub(super) tokens: Words<'t>,
    pub(super) dialect: Dialect,
    pub(super) at: usize,
    pub(super) steps: Vec<Step<'t>>,
    /// Between `DECLARE` and `BEGIN` of PL/pgSQL.
    pub(super) declaring: bool,
    /// Behind `EXCEPTION`.
    handling: bool,
}

impl<'t> Scan<'t> {
    pub(super) fn is(&self, at: usize, word: &str) -> bool {
        self.tokens.get(at).is_some_and(|token| token.is_word(word))
    }

    pub(super) fn is_one_of(&self, at: usize, words: &[&str]) -> bool {
        words.iter().any(|word| self.is(at, word))
    }

    pub(super) fn sign(&self, at: usize, sign: &str) -> bool {
        self.tokens.get(at).is_some_and(|token| token.text == sign)
    }

    pub(super) fn words(&self, from: usize, to: usize) -> Words<'t> {
        self.tokens.get(from..to.max(from)).unwrap_or_default()
    }

    /// The next place outside of brackets for which it holds, or the end of the statement.
    pub(super) fn find(&self, from: usize, holds: impl Fn(usize) -> bool) -> usize {
        let (mut depth, mut cases) = (0usize, 0usize);
        for at in from..self.tokens.len() {
            match self.tokens[at].text {
                "(" => depth += 1,
                ")" if depth == 0 => return at,
                ")" => depth -= 1,
                _ => {}
            }
            if depth == 0 && cases == 0 && holds(at) || self.ends(at) {
                return at;
            }
            // The `THEN`, `WHEN` and `END` of a `CASE` in an expression are its own.
            if self.is(at, "case") {
                cases += 1;
            } else if self.is(at, "end") {
                cases = cases.saturating_sub(1);
            }
        }
        self.tokens.len()
    }

    fn ends(&self, at: usize) -> bool {
        matches!(self.tokens[at].kind, TokenKind::Semicolon | TokenKind::Delimiter)
    }

    pub(super) fn end(&self, from: usize) -> usize {
        self.find(from, |_| false)
    }

    fn push(&mut self, step: Step<'t>, next: usize) {
        self.steps.push(step);
        self.at = next;
    }

    /// A condition up to one of these words.
    fn until(&mut self, from: usize, words: &[&str], step: impl FnOnce(Words<'t>) -> Step<'t>) {
        let end = self.find(from, |at| self.is_one_of(at, words));
        self.push(step(self.words(from, end)), end + 1);
    }

    /// What begins here.
    fn statement(&mut self) {
        let at = self.at;
        let labelled = self.sign(at + 1, ":") && !self.sign(at + 2, "=");
        if self.ends(at) || self.sign(at, ")") {
            self.at = at + 1;
        } else if self.sign(at, "<") && self.sign(at + 1, "<") {
            self.at = self.find(at + 2, |at| self.sign(at, ">")) + 2;
        } else if labelled {
            self.at = at + 2;
        } else if self.is(at, "begin") {
            self.declaring = false;
            let atomic = usize::from(self.is(at + 1, "atomic"));
            self.push(Step::Open(Block::Plain, &[]), at + 1 + atomic);
        } else if self.is(at, "declare") {
            self.declaration(at + 1);
        } else if self.declaring {
            self.variable(at);
        } else if self.is(at, "end") {
            self.handling = false;
            let end = self.end(at);
            self.push(Step::Close, end);
        } else if !self.control(at) && !self.simple(at) {
            self.assignment(at);
        }
    }

    /// Choices, loops and what leaves them.
    fn control(&mut self, at: usize) -> bool {
        if self.is(at, "if") {
            self.until(at + 1, &["then"], |words| Step::Open(Block::If, words));
        } else if self.is_one_of(at, &["elsif", "elseif"]) {
            self.until(at + 1, &["then"], Step::Branch);
        } else if self.is(at, "else") {
            self.push(Step::Branch(&[]), at + 1);
        } else if self.is(at, "exception") {
            self.handling = true;
            self.at = at + 1;
        } else if self.is(at, "case") {
            let end = self.find(at + 1, |at| self.is(at, "when"));
            self.push(Step::Open(Block::Case, self.words(at + 1, end)), end);
        } else if self.is(at, "when") {
            let handling = self.handling;
            self.until(at + 1, &["then"], |words| Step::Branch(if handling { &[] } else { words }));
        } else if self.is(at, "while") {
            self.until(at + 1, &["loop", "do"], |words| Step::Open(Block::Loop, words));
        } else if self.is_one_of(at, &["loop", "repeat"]) {
            self.push(Step::Open(Block::Loop, &[]), at + 1);
        } else if self.is(at, "until") {
            self.until(at + 1, &["end"], Step::Jump);
            self.at -= 1;
        } else if self.is(at, "for") && self.is(at + 1, "each") {
            // The head of a trigger.
            self.at = at + 2 + usize::from(self.is_one_of(at + 2, &["row", "statement"]));
        } else if self.is_one_of(at, &["follows", "precedes"]) {
            self.at = at + 2;
        } else if self.is_one_of(at, &["for", "foreach"]) {
            self.each(at);
        } else if self.is_one_of(at, &["exit", "continue", "leave", "iterate"]) {
            let end = self.end(at);
            let when = self.find(at, |at| self.is(at, "when"));
            self.push(Step::Jump(self.words(when + 1, end)), end);
        } else {
            return false;
        }
        true
    }

    /// `FOR x IN … LOOP`, `FOREACH x IN ARRAY … LOOP`.
    fn each(&mut self, at: usize) {
        let inside = self.find(at + 1, |at| self.is(at, "in"));
        let end = self.find(inside + 1, |at| self.is_one_of(at, &["loop", "do"]));
        let slice = self.find(at + 1, |at| self.is(at, "slice"));
        let name = self.words(at + 1, slice.min(inside));
        let skip = usize::from(self.is_one_of(inside + 1, &["array", "reverse"]));
        let value = self.words(inside + 1 + skip, end);
        let is_query = value.iter().find(|token| token.text != "(").is_some_and(begins_query);
        let step = match value {
            _ if is_query => Step::Cursor { name, query: value },
            _ => Step::Assign { target: name, value },
        };
        self.steps.push(step);
        self.push(Step::Open(Block::Loop, name), end + 1);
    }

    /// Statements that are told by their first word.
    fn simple(&mut self, at: usize) -> bool {
        let end = self.end(at);
        let all = self.words(at, end);
        let opens_query =
            self.sign(at, "(") && all.iter().find(|token| token.text != "(").is_some_and(begins_query);
        if self.is_one_of(at, ROWS) || opens_query {
            self.push(Step::Rows(all), end);
        } else if self.is(at, "execute") {
            self.push(Step::Execute(self.words(at + 1, end)), end);
        } else if self.is(at, "prepare") {
            let from = self.find(at, |at| self.is(at, "from"));
            let (name, text) = (self.words(at + 1, from), self.words(from + 1, end));
            self.push(Step::Prepare { name, text }, end);
        } else if self.is_one_of(at, DEFINITIONS) {
            self.push(Step::Define(all), end);
        } else if self.is(at, "return") {
            let goes_on = self.is_one_of(at + 1, &["next", "query"]);
            let value = self.words(at + 1 + usize::from(goes_on), end);
            self.push(Step::Return { value, leaves: !goes_on }, end);
        } else if self.is(at, "set") {
            self.set(at + 1, end);
        } else if self.is(at, "open") {
            let query = self.find(at, |at| self.is(at, "for"));
            let name = self.words(at + 1, at + 2);
            let query = self.words(query + 1, end);
            if !query.is_empty() {
                self.steps.push(Step::Cursor { name, query });
            }
            self.at = end;
        } else if self.is(at, "fetch") {
            let into = self.find(at, |at| self.is(at, "into"));
            let cursor = self.words(into.saturating_sub(1).max(at), into);
            self.push(Step::Fetch { cursor, into: self.words(into + 1, end) }, end);
        } else if self.dialect == Dialect::Postgres
            && self.is_one_of(at, &["raise", "assert", "copy", "lock"])
        {
            self.aside(at, end);
        } else if self.is_one_of(at, &["row", "atomic", "not", "language", "as", "deterministic"]) {
            // Heads that are read along.
            self.at = at + 1;
        } else {
            return false;
        }
        true
    }

    /// `RAISE`, `ASSERT`, `COPY` and `LOCK` of PostgreSQL.
    fn aside(&mut self, at: usize, end: usize) {
        if self.is(at, "assert") {
            self.push(Step::Look(self.words(at + 1, end)), end);
        } else if self.is(at, "raise") {
            let using = self.find(at, |at| self.is(at, "using")).min(end);
            let first = self.find(at, |at| self.sign(at, ",")).min(using);
            self.steps.push(Step::Look(self.words(first + 1, using)));
            for option in split_list(self.words(using + 1, end)) {
                if let [_, sign, value @ ..] = option
                    && sign.text == "="
                {
                    self.steps.push(Step::Look(value));
                }
            }
            self.at = end;
        } else if self.is(at, "copy") && self.sign(at + 1, "(") {
            let close = self.find(at + 2, |_| false);
            self.push(Step::Look(self.words(at + 2, close)), end);
        } else {
            let stop = self.find(at, |at| self.is_one_of(at, &["from", "to", "in", "nowait"])).min(end);
            self.push(Step::Name(self.words(at + 1, stop)), end);
        }
    }

    /// `SET a = 1, b = 2` of MySQL.
    fn set(&mut self, from: usize, end: usize) {
        let mut at = from;
        while at < end {
            let sign = self.find(at, |at| self.sign(at, "="));
            let next = self.find(at, |at| self.sign(at, ",")).min(end);
            if sign < next {
                let target = self.words(at, sign - usize::from(self.sign(sign - 1, ":")));
                self.steps.push(Step::Assign { target, value: self.words(sign + 1, next) });
            }
            at = next + 1;
        }
        self.at = end;
    }

    /// `x := 1`, `x = 1`; or anything else, up to its end.
    fn assignment(&mut self, at: usize) {
        let end = self.end(at);
        let sign = self.find(at, |at| self.sign(at, "="));
        let is_name = matches!(self.tokens[at].kind, TokenKind::Word | TokenKind::QuotedIdentifier);
        if is_name && sign > at && sign < end && !self.is_one_of(at, OTHERS) {
            let target = self.words(at, sign - usize::from(self.sign(sign - 1, ":")));
            self.push(Step::Assign { target, value: self.words(sign + 1, end) }, end);
            return;
        }
        let texts = self.words(at, end).iter().filter(|token| is_dollar(token));
        self.steps.extend(texts.map(Step::Text));
        self.at = end;
    }
}

fn begins_query(token: &Token<'_>) -> bool {
    ["select", "with", "values", "insert", "update", "delete", "execute", "table"]
        .iter()
        .any(|word| token.is_word(word))
}

pub(super) fn is_dollar(token: &Token<'_>) -> bool {
    token.kind == TokenKind::String && token.text.starts_with('$')
}
