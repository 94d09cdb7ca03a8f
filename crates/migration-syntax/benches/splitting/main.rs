//! How fast texts are split, on one core: `cargo bench -p migration-syntax`. The figures are in `docs/benchmarks.md`.

mod texts;

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use migration_syntax::{Dialect, Splitter, StreamSplitter};

use texts::Text;

/// Each text is this long, or a little longer: a run is shorter than the time that a busy machine lets a process run.
const BYTES: usize = 1 << 20;

fn main() {
    divan::main();
}

/// A text in memory.
#[divan::bench(args = texts::ALL, sample_count = 500, sample_size = 1)]
fn in_memory(bencher: Bencher<'_, '_>, text: &Text) {
    let sql = text.write(BYTES);
    bencher
        .counter(BytesCount::of_str(&sql))
        .bench(|| Splitter::new(black_box(&sql), text.dialect).filter(Result::is_ok).count());
}

/// The same text from a reader.
#[divan::bench(args = texts::ALL, sample_count = 500, sample_size = 1)]
fn in_a_stream(bencher: Bencher<'_, '_>, text: &Text) {
    let sql = text.write(BYTES);
    bencher
        .counter(BytesCount::of_str(&sql))
        .bench(|| count_of_stream(black_box(sql.as_bytes()), text.dialect));
}

fn count_of_stream(text: &[u8], dialect: Dialect) -> usize {
    let mut splitter = StreamSplitter::new(text, dialect);
    let mut count = 0;
    while let Ok(Some(statement)) = splitter.next_statement() {
        black_box(statement);
        count += 1;
    }
    count
}
