//! `cargo bench -p migration-lineage --bench analyze`, and the same with `--features postgres-grammar`: how fast a text of
//! PostgreSQL's statements is read and analysed, by either grammar.

use divan::Bencher;
use divan::counter::ItemsCount;
use migration_lineage::Analyzer;
use migration_syntax::Dialect;

fn main() {
    divan::main();
}

/// How many tables the text makes, each with what belongs to it.
const TABLES: usize = 200;

/// The statements for a table.
const STATEMENTS: usize = 6;

fn history() -> String {
    let table = |n: usize| {
        format!(
            "CREATE TABLE orders_{n} (id bigint PRIMARY KEY, customer_id int NOT NULL REFERENCES customers (id), price numeric(10, 2) DEFAULT 0, \
             quantity int CHECK (quantity > 0), note text, at timestamptz NOT NULL DEFAULT now());
             CREATE INDEX orders_{n}_by_customer ON orders_{n} (customer_id, at DESC) WHERE quantity > 1;
             ALTER TABLE orders_{n} ADD COLUMN total numeric GENERATED ALWAYS AS (price * quantity) STORED, ALTER COLUMN note SET NOT NULL;
             CREATE VIEW totals_{n} AS SELECT customer_id, sum(price * quantity) AS total, count(*) FILTER (WHERE note <> '') AS notes FROM orders_{n} \
             JOIN customers AS c ON c.id = orders_{n}.customer_id WHERE at > now() - interval '1 year' GROUP BY customer_id HAVING sum(price) > 10;
             INSERT INTO archive (id, total) SELECT customer_id, total FROM totals_{n} ON CONFLICT (id) DO UPDATE SET total = excluded.total;
             UPDATE orders_{n} SET note = lower(note), price = CASE WHEN price < 0 THEN 0 ELSE price END WHERE id IN (SELECT id FROM archive);\n"
        )
    };
    (0..TABLES).map(table).collect()
}

#[divan::bench]
fn a_history(bencher: Bencher) {
    bencher
        .counter(ItemsCount::new(TABLES * STATEMENTS))
        .with_inputs(history)
        .bench_refs(|text| Analyzer::new(Dialect::Postgres).analyze(text).map(|analysis| analysis.coverage));
}
