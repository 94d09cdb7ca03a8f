//! Which migrations go before which.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use thiserror::Error;

use crate::message::{list, list_ids};

/// The dependencies among a set of migrations (or steps), known to be complete and free of cycles.
///
/// Nodes are kept in the order of their ids, or in the order they are given with [`DependencyGraph::in_order`]; that order
/// decides between nodes that don't depend on each other.
#[derive(Debug, Clone)]
pub struct DependencyGraph<'a> {
    ids: Vec<&'a str>,
    index: HashMap<&'a str, usize>,
    dependencies: Vec<Vec<usize>>,
    dependents: Vec<Vec<usize>>,
    order: Vec<usize>,
}

/// Why there is no order in which a set of migrations could run. Every variant names all that are concerned, sorted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum GraphError {
    /// An id was given more than once.
    #[error("more than one migration has the id {}", list_ids(.ids))]
    Duplicate {
        /// The ids in question.
        ids: Vec<String>,
    },
    /// A dependency isn't in the set.
    #[error("{}", unresolved(.missing))]
    Missing {
        /// Pairs: a migration, and an id that it depends on and that does not exist.
        missing: Vec<(String, String)>,
    },
    /// Migrations depend on each other in a ring.
    #[error("the dependencies form a cycle: {}", list(.path, " -> "))]
    Cycle {
        /// Each depends on the next; the last is the first again. The ring begins with its smallest id.
        path: Vec<String>,
    },
}

fn unresolved(pairs: &[(String, String)]) -> String {
    let each = |(from, to): &(String, String)| format!("`{from}` depends on `{to}`, which does not exist");
    list(pairs.iter().map(each), "; ")
}

