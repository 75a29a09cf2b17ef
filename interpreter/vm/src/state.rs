//! The state of a run: a function of program, header and history, kept up to date with work for
//! what is new only. Events drive it: something starts, a child is done, an input has come.

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec::Vec;

use aquac_ir::{
    ConstId, Digest, NodeId, ParticleId, PeerId, SignedHeader, SlotId, StreamId, VerifiedProgram,
};

use crate::Position;
use crate::activation::{
    Act, ActId, Cell, InOrder, Items, IterationOf, Phase, Placed, Site, SiteKind,
};
use crate::cause::{CauseId, Causes};
use crate::datum::{Datum, Holder};
use crate::eval::{CellKey, Stop};
use crate::failure::Failure;
use crate::log::Log;
use crate::news::News;
use crate::path::{PathId, Paths};
use crate::run::{PendingCall, Refuted, Work};
use crate::stream::Instance;
use crate::turn::RecordedFault;
use crate::values::Values;

/// A record as it was filed: whose, where in the author's log, and what it says.
#[derive(Debug, Clone)]
pub(crate) struct Filed {
    pub(crate) author: PeerId,
    /// Turn and entry.
    pub(crate) at: (u32, u32),
    pub(crate) arguments: Digest,
    pub(crate) outcome: Result<Digest, RecordedFault>,
}

/// What is still to be looked at.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Event {
    /// An activation starts, or something that it waited for has come.
    Look(ActId),
    /// A child is done.
    Done { parent: ActId, child: ActId },
}

/// The state of a run.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) program: Arc<VerifiedProgram>,
    pub(crate) header: Arc<SignedHeader>,
    pub(crate) particle: ParticleId,
    pub(crate) me: PeerId,
    pub(crate) initiator_text: Arc<str>,
    pub(crate) host_text: Arc<str>,
    pub(crate) paths: Paths,
    pub(crate) causes: Causes,
    acts: Vec<Act>,
    pub(crate) index: BTreeMap<(NodeId, PathId), ActId>,
    pub(crate) cells: BTreeMap<CellKey, Cell>,
    pub(crate) streams: BTreeMap<(StreamId, PathId), Instance>,
    pub(crate) iterations: BTreeMap<(NodeId, PathId), IterationOf>,
    pub(crate) in_order: BTreeMap<ActId, InOrder>,
    pub(crate) steps: BTreeMap<ActId, Placed>,
    pub(crate) items: BTreeMap<ActId, Items>,
    pub(crate) sites: BTreeMap<ActId, Site>,
    pub(crate) filed: BTreeMap<(NodeId, PathId), Vec<Filed>>,
    pub(crate) values: Values,
    /// Digests of constants that were arguments.
    pub(crate) constants: BTreeMap<ConstId, Digest>,
    /// `Let` and `Push` whose value lacks these bytes.
    pub(crate) late: BTreeMap<Digest, BTreeSet<ActId>>,
    pub(crate) late_elements: BTreeMap<ActId, Holder>,
    pub(crate) byte_waiters: BTreeMap<Digest, BTreeSet<ActId>>,
    pub(crate) peers: BTreeMap<Arc<str>, Option<PeerId>>,
    pub(crate) queue: VecDeque<Event>,
    /// Snapshots of this peer that can be taken. They are taken when everything else is settled, so
    /// that what they hold is what the log says was known.
    pub(crate) takeable: BTreeSet<ActId>,
    pub(crate) log: Log,
    pub(crate) news: News,
    /// By what led to them, the places of visits.
    pub(crate) visits: BTreeMap<CauseId, PeerId>,
    /// Of steps that wait for elements at other peers: how many were looked at.
    pub(crate) announced: BTreeMap<ActId, usize>,
    /// Calls to hand out, and those that were handed out and not answered.
    pub(crate) calls: Vec<PendingCall>,
    pub(crate) pending: BTreeMap<(NodeId, PathId), Digest>,
    pub(crate) refuted: Vec<Refuted>,
    /// The first `Return` that the initiator recorded.
    pub(crate) returned: Option<((u32, u32), Vec<Datum>)>,
    /// What ended the run on every peer, whatever would catch it.
    pub(crate) fatal: Option<Arc<Failure>>,
    /// Where this peer is at home in the run, by the steps it has: the relays to it.
    pub(crate) my_relays: Option<Vec<PeerId>>,
    /// Whether a level went down behind steps that were already started.
    pub(crate) levels_fell: bool,
    /// Whether the own log is being followed: what it does not hold was not done yet.
    pub(crate) following: bool,
    /// Whether snapshots of this peer's log are computed again and compared.
    pub(crate) checking: bool,
    /// What came of that; nothing if the bytes of an element are not here.
    pub(crate) snapshots: Vec<(Position, Option<bool>)>,
    /// Calls whose arguments could not be computed here, for lack of bytes.
    pub(crate) unproved: Vec<Position>,
    pub(crate) work: Work,
}

