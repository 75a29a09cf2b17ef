//! Turns: what one peer adds in one go, signed once.
//!
//! A turn is a log in the order in which things happened: turns of others that the peer had seen,
//! and records of what it did. A record rests on exactly what stands before it, on the author's
//! earlier turns and on all that those had seen. Values are named by digest and travel beside.

use alloc::sync::Arc;
use alloc::vec::Vec;

use aquac_ir::{Digest, Domain, FaultCode, ParticleId, PeerId, Reader, Signature};
use serde::{Deserialize, Serialize};

use crate::Position;
use crate::few::Few;
use crate::sign::{Claim, Purpose, Signer};
use crate::turn_bytes::{entries_bytes, turn_bytes};

/// An error as a turn records it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RecordedFault {
    /// What went wrong.
    pub code: FaultCode,
    /// The digest of the message: a salted text.
    pub message: Digest,
}

/// What one peer did at one position.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Record {
    /// Where.
    pub position: Position,
    /// Of a call or return, the digest of the list of its arguments' digests; of anything else,
    /// of the empty list.
    pub arguments: Digest,
    /// The digest of the result, or the error.
    pub outcome: Result<Digest, RecordedFault>,
}

/// One entry of a turn's log.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Entry {
    /// The author had this turn, and with it all turns on which it rests.
    Saw {
        /// Its author.
        peer: PeerId,
        /// Its number.
        number: u32,
        /// Its digest.
        digest: Digest,
    },
    /// The author did something.
    Record(Record),
}

/// What a turn says; its digest is signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TurnBody {
    /// The run.
    pub particle: ParticleId,
    /// Who did it.
    pub author: PeerId,
    /// Which turn of this author, from 1.
    pub number: u32,
    /// The digest of the author's previous turn; of the first turn, the particle's id.
    pub previous: Digest,
    /// What happened, in order.
    pub entries: Vec<Entry>,
}

impl TurnBody {
    /// The canonical bytes, which are hashed.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        turn_bytes(self)
    }

    /// The last of these bytes, added to others: the number of entries, and each of them.
    #[must_use]
    pub fn add_entries(&self, to: Vec<u8>) -> Vec<u8> {
        entries_bytes(to, &self.entries)
    }

    /// The digest that names the turn.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(Domain::Turn, &[&self.to_bytes()])
    }

    /// The records, in order.
    pub fn records(&self) -> impl Iterator<Item = &Record> {
        self.entries.iter().filter_map(|entry| match entry {
            Entry::Record(record) => Some(record),
            Entry::Saw { .. } => None,
        })
    }
}

/// A turn with its author's signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedTurn {
    /// What it says.
    pub body: TurnBody,
    /// The author's signature over the digest.
    pub signature: Signature,
}

/// Why bytes are no turn.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TurnDecodeError {
    /// Damaged.
    #[error("the turn is damaged: {0}")]
    Damaged(postcard::Error),
    /// Another encoding of the same turn, which would have another digest.
    #[error("the encoding of the turn is not the canonical one")]
    NotCanonical,
}

impl SignedTurn {
    /// Signs a turn as its author.
    #[must_use]
    pub fn sign(body: TurnBody, signer: &dyn Signer) -> Self {
        let signature = signer.sign(Purpose::Turn, &body.digest());
        Self { body, signature }
    }

    /// The canonical bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.body.to_bytes();
        bytes.extend_from_slice(&self.signature.0);
        bytes
    }

    /// Reads the canonical bytes. The signature is not checked: see [`crate::Run::absorb`].
    ///
    /// # Errors
    ///
    /// [`TurnDecodeError`] if the bytes are not exactly what [`SignedTurn::to_bytes`] writes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, TurnDecodeError> {
        let mut reader = Reader::new(bytes);
        match Self::read(&mut reader) {
            Some(turn) if reader.left() == 0 => Ok(turn),
            Some(_) | None => Err(postcard::from_bytes(bytes)
                .map_or_else(TurnDecodeError::Damaged, |_: Self| TurnDecodeError::NotCanonical)),
        }
    }

    /// What the signature claims.
    #[must_use]
    pub(crate) fn claim(&self, digest: Digest) -> Claim {
        Claim {
            signer: self.body.author,
            purpose: Purpose::Turn,
            digest,
            signature: self.signature,
        }
    }
}

