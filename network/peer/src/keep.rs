//! What the pairs of the store mean.
//!
//! The first byte of a key says what it is; a particle's pairs share a beginning, so that they go
//! with one change when it ends.

use std::collections::BTreeSet;

use aquac_ir::{Digest, IdempotencyKey, ParticleId, PeerId, SignedHeader};
use aquac_vm::{SaltedValue, SignedTurn};
use serde::{Deserialize, Serialize};

use crate::link::{Forwarded, Parcel};
use crate::store::Change;
use crate::wire::FrameId;

const PARTICLE: u8 = b'p';
const PROGRAM: u8 = b'g';
const PARCEL: u8 = b'o';
const TOMBSTONE: u8 = b'e';

const HEADER: u8 = b'h';
const TURN: u8 = b't';
const VALUE: u8 = b'v';
const INTENT: u8 = b'c';
const DONE: u8 = b'd';

/// A parcel as it is stored.
#[derive(Debug, Serialize, Deserialize)]
struct StoredParcel {
    particle: ParticleId,
    expires: u64,
    destinations: BTreeSet<PeerId>,
    forwarded: Option<Forwarded>,
    bytes: Vec<u8>,
}

/// What one pair says.
#[derive(Debug)]
pub(crate) enum Kept {
    Header(ParticleId, Box<SignedHeader>),
    Turn(ParticleId, SignedTurn),
    Value(ParticleId, SaltedValue),
    /// A call that was made, and whose answer is not recorded.
    Intent(ParticleId, IdempotencyKey),
    /// The result was reported.
    Done(ParticleId),
    Program(Digest, Vec<u8>),
    Parcel(PeerId, FrameId, Parcel),
    /// The particle is over; until then late copies are refused.
    Tombstone(ParticleId, u64),
}

/// A pair that this version cannot read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the store is damaged at key {0:02x?}")]
pub struct DamagedStore(pub Vec<u8>);

fn key(kind: u8, parts: &[&[u8]]) -> Vec<u8> {
    let mut key = vec![kind];
    parts.iter().for_each(|part| key.extend_from_slice(part));
    key
}

fn particle_key(particle: &ParticleId, kind: u8, rest: &[&[u8]]) -> Vec<u8> {
    let mut key = key(PARTICLE, &[&particle.0.0, &[kind]]);
    rest.iter().for_each(|part| key.extend_from_slice(part));
    key
}

fn bytes<T: Serialize>(content: &T) -> Vec<u8> {
    postcard::to_allocvec(content).expect("what is stored has only parts that postcard can encode")
}

pub(crate) fn header(particle: &ParticleId, header: &SignedHeader) -> Change {
    Change::Put { key: particle_key(particle, HEADER, &[]), value: bytes(header) }
}

pub(crate) fn turn(turn: &SignedTurn) -> Change {
    let body = &turn.body;
    // The digest is in the key because two turns of one author with one number are a proof.
    let digest = body.digest();
    let rest: [&[u8]; 3] = [&body.author.0, &body.number.to_be_bytes(), &digest.0];
    Change::Put { key: particle_key(&body.particle, TURN, &rest), value: turn.to_bytes() }
}

pub(crate) fn value(particle: &ParticleId, value: &SaltedValue) -> Change {
    let key = particle_key(particle, VALUE, &[&value.digest().0]);
    Change::Put { key, value: bytes(value) }
}

pub(crate) fn intent(particle: &ParticleId, call: &IdempotencyKey) -> Change {
    Change::Put { key: particle_key(particle, INTENT, &[&call.0.0]), value: Vec::new() }
}

pub(crate) fn no_intent(particle: &ParticleId, call: &IdempotencyKey) -> Change {
    Change::Delete { key: particle_key(particle, INTENT, &[&call.0.0]) }
}

pub(crate) fn done(particle: &ParticleId) -> Change {
    Change::Put { key: particle_key(particle, DONE, &[]), value: Vec::new() }
}

/// The particle is over: nothing of it stays but its tombstone.
pub(crate) fn buried(particle: &ParticleId, until: u64) -> [Change; 2] {
    [
        Change::Clear { prefix: key(PARTICLE, &[&particle.0.0]) },
        Change::Put { key: key(TOMBSTONE, &[&particle.0.0]), value: bytes(&until) },
    ]
}

pub(crate) fn forgotten(particle: &ParticleId) -> Change {
    Change::Delete { key: key(TOMBSTONE, &[&particle.0.0]) }
}

pub(crate) fn program(digest: &Digest, bytes: &[u8]) -> Change {
    Change::Put { key: key(PROGRAM, &[&digest.0]), value: bytes.to_vec() }
}

pub(crate) fn no_program(digest: &Digest) -> Change {
    Change::Delete { key: key(PROGRAM, &[&digest.0]) }
}

pub(crate) fn parcel(to: &PeerId, id: FrameId, parcel: &Parcel) -> Change {
    let stored = StoredParcel {
        particle: parcel.particle,
        expires: parcel.expires,
        destinations: parcel.destinations.clone(),
        forwarded: parcel.forwarded,
        bytes: parcel.bytes.clone(),
    };
    Change::Put { key: parcel_key(to, id), value: bytes(&stored) }
}

pub(crate) fn no_parcel(to: &PeerId, id: FrameId) -> Change {
    Change::Delete { key: parcel_key(to, id) }
}

fn parcel_key(to: &PeerId, id: FrameId) -> Vec<u8> {
    key(PARCEL, &[&to.0, &id.0.to_be_bytes()])
}

/// Reads one pair.
pub(crate) fn read(key: &[u8], value: &[u8]) -> Result<Kept, DamagedStore> {
    try_read(key, value).ok_or_else(|| DamagedStore(key.to_vec()))
}

fn try_read(key: &[u8], value: &[u8]) -> Option<Kept> {
    let (kind, rest) = key.split_first()?;
    let (name, rest) = rest.split_first_chunk::<32>()?;
    let particle = ParticleId(Digest(*name));
    match *kind {
        PARTICLE => read_of_particle(particle, rest, value),
        PROGRAM => Some(Kept::Program(Digest(*name), value.to_vec())),
        TOMBSTONE => Some(Kept::Tombstone(particle, postcard::from_bytes(value).ok()?)),
        PARCEL => {
            let id = FrameId(u64::from_be_bytes(rest.try_into().ok()?));
            let stored: StoredParcel = postcard::from_bytes(value).ok()?;
            let parcel = Parcel::new(
                stored.particle,
                stored.expires,
                stored.destinations,
                stored.forwarded,
                stored.bytes,
            );
            Some(Kept::Parcel(PeerId(*name), id, parcel))
        }
        _ => None,
    }
}

fn read_of_particle(particle: ParticleId, rest: &[u8], value: &[u8]) -> Option<Kept> {
    let (kind, rest) = rest.split_first()?;
    match *kind {
        HEADER => Some(Kept::Header(particle, Box::new(postcard::from_bytes(value).ok()?))),
        TURN => Some(Kept::Turn(particle, SignedTurn::from_bytes(value).ok()?)),
        VALUE => Some(Kept::Value(particle, postcard::from_bytes(value).ok()?)),
        INTENT => Some(Kept::Intent(particle, IdempotencyKey(Digest(rest.try_into().ok()?)))),
        DONE => Some(Kept::Done(particle)),
        _ => None,
    }
}