impl<'a> DependencyGraph<'a> {
    /// Builds the graph; nodes without an order between them are ordered by id.
    ///
    /// # Errors
    /// [`GraphError`] for duplicate ids, dependencies that don't exist and cycles, in that order.
    pub fn new<D: AsRef<str> + 'a>(
        nodes: impl IntoIterator<Item = (&'a str, &'a [D])>,
    ) -> Result<Self, GraphError> {
        let mut nodes: Vec<_> = nodes.into_iter().collect();
        nodes.sort_by_key(|(id, _)| *id);
        Self::in_order(nodes)
    }

    /// Builds the graph; nodes without an order between them keep the order in which they are given.
    ///
    /// # Errors
    /// As [`DependencyGraph::new`].
    pub fn in_order<D: AsRef<str> + 'a>(
        nodes: impl IntoIterator<Item = (&'a str, &'a [D])>,
    ) -> Result<Self, GraphError> {
        let nodes: Vec<_> = nodes.into_iter().collect();
        let ids: Vec<_> = nodes.iter().map(|(id, _)| *id).collect();
        let index = number(&ids)?;

        let mut dependencies = vec![Vec::new(); ids.len()];
        let mut dependents = vec![Vec::new(); ids.len()];
        let mut missing = Vec::new();
        // For each node the last one that was found to need it: a dependency that is given twice counts once.
        let mut needed_last_by = vec![usize::MAX; ids.len()];
        for (node, (id, needs)) in nodes.iter().enumerate() {
            for need in *needs {
                match index.get(need.as_ref()) {
                    Some(&other) if needed_last_by[other] != node => {
                        needed_last_by[other] = node;
                        dependencies[node].push(other);
                        dependents[other].push(node);
                    }
                    Some(_) => {}
                    None => missing.push(((*id).to_owned(), need.as_ref().to_owned())),
                }
            }
        }
        if !missing.is_empty() {
            missing.sort();
            return Err(GraphError::Missing { missing });
        }

        let mut graph = Self { ids, index, dependencies, dependents, order: Vec::new() };
        graph.order = graph.sort()?;
        Ok(graph)
    }

    /// All ids: each after those it depends on, and otherwise in the order of the nodes.
    #[must_use]
    pub fn order(&self) -> Vec<&'a str> {
        self.order.iter().map(|&node| self.ids[node]).collect()
    }

    /// [`order`](Self::order) as places among the nodes: by id for [`new`](Self::new), as given for
    /// [`in_order`](Self::in_order).
    #[must_use]
    pub fn places(&self) -> &[usize] {
        &self.order
    }

    /// The places of the nodes that the node at `place` depends on directly, each once; empty for a place beyond the last.
    #[must_use]
    pub fn needs(&self, place: usize) -> &[usize] {
        self.dependencies.get(place).map_or(&[], Vec::as_slice)
    }

    /// The ids in levels: those of a level depend only on earlier levels, so they may run at the same time.
    #[must_use]
    pub fn levels(&self) -> Vec<Vec<&'a str>> {
        let mut level_of = vec![0; self.ids.len()];
        let mut levels: Vec<Vec<&str>> = Vec::new();
        for &node in &self.order {
            let level = self.dependencies[node].iter().map(|&d| level_of[d] + 1).max().unwrap_or(0);
            level_of[node] = level;
            if levels.len() == level {
                levels.push(Vec::new());
            }
            levels[level].push(self.ids[node]);
        }
        levels
    }

    /// All that `id` needs, directly or not, in [`order`](Self::order); empty for an unknown id.
    #[must_use]
    pub fn dependencies(&self, id: &str) -> Vec<&'a str> {
        self.reachable(id, &self.dependencies)
    }

    /// All that need `id`, directly or not, in [`order`](Self::order); empty for an unknown id.
    #[must_use]
    pub fn dependents(&self, id: &str) -> Vec<&'a str> {
        self.reachable(id, &self.dependents)
    }

    fn reachable(&self, id: &str, edges: &[Vec<usize>]) -> Vec<&'a str> {
        let mut seen = vec![false; self.ids.len()];
        let mut stack: Vec<usize> = self.index.get(id).map(|&node| edges[node].clone()).unwrap_or_default();
        while let Some(node) = stack.pop() {
            if !seen[node] {
                seen[node] = true;
                stack.extend(&edges[node]);
            }
        }
        self.order.iter().filter(|&&node| seen[node]).map(|&node| self.ids[node]).collect()
    }

    /// Kahn's algorithm with a heap, so that of all that are ready the first goes first.
    fn sort(&self) -> Result<Vec<usize>, GraphError> {
        let mut waits_for: Vec<usize> = self.dependencies.iter().map(Vec::len).collect();
        let mut ready: BinaryHeap<_> =
            (0..self.ids.len()).filter(|&n| waits_for[n] == 0).map(Reverse).collect();
        let mut order = Vec::with_capacity(self.ids.len());
        while let Some(Reverse(node)) = ready.pop() {
            order.push(node);
            for &dependent in &self.dependents[node] {
                waits_for[dependent] -= 1;
                if waits_for[dependent] == 0 {
                    ready.push(Reverse(dependent));
                }
            }
        }
        if order.len() == self.ids.len() { Ok(order) } else { Err(self.cycle(&waits_for)) }
    }

    /// Every node that still waits depends on another one that does: following those must come round.
    fn cycle(&self, waits_for: &[usize]) -> GraphError {
        let waiting = |node: &usize| waits_for[*node] > 0;
        let mut node = (0..self.ids.len()).find(waiting).unwrap_or(0);
        let mut path = Vec::new();
        let mut seen = vec![false; self.ids.len()];
        while !seen[node] {
            seen[node] = true;
            path.push(node);
            node = self.dependencies[node].iter().copied().find(waiting).unwrap_or(node);
        }
        let mut ring: Vec<_> = path.iter().skip_while(|&&n| n != node).map(|&n| self.ids[n]).collect();
        let smallest = (0..ring.len()).min_by_key(|&n| ring[n]).unwrap_or(0);
        ring.rotate_left(smallest);
        ring.push(ring[0]);
        GraphError::Cycle { path: ring.into_iter().map(str::to_owned).collect() }
    }
}

fn number<'a>(ids: &[&'a str]) -> Result<HashMap<&'a str, usize>, GraphError> {
    let mut index = HashMap::with_capacity(ids.len());
    let mut twice: Vec<String> = ids
        .iter()
        .enumerate()
        .filter(|&(n, id)| index.insert(*id, n).is_some())
        .map(|(_, id)| (*id).to_owned())
        .collect();
    if twice.is_empty() {
        return Ok(index);
    }
    twice.sort();
    twice.dedup();
    Err(GraphError::Duplicate { ids: twice })
}

#[cfg(test)]
mod tests;
