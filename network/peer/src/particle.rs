//! One particle on this peer: its run, what others were told of it, and the calls under way.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use aquac_ir::{Digest, IdempotencyKey, ParticleId, PeerId, SignedHeader};
use aquac_vm::{Heads, PendingCall, Position, Run, SaltedValue, SignedTurn};

use crate::lacking::Asked;
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
    pub(crate) values: Vec<SaltedValue>,
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
    pub(crate) turns: BTreeMap<PeerId, u32>,
    pub(crate) values: BTreeSet<Digest>,
    /// What I said to it that I have.
    pub(crate) told: Heads,
    /// What it said to me that it has.
    pub(crate) told_me: Heads,
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
}

/// One particle on this peer.
#[derive(Debug)]
pub(crate) struct Particle {
    pub(crate) id: ParticleId,
    pub(crate) header: Arc<SignedHeader>,
    /// `None` as long as the program is missing.
    pub(crate) run: Option<Run>,
    pub(crate) early: Early,
    pub(crate) calls: BTreeMap<IdempotencyKey, UnderWay>,
    /// Calls for which there is no room yet.
    pub(crate) queued: VecDeque<PendingCall>,
    /// Calls that were handed out and are not recorded: what the store says of them.
    pub(crate) intents: BTreeSet<IdempotencyKey>,
    /// Until when what its answers give waits for more answers, so that all leave as one.
    pub(crate) gathers: Option<Time>,
    /// How many entries of the log are stored and in no turn yet.
    pub(crate) noted: usize,
    pub(crate) others: BTreeMap<PeerId, Other>,
    /// What each parcel under way tells its destinations that I have.
    pub(crate) flying: BTreeMap<(PeerId, FrameId), Vec<(PeerId, Heads)>>,
    /// Large values that somebody else made.
    pub(crate) came_large: BTreeSet<Digest>,
    /// Values that were offered and asked for.
    pub(crate) asked: BTreeMap<Digest, Asked>,
    /// Values that were missed in what somebody sent, and asked of it.
    pub(crate) missed: BTreeSet<(PeerId, Digest)>,
    /// The result was reported.
    pub(crate) done: bool,
    /// Bytes of turns and values that are kept here.
    pub(crate) bytes: usize,
    /// Peers for whom something was made.
    addressed: u32,
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
            early: Early::default(),
            calls: BTreeMap::new(),
            queued: VecDeque::new(),
            intents: BTreeSet::new(),
            gathers: None,
            noted: 0,
            others: BTreeMap::new(),
            flying: BTreeMap::new(),
            came_large: BTreeSet::new(),
            asked: BTreeMap::new(),
            missed: BTreeSet::new(),
            done: false,
            bytes: 0,
            addressed: 0,
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

    pub(crate) fn other(&mut self, peer: PeerId) -> &mut Other {
        self.others.entry(peer).or_default()
    }
}
