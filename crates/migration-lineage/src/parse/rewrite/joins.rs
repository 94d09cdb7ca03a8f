//! Tables side by side in brackets: `a JOIN (b, c) ON …`.

/// The statement with `CROSS JOIN` in place of these commas. None if there are none.
pub(super) fn without_commas(words: &[&str]) -> Option<String> {
    let is_one_of = |word: &str, list: &[&str]| list.iter().any(|known| word.eq_ignore_ascii_case(known));
    // Of each bracket that is open, whether tables stand in it.
    let mut of_tables: Vec<bool> = Vec::new();
    let mut changed = false;
    let mut output = Vec::with_capacity(words.len());
    for (at, word) in words.iter().enumerate() {
        match *word {
            "(" => {
                let before = at.checked_sub(1).map_or("", |before| words[before]);
                let inside = of_tables.last() == Some(&true) && is_one_of(before, &["(", ","]);
                let next = words.get(at + 1).copied().unwrap_or_default();
                let begins = inside || is_one_of(before, &["from", "join", "straight_join"]);
                of_tables.push(begins && !is_one_of(next, &["select", "with", "values", "table"]));
            }
            ")" => {
                of_tables.pop();
            }
            "," if of_tables.last() == Some(&true) => {
                changed = true;
                output.push("CROSS JOIN");
                continue;
            }
            _ => {}
        }
        output.push(word);
    }
    changed.then(|| output.join(" "))
}
