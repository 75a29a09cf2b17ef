//! Causes: why something is so, as a formula over records. Whether a peer that has certain turns
//! sees a step as reached, or an input as there, is answered from its cause, without replaying
//! the peer's view.

use alloc::vec::Vec;
use core::slice;

use aquac_ir::PeerId;

use crate::few::{Few, room, room_for};
use crate::table::{Index, Key, Table, both, first_bytes};

/// A cause, by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CauseId(u32);

impl CauseId {
    /// The header alone.
    pub(crate) const START: Self = Self(0);
}

#[derive(Debug)]
enum Cause {
    Start,
    /// This turn of this author, which holds the record.
    Turn(PeerId, u32),
    All(Vec<CauseId>),
    /// One is enough; there may come more.
    Any(Vec<CauseId>),
}

/// How many turns of each author somebody has.
pub(crate) type Numbers = Few<PeerId, u32>;

/// All causes of a run.
#[derive(Debug)]
pub(crate) struct Causes {
    all: Vec<Cause>,
    /// By what they say; choices are never looked for.
    index: Index,
}

impl Cause {
    fn hash(&self) -> u32 {
        match self {
            Self::Start | Self::Any(_) => 0,
            Self::Turn(author, number) => both(first_bytes(&author.0), *number),
            Self::All(parts) => parts.iter().fold(1, |hash, part| both(hash, part.0)),
        }
    }
}

impl Key for CauseId {
    fn hash(&self) -> u32 {
        self.0
    }
}

/// Parts up to which a conjunction is written flat.
const FLAT: usize = 16;

impl Default for Causes {
    fn default() -> Self {
        Self { all: alloc::vec![Cause::Start], index: Index::default() }
    }
}

impl Causes {
    /// Makes room for so many more at once.
    pub(crate) fn reserve(&mut self, count: usize) {
        room_for(&mut self.all, count);
    }

    fn add(&mut self, cause: Cause) -> CauseId {
        let id = CauseId(u32::try_from(self.all.len()).expect("a run has fewer than 2^32 causes"));
        room(&mut self.all);
        self.all.push(cause);
        let all = &self.all;
        self.index.add(all.len(), |place| match all.get(place as usize) {
            Some(cause @ (Cause::Turn(..) | Cause::All(_))) => cause.hash(),
            // Never looked for, and so spread evenly.
            Some(Cause::Start | Cause::Any(_)) | None => place,
        });
        id
    }

    fn find(&self, hash: u32, is: impl Fn(&Cause) -> bool) -> Option<CauseId> {
        let is = |place: u32| self.all.get(place as usize).is_some_and(&is);
        self.index.find(hash, self.all.len(), is).map(CauseId)
    }

    fn get(&self, id: CauseId) -> &Cause {
        self.all.get(id.0 as usize).unwrap_or(&Cause::Start)
    }

    /// A record in this turn.
    pub(crate) fn turn(&mut self, author: PeerId, number: u32) -> CauseId {
        let cause = Cause::Turn(author, number);
        let known = self.find(
            cause.hash(),
            |other| matches!(other, Cause::Turn(a, n) if *n == number && *a == author),
        );
        known.unwrap_or_else(|| self.add(cause))
    }

    /// All of these.
    pub(crate) fn all(&mut self, causes: impl IntoIterator<Item = CauseId>) -> CauseId {
        // Mostly all are the same one, and nothing is collected.
        let mut only = CauseId::START;
        let mut parts: Vec<CauseId> = Vec::new();
        for cause in causes {
            if cause == only {
                continue;
            }
            if parts.is_empty() && only == CauseId::START {
                only = cause;
                continue;
            }
            if parts.is_empty() {
                self.flatten(only, &mut parts);
            }
            self.flatten(cause, &mut parts);
        }
        if parts.is_empty() {
            return only;
        }
        match parts.as_slice() {
            [] => CauseId::START,
            [one] => *one,
            [_, _, ..] => {
                let cause = Cause::All(parts);
                let Cause::All(parts) = &cause else { return CauseId::START };
                let known = self.find(
                    cause.hash(),
                    |other| matches!(other, Cause::All(others) if others == parts),
                );
                known.unwrap_or_else(|| self.add(cause))
            }
        }
    }

    /// Adds what all must hold for a cause, unless it is much.
    fn flatten(&self, cause: CauseId, parts: &mut Vec<CauseId>) {
        match self.get(cause) {
            Cause::Start => {}
            Cause::All(inner) if inner.len() + parts.len() <= FLAT => {
                inner.iter().for_each(|part| put(parts, *part));
            }
            Cause::Turn(..) | Cause::All(_) | Cause::Any(_) => put(parts, cause),
        }
    }

    /// The turn that alone is this cause.
    pub(crate) fn turn_of(&self, cause: CauseId) -> Option<(PeerId, u32)> {
        match self.get(cause) {
            Cause::Turn(author, number) => Some((*author, *number)),
            Cause::Start | Cause::All(_) | Cause::Any(_) => None,
        }
    }

    /// What all must hold for a cause, as far as it is written flat.
    pub(crate) fn parts<'a>(&'a self, cause: &'a CauseId) -> &'a [CauseId] {
        match self.get(*cause) {
            Cause::All(parts) => parts,
            Cause::Start | Cause::Turn(..) | Cause::Any(_) => slice::from_ref(cause),
        }
    }

