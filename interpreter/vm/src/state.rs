//! The state of a run: a function of program, header and history, kept up to date with work for
//! what is new only. Events drive it: something starts, a child is done, an input has come.

mod quota;
mod room;

use alloc::collections::VecDeque;
use alloc::sync::Arc;
use alloc::vec::Vec;

use aquac_ir::{
    ConstId, Digest, NodeId, ParticleId, PeerId, SignedHeader, SlotId, StreamId, VerifiedProgram,
};

use crate::Position;
use crate::activation::{
    Act, ActId, Cell, Detail, InOrder, Items, IterationOf, NOTHING, Phase, Placed, Site, SiteKind,
};
use crate::cause::{CauseId, Causes};
use crate::datum::{Datum, Holder};
use crate::eval::{CellKey, Stop};
use crate::failure::Failure;
use crate::few::{Acts, Few, room};
use crate::in_order::loops_in_order;
use crate::log::Log;
use crate::news::News;
use crate::path::{PathId, Paths};
use crate::run::{PendingCall, Refuted, Work};
use crate::stream::Instance;
use crate::table::{Index, Key, Table};
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
    pub(crate) paths: Paths,
    pub(crate) causes: Causes,
    acts: Vec<Act>,
    /// Activations by node and path.
    index: Index,
    pub(crate) cells: Table<CellKey, Cell>,
    pub(crate) streams: Table<(StreamId, PathId), Instance>,
    pub(crate) iterations: Table<(NodeId, PathId), IterationOf>,
    pub(crate) in_order: Table<ActId, InOrder>,
    /// Loops whose iterations follow each other, and those of which something was recorded.
    pub(crate) loops_in_order: Vec<NodeId>,
    pub(crate) begun: Table<(NodeId, PathId), CauseId>,
    /// Those of which more iterations may start, once everything else is settled.
    pub(crate) orderable: Acts,
    /// What is known of steps at places, and of loops over arrays: [`Act::detail`].
    placed: Vec<Placed>,
    items: Vec<Items>,
    /// Unfinished steps, in no order: [`Act::site`].
    sites: Vec<(ActId, Site)>,
    /// Records; of several at one place each has its number.
    filed: Table<(NodeId, PathId, u32), Filed>,
    pub(crate) values: Values,
    /// Digests of constants that were arguments.
    pub(crate) constants: Few<ConstId, Digest>,
    /// `Let` and `Push` whose value lacks these bytes.
    pub(crate) late: Table<Digest, Acts>,
    pub(crate) late_elements: Table<ActId, Holder>,
    pub(crate) byte_waiters: Table<Digest, Acts>,
    pub(crate) queue: VecDeque<Event>,
    /// Snapshots of this peer that can be taken. They are taken when everything else is settled, so
    /// that what they hold is what the log says was known.
    pub(crate) takeable: Acts,
    pub(crate) log: Log,
    /// Records of this peer, in turns or not yet.
    own_records: u32,
    pub(crate) news: News,
    /// Visits, by what led to them.
    pub(crate) visits: Few<CauseId, Acts>,
    /// Calls to hand out, and the arguments of those that were handed out until they are answered.
    pub(crate) calls: Vec<PendingCall>,
    pub(crate) pending: Table<(NodeId, PathId), Option<Digest>>,
    pub(crate) refuted: Vec<Refuted>,
    /// The first `Return` that the initiator recorded.
    pub(crate) returned: Option<((u32, u32), Vec<Datum>)>,
    /// What ended the run on every peer, whatever would catch it.
    pub(crate) fatal: Option<Arc<Failure>>,
    /// Where this peer is in the run, by the steps it has, else by what is at home with it: the
    /// relays to it.
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
        let loops_in_order = loops_in_order(&program);
        let mut state = Self {
            values: Values::new(&header.header),
            log: Log::new(particle),
            own_records: 0,
            program,
            header,
            particle,
            me,
            paths: Paths::default(),
            causes: Causes::default(),
            acts: Vec::new(),
            index: Index::default(),
            cells: Table::default(),
            streams: Table::default(),
            iterations: Table::default(),
            in_order: Table::default(),
            loops_in_order,
            begun: Table::default(),
            orderable: Acts::new(),
            placed: Vec::new(),
            items: Vec::new(),
            sites: Vec::new(),
            filed: Table::default(),
            constants: Few::new(),
            late: Table::default(),
            late_elements: Table::default(),
            byte_waiters: Table::default(),
            queue: VecDeque::new(),
            takeable: Acts::new(),
            news: News::default(),
            visits: Few::new(),
            calls: Vec::new(),
            pending: Table::default(),
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
    pub(crate) fn act_ids(
        &self,
    ) -> impl DoubleEndedIterator<Item = ActId> + ExactSizeIterator + use<> {
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
        room(&mut self.acts);
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
            detail: Detail::Nothing,
            site: NOTHING,
        });
        let acts = &self.acts;
        self.index.add(acts.len(), |place| acts.get(place as usize).map_or(0, Act::hash));
        self.queue.push_front(Event::Look(id));
        id
    }

    /// The activation of a node in the same iteration as another.
    pub(crate) fn beside(&self, id: ActId, node: NodeId) -> Option<ActId> {
        self.act_at((node, self.act(id).path))
    }

    /// The activation of a node in an iteration.
    pub(crate) fn act_at(&self, (node, path): (NodeId, PathId)) -> Option<ActId> {
        let hash = (node, path).hash();
        let is = |place: u32| {
            self.acts.get(place as usize).is_some_and(|act| act.node == node && act.path == path)
        };
        self.index.find(hash, self.acts.len(), is).map(ActId)
    }

    /// Where a step happens, once that is known.
    pub(crate) fn placed(&self, id: ActId) -> Option<&Placed> {
        let Detail::Step(at) = self.act(id).detail else { return None };
        self.placed.get(at as usize)
    }

    pub(crate) fn placed_mut(&mut self, id: ActId) -> Option<&mut Placed> {
        let Detail::Step(at) = self.act(id).detail else { return None };
        self.placed.get_mut(at as usize)
    }

    pub(crate) fn place_step(&mut self, id: ActId, placed: Placed) {
        let at = u32::try_from(self.placed.len()).expect("a run has fewer than 2^32 steps");
        self.act_mut(id).detail = Detail::Step(at);
        room(&mut self.placed);
        self.placed.push(placed);
    }

    /// What a loop over an array runs over, once that is known.
    pub(crate) fn items(&self, id: ActId) -> Option<&Items> {
        let Detail::Loop(at) = self.act(id).detail else { return None };
        self.items.get(at as usize)
    }

    pub(crate) fn set_items(&mut self, id: ActId, items: Items) {
        let at = u32::try_from(self.items.len()).expect("a run has fewer than 2^32 loops");
        self.act_mut(id).detail = Detail::Loop(at);
        room(&mut self.items);
        self.items.push(items);
    }

    /// The unfinished step of an activation.
    pub(crate) fn site(&self, id: ActId) -> Option<&Site> {
        self.sites.get(self.act(id).site as usize).map(|(_, site)| site)
    }

    pub(crate) fn site_mut(&mut self, id: ActId) -> Option<&mut Site> {
        let site = self.act(id).site;
        self.sites.get_mut(site as usize).map(|(_, site)| site)
    }

    /// All unfinished steps, in no order.
    pub(crate) fn sites(&self) -> impl Iterator<Item = (ActId, &Site)> {
        self.sites.iter().map(|(id, site)| (*id, site))
    }

    pub(crate) fn set_site(&mut self, id: ActId, site: Site) {
        if let Some(there) = self.site_mut(id) {
            *there = site;
            return;
        }
        self.act_mut(id).site = u32::try_from(self.sites.len()).unwrap_or(NOTHING);
        room(&mut self.sites);
        self.sites.push((id, site));
    }

    /// It is finished, or goes on: it is none of the steps that wait.
    pub(crate) fn clear_site(&mut self, id: ActId) {
        let at = core::mem::replace(&mut self.act_mut(id).site, NOTHING);
        if at == NOTHING {
            return;
        }
        self.sites.swap_remove(at as usize);
        if let Some((moved, _)) = self.sites.get(at as usize) {
            let moved = *moved;
            self.act_mut(moved).site = at;
        }
    }

    /// The records at a position.
    pub(crate) fn filed(&self, (node, path): (NodeId, PathId)) -> impl Iterator<Item = &Filed> {
        (0..).map_while(move |number| self.filed.get(&(node, path, number)))
    }

    pub(crate) fn add_filed(&mut self, (node, path): (NodeId, PathId), filed: Filed) {
        let number = u32::try_from(self.filed((node, path)).count()).unwrap_or(u32::MAX);
        if !self.loops_in_order.is_empty() {
            let record = self.causes.turn(filed.author, filed.at.0);
            self.begins(node, path, record);
        }
        self.own_records += u32::from(filed.author == self.me);
        self.filed.insert((node, path, number), filed);
    }

    /// Works off events, at most `fuel` of them. Whether nothing is left.
    pub(crate) fn settle(&mut self, fuel: u64) -> bool {
        let end = self.work.events.saturating_add(fuel);
        while self.work.events < end {
            self.work.events += 1;
            match (self.queue.pop_front(), self.takeable.is_empty()) {
                (Some(Event::Look(id)), _) => self.look(id),
                (Some(Event::Done { parent, child }), _) => self.child_done(parent, child),
                (None, _) if !self.orderable.is_empty() => {
                    if let Some(id) = self.orderable.pop() {
                        self.start_in_order(id);
                    }
                }
                (None, false) if !self.following => {
                    if let Some(id) = self.takeable.pop() {
                        self.take_snapshot(id);
                    }
                }
                (None, _) => return true,
            }
        }
        self.queue.is_empty() && self.orderable.is_empty() && self.takeable.is_empty()
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
        self.clear_site(id);
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
        self.set_site(id, site);
    }

    /// An activation cannot go on: it waits for values, for bytes, or has failed.
    pub(crate) fn stop(&mut self, id: ActId, stop: Stop, read: CauseId) {
        let reached = self.act(id).reached;
        let cause = self.causes.all([reached, read]);
        match stop {
            Stop::Missing(missing) => {
                // What is there of it counts as well: its home may have only the rest.
                let (mut missing, mut causes) = (missing, alloc::vec![cause]);
                let (at, program) = (self.at(id), self.program.clone());
                let pure = program.program().node(at.0).filter(|node| node.place().is_none());
                for expr in pure.into_iter().flat_map(aquac_ir::Node::exprs) {
                    self.note_inputs(at, expr, &mut missing, &mut causes);
                }
                let cause = self.causes.all(causes);
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
            self.cells.or_insert(*key, Cell::default).waiters.insert(id);
        }
    }

    pub(crate) fn wait_for_bytes(&mut self, id: ActId, digest: Option<Digest>) {
        if let Some(digest) = digest {
            self.byte_waiters.or_insert(digest, Acts::new).insert(id);
        }
    }

    /// Writes a slot's instance; whoever waits for it looks again.
    pub(crate) fn write(&mut self, slot: SlotId, path: PathId, datum: Datum, cause: CauseId) {
        let key = (slot, path);
        let cell = self.cells.or_insert(key, Cell::default);
        if cell.datum.is_some() {
            return;
        }
        cell.datum = Some(datum);
        cell.cause = cause;
        self.queue.extend(cell.waiters.take().map(Event::Look));
        if !self.program.facts().slot(slot).concurrent.is_empty() {
            self.news.wrote_slot(slot, path, cause);
        }
        self.values.wrote(key);
    }

    /// The bytes of a value have come; whoever waits for them looks again.
    pub(crate) fn bytes_came(&mut self, digest: &Digest) {
        self.compute_late(digest);
        if let Some(waiters) = self.byte_waiters.get_mut(digest) {
            self.queue.extend(waiters.take().map(Event::Look));
        }
    }
}

impl Act {
    /// For the index of activations.
    fn hash(&self) -> u32 {
        (self.node, self.path).hash()
    }
}

impl Site {
    /// A site that misses nothing.
    pub(crate) const fn new(kind: SiteKind, cause: CauseId) -> Self {
        Self { kind, place: None, cause, missing: Vec::new(), absent: None, elements: None }
    }
}