impl State {
    pub(crate) fn new(
        program: Arc<VerifiedProgram>,
        header: Arc<SignedHeader>,
        particle: ParticleId,
        me: PeerId,
    ) -> Self {
        let initiator = header.header.initiator;
        let host = header.header.relay.unwrap_or(initiator);
        let mut state = Self {
            values: Values::new(&header.header),
            initiator_text: Arc::from(initiator.to_string()),
            host_text: Arc::from(host.to_string()),
            log: Log::new(particle, me),
            program,
            header,
            particle,
            me,
            paths: Paths::default(),
            causes: Causes::default(),
            acts: Vec::new(),
            index: BTreeMap::new(),
            cells: BTreeMap::new(),
            streams: BTreeMap::new(),
            iterations: BTreeMap::new(),
            in_order: BTreeMap::new(),
            steps: BTreeMap::new(),
            items: BTreeMap::new(),
            sites: BTreeMap::new(),
            filed: BTreeMap::new(),
            constants: BTreeMap::new(),
            late: BTreeMap::new(),
            late_elements: BTreeMap::new(),
            byte_waiters: BTreeMap::new(),
            peers: BTreeMap::new(),
            queue: VecDeque::new(),
            takeable: BTreeSet::new(),
            news: News::default(),
            visits: BTreeMap::new(),
            announced: BTreeMap::new(),
            calls: Vec::new(),
            pending: BTreeMap::new(),
            refuted: Vec::new(),
            returned: None,
            fatal: None,
            my_relays: None,
            levels_fell: false,
            following: false,
            checking: false,
            snapshots: Vec::new(),
            unproved: Vec::new(),
            work: Work::default(),
        };
        state.spawn(NodeId(0), PathId::ROOT, None, CauseId::START, 0);
        state
    }

    #[expect(clippy::indexing_slicing, reason = "an ActId is only ever made by pushing its act")]
    pub(crate) fn act(&self, id: ActId) -> &Act {
        &self.acts[id.0 as usize]
    }

    #[expect(clippy::indexing_slicing, reason = "an ActId is only ever made by pushing its act")]
    pub(crate) fn act_mut(&mut self, id: ActId) -> &mut Act {
        &mut self.acts[id.0 as usize]
    }

    /// All activations, in the order of starting.
    pub(crate) fn act_ids(&self) -> impl DoubleEndedIterator<Item = ActId> + use<> {
        (0..u32::try_from(self.acts.len()).unwrap_or(u32::MAX)).map(ActId)
    }

    /// Node and path of an activation.
    pub(crate) fn at(&self, id: ActId) -> (NodeId, PathId) {
        let act = self.act(id);
        (act.node, act.path)
    }

    /// Starts a node in an iteration.
    pub(crate) fn spawn(
        &mut self,
        node: NodeId,
        path: PathId,
        parent: Option<ActId>,
        reached: CauseId,
        level: u32,
    ) -> ActId {
        let id = ActId(u32::try_from(self.acts.len()).expect("a run has fewer than 2^32 steps"));
        self.acts.push(Act {
            node,
            path,
            parent,
            depth: parent.map_or(0, |parent| self.act(parent).depth + 1),
            phase: Phase::Waiting,
            reached,
            done: CauseId::START,
            level,
            level_out: level,
            failed: 0,
            partial: CauseId::START,
            iterations: 0,
        });
        self.index.insert((node, path), id);
        self.queue.push_front(Event::Look(id));
        id
    }

    /// The activation of a node in the same iteration as another.
    pub(crate) fn beside(&self, id: ActId, node: NodeId) -> Option<ActId> {
        self.index.get(&(node, self.act(id).path)).copied()
    }

    /// Works off events, at most `fuel` of them. Whether nothing is left.
    pub(crate) fn settle(&mut self, fuel: u64) -> bool {
        let end = self.work.events.saturating_add(fuel);
        while self.work.events < end {
            self.work.events += 1;
            match (self.queue.pop_front(), self.takeable.is_empty()) {
                (Some(Event::Look(id)), _) => self.look(id),
                (Some(Event::Done { parent, child }), _) => self.child_done(parent, child),
                (None, false) if !self.following => {
                    if let Some(id) = self.takeable.pop_first() {
                        self.take_snapshot(id);
                    }
                }
                (None, _) => return true,
            }
        }
        self.queue.is_empty() && self.takeable.is_empty()
    }

