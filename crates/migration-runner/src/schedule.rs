//! Which node of a graph may run when. Pure: whoever has the nodes run tells what became of them.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// The nodes `0..n` of a graph without cycles on their way from waiting to done.
///
/// ```text
///            next            finished
/// waiting ─────────▶ running ─────────▶ done          a node is ready when all before it are done
///            ◀─────────     ─────────▶ failed         after `failed` or `stop` no node is ready any more
///            withdraw         failed
/// ```
#[derive(Debug, Clone)]
pub(crate) struct Schedule {
    /// For each node how many of those before it are not done.
    waits_for: Vec<u32>,
    /// The nodes behind node `n`: `after[starts[n]..starts[n + 1]]`.
    starts: Vec<usize>,
    after: Vec<usize>,
    ready: BinaryHeap<Reverse<usize>>,
    running: usize,
    stopped: bool,
}

impl Schedule {
    /// `edges` are pairs of nodes: one, and one that has to wait for it. Of all that are ready the smallest goes first.
    pub(crate) fn new(nodes: usize, edges: &[(usize, usize)]) -> Self {
        let mut waits_for = vec![0; nodes];
        let mut starts = vec![0; nodes + 1];
        for &(before, behind) in edges {
            waits_for[behind] += 1;
            starts[before + 1] += 1;
        }
        for node in 0..nodes {
            starts[node + 1] += starts[node];
        }
        let mut free = starts.clone();
        let mut after = vec![0; edges.len()];
        for &(before, behind) in edges {
            after[free[before]] = behind;
            free[before] += 1;
        }
        let ready = (0..nodes).filter(|&node| waits_for[node] == 0).map(Reverse).collect();
        Self { waits_for, starts, after, ready, running: 0, stopped: false }
    }

    /// The next node that is ready; it counts as running from now on.
    pub(crate) fn next(&mut self) -> Option<usize> {
        if self.stopped {
            return None;
        }
        let Reverse(node) = self.ready.pop()?;
        self.running += 1;
        Some(node)
    }

    /// A running node is done.
    pub(crate) fn finished(&mut self, node: usize) {
        self.running -= 1;
        for at in self.starts[node]..self.starts[node + 1] {
            let behind = self.after[at];
            self.waits_for[behind] -= 1;
            if self.waits_for[behind] == 0 {
                self.ready.push(Reverse(behind));
            }
        }
    }

    /// A running node failed: those behind it never run, and no other node starts.
    pub(crate) fn failed(&mut self) {
        self.running -= 1;
        self.stopped = true;
    }

    /// A node that [`next`](Self::next) gave did not start after all.
    pub(crate) fn withdraw(&mut self, node: usize) {
        self.running -= 1;
        self.ready.push(Reverse(node));
    }

    /// No other node starts.
    pub(crate) fn stop(&mut self) {
        self.stopped = true;
    }

    /// How many nodes are running.
    pub(crate) fn running(&self) -> usize {
        self.running
    }
}

#[cfg(test)]
mod tests;
