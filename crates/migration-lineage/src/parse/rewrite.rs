//! What `sqlparser` does not read, said in other words: the statement without the clauses that no lineage depends on.

use migration_syntax::{Dialect, Token, TokenKind, tokens};

/// Other texts to try, the closest first.
pub(crate) fn candidates(text: &str, dialect: Dialect) -> Vec<String> {
    let tokens: Vec<_> = tokens(text, dialect).map_while(Result::ok).filter(|token| !token.is_trivia()).collect();
    let mut candidates = Vec::new();
    if let Some(text) = rewritten(text, &tokens, dialect) {
        candidates.push(text);
    }
    candidates
}

/// A rule: at this token, how many tokens to leave out and what to put there.
type Rule = fn(&[Token<'_>], Dialect) -> Option<(usize, &'static str)>;

const RULES: &[Rule] = &[cross_join, index_hints];

fn rewritten(text: &str, tokens: &[Token<'_>], dialect: Dialect) -> Option<String> {
    let mut output = String::with_capacity(text.len());
    let mut at = 0;
    let mut changed = false;
    while at < tokens.len() {
        let rest = &tokens[at..];
        match RULES.iter().find_map(|rule| rule(rest, dialect)) {
            Some((skip, instead)) => {
                changed = true;
                output.push_str(instead);
                at += skip.max(1);
            }
            None => {
                output.push_str(rest[0].text);
                at += 1;
            }
        }
        let gap = at > 0 && tokens.get(at).is_some_and(|next| next.start > tokens[at - 1].end);
        if gap {
            output.push(' ');
        }
    }
    changed.then_some(output)
}

/// MySQL and SQLite take a condition behind `CROSS JOIN`.
fn cross_join(rest: &[Token<'_>], dialect: Dialect) -> Option<(usize, &'static str)> {
    let [cross, join, ..] = rest else { return None };
    (dialect != Dialect::Postgres && cross.is_word("cross") && join.is_word("join")).then_some((2, "JOIN"))
}

/// SQLite: `INDEXED BY name`, `NOT INDEXED`.
fn index_hints(rest: &[Token<'_>], dialect: Dialect) -> Option<(usize, &'static str)> {
    if dialect != Dialect::Sqlite {
        return None;
    }
    match rest {
        [indexed, by, name, ..] if indexed.is_word("indexed") && by.is_word("by") && name.kind != TokenKind::String => {
            Some((3, ""))
        }
        [not, indexed, ..] if not.is_word("not") && indexed.is_word("indexed") => Some((2, "")),
        _ => None,
    }
}
