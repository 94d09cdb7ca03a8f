//! The page of a thousand tables with 20,000 edges: how long it takes to lay out and write.

use std::hint::black_box;

use divan::Bencher;
use migration_lineage::{Catalogue, EdgeKind, LineageGraph, LineagePage, Selection};
use migration_syntax::Dialect;

fn main() {
    divan::main();
}

/// A thousand tables of eight columns. Each column but those of the first 250 tables comes from columns of any of so many
/// tables before it; with all tables before it, almost every edge joins another pair.
fn graph(reach: usize) -> LineageGraph {
    let mut random = fastrand::Rng::with_seed(7);
    let mut graph = LineageGraph::new();
    let mut tables: Vec<Vec<_>> = Vec::new();
    let mut edges = 0;
    for number in 0..1_000usize {
        let dataset = graph.dataset("postgres", &format!("public.table_{number}"));
        let columns: Vec<_> = (0..8).map(|at| graph.column(dataset, &format!("column_{at}"))).collect();
        while number >= 250 && edges < 20_000 * (number - 249) / 750 {
            let from = &tables[random.usize(number.saturating_sub(reach)..number)];
            graph.connect(from[random.usize(..8)], columns[random.usize(..8)], EdgeKind::Identity);
            edges += 1;
        }
        tables.push(columns);
    }
    graph
}

#[divan::bench(args = [100, 1_000])]
fn page(bencher: Bencher<'_, '_>, reach: usize) {
    let graph = graph(reach);
    let catalogue = Catalogue::new(Dialect::Postgres);
    bencher.bench(|| black_box(LineagePage::of(&graph, &catalogue, &Selection::default()).to_html()));
}
