//! Texts of statements as events hold them: without secrets, and no longer than a server takes.

use migration_syntax::Dialect;

use super::facet::Sql;
use crate::secrets::mask_secrets;

/// How many bytes of statements an event holds at most.
const QUERY: usize = 128 << 10;

/// The facet of statements, each without its end; none without statements. What is too long is cut, and what comes behind that is
/// counted.
pub(super) fn of_statements<'a>(texts: impl Iterator<Item = &'a str>, dialect: Dialect) -> Option<Sql> {
    let mut query = String::new();
    let (mut is_cut, mut left_out) = (false, 0);
    for text in texts {
        if is_cut {
            left_out += 1;
            continue;
        }
        query.push_str(if query.is_empty() { "" } else { "\n" });
        query.push_str(&mask_secrets(text, dialect));
        query.push(';');
        is_cut = cut(&mut query);
    }
    if is_cut {
        let more = match left_out {
            0 => String::new(),
            1 => ", 1 more statement".to_owned(),
            _ => format!(", {left_out} more statements"),
        };
        query.push_str(&format!("\n-- cut after {} KiB{more}", QUERY >> 10));
    }
    (!query.is_empty()).then(|| of_text(query, dialect))
}

/// The facet of a text of many statements.
pub(super) fn of_file(text: &str, dialect: Dialect) -> Sql {
    let mut query = mask_secrets(text, dialect).into_owned();
    if cut(&mut query) {
        query.push_str(&format!("\n-- cut after {} KiB", QUERY >> 10));
    }
    of_text(query, dialect)
}

fn of_text(query: String, dialect: Dialect) -> Sql {
    Sql { query, dialect: Some(dialect.as_str().to_owned()) }
}

/// Cuts what is too long; whether it was.
fn cut(query: &mut String) -> bool {
    let is_long = query.len() > QUERY;
    if is_long {
        query.truncate(query.floor_char_boundary(QUERY));
    }
    is_long
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(texts: &[&str], end: &str, length: usize) {
        let query = of_statements(texts.iter().copied(), Dialect::Sqlite).unwrap().query;
        assert!(query.ends_with(end), "{}", &query[query.len().saturating_sub(60)..]);
        assert_eq!(query.strip_suffix(end).unwrap().len(), length);
    }

    #[test]
    fn long_texts_are_cut() {
        assert_eq!(of_statements([].into_iter(), Dialect::Sqlite), None);
        check(&["SELECT 1", "SELECT 2"], "SELECT 1;\nSELECT 2;", 0);
        let long = format!("SELECT '{}'", "é".repeat(QUERY));
        check(&[&long], "\n-- cut after 128 KiB", QUERY);
        check(&["SELECT 1", &long], "\n-- cut after 128 KiB", QUERY);
        // The bound is in the middle of a letter.
        check(&["SELECT 12", &long, "SELECT 2"], "\n-- cut after 128 KiB, 1 more statement", QUERY - 1);
        check(&[&long, "SELECT 2", "SELECT 3"], "\n-- cut after 128 KiB, 2 more statements", QUERY);
        let fits = format!("SELECT '{}'", "x".repeat(QUERY - 10));
        check(&[&fits], "';", QUERY - 2);
        let secret = format!("ALTER USER a PASSWORD '{}'", "x".repeat(2 * QUERY));
        let query = of_statements([&*secret].into_iter(), Dialect::Postgres).unwrap().query;
        assert_eq!(query, "ALTER USER a PASSWORD '***';");
        assert_eq!(of_file("SELECT 1", Dialect::Sqlite).query, "SELECT 1");
        assert_eq!(of_file(&long, Dialect::Sqlite).query.len(), QUERY + 21);
    }
}
