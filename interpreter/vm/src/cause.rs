//! Causes: why something is so, as a formula over records. Whether a peer that has certain turns
//! sees a step as reached, or an input as there, is answered from its cause, without replaying
//! the peer's view.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use aquac_ir::PeerId;

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
pub(crate) type Numbers = BTreeMap<PeerId, u32>;

/// All causes of a run.
#[derive(Debug)]
pub(crate) struct Causes {
    all: Vec<Cause>,
    /// By author, so that most of a look compares numbers.
    turns: BTreeMap<PeerId, BTreeMap<u32, CauseId>>,
    sets: BTreeMap<Vec<CauseId>, CauseId>,
}

/// Parts up to which a conjunction is written flat.
const FLAT: usize = 16;

impl Default for Causes {
    fn default() -> Self {
        let all = alloc::vec![Cause::Start];
        Self { all, turns: BTreeMap::new(), sets: BTreeMap::new() }
    }
}

impl Causes {
    fn add(&mut self, cause: Cause) -> CauseId {
        let id = CauseId(u32::try_from(self.all.len()).expect("a run has fewer than 2^32 causes"));
        self.all.push(cause);
        id
    }

    fn get(&self, id: CauseId) -> &Cause {
        self.all.get(id.0 as usize).unwrap_or(&Cause::Start)
    }

    /// A record in this turn.
    pub(crate) fn turn(&mut self, author: PeerId, number: u32) -> CauseId {
        if let Some(id) = self.turns.get(&author).and_then(|turns| turns.get(&number)) {
            return *id;
        }
        let id = self.add(Cause::Turn(author, number));
        self.turns.entry(author).or_default().insert(number, id);
        id
    }

    /// All of these.
    pub(crate) fn all(&mut self, causes: impl IntoIterator<Item = CauseId>) -> CauseId {
        let mut parts: Vec<CauseId> = Vec::new();
        for cause in causes {
            match self.get(cause) {
                Cause::Start => {}
                Cause::All(inner) if inner.len() + parts.len() <= FLAT => parts.extend(inner),
                Cause::Turn(..) | Cause::All(_) | Cause::Any(_) => parts.push(cause),
            }
        }
        parts.sort_unstable();
        parts.dedup();
        match parts.as_slice() {
            [] => CauseId::START,
            [one] => *one,
            [_, _, ..] => {
                if let Some(id) = self.sets.get(&parts) {
                    return *id;
                }
                let id = self.add(Cause::All(parts.clone()));
                self.sets.insert(parts, id);
                id
            }
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
    pub(crate) fn parts(&self, cause: CauseId) -> Vec<CauseId> {
        match self.get(cause) {
            Cause::All(parts) => parts.clone(),
            Cause::Start | Cause::Turn(..) | Cause::Any(_) => alloc::vec![cause],
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
        let mut look = Look { by, open: BTreeSet::new(), holds: BTreeSet::new() };
        // Formulas that are being looked at, each with the place of its next part.
        let mut stack: Vec<(CauseId, usize)> = Vec::new();
        let mut enter = Some(cause);
        let mut last = false;
        for _ in 0..MAX_LOOKS {
            if let Some(id) = enter.take() {
                match look.known(self.get(id), id) {
                    Some(known) => last = known,
                    None => {
                        look.open.insert(id);
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
                None => {
                    look.open.remove(&id);
                    if last {
                        look.holds.insert(id);
                    }
                }
            }
        }
        false
    }
}

/// Formulas looked at for one question.
const MAX_LOOKS: usize = 1 << 20;

struct Look<'a> {
    by: &'a Numbers,
    open: BTreeSet<CauseId>,
    holds: BTreeSet<CauseId>,
}

impl Look<'_> {
    fn known(&self, cause: &Cause, id: CauseId) -> Option<bool> {
        match cause {
            Cause::Start => Some(true),
            Cause::Turn(author, number) => {
                Some(self.by.get(author).is_some_and(|known| known >= number))
            }
            Cause::All(_) | Cause::Any(_) if self.holds.contains(&id) => Some(true),
            Cause::All(_) | Cause::Any(_) if self.open.contains(&id) => Some(false),
            Cause::All(_) | Cause::Any(_) => None,
        }
    }
}

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
        let knows = |a_has, b_has| Numbers::from([(a, a_has), (b, b_has)]);
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
        assert!(causes.covered(any, &Numbers::from([(a, 1)])));
    }

    #[test]
    fn a_long_chain_takes_no_native_stack() {
        let mut causes = Causes::default();
        let a = PeerId([1; 32]);
        let mut cause = causes.turn(a, 1);
        for _ in 0..200_000 {
            cause = causes.any(cause);
        }
        assert!(causes.covered(cause, &Numbers::from([(a, 1)])));
    }
}
