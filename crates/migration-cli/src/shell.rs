//! Commands as text that a POSIX shell reads back as the same words.

/// Quotes a word where it needs it.
pub(crate) fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_need_no_quotes_stay() {
        for word in ["2024-05-01-120000_users", "sqlite:///app.db", "a/b.sql", "V1.2"] {
            assert_eq!(quote(word), word);
        }
    }

    #[test]
    fn everything_else_is_quoted() {
        assert_eq!(quote(""), "''");
        assert_eq!(quote("o'brien's"), r"'o'\''brien'\''s'");
        assert_eq!(quote("🦀 launch"), "'🦀 launch'");
        assert_eq!(quote("$(rm -rf ~)"), "'$(rm -rf ~)'");
        assert_eq!(quote("sqlite:///a.db?mode=ro&x"), "'sqlite:///a.db?mode=ro&x'");
    }
}
