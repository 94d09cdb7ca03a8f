//! What a statement is about: the tables, views, routines that it creates, changes or drops.

use migration_syntax::{Dialect, Token, TokenKind, tokens};

/// What a statement is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum About {
    /// These, by kind and by their names as they stand in the statement.
    Objects { verb: Verb, objects: Vec<Object> },
    /// Users and what they may.
    Privileges,
    /// What can't be known: a procedure, a prepared statement.
    Anything { may_be_several: bool },
    /// Rows of tables.
    Rows { adds_or_removes: bool },
    /// Nothing that running it twice would harm.
    Nothing,
    /// Something that is not known here.
    Unknown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    /// All of its objects change together.
    Changes,
    /// Its objects go one after the other, and one that is gone already is no error.
    DropsIfExist,
    Renames,
}

/// Something that the catalogue tells the definition of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Object {
    /// A table (or a view, or a sequence), a routine, and so on.
    pub(super) kind: &'static str,
    /// Empty for the database that is in use.
    pub(super) name: String,
}

impl Object {
    /// The parts of the name without their quotes: a database, if it is told, and its own.
    pub(super) fn names(&self) -> Vec<String> {
        let parts = significant(&self.name).filter(|token| token.text != ".");
        parts.map(|token| token.identifier().into_owned()).collect()
    }
}

/// Words behind `CREATE`, `ALTER` and `DROP`, and where such a thing is found.
const KINDS: &[(&str, &str)] = &[
    ("table", "TABLE"),
    ("tables", "TABLE"),
    ("view", "TABLE"),
    ("sequence", "TABLE"),
    ("procedure", "PROCEDURE"),
    ("function", "FUNCTION"),
    ("trigger", "TRIGGER"),
    ("event", "EVENT"),
    ("database", "DATABASE"),
    ("schema", "DATABASE"),
    ("package", "PACKAGE"),
];

/// Tells it from the words of the statement.
pub(super) fn about(sql: &str) -> About {
    let tokens: Vec<Token<'_>> = significant(sql).collect();
    let word = |place: usize| {
        let token = tokens.get(place).filter(|token| token.kind == TokenKind::Word);
        token.map(|token| token.text.to_ascii_lowercase()).unwrap_or_default()
    };
    match word(0).as_str() {
        "call" | "do" => About::Anything { may_be_several: true },
        "execute" => About::Anything { may_be_several: false },
        // MariaDB's `SET STATEMENT … FOR` is about what stands behind it.
        "set" if word(1) == "statement" => {
            let behind = tokens.iter().find(|token| token.is_word("for")).map(|token| &sql[token.end..]);
            behind.map_or(About::Unknown, about)
        }
        "grant" | "revoke" => About::Privileges,
        "create" | "alter" | "drop" => definition(&tokens),
        "rename" if word(1) == "user" => About::Privileges,
        "rename" => objects(Verb::Renames, renamed(&tokens)),
        "insert" | "delete" => About::Rows { adds_or_removes: true },
        "update" | "replace" | "load" if word(1) != "index" => About::Rows { adds_or_removes: false },
        // `INSTALL` and `UNINSTALL` fail the second time.
        "install" | "uninstall" | "change" | "start" | "stop" | "purge" => About::Unknown,
        // A table that was emptied is, and `ANALYZE`, `FLUSH`, `OPTIMIZE`, `SET PASSWORD` and their kin do what they do.
        _ => About::Nothing,
    }
}

/// Whether a statement names one of some tables, given by database and name; `home` is the database of unqualified names.
pub(super) fn names_table(sql: &str, home: &str, tables: &[(String, String)]) -> bool {
    let names: Vec<Token<'_>> = significant(sql)
        .filter(|t| matches!(t.kind, TokenKind::Word | TokenKind::QuotedIdentifier))
        .collect();
    let is_named = |name: &str| names.iter().any(|token| token.identifier().eq_ignore_ascii_case(name));
    tables.iter().any(|(database, table)| {
        is_named(table) && (database.eq_ignore_ascii_case(home) || is_named(database))
    })
}

