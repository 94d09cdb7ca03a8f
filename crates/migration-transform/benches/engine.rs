//! How fast records go through chains, in memory on one core, next to a plain copy and to `serde_json`.
//!
//! `MIGRATION_TRANSFORM_DATA=FOLDER cargo bench -p migration-transform`, where the folder has `flat.ndjson`, `flat.csv`,
//! `events.ndjson` and `wide.ndjson`; what is missing is left out. The first 16 MiB of each are taken
//! (or `MIGRATION_TRANSFORM_KIB`: on a busy machine short samples tell more), in chunks of 256 KiB.

#![expect(clippy::panic, reason = "a benchmark that can't go on has failed")]

use std::hint::black_box;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::OnceLock;

use divan::counter::BytesCount;
use divan::{AllocProfiler, Bencher};
use migration_transform::{Chain, Chunk, CsvDialect, CsvLayout, Engine, Format, Made, Spec, Validate};

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

const J1: &str = r#"{"step":[
    {"rename":{"customer_id":"id","full_name":"name","created_at":"created"}},
    {"convert":{"quantity":"int","amount":"float","active":"bool","created":"timestamp"}}]}"#;

/// J1, and two fields less, a computed one and a condition.
const J2: &str = r#"{"step":[
    {"rename":{"customer_id":"id","full_name":"name","created_at":"created"}},
    {"convert":{"quantity":"int","amount":"float","active":"bool","created":"timestamp"}},
    {"drop":["notes","discount"]},
    {"set":{"contact":"name || ' <' || email || '>'"}},
    {"keep-where":"country in ('DE', 'US', 'FR', 'GB', 'PL', 'ES', 'IT', 'NL')"}]}"#;

const EVENTS: &str = r#"{"step":[
    {"rename":{"id":"event_id","type":"event_type","created_at":"created"}},
    {"convert":{"event_id":"int","latency_ms":"float","sampled":"bool","created":"timestamp"}}]}"#;

const WIDE: &str = r#"{"step":[
    {"rename":{"col_000_int_s":"id","col_044_str":"label","col_099_enum":"kind"}},
    {"convert":{"col_010_int_s":"int","col_022_float_s":"float","col_037_bool":"bool","col_056_date":"timestamp"}}]}"#;

/// A step that only records in memory know.
const OWNED: &str = r#"{"step":[
    {"rename":{"customer_id":"id","full_name":"name","created_at":"created"}},
    {"convert":{"quantity":"int","amount":"float","active":"bool","created":"timestamp"}},
    {"default":{"notes":""}}]}"#;

const CHUNK: usize = 256 << 10;

fn main() {
    divan::main();
}

/// The beginning of a file, in whole lines.
fn load(file: &str) -> Option<Vec<u8>> {
    let folder = PathBuf::from(std::env::var_os("MIGRATION_TRANSFORM_DATA")?);
    let mut bytes = std::fs::read(folder.join(file)).ok()?;
    let size = std::env::var("MIGRATION_TRANSFORM_KIB")
        .ok()
        .and_then(|size| size.parse().ok())
        .unwrap_or(16_usize << 10);
    bytes.truncate(size << 10);
    let end = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
    bytes.truncate(end);
    Some(bytes)
}

type Read = fn(&str) -> Option<Vec<u8>>;

fn data(file: &'static str) -> Option<&'static [u8]> {
    static FLAT: OnceLock<Option<Vec<u8>>> = OnceLock::new();
    static EVENTS: OnceLock<Option<Vec<u8>>> = OnceLock::new();
    static WIDE: OnceLock<Option<Vec<u8>>> = OnceLock::new();
    static CSV: OnceLock<Option<Vec<u8>>> = OnceLock::new();
    static SHUFFLED: OnceLock<Option<Vec<u8>>> = OnceLock::new();
    let (cell, read): (_, Read) = match file {
        "flat.ndjson" => (&FLAT, load),
        "events.ndjson" => (&EVENTS, load),
        "wide.ndjson" => (&WIDE, load),
        "flat.csv" => (&CSV, load),
        _ => (&SHUFFLED, |_| shuffled(&load("flat.ndjson")?)),
    };
    cell.get_or_init(|| read(file)).as_deref()
}

/// The fields of each record in an order of its own.
fn shuffled(text: &[u8]) -> Option<Vec<u8>> {
    let mut seed = 1_u64;
    let mut out = Vec::new();
    for line in text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let record = migration_transform::Record::from_json(std::str::from_utf8(line).ok()?).ok()?;
        let mut fields: Vec<_> = record.iter().cloned().collect();
        for last in (1..fields.len()).rev() {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            fields.swap(last, usize::try_from(seed >> 33).ok()? % (last + 1));
        }
        let fields: Vec<String> =
            fields.iter().map(|field| format!("{:?}:{}", field.name(), field.value().to_json())).collect();
        out.extend_from_slice(format!("{{{}}}\n", fields.join(",")).as_bytes());
    }
    Some(out)
}

