//! `ON CONFLICT` where the parser doesn't see it: behind a `SELECT` without `FROM`, whose last value it would name `ON`; and
//! with a condition behind its columns, which only picks one of several indexes.

/// The statement with a `WHERE true` in front of the clause, and without that condition. None if it has no such clause.
pub(super) fn plain(words: &[&str]) -> Option<String> {
    let is = |at: usize, word: &str| words.get(at).is_some_and(|found| found.eq_ignore_ascii_case(word));
    let mut output: Vec<&str> = Vec::with_capacity(words.len() + 2);
    let mut changed = false;
    let mut seen = false;
    // Of each bracket that is open, whether a `SELECT` has been seen in it that has got no further than its list.
    let mut bare = vec![false];
    let mut at = 0;
    while at < words.len() {
        match words[at] {
            "(" => bare.push(false),
            ")" if bare.len() > 1 => {
                bare.pop();
            }
            _ => {}
        }
        if is(at, "select") {
            bare.last_mut().into_iter().for_each(|bare| *bare = true);
        } else if is(at, "from") || is(at, "where") || is(at, "values") {
            bare.last_mut().into_iter().for_each(|bare| *bare = false);
        }
        if is(at, "on") && is(at + 1, "conflict") {
            let next = (at + 2..words.len()).find(|at| is(*at, "on") && is(*at + 1, "conflict"));
            let end = (at..words.len()).find(|at| is(*at, "returning")).unwrap_or(words.len());
            let does_nothing = (at..next.unwrap_or(end)).any(|at| is(at, "do") && is(at + 1, "nothing"));
            if does_nothing && (next.is_some() || seen) {
                // Of several, those that do nothing say nothing.
                if !seen && bare.last() == Some(&true) {
                    output.extend(["WHERE", "true"]);
                }
                (at, changed) = (next.unwrap_or(end), true);
                bare.last_mut().into_iter().for_each(|bare| *bare = false);
                continue;
            }
            seen = true;
            if bare.last() == Some(&true) {
                output.extend(["WHERE", "true"]);
                changed = true;
            }
            output.extend(&words[at..at + 2]);
            at += 2;
            if words.get(at) == Some(&"(") {
                let end = closing(words, at);
                output.extend(&words[at..end]);
                at = end;
            }
            if is(at, "where") {
                let end = (at..words.len()).find(|at| is(*at, "do")).unwrap_or(words.len());
                changed = true;
                at = end;
            }
            continue;
        }
        output.push(words[at]);
        at += 1;
    }
    changed.then(|| output.join(" "))
}

/// Behind the bracket that closes the one here.
fn closing(words: &[&str], open: usize) -> usize {
    let mut depth = 0usize;
    for (at, word) in words.iter().enumerate().skip(open) {
        match *word {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    words.len()
}
