//! The graph: what depends on what, and since when.
//!
//! Nothing here recurses, so that a chain of a million nodes is as good as one of three.

mod adjacency;
mod build;
mod cycles;
mod diff;
mod edge;
mod history;
mod index;
mod node;
mod path;
mod query;
mod store;
mod succession;
mod time;
mod walk;

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash};
use std::sync::Arc;

use hashbrown::{DefaultHashBuilder, HashTable};

use adjacency::{Adjacency, Link};
use index::{children_of, incoming_of, index_in, outgoing_of};

pub use build::{GraphBuilder, History, NotAnalysed};
pub use diff::GraphDiff;
pub use edge::{EdgeId, EdgeKind, EdgeKinds, LineageEdge};
pub use history::Past;
pub use node::{LineageNode, NodeId, NodeKey, NodeKind, Properties};
pub use query::{Direction, Query, Reached};
pub use store::{ReadError, WriteError};
pub use time::{Lifetime, Moment};

/// Datasets, columns and whatever else data goes through, with the edges between them, over the time of a history.
///
/// ```
/// use migration_lineage::{EdgeKind, LineageGraph, Query};
///
/// let mut graph = LineageGraph::new();
/// graph.begin("001_people");
/// let people = graph.dataset("sqlite", "people");
/// let name = graph.column(people, "name");
/// graph.begin("002_letters");
/// let letters = graph.dataset("sqlite", "letters");
/// let greeting = graph.column(letters, "greeting");
/// graph.connect(name, greeting, EdgeKind::Transformation);
///
/// let sources = graph.reach(&[greeting], &Query::upstream());
/// assert_eq!(sources.len(), 1);
/// assert_eq!(graph.path_of(sources[0].node), "people.name");
/// ```
#[derive(Debug, Clone, Default)]
pub struct LineageGraph {
    nodes: Vec<LineageNode>,
    edges: Vec<LineageEdge>,
    /// The time at which all edges exist.
    unchanged: Lifetime,
    /// The newest node of every key.
    index: HashTable<u32>,
    hasher: DefaultHashBuilder,
    /// Of a node, the one that had its key before and is gone.
    earlier: HashMap<NodeId, NodeId>,
    /// The columns of a dataset; their links are of no edge.
    children: Adjacency,
    /// The newest edge of those that say the same, of the first `indexed` edges.
    edge_index: HashTable<u32>,
    indexed: usize,
    outgoing: Adjacency,
    incoming: Adjacency,
    timeline: Vec<String>,
    namespaces: Vec<Arc<str>>,
}

impl LineageGraph {
    /// An empty graph.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins a migration: what is added or ended from now on is its work.
    pub fn begin(&mut self, migration: impl Into<String>) -> Moment {
        self.timeline.push(migration.into());
        self.now()
    }

    /// The moment behind the last migration that was begun.
    #[must_use]
    pub fn now(&self) -> Moment {
        Moment::behind(self.timeline.len())
    }

    /// The moment behind a migration; behind its last run, if it was begun more than once.
    #[must_use]
    pub fn moment_of(&self, migration: &str) -> Option<Moment> {
        self.timeline.iter().rposition(|id| id == migration).map(|index| Moment::behind(index + 1))
    }

    /// The migration whose work is seen first at a moment; none for what was declared before all.
    #[must_use]
    pub fn migration_at(&self, moment: Moment) -> Option<&str> {
        self.timeline.get(moment.migrations().checked_sub(1)?).map(String::as_str)
    }

    /// The node with a key that exists now, made if there is none.
    pub fn node(&mut self, key: &NodeKey<'_>) -> NodeId {
        if let Some(found) = self.find(key) {
            return found;
        }
        let namespace = self.namespace(key.namespace);
        let lifetime = Lifetime::from(self.now());
        let (kind, parent, name) = (key.kind, key.parent, key.name.into());
        self.add_node(LineageNode {
            kind,
            namespace,
            parent,
            name,
            lifetime,
            properties: Properties::default(),
        })
    }

    /// A dataset; see [`LineageGraph::node`].
    pub fn dataset(&mut self, namespace: &str, name: &str) -> NodeId {
        self.node(&NodeKey::new(NodeKind::Dataset, namespace, name))
    }

