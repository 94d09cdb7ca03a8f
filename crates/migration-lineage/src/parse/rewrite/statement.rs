//! Statements of a form that the parser doesn't know, as ones that it does.

use migration_syntax::Dialect;

/// `TABLE t` as a query; MySQL's `UPDATE t, u SET` with a join in place of the comma.
pub(super) fn other(words: &[&str], dialect: Dialect) -> Option<String> {
    let first = words.first()?;
    if first.eq_ignore_ascii_case("table") {
        return Some(format!("SELECT * FROM {}", words[1..].join(" ")));
    }
    if dialect != Dialect::Mysql || !first.eq_ignore_ascii_case("update") {
        return None;
    }
    let mut depth = 0usize;
    let mut done = false;
    let joined = words.iter().map(|word| {
        match *word {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            word if word.eq_ignore_ascii_case("set") => done = true,
            _ => {}
        }
        if *word == "," && depth == 0 && !done { "JOIN" } else { word }
    });
    Some(joined.collect::<Vec<_>>().join(" "))
}
