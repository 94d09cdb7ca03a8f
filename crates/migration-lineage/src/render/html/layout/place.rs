//! Where the cards of a connected graph stand, their order being known.

use super::order::Ordered;
use super::{GAP, LANE, Place, Size};

/// How often all layers are moved towards what they are joined to.
const SWEEPS: usize = 10;

/// The places of all cards, from 0, and the size of the whole.
pub(super) fn place(sizes: &[Size], ordered: &Ordered) -> (Vec<Place>, Size) {
    let heights: Vec<f64> = (0..ordered.before.len())
        .map(|node| f64::from(if node < ordered.cards { sizes[node].height } else { LANE }))
        .collect();
    let tops = tops(&heights, ordered);
    let highest = tops.iter().copied().fold(f64::INFINITY, f64::min);
    let top = |node: usize| (tops[node] - highest).round() as i32;

    let mut places = vec![Place::default(); ordered.cards];
    let mut of_lanes = vec![[0; 3]; ordered.before.len()];
    let mut x = 0;
    let mut height = 0;
    for (number, layer) in ordered.layers.iter().enumerate() {
        let cards = layer.iter().filter(|node| **node < ordered.cards);
        let width = cards.map(|card| sizes[*card].width).max().unwrap_or(0);
        for node in layer {
            height = height.max(top(*node) + heights[*node] as i32);
            if *node < ordered.cards {
                places[*node].x = x + (width - sizes[*node].width) / 2;
                places[*node].y = top(*node);
            } else {
                of_lanes[*node] = [x, x + width, top(*node) + LANE / 2];
            }
        }
        x += width;
        if number + 1 < ordered.layers.len() {
            // More edges need more room to be told apart.
            let edges: usize = layer.iter().map(|node| ordered.behind[*node].len()).sum();
            x += 84 + (edges as i32).min(60) * 2;
        }
    }
    for (place, lanes) in places.iter_mut().zip(&ordered.lanes) {
        place.lanes = lanes.iter().map(|lane| of_lanes[*lane]).collect();
    }
    (places, Size { width: x, height })
}

/// The upper edge of everything.
fn tops(heights: &[f64], ordered: &Ordered) -> Vec<f64> {
    let is_lane = |node: usize| node >= ordered.cards;
    let mut tops = vec![0.0; heights.len()];
    for layer in &ordered.layers {
        let mut y = 0.0;
        for (place, node) in layer.iter().enumerate() {
            y += if place == 0 { 0.0 } else { gap(layer[place - 1], *node, ordered.cards) };
            tops[*node] = y;
            y += heights[*node];
        }
    }
    for sweep in 0..SWEEPS {
        let count = ordered.layers.len();
        let to_right = sweep % 2 == 0;
        for step in 0..count {
            let layer = &ordered.layers[if to_right { step } else { count - 1 - step }];
            let wish = |node: usize| {
                let (near, far) = (&ordered.before[node], &ordered.behind[node]);
                let (near, far) = if to_right { (near, far) } else { (far, near) };
                // The last ones look both ways, and so does what has nothing on the one side.
                let both = sweep + 2 >= SWEEPS || near.is_empty();
                let others = near.iter().chain(if both { far.as_slice() } else { &[] });
                let (mut sum, mut weight) = (0.0, 0.0);
                for other in others {
                    // Lanes are to be straight.
                    let counts = if is_lane(node) && is_lane(*other) { 16.0 } else { 1.0 };
                    sum += counts * (tops[*other] + heights[*other] / 2.0);
                    weight += counts;
                }
                if weight == 0.0 { (tops[node], 0.05) } else { (sum / weight - heights[node] / 2.0, weight) }
            };
            let wishes: Vec<(f64, f64)> = layer.iter().map(|node| wish(*node)).collect();
            move_layer(layer, &wishes, heights, ordered.cards, &mut tops);
        }
    }
    tops
}

fn gap(above: usize, below: usize, cards: usize) -> f64 {
    f64::from(match (above < cards, below < cards) {
        (true, true) => GAP,
        (false, false) => 0,
        _ => GAP / 2,
    })
}

/// Moves everything in a layer as near as it gets to its wish, in the least squares, without changing the order: neighbours
/// that wish to overlap are joined to blocks (isotonic regression, by pooling adjacent violators).
fn move_layer(layer: &[usize], wishes: &[(f64, f64)], heights: &[f64], cards: usize, tops: &mut [f64]) {
    let mut offset = 0.0;
    let mut offsets = Vec::with_capacity(layer.len());
    for (place, node) in layer.iter().enumerate() {
        offset += if place == 0 { 0.0 } else { gap(layer[place - 1], *node, cards) };
        offsets.push(offset);
        offset += heights[*node];
    }
    // Of each block: where it wishes to be, how much, and how many are in it.
    let mut blocks: Vec<(f64, f64, usize)> = Vec::new();
    for ((wish, weight), offset) in wishes.iter().zip(&offsets) {
        let mut block = (wish - offset, *weight, 1);
        while let Some(last) = blocks.last().copied().filter(|last| last.0 > block.0) {
            let weight = last.1 + block.1;
            block = ((last.0 * last.1 + block.0 * block.1) / weight, weight, last.2 + block.2);
            blocks.pop();
        }
        blocks.push(block);
    }
    let moved = blocks.iter().flat_map(|(wish, _, count)| std::iter::repeat_n(*wish, *count));
    for ((node, offset), base) in layer.iter().zip(&offsets).zip(moved) {
        tops[*node] = base + offset;
    }
}
