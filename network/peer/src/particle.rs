//! One particle on this peer: its run, what others were told of it, and the calls under way.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use aquac_ir::{Digest, IdempotencyKey, ParticleId, PeerId, SignedHeader};
use aquac_vm::{Heads, NamedValue, PendingCall, Position, Run, SignedTurn};

use crate::few::Few;
use crate::lacking::Lacking;
use crate::wire::FrameId;
use crate::{Reason, Time};

/// Turns and values that wait for the program. Beyond it a parcel is refused and comes again.
pub(crate) const MOST_EARLY: usize = 4096;

/// Peers of one particle of which something is remembered. A parcel of one more is refused.
pub(crate) const MOST_OTHERS: usize = 16_384;

/// Questions of one peer about one particle that are answered. More are a flood.
pub(crate) const MOST_WANTS: u32 = 256;

/// What is known of a run whose program is not here yet.
#[derive(Debug, Default)]
pub(crate) struct Early {
    pub(crate) turns: Vec<SignedTurn>,
    pub(crate) values: Vec<NamedValue>,
}

impl Early {
    pub(crate) fn is_empty(&self) -> bool {
        self.turns.is_empty() && self.values.is_empty()
    }
}

/// What another peer was sent, or was seen to have.
#[derive(Debug, Default)]
pub(crate) struct Other {
    pub(crate) header: bool,
    pub(crate) program: bool,
    /// Turns that were sent to it, of each author up to this number.
    pub(crate) turns: Few<PeerId, u32>,
    pub(crate) values: BTreeSet<Digest>,
    /// What I said to it that I have: of each author, turns up to this number.
    pub(crate) told: Few<PeerId, u32>,
    /// The way back, if it came through relays: the peers to pass and itself.
    pub(crate) way: Option<Vec<PeerId>>,
    /// Something was made for it.
    pub(crate) addressed: bool,
    /// Its questions that were answered.
    pub(crate) wants: u32,
    /// It does not want anything more of this run.
    pub(crate) refused: Option<Reason>,
}

/// A call that was handed to its service.
#[derive(Debug)]
pub(crate) struct UnderWay {
    pub(crate) position: Position,
    /// When it fails if there is no answer, if that is before the run ends.
    pub(crate) ends: Option<Time>,
}

/// Calls of one particle.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    pub(crate) under_way: Few<IdempotencyKey, UnderWay>,
    /// Those for which there is no room yet.
    pub(crate) queued: VecDeque<PendingCall>,
    /// Those that were handed out and are not recorded: what the store says of them.
    pub(crate) intents: Few<IdempotencyKey, ()>,
}

/// One particle on this peer.
#[derive(Debug)]
pub(crate) struct Particle {
    pub(crate) id: ParticleId,
    pub(crate) header: Arc<SignedHeader>,
    /// `None` as long as the program is missing.
    pub(crate) run: Option<Box<Run>>,
    pub(crate) early: Option<Box<Early>>,
    /// `None` if it has never called a service.
    calls: Option<Box<Calls>>,
    /// Until when what its answers give waits for more answers, so that all leave as one.
    pub(crate) gathers: Option<Time>,
    /// How many entries of the log are stored and in no turn yet.
    pub(crate) noted: usize,
    pub(crate) others: Few<PeerId, Box<Other>>,
    /// What each parcel under way tells its destinations that I have.
    pub(crate) flying: Few<(PeerId, FrameId), Vec<(PeerId, Heads)>>,
    /// Values that are or were not here. Most runs have none.
    pub(crate) lacking: Option<Box<Lacking>>,
    /// The result was reported.
    pub(crate) done: bool,
    /// Bytes of turns and values that are kept here.
    pub(crate) bytes: usize,
    /// Peers for whom something was made.
    addressed: u32,
    /// Parcels that were made, but for those that certainly nobody has kept. A run that is
    /// restored has one that never comes back.
    pub(crate) away: u32,
    /// Something in its program catches faults.
    pub(crate) has_tries: bool,
    /// It waits for its turn, with this number.
    pub(crate) hungry: Option<u64>,
}

impl Particle {
    pub(crate) fn new(id: ParticleId, header: Arc<SignedHeader>) -> Self {
        Self {
            id,
            header,
            run: None,
            early: None,
            calls: None,
            gathers: None,
            noted: 0,
            others: Few::default(),
            flying: Few::default(),
            lacking: None,
            done: false,
            bytes: 0,
            addressed: 0,
            away: 0,
            has_tries: false,
            hungry: None,
        }
    }

    /// When it ends, in milliseconds since 1970.
    pub(crate) fn deadline(&self) -> u64 {
        self.header.header.deadline()
    }

    pub(crate) fn initiator(&self) -> PeerId {
        self.header.header.initiator
    }

    /// Whether something may be made for this peer: of too many peers, the last get nothing.
    pub(crate) fn may_tell(&mut self, peer: PeerId, most: u32) -> bool {
        let most = most.min(self.header.header.limits.fan_out);
        let addressed = self.addressed;
        let other = self.other(peer);
        if !other.addressed {
            if addressed >= most {
                return false;
            }
            other.addressed = true;
            self.addressed += 1;
        }
        true
    }

    pub(crate) fn calls(&mut self) -> &mut Calls {
        self.calls.get_or_insert_default()
    }

    /// Its calls, if it has made one.
    pub(crate) fn made_calls(&mut self) -> Option<&mut Calls> {
        self.calls.as_deref_mut()
    }

    /// Calls under way, and calls for which there is no room yet.
    pub(crate) fn open_calls(&self) -> (usize, usize) {
        let calls = self.calls.as_ref();
        calls.map_or((0, 0), |calls| (calls.under_way.len(), calls.queued.len()))
    }

    pub(crate) fn other(&mut self, peer: PeerId) -> &mut Other {
        self.others.or_default(peer)
    }
}
