//! Whether what is there is what should be there.

use std::collections::BTreeSet;

use super::run::Ended;
use super::{Subject, Way};

/// How many lines of a difference are shown.
const SHOWN: usize = 12;

/// Compares two snapshots.
///
/// # Errors
/// The lines that are only in one of them.
pub(super) fn same(expected: &[String], found: &[String]) -> Result<(), String> {
    if expected == found {
        return Ok(());
    }
    let (missing, extra) = (beyond(expected, found), beyond(found, expected));
    let list = |lines: &[&str], sign: &str| {
        let shown = lines.iter().take(SHOWN).map(|line| format!("  {sign} {line}\n"));
        let more = lines.len().saturating_sub(SHOWN);
        shown.collect::<String>()
            + &if more > 0 { format!("  {sign} … {more} more\n") } else { String::new() }
    };
    if missing.is_empty() && extra.is_empty() {
        return Err("the same lines in another order\n".to_owned());
    }
    Err(list(&missing, "-") + &list(&extra, "+"))
}

/// The lines that `these` has more often than `those`.
fn beyond<'a>(these: &'a [String], those: &[String]) -> Vec<&'a str> {
    let mut those: Vec<&str> = those.iter().map(String::as_str).collect();
    those.sort_unstable();
    let mut matched = vec![false; those.len()];
    let is_more = |line: &&str| {
        let first = those.partition_point(|other| other < line);
        let free = (first..those.len()).take_while(|at| those[*at] == *line).find(|at| !matched[*at]);
        free.map(|at| matched[at] = true).is_none()
    };
    these.iter().map(String::as_str).filter(is_more).collect()
}

/// Holds the report of a run that ended by itself against the history table. Returns whether there was something to hold.
///
/// # Errors
/// What it says that isn't so.
pub(super) fn honest(
    subject: &dyn Subject,
    way: Way,
    ended: &Ended,
    all: &BTreeSet<String>,
) -> Result<bool, String> {
    let json = ended.json();
    let applied = subject.applied();
    if ended.code == Some(0) {
        return if &applied == all {
            Ok(true)
        } else {
            Err(format!("it says that all is done: {applied:?}"))
        };
    }
    let effects = &json["error"]["effects"];
    let Some(migrations) = effects["migrations"].as_object() else { return Ok(false) };
    for (id, effect) in migrations {
        let is_there = applied.contains(id);
        let should_be = match (effect.as_str(), way) {
            (Some("applied"), _) | (Some("not_run"), Way::Down) => true,
            (Some("rolled_back"), _) | (Some("not_run"), Way::Up) => false,
            _ => continue,
        };
        if is_there != should_be {
            return Err(format!(
                "it says that {id} is {effect}, in the history table: {is_there}\n{effects}"
            ));
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::same;

    fn lines(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn differences_are_counted() {
        assert_eq!(same(&lines("a b b"), &lines("a b b")), Ok(()));
        assert_eq!(same(&lines("a b b"), &lines("a b c")), Err("  - b\n  + c\n".to_owned()));
        assert_eq!(same(&lines("a"), &lines("a a")), Err("  + a\n".to_owned()));
        assert!(same(&lines("a b"), &lines("b a")).is_err());
    }
}