/// Without blanks and comments; what stands in conditional comments counts.
fn significant(sql: &str) -> impl Iterator<Item = Token<'_>> {
    let ignored = |token: &Token<'_>| {
        token.is_trivia() || matches!(token.kind, TokenKind::ConditionalStart | TokenKind::ConditionalEnd)
    };
    tokens(sql, Dialect::Mysql).map_while(Result::ok).filter(move |token| !ignored(token))
}

fn objects(verb: Verb, objects: Vec<Object>) -> About {
    if objects.is_empty() { About::Unknown } else { About::Objects { verb, objects } }
}

/// `CREATE`, `ALTER` and `DROP` with whatever stands before the kind.
fn definition(tokens: &[Token<'_>]) -> About {
    let is = |place: usize, word: &str| tokens.get(place).is_some_and(|token| token.is_word(word));
    let place = |words: &[&str]| tokens.iter().position(|token| words.iter().any(|word| token.is_word(word)));
    let head = tokens.len().min(16);
    let kind = tokens[..head].iter().enumerate().skip(1).find_map(|(place, token)| {
        let kind = KINDS.iter().find(|(word, _)| token.is_word(word));
        if let Some((_, shown)) = kind {
            return Some((place, *shown));
        }
        token.is_word("index").then_some((place, "INDEX"))
    });
    let Some((at, kind)) = kind else {
        return if place(&["user", "role"]).is_some_and(|place| place == 1 || is(1, "or")) {
            About::Privileges
        } else {
            About::Unknown
        };
    };
    if kind == "INDEX" {
        // Of an index, its table is what changes.
        let on = place(&["on"]).map(|on| on + 1);
        return objects(
            Verb::Changes,
            on.and_then(|on| object("TABLE", &tokens[on..])).into_iter().collect(),
        );
    }
    let mut at = at + 1;
    let body = is(at, "body");
    let if_exists = is(at + usize::from(body), "if");
    while ["body", "if", "not", "exists"].iter().any(|word| is(at, word)) {
        at += 1;
    }
    let kind = if body { "PACKAGE BODY" } else { kind };
    if is(0, "alter") && moves_data(tokens) {
        return About::Unknown;
    }
    if kind == "DATABASE" && is(0, "alter") && OPTIONS.iter().any(|word| is(at, word)) {
        return objects(Verb::Changes, vec![Object { kind, name: String::new() }]);
    }
    if !is(0, "drop") {
        return objects(Verb::Changes, object(kind, &tokens[at.min(tokens.len())..]).into_iter().collect());
    }
    let verb = if if_exists { Verb::DropsIfExist } else { Verb::Changes };
    let listed = tokens[at.min(tokens.len())..].split(|token| token.text == ",");
    objects(verb, listed.filter_map(|tokens| object(kind, tokens)).collect())
}

/// What may stand where `ALTER DATABASE` leaves the name out.
const OPTIONS: &[&str] = &["default", "character", "charset", "collate", "encryption", "read", "comment"];

/// Whether rows change their place and no definition shows it: `EXCHANGE PARTITION`, `IMPORT TABLESPACE` and their kin.
fn moves_data(tokens: &[Token<'_>]) -> bool {
    let moves = ["exchange", "import", "discard"];
    let what = ["partition", "tablespace"];
    tokens.windows(2).any(|pair| {
        moves.iter().any(|word| pair[0].is_word(word)) && what.iter().any(|word| pair[1].is_word(word))
    })
}

/// `RENAME TABLE a TO b, c TO d`: the old names.
fn renamed(tokens: &[Token<'_>]) -> Vec<Object> {
    let mut at = 2;
    while tokens.get(at).is_some_and(|token| token.is_word("if") || token.is_word("exists")) {
        at += 1;
    }
    let pairs = tokens[at.min(tokens.len())..].split(|token| token.text == ",");
    pairs.filter_map(|tokens| object("TABLE", tokens)).collect()
}

/// The object whose name stands first, with its database.
fn object(kind: &'static str, tokens: &[Token<'_>]) -> Option<Object> {
    let mut name = String::new();
    let mut after_dot = true;
    for token in tokens {
        let dot = token.text == ".";
        if !dot && !after_dot {
            break;
        }
        if !dot && !matches!(token.kind, TokenKind::Word | TokenKind::QuotedIdentifier) {
            break;
        }
        name.push_str(token.text);
        after_dot = dot;
    }
    (!name.is_empty()).then_some(Object { kind, name })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(sql: &str, expected: &str) {
        let text = match about(sql) {
            About::Objects { verb, objects } => {
                let objects: Vec<_> = objects.iter().map(|o| format!("{} {}", o.kind, o.name)).collect();
                format!("{verb:?}: {}", objects.join(", "))
            }
            other => format!("{other:?}"),
        };
        assert_eq!(text, expected, "{sql}");
    }

    #[test]
    fn definitions() {
        check(
            "CREATE TABLE IF NOT EXISTS `a b`.c (x int, FOREIGN KEY (x) REFERENCES d (y))",
            "Changes: TABLE `a b`.c",
        );
        check("ALTER TABLE t ADD COLUMN c int", "Changes: TABLE t");
        check("ALTER TABLE t ADD exchange int, ADD partition_id int", "Changes: TABLE t");
        check("create unique index i using btree on t (a)", "Changes: TABLE t");
        check("DROP INDEX i ON d.t", "Changes: TABLE d.t");
        check("DROP TABLE IF EXISTS a, b.c CASCADE", "DropsIfExist: TABLE a, TABLE b.c");
        check("DROP VIEW v", "Changes: TABLE v");
        check(
            "CREATE OR REPLACE ALGORITHM=MERGE DEFINER=`u`@`%` SQL SECURITY INVOKER VIEW v AS SELECT 1 FROM t",
            "Changes: TABLE v",
        );
        check(
            "/*!50003 CREATE*/ /*!50017 DEFINER=`r`@`l`*/ /*!50003 TRIGGER tr AFTER INSERT ON t FOR EACH ROW SET @a=1 */",
            "Changes: TRIGGER tr",
        );
        check("CREATE PROCEDURE p() BEGIN CREATE TABLE x (y int); END", "Changes: PROCEDURE p");
        check("RENAME TABLE a TO b, `c` TO d", "Renames: TABLE a, TABLE `c`");
        check("CREATE DATABASE IF NOT EXISTS d", "Changes: DATABASE d");
        check("ALTER DATABASE `default` CHARACTER SET latin1", "Changes: DATABASE `default`");
        check("ALTER SCHEMA DEFAULT CHARACTER SET latin1", "Changes: DATABASE ");
        check("SET STATEMENT max_statement_time = 5 FOR DROP TABLE t", "Changes: TABLE t");
    }

    #[test]
    fn others() {
        check("CALL p()", "Anything { may_be_several: true }");
        check("EXECUTE s USING @a", "Anything { may_be_several: false }");
        check("CREATE USER u IDENTIFIED BY 'x'", "Privileges");
        check("DROP ROLE r", "Privileges");
        check("GRANT SELECT ON t TO u", "Privileges");
        check("INSERT INTO t VALUES (1)", "Rows { adds_or_removes: true }");
        check("TRUNCATE TABLE t", "Nothing");
        check("ALTER TABLE t EXCHANGE PARTITION p WITH TABLE u", "Unknown");
        check("ALTER TABLE t IMPORT TABLESPACE", "Unknown");
        check("INSTALL PLUGIN p SONAME 'x'", "Unknown");
        check("CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (HOST 'h')", "Unknown");
    }

    #[test]
    fn tables_that_a_statement_names() {
        let tables = [("shop".to_owned(), "Log".to_owned()), ("other".to_owned(), "events".to_owned())];
        assert!(names_table("INSERT INTO `log` VALUES ('x')", "shop", &tables));
        assert!(names_table("INSERT INTO other.events SELECT 1", "shop", &tables));
        assert!(!names_table("INSERT INTO events VALUES ('log')", "shop", &tables));
    }
}
