//! `ALTER TABLE` without the operations that are about no column.

/// Words with which an operation begins that changes how a table is kept and not what is in it.
const IDLE: &[&str] = &[
    "convert",
    "engine",
    "collate",
    "default",
    "character",
    "charset",
    "comment",
    "auto_increment",
    "row_format",
    "disable",
    "enable",
    "algorithm",
    "lock",
    "order",
    "force",
    "owner",
    "set",
    "reset",
    "cluster",
    "validate",
    "partition",
    "remove",
    "inherit",
    "no",
    "replica",
    "drop_key",
    "checksum",
    "stats_persistent",
    "key_block_size",
    "avg_row_length",
    "max_rows",
    "min_rows",
    "pack_keys",
    "data",
    "index",
    "tablespace",
    "union",
    "insert_method",
    "discard",
    "import",
    "analyze",
    "check",
    "optimize",
    "rebuild",
    "reorganize",
    "coalesce",
    "exchange",
    "truncate",
];

/// Operations of `ALTER COLUMN` that are about how its values are kept.
const IDLE_OF_COLUMNS: &[&str] =
    &["statistics", "storage", "compression", "identity", "generated", "restart"];

/// The statement with the operations that matter only: none are left if it matters to nobody.
pub(super) fn without_idle(words: &[&str]) -> Option<String> {
    let mut at = 1;
    let is = |at: usize, word: &str| words.get(at).is_some_and(|found| found.eq_ignore_ascii_case(word));
    if !is(at, "table") {
        return None;
    }
    at += 1;
    while ["if", "exists", "only"].iter().any(|word| is(at, word)) {
        at += 1;
    }
    at += 1;
    while is(at, ".") {
        at += 2;
    }
    let (head, operations) = words.split_at_checked(at)?;
    let operations = split(operations).into_iter().filter(|words| !is_idle(words));
    let kept: Vec<String> = operations.flat_map(one_by_one).collect();
    if kept.is_empty() {
        // Something that says the same about the table, and nothing else.
        return Some(format!("{} DISABLE ROW LEVEL SECURITY", head.join(" ")));
    }
    Some(format!("{} {}", head.join(" "), kept.join(", ")))
}

/// MySQL: `ADD (a INT, b INT)` adds one column after the other.
fn one_by_one(operation: &[&str]) -> Vec<String> {
    let lower = |at: usize| operation.get(at).map(|word| word.to_ascii_lowercase()).unwrap_or_default();
    let open = if lower(1) == "column" { 2 } else { 1 };
    match operation.split_at_checked(open) {
        Some((_, ["(", columns @ .., ")"])) if lower(0) == "add" => {
            split(columns).iter().map(|column| format!("ADD COLUMN {}", column.join(" "))).collect()
        }
        _ => vec![operation.join(" ")],
    }
}

/// At the commas outside of brackets.
pub(super) fn split<'a, 'b>(words: &'a [&'b str]) -> Vec<&'a [&'b str]> {
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0usize, 0);
    for (at, word) in words.iter().enumerate() {
        match *word {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            "," if depth == 0 => {
                parts.push(&words[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&words[start..]);
    parts
}

fn is_idle(words: &[&str]) -> bool {
    let lower = |at: usize| words.get(at).map(|word| word.to_ascii_lowercase()).unwrap_or_default();
    if lower(0) == "alter" {
        return words.iter().any(|word| IDLE_OF_COLUMNS.iter().any(|idle| word.eq_ignore_ascii_case(idle)))
            || lower(0) == "alter" && ["index", "key", "constraint"].contains(&lower(1).as_str());
    }
    if lower(0) == "rename" {
        return ["index", "key"].contains(&lower(1).as_str());
    }
    if ["add", "drop"].contains(&lower(0).as_str()) {
        let is_period = lower(1) == "period" && lower(2) == "for";
        return is_period
            || ["partition", "fulltext", "spatial", "index", "key"].contains(&lower(1).as_str());
    }
    IDLE.contains(&lower(0).as_str())
}
