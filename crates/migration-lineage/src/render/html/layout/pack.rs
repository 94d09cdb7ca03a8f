//! Parts that no edge joins, side by side and below each other.

use super::{Layout, Place, Size};

/// Cards that edges join, and these edges by the places in `nodes`.
#[derive(Debug)]
pub(super) struct Component {
    pub(super) nodes: Vec<usize>,
    pub(super) pairs: Vec<(usize, usize)>,
}

/// Space between parts.
const APART: i32 = 72;
/// Space above those that nothing is joined to, for a line that says so.
const TITLE: i32 = 64;
/// Space between these.
const GRID: i32 = 28;

/// The connected parts in the order of their first cards, and what stands alone.
pub(super) fn components(nodes: usize, pairs: &[(usize, usize)]) -> (Vec<Component>, Vec<usize>) {
    let mut joined = vec![Vec::new(); nodes];
    for (from, to) in pairs {
        joined[*from].push(*to);
        joined[*to].push(*from);
    }
    let mut part = vec![usize::MAX; nodes];
    let mut place = vec![0; nodes];
    let mut parts: Vec<Component> = Vec::new();
    for root in (0..nodes).filter(|node| !joined[*node].is_empty()) {
        if part[root] != usize::MAX {
            continue;
        }
        let number = parts.len();
        part[root] = number;
        let mut found = vec![root];
        let mut at = 0;
        while let Some(node) = found.get(at).copied() {
            at += 1;
            for other in &joined[node] {
                if part[*other] == usize::MAX {
                    part[*other] = number;
                    found.push(*other);
                }
            }
        }
        found.sort_unstable();
        found.iter().enumerate().for_each(|(at, node)| place[*node] = at);
        parts.push(Component { nodes: found, pairs: Vec::new() });
    }
    for (from, to) in pairs {
        parts[part[*from]].pairs.push((place[*from], place[*to]));
    }
    (parts, (0..nodes).filter(|node| joined[*node].is_empty()).collect())
}

/// A part that is laid out: its cards, where they stand in it, and its size.
pub(super) type Part = (Vec<usize>, Vec<Place>, Size);

/// The shape of most screens, as width to height.
const SHAPE: f64 = 1.7;

/// Puts the parts into rows, the largest first, and what stands alone into a grid below or beside them; rows are as long as makes
/// the whole most like a screen.
pub(super) fn pack(layout: &mut Layout, mut parts: Vec<Part>, alone: &[usize], sizes: &[Size]) {
    parts.sort_by_key(|(nodes, ..)| std::cmp::Reverse(nodes.len()));
    let boxes: Vec<Size> = parts.iter().map(|(.., size)| *size).collect();
    let widest = boxes.iter().chain(alone.iter().map(|node| &sizes[*node])).map(|size| size.width).max();
    let widest = widest.unwrap_or(0);
    let area = |size: &Size, gap: i32| f64::from(size.width + gap) * f64::from(size.height + gap);
    let all = boxes.iter().map(|size| area(size, APART)).sum::<f64>()
        + alone.iter().map(|node| area(&sizes[*node], GRID)).sum::<f64>();
    let mut best: Option<(f64, Packed)> = None;
    for step in 0..12 {
        let width = widest.max((all.sqrt() * (0.7 + 0.15 * f64::from(step))) as i32);
        for beside in [false, true] {
            let packed = Packed::at(width, beside, &boxes, alone, sizes);
            let scale = f64::from(packed.size.height).max(f64::from(packed.size.width) / SHAPE);
            if best.as_ref().is_none_or(|(least, _)| scale < *least) {
                best = Some((scale, packed));
            }
        }
    }
    let Some((_, packed)) = best else { return };
    for ((nodes, places, _), (x, y)) in parts.into_iter().zip(packed.parts) {
        for (node, place) in nodes.into_iter().zip(places) {
            let lanes = place.lanes.into_iter().map(|[from, to, at]| [from + x, to + x, at + y]).collect();
            layout.places[node] = Place { x: place.x + x, y: place.y + y, lanes };
        }
    }
    for (node, (x, y)) in alone.iter().zip(packed.alone) {
        layout.places[*node] = Place { x, y, lanes: Vec::new() };
    }
    layout.apart = packed.apart;
}

