//! The order in which the objects of a dump are written.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

/// Places in the order of their keys, but each after those that it needs.
///
/// # Errors
/// The places that stand in a circle or between two.
pub(in crate::backend) fn order<K: Ord>(
    keys: &[K],
    needs: &[BTreeSet<usize>],
) -> Result<Vec<usize>, BTreeSet<usize>> {
    let mut missing: Vec<usize> = needs.iter().map(BTreeSet::len).collect();
    let mut needed_by = vec![Vec::new(); keys.len()];
    for (place, needs) in needs.iter().enumerate() {
        for &needed in needs {
            needed_by[needed].push(place);
        }
    }
    let ready = |place: usize| Reverse((&keys[place], place));
    let mut heap: BinaryHeap<_> = (0..keys.len()).filter(|&place| missing[place] == 0).map(ready).collect();
    let mut ordered = Vec::with_capacity(keys.len());
    while let Some(Reverse((_, place))) = heap.pop() {
        ordered.push(place);
        for &waiting in &needed_by[place] {
            missing[waiting] -= 1;
            if missing[waiting] == 0 {
                heap.push(ready(waiting));
            }
        }
    }
    if ordered.len() == keys.len() { Ok(ordered) } else { Err(circle(&ordered, needs, &needed_by)) }
}

/// Of those that could not be ordered, the ones that another one of them waits for.
fn circle(ordered: &[usize], needs: &[BTreeSet<usize>], needed_by: &[Vec<usize>]) -> BTreeSet<usize> {
    let mut left: BTreeSet<usize> = (0..needs.len()).collect();
    for place in ordered {
        left.remove(place);
    }
    let mut waiting: Vec<usize> = left.iter().copied().collect();
    while let Some(place) = waiting.pop() {
        if left.contains(&place) && !needed_by[place].iter().any(|by| left.contains(by)) {
            left.remove(&place);
            waiting.extend(&needs[place]);
        }
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(keys: &[&str], needs: &[(usize, usize)], expected: Result<&[usize], &[usize]>) {
        let mut sets = vec![BTreeSet::new(); keys.len()];
        for (place, needed) in needs {
            sets[*place].insert(*needed);
        }
        let expected =
            expected.map(<[usize]>::to_vec).map_err(|circle| circle.iter().copied().collect::<BTreeSet<_>>());
        assert_eq!(order(keys, &sets), expected);
    }

    #[test]
    fn by_key_but_after_what_is_needed() {
        check(&[], &[], Ok(&[]));
        check(&["b", "a", "c"], &[], Ok(&[1, 0, 2]));
        check(&["a", "b", "c"], &[(0, 2)], Ok(&[1, 2, 0]));
        check(&["a", "b", "c"], &[(0, 1), (1, 2)], Ok(&[2, 1, 0]));
    }

    #[test]
    fn a_circle_is_told_without_those_that_only_wait_for_it() {
        check(&["a", "b", "c", "d"], &[(0, 1), (1, 0), (2, 0), (3, 2)], Err(&[0, 1]));
        check(&["a"], &[(0, 0)], Err(&[0]));
    }
}
