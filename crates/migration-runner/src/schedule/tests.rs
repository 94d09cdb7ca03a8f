//! All schedules of all small graphs, not a sample of them.

use std::collections::HashSet;

use super::*;

/// What a run of a small graph has come to. Sets of nodes are bits.
#[derive(Clone)]
struct World<'g> {
    edges: &'g [(usize, usize)],
    nodes: usize,
    threads: usize,
    schedule: Schedule,
    running: u8,
    done: u8,
    failed: u8,
    stopped: bool,
}

impl World<'_> {
    fn before(&self, node: usize) -> u8 {
        self.edges.iter().filter(|edge| edge.1 == node).fold(0, |set, edge| set | 1 << edge.0)
    }

    /// Starts whatever may start, as the driver does, and checks all that has to be true of it.
    fn start(&mut self) {
        while self.schedule.running() < self.threads {
            let Some(node) = self.schedule.next() else { break };
            let bit = 1 << node;
            assert!(!self.stopped && self.failed == 0, "a node starts after the end");
            assert_eq!((self.running | self.done | self.failed) & bit, 0, "a node starts twice");
            assert_eq!(self.before(node) & !self.done, 0, "a node starts before one that it needs");
            self.running |= bit;
        }
        assert_eq!(self.schedule.running(), self.running.count_ones() as usize);
        // Nobody idles while there is something to do.
        let is_ready = |node: &usize| {
            (self.running | self.done) & 1 << node == 0 && self.before(*node) & !self.done == 0
        };
        let idle = self.threads - self.running.count_ones() as usize;
        if idle > 0 && !self.stopped && self.failed == 0 {
            assert_eq!((0..self.nodes).filter(is_ready).count(), 0, "a node waits for no reason");
        }
    }

    /// Every way in which it can go on; returns how many there are.
    fn explore(mut self, seen: &mut HashSet<(u8, u8, u8, bool)>) -> usize {
        self.start();
        if !seen.insert((self.running, self.done, self.failed, self.stopped)) {
            return 0;
        }
        if self.running == 0 {
            if self.failed == 0 && !self.stopped {
                assert_eq!(self.done.count_ones() as usize, self.nodes, "it ends too early");
            }
            return 1;
        }
        let mut ways = 0;
        for node in (0..self.nodes).filter(|node| self.running & 1 << node != 0) {
            let mut well = self.clone();
            well.running &= !(1 << node);
            well.done |= 1 << node;
            well.schedule.finished(node);
            ways += well.explore(seen);

            let mut badly = self.clone();
            badly.running &= !(1 << node);
            badly.failed |= 1 << node;
            badly.schedule.failed();
            ways += badly.explore(seen);
        }
        if !self.stopped {
            let mut stopped = self;
            stopped.stopped = true;
            stopped.schedule.stop();
            ways += stopped.explore(seen);
        }
        ways
    }
}

#[test]
fn all_schedules_of_all_graphs_of_up_to_five_nodes() {
    let mut graphs = 0;
    let mut ends = 0;
    for nodes in 0..=5 {
        let pairs: Vec<(usize, usize)> = (0..nodes).flat_map(|b| (0..b).map(move |a| (a, b))).collect();
        for chosen in 0..1_u32 << pairs.len() {
            let edges: Vec<_> = pairs
                .iter()
                .enumerate()
                .filter(|(n, _)| chosen & 1 << n != 0)
                .map(|(_, pair)| *pair)
                .collect();
            graphs += 1;
            for threads in 1..=3 {
                let schedule = Schedule::new(nodes, &edges);
                let world = World {
                    edges: &edges,
                    nodes,
                    threads,
                    schedule,
                    running: 0,
                    done: 0,
                    failed: 0,
                    stopped: false,
                };
                ends += world.explore(&mut HashSet::new());
            }
        }
    }
    assert_eq!(graphs, 1 + 1 + 2 + 8 + 64 + 1024);
    assert!(ends > 10_000, "only {ends} ends were reached");
}

#[test]
fn alone_it_follows_the_numbers() {
    let mut schedule = Schedule::new(4, &[(0, 3), (1, 2), (1, 2)]);
    let mut order = Vec::new();
    while let Some(node) = schedule.next() {
        order.push(node);
        schedule.finished(node);
    }
    assert_eq!(order, [0, 1, 2, 3]);
}

#[test]
fn what_is_withdrawn_waits_again() {
    let mut schedule = Schedule::new(2, &[(0, 1)]);
    let node = schedule.next().unwrap();
    schedule.withdraw(node);
    assert_eq!(schedule.running(), 0);
    assert_eq!(schedule.next(), Some(0));
}
