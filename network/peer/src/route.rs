//! Routes: from *where* something goes to *how* it gets there.
//!
//! A path leads from this peer to a destination, through relays. Paths of one batch that begin
//! alike share their beginning, so each link carries one parcel. Who forwards a parcel cuts its
//! own trees off the same way: [`split`] does both.

use std::collections::BTreeSet;

use aquac_ir::PeerId;

use crate::wire::{Hop, MAX_HOPS, MAX_TRAIL, Push, Take};

/// The peers from here to a destination, the destination last. Empty: it is here.
pub(crate) type Path = Vec<PeerId>;

/// The way out through my own relay, in through the destination's, without repeats, beginning
/// behind me.
pub(crate) fn path(me: PeerId, relay: Option<PeerId>, via: &[PeerId], to: PeerId) -> Path {
    let mut path: Path = Vec::new();
    if to == me {
        return path;
    }
    // A relay of mine is my own business; the way in is the other side's.
    let out = relay.filter(|relay| *relay != to);
    // A route may pass a peer twice, and me as well: it was written so.
    for peer in out.into_iter().chain(via.iter().copied()).chain([to]) {
        if path.last().unwrap_or(&me) != &peer {
            path.push(peer);
        }
    }
    path
}

/// Something for a destination: numbers of items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Delivery {
    pub(crate) path: Path,
    pub(crate) items: BTreeSet<u16>,
}

/// What one neighbour gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Branch {
    pub(crate) to: PeerId,
    pub(crate) take: Take,
    pub(crate) hops: Vec<Hop>,
    pub(crate) items: Vec<Vec<u8>>,
}

/// Why a route cannot be followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RouteError {
    /// The numbers of branches do not make trees.
    #[error("the route is no tree")]
    NoTree,
    /// An item that is not there.
    #[error("the route names an item that is not there")]
    NoItem,
}

#[derive(Debug)]
struct Node {
    peer: PeerId,
    items: Option<BTreeSet<u16>>,
    children: Vec<usize>,
}

/// The trees that these paths make, in pre-order. Destinations that do not fit any more
/// ([`MAX_HOPS`], [`MAX_TRAIL`]) come back.
pub(crate) fn bundle(deliveries: Vec<Delivery>) -> (Vec<Hop>, Vec<Delivery>) {
    let mut arena: Vec<Node> = Vec::new();
    let mut roots: Vec<usize> = Vec::new();
    let mut rest = Vec::new();
    for delivery in deliveries {
        if arena.len() + delivery.path.len() > MAX_HOPS || delivery.path.len() > MAX_TRAIL {
            rest.push(delivery);
        } else {
            grow(&mut arena, &mut roots, delivery);
        }
    }
    let mut hops = Vec::with_capacity(arena.len());
    let mut open: Vec<usize> = roots.into_iter().rev().collect();
    while let Some(node) = open.pop().and_then(|at| arena.get(at)) {
        let take = node
            .items
            .as_ref()
            .map_or(Take::Nothing, |items| Take::Some(items.iter().copied().collect()));
        let branches = u16::try_from(node.children.len()).unwrap_or(u16::MAX);
        hops.push(Hop { to: node.peer, take, branches });
        open.extend(node.children.iter().rev());
    }
    (hops, rest)
}

/// What [`bundle`] and [`split`] would make of one delivery of everything to a neighbour: its items
/// leave as they are.
pub(crate) fn direct(deliveries: &[Delivery], items: &mut Vec<Vec<u8>>) -> Option<Branch> {
    let [Delivery { path, items: all }] = deliveries else { return None };
    let [to] = path[..] else { return None };
    (all.len() == items.len()).then(|| Branch {
        to,
        take: Take::All,
        hops: Vec::new(),
        items: std::mem::take(items),
    })
}

fn grow(arena: &mut Vec<Node>, roots: &mut Vec<usize>, delivery: Delivery) {
    let mut at: Option<usize> = None;
    for peer in &delivery.path {
        let siblings = match at.and_then(|at| arena.get(at)) {
            Some(node) => &node.children,
            None => &*roots,
        };
        let found = siblings
            .iter()
            .copied()
            .find(|sibling| arena.get(*sibling).is_some_and(|node| node.peer == *peer));
        let next = found.unwrap_or_else(|| {
            arena.push(Node { peer: *peer, items: None, children: Vec::new() });
            let new = arena.len() - 1;
            match at.and_then(|at| arena.get_mut(at)) {
                Some(node) => node.children.push(new),
                None => roots.push(new),
            }
            new
        });
        at = Some(next);
    }
    if let Some(node) = at.and_then(|at| arena.get_mut(at)) {
        node.items.get_or_insert_default().extend(delivery.items);
    }
}

