//! The kind of a statement, from the tokens of its head; the rest of it is not looked at.

use crate::{StatementKind as K, TokenKind};

/// Takes the tokens of one statement until its kind is known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Classifier {
    kind: K,
    state: State,
    parentheses: usize,
    /// Whether a name stands next, whatever keyword it may look like.
    naming: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Start,
    /// Behind `WITH`: the main verb is the first one outside parentheses that is no name.
    With,
    /// Behind `CREATE`, `ALTER` or `DROP`: modifiers, then the object.
    Object,
    /// Behind `BEGIN`: where MySQL sees no transaction, it is a block.
    Begin,
    /// Behind `ROLLBACK`: `TO` makes it another kind.
    Rollback,
    /// Behind `START` or `PREPARE`: only `TRANSACTION` is known.
    Transaction(K),
    Done,
}

enum Verb {
    Is(K),
    Then(K, State),
}

use Verb::{Is, Then};

/// The first word of a statement, the most frequent first.
const VERBS: &[(&str, Verb)] = &[
    ("insert", Is(K::Insert)),
    ("select", Is(K::Select)),
    ("update", Is(K::Update)),
    ("delete", Is(K::Delete)),
    ("create", Then(K::Create, State::Object)),
    ("alter", Then(K::Alter, State::Object)),
    ("drop", Then(K::Drop, State::Object)),
    ("with", Then(K::Select, State::With)),
    ("replace", Is(K::Replace)),
    ("merge", Is(K::Merge)),
    ("values", Is(K::Values)),
    ("table", Is(K::Select)),
    ("set", Is(K::Set)),
    ("reset", Is(K::Set)),
    ("comment", Is(K::Comment)),
    ("begin", Then(K::Begin, State::Begin)),
    ("start", Then(K::Other, State::Transaction(K::Begin))),
    ("commit", Is(K::Commit)),
    ("end", Is(K::Commit)),
    ("rollback", Then(K::Rollback, State::Rollback)),
    ("abort", Is(K::Rollback)),
    ("savepoint", Is(K::Savepoint)),
    ("release", Is(K::Release)),
    ("prepare", Then(K::Prepare, State::Transaction(K::PrepareTransaction))),
    ("execute", Is(K::Prepare)),
    ("deallocate", Is(K::Prepare)),
    ("xa", Is(K::Xa)),
    ("copy", Is(K::Copy)),
    ("load", Is(K::Load)),
    ("truncate", Is(K::Truncate)),
    ("rename", Is(K::Rename)),
    ("grant", Is(K::Grant)),
    ("revoke", Is(K::Revoke)),
    ("pragma", Is(K::Pragma)),
    ("vacuum", Is(K::Vacuum)),
    ("analyze", Is(K::Analyze)),
    ("analyse", Is(K::Analyze)),
    ("reindex", Is(K::Reindex)),
    ("refresh", Is(K::Refresh)),
    ("cluster", Is(K::Cluster)),
    ("optimize", Is(K::Optimize)),
    ("attach", Is(K::Attach)),
    ("detach", Is(K::Detach)),
    ("explain", Is(K::Explain)),
    ("describe", Is(K::Explain)),
    ("desc", Is(K::Explain)),
    ("show", Is(K::Show)),
    ("use", Is(K::Use)),
    ("call", Is(K::Call)),
    ("do", Is(K::Do)),
    ("if", Is(K::Do)),
    ("case", Is(K::Do)),
    ("loop", Is(K::Do)),
    ("while", Is(K::Do)),
    ("repeat", Is(K::Do)),
    ("for", Is(K::Do)),
    ("lock", Is(K::Lock)),
    ("unlock", Is(K::Unlock)),
];

/// The object of a `CREATE`, `ALTER` or `DROP`: the kind of each of the three.
const OBJECTS: &[(&str, K, K, K)] = &[
    ("table", K::CreateTable, K::AlterTable, K::DropTable),
    ("index", K::CreateIndex, K::Alter, K::DropIndex),
    ("view", K::CreateView, K::Alter, K::DropView),
    ("trigger", K::CreateTrigger, K::Alter, K::DropTrigger),
    ("function", K::CreateFunction, K::Alter, K::Drop),
    ("aggregate", K::CreateFunction, K::Alter, K::Drop),
    ("procedure", K::CreateProcedure, K::Alter, K::Drop),
    ("schema", K::CreateSchema, K::Alter, K::Drop),
    ("database", K::CreateDatabase, K::Alter, K::DropDatabase),
    ("type", K::CreateType, K::Alter, K::Drop),
    ("domain", K::CreateType, K::Alter, K::Drop),
    ("sequence", K::CreateSequence, K::Alter, K::Drop),
    ("extension", K::CreateExtension, K::Alter, K::Drop),
];

