//! Rings: nodes that come from themselves.

use super::LineageGraph;
use super::node::NodeId;
use super::query::Query;

const UNSEEN: u32 = u32::MAX;

impl LineageGraph {
    /// The rings, each as the nodes that lead to one another, in the order of their ids; the rings in the order of their
    /// first nodes. A node with an edge to itself is one.
    ///
    /// These are the strongly connected components, found by Tarjan's algorithm (Depth-first search and linear graph
    /// algorithms, SIAM J. Comput. 1972) with a stack of its own in place of recursion.
    #[must_use]
    pub fn cycles(&self, query: &Query) -> Vec<Vec<NodeId>> {
        let nodes = self.nodes.len();
        let mut search = Search {
            number: vec![UNSEEN; nodes],
            low: vec![0; nodes],
            waiting: vec![false; nodes],
            stack: Vec::new(),
            seen: 0,
            rings: Vec::new(),
        };
        let mut calls = Vec::new();
        for root in 0..super::number(nodes) {
            if search.number[root as usize] != UNSEEN {
                continue;
            }
            search.enter(root);
            calls.push((root, self.links(root, query)));
            while let Some((node, links)) = calls.last_mut() {
                let node = *node;
                if let Some(link) = links.next() {
                    let next = link.node as usize;
                    if search.number[next] == UNSEEN {
                        search.enter(link.node);
                        calls.push((link.node, self.links(link.node, query)));
                    } else if search.waiting[next] {
                        search.lower(node, search.number[next]);
                    }
                } else {
                    calls.pop();
                    search.leave(node, |node| self.links(node, query).any(|link| link.node == node));
                    if let Some((parent, _)) = calls.last() {
                        search.lower(*parent, search.low[node as usize]);
                    }
                }
            }
        }
        search.rings.sort_unstable();
        search.rings
    }
}

struct Search {
    /// In which order nodes were seen first.
    number: Vec<u32>,
    /// The smallest number of a node that is known to be in the same ring.
    low: Vec<u32>,
    /// Whether a node is on the stack.
    waiting: Vec<bool>,
    stack: Vec<u32>,
    seen: u32,
    rings: Vec<Vec<NodeId>>,
}

impl Search {
    fn enter(&mut self, node: u32) {
        self.number[node as usize] = self.seen;
        self.low[node as usize] = self.seen;
        self.waiting[node as usize] = true;
        self.stack.push(node);
        self.seen += 1;
    }

    fn lower(&mut self, node: u32, to: u32) {
        let low = &mut self.low[node as usize];
        *low = to.min(*low);
    }

    /// Takes a ring off the stack if it began with this node.
    fn leave(&mut self, node: u32, leads_to_itself: impl Fn(u32) -> bool) {
        if self.low[node as usize] != self.number[node as usize] {
            return;
        }
        let start = self.stack.iter().rposition(|other| *other == node).unwrap_or(self.stack.len());
        let ring = self.stack.split_off(start);
        for other in &ring {
            self.waiting[*other as usize] = false;
        }
        if ring.len() > 1 || leads_to_itself(node) {
            let mut ring: Vec<NodeId> = ring.into_iter().map(NodeId).collect();
            ring.sort_unstable();
            self.rings.push(ring);
        }
    }
}
