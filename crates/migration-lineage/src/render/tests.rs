use expect_test::expect;

use super::*;
use crate::graph::{Direction, EdgeKind, LineageGraph, NodeId};

/// `orders` to `totals` to `report`, and a ring of `a` and `b`.
fn graph() -> (LineageGraph, NodeId, NodeId) {
    let mut graph = LineageGraph::new();
    graph.begin("1_orders");
    let orders = graph.dataset("x", "orders");
    let columns = ["id", "price", "qty"].map(|name| graph.column(orders, name));
    graph.begin("2_totals");
    let totals = graph.dataset("x", "totals");
    let [id, total] = ["id", "total"].map(|name| graph.column(totals, name));
    graph.connect(columns[0], id, EdgeKind::Identity);
    graph.connect(columns[1], total, EdgeKind::Transformation);
    graph.connect(columns[2], total, EdgeKind::Transformation);
    graph.connect(columns[2], total, EdgeKind::Filter);
    graph.connect(columns[2], id, EdgeKind::Filter);
    graph.begin("3_report");
    let report = graph.dataset("x", "report");
    let sum = graph.column(report, "sum");
    graph.connect(total, sum, EdgeKind::Aggregation);
    let [a, b] = ["a", "b"].map(|name| graph.dataset("x", name));
    graph.connect(a, b, EdgeKind::Use);
    graph.connect(b, a, EdgeKind::Use);
    (graph, orders, sum)
}

#[test]
fn names_break_no_tree() {
    let mut graph = LineageGraph::new();
    let [a, b] = ["a\nb\tc", "d\r\ne"].map(|name| graph.dataset("x", name));
    graph.connect(a, b, EdgeKind::Use);
    expect![[r#"
        a\nb\tc
        └─ d\r\ne  [USE]
    "#]]
    .assert_eq(&Excerpt::of(&graph, &Selection::default()).to_text(None));
}

#[test]
fn trees() {
    let (graph, orders, sum) = graph();
    let mut selection = Selection { focus: vec![sum], level: Level::Column, ..Selection::default() };
    expect![[r#"
        comes from:
        report.sum
        └─ totals.total  [AGGREGATION]
           ├─ orders.price  [TRANSFORMATION]
           └─ orders.qty  [TRANSFORMATION, FILTER]
        goes to:
        report.sum  (nothing)
    "#]]
    .assert_eq(&Excerpt::of(&graph, &selection).to_text(None));
    selection.focus = vec![orders];
    selection.direction = Some(Direction::Downstream);
    expect![[r#"
        goes to:
        orders.id
        └─ totals.id  [IDENTITY]
        orders.price
        └─ totals.total  [TRANSFORMATION]
           └─ report.sum  [AGGREGATION]
        orders.qty
        ├─ totals.id  [FILTER]
        └─ totals.total (see above)  [TRANSFORMATION, FILTER]
    "#]]
    .assert_eq(&Excerpt::of(&graph, &selection).to_text(selection.direction));
    selection.depth = Some(1);
    selection.level = Level::Table;
    expect![[r#"
        goes to:
        orders
        └─ totals  [IDENTITY, TRANSFORMATION, FILTER]
    "#]]
    .assert_eq(&Excerpt::of(&graph, &selection).to_text(selection.direction));
    expect![[r#"
        orders
        └─ totals  [IDENTITY, TRANSFORMATION, FILTER]
           └─ report  [AGGREGATION]
        a
        └─ b  [USE]
           └─ a (see above)  [USE]
    "#]]
    .assert_eq(&Excerpt::of(&graph, &Selection::default()).to_text(None));
}

#[test]
fn as_of_a_migration() {
    let (graph, orders, _) = graph();
    let as_of = graph.moment_of("1_orders");
    let selection = Selection { focus: vec![orders], as_of, ..Selection::default() };
    let excerpt = Excerpt::of(&graph, &selection);
    assert_eq!((excerpt.nodes.len(), excerpt.edges.len()), (1, 0));
}

#[test]
fn graphviz_and_mermaid() {
    let (mut graph, _, sum) = graph();
    let odd = graph.dataset("x", "<img src=x onerror=\"alert(1)\">\\\n];");
    graph.connect(sum, odd, EdgeKind::Use);
    let selection = Selection { focus: vec![sum], level: Level::Column, ..Selection::default() };
    let excerpt = Excerpt::of(&graph, &selection);
    expect![[r#"
        digraph lineage {
          rankdir=LR;
          node [shape=box];
          subgraph cluster_0 {
            label="orders";
            n0 [label="price"];
            n1 [label="qty"];
          }
          subgraph cluster_1 {
            label="totals";
            n2 [label="total"];
          }
          subgraph cluster_2 {
            label="report";
            n3 [label="sum", style=bold];
          }
          n4 [label="<img src=x onerror=\"alert(1)\">\\ ];"];
          n0 -> n2 [tooltip="TRANSFORMATION"];
          n1 -> n2 [tooltip="TRANSFORMATION, FILTER"];
          n2 -> n3 [tooltip="AGGREGATION"];
          n3 -> n4 [tooltip="USE"];
        }
    "#]]
    .assert_eq(&excerpt.to_dot());
    expect![[r##"
        flowchart LR
          subgraph t0["orders"]
            n0["price"]
            n1["qty"]
          end
          subgraph t1["totals"]
            n2["total"]
          end
          subgraph t2["report"]
            n3["sum"]
          end
          n4["#60;img src#61;x onerror#61;#34;alert#40;1#41;#34;#62;#92;#10;#93;#59;"]
          n0 --> n2
          n1 --> n2
          n2 --> n3
          n3 --> n4
    "##]]
    .assert_eq(&excerpt.to_mermaid());
}

#[test]
fn mermaid_gets_no_more_than_it_draws() {
    let mut graph = LineageGraph::new();
    let hub = graph.dataset("x", "hub");
    for number in 0..600 {
        let table = graph.dataset("x", &format!("t{number}"));
        graph.connect(hub, table, EdgeKind::Use);
    }
    let text = Excerpt::of(&graph, &Selection::default()).to_mermaid();
    assert_eq!(text.matches("-->").count(), 500);
    assert!(
        text.contains("%% left out, as Mermaid draws no more: 100 edges, 100 nodes\n"),
        "{}",
        &text[..200]
    );
    assert!(text.chars().count() < 50_000);
}

#[test]
fn a_chain_of_any_length_is_a_tree() {
    let mut graph = LineageGraph::new();
    let mut last = graph.dataset("x", "t0");
    for number in 1..20_000 {
        let next = graph.dataset("x", &format!("t{number}"));
        graph.connect(last, next, EdgeKind::Use);
        last = next;
    }
    let text = Excerpt::of(&graph, &Selection::default()).to_text(None);
    // Each node once, and once more where its tree begins anew.
    let lines: Vec<&str> = text.lines().collect();
    let below = lines.iter().filter(|line| line.contains(" (see below)")).count();
    assert_eq!((lines.len() - below, below), (20_000, 19_999 / 41));
    assert!(lines.iter().all(|line| line.chars().count() < 200));
}
