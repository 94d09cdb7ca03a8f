//! Whatever comes out different when one field of a record is changed has that field among its sources.

use std::collections::BTreeMap;

use migration_model::{FieldSource, RecordFlow};
use migration_transform::{Chain, DataMigrator, Path, Record, Step, Value};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::generate::{record, steps};

/// A path, or the paths that begin so: `o.*`, `o_*`.
#[derive(Debug)]
struct Pattern {
    names: Vec<String>,
    /// What the name after those begins with.
    prefix: Option<String>,
}

impl Pattern {
    fn read(text: &str) -> Self {
        let Some(rest) = text.strip_suffix('*') else {
            let path: Path = text.parse().unwrap();
            return Self { names: path.segments().to_vec(), prefix: None };
        };
        if rest.is_empty() || rest.ends_with('.') {
            let names = rest.strip_suffix('.').map(|path| path.parse::<Path>().unwrap().segments().to_vec());
            return Self { names: names.unwrap_or_default(), prefix: Some(String::new()) };
        }
        let path: Path = rest.parse().unwrap();
        Self { names: path.parents().to_vec(), prefix: Some(path.name().to_owned()) }
    }

    /// Whether it is about a path, an object around it, or something in it.
    fn is_about(&self, path: &[String]) -> bool {
        let length = self.names.len().min(path.len());
        let same = self.names[..length] == path[..length];
        let next = path.get(self.names.len());
        same && match (&self.prefix, next) {
            (Some(prefix), Some(next)) => next.starts_with(prefix.as_str()),
            _ => true,
        }
    }

    /// Whether it says everything about a path.
    fn covers(&self, path: &[String]) -> bool {
        self.prefix.is_none() && path.starts_with(&self.names)
    }
}

fn among(sources: &[FieldSource], changed: &[String]) -> bool {
    sources.iter().any(|source| source.dataset.is_none() && Pattern::read(&source.field).is_about(changed))
}

/// Whether the flow says that a field that comes out may depend on one that goes in.
fn says(flow: &RecordFlow, out: &[String], changed: &[String]) -> bool {
    let named = flow.fields.iter().map(|field| (Pattern::read(&field.field), &field.sources));
    let named: Vec<_> = named.filter(|(target, _)| target.is_about(out)).collect();
    let removed = flow.removed.iter().any(|path| Pattern::read(path).covers(out));
    let is_other = flow.passes_others && !removed && !named.iter().any(|(target, _)| target.covers(out));
    let same = Pattern { names: out.to_vec(), prefix: None }.is_about(changed);
    (is_other && same) || named.iter().any(|(_, sources)| among(sources, changed))
}

/// The JSON of everything that is no object, by its path; names may stand there twice.
fn leaves(record: &Record, path: &[String], found: &mut BTreeMap<Vec<String>, Vec<String>>) {
    for field in record.iter() {
        let path = [path, &[field.name().to_owned()]].concat();
        match field.value() {
            // That an object is left over with nothing in it isn't told.
            Value::Object(inner) => leaves(inner, &path, found),
            _ => found.entry(path).or_default().push(field.value().to_json()),
        }
    }
}

fn paths(record: &Record, path: &[String], found: &mut Vec<Vec<String>>) {
    for field in record.iter() {
        let path = [path, &[field.name().to_owned()]].concat();
        if let Value::Object(inner) = field.value() {
            paths(inner, &path, found);
        }
        found.push(path);
    }
}

/// Gives every field at a path a value, or takes it away.
fn change(record: &mut Record, path: &[String], value: Option<&Value>) {
    let Some((name, rest)) = path.split_first() else { return };
    if rest.is_empty() {
        match value {
            Some(value) => {
                for field in record.iter_mut().filter(|field| field.is(name)) {
                    *field.value_mut() = value.clone();
                }
            }
            None => record.retain(|field| !field.is(name)),
        }
        return;
    }
    for field in record.iter_mut().filter(|field| field.is(name)) {
        if let Value::Object(inner) = field.value_mut() {
            change(inner, rest, value);
        }
    }
}

/// Which of two objects with one name a step means depends on what is in them: such records are not what this is about.
fn keep_last(record: &mut Record) {
    let names: Vec<String> = record.iter().map(|field| field.name().to_owned()).collect();
    let mut place = 0;
    record.retain(|field| {
        place += 1;
        !names[place..].iter().any(|name| field.is(name))
    });
    for field in record.iter_mut() {
        if let Value::Object(inner) = field.value_mut() {
            keep_last(inner);
        }
    }
}

fn check(steps: Vec<Step>, text: &str, place: &Index, other: &str, remove: bool) {
    let Ok(mut before) = Record::from_json(text) else { return };
    keep_last(&mut before);
    let mut all = Vec::new();
    paths(&before, &[], &mut all);
    if all.is_empty() {
        return;
    }
    let changed = place.get(&all).clone();
    let Ok(mut values) = Record::from_json(other) else { return };
    keep_last(&mut values);
    let value = values.iter().next().map_or(Value::from(7), |field| field.value().clone());
    let mut after = before.clone();
    change(&mut after, &changed, (!remove).then_some(&value));

    let chain = steps.iter().cloned().fold(Chain::new(), Chain::step);
    let flow = chain.record_flow();
    let migrator = DataMigrator::new(chain).unwrap();
    let migrated = [&before, &after].map(|record| migrator.migrate(vec![record.clone()]).records.pop());
    let [Some(one), Some(two)] = &migrated else {
        let same = migrated.iter().all(Option::is_none);
        assert!(same || among(&flow.records, &changed), "{changed:?} decides on the record: {flow:#?}");
        return;
    };
    let [one, two] = [one, two].map(|record| {
        let mut found = BTreeMap::new();
        leaves(record, &[], &mut found);
        found
    });
    for path in one.keys().chain(two.keys()).filter(|path| one.get(*path) != two.get(*path)) {
        assert!(
            says(&flow, path, &changed),
            "{changed:?} changes {path:?}\nsteps {}\n{} -> {}\n{one:?}\n{two:?}\n{flow:#?}",
            serde_json::to_string(&steps).unwrap(),
            before.to_json(),
            after.to_json()
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, ..ProptestConfig::default() })]

    #[test]
    fn what_changes_is_in_the_flow(
        steps in steps(), text in record(), place in any::<Index>(), other in record(), remove in any::<bool>()
    ) {
        check(steps, &text, &place, &other, remove);
    }
}