    /// A column of a dataset; see [`LineageGraph::node`].
    pub fn column(&mut self, dataset: NodeId, name: &str) -> NodeId {
        self.node(&NodeKey::column(dataset, name))
    }

    /// The node with a key that exists now.
    #[must_use]
    pub fn find(&self, key: &NodeKey<'_>) -> Option<NodeId> {
        let newest = self.newest(key)?;
        self.nodes[newest.index()].lifetime.is_open().then_some(newest)
    }

    /// The node with a key that existed at a moment.
    #[must_use]
    pub fn find_at(&self, key: &NodeKey<'_>, moment: Moment) -> Option<NodeId> {
        let mut found = self.newest(key);
        while let Some(node) = found {
            if self.nodes[node.index()].lifetime.contains(moment) {
                return found;
            }
            found = self.earlier.get(&node).copied();
        }
        None
    }

    /// Every node that ever had a key, the newest first.
    pub fn find_all(&self, key: &NodeKey<'_>) -> impl Iterator<Item = NodeId> + '_ {
        std::iter::successors(self.newest(key), |node| self.earlier.get(node).copied())
    }

    /// The data of a node.
    ///
    /// # Panics
    /// For an id that another graph gave out.
    #[must_use]
    pub fn get(&self, node: NodeId) -> &LineageNode {
        &self.nodes[node.index()]
    }

    /// Notes something about a node.
    pub fn set_property(&mut self, node: NodeId, name: impl Into<String>, value: impl Into<String>) {
        self.nodes[node.index()].properties.set(name, value);
    }

    /// The data of an edge.
    ///
    /// # Panics
    /// For an id that another graph gave out.
    #[must_use]
    pub fn edge(&self, edge: EdgeId) -> &LineageEdge {
        &self.edges[edge.0 as usize]
    }

    /// Every node, in the order in which they were added.
    pub fn nodes(&self) -> impl ExactSizeIterator<Item = (NodeId, &LineageNode)> {
        self.nodes.iter().enumerate().map(|(index, node)| (node_id(index), node))
    }

    /// Every edge, in the order in which they were added.
    pub fn edges(&self) -> impl ExactSizeIterator<Item = (EdgeId, &LineageEdge)> {
        self.edges.iter().enumerate().map(|(index, edge)| (EdgeId(number(index)), edge))
    }

    /// The columns of a dataset, the runs of a job: every node whose parent this is, those that are gone included.
    pub fn children(&self, node: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        self.children.of(node.0).map(|link| NodeId(link.node))
    }

    /// How a node is named for people: the name, behind its parent's if it has one.
    #[must_use]
    pub fn path_of(&self, node: NodeId) -> String {
        let node = self.get(node);
        match node.parent {
            Some(parent) => format!("{}.{}", self.get(parent).name, node.name),
            None => node.name.to_string(),
        }
    }

    /// Says that `to` depends on `from`, as parsed from a statement. See [`LineageGraph::add_edge`].
    pub fn connect(&mut self, from: NodeId, to: NodeId, kind: EdgeKind) -> EdgeId {
        let lifetime = Lifetime::from(self.now());
        let confidence = crate::flow::Confidence::Parsed;
        self.add_edge(LineageEdge { from, to, kind, masking: false, confidence, via: None, lifetime })
    }

    /// Adds an edge. One that says the same as another that exists still is not added twice.
    ///
    /// # Panics
    /// For an id of a node that another graph gave out.
    pub fn add_edge(&mut self, edge: LineageEdge) -> EdgeId {
        assert!(
            edge.from.index() < self.nodes.len() && edge.to.index() < self.nodes.len(),
            "a node of this graph"
        );
        self.index_edges();
        let known = self
            .edge_index
            .find(hash(&self.hasher, &edge.says()), |id| self.edges[*id as usize].says() == edge.says());
        if let Some(known) = known.filter(|id| self.edges[**id as usize].lifetime.is_open()) {
            return EdgeId(*known);
        }
        let id = number(self.edges.len());
        self.unchanged.narrow(edge.lifetime);
        self.edges.push(edge);
        self.outgoing.push(edge.from.0, Link { node: edge.to.0, edge: id, kind: edge.kind });
        self.incoming.push(edge.to.0, Link { node: edge.from.0, edge: id, kind: edge.kind });
        if self.outgoing.is_untidy() {
            self.sort_in();
        }
        EdgeId(id)
    }

    /// Says that a node is gone, with its columns and with all edges that begin or end there.
    pub fn end(&mut self, node: NodeId) {
        let now = self.now();
        let gone: Vec<NodeId> = std::iter::once(node).chain(self.children(node)).collect();
        for node in gone {
            self.nodes[node.index()].lifetime.end(now);
            self.end_edges(node, |_| true);
        }
    }

    /// Says that edges of a node are gone: those that begin or end there and that a test holds for.
    pub fn end_edges(&mut self, node: NodeId, test: impl Fn(&LineageEdge) -> bool) {
        let now = self.now();
        let links: Vec<Link> = self.outgoing.of(node.0).chain(self.incoming.of(node.0)).collect();
        for link in links {
            let edge = &mut self.edges[link.edge as usize];
            if test(edge) {
                edge.lifetime.end(now);
                self.unchanged.narrow(edge.lifetime);
            }
        }
    }

    /// Brings the index of edges up to date. A graph that was read and is only asked never needs it.
    fn index_edges(&mut self) {
        let Self { edges, edge_index, hasher, indexed, .. } = self;
        for id in *indexed..edges.len() {
            let says = edges[id].says();
            let entry = edge_index.entry(
                hash(hasher, &says),
                |other| edges[*other as usize].says() == says,
                |other| hash(hasher, &edges[*other as usize].says()),
            );
            entry.insert(number(id));
        }
        *indexed = edges.len();
    }

    fn newest(&self, key: &NodeKey<'_>) -> Option<NodeId> {
        let hash = hash(&self.hasher, key);
        self.index.find(hash, |node| self.nodes[*node as usize].key() == *key).map(|node| NodeId(*node))
    }

    fn add_node(&mut self, node: LineageNode) -> NodeId {
        let id = number(self.nodes.len());
        let parent = node.parent;
        self.nodes.push(node);
        self.index_node(id);
        if let Some(parent) = parent {
            self.children.push(parent.0, child(id));
            if self.children.is_untidy() {
                self.sort_children();
            }
        }
        NodeId(id)
    }

    /// Makes a node the newest of its key.
    fn index_node(&mut self, id: u32) {
        let Self { nodes, index, hasher, earlier, .. } = self;
        index_in(nodes, index, earlier, hasher, id);
    }

    /// Few namespaces are shared by many nodes; the newest is the likeliest.
    fn namespace(&mut self, name: &str) -> Arc<str> {
        if let Some(known) = self.namespaces.iter().rev().find(|known| ***known == *name) {
            return Arc::clone(known);
        }
        let namespace: Arc<str> = name.into();
        self.namespaces.push(Arc::clone(&namespace));
        namespace
    }

    fn sort_children(&mut self) {
        self.children = children_of(&self.nodes);
    }

    /// Puts all links side by side.
    fn sort_in(&mut self) {
        self.outgoing = outgoing_of(self.nodes.len(), &self.edges);
        self.incoming = incoming_of(self.nodes.len(), &self.edges);
    }

    /// Brings everything up to date that is there to find nodes and edges, all at the same time.
    fn index_all(&mut self) {
        let Self { nodes, edges, index, hasher, earlier, children, outgoing, incoming, .. } = self;
        let (nodes, edges) = (&*nodes, &*edges);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                *outgoing = outgoing_of(nodes.len(), edges);
                *incoming = incoming_of(nodes.len(), edges);
                *children = children_of(nodes);
            });
            index.reserve(nodes.len(), |_| 0);
            for id in 0..number(nodes.len()) {
                index_in(nodes, index, earlier, hasher, id);
            }
        });
    }
}

fn hash(hasher: &DefaultHashBuilder, key: &impl Hash) -> u64 {
    hasher.hash_one(key)
}

fn child(node: u32) -> Link {
    Link { node, edge: u32::MAX, kind: EdgeKind::Use }
}

/// Ids are 32 bits: more nodes than that don't fit into memory anyway.
fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

fn node_id(index: usize) -> NodeId {
    NodeId(number(index))
}

#[cfg(test)]
mod tests;
