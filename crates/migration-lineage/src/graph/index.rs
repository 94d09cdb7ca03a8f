//! What there is to find nodes and edges, made of the nodes and edges.

use std::collections::HashMap;

use hashbrown::hash_table::Entry;
use hashbrown::{DefaultHashBuilder, HashTable};

use super::adjacency::{Adjacency, Link};
use super::edge::LineageEdge;
use super::node::{LineageNode, NodeId};
use super::{child, hash, number};

/// Makes a node the newest of its key.
pub(super) fn index_in(
    nodes: &[LineageNode],
    index: &mut HashTable<u32>,
    earlier: &mut HashMap<NodeId, NodeId>,
    hasher: &DefaultHashBuilder,
    id: u32,
) {
    let key = nodes[id as usize].key();
    let entry = index.entry(
        hash(hasher, &key),
        |other| nodes[*other as usize].key() == key,
        |other| hash(hasher, &nodes[*other as usize].key()),
    );
    match entry {
        Entry::Occupied(mut newest) => {
            earlier.insert(NodeId(id), NodeId(*newest.get()));
            *newest.get_mut() = id;
        }
        Entry::Vacant(free) => {
            free.insert(id);
        }
    }
}

pub(super) fn children_of(nodes: &[LineageNode]) -> Adjacency {
    let with_parent = |(index, node): (usize, &LineageNode)| Some((node.parent?.0, number(index)));
    let children: Vec<(u32, u32)> = nodes.iter().enumerate().filter_map(with_parent).collect();
    Adjacency::build(nodes.len(), children.len(), |place| {
        let (parent, node) = children[place];
        (parent, child(node))
    })
}

pub(super) fn outgoing_of(nodes: usize, edges: &[LineageEdge]) -> Adjacency {
    Adjacency::build(nodes, edges.len(), |id| {
        let edge = &edges[id];
        (edge.from.0, Link { node: edge.to.0, edge: number(id), kind: edge.kind })
    })
}

pub(super) fn incoming_of(nodes: usize, edges: &[LineageEdge]) -> Adjacency {
    Adjacency::build(nodes, edges.len(), |id| {
        let edge = &edges[id];
        (edge.to.0, Link { node: edge.from.0, edge: number(id), kind: edge.kind })
    })
}
