//! A graph of a million edges: how long it takes to read, and to answer.

use std::hint::black_box;
use std::sync::{Mutex, PoisonError};

use divan::Bencher;
use migration_lineage::{EdgeKind, LineageGraph, NodeId, Query};

fn main() {
    divan::main();
}

/// 500,000 columns of 50,000 tables in layers of a thousand tables; a column comes from two of the layer before, as the
/// columns of a warehouse do.
fn graph() -> LineageGraph {
    let mut random = fastrand::Rng::with_seed(7);
    let mut graph = LineageGraph::new();
    let mut before: Vec<NodeId> = Vec::new();
    for layer in 0..50 {
        let mut columns = Vec::new();
        for table in 0..1_000 {
            let name = format!("shop.public.layer_{layer}_table_{table}");
            let dataset = graph.dataset("postgres://db:5432", &name);
            columns.extend((0..10).map(|column| graph.column(dataset, &format!("column_{column}"))));
        }
        for column in columns.iter().filter(|_| !before.is_empty()) {
            for _ in 0..2 {
                graph.connect(before[random.usize(..before.len())], *column, EdgeKind::Identity);
            }
        }
        before = columns;
    }
    graph
}

#[divan::bench]
fn read(bencher: Bencher<'_, '_>) {
    let mut bytes = Vec::new();
    graph().write(&mut bytes).ok();
    bencher.counter(divan::counter::BytesCount::of_slice(&bytes)).bench(|| LineageGraph::read(&*bytes).ok());
}

#[divan::bench(args = [1, 3, 5, 10])]
fn upstream(bencher: Bencher<'_, '_>, depth: u32) {
    let graph = graph();
    let random = Mutex::new(fastrand::Rng::with_seed(1));
    let columns: Vec<NodeId> =
        graph.nodes().filter(|(_, node)| node.parent.is_some()).map(|(id, _)| id).collect();
    bencher
        .with_inputs(|| columns[random.lock().unwrap_or_else(PoisonError::into_inner).usize(..columns.len())])
        .bench_values(|column| black_box(graph.reach(&[column], &Query::upstream().depth(depth))));
}

/// While it is being built, and as it is when it was read from a file.
#[divan::bench(args = ["built", "read"])]
fn upstream_without_bound(bencher: Bencher<'_, '_>, how: &str) {
    let mut graph = graph();
    if how == "read" {
        let mut bytes = Vec::new();
        graph.write(&mut bytes).ok();
        graph = LineageGraph::read(&*bytes).unwrap_or_default();
    }
    let last = graph.nodes().map(|(id, _)| id).last();
    bencher.bench(|| black_box(last.map(|last| graph.reach(&[last], &Query::upstream()))));
}