/// The last turn of an author that somebody has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Its number, which is also how many turns of this author there are.
    pub number: u32,
    /// Its digest.
    pub digest: Digest,
}

/// Which turns somebody has: of each author, all up to the head.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Heads(Few<PeerId, Head>);

impl Serialize for Heads {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Heads {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(HeadsVisitor)
    }
}

struct HeadsVisitor;

impl<'de> serde::de::Visitor<'de> for HeadsVisitor {
    type Value = Heads;

    fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("the last turn of each author, in the order of authors")
    }

    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut parts: A) -> Result<Heads, A::Error> {
        let mut heads = Few::new();
        while let Some((author, head)) = parts.next_entry::<PeerId, Head>()? {
            if heads.keys().next_back().is_some_and(|last| *last >= author) {
                return Err(serde::de::Error::custom("authors are not in order"));
            }
            heads.insert(author, head);
        }
        Ok(Heads(heads))
    }
}

impl Heads {
    /// What is in the order of authors.
    pub(crate) fn from_sorted(heads: impl Iterator<Item = (PeerId, Head)>) -> Self {
        let mut all = Few::new();
        all.reserve(heads.size_hint().1.unwrap_or(0));
        heads.for_each(|(author, head)| all.insert(author, head));
        Self(all)
    }

    /// Makes room for so many authors in all.
    pub fn expect(&mut self, authors: usize) {
        self.0.reserve(authors.saturating_sub(self.0.len()));
    }

    /// Each author with its head, in the order of authors.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&PeerId, &Head)> {
        self.0.iter()
    }

    /// The head of an author.
    #[must_use]
    pub fn get(&self, author: &PeerId) -> Option<&Head> {
        self.0.get(author)
    }

    /// Forgets an author.
    pub fn remove(&mut self, author: &PeerId) -> Option<Head> {
        self.0.remove(author)
    }

    /// How many turns of an author.
    #[must_use]
    pub fn number(&self, author: &PeerId) -> u32 {
        self.0.get(author).map_or(0, |head| head.number)
    }

    /// Adds what the other knows.
    pub fn join(&mut self, other: &Self) {
        for (author, head) in other.iter() {
            self.raise(*author, *head);
        }
    }

    /// Adds one turn with all before it.
    pub fn raise(&mut self, author: PeerId, head: Head) {
        if self.number(&author) < head.number {
            self.0.insert(author, head);
        }
    }
}

/// A turn together with its digest, which is computed once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedTurn {
    turn: Arc<SignedTurn>,
    digest: Digest,
}

impl From<SignedTurn> for NamedTurn {
    fn from(turn: SignedTurn) -> Self {
        Self::new(turn)
    }
}

impl NamedTurn {
    /// Computes the digest once and signs it.
    #[must_use]
    pub fn sign(body: TurnBody, signer: &dyn Signer) -> Self {
        let digest = body.digest();
        let signature = signer.sign(Purpose::Turn, &digest);
        Self { turn: Arc::new(SignedTurn { body, signature }), digest }
    }

    /// Computes the digest.
    #[must_use]
    pub fn new(turn: SignedTurn) -> Self {
        let digest = turn.body.digest();
        Self { turn: Arc::new(turn), digest }
    }

    /// The turn.
    #[must_use]
    pub const fn turn(&self) -> &Arc<SignedTurn> {
        &self.turn
    }

    /// The digest of its body.
    #[must_use]
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// Number and digest.
    #[must_use]
    pub fn head(&self) -> Head {
        Head { number: self.turn.body.number, digest: self.digest }
    }
}
