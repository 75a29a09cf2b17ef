//! Who is told what (rule F): the peer of a step is told when there is news for it, by the one
//! whose duty it is; branches that cannot see each other meet at a meeting place; nobody is told
//! the same twice.
//!
//! Whether something is news for a peer, and whether somebody else had to say it, is read off the
//! causes of a step and its inputs: no view of another peer is ever replayed.

use alloc::vec::Vec;

use aquac_ir::{Node, NodeId, PeerId, Variable};

use crate::activation::{ActId, Site, SiteKind};
use crate::cause::{CauseId, Numbers};
use crate::eval::Trace;
use crate::few::Few;
use crate::history::History;
use crate::knowledge::Knowledge;
use crate::news::{News, Written};
use crate::path::PathId;
use crate::state::State;
use crate::stream::Instance;

/// Whom to tell: the relays of each peer's place, and the step that made it necessary.
pub(crate) type Destinations = Few<PeerId, Destination>;

/// One of them.
#[derive(Debug, Clone)]
pub(crate) struct Destination {
    pub(crate) relays: Vec<PeerId>,
    pub(crate) why: NodeId,
}

/// One look at all that is new.
pub(crate) struct Forwarding<'a> {
    pub(crate) state: &'a mut State,
    pub(crate) knowledge: &'a mut Knowledge,
    pub(crate) history: &'a History,
    pub(crate) destinations: Destinations,
}

