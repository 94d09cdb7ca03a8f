//! The place in a statement that an error is about: the server's words name it.

use std::ops::Range;

use migration_syntax::{Dialect, Token, tokens};

/// How much of the statement the server repeats behind `near` (`ER_PARSE_ERROR`).
const REPEATED: usize = 80;

/// Byte span of the word that a message is about.
pub(super) fn locate(sql: &str, message: &str) -> Option<Range<usize>> {
    if let Some((_, near)) = message.split_once(" near '") {
        let near = near.strip_suffix('\'').unwrap_or(near);
        return located(sql, near);
    }
    // What is quoted is a name, with the names of what it is in before it.
    let name = message.split('\'').nth(1).or_else(|| {
        // `FUNCTION shop.f does not exist`
        message.strip_suffix(" does not exist")?.split_once(' ').map(|(_, name)| name)
    })?;
    let last = name.rsplit('.').next()?;
    let named = |token: &Token<'_>| token.identifier().eq_ignore_ascii_case(last);
    let found = tokens(sql, Dialect::Mysql).map_while(Result::ok).find(named)?;
    Some(found.start..found.end)
}

/// The word at the place where the rest of the statement is what the server repeated.
fn located(sql: &str, near: &str) -> Option<Range<usize>> {
    // MariaDB marks what it cut off.
    let (near, is_cut) = match near.strip_suffix("...") {
        Some(start) => (start, true),
        None => (near, near.chars().count() >= REPEATED),
    };
    if near.is_empty() {
        // The statement ended too early.
        let last =
            tokens(sql, Dialect::Mysql).map_while(Result::ok).filter(|token| !token.is_trivia()).last()?;
        return Some(last.start..last.end);
    }
    let start = if is_cut { sql.find(near) } else { sql.rfind(near) }?;
    let words = tokens(sql, Dialect::Mysql).map_while(Result::ok);
    let end = words.map(|token| token.end).find(|end| *end > start).unwrap_or(sql.len());
    Some(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(sql: &str, message: &str, expected: &str) {
        let found = locate(sql, message).map(|span| &sql[span]);
        assert_eq!(found.unwrap_or("nothing"), expected, "{message}");
    }

    #[test]
    fn words_lead_to_the_place() {
        check("SELEC 1", "… the right syntax to use near 'SELEC 1'", "SELEC");
        check("CREATE TABLE t (a int, b inte)", "… syntax to use near 'inte)'", "inte");
        check("CREATE TABLE t (", "… syntax to use near ''", "(");
        check("SELECT a.nope FROM t a", "Unknown column 'a.nope' in 'SELECT'", "nope");
        check("DROP TABLE `b c`", "Unknown table 'shop.b c'", "`b c`");
        check("INSERT INTO t VALUES (1)", "Duplicate entry '1' for key 'PRIMARY'", "1");
        check("SELECT 1 + f(2)", "FUNCTION shop.f does not exist", "f");
        let long = format!("CREATE TABLE t {}", "nonsense ".repeat(20));
        check(&long, &format!("… near '{}...'", &long[15..92]), "nonsense");
        check(&long, &format!("… near '{}'", &long[15..95]), "nonsense");
        check("SELECT 1", "Something else happened", "nothing");
    }
}