/// Cuts trees apart: each neighbour gets its own tree, and only the items that somebody in it
/// takes.
///
/// # Errors
///
/// [`RouteError`] if the hops are no trees, or name items that are not there.
pub(crate) fn split(hops: &[Hop], items: &[Vec<u8>]) -> Result<Vec<Branch>, RouteError> {
    let mut branches = Vec::new();
    let mut rest = hops;
    while !rest.is_empty() {
        let (tree, behind) = rest.split_at(tree_length(rest)?);
        branches.push(cut(tree, items)?);
        rest = behind;
    }
    Ok(branches)
}

/// Length of the first tree.
fn tree_length(hops: &[Hop]) -> Result<usize, RouteError> {
    let mut open = 1_usize;
    for (at, hop) in hops.iter().enumerate() {
        open += usize::from(hop.branches);
        open -= 1;
        if open == 0 {
            return Ok(at + 1);
        }
    }
    Err(RouteError::NoTree)
}

fn cut(tree: &[Hop], items: &[Vec<u8>]) -> Result<Branch, RouteError> {
    let mut wanted: BTreeSet<u16> = BTreeSet::new();
    for hop in tree {
        wanted.extend(taken(&hop.take, items.len())?);
    }
    let kept: Vec<u16> = wanted.into_iter().collect();
    let renumber = |take: &Take| -> Result<Take, RouteError> {
        if *take == Take::Nothing {
            return Ok(Take::Nothing);
        }
        let old = taken(take, items.len())?;
        if old.len() == kept.len() {
            return Ok(Take::All);
        }
        let new = old.iter().filter_map(|item| kept.binary_search(item).ok());
        Ok(Take::Some(new.filter_map(|at| u16::try_from(at).ok()).collect()))
    };
    let (first, behind) = tree.split_first().ok_or(RouteError::NoTree)?;
    let hops = behind
        .iter()
        .map(|hop| Ok(Hop { take: renumber(&hop.take)?, ..hop.clone() }))
        .collect::<Result<_, _>>()?;
    let items = kept.iter().filter_map(|item| items.get(usize::from(*item)).cloned()).collect();
    Ok(Branch { to: first.to, take: renumber(&first.take)?, hops, items })
}

/// The numbers that are taken, of this many items.
fn taken(take: &Take, items: usize) -> Result<Vec<u16>, RouteError> {
    match take {
        Take::Nothing => Ok(Vec::new()),
        Take::All => Ok((0..u16::try_from(items).unwrap_or(u16::MAX)).collect()),
        Take::Some(numbers) => {
            if numbers.iter().all(|number| usize::from(*number) < items) {
                Ok(numbers.clone())
            } else {
                Err(RouteError::NoItem)
            }
        }
    }
}

/// The part of a parcel to `first` that is for one destination.
pub(crate) fn only(push: &Push, first: PeerId, destination: PeerId) -> Option<Branch> {
    let (path, take) = if destination == first && push.take != Take::Nothing {
        (vec![first], &push.take)
    } else {
        let (behind, take) = path_to(&push.hops, destination)?;
        (std::iter::once(first).chain(behind).collect(), take)
    };
    let items = taken(take, push.items.len()).ok()?.into_iter().collect();
    let (hops, _) = bundle(vec![Delivery { path, items }]);
    split(&hops, &push.items).ok()?.pop()
}

/// The way through the trees to the peer that takes something.
fn path_to(hops: &[Hop], destination: PeerId) -> Option<(Path, &Take)> {
    let mut open: Vec<(PeerId, u16)> = Vec::new();
    for hop in hops {
        if hop.to == destination && hop.take != Take::Nothing {
            let path = open.iter().map(|(peer, _)| *peer).chain([hop.to]).collect();
            return Some((path, &hop.take));
        }
        if let Some((_, left)) = open.last_mut() {
            *left = left.saturating_sub(1);
        }
        open.push((hop.to, hop.branches));
        while open.pop_if(|(_, left)| *left == 0).is_some() {}
    }
    None
}

