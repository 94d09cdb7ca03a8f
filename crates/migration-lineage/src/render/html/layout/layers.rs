//! Which layer each card is in.

use super::{COMFORTABLE, GAP, Size};

/// The layers of a connected graph.
#[derive(Debug)]
pub(super) struct Layers {
    /// The layer of each card.
    pub(super) of: Vec<usize>,
    pub(super) count: usize,
}

impl Layers {
    /// Puts every card into a layer behind those that lead to it; edges that close a ring lead back.
    pub(super) fn of(sizes: &[Size], pairs: &[(usize, usize)]) -> Self {
        let forward = without_rings(sizes.len(), pairs);
        let mut next = vec![Vec::new(); sizes.len()];
        let mut before = vec![Vec::new(); sizes.len()];
        for (from, to) in &forward {
            next[*from].push(*to);
            before[*to].push(*from);
        }
        let wanted = ranks(&next, &before);
        let mut order: Vec<usize> = (0..sizes.len()).collect();
        order.sort_by_key(|node| (wanted[*node], *node));

        let bound = bound(sizes);
        let mut used: Vec<i64> = Vec::new();
        let mut of = vec![0; sizes.len()];
        for node in order {
            let behind = before[node].iter().map(|other| of[*other] + 1).max().unwrap_or(0);
            let height = i64::from(sizes[node].height + GAP);
            let mut layer = behind.max(wanted[node]);
            while used.get(layer).is_some_and(|used| *used > 0 && used + height > bound) {
                layer += 1;
            }
            if used.len() <= layer {
                used.resize(layer + 1, 0);
            }
            used[layer] += height;
            of[node] = layer;
        }
        // None is empty: a layer that is left out would be a hole.
        let mut numbers = vec![0; used.len()];
        let mut count = 0;
        for (layer, used) in used.iter().enumerate() {
            numbers[layer] = count;
            count += usize::from(*used > 0);
        }
        of.iter_mut().for_each(|layer| *layer = numbers[*layer]);
        Self { of, count }
    }
}

/// How tall a layer may be: as tall as makes the whole a bit wider than tall.
fn bound(sizes: &[Size]) -> i64 {
    let area: i64 = sizes.iter().map(|size| i64::from(size.width + 120) * i64::from(size.height + GAP)).sum();
    let tallest = sizes.iter().map(|size| i64::from(size.height + GAP)).max().unwrap_or(0);
    let height = (area as f64 / 1.6).sqrt() as i64;
    height.max(COMFORTABLE).max(tallest)
}

/// The edges without those that lead back to where a walk in depth came from.
fn without_rings(nodes: usize, pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let mut next = vec![Vec::new(); nodes];
    let mut is_target = vec![false; nodes];
    for (from, to) in pairs {
        next[*from].push(*to);
        is_target[*to] = true;
    }
    #[derive(Clone, Copy, PartialEq)]
    enum Seen {
        No,
        OnWay,
        Done,
    }
    let mut seen = vec![Seen::No; nodes];
    let mut kept = Vec::new();
    // Where data begins first, so that rings open where they are entered.
    let (begin, rest): (Vec<usize>, Vec<usize>) = (0..nodes).partition(|node| !is_target[*node]);
    for root in begin.into_iter().chain(rest) {
        if seen[root] != Seen::No {
            continue;
        }
        seen[root] = Seen::OnWay;
        let mut way = vec![(root, 0)];
        while let Some((node, at)) = way.last_mut() {
            let node = *node;
            let Some(to) = next[node].get(*at).copied() else {
                seen[node] = Seen::Done;
                way.pop();
                continue;
            };
            *at += 1;
            if seen[to] != Seen::OnWay {
                kept.push((node, to));
            }
            if seen[to] == Seen::No {
                seen[to] = Seen::OnWay;
                way.push((to, 0));
            }
        }
    }
    kept
}

/// How many edges lead to each at most; where data begins, as many as leave room for the nearest that it leads to.
fn ranks(next: &[Vec<usize>], before: &[Vec<usize>]) -> Vec<usize> {
    let mut ranks = vec![0; next.len()];
    let mut missing: Vec<usize> = before.iter().map(Vec::len).collect();
    let mut ready: Vec<usize> = (0..next.len()).filter(|node| missing[*node] == 0).collect();
    while let Some(node) = ready.pop() {
        for to in &next[node] {
            ranks[*to] = ranks[*to].max(ranks[node] + 1);
            missing[*to] -= 1;
            if missing[*to] == 0 {
                ready.push(*to);
            }
        }
    }
    for node in (0..next.len()).filter(|node| before[*node].is_empty()) {
        ranks[node] = next[node].iter().map(|to| ranks[*to]).min().map_or(0, |rank| rank - 1);
    }
    ranks
}