/// What may stand between `CREATE` and its object. Behind `=` or `@` anything may.
const MODIFIERS: &[&str] = &[
    "or",
    "replace",
    "temp",
    "temporary",
    "global",
    "local",
    "unlogged",
    "unique",
    "fulltext",
    "spatial",
    "vector",
    "recursive",
    "materialized",
    "virtual",
    "constraint",
    "foreign",
    "event",
    "algorithm",
    "definer",
    "sql",
    "security",
    "invoker",
    "online",
    "offline",
    "ignore",
];

/// Verbs that may follow the common table expressions of a `WITH`.
const MAIN_VERBS: &[&str] = &["select", "insert", "update", "delete", "merge", "replace", "values", "table"];

impl Classifier {
    pub(crate) fn new() -> Self {
        Classifier { kind: K::Other, state: State::Start, parentheses: 0, naming: false }
    }

    /// The kind, of the tokens so far.
    pub(crate) fn kind(&self) -> K {
        self.kind
    }

    /// Takes the next token that is neither blank nor comment; `blocks` says that a `BEGIN` may begin a block.
    #[inline]
    pub(crate) fn token(&mut self, kind: TokenKind, text: &[u8], blocks: bool) {
        if self.state != State::Done {
            self.head(kind, text, blocks);
        }
    }

    fn head(&mut self, kind: TokenKind, text: &[u8], blocks: bool) {
        let is_name = kind != TokenKind::Word || self.naming;
        let word = if is_name { b"" } else { text };
        let is = |keyword: &str| word.eq_ignore_ascii_case(keyword.as_bytes());
        let is_any = |keywords: &[&str]| keywords.iter().any(|keyword| is(keyword));
        self.naming = matches!(text, b"=" | b"@");
        self.state = match self.state {
            State::Start if text == b"(" => State::Start,
            State::Start => match VERBS.iter().find(|(verb, _)| is(verb)) {
                Some((_, Is(kind))) => self.known(*kind),
                Some((_, Then(kind, state))) => {
                    self.kind = *kind;
                    self.naming = *state == State::With;
                    *state
                }
                None => State::Done,
            },
            State::With => {
                match text {
                    b"(" => self.parentheses += 1,
                    b")" => self.parentheses = self.parentheses.saturating_sub(1),
                    _ => {}
                }
                self.naming = text == b"," || (is_name && text.eq_ignore_ascii_case(b"recursive"));
                if self.parentheses == 0 && is_any(MAIN_VERBS) {
                    let verb = VERBS.iter().find(|(verb, _)| is(verb));
                    self.known(verb.map_or(K::Select, |(_, verb)| match verb {
                        Is(kind) | Then(kind, _) => *kind,
                    }))
                } else {
                    State::With
                }
            }
            State::Object => match OBJECTS.iter().find(|object| is(object.0)) {
                // MySQL writes `CREATE AGGREGATE FUNCTION`, PostgreSQL `CREATE AGGREGATE`: the same kind.
                Some((_, create, alter, drop)) => self.known(match self.kind {
                    K::Create => *create,
                    K::Alter => *alter,
                    _ => *drop,
                }),
                None if is_name && kind != TokenKind::Semicolon && text != b"(" => State::Object,
                None if is_any(MODIFIERS) => State::Object,
                None => State::Done,
            },
            State::Begin if !blocks || is("work") => State::Done,
            State::Begin => self.known(K::Do),
            State::Rollback if is("to") => self.known(K::RollbackTo),
            State::Rollback if is_any(&["work", "transaction"]) => State::Rollback,
            State::Transaction(kind) if is("transaction") => self.known(kind),
            State::Rollback | State::Transaction(_) | State::Done => State::Done,
        };
    }

    fn known(&mut self, kind: K) -> State {
        self.kind = kind;
        State::Done
    }
}