impl Forwarding<'_> {
    /// Looks at everything that changed since the last look, and adds whom that look found.
    pub(crate) fn look(mut self) -> Destinations {
        if self.state.fatal.is_some() {
            return self.only_the_end();
        }
        self.destinations = core::mem::take(&mut self.state.news.leaving);
        for id in self.state.news.sites.take() {
            if let Some(site) = self.state.site(id).cloned() {
                self.site(id, &site);
            }
        }
        for id in self.state.news.loops.take() {
            self.live_loop(id);
        }
        let written = core::mem::take(&mut self.state.news.written);
        let open = written.into_iter().filter(|written| !self.written(written)).collect();
        self.state.news.written = open;
        self.destinations
    }

    /// A run that nothing can save goes nowhere but to the initiator.
    fn only_the_end(mut self) -> Destinations {
        self.state.news = News::default();
        let root = ActId(0);
        if let Some(site) = self.state.site(root).cloned() {
            self.site(root, &site);
        }
        self.destinations
    }

    fn site(&mut self, id: ActId, site: &Site) {
        match site.kind {
            SiteKind::Placed => self.placed(id, site),
            SiteKind::Pure => {
                let (home, relays) = self.state.home(self.state.at(id));
                let reached = self.state.act(id).reached;
                if home == self.state.me {
                    self.reader_reports(id, site, reached);
                } else if self.waits_for_all(id, site, reached) {
                    self.elsewhere_waits(id, site, reached);
                } else {
                    self.tell(id, home, relays, site.cause);
                }
            }
            SiteKind::HalfFailed => {
                let (home, relays) = self.state.home(self.state.at(id));
                self.tell(id, home, relays, site.cause);
            }
            SiteKind::Final => {
                let initiator = self.state.header.header.initiator;
                let relays = self.state.initiator_relays();
                self.tell(id, initiator, relays, site.cause);
            }
            SiteKind::Live | SiteKind::Never => {}
        }
    }

    fn placed(&mut self, id: ActId, site: &Site) {
        let Some(placed) = self.state.placed(id) else { return };
        let (peer, base) = (placed.peer, placed.cause);
        if peer == self.state.me {
            return self.reader_reports(id, site, base);
        }
        if self.waits_for_all(id, site, base) {
            return self.elsewhere_waits(id, site, base);
        }
        let relays = self.state.step_relays(id);
        let mut causes = Vec::new();
        if let Some((stream, path, _)) = site.elements {
            let announced = self.state.placed(id).map_or(0, |placed| placed.announced);
            let instance = self.state.streams.get(&(stream, path));
            let count = instance.map_or(0, Instance::len);
            let elements = instance.map_or(&[][..], |instance| &instance.elements);
            causes.extend(elements.iter().skip(announced as usize).map(|element| element.cause));
            if let Some(placed) = self.state.placed_mut(id) {
                placed.announced = count;
            }
        }
        self.tell(id, peer, relays.clone(), site.cause);
        for cause in causes {
            let cause = self.state.causes.all([site.cause, cause]);
            self.tell(id, peer, relays.clone(), cause);
        }
    }

    /// Tells a peer, if it is news there and nobody else's duty.
    fn tell(&mut self, id: ActId, peer: PeerId, relays: Vec<PeerId>, cause: CauseId) {
        if peer == self.state.me {
            return;
        }
        self.learn(peer);
        if !self.is_news(&peer, cause) {
            return;
        }
        // That a step is reached is said at once; what it reads may come the way the program says.
        let base = self.state.placed(id).map_or(self.state.act(id).reached, |step| step.cause);
        let reached = !self.is_news(&peer, base);
        self.learn_carriers(cause);
        if reached && self.is_carried_on(&peer, cause, base) {
            return;
        }
        if self.is_mine(cause) || self.is_carried_here(&peer, cause, base) {
            self.need(peer, relays, self.state.act(id).node);
        }
    }

    fn need(&mut self, peer: PeerId, relays: Vec<PeerId>, why: NodeId) {
        if peer != self.state.me {
            self.destinations.or_insert(peer, || Destination { relays, why });
        }
    }

    /// Before anything is asked about a peer.
    fn learn(&mut self, peer: PeerId) {
        self.knowledge.learn(peer, self.history, &self.state.values);
    }

    fn learn_carriers(&mut self, cause: CauseId) {
        let parts = self.state.causes.parts(&cause).iter();
        let carriers: Vec<PeerId> = parts.filter_map(|part| self.carrier(*part)).collect();
        carriers.into_iter().for_each(|carrier| self.learn(carrier));
    }

    /// Whether the peer does not see it so already.
    fn is_news(&self, peer: &PeerId, cause: CauseId) -> bool {
        debug_assert!(self.knowledge.is_learned(peer, self.history), "learn before you ask");
        self.knowledge.get(peer).is_none_or(|other| !self.state.causes.covered(cause, &other.told))
    }

    /// What the header alone leads to is seen by everybody who has anything to say about it.
    fn is_seen_by_all(&self, cause: CauseId) -> bool {
        self.state.causes.covered(cause, &Numbers::new())
    }

    /// Whether no single frame that this peer received showed it: then its sender, or whoever
    /// told the sender, had the duty.
    fn is_mine(&self, cause: CauseId) -> bool {
        !self.knowledge.shown().any(|shown| self.state.causes.covered(cause, shown))
    }

    /// Whether a step waits for other branches, and nothing is there yet of what they write. Its
    /// peer has nothing to do for it: whoever has something for it, or the meeting place, tells it.
    /// Of what is brought nobody needs to know that it is waited for.
    fn waits_for_all(&self, id: ActId, site: &Site, base: CauseId) -> bool {
        let known = self.state.causes.parts(&base);
        let is_input = |part: &CauseId| *part != CauseId::START && !known.contains(part);
        if self.state.causes.parts(&site.cause).iter().any(is_input) {
            return false;
        }
        if let Some((stream, path, need)) = site.elements {
            let instance = self.state.streams.get(&(stream, path));
            if need == 0 || instance.is_some_and(|instance| !instance.elements.is_empty()) {
                return false;
            }
        }
        let node = self.state.act(id).node;
        let mut waited = waited(site).peekable();
        waited.peek().is_some()
            && waited.all(|(variable, _)| {
                let facts = self.state.program.facts().variable(variable);
                let meets = facts.concurrent.binary_search(&node).is_ok();
                (meets && !facts.meetings.is_empty()) || facts.brought.binary_search(&node).is_ok()
            })
    }

    /// A step of another peer waits so: whoever sees it first says that at the meeting place.
    fn elsewhere_waits(&mut self, id: ActId, site: &Site, cause: CauseId) {
        if self.is_mine(cause) {
            self.reader_reports(id, site, cause);
        }
    }

    /// A step waits for what another branch writes: the meeting place must know that it waits.
    fn reader_reports(&mut self, id: ActId, site: &Site, cause: CauseId) {
        for (variable, _) in waited(site) {
            self.reader_waits(id, variable, cause);
        }
    }

    fn reader_waits(&mut self, id: ActId, variable: Variable, cause: CauseId) {
        let (node, path) = self.state.at(id);
        let program = self.state.program.clone();
        let facts = program.facts().variable(variable);
        if self.is_seen_by_all(cause) || facts.concurrent.binary_search(&node).is_err() {
            return;
        }
        for meeting in &facts.meetings {
            let (peer, relays) = self.state.home_from(*meeting, path);
            self.learn(peer);
            if peer != self.state.me && self.is_news(&peer, cause) {
                self.need(peer, relays, node);
            }
        }
    }

    /// Elements wait here until an iteration elsewhere is over: the home of their loop must know of
    /// both, because nobody else may.
    fn in_order_reports(&mut self, id: ActId, home: PeerId, relays: &[PeerId]) {
        let (waiting, over) = self.state.open_in_order(id);
        self.learn(home);
        for element in waiting {
            if !self.is_seen_by_all(element) && self.is_news(&home, element) {
                self.need(home, relays.to_vec(), self.state.act(id).node);
            }
        }
        if let Some(over) = over {
            self.tell(id, home, relays.to_vec(), over);
        }
    }

    /// An iteration is over: at home it is known who may have waited for that.
    fn in_order_goes_on(&mut self, id: ActId) {
        let (_, Some(over)) = self.state.open_in_order(id) else { return };
        for (step, place) in self.state.unsure_in_order(id) {
            self.learn(place);
            if place != self.state.me && self.is_news(&place, over) {
                let relays = self.state.step_relays(step);
                self.need(place, relays, self.state.act(step).node);
            }
        }
    }

    fn live_loop(&mut self, id: ActId) {
        let cause = self.state.act(id).reached;
        let (home, relays) = self.state.home(self.state.at(id));
        if home != self.state.me {
            self.in_order_reports(id, home, &relays);
            return self.tell(id, home, relays, cause);
        }
        self.in_order_goes_on(id);
        let stream =
            self.state.program.program().node(self.state.act(id).node).and_then(Node::used_stream);
        if let Some(stream) = stream {
            self.reader_waits(id, Variable::Stream(stream), cause);
        }
    }

    /// A value that was written in one branch and is read in another: its meeting place must know
    /// of it, unless the readers get it anyway. Whether there is nothing more to do for it.
    fn written(&mut self, written: &Written) -> bool {
        let Written { variable, path, cause } = *written;
        if self.is_seen_by_all(cause) {
            return true;
        }
        let program = self.state.program.clone();
        let facts = program.facts().variable(variable);
        let mut untold: Vec<(PeerId, Vec<PeerId>, NodeId)> = Vec::new();
        for meeting in &facts.meetings {
            let (peer, relays) = self.state.home_from(*meeting, path);
            self.learn(peer);
            if peer != self.state.me && self.is_news(&peer, cause) {
                untold.push((peer, relays, *meeting));
            }
        }
        untold.retain(|(peer, ..)| {
            !self.is_brought_here(peer, cause)
                || facts.concurrent.iter().any(|reader| self.waits(*reader, variable))
        });
        if untold.is_empty() || facts.concurrent.iter().all(|reader| self.is_reached(*reader, path))
        {
            return true;
        }
        let open = self.state.sites().filter_map(|(_, site)| site.place).collect::<Vec<_>>();
        open.into_iter().for_each(|place| self.learn(place));
        self.learn_carriers(cause);
        let served = |reader: &NodeId| {
            self.is_reached(*reader, path) || self.comes_by_itself(*reader, path, cause)
        };
        untold.retain(|(peer, ..)| !self.is_carried_on(peer, cause, CauseId::START));
        if untold.is_empty() {
            return true;
        }
        if facts.concurrent.iter().all(served) {
            return false;
        }
        for (peer, relays, meeting) in untold {
            self.need(peer, relays, meeting);
        }
        true
    }

    /// Whether a reader's instance is started here and gets what was written as an input of its
    /// own step, or can be started nowhere any more. One that waits for something else first does
    /// not show what it has.
    fn is_reached(&self, reader: NodeId, path: PathId) -> bool {
        let depth = self.state.program.facts().loop_depth(reader);
        let own = self.state.paths.prefix(path, depth);
        match self.state.act_at((reader, own)) {
            Some(id) if depth <= self.state.paths.depth(path) => {
                self.state.site(id).is_none_or(|site| site.kind != SiteKind::Pure)
            }
            Some(_) | None => self.state.is_never_read_by(reader, path),
        }
    }

    /// To whom the program itself says that the particle goes on with something: the place of a
    /// visit that follows it at once. That peer takes over what is to be said about it.
    fn carrier(&self, cause: CauseId) -> Option<PeerId> {
        let visits = self.state.visits.get(&cause)?;
        let first = visits.iter().copied().reduce(|a, b| if self.is_before(b, a) { b } else { a });
        self.state.placed(first?).map(|placed| placed.peer)
    }

    /// Of several visits to which one turn leads, all peers must take the same for what carries it
    /// on, in whatever order they came to know them.
    fn is_before(&self, a: ActId, b: ActId) -> bool {
        let nodes = self.state.act(a).node.cmp(&self.state.act(b).node);
        nodes.then_with(|| self.state.position(a).path.cmp(&self.state.position(b).path)).is_lt()
    }

    /// Whether everything that is new about it for a peer is carried on by others, from whom this
    /// peer does not have it: one that brought it here has told what it saw. Who carries it on must
    /// see whom it concerns and that it is there: have `base` and what else the cause consists of,
    /// or get it now together with what it is to carry.
    fn is_carried_on(&self, peer: &PeerId, cause: CauseId, base: CauseId) -> bool {
        self.new_parts(peer, &cause).all(|part| {
            self.carrier(part).is_some_and(|carrier| {
                let others = carrier != self.state.me && carrier != *peer;
                let leaves_now = || self.is_news(&carrier, part) && self.is_mine(part);
                let sees = || self.sees_all_but(&carrier, part, cause, base) || leaves_now();
                others && !self.is_brought_by(&carrier, part) && sees()
            })
        })
    }

    /// Whether a peer that is brought this part of a cause has the base and all other parts.
    fn sees_all_but(&self, peer: &PeerId, part: CauseId, cause: CauseId, base: CauseId) -> bool {
        !self.is_news(peer, base) && self.new_parts(peer, &cause).all(|new| new == part)
    }

    fn is_brought_by(&self, peer: &PeerId, cause: CauseId) -> bool {
        let shown = self.knowledge.get(peer).and_then(|other| other.shown.as_ref());
        shown.is_some_and(|shown| self.state.causes.covered(cause, shown))
    }

    /// Whether everything that is new about it for a peer was carried here, as the program says.
    fn is_brought_here(&self, peer: &PeerId, cause: CauseId) -> bool {
        self.new_parts(peer, &cause).all(|part| self.carrier(part) == Some(self.state.me))
    }

    /// Whether a reader waits for what is written. A snapshot does not wait for elements: it takes
    /// what is there, so what the program carries somewhere itself goes no further for its sake.
    fn waits(&self, reader: NodeId, variable: Variable) -> bool {
        let node = self.state.program.program().node(reader);
        !matches!((node, variable), (Some(Node::Snapshot { .. }), Variable::Stream(_)))
    }

    /// Whether something that it reads, beyond that it is reached, is new and was carried here.
    fn is_carried_here(&self, peer: &PeerId, cause: CauseId, base: CauseId) -> bool {
        let reached = self.state.causes.parts(&base);
        self.new_parts(peer, &cause)
            .any(|part| !reached.contains(&part) && self.carrier(part) == Some(self.state.me))
    }

    fn new_parts<'b>(
        &'b self,
        peer: &'b PeerId,
        cause: &'b CauseId,
    ) -> impl Iterator<Item = CauseId> + 'b {
        let parts = self.state.causes.parts(cause).iter().copied();
        parts.filter(|part| self.is_news(peer, *part))
    }

    /// Whether a reader comes in sequence after an open step whose peer has, or now gets, what
    /// was written. What follows a step of one iteration follows those of the others only if they
    /// come one after the other.
    fn comes_by_itself(&self, reader: NodeId, path: PathId, cause: CauseId) -> bool {
        let depth = self.state.paths.depth(path);
        let serves = |id: ActId| self.state.is_in_sequence(self.state.act(id).node, depth);
        let open = self.state.sites().filter(|(_, site)| site.kind == SiteKind::Placed);
        open.filter(|(id, _)| serves(*id)).any(|(id, site)| {
            site.place.is_some_and(|place| {
                place == self.state.me
                    || self.destinations.contains(&place)
                    || !self.is_news(&place, cause)
            }) && self.state.comes_after(self.state.act(id).node, reader)
        })
    }
}

