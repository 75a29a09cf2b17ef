//! A peer as it was, from what it had stored.

use std::collections::BTreeMap;
use std::mem;
use std::sync::Arc;

use aquac_ir::{ParticleId, PeerId, SignedHeader};
use aquac_vm::{Claim, Entry, NamedValue, SignedTurn, Signer, TurnBody, Verifier};

use crate::admit::start_run;
use crate::keep::{DamagedStore, Kept, read};
use crate::particle::{Early, Particle};
use crate::policy::Policy;
use crate::wire::turn_bytes;
use crate::{Config, Input, Keys, Pairs, Peer, Time, keep};

/// What is on one's own disk was checked before it went there.
struct OwnDisk;

impl Verifier for OwnDisk {
    fn verify(&self, claims: &[Claim]) -> Vec<bool> {
        vec![true; claims.len()]
    }
}

#[derive(Default)]
struct Stored {
    header: Option<Box<SignedHeader>>,
    turns: Vec<SignedTurn>,
    values: Vec<NamedValue>,
    entries: Vec<Entry>,
    /// Bytes of turns and values.
    bytes: usize,
    intents: Vec<aquac_ir::IdempotencyKey>,
    done: bool,
}

impl Stored {
    /// The turn that the log was to become: what was recorded before the crash stays as it is.
    fn sign_the_rest(&mut self, particle: ParticleId, signer: &dyn Signer) -> Option<SignedTurn> {
        if self.entries.is_empty() {
            return None;
        }
        let author = signer.peer();
        let own = self.turns.iter().filter(|turn| turn.body.author == author);
        let last = own.max_by_key(|turn| turn.body.number).map(|turn| &turn.body);
        let body = TurnBody {
            particle,
            author,
            number: last.map_or(1, |last| last.number + 1),
            previous: last.map_or(particle.0, TurnBody::digest),
            entries: mem::take(&mut self.entries),
        };
        Some(SignedTurn::sign(body, signer))
    }
}

fn stored(particles: &mut BTreeMap<ParticleId, Stored>, id: ParticleId) -> &mut Stored {
    particles.entry(id).or_default()
}

impl Peer {
    /// The peer that wrote these pairs. Calls that were under way are handed out again, with the
    /// same idempotency keys; parcels that were not acknowledged wait for their links.
    ///
    /// # Errors
    ///
    /// [`DamagedStore`] with the first key that cannot be read.
    pub fn restore(
        config: Config,
        keys: Keys,
        policy: Box<dyn Policy + Send>,
        now: Time,
        pairs: Pairs,
    ) -> Result<Self, DamagedStore> {
        let mut peer = Self::with_policy(config, keys, policy);
        let mut particles: BTreeMap<ParticleId, Stored> = BTreeMap::new();
        for (key, value) in pairs {
            let kept = read(&key, &value)?;
            if !peer.take_back(&mut particles, kept, value.len()) {
                return Err(DamagedStore(key));
            }
        }
        for (id, stored) in particles {
            peer.put_back(id, stored);
        }
        peer.core.now = now;
        for id in peer.particles.ids() {
            peer.particles.settle(&mut peer.core, &id);
        }
        peer.handle(now, Input::Tick);
        Ok(peer)
    }

    /// Takes one pair back. Says whether it is what its key says.
    fn take_back(
        &mut self,
        particles: &mut BTreeMap<ParticleId, Stored>,
        kept: Kept,
        bytes: usize,
    ) -> bool {
        match kept {
            Kept::Header(id, header) => stored(particles, id).header = Some(header),
            Kept::Turn(id, turn) => {
                stored(particles, id).turns.push(turn);
                stored(particles, id).bytes += bytes;
            }
            Kept::Value(id, value) => {
                stored(particles, id).values.push(value.into());
                stored(particles, id).bytes += bytes;
            }
            Kept::Entry(id, entry) => stored(particles, id).entries.push(entry),
            Kept::Intent(id, call) => stored(particles, id).intents.push(call),
            Kept::Done(id) => stored(particles, id).done = true,
            Kept::Program(digest, bytes) => {
                // One that does not verify any more is asked for again.
                let known = self.core.programs.add(&bytes);
                return known.map_or(true, |known| known.program.digest() == digest);
            }
            Kept::Parcel(to, id, parcel) => self.core.put_back(to, id, parcel),
            Kept::Tombstone(id, until) => self.particles.mark_buried(id, until),
        }
        true
    }

    fn put_back(&mut self, id: ParticleId, mut stored: Stored) {
        let Some(header) = stored.header.take() else {
            // A particle's pairs are written and forgotten together with its header.
            self.core.change(keep::buried(&id, 0)[0].clone());
            return;
        };
        if let Some(turn) = stored.sign_the_rest(id, &*self.core.keys.signer) {
            self.core.change(keep::no_entries(&id));
            self.core.change(keep::turn(&turn, turn_bytes(&turn)));
            stored.turns.push(turn);
        }
        let mut particle = Particle::new(id, Arc::from(header));
        particle.done = stored.done;
        // What left before is not known: not all of it can come back.
        particle.away = 1;
        if !stored.intents.is_empty() {
            particle.calls().intents = stored.intents.into_iter().collect();
        }
        start_run(&mut self.core, &mut particle);
        match &mut particle.run {
            Some(run) => {
                run.departed();
                drop(run.absorb_named(stored.turns, stored.values, &OwnDisk));
            }
            None => {
                let (turns, values) = (stored.turns, stored.values);
                particle.early = Some(Box::new(Early { turns, values }));
            }
        }
        self.core.keep_bytes(&mut particle, stored.bytes);
        self.particles.insert(&mut self.core, particle);
    }

    /// Neighbours that something waits for: a host connects to them without being asked.
    #[must_use]
    pub fn neighbours_wanted(&self) -> Vec<PeerId> {
        self.parcels().map(|(peer, _)| peer).collect()
    }
}
