//! The graph held against simple answers.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use proptest::prelude::*;

use super::*;

/// A graph of datasets by number and edges between them, each with the migration that makes it and the one that ends it.
#[derive(Debug, Clone)]
struct Plan {
    nodes: usize,
    edges: Vec<(usize, usize, usize, Option<usize>)>,
}

fn plans() -> impl Strategy<Value = Plan> {
    (1usize..12).prop_flat_map(|nodes| {
        let edge = (0..nodes, 0..nodes, 0usize..6, prop::option::of(6usize..9));
        prop::collection::vec(edge, 0..30).prop_map(move |edges| Plan { nodes, edges })
    })
}

/// Node `n` is dataset `n`; the edge of a pair that comes twice is made once.
fn build(plan: &Plan) -> LineageGraph {
    let mut graph = LineageGraph::new();
    for node in 0..plan.nodes {
        graph.dataset("test", &node.to_string());
    }
    for moment in 1..10 {
        graph.begin(format!("m{moment}"));
        for (from, to, since, until) in &plan.edges {
            let (from, to) = (node_id(*from), node_id(*to));
            if since + 1 == moment {
                graph.connect(from, to, EdgeKind::Identity);
            }
            if until.is_some_and(|until| until + 1 == moment) {
                graph.end_edges(from, |edge| edge.from == from && edge.to == to);
            }
        }
    }
    graph
}

/// Distances by the textbook, over edges as they stand at a moment.
fn distances(plan: &Plan, start: usize, at: usize) -> BTreeMap<usize, u32> {
    let mut alive = BTreeSet::new();
    for moment in 1..=at {
        for (from, to, since, until) in &plan.edges {
            if since + 1 == moment {
                alive.insert((*from, *to));
            }
            if until.is_some_and(|until| until + 1 == moment) {
                alive.remove(&(*from, *to));
            }
        }
    }
    let mut found = BTreeMap::from([(start, 0)]);
    let mut queue = VecDeque::from([start]);
    while let Some(node) = queue.pop_front() {
        for (_, to) in alive.iter().filter(|(from, _)| *from == node) {
            if !found.contains_key(to) {
                found.insert(*to, found[&node] + 1);
                queue.push_back(*to);
            }
        }
    }
    found.remove(&start);
    found
}

fn reached(graph: &LineageGraph, start: usize, query: &Query) -> BTreeMap<usize, u32> {
    let found = graph.reach(&[node_id(start)], query);
    let all: BTreeMap<_, _> = found.iter().map(|reached| (reached.node.index(), reached.distance)).collect();
    assert_eq!(all.len(), found.len(), "a node twice");
    all
}

/// The same graph with edges of several kinds, of which those of the first migrations are sorted in and the others not.
fn build_sorted(plan: &Plan, migrations: usize) -> LineageGraph {
    let edges = plan.edges.iter().map(|(from, to, since, until)| (*from, *to, *since, *until));
    let mut graph = build(&Plan { nodes: plan.nodes, edges: Vec::new() });
    graph.timeline.clear();
    for moment in 1..10 {
        graph.begin(format!("m{moment}"));
        for (from, to, since, until) in edges.clone() {
            let kind = EdgeKind::ALL[(from + to) % 3];
            if since + 1 == moment {
                graph.connect(node_id(from), node_id(to), kind);
            }
            if until.is_some_and(|until| until + 1 == moment) {
                graph.end_edges(node_id(from), |edge| edge.kind == kind);
            }
        }
        if moment == migrations {
            graph.sort_in();
        }
    }
    graph
}

/// Some of the kinds that [`build_sorted`] knows, by the bits of a number.
fn query(kinds: usize, down: bool, at: Option<usize>, depth: Option<u32>) -> Query {
    let kinds = EdgeKind::ALL[..3].iter().enumerate().filter(|(bit, _)| kinds >> bit & 1 == 1);
    Query {
        direction: if down { Direction::Downstream } else { Direction::Upstream },
        depth,
        kinds: EdgeKinds::of(kinds.map(|(_, kind)| *kind)),
        as_of: at.map(Moment::behind),
    }
}

/// A queue, and every edge looked at for every node.
fn textbook(graph: &LineageGraph, start: &[NodeId], query: &Query) -> Vec<Reached> {
    let mut seen: BTreeSet<NodeId> = start.iter().copied().collect();
    let mut first = BTreeSet::new();
    let mut queue: VecDeque<(NodeId, u32)> =
        start.iter().filter(|node| first.insert(**node)).map(|node| (*node, 0)).collect();
    let mut found = Vec::new();
    while let Some((here, distance)) = queue.pop_front() {
        for (id, edge) in graph.edges().filter(|_| query.depth.is_none_or(|depth| distance < depth)) {
            let (near, far) = match query.direction {
                Direction::Upstream => (edge.to, edge.from),
                Direction::Downstream => (edge.from, edge.to),
            };
            let exists = query.as_of.is_none_or(|at| edge.lifetime.contains(at));
            if near == here && exists && query.kinds.contains(edge.kind) && seen.insert(far) {
                found.push(Reached { node: far, distance: distance + 1, edge: id });
                queue.push_back((far, distance + 1));
            }
        }
    }
    found
}