    /// Ends an activation; its parent hears of it.
    pub(crate) fn finish(&mut self, id: ActId, phase: Phase, done: CauseId, level_out: u32) {
        if self.act(id).phase != Phase::Waiting {
            return;
        }
        let fatal = match &phase {
            Phase::Failed(failure) if !failure.code.catchable() => Some(failure.clone()),
            Phase::Failed(_) | Phase::Complete | Phase::Waiting => None,
        };
        let act = self.act_mut(id);
        (act.phase, act.done, act.level_out) = (phase, done, level_out);
        let parent = act.parent;
        self.sites.remove(&id);
        if let Some(fatal) = fatal {
            self.end_all(fatal, done);
        }
        match parent {
            Some(parent) => self.queue.push_front(Event::Done { parent, child: id }),
            None => self.root_done(id),
        }
    }

    /// Ends an activation well, with its own level.
    pub(crate) fn complete(&mut self, id: ActId, done: CauseId) {
        let level = self.act(id).level;
        self.finish(id, Phase::Complete, done, level);
    }

    /// Ends an activation badly, with its own level.
    pub(crate) fn fail(&mut self, id: ActId, failure: Failure, done: CauseId) {
        let level = self.act(id).level;
        self.finish(id, Phase::Failed(Arc::new(failure)), done, level);
    }

    /// Nothing catches this: the run has failed, even if its root was complete.
    pub(crate) fn end_all(&mut self, failure: Arc<Failure>, done: CauseId) {
        let root = ActId(0);
        if self.fatal.is_some() {
            return;
        }
        self.fatal = Some(failure.clone());
        if self.act(root).phase == Phase::Waiting {
            let act = self.act_mut(root);
            (act.phase, act.done) = (Phase::Failed(failure), done);
        }
        self.show_site(root, Site::new(SiteKind::Final, done));
    }

    /// A run that failed is told to the initiator.
    fn root_done(&mut self, root: ActId) {
        if let Phase::Failed(_) = self.act(root).phase {
            let cause = self.act(root).done;
            self.show_site(root, Site::new(SiteKind::Final, cause));
        }
    }

    /// An activation waits; what changed about it is news.
    pub(crate) fn show_site(&mut self, id: ActId, site: Site) {
        self.news.sites.insert(id);
        self.sites.insert(id, site);
    }

    /// An activation cannot go on: it waits for values, for bytes, or has failed.
    pub(crate) fn stop(&mut self, id: ActId, stop: Stop, read: CauseId) {
        let reached = self.act(id).reached;
        let cause = self.causes.all([reached, read]);
        match stop {
            Stop::Missing(missing) => {
                self.wait_for(id, &missing);
                let site = Site { missing, ..Site::new(SiteKind::Pure, cause) };
                self.show_site(id, site);
            }
            Stop::Absent(digest) => {
                self.wait_for_bytes(id, digest);
                let site = Site { absent: digest, ..Site::new(SiteKind::Never, cause) };
                self.show_site(id, site);
            }
            Stop::Fault(_) | Stop::Raised(..) => {
                let failure = self.failure_of(id, stop);
                self.fail(id, failure, cause);
            }
        }
    }

    pub(crate) fn wait_for(&mut self, id: ActId, missing: &[CellKey]) {
        for key in missing {
            self.cells.entry(*key).or_default().waiters.insert(id);
        }
    }

    pub(crate) fn wait_for_bytes(&mut self, id: ActId, digest: Option<Digest>) {
        if let Some(digest) = digest {
            self.byte_waiters.entry(digest).or_default().insert(id);
        }
    }

    /// Writes a slot's instance; whoever waits for it looks again.
    pub(crate) fn write(&mut self, slot: SlotId, path: PathId, datum: Datum, cause: CauseId) {
        let key = (slot, path);
        let cell = self.cells.entry(key).or_default();
        if cell.datum.is_some() {
            return;
        }
        cell.datum = Some(datum);
        cell.cause = cause;
        let waiters = core::mem::take(&mut cell.waiters);
        self.queue.extend(waiters.into_iter().map(Event::Look));
        if !self.program.facts().slot(slot).concurrent.is_empty() {
            self.news.wrote_slot(slot, path, cause);
        }
        self.values.wrote(key);
    }

    /// The bytes of a value have come; whoever waits for them looks again.
    pub(crate) fn bytes_came(&mut self, digest: &Digest) {
        self.compute_late(digest);
        let waiters = self.byte_waiters.remove(digest).unwrap_or_default();
        self.queue.extend(waiters.into_iter().map(Event::Look));
    }
}

impl Site {
    /// A site that misses nothing.
    pub(crate) const fn new(kind: SiteKind, cause: CauseId) -> Self {
        Self { kind, place: None, cause, missing: Vec::new(), absent: None, elements: None }
    }
}
