//! A transformer of one's own, between steps of a chain that is data.
//!
//! It counts how often each country comes, and refuses records without one.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use migration_transform::{
    Chain, DataMigrator, DataTransformer, Error, Migrated, Notes, Reason, Record, Spec, Verdict,
};

/// Shared with the program, which reads the counts at the end.
#[derive(Clone, Default)]
struct Countries {
    seen: Arc<Mutex<BTreeMap<String, u64>>>,
}

impl DataTransformer for Countries {
    fn transform(&self, record: &mut Record, _: &mut Notes<'_>) -> Verdict {
        let Some(country) = record.get("country").and_then(|country| country.as_str()) else {
            return Verdict::reject(Reason::Refused, &"country".into());
        };
        // Transformers are called by several threads at a time.
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner).entry(country.to_owned()).or_default() += 1;
        Verdict::Keep
    }

    fn name(&self) -> &str {
        "countries"
    }
}

const CHAIN: &str = r#"{"step": [
    {"rename": {"land": "country"}},
    {"set": {"country": "upper(trim(country))"}}
]}"#;

/// What came of a few records, and how often each country came.
pub(crate) fn migrate() -> Result<(Migrated, BTreeMap<String, u64>), Error> {
    let countries = Countries::default();
    let chain = Chain::from(Spec::from_json(CHAIN)?).transformer(countries.clone());
    let migrator = DataMigrator::new(chain)?;

    let lines = [r#"{"land":" nl "}"#, r#"{"land":"de"}"#, r#"{"name":"nobody"}"#, r#"{"land":"NL"}"#];
    let records = lines.iter().filter_map(|line| Record::from_json(line).ok()).collect();
    let migrated = migrator.migrate(records);
    let seen = countries.seen.lock().unwrap_or_else(PoisonError::into_inner).clone();
    Ok((migrated, seen))
}

#[expect(clippy::print_stdout, reason = "an example shows what it does")]
fn main() -> Result<(), Error> {
    let (migrated, seen) = migrate()?;
    for record in &migrated.records {
        println!("{record}");
    }
    for rejected in &migrated.rejected {
        println!("record {}: {}", rejected.number, rejected.reason);
    }
    println!("{seen:?}");
    Ok(())
}
