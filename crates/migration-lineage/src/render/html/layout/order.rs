//! The order within each layer: few crossings, found by sorting by the middle of what each is joined to (barycentres).

use super::layers::Layers;

/// Cards and lanes in layers, in order.
#[derive(Debug)]
pub(super) struct Ordered {
    /// What stands in each layer, from the top.
    pub(super) layers: Vec<Vec<usize>>,
    /// What each is joined to in the layer before, and in the one behind.
    pub(super) before: Vec<Vec<usize>>,
    pub(super) behind: Vec<Vec<usize>>,
    /// The lanes of each card, nearest first.
    pub(super) lanes: Vec<Vec<usize>>,
    /// So many are cards; higher numbers are lanes.
    pub(super) cards: usize,
}

/// How often all layers are sorted: less often if there is much to sort.
const SWEEPS: std::ops::RangeInclusive<usize> = 6..=14;
const SORTED: usize = 200_000;
/// More lanes than this are left out: their edges lead straight, behind the cards.
const LANES: usize = 60_000;

pub(super) fn order(layers: Layers, pairs: &[(usize, usize)]) -> Ordered {
    let mut ordered = Ordered::with_lanes(layers, pairs);
    let mut best = ordered.layers.clone();
    let mut fewest = ordered.crossings();
    let sweeps = (SORTED / ordered.before.len().max(1)).clamp(*SWEEPS.start(), *SWEEPS.end());
    for sweep in 0..sweeps {
        ordered.sort(sweep % 2 == 0);
        let crossings = ordered.crossings();
        // Of equals the later one: what belongs together has moved together by then.
        if crossings <= fewest {
            fewest = crossings;
            best.clone_from(&ordered.layers);
        }
        if fewest == 0 && sweep >= 3 {
            break;
        }
    }
    ordered.layers = best;
    ordered
}

impl Ordered {
    /// Cards in the order of their numbers, with lanes for what leads over more than one layer.
    fn with_lanes(layers: Layers, pairs: &[(usize, usize)]) -> Self {
        let cards = layers.of.len();
        let mut all = Self {
            layers: vec![Vec::new(); layers.count],
            before: vec![Vec::new(); cards],
            behind: vec![Vec::new(); cards],
            lanes: vec![Vec::new(); cards],
            cards,
        };
        for (card, layer) in layers.of.iter().enumerate() {
            all.layers[*layer].push(card);
        }
        let mut furthest = layers.of.clone();
        for (from, to) in pairs {
            furthest[*from] = furthest[*from].max(layers.of[*to]);
        }
        let mut room = LANES;
        for (card, furthest) in furthest.into_iter().enumerate() {
            let between = layers.of[card] + 1..furthest;
            if between.len() > room {
                continue;
            }
            room -= between.len();
            let mut last = card;
            for layer in between {
                let lane = all.before.len();
                all.before.push(Vec::new());
                all.behind.push(Vec::new());
                all.layers[layer].push(lane);
                all.lanes[card].push(lane);
                all.join(last, lane);
                last = lane;
            }
        }
        for (from, to) in pairs.iter().copied().filter(|(from, to)| layers.of[*from] < layers.of[*to]) {
            let last = match layers.of[to] - layers.of[from] - 1 {
                0 => Some(from),
                over => all.lanes[from].get(over - 1).copied(),
            };
            if let Some(last) = last {
                all.join(last, to);
            }
        }
        all
    }

    fn join(&mut self, from: usize, to: usize) {
        self.behind[from].push(to);
        self.before[to].push(from);
    }

    /// Where each stands in its layer.
    fn positions(&self) -> Vec<usize> {
        let mut positions = vec![0; self.before.len()];
        for layer in &self.layers {
            for (place, node) in layer.iter().enumerate() {
                positions[*node] = place;
            }
        }
        positions
    }

    /// Sorts each layer by the one before it, or from the right by the one behind it. What is joined to nothing there keeps
    /// about its place.
    fn sort(&mut self, to_right: bool) {
        let mut positions = self.positions();
        let count = self.layers.len();
        for step in 1..count {
            let (at, other) = if to_right { (step, step - 1) } else { (count - 1 - step, count - step) };
            let scale = self.layers[other].len() as f64 / self.layers[at].len().max(1) as f64;
            let joined = if to_right { &self.before } else { &self.behind };
            let mut keyed: Vec<(f64, usize)> = self.layers[at]
                .iter()
                .map(|node| {
                    let others = &joined[*node];
                    let sum: usize = others.iter().map(|other| positions[*other]).sum();
                    let own = (positions[*node] as f64 + 0.5) * scale - 0.5;
                    (if others.is_empty() { own } else { sum as f64 / others.len() as f64 }, *node)
                })
                .collect();
            keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
            let cards = self.cards;
            for alike in keyed.chunk_by_mut(|a, b| a.0 == b.0) {
                lanes_to_the_middle(alike, cards);
            }
            self.layers[at] = keyed.into_iter().map(|(_, node)| node).collect();
            for (place, node) in self.layers[at].iter().enumerate() {
                positions[*node] = place;
            }
        }
    }

    /// How many pairs of edges cross: inversions, counted with a Fenwick tree for each layer.
    fn crossings(&self) -> u64 {
        let positions = self.positions();
        let mut crossings = 0;
        let mut ends = Vec::new();
        for (layer, behind) in self.layers.iter().zip(self.layers.iter().skip(1)) {
            let mut tree = vec![0u64; behind.len() + 1];
            let mut seen = 0;
            for node in layer {
                ends.clear();
                ends.extend(self.behind[*node].iter().map(|to| positions[*to]));
                for end in &ends {
                    // Edges seen before that end at or above this place don't cross this one.
                    let mut above = 0;
                    let mut at = end + 1;
                    while at > 0 {
                        above += tree[at];
                        at &= at - 1;
                    }
                    crossings += seen - above;
                }
                for end in &ends {
                    seen += 1;
                    let mut at = end + 1;
                    while at < tree.len() {
                        tree[at] += 1;
                        at += at & at.wrapping_neg();
                    }
                }
            }
        }
        crossings
    }
}

/// Of what belongs at the same place, lanes in the middle: at an end, they would lead away from those beside them, layer by
/// layer.
fn lanes_to_the_middle(alike: &mut [(f64, usize)], cards: usize) {
    let (lanes, mut others): (Vec<_>, Vec<_>) = alike.iter().copied().partition(|(_, node)| *node >= cards);
    let middle = others.len() / 2;
    others.splice(middle..middle, lanes);
    alike.copy_from_slice(&others);
}