/// The variables that a step waits for, each with its instance.
fn waited(site: &Site) -> impl Iterator<Item = (Variable, PathId)> {
    let slots = site.missing.iter().map(|(slot, path)| (Variable::Slot(*slot), *path));
    let stream = site.elements.iter().map(|(stream, path, _)| (Variable::Stream(*stream), *path));
    slots.chain(stream)
}

impl State {
    /// The peer at which control is at home at a node, with the relays to it.
    pub(crate) fn home(&mut self, at: (NodeId, PathId)) -> (PeerId, Vec<PeerId>) {
        self.home_from(at.0, at.1)
    }

    /// The relays to the place of a step.
    pub(crate) fn step_relays(&self, id: ActId) -> Vec<PeerId> {
        let at = self.at(id);
        let place = self.program.program().node(at.0).and_then(Node::place);
        place.map_or_else(|| self.initiator_relays(), |place| self.relays(at, place))
    }

    /// The same, for a path that may go deeper than the node. A home that cannot be told is that
    /// of the node above.
    pub(crate) fn home_from(&mut self, node: NodeId, path: PathId) -> (PeerId, Vec<PeerId>) {
        let program = self.program.clone();
        for node in program.ancestors(node) {
            let Some(place) = program.home(node) else { break };
            let depth = program.facts().loop_depth(node);
            let at = (node, self.paths.prefix(path, depth));
            if let Ok(peer) = self.peer_of(at, place, &mut Trace::default()) {
                let relays = self.relays(at, place);
                if peer == self.me && self.my_relays.is_none() {
                    self.my_relays = Some(relays.clone()); // It may have no step of its own.
                }
                return (peer, relays);
            }
        }
        (self.header.header.initiator, self.initiator_relays())
    }
}