/// Where parts and single cards are, for one length of rows.
struct Packed {
    parts: Vec<(i32, i32)>,
    alone: Vec<(i32, i32)>,
    apart: Option<[i32; 3]>,
    size: Size,
}

impl Packed {
    /// With what stands alone below the parts, or beside them.
    fn at(width: i32, beside: bool, boxes: &[Size], alone: &[usize], sizes: &[Size]) -> Self {
        let mut packed =
            Self { parts: Vec::new(), alone: Vec::new(), apart: None, size: Size { width: 0, height: 0 } };
        let mut skyline = Skyline::new(width);
        for size in boxes {
            let (x, y) = skyline.add(*size);
            packed.parts.push((x, y));
            packed.size.width = packed.size.width.max(x + size.width);
            packed.size.height = packed.size.height.max(y + size.height);
        }
        let cards: Vec<Size> = alone.iter().map(|node| sizes[*node]).collect();
        if !cards.is_empty() {
            packed.add_grid(width, beside && !boxes.is_empty(), &cards);
        }
        packed
    }

    fn add_grid(&mut self, width: i32, beside: bool, cards: &[Size]) {
        let Size { width: right, height: bottom } = self.size;
        let each = cards.iter().map(|card| card.width).max().unwrap_or(1) + GRID;
        let title = if bottom > 0 { TITLE } else { 0 };
        let (left, top, columns) = if beside {
            // As few columns as make it no taller than the parts.
            let room = i64::from(bottom - title).max(1);
            let all: i64 = cards.iter().map(|card| i64::from(card.height + GRID)).sum();
            (right + APART, 0, (all / room + 1).min(cards.len() as i64) as usize)
        } else {
            let top = if bottom > 0 { bottom + APART } else { 0 };
            (0, top, ((width + GRID) / each).max(1) as usize)
        };
        // Each next one where it is highest up.
        let mut bottoms = vec![top + title; columns.min(cards.len())];
        for card in cards {
            let mut best = 0;
            for column in 1..bottoms.len() {
                if bottoms[column] < bottoms[best] {
                    best = column;
                }
            }
            self.alone.push((left + best as i32 * each, bottoms[best]));
            bottoms[best] += card.height + GRID;
        }
        let lowest = bottoms.iter().copied().max().unwrap_or(bottom) - GRID;
        let end = left + bottoms.len() as i32 * each - GRID;
        self.size = Size { width: right.max(end), height: bottom.max(lowest) };
        let end = if beside { end } else { self.size.width };
        self.apart = (bottom > 0).then_some([left, end, top]);
    }
}

/// How far down each stretch of the width is taken: its left end and the height, from left to right.
struct Skyline {
    width: i32,
    steps: Vec<(i32, i32)>,
}

impl Skyline {
    fn new(width: i32) -> Self {
        Self { width: width + APART, steps: vec![(0, 0)] }
    }

    /// Puts a box, with space around it, where it is highest up; of two such places, the left one.
    fn add(&mut self, size: Size) -> (i32, i32) {
        let (width, height) = (size.width + APART, size.height + APART);
        let fits = |at: &usize| *at == 0 || self.steps[*at].0 + width <= self.width;
        let top = |at: usize| {
            let right = self.steps[at].0 + width;
            let covered = self.steps[at..].iter().take_while(|(x, _)| *x < right);
            covered.map(|(_, y)| *y).max().unwrap_or(0)
        };
        let places = (0..self.steps.len()).filter(fits).map(|at| (top(at), at));
        let (y, at) = places.min().unwrap_or((0, 0));
        let (x, right) = (self.steps[at].0, self.steps[at].0 + width);
        let behind = self.steps[at..].iter().take_while(|(x, _)| *x < right).count();
        let last = self.steps[at + behind - 1].1;
        let next = self.steps.get(at + behind).map_or(self.width, |(x, _)| *x);
        let mut steps = vec![(x, y + height)];
        if right < next {
            steps.push((right, last));
        }
        self.steps.splice(at..at + behind, steps);
        (x, y)
    }
}
