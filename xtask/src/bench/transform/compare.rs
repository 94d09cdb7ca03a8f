//! What can be said of the output of another tool beside ours.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value};

/// How many records are compared field by field.
const SAMPLE: usize = 2000;

/// How many differences are told.
const MOST: usize = 8;

/// How many records there are, and in what a sample of them, taken from all over the file, differs from ours.
pub(super) fn compare(ours: &[u8], theirs: &[u8]) -> String {
    if ours == theirs {
        return "our bytes".to_owned();
    }
    let (ours, theirs) = (lines(ours), lines(theirs));
    if ours.len() != theirs.len() {
        return format!("{} records, ours {}", theirs.len(), ours.len());
    }
    let sample = || (0..ours.len()).step_by((ours.len() / SAMPLE).max(1));
    // A few keys may differ because they were converted.
    let same = sample().filter(|index| key(ours[*index]) == key(theirs[*index])).count();
    let is_same_order = same * 10 >= sample().count() * 9;
    let by_key: HashMap<_, _> =
        if is_same_order { HashMap::new() } else { theirs.iter().map(|line| (key(line), *line)).collect() };
    let (mut differences, mut compared) = (BTreeMap::<String, usize>::new(), 0);
    for index in sample() {
        let their = if is_same_order {
            theirs[index]
        } else {
            by_key.get(key(ours[index])).copied().unwrap_or_default()
        };
        let read = |line| serde_json::from_slice::<Map<String, Value>>(line);
        compared += 1;
        match (read(ours[index]), read(their)) {
            (Ok(ours), Ok(theirs)) => {
                for (name, our) in &ours {
                    if let Some(what) = difference(our, theirs.get(name)) {
                        *differences.entry(format!("`{name}` {what}")).or_default() += 1;
                    }
                }
            }
            _ => *differences.entry("record missing or not JSON".to_owned()).or_default() += 1,
        }
    }
    let order = if is_same_order { "" } else { ", in another order" };
    if differences.is_empty() {
        return format!("our values{order}");
    }
    let mut list: Vec<_> = differences.iter().map(|(what, count)| format!("{what} {count}")).collect();
    let more = list.split_off(list.len().min(MOST)).len();
    if more > 0 {
        list.push(format!("and {more} more"));
    }
    format!("of {compared} records{order}: {}", list.join(", "))
}

fn lines(text: &[u8]) -> Vec<&[u8]> {
    text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect()
}

/// The first value of a record, as it is written.
fn key(line: &[u8]) -> &[u8] {
    let start = line.iter().position(|byte| *byte == b':').map_or(0, |at| at + 1);
    let end = line.iter().position(|byte| *byte == b',').unwrap_or(line.len()).max(start);
    line[start..end].trim_ascii()
}

/// How a value differs from ours; times that are only written in another way don't.
fn difference(ours: &Value, theirs: Option<&Value>) -> Option<&'static str> {
    let time =
        |text: &str| text.replace('T', " ").trim_end_matches('Z').trim_end_matches(".000000").to_owned();
    match (ours, theirs) {
        (ours, Some(theirs)) if ours == theirs => None,
        (Value::Null, None) => Some("left out where null"),
        (Value::Null, Some(Value::String(text))) if text.is_empty() => Some("empty where null"),
        (Value::Number(a), Some(Value::Number(b))) if a.as_f64() == b.as_f64() => None,
        (Value::String(a), Some(Value::String(b))) if time(a) == time(b) => None,
        (_, None) => Some("lost"),
        (_, Some(Value::Null)) => Some("made null"),
        (Value::String(_), Some(Value::Number(_) | Value::Bool(_))) => Some("converted where we keep"),
        (Value::Number(_) | Value::Bool(_), Some(Value::String(_))) => Some("kept where we convert"),
        (_, Some(_)) => Some("another value"),
    }
}

#[cfg(test)]
mod tests {
    use super::compare;

    #[test]
    fn outputs_are_compared() {
        assert_eq!(compare(b"{}\n", b"{}\n"), "our bytes");
        assert_eq!(compare(b"{}\n{}\n", b"{}\n"), "1 records, ours 2");
        let (ours, theirs) = (b"{\"id\":7,\"a\":1,\"b\":\"x\"}\n", b"{\"id\":7,\"a\":1.0,\"b\":null}\n");
        assert_eq!(compare(ours, theirs), "of 1 records: `b` made null 1");
        let ours = "{\"id\":1,\"b\":2}\n".repeat(20);
        let theirs = ours.replacen("{\"id\":1", "{\"id\":null", 1);
        assert_eq!(compare(ours.as_bytes(), theirs.as_bytes()), "of 20 records: `id` made null 1");
        let (ours, theirs) =
            (b"{\"a\":1,\"b\":2}\n{\"a\":2,\"b\":3}\n", b"{\"a\": 2, \"b\": 3}\n{\"a\": 1, \"b\": 2}\n");
        assert_eq!(compare(ours, theirs), "our values, in another order");
        let (ours, theirs) =
            (b"{\"id\":7,\"a\":\"2020-01-01T00:00:00Z\"}\n", b"{\"id\":7,\"a\":\"2020-01-01 00:00:00\"}\n");
        assert_eq!(compare(ours, theirs), "our values");
    }
}
