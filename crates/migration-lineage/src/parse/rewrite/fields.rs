//! PostgreSQL: `(value).*`, all fields of a row, of which the parser only knows those of a name.

use migration_syntax::Dialect;

use crate::parse::ALL_FIELDS;

/// The same words with `name.*` for `(name).*`, and with a call of [`ALL_FIELDS`] for all fields of what is no name.
pub(super) fn named(words: Vec<String>, dialect: Dialect) -> Vec<String> {
    let is_all = |pair: &[String]| pair[0] == "." && pair[1] == "*";
    if dialect != Dialect::Postgres || !words.windows(2).any(is_all) {
        return words;
    }
    let mut output: Vec<String> = Vec::with_capacity(words.len());
    let mut open = Vec::new();
    let mut at = 0;
    while let Some(word) = words.get(at) {
        at += 1;
        match word.as_str() {
            "(" => open.push(output.len()),
            ")" => {
                let from = open.pop().filter(|_| words.get(at..at + 2).is_some_and(is_all));
                if let Some(from) = from {
                    if output.len() == from + 2 {
                        output.remove(from);
                        output.extend_from_slice(&words[at..at + 2]);
                    } else {
                        output[from] = format!("\"{ALL_FIELDS}\" (");
                        output.push(word.clone());
                    }
                    at += 2;
                    continue;
                }
            }
            _ => {}
        }
        output.push(word.clone());
    }
    output
}
