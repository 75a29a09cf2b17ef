//! Programs by digest: each is decoded and checked once, however many particles run it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aquac_ir::{Digest, PeerId, VerifiedProgram, VerifyError};

/// Programs that are kept although no particle runs them. At the bound the one that was used
/// longest ago is forgotten; it will be asked for again.
const IDLE_PROGRAMS: usize = 256;

/// A program that passed every check.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(crate) program: Arc<VerifiedProgram>,
    pub(crate) bytes: Arc<[u8]>,
}

/// Programs of other peers that are remembered. Above it all are forgotten, and travel once more.
const SEEN_ELSEWHERE: usize = 1 << 16;

#[derive(Debug)]
struct Entry {
    known: Known,
    particles: usize,
    last_used: u64,
}

/// The programs that this peer has.
#[derive(Debug, Default)]
pub(crate) struct Programs {
    entries: BTreeMap<Digest, Entry>,
    uses: u64,
    /// Which programs other peers were seen to have.
    elsewhere: BTreeSet<(PeerId, Digest)>,
}

impl Programs {
    /// Checks a program and keeps it.
    ///
    /// # Errors
    ///
    /// [`VerifyError`] if it must not run.
    pub(crate) fn add(&mut self, bytes: &[u8]) -> Result<Known, VerifyError> {
        let program = Arc::new(VerifiedProgram::from_bytes(bytes)?);
        let digest = program.digest();
        let known = Known { program, bytes: Arc::from(bytes) };
        self.uses += 1;
        let last_used = self.uses;
        self.entries.entry(digest).or_insert(Entry {
            known: known.clone(),
            particles: 0,
            last_used,
        });
        self.forget_idle();
        Ok(known)
    }

    pub(crate) fn get(&self, digest: &Digest) -> Option<&Known> {
        self.entries.get(digest).map(|entry| &entry.known)
    }

    /// One more particle runs it. Says whether it is the first.
    pub(crate) fn take(&mut self, digest: &Digest) -> bool {
        self.uses += 1;
        let Some(entry) = self.entries.get_mut(digest) else { return false };
        entry.particles += 1;
        entry.last_used = self.uses;
        entry.particles == 1
    }

    /// One particle less. Says whether it was the last.
    pub(crate) fn release(&mut self, digest: &Digest) -> bool {
        let Some(entry) = self.entries.get_mut(digest) else { return false };
        entry.particles = entry.particles.saturating_sub(1);
        entry.particles == 0
    }

    /// Another peer has this program. One that has forgotten it since will ask.
    pub(crate) fn seen_at(&mut self, peer: PeerId, digest: Digest) {
        if self.elsewhere.len() >= SEEN_ELSEWHERE {
            self.elsewhere.clear();
        }
        self.elsewhere.insert((peer, digest));
    }

    pub(crate) fn is_at(&self, peer: PeerId, digest: Digest) -> bool {
        self.elsewhere.contains(&(peer, digest))
    }

    /// Another peer has not got it any more.
    pub(crate) fn gone_from(&mut self, peer: PeerId, digest: Digest) {
        self.elsewhere.remove(&(peer, digest));
    }

    fn forget_idle(&mut self) {
        let idle = || self.entries.iter().filter(|(_, entry)| entry.particles == 0);
        if idle().count() > IDLE_PROGRAMS {
            let oldest = idle().min_by_key(|(_, entry)| entry.last_used).map(|(digest, _)| *digest);
            if let Some(oldest) = oldest {
                self.entries.remove(&oldest);
            }
        }
    }
}