/// Chunks that end where lines do.
fn chunks(text: &[u8]) -> Vec<&[u8]> {
    let mut rest = text;
    let mut chunks = Vec::new();
    while !rest.is_empty() {
        let at = rest.len().min(CHUNK);
        let end = rest[..at].iter().rposition(|byte| *byte == b'\n').map_or(rest.len(), |last| last + 1);
        chunks.push(&rest[..end]);
        rest = &rest[end..];
    }
    chunks
}

fn engine(spec: &str) -> Engine {
    let spec = Spec::from_json(spec).unwrap_or_else(|error| panic!("{error}"));
    Engine::compile(&Chain::from(spec), Format::Ndjson).unwrap_or_else(|error| panic!("{error}"))
}

fn measure(bencher: Bencher<'_, '_>, file: &'static str, engine: &Engine, format: &Format) {
    let Some(text) = data(file) else { return bencher.bench(|| "no data") };
    let chunks = chunks(text);
    let mut worker = engine.worker();
    let mut made = Made::default();
    bencher.counter(BytesCount::new(text.len())).bench_local(|| {
        for bytes in &chunks {
            worker.process(&Chunk { bytes, format: format.clone() }, &mut made);
            black_box(&made);
        }
    });
}

#[divan::bench(args = ["flat.ndjson", "events.ndjson", "wide.ndjson"])]
fn a_copy(bencher: Bencher<'_, '_>, file: &'static str) {
    let Some(text) = data(file) else { return bencher.bench(|| "no data") };
    let mut out = Vec::with_capacity(text.len());
    bencher.counter(BytesCount::new(text.len())).bench_local(|| {
        out.clear();
        for chunk in chunks(text) {
            out.extend_from_slice(chunk);
        }
        black_box(&out);
    });
}

#[divan::bench(args = ["flat.ndjson", "events.ndjson", "wide.ndjson"])]
fn b_serde_json(bencher: Bencher<'_, '_>, file: &'static str) {
    let Some(text) = data(file) else { return bencher.bench(|| "no data") };
    let text = &text[..text.len() / 8];
    let end = text.iter().rposition(|byte| *byte == b'\n').unwrap_or(0);
    let text = &text[..end];
    let mut out = Vec::with_capacity(text.len() * 2);
    bencher.counter(BytesCount::new(text.len())).bench_local(|| {
        out.clear();
        for line in text.split(|byte| *byte == b'\n') {
            let value: serde_json::Map<String, serde_json::Value> =
                serde_json::from_slice(line).unwrap_or_default();
            serde_json::to_writer(&mut out, &value).unwrap_or_default();
        }
        black_box(&out);
    });
}

#[divan::bench(args = ["flat.ndjson", "shuffled"])]
fn c_j1(bencher: Bencher<'_, '_>, file: &'static str) {
    measure(bencher, file, &engine(J1), &Format::Ndjson);
}

#[divan::bench]
fn c_j1_events(bencher: Bencher<'_, '_>) {
    measure(bencher, "events.ndjson", &engine(EVENTS), &Format::Ndjson);
}

#[divan::bench]
fn c_j1_events_validated_in_full(bencher: Bencher<'_, '_>) {
    measure(bencher, "events.ndjson", &engine(EVENTS).with_validation(Validate::Full), &Format::Ndjson);
}

#[divan::bench]
fn c_j1_wide(bencher: Bencher<'_, '_>) {
    measure(bencher, "wide.ndjson", &engine(WIDE), &Format::Ndjson);
}

#[divan::bench]
fn d_j2(bencher: Bencher<'_, '_>) {
    measure(bencher, "flat.ndjson", &engine(J2), &Format::Ndjson);
}

#[divan::bench]
fn e_j3(bencher: Bencher<'_, '_>) {
    let columns = "customer_id,full_name,email,quantity,amount,active,created_at,country,notes,discount";
    let columns = columns.split(',').map(str::to_owned).collect();
    let format = Format::Csv(Arc::new(CsvLayout { dialect: CsvDialect::default(), columns }));
    measure(bencher, "flat.csv", &engine(J1), &format);
}

/// The same job without the one pass: an array goes through the table.
#[divan::bench]
fn f_general(bencher: Bencher<'_, '_>) {
    let spec = Spec::from_json(J1).unwrap_or_else(|error| panic!("{error}"));
    let engine = Engine::compile(&Chain::from(spec), Format::JsonArray);
    measure(bencher, "flat.ndjson", &engine.unwrap_or_else(|error| panic!("{error}")), &Format::Ndjson);
}

#[divan::bench]
fn g_in_memory(bencher: Bencher<'_, '_>) {
    measure(bencher, "flat.ndjson", &engine(OWNED), &Format::Ndjson);
}

#[divan::bench]
fn g_closure(bencher: Bencher<'_, '_>) {
    struct Nothing;
    impl migration_transform::DataTransformer for Nothing {
        fn transform(
            &self,
            _: &mut migration_transform::Record,
            _: &mut migration_transform::Notes<'_>,
        ) -> migration_transform::Verdict {
            migration_transform::Verdict::Keep
        }
    }
    let engine = Engine::compile(&Chain::new().transformer(Nothing), Format::Ndjson);
    measure(bencher, "flat.ndjson", &engine.unwrap_or_else(|error| panic!("{error}")), &Format::Ndjson);
}