/// The items that the receiver takes.
///
/// # Errors
///
/// [`RouteError::NoItem`].
pub(crate) fn own_items(take: &Take, items: Vec<Vec<u8>>) -> Result<Vec<Vec<u8>>, RouteError> {
    match take {
        Take::Nothing => Ok(Vec::new()),
        Take::All => Ok(items),
        Take::Some(numbers) => numbers
            .iter()
            .map(|number| items.get(usize::from(*number)).cloned().ok_or(RouteError::NoItem))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(name: u8) -> PeerId {
        PeerId([name; 32])
    }

    fn peers(names: &[u8]) -> Vec<PeerId> {
        names.iter().copied().map(peer).collect()
    }

    fn to(names: &[u8], items: &[u16]) -> Delivery {
        Delivery { path: peers(names), items: items.iter().copied().collect() }
    }

    #[test]
    fn relays_that_both_ends_share_are_passed_once() {
        let [me, r, s, z] = [peer(1), peer(2), peer(3), peer(9)];
        assert_eq!(path(me, None, &[], z), [z]);
        assert_eq!(path(me, Some(r), &[], z), [r, z]);
        assert_eq!(path(me, Some(r), &[r], z), [r, z]);
        assert_eq!(path(me, Some(r), &[s], z), [r, s, z]);
        assert_eq!(path(me, Some(r), &[], r), [r]);
        assert_eq!(path(r, None, &[r], z), [z], "the relay itself starts behind itself");
        assert_eq!(path(me, Some(r), &[], me), [] as [PeerId; 0]);
        assert_eq!(path(r, None, &[s, r], z), [s, r, z], "there and back, as it was written");
    }

    #[test]
    fn paths_that_begin_alike_make_one_branch_with_what_each_end_takes() {
        let items = [vec![b'a'], vec![b'b'], vec![b'c']];
        let (hops, rest) = bundle(vec![to(&[1, 2], &[0, 1]), to(&[1, 3], &[1]), to(&[4], &[2])]);
        assert!(rest.is_empty());
        let branches = split(&hops, &items).unwrap();
        assert_eq!(branches.len(), 2);
        assert_eq!((branches[0].to, &branches[0].take), (peer(1), &Take::Nothing));
        assert_eq!(branches[0].items, [vec![b'a'], vec![b'b']]);
        let behind = split(&branches[0].hops, &branches[0].items).unwrap();
        assert_eq!((behind[0].to, &behind[0].take), (peer(2), &Take::All));
        assert_eq!((behind[1].to, &behind[1].items), (peer(3), &vec![vec![b'b']]));
        assert_eq!((branches[1].to, &branches[1].items), (peer(4), &vec![vec![b'c']]));
    }

    #[test]
    fn what_is_all_for_one_neighbour_is_the_branch_that_cutting_would_make() {
        let mut items = vec![vec![b'a'], vec![b'b']];
        for (path, taken) in [(&[1][..], &[0, 1][..]), (&[1], &[0]), (&[1, 2], &[0, 1])] {
            let (hops, _) = bundle(vec![to(path, taken)]);
            let cut = split(&hops, &items).unwrap();
            let direct = direct(&[to(path, taken)], &mut items.clone());
            assert_eq!(direct.is_some(), path.len() == 1 && taken.len() == 2);
            assert!(direct.is_none_or(|direct| cut == [direct]));
        }
        assert_eq!(direct(&[to(&[1], &[0]), to(&[2], &[1])], &mut items), None);
        assert_eq!(items.len(), 2, "nothing is taken then");
    }

    #[test]
    fn a_peer_on_the_way_can_take_something_itself() {
        let items = [vec![b'a'], vec![b'b']];
        let (hops, _) = bundle(vec![to(&[1, 2], &[0]), to(&[1], &[1])]);
        let branches = split(&hops, &items).unwrap();
        assert_eq!(branches[0].take, Take::Some(vec![1]));
        assert_eq!(own_items(&branches[0].take, branches[0].items.clone()), Ok(vec![vec![b'b']]));
    }

    #[test]
    fn a_route_that_is_no_tree_is_refused() {
        let hop = |branches| Hop { to: peer(1), take: Take::All, branches };
        assert_eq!(split(&[hop(1)], &[]), Err(RouteError::NoTree));
        assert_eq!(split(&[hop(u16::MAX), hop(0)], &[]), Err(RouteError::NoTree));
        let lie = Hop { take: Take::Some(vec![7]), ..hop(0) };
        assert_eq!(split(&[lie], &[vec![]]), Err(RouteError::NoItem));
    }
}
