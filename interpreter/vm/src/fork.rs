//! Forks: two turns that one author signed and that cannot both be.
//!
//! Two turns with one number exclude each other, and so do a turn and the next one if that one
//! continues something else. What a turn rests on need not be known for that: the signatures are
//! the proof.

use alloc::sync::Arc;

use aquac_ir::PeerId;

use crate::turn::{NamedTurn, SignedTurn};

/// The proof that a peer contradicted itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fork {
    /// Who.
    pub author: PeerId,
    /// The first number that is void.
    pub number: u32,
    one: NamedTurn,
    other: NamedTurn,
}

impl Fork {
    /// The fork that two turns of one author prove, if they exclude each other.
    pub(crate) fn of(one: &NamedTurn, other: &NamedTurn) -> Option<Self> {
        let number = excluded(one, other)?;
        let author = one.turn().body.author;
        Some(Self { author, number, one: one.clone(), other: other.clone() })
    }

    /// The two turns: of number [`Fork::number`], or the next, continuing another turn.
    #[must_use]
    pub const fn turns(&self) -> [&Arc<SignedTurn>; 2] {
        [self.one.turn(), self.other.turn()]
    }

    pub(crate) const fn proof(&self) -> [&NamedTurn; 2] {
        [&self.one, &self.other]
    }

    /// Whether a turn is half of the proof.
    pub(crate) fn holds(&self, turn: &NamedTurn) -> bool {
        self.proof().iter().any(|half| half.digest() == turn.digest())
    }

    /// Takes a turn of the number into a proof that is made of later ones: what it continues may
    /// show that the fork is even earlier.
    pub(crate) fn keep(&mut self, turn: &NamedTurn) {
        let is_later = |half: &&NamedTurn| half.turn().body.number > self.number;
        if turn.turn().body.number == self.number && self.proof().iter().all(is_later) {
            let better = self.proof().into_iter().find_map(|half| Self::of(turn, half));
            *self = better.unwrap_or_else(|| self.clone());
        }
    }
}

/// The first number that is void if one author signed these two turns.
fn excluded(one: &NamedTurn, other: &NamedTurn) -> Option<u32> {
    let (first, second) = if one.turn().body.number <= other.turn().body.number {
        (one, other)
    } else {
        (other, one)
    };
    let (before, behind) = (&first.turn().body, &second.turn().body);
    if before.number == behind.number {
        // If they continue different turns, these are the first that exclude each other.
        let earlier = before.number > 1 && before.previous != behind.previous;
        return (first.digest() != second.digest()).then(|| before.number - u32::from(earlier));
    }
    let next = before.number.checked_add(1) == Some(behind.number);
    (next && behind.previous != first.digest()).then_some(before.number)
}
