//! What the pairs of the store mean.
//!
//! The first byte of a key says what it is; a particle's pairs share a beginning, so that they go
//! with one change when it ends.

use std::collections::BTreeSet;

use aquac_ir::{Digest, IdempotencyKey, ParticleId, PeerId, SignedHeader};
use aquac_vm::{Entry, SaltedValue, SignedTurn};
use serde::{Deserialize, Serialize};

use crate::link::{Forwarded, Parcel};
use crate::store::Change;
use crate::wire::{FrameId, Item, exact};

const PARTICLE: u8 = b'p';
const PROGRAM: u8 = b'g';
const PARCEL: u8 = b'o';
const TOMBSTONE: u8 = b'e';

const HEADER: u8 = b'h';
const TURN: u8 = b't';
const VALUE: u8 = b'v';
const INTENT: u8 = b'c';
const DONE: u8 = b'd';
const ENTRY: u8 = b'l';

/// A parcel: see [`parcel_bytes`].
#[derive(Debug, Deserialize)]
struct StoredParcel {
    particle: ParticleId,
    expires: u64,
    destinations: BTreeSet<PeerId>,
    forwarded: Option<Forwarded>,
    of: PeerId,
    #[serde(with = "exact::bytes")]
    bytes: Vec<u8>,
}

/// What one pair says.
#[derive(Debug)]
pub(crate) enum Kept {
    Header(ParticleId, Box<SignedHeader>),
    Turn(ParticleId, SignedTurn),
    Value(ParticleId, SaltedValue),
    /// An entry of the log that is in no turn yet.
    Entry(ParticleId, Entry),
    /// A call that was made, and whose answer is not recorded.
    Intent(ParticleId, IdempotencyKey),
    /// The host has the result.
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

/// Bytes of a key or digest, and of a parcel beside its destinations and its frame.
const KEY: usize = 32;
const PARCEL_ROOM: usize = 4 * KEY;

const ENCODABLE: &str = "what is stored has only parts that postcard can encode";

/// Bytes of the longest key: kinds, two names, a number, and a signature.
const LONGEST_KEY: usize = 2 + 2 * 32 + 4 + 64;

fn key(kind: u8, parts: &[&[u8]]) -> Vec<u8> {
    let mut key = Vec::with_capacity(LONGEST_KEY);
    key.push(kind);
    parts.iter().for_each(|part| key.extend_from_slice(part));
    key
}

fn particle_key(particle: &ParticleId, kind: u8, rest: &[&[u8]]) -> Vec<u8> {
    let mut key = key(PARTICLE, &[&particle.0.0, &[kind]]);
    rest.iter().for_each(|part| key.extend_from_slice(part));
    key
}

/// Encodes something; `room` is about how many bytes it takes.
fn bytes<T: Serialize>(content: &T, room: usize) -> Vec<u8> {
    add(Vec::with_capacity(room), content)
}

/// A header, from its bytes as an item of a parcel.
pub(crate) fn header(particle: &ParticleId, mut bytes: Vec<u8>) -> Change {
    // Without what kind of item it is.
    bytes.drain(..1);
    Change::Put { key: particle_key(particle, HEADER, &[]), value: bytes }
}

/// A turn, with its bytes as an item of a parcel.
pub(crate) fn turn(turn: &SignedTurn, bytes: Vec<u8>) -> Change {
    let body = &turn.body;
    // The signature is in the key because two turns of one author with one number are a proof.
    let rest: [&[u8]; 3] = [&body.author.0, &body.number.to_be_bytes(), &turn.signature.0];
    Change::Put { key: particle_key(&body.particle, TURN, &rest), value: bytes }
}

/// A value, with its digest and its bytes as an item of a parcel.
pub(crate) fn value(particle: &ParticleId, digest: &Digest, bytes: Vec<u8>) -> Change {
    Change::Put { key: particle_key(particle, VALUE, &[&digest.0]), value: bytes }
}

/// An entry of the log that is in no turn yet, with its number.
pub(crate) fn entry(particle: &ParticleId, number: usize, entry: &Entry) -> Change {
    let number = u32::try_from(number).unwrap_or(u32::MAX).to_be_bytes();
    Change::Put { key: particle_key(particle, ENTRY, &[&number]), value: bytes(entry, 128) }
}

/// They are in a turn now.
pub(crate) fn no_entries(particle: &ParticleId) -> Change {
    Change::Clear { prefix: particle_key(particle, ENTRY, &[]) }
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
        Change::Put { key: key(TOMBSTONE, &[&particle.0.0]), value: bytes(&until, 16) },
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
    Change::Put { key: parcel_key(to, id), value: parcel_bytes(parcel) }
}

/// What [`StoredParcel`] is read from, in one go: most of it is keys and bytes.
fn parcel_bytes(parcel: &Parcel) -> Vec<u8> {
    let room = PARCEL_ROOM + KEY * parcel.destinations.len() + parcel.bytes.len();
    let mut all = Vec::with_capacity(room);
    all.extend_from_slice(&parcel.particle.0.0);
    all = add(all, &parcel.expires);
    all = add(all, &parcel.destinations.len());
    parcel.destinations.iter().for_each(|peer| all.extend_from_slice(&peer.0));
    all = add(all, &parcel.forwarded);
    all.extend_from_slice(&parcel.of.0);
    all = add(all, &parcel.bytes.len());
    all.extend_from_slice(&parcel.bytes);
    all
}

/// Adds something small.
fn add<T: Serialize>(to: Vec<u8>, content: &T) -> Vec<u8> {
    postcard::to_extend(content, to).expect(ENCODABLE)
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
                stored.of,
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
        TURN | VALUE => match Item::from_bytes(value, particle).ok()? {
            Item::Turn(turn) => Some(Kept::Turn(particle, turn)),
            Item::Value(value) => Some(Kept::Value(particle, value)),
            Item::Header(_) | Item::Program(_) | Item::Knows(_) | Item::Want(_) | Item::Have(_) => {
                None
            }
        },
        INTENT => Some(Kept::Intent(particle, IdempotencyKey(Digest(rest.try_into().ok()?)))),
        DONE => Some(Kept::Done(particle)),
        ENTRY => Some(Kept::Entry(particle, postcard::from_bytes(value).ok()?)),
        _ => None,
    }
}
