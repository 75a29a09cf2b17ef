//! Peers that do not do what they should, with a valid key of their own.

use std::collections::BTreeMap;

use aquac_ir::{Call, CallResult, Digest, ParticleId, PeerId, Salt, Value};
use aquac_peer::Keys;
use aquac_peer::vm::{Entry, SaltedValue, SignedTurn};
use aquac_peer::wire::{Frame, Item, Push, decode, encode};

/// Changes what peers say.
pub trait Tamper {
    /// What really leaves instead of this frame.
    fn frame(&mut self, from: PeerId, to: PeerId, bytes: Vec<u8>) -> Vec<Vec<u8>> {
        let _ = (from, to);
        vec![bytes]
    }

    /// What the service really answers.
    ///
    /// # Errors
    ///
    /// Whatever error the service shall seem to answer with.
    fn answer(&mut self, peer: PeerId, call: &Call, result: CallResult) -> CallResult {
        let _ = (peer, call);
        result
    }
}

/// Lies about one service of its own.
#[derive(Debug)]
pub struct Liar {
    peer: PeerId,
    service: String,
}

impl Liar {
    /// This peer about this service.
    #[must_use]
    pub fn new(peer: PeerId, service: &str) -> Self {
        Self { peer, service: service.to_owned() }
    }
}

impl Tamper for Liar {
    fn answer(&mut self, peer: PeerId, call: &Call, result: CallResult) -> CallResult {
        if peer == self.peer && call.service == self.service {
            Ok(Value::text("a lie"))
        } else {
            result
        }
    }
}

/// Changes the items of parcels that a peer makes itself.
pub struct Rewriter<F> {
    peer: PeerId,
    rewrite: F,
}

impl<F: FnMut(PeerId, Vec<Item>) -> Vec<Item>> Rewriter<F> {
    /// This peer, with what it does to the items for each receiver.
    pub const fn new(peer: PeerId, rewrite: F) -> Self {
        Self { peer, rewrite }
    }
}

impl<F: FnMut(PeerId, Vec<Item>) -> Vec<Item>> Tamper for Rewriter<F> {
    fn frame(&mut self, from: PeerId, to: PeerId, bytes: Vec<u8>) -> Vec<Vec<u8>> {
        if from != self.peer {
            return vec![bytes];
        }
        match decode(&bytes) {
            Ok(Frame::Push(push)) if push.hops.is_empty() && push.trail.is_empty() => {
                let items: Option<Vec<Item>> = push
                    .items
                    .iter()
                    .map(|bytes| Item::from_bytes(bytes, push.particle).ok())
                    .collect();
                let Some(items) = items else { return vec![bytes] };
                let items = (self.rewrite)(to, items).iter().map(Item::to_bytes).collect();
                vec![encode(&Frame::Push(Push { items, ..push }))]
            }
            Ok(Frame::Bundle(parts)) => {
                parts.into_iter().flat_map(|part| self.frame(from, to, part)).collect()
            }
            Ok(_) | Err(_) => vec![bytes],
        }
    }
}

/// Signs two turns with one number and shows each to somebody else.
pub struct Equivocator {
    peer: PeerId,
    keys: Keys,
    /// To whom each turn was shown as it is.
    shown: BTreeMap<(ParticleId, u32), PeerId>,
}

impl Equivocator {
    /// This peer, with its keys.
    #[must_use]
    pub const fn new(peer: PeerId, keys: Keys) -> Self {
        Self { peer, keys, shown: BTreeMap::new() }
    }

    fn other_turn(&self, turn: &SignedTurn) -> Option<(SignedTurn, SaltedValue)> {
        let value = SaltedValue { value: Value::text("another answer"), salt: Salt([9; 16]) };
        let mut body = turn.body.clone();
        let outcome: &mut Digest = body.entries.iter_mut().find_map(|entry| match entry {
            Entry::Record(record) => record.outcome.as_mut().ok(),
            Entry::Saw { .. } => None,
        })?;
        *outcome = value.digest();
        Some((SignedTurn::sign(body, &*self.keys.signer), value))
    }

    fn rewrite(&mut self, to: PeerId, items: Vec<Item>) -> Vec<Item> {
        let mut rewritten = Vec::new();
        for item in items {
            match item {
                Item::Turn(turn) if turn.body.author == self.peer => {
                    let key = (turn.body.particle, turn.body.number);
                    let first = *self.shown.entry(key).or_insert(to);
                    match self.other_turn(&turn).filter(|_| first != to) {
                        Some((other, value)) => {
                            rewritten.extend([Item::Turn(other), Item::Value(value)]);
                        }
                        None => rewritten.push(Item::Turn(turn)),
                    }
                }
                Item::Turn(_)
                | Item::Header(_)
                | Item::Program(_)
                | Item::Value(_)
                | Item::Knows(_)
                | Item::Want(_)
                | Item::Have(_) => rewritten.push(item),
            }
        }
        rewritten
    }
}

impl Tamper for Equivocator {
    fn frame(&mut self, from: PeerId, to: PeerId, bytes: Vec<u8>) -> Vec<Vec<u8>> {
        let peer = self.peer;
        Rewriter::new(peer, |to, items| self.rewrite(to, items)).frame(from, to, bytes)
    }
}
