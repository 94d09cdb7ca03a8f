//! Where everything stands: tables in layers from left to right, so that edges lead to the right wherever there is no ring.
//!
//! The steps are those of Sugiyama, Tagawa and Toda (Methods for visual understanding of hierarchical system structures,
//! 1981): rings are opened, tables get layers, layers an order with few crossings, and tables heights at which edges are
//! short. Two things differ. A layer is not taller than a bound that follows from the size of the whole, so that a table
//! which a thousand others read does not make a tower. And all long edges from one table share one lane through the layers
//! between, which is easier to follow than one for each, and keeps the number of lanes small.
//!
//! The same input gives the same picture, nothing recurses, and the time is about that of sorting the edges a few times.

mod layers;
mod order;
mod pack;
mod place;

use layers::Layers;

/// The size of a card, in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) width: i32,
    pub(super) height: i32,
}

/// Where a card stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) x: i32,
    pub(super) y: i32,
    /// Where its edges pass the layers to its right: from x to x at y.
    pub(super) lanes: Vec<[i32; 3]>,
}

/// Where all cards stand.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) places: Vec<Place>,
    /// Where those begin that no edge leads to or from, if there are some and others too: from x to x, and the y.
    pub(super) apart: Option<[i32; 3]>,
}

/// Space between cards that stand above each other.
const GAP: i32 = 26;
/// Space that a lane takes.
const LANE: i32 = 10;
/// A layer may always be so tall.
const COMFORTABLE: i64 = 1500;

/// Lays out cards of these sizes, with an edge for each pair.
pub(super) fn lay_out(sizes: &[Size], pairs: &[(usize, usize)]) -> Layout {
    let mut layout = Layout { places: vec![Place::default(); sizes.len()], apart: None };
    let (connected, alone) = pack::components(sizes.len(), pairs);
    let mut boxes = Vec::new();
    for component in connected {
        let own: Vec<Size> = component.nodes.iter().map(|node| sizes[*node]).collect();
        let layers = Layers::of(&own, &component.pairs);
        let ordered = order::order(layers, &component.pairs);
        let (places, size) = place::place(&own, &ordered);
        boxes.push((component.nodes, places, size));
    }
    pack::pack(&mut layout, boxes, &alone, sizes);
    layout
}

#[cfg(test)]
mod tests;
