//! The jobs, as chains.

/// One job.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    /// The file of the data.
    pub(super) input: &'static str,
    pub(super) spec: &'static str,
}

const J1: &str = "[[step]]
rename = { customer_id = 'id', full_name = 'name', created_at = 'created' }
[[step]]
convert = { quantity = 'int', amount = 'float', active = 'bool', created = 'timestamp' }
";

/// The jobs; the first is the one that threads and memory are measured by.
pub(super) const ALL: &[Job] = &[
    Job { name: "j1", title: "J1: rename 3, convert 4", input: "flat.ndjson", spec: J1 },
    Job {
        name: "j1-events",
        title: "J1 on nested events",
        input: "events.ndjson",
        spec: "[[step]]
rename = { id = 'event_id', type = 'kind', created_at = 'created' }
[[step]]
convert = { event_id = 'int', latency_ms = 'float', sampled = 'bool', created = 'timestamp' }
",
    },
    Job {
        name: "j1-wide",
        title: "J1 on wide records",
        input: "wide.ndjson",
        spec: "[[step]]
rename = { col_004_str = 'a', col_009_enum = 'b', col_006_date = 'created' }
[[step]]
convert = { col_000_int_s = 'int', col_002_float_s = 'float', col_007_bool = 'bool', created = 'timestamp' }
",
    },
    Job {
        name: "j2",
        title: "J2: J1, drop 2, compute 1, filter",
        input: "flat.ndjson",
        spec: "[[step]]
rename = { customer_id = 'id', full_name = 'name', created_at = 'created' }
[[step]]
convert = { quantity = 'int', amount = 'float', active = 'bool', created = 'timestamp' }
[[step]]
drop = ['notes', 'discount']
[[step]]
set = { label = \"name || ' / ' || country\" }
[[step]]
keep-where = \"country in ('DE', 'US', 'FR', 'GB', 'PL', 'ES', 'IT', 'NL')\"
",
    },
    Job { name: "j3", title: "J3: J1 from CSV", input: "flat.csv", spec: J1 },
];

/// What can be said of a peer's output beside ours: how many records, and whether the first ones have our ids in our order.
pub(super) fn compare(ours: &[u8], theirs: &[u8]) -> String {
    let lines = |text: &[u8]| text.iter().filter(|byte| **byte == b'\n').count();
    if ours == theirs {
        return "our bytes".to_owned();
    }
    if lines(ours) != lines(theirs) {
        return format!("{} records, ours {}", lines(theirs), lines(ours));
    }
    let sample = |text: &[u8]| -> Vec<Option<serde_json::Map<String, serde_json::Value>>> {
        text.split(|byte| *byte == b'\n').take(1000).map(|line| serde_json::from_slice(line).ok()).collect()
    };
    let (mut same, mut of) = (0, 0);
    for (ours, theirs) in sample(ours).into_iter().zip(sample(theirs)) {
        let (Some(ours), Some(theirs)) = (ours, theirs) else { continue };
        of += ours.len();
        same += ours.iter().filter(|(key, value)| theirs.get(*key) == Some(value)).count();
    }
    format!("as many records; {same} of {of} values of the first 1,000 as ours")
}

#[cfg(test)]
mod tests {
    use super::compare;

    #[test]
    fn outputs_are_compared() {
        assert_eq!(compare(b"{}\n", b"{}\n"), "our bytes");
        assert_eq!(compare(b"{}\n{}\n", b"{}\n"), "1 records, ours 2");
        let (ours, theirs) = (b"{\"a\":1,\"b\":\"x\"}\n", b"{\"b\":null,\"a\":1}\n");
        assert_eq!(compare(ours, theirs), "as many records; 1 of 2 values of the first 1,000 as ours");
    }
}
