//! Records in memory beside `serde_json`: read, one field changed, written.
//!
//! `cargo bench -p migration-transform --bench owned`

use divan::Bencher;
use divan::counter::BytesCount;
use migration_transform::{DataMigrator, Record, Spec};

fn main() {
    divan::main();
}

/// Ten fields each, as an export of customers has them.
fn lines() -> Vec<String> {
    let line = |n: u32| {
        format!(
            r#"{{"customer_id":"{}","full_name":"Ada Lovelace","email":"user{n}@example.com","quantity":"{}","amount":"{}.25","active":"true","created_at":"2024-01-{:02} 03:04:05","country":"NL","notes":"said \"call back\" by phone","discount":null}}"#,
            100_000 + n,
            n % 5000,
            n % 250,
            n % 28 + 1
        )
    };
    (0..5000).map(line).collect()
}

fn size(lines: &[String]) -> BytesCount {
    BytesCount::new(lines.iter().map(String::len).sum::<usize>())
}

#[divan::bench]
fn record(bencher: Bencher<'_, '_>) {
    let lines = lines();
    bencher.counter(size(&lines)).bench(|| {
        let mut out = String::new();
        for line in &lines {
            if let Ok(mut record) = Record::from_json(line) {
                record.set("active", true);
                record.write_json(&mut out);
            }
        }
        out
    });
}

#[divan::bench]
fn serde_json_value(bencher: Bencher<'_, '_>) {
    let lines = lines();
    bencher.counter(size(&lines)).bench(|| {
        let mut out = Vec::new();
        for line in &lines {
            if let Ok(mut record) = serde_json::from_str::<serde_json::Value>(line) {
                record["active"] = true.into();
                let _ = serde_json::to_writer(&mut out, &record);
            }
        }
        out
    });
}

/// The whole chain of conversions and renames, on all cores.
#[divan::bench]
#[expect(clippy::unwrap_used, reason = "a benchmark that can't begin has failed")]
fn migrate(bencher: Bencher<'_, '_>) {
    let lines = lines();
    let chain = r#"{"step":[{"rename":{"customer_id":"id","full_name":"name","created_at":"created"}},
        {"convert":{"quantity":"int","amount":"float","active":"bool","created":"timestamp"}}]}"#;
    let migrator = DataMigrator::new(Spec::from_json(chain).unwrap()).unwrap();
    let records: Vec<Record> = lines.iter().filter_map(|line| Record::from_json(line).ok()).collect();
    bencher
        .counter(size(&lines))
        .with_inputs(|| records.clone())
        .bench_values(|records| migrator.migrate(records));
}