    /// One of several, of which this is the first that is known.
    pub(crate) fn any(&mut self, first: CauseId) -> CauseId {
        self.add(Cause::Any(alloc::vec![first]))
    }

    /// Another way in which it is so.
    pub(crate) fn or(&mut self, any: CauseId, other: CauseId) {
        if let Some(Cause::Any(ways)) = self.all.get_mut(any.0 as usize) {
            ways.push(other);
        }
    }

    /// Whether somebody with these turns sees it so. When a cause rests on itself in a circle,
    /// the circle adds nothing. Beyond [`MAX_LOOKS`] the answer is no, which is always safe: at
    /// worst somebody is told what it knows.
    pub(crate) fn covered(&self, cause: CauseId, by: &Numbers) -> bool {
        match self.get(cause) {
            Cause::Start => return true,
            Cause::Turn(author, number) => return has(by, author, *number),
            Cause::All(_) | Cause::Any(_) => {}
        }
        let mut looks: Table<CauseId, Looked> = Table::default();
        // Formulas that are being looked at, each with the place of its next part.
        let mut stack: Vec<(CauseId, usize)> = Vec::new();
        let mut enter = Some(cause);
        let mut last = false;
        for _ in 0..MAX_LOOKS {
            if let Some(id) = enter.take() {
                match self.known(id, by, &looks) {
                    Some(known) => last = known,
                    None => {
                        looks.insert(id, Looked::Open);
                        stack.push((id, 0));
                        // An empty conjunction would hold, an empty choice would not.
                        last = matches!(self.get(id), Cause::All(_));
                    }
                }
            }
            let Some((id, at)) = stack.pop() else { return last };
            let (parts, any): (&[CauseId], bool) = match self.get(id) {
                Cause::All(parts) => (parts, false),
                Cause::Any(parts) => (parts, true),
                Cause::Start | Cause::Turn(..) => (&[], false),
            };
            let decided = at > 0 && last == any;
            match parts.get(at).filter(|_| !decided) {
                Some(part) => {
                    stack.push((id, at + 1));
                    enter = Some(*part);
                }
                None => looks.insert(id, if last { Looked::Holds } else { Looked::Closed }),
            }
        }
        false
    }

    /// What is known of a cause without looking into it.
    fn known(&self, id: CauseId, by: &Numbers, looks: &Table<CauseId, Looked>) -> Option<bool> {
        match self.get(id) {
            Cause::Start => Some(true),
            Cause::Turn(author, number) => Some(has(by, author, *number)),
            Cause::All(_) | Cause::Any(_) => match looks.get(&id)? {
                Looked::Holds => Some(true),
                Looked::Open => Some(false),
                Looked::Closed => None,
            },
        }
    }
}

/// How far a formula is: one that rests on itself does not hold for that reason, but may for
/// another.
#[derive(Clone, Copy)]
enum Looked {
    Open,
    Holds,
    Closed,
}

fn has(by: &Numbers, author: &PeerId, number: u32) -> bool {
    by.get(author).is_some_and(|known| *known >= number)
}

/// Adds a part in its order, once.
fn put(parts: &mut Vec<CauseId>, part: CauseId) {
    let at = match parts.last() {
        Some(last) if *last < part => parts.len(),
        Some(_) => match parts.binary_search(&part) {
            Ok(_) => return,
            Err(at) => at,
        },
        None => 0,
    };
    parts.insert(at, part);
}

/// Formulas looked at for one question.
const MAX_LOOKS: usize = 1 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_covers_what_its_turns_make_true() {
        let mut causes = Causes::default();
        let (a, b) = (PeerId([1; 32]), PeerId([2; 32]));
        let (a2, b1) = (causes.turn(a, 2), causes.turn(b, 1));
        let both = causes.all([a2, b1, CauseId::START]);
        let either = causes.any(a2);
        let knows = |a_has, b_has| {
            let mut numbers = Numbers::new();
            numbers.insert(a, a_has);
            numbers.insert(b, b_has);
            numbers
        };
        assert!(causes.covered(CauseId::START, &Numbers::new()));
        assert!(!causes.covered(both, &knows(1, 1)));
        assert!(causes.covered(both, &knows(2, 1)));
        assert!(!causes.covered(either, &knows(0, 1)));
        causes.or(either, b1);
        assert!(causes.covered(either, &knows(0, 1)));
        assert_eq!(causes.all([b1, both, a2]), both);
    }

    #[test]
    fn a_circle_adds_nothing_and_ends() {
        let mut causes = Causes::default();
        let a = PeerId([1; 32]);
        let a1 = causes.turn(a, 1);
        let any = causes.any(a1);
        let a2 = causes.turn(a, 2);
        let circle = causes.all([any, a2]);
        causes.or(any, circle);
        assert!(!causes.covered(any, &Numbers::new()));
        let mut knows = Numbers::new();
        knows.insert(a, 1);
        assert!(causes.covered(any, &knows));
    }

    #[test]
    fn a_long_chain_takes_no_native_stack() {
        let mut causes = Causes::default();
        let a = PeerId([1; 32]);
        let mut cause = causes.turn(a, 1);
        for _ in 0..200_000 {
            cause = causes.any(cause);
        }
        let mut knows = Numbers::new();
        knows.insert(a, 1);
        assert!(causes.covered(cause, &knows));
    }
}
