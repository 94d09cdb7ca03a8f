use super::*;

fn same(count: usize) -> Vec<Size> {
    vec![Size { width: 200, height: 100 }; count]
}

fn overlaps(sizes: &[Size], layout: &Layout) -> Option<(usize, usize)> {
    let rect = |at: usize| {
        let (place, size) = (&layout.places[at], sizes[at]);
        (place.x, place.y, place.x + size.width, place.y + size.height)
    };
    let mut by_x: Vec<usize> = (0..sizes.len()).collect();
    by_x.sort_by_key(|at| rect(*at).0);
    for (at, a) in by_x.iter().enumerate() {
        let (ax, ay, bx, by) = rect(*a);
        for b in by_x[at + 1..].iter().take_while(|b| rect(**b).0 < bx) {
            let (cx, cy, dx, dy) = rect(*b);
            if ax < dx && cx < bx && ay < dy && cy < by {
                return Some((*a, *b));
            }
        }
    }
    None
}

/// A lane that passes through a card, as the card and the one whose lane it is.
fn lane_through_card(sizes: &[Size], layout: &Layout) -> Option<(usize, usize)> {
    for (from, place) in layout.places.iter().enumerate() {
        for [left, right, y] in &place.lanes {
            let hit = (0..sizes.len()).find(|at| {
                let (place, size) = (&layout.places[*at], sizes[*at]);
                place.x < *right && *left < place.x + size.width && place.y < *y && *y < place.y + size.height
            });
            if let Some(hit) = hit {
                return Some((hit, from));
            }
        }
    }
    None
}

#[test]
fn edges_lead_to_the_right() {
    // A diamond with a long edge past it.
    let layout = lay_out(&same(5), &[(0, 1), (0, 2), (1, 3), (2, 3), (3, 4), (0, 4)]);
    let x: Vec<i32> = layout.places.iter().map(|place| place.x).collect();
    assert!(x[0] < x[1] && x[1] == x[2] && x[2] < x[3] && x[3] < x[4], "{x:?}");
    assert_eq!(layout.places[0].lanes.len(), 2, "through the two layers between");
    assert_eq!(lane_through_card(&same(5), &layout), None);
    assert_eq!(overlaps(&same(5), &layout), None);
}

#[test]
fn rings_and_edges_to_oneself_have_places() {
    let layout = lay_out(&same(4), &[(0, 1), (1, 2), (2, 0), (2, 3)]);
    let x: Vec<i32> = layout.places.iter().map(|place| place.x).collect();
    assert!(x[0] < x[1] && x[1] < x[2] && x[2] < x[3], "{x:?}");
    let two = lay_out(&same(2), &[(0, 1), (1, 0)]);
    assert!(two.places[0].x < two.places[1].x);
}

#[test]
fn nothing_and_one() {
    assert_eq!(lay_out(&[], &[]), Layout::default());
    let one = lay_out(&same(1), &[]);
    assert_eq!((one.places[0].x, one.places[0].y, one.apart), (0, 0, None));
}

#[test]
fn where_data_begins_is_near_to_where_it_goes() {
    // A chain of four, and a table that only the last of them reads.
    let layout = lay_out(&same(5), &[(0, 1), (1, 2), (2, 3), (4, 3)]);
    assert_eq!(layout.places[4].x, layout.places[2].x);
}

#[test]
fn what_stands_alone_is_apart() {
    let layout = lay_out(&same(6), &[(1, 4)]);
    let [left, right, top] = layout.apart.unwrap();
    for (number, place) in layout.places.iter().enumerate() {
        let inside = place.x >= left && place.x + 200 <= right && place.y > top;
        assert_eq!(inside, ![1, 4].contains(&number), "{number}: {place:?} in {left} to {right}, {top}");
    }
    assert_eq!(overlaps(&same(6), &layout), None);
}

#[test]
fn a_table_that_all_read_makes_no_tower() {
    let pairs: Vec<_> = (1..400).map(|to| (0, to)).collect();
    let layout = lay_out(&same(400), &pairs);
    let right = layout.places.iter().map(|place| place.x + 200).max().unwrap();
    let bottom = layout.places.iter().map(|place| place.y + 100).max().unwrap();
    assert!(bottom < 2 * right && right < 4 * bottom, "{right} by {bottom}");
    assert_eq!(overlaps(&same(400), &layout), None);
    assert_eq!(lane_through_card(&same(400), &layout), None);
}

#[test]
fn crossings_are_undone() {
    // Two sides of a ladder, of which one stands on its head.
    let pairs: Vec<_> = (0..10).map(|at| (at, 19 - at)).chain((0..9).map(|at| (at, 18 - at))).collect();
    let layout = lay_out(&same(20), &pairs);
    let crossing = |a: &(usize, usize), b: &(usize, usize)| {
        let y = |at: usize| layout.places[at].y;
        (y(a.0) < y(b.0) && y(a.1) > y(b.1)) || (y(a.0) > y(b.0) && y(a.1) < y(b.1))
    };
    let count: usize = pairs.iter().map(|a| pairs.iter().filter(|b| crossing(a, b)).count()).sum();
    assert_eq!(count, 0);
}

#[test]
fn many_random_edges_never_overlap_and_come_out_the_same() {
    let mut random = fastrand::Rng::with_seed(7);
    for _ in 0..20 {
        let nodes = random.usize(2..120);
        let sizes: Vec<Size> =
            (0..nodes).map(|_| Size { width: random.i32(160..300), height: random.i32(36..900) }).collect();
        let pairs: Vec<(usize, usize)> = (0..random.usize(0..300))
            .map(|_| (random.usize(0..nodes), random.usize(0..nodes)))
            .filter(|(from, to)| from != to)
            .collect();
        let layout = lay_out(&sizes, &pairs);
        assert_eq!(overlaps(&sizes, &layout), None);
        assert_eq!(lane_through_card(&sizes, &layout), None);
        assert_eq!(layout, lay_out(&sizes, &pairs));
    }
}

#[test]
fn a_chain_of_any_length() {
    let nodes = 100_000;
    let mut pairs: Vec<_> = (1..nodes).map(|to| (to - 1, to)).collect();
    pairs.push((0, nodes - 1));
    let layout = lay_out(&same(nodes), &pairs);
    assert!(layout.places.windows(2).all(|pair| pair[0].x < pair[1].x));
}
