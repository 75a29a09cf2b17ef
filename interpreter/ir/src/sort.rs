//! The one way in which things are sorted: by their places, with an order that the caller knows.
//! One routine for all, because a page loads it.

use alloc::vec::Vec;

/// The places `0..count` in the order that `less` says; where it says nothing, as they are.
///
/// What is in order already takes `count` comparisons, anything else a multiple of `count` that
/// grows as its logarithm.
pub fn sorted_places(count: u32, less: &mut dyn FnMut(u32, u32) -> bool) -> Vec<u32> {
    let mut places: Vec<u32> = (0..count).collect();
    // Where each stretch that is in order ends.
    let mut ends: Vec<usize> =
        (1..count).filter(|at| less(*at, *at - 1)).map(|at| at as usize).collect();
    ends.push(places.len());
    let mut merged = Vec::with_capacity(if ends.len() > 1 { places.len() } else { 0 });
    while ends.len() > 1 {
        merged.clear();
        let mut begin = 0;
        let mut longer = Vec::with_capacity(ends.len() / 2 + 1);
        for pair in ends.chunks(2) {
            let (middle, end) = match pair {
                [middle, end] => (*middle, *end),
                [end] => (*end, *end),
                _ => continue,
            };
            let left = places.get(begin..middle).unwrap_or_default();
            let right = places.get(middle..end).unwrap_or_default();
            merge(left, right, &mut merged, less);
            longer.push(end);
            begin = end;
        }
        core::mem::swap(&mut places, &mut merged);
        ends = longer;
    }
    places
}

fn merge(left: &[u32], right: &[u32], to: &mut Vec<u32>, less: &mut dyn FnMut(u32, u32) -> bool) {
    let (mut left, mut right) = (left, right);
    while let (Some((first, rest_left)), Some((second, rest_right))) =
        (left.split_first(), right.split_first())
    {
        if less(*second, *first) {
            to.push(*second);
            right = rest_right;
        } else {
            to.push(*first);
            left = rest_left;
        }
    }
    to.extend_from_slice(left);
    to.extend_from_slice(right);
}

/// The same things in order, each once.
pub(crate) fn distinct<T: Ord + Copy>(things: &[T]) -> Vec<T> {
    let thing = |place: u32| things.get(place as usize);
    let count = u32::try_from(things.len()).unwrap_or(u32::MAX);
    let mut all = Vec::with_capacity(things.len());
    for place in distinct_places(count, &mut |a, b| thing(a) < thing(b)) {
        all.extend(thing(place));
    }
    all
}

/// The places in order, one of those that are equal.
fn distinct_places(count: u32, less: &mut dyn FnMut(u32, u32) -> bool) -> Vec<u32> {
    let mut places = sorted_places(count, less);
    places.dedup_by(|b, a| !less(*a, *b));
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_that_of_a_stable_sort() {
        let mut seed = 7_u32;
        for count in 0..200_u32 {
            let keys: Vec<u32> = (0..count)
                .map(|_| {
                    seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    seed >> 28
                })
                .collect();
            let mut expected: Vec<u32> = (0..count).collect();
            expected.sort_by_key(|at| keys[*at as usize]);
            let places = sorted_places(count, &mut |a, b| keys[a as usize] < keys[b as usize]);
            assert_eq!(places, expected);
        }
    }

    #[test]
    fn what_is_in_order_is_compared_once() {
        let mut compared = 0;
        let places = sorted_places(1_000, &mut |a, b| {
            compared += 1;
            a < b
        });
        assert_eq!((places.len(), compared), (1_000, 999));
    }
}