proptest! {
    #[test]
    fn what_is_reached_at_a_moment(plan in plans(), start in 0usize..12, at in 0usize..10, depth in 1u32..5) {
        let start = start % plan.nodes;
        let graph = build(&plan);
        let query = Query::downstream().as_of(Moment::behind(at));
        let expected = distances(&plan, start, at);
        prop_assert_eq!(&reached(&graph, start, &query), &expected);
        let near = expected.into_iter().filter(|(_, distance)| *distance <= depth).collect();
        prop_assert_eq!(reached(&graph, start, &query.depth(depth)), near);
    }

    #[test]
    fn a_walk_is_the_textbooks(
        (plan, half) in (plans(), any::<prop::sample::Index>()),
        start in prop::collection::vec(0usize..12, 1..3),
        (kinds, down) in (0usize..8, any::<bool>()),
        (at, depth) in (prop::option::of(0usize..10), prop::option::of(0u32..5)),
    ) {
        let (graph, query) = (build_sorted(&plan, half.index(11)), query(kinds, down, at, depth));
        let start: Vec<_> = start.iter().map(|node| node_id(node % plan.nodes)).collect();
        prop_assert_eq!(graph.reach(&start, &query), textbook(&graph, &start, &query));
    }

    #[test]
    fn upstream_is_downstream_from_the_other_end(plan in plans(), start in 0usize..12) {
        let start = start % plan.nodes;
        let graph = build(&plan);
        for (node, distance) in reached(&graph, start, &Query::upstream()) {
            prop_assert_eq!(reached(&graph, node, &Query::downstream()).get(&start).copied(), Some(distance));
        }
    }

    #[test]
    fn the_shortest_path_is_one_and_is_shortest(plan in plans(), from in 0usize..12, to in 0usize..12) {
        let (from, to) = (from % plan.nodes, to % plan.nodes);
        let graph = build(&plan);
        let query = Query::downstream().as_of(Moment::behind(5));
        let path = graph.shortest_path(node_id(from), node_id(to), &query);
        let expected = if from == to { Some(0) } else { distances(&plan, from, 5).get(&to).copied() };
        prop_assert_eq!(path.as_ref().map(|path| path.len() as u32), expected);
        let mut node = node_id(from);
        for edge in path.unwrap_or_default() {
            prop_assert_eq!(graph.edge(edge).from, node);
            node = graph.edge(edge).to;
        }
    }

    #[test]
    fn a_ring_is_whoever_reaches_one_another(plan in plans()) {
        let graph = build(&plan);
        let query = Query::downstream();
        let reaches: Vec<_> = (0..plan.nodes).map(|node| reached(&graph, node, &query)).collect();
        let to_itself = |node: usize| graph.edges().any(|(_, edge)| edge.from == edge.to && edge.from.index() == node);
        let mut rings = BTreeSet::new();
        for node in 0..plan.nodes {
            let mut ring: Vec<_> = (0..plan.nodes)
                .filter(|other| reaches[node].contains_key(other) && reaches[*other].contains_key(&node))
                .collect();
            if !ring.is_empty() || to_itself(node) {
                ring.push(node);
                ring.sort_unstable();
                ring.dedup();
                rings.insert(ring);
            }
        }
        let found: Vec<Vec<usize>> =
            graph.cycles(&query).iter().map(|ring| ring.iter().map(|node| node.index()).collect()).collect();
        prop_assert_eq!(found, rings.into_iter().collect::<Vec<_>>());
    }

    #[test]
    fn what_is_written_is_read(plan in plans(), cut in any::<prop::sample::Index>()) {
        let mut graph = build(&plan);
        let column = graph.column(node_id(0), "a \"b\"\n");
        graph.set_property(column, "type", "TEXT");
        let mut bytes = Vec::new();
        graph.write(&mut bytes).unwrap();
        let mut read = LineageGraph::read(&*bytes).unwrap();
        prop_assert_eq!(&read.nodes, &graph.nodes);
        prop_assert_eq!(&read.edges, &graph.edges);
        prop_assert_eq!(read.now(), graph.now());
        prop_assert_eq!(read.column(node_id(0), "a \"b\"\n"), column);
        prop_assert_eq!(reached(&read, 0, &Query::downstream()), reached(&graph, 0, &Query::downstream()));
        let cut = cut.index(bytes.len() - 1);
        prop_assert!(LineageGraph::read(&bytes[..cut]).is_err(), "cut at {}", cut);
    }
}

