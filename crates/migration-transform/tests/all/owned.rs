//! Records in memory come out as the reference says.

use std::collections::BTreeMap;
use std::sync::Arc;

use migration_transform::spec::Spec;
use migration_transform::{Chain, DataMigrator, Record, Step, Warnings};
use proptest::prelude::*;

use super::generate;
use super::reference::{self, Counts, Outcome};

/// What the crate makes of one line.
fn owned(steps: &[Step], line: &str) -> (Outcome, Counts) {
    let migrator = DataMigrator::new(Spec { steps: steps.to_vec(), ..Spec::default() }).unwrap();
    let mut warnings = Warnings::new();
    let outcome = match Record::from_json(line) {
        Err(reason) => Outcome::Rejected(reason.code().to_owned(), None),
        Ok(record) => match migrator.migrate_single(record, &mut warnings) {
            Ok(Some(record)) => Outcome::Line(record.to_json()),
            Ok(None) => Outcome::Filtered,
            Err(rejected) => {
                assert_eq!(rejected.record, Record::from_json(line).unwrap());
                Outcome::Rejected(
                    rejected.reason.code().to_owned(),
                    rejected.field.map(|field| field.to_string()),
                )
            }
        },
    };
    (outcome, counted(&warnings))
}

fn counted(warnings: &Warnings) -> Counts {
    let counts = warnings.counts().iter();
    counts.map(|count| ((count.field.to_string(), count.reason.code().to_owned()), count.count)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn one_step_does_what_the_reference_does(step in generate::step(), line in generate::line()) {
        let mut counts = BTreeMap::new();
        let expected = reference::run(std::slice::from_ref(&step), &line, &mut counts);
        prop_assert_eq!(owned(&[step], &line), (expected, counts));
    }

    #[test]
    fn a_chain_does_what_the_reference_does(steps in generate::steps(), line in generate::line()) {
        let mut counts = BTreeMap::new();
        let expected = reference::run(&steps, &line, &mut counts);
        prop_assert_eq!(owned(&steps, &line), (expected, counts));
    }

    #[test]
    fn a_step_survives_its_file(step in generate::step()) {
        let json = serde_json::to_string(&Spec { steps: vec![step.clone()], ..Spec::default() }).unwrap();
        prop_assert_eq!(&Spec::from_json(&json).unwrap().steps, &vec![step]);
    }
}

#[test]
fn many_records_keep_their_order_and_their_counts() {
    let spec = r#"{"step":[{"convert":{"n":"int"},"on_error":"keep"},{"keep-where":"n <> 7"},
        {"convert":{"r":"int"},"on_error":"reject-record"}]}"#;
    let migrator = DataMigrator::new(Spec::from_json(spec).unwrap()).unwrap();
    let line = |n: u64| match n % 1000 {
        7 => r#"{"n":"7"}"#.to_owned(),
        11 => r#"{"n":1,"r":"x"}"#.to_owned(),
        13 => r#"{"n":"odd"}"#.to_owned(),
        _ => format!(r#"{{"n":"{n}"}}"#),
    };
    let migrated = migrator.migrate((0..10_000).map(|n| Record::from_json(&line(n)).unwrap()).collect());
    assert_eq!((migrated.records.len(), migrated.filtered, migrated.rejected.len()), (9980, 10, 10));
    assert_eq!(migrated.rejected[1].number, 1012);
    // `odd <> 7` can't be computed either.
    assert_eq!(migrated.warnings.counts().iter().map(|count| count.count).collect::<Vec<_>>(), [10, 10]);
    assert_eq!(migrated.warnings.examples()[2].record, 1014);
    let numbers = migrated.records.iter().filter_map(|record| record.get("n")?.to_json().parse::<u64>().ok());
    let numbers: Vec<u64> = numbers.filter(|n| *n > 1).collect();
    assert!(numbers.is_sorted());
}

#[test]
fn functions_filter_reject_and_change() {
    let chain = Chain::new()
        .transformer(|record: &mut Record| record.set("seen", true))
        .transformer(|record: &mut Record| record.contains("a"))
        .transformer(|record: &mut Record| {
            record.get("a").and_then(|a| a.as_str()).map(|_| ()).ok_or("no text")
        });
    let migrator = DataMigrator::new(chain).unwrap();
    let records = ["{}", r#"{"a":1}"#, r#"{"a":"x" }"#].map(|json| Record::from_json(json).unwrap());
    let migrated = migrator.migrate(records.to_vec());
    assert_eq!(migrated.records[0].to_json(), r#"{"a":"x","seen":true}"#);
    assert_eq!((migrated.filtered, migrated.rejected.len()), (1, 1));
    assert_eq!(migrated.rejected[0].record.to_json(), r#"{"a":1}"#);
    assert_eq!(migrated.rejected[0].reason.code(), "refused");

    let shared: Arc<dyn migration_transform::DataTransformer> = Arc::new(|_: &mut Record| ());
    assert_eq!(Chain::new().transformer(shared).stages().len(), 1);
}
