use std::collections::HashSet;

use proptest::prelude::*;

use super::*;

/// Lines `id: dependency dependency …`.
fn parse(text: &str) -> Vec<(&str, Vec<&str>)> {
    text.lines()
        .filter_map(|line| line.trim().split_once(':'))
        .map(|(id, needs)| (id, needs.split_whitespace().collect()))
        .collect()
}

fn order(text: &str) -> Result<String, String> {
    let nodes = parse(text);
    let graph = DependencyGraph::new(nodes.iter().map(|(id, needs)| (*id, needs.as_slice())));
    graph.map(|graph| graph.order().join(" ")).map_err(|error| error.to_string())
}

#[test]
fn dependencies_first_then_id() {
    assert_eq!(order("b:\n a:\n c:").unwrap(), "a b c");
    assert_eq!(order("a: z\n b:\n z:").unwrap(), "b z a");
    assert_eq!(order("a: c c\n b: a\n c:").unwrap(), "c a b");
    assert_eq!(order("").unwrap(), "");
}

#[test]
fn errors_name_the_migrations() {
    assert_eq!(order("a:\n b:\n a:\n a:").unwrap_err(), "more than one migration has the id `a`");
    assert_eq!(
        order("b: y\n a: x b").unwrap_err(),
        "`a` depends on `x`, which does not exist; `b` depends on `y`, which does not exist"
    );
    assert_eq!(
        order("c: a\n a: b\n b: c\n d: a").unwrap_err(),
        "the dependencies form a cycle: a -> b -> c -> a"
    );
    assert_eq!(order("x: y\n y: y").unwrap_err(), "the dependencies form a cycle: y -> y");
}

#[test]
fn given_order_decides_where_dependencies_do_not() {
    let nodes = parse("10:\n 9:\n 8: 7\n 7:");
    let graph = DependencyGraph::in_order(nodes.iter().map(|(id, needs)| (*id, needs.as_slice()))).unwrap();
    assert_eq!(graph.order(), ["10", "9", "7", "8"]);
}

#[test]
fn places_are_those_of_the_nodes() {
    let nodes = parse("10: 8\n 9:\n 8: 7 7\n 7:");
    let graph = DependencyGraph::in_order(nodes.iter().map(|(id, needs)| (*id, needs.as_slice()))).unwrap();
    assert_eq!(graph.places(), [1, 3, 2, 0]);
    assert_eq!(
        (graph.needs(0), graph.needs(2), graph.needs(3), graph.needs(4)),
        (&[2][..], &[3][..], &[][..], &[][..])
    );
}

#[test]
fn a_node_that_needs_all_others_costs_no_more_than_it_should() {
    let ids: Vec<String> = (0..100_000).map(|n| n.to_string()).collect();
    let none: &[String] = &[];
    let nodes = ids.iter().map(|id| (id.as_str(), none)).chain([("last", ids.as_slice())]);
    assert_eq!(DependencyGraph::in_order(nodes).unwrap().order().last(), Some(&"last"));
}

#[test]
fn neighbours_and_levels() {
    let nodes = parse("a:\n b: a\n c: a\n d: b c\n e:");
    let graph = DependencyGraph::new(nodes.iter().map(|(id, needs)| (*id, needs.as_slice()))).unwrap();
    assert_eq!(graph.levels(), [vec!["a", "e"], vec!["b", "c"], vec!["d"]]);
    assert_eq!(graph.dependencies("d"), ["a", "b", "c"]);
    assert_eq!(graph.dependents("a"), ["b", "c", "d"]);
    assert!(graph.dependents("unknown").is_empty());
}

proptest! {
    #[test]
    fn any_set_is_ordered_or_refused_for_a_reason(edges in prop::collection::vec((0usize..12, 0usize..12), 0..24)) {
        let ids: Vec<String> = (0..12).map(|n| format!("m{n:02}")).collect();
        let mut needs: Vec<Vec<&str>> = vec![Vec::new(); ids.len()];
        for (from, to) in &edges {
            needs[*from].push(&ids[*to]);
        }
        let nodes = || ids.iter().map(String::as_str).zip(needs.iter().map(Vec::as_slice));
        match DependencyGraph::new(nodes()) {
            Ok(graph) => {
                let mut done = HashSet::new();
                for id in graph.order() {
                    let node = ids.iter().position(|other| other == id).unwrap();
                    prop_assert!(needs[node].iter().all(|need| done.contains(need)));
                    done.insert(id);
                }
                prop_assert_eq!(done.len(), ids.len());
                prop_assert_eq!(graph.levels().concat().len(), ids.len());
            }
            Err(GraphError::Cycle { path }) => {
                prop_assert!(path.len() > 1 && path.first() == path.last());
                for pair in path.windows(2) {
                    let node = ids.iter().position(|other| *other == pair[0]).unwrap();
                    prop_assert!(needs[node].contains(&pair[1].as_str()));
                }
            }
            Err(other) => prop_assert!(false, "{other}"),
        }
    }
}