#[test]
fn a_chain_of_a_million() {
    let mut graph = LineageGraph::new();
    let nodes: Vec<NodeId> = (0..1_000_000).map(|n| graph.dataset("", &n.to_string())).collect();
    for pair in nodes.windows(2) {
        graph.connect(pair[0], pair[1], EdgeKind::Identity);
    }
    let last = *nodes.last().unwrap();
    assert_eq!(graph.reach(&[last], &Query::upstream()).len(), 999_999);
    assert_eq!(graph.shortest_path(nodes[0], last, &Query::downstream()).unwrap().len(), 999_999);
    assert_eq!(graph.cycles(&Query::downstream()), Vec::<Vec<NodeId>>::new());
    graph.connect(last, nodes[0], EdgeKind::Identity);
    assert_eq!(graph.cycles(&Query::downstream()), [nodes]);
}

#[test]
fn time_travel() {
    let mut graph = LineageGraph::new();
    let created = graph.begin("1_create");
    let users = graph.dataset("db", "users");
    let mail = graph.column(users, "mail");
    let renamed = graph.begin("2_rename");
    graph.end(mail);
    let email = graph.column(users, "email");
    graph.connect(mail, email, EdgeKind::Rename);
    let dropped = graph.begin("3_drop");
    graph.end(users);
    let again = graph.begin("4_again");
    let new_users = graph.dataset("db", "users");

    assert_ne!(new_users, users);
    let key = NodeKey::new(NodeKind::Dataset, "db", "users");
    assert_eq!(graph.find_at(&key, Moment::default()), None);
    assert_eq!(graph.find_at(&key, renamed), Some(users));
    assert_eq!(graph.find_at(&key, dropped), None);
    assert_eq!(graph.find_at(&key, again), Some(new_users));
    assert_eq!(graph.find_all(&key).collect::<Vec<_>>(), [new_users, users]);
    assert_eq!(graph.moment_of("2_rename"), Some(renamed));
    assert_eq!(graph.migration_at(renamed), Some("2_rename"));

    let past: Vec<_> = graph.history(email).iter().map(|past| (past.node, past.by)).collect();
    assert_eq!(past, [(mail, None), (email, Some(EdgeKind::Rename))]);
    let diff = graph.diff(created, renamed);
    assert_eq!((diff.added_nodes, diff.removed_nodes), (vec![email], vec![mail]));
    assert_eq!(diff.added_edges.len(), 1);
}

#[test]
fn an_edge_that_is_said_twice_is_there_once() {
    let mut graph = LineageGraph::new();
    let (a, b) = (graph.dataset("", "a"), graph.dataset("", "b"));
    let edge = graph.connect(a, b, EdgeKind::Identity);
    assert_eq!(graph.connect(a, b, EdgeKind::Identity), edge);
    assert_ne!(graph.connect(a, b, EdgeKind::Filter), edge);
    graph.begin("1");
    graph.end_edges(a, |edge| edge.kind == EdgeKind::Identity);
    assert_ne!(graph.connect(a, b, EdgeKind::Identity), edge, "it had ended");
}

#[test]
fn where_data_begins_and_ends() {
    let mut graph = LineageGraph::new();
    let [a, b, c] = ["a", "b", "c"].map(|name| graph.dataset("", name));
    graph.connect(a, b, EdgeKind::Identity);
    graph.connect(b, c, EdgeKind::Reference);
    assert_eq!(graph.roots(NodeKind::Dataset, None).collect::<Vec<_>>(), [a, c]);
    assert_eq!(graph.leaves(NodeKind::Dataset, None).collect::<Vec<_>>(), [b, c]);
}

#[test]
fn what_is_no_graph_is_refused() {
    let refused = |text: &str| LineageGraph::read(text.as_bytes()).unwrap_err().to_string();
    let head = "{\"lineage_graph\":1,\"nodes\":1,\"edges\":1,\"timeline\":[]}\n{\"kind\":\"dataset\",\"name\":\"a\"}\n";
    assert_eq!(refused("{}"), "line 1 is none of a lineage graph");
    assert_eq!(
        refused("{\"lineage_graph\":2,\"nodes\":0,\"edges\":0,\"timeline\":[]}"),
        "the graph is of format 2, and formats up to 1 can be read"
    );
    assert_eq!(
        refused(&format!("{head}{{\"edge\":\"READ\",\"ends\":[0,1]}}")),
        "line 3 names node 1, which is not there"
    );
    assert_eq!(
        refused(&format!("{head}{{\"edge\":\"READ\",\"ends\":[0]}}")),
        "line 3 is none of a lineage graph"
    );
    assert_eq!(refused(head), "the graph ends after 1 nodes and 0 edges, of 1 and 1");
}
