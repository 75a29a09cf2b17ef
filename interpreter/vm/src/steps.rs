//! Steps at a place: calls, snapshots, awaits, visits and the return. A step is done when its
//! peer's record is there and fits what this run computes itself; at its own place it is done by
//! making that record.

use alloc::format;
use alloc::sync::Arc;
use alloc::vec::Vec;

use aquac_ir::{
    Digest, Expr, ExprId, Fact, Fault, FaultCode, Node, NodeId, Output, PeerId, PlaceId, SlotId,
    SnapshotForm, StreamId, Value,
};

use crate::activation::{ActId, Phase, Placed, Site, SiteKind};
use crate::arguments::{Arguments, arguments_digest, no_arguments};
use crate::cause::CauseId;
use crate::datum::Datum;
use crate::eval::{CellKey, Stop, Trace, name_of};
use crate::failure::Failure;
use crate::few::Acts;
use crate::path::PathId;
use crate::run::{Lie, PendingCall, Refuted};
use crate::state::{Event, Filed, State};
use crate::stream::Instance;
use crate::turn::{Record, RecordedFault};
use crate::whence::Whence;
use crate::{Position, SaltedValue};

impl State {
    /// Where an activation is, spelled out.
    pub(crate) fn position(&self, id: ActId) -> Position {
        let (node, path) = self.at(id);
        Position { node, path: self.paths.steps(path) }
    }

    pub(crate) fn look_step(&mut self, id: ActId, node: &Node) {
        let placed = match self.placed(id) {
            Some(placed) => placed.clone(),
            None => match self.find_place(id, node) {
                Some(placed) => placed,
                None => return,
            },
        };
        if let Some(verdict) = self.given_up(id, &placed) {
            // Nobody goes there, so nobody carries anything on.
            let reached = self.act(id).reached;
            self.visits.get_mut(&reached).into_iter().for_each(|visits| visits.remove(id));
            return self.apply(id, &verdict, Output::Nothing, Whence::Derived);
        }
        match node {
            Node::Call { args, output, .. } => self.look_call(id, &placed, args, *output),
            Node::Return { values } => self.look_return(id, &placed, values),
            Node::Snapshot { stream, form, slot, .. } => {
                self.look_snapshot(id, &placed, (*stream, *form, *slot), (None, placed.cause));
            }
            Node::Await { stream, count, slot, .. } => {
                let what = (*stream, SnapshotForm::Elements, *slot);
                if let Some(count) = self.look_count(id, *count) {
                    self.look_snapshot(id, &placed, what, (Some(count.0), count.1));
                }
            }
            Node::Visit { .. } => self.look_visit(id, &placed),
            Node::Seq(_)
            | Node::Par(_)
            | Node::Try { .. }
            | Node::If { .. }
            | Node::Match { .. }
            | Node::Never
            | Node::Null
            | Node::Fail { .. }
            | Node::Let { .. }
            | Node::Push { .. }
            | Node::For { .. }
            | Node::Next { .. }
            | Node::Scope { .. } => {}
        }
    }

    /// The peer, service and function of a step, once they are known; else the step stops.
    fn find_place(&mut self, id: ActId, node: &Node) -> Option<Placed> {
        let mut trace = Trace::default();
        let result = self.triplet(id, node, &mut trace);
        let cause = self.read_cause(id, &trace);
        match result {
            Ok((peer, service, function)) => {
                let placed = Placed { peer, cause, service, function, announced: 0 };
                self.place_step(id, placed.clone());
                if peer == self.me
                    && let Some(place) = node.place()
                {
                    self.my_relays = Some(self.relays(self.at(id), place));
                }
                Some(placed)
            }
            Err(stop) => {
                self.stop(id, stop, cause);
                None
            }
        }
    }

    fn triplet(
        &mut self,
        id: ActId,
        node: &Node,
        trace: &mut Trace,
    ) -> Result<(PeerId, Arc<str>, Arc<str>), Stop> {
        let at = self.at(id);
        let peer = match node.place() {
            Some(place) => self.peer_of(at, place, trace)?,
            None => self.header.header.initiator,
        };
        let Node::Call { service, function, .. } = node else {
            let nothing: Arc<str> = Arc::from("");
            return Ok((peer, nothing.clone(), nothing));
        };
        let service = self.text_of(at, *service, trace)?;
        Ok((peer, service, self.text_of(at, *function, trace)?))
    }

    fn text_of(
        &self,
        at: (NodeId, PathId),
        expr: ExprId,
        trace: &mut Trace,
    ) -> Result<Arc<str>, Stop> {
        let value = self.evaluate_value(at, expr, trace)?;
        if let Value::Text(text) = value {
            return Ok(text);
        }
        let name = name_of(self, expr);
        let text = format!(
            "call cannot resolve non-String triplet variable part `{name}` with value '{value}'"
        );
        Err(Fault::new(FaultCode::NotText, text).into())
    }

    /// The peer of a place.
    pub(crate) fn peer_of(
        &self,
        at: (NodeId, PathId),
        place: PlaceId,
        trace: &mut Trace,
    ) -> Result<PeerId, Stop> {
        if let Some(peer) = self.program.peer(place) {
            return Ok(peer);
        }
        let program = self.program.clone();
        let Some(place) = program.program().place(place) else {
            return Err(Stop::Missing(Vec::new()));
        };
        if let Some(Expr::Fact(Fact::Initiator)) = program.program().expr(place.peer) {
            return Ok(self.header.header.initiator);
        }
        let text = self.text_of(at, place.peer, trace)?;
        // A place that nobody can be at: the step waits for ever, as for a peer that never comes.
        text.parse().map_err(|_| Stop::Missing(Vec::new()))
    }

    /// The record of a step's peer, unless it cannot be true: it was made for other arguments than
    /// `mine`, if those can be told, or says that something failed that is no call.
    fn record_of(
        &mut self,
        id: ActId,
        placed: &Placed,
        mine: impl FnOnce() -> Option<Digest>,
    ) -> Option<Filed> {
        let record = self.filed(self.at(id)).filter(|filed| filed.author == placed.peer);
        let record = record.min_by_key(|filed| filed.at)?.clone();
        let node = self.program.program().node(self.act(id).node);
        let lie = if record.outcome.is_err() && !matches!(node, Some(Node::Call { .. })) {
            Lie::Failed
        } else if mine().is_none_or(|mine| mine == record.arguments) {
            return Some(record);
        } else {
            Lie::OtherArguments
        };
        let refuted = Refuted { position: self.position(id), author: record.author, lie };
        if !self.refuted.contains(&refuted) {
            self.refuted.push(refuted);
        }
        None
    }

    /// A step at a place waits.
    fn wait_at(&mut self, id: ActId, peer: PeerId, cause: CauseId, missing: Vec<CellKey>) {
        let place = Some(peer);
        self.show_site(id, Site { place, missing, ..Site::new(SiteKind::Placed, cause) });
    }

    /// Whether a step is this peer's to do now. While a log is followed, nothing is.
    fn does(&self, placed: &Placed) -> bool {
        placed.peer == self.me && !self.following
    }

    /// A step of this peer needs bytes that are not here.
    fn lacks_bytes(&mut self, id: ActId, digest: Option<Digest>) {
        self.wait_for_bytes(id, digest);
        if let Some(site) = self.site_mut(id) {
            site.absent = digest;
        }
    }

    fn look_call(&mut self, id: ActId, placed: &Placed, args: &[ExprId], output: Output) {
        // A call of this peer that was answered: what it was handed out with is known.
        if let Some(mine) = self.pending.get(&self.at(id)).copied().flatten()
            && let Some(record) = self.record_of(id, placed, || Some(mine))
        {
            return self.apply(id, &record, output, Whence::Result(id, None));
        }
        let Some(Arguments { data, missing, cause }) = self.arguments(id, placed, args) else {
            return;
        };
        if !missing.is_empty() {
            self.wait_for(id, &missing);
            return self.wait_at(id, placed.peer, cause, missing);
        }
        let mut proved = true;
        let mine = || {
            let mine = arguments_digest(&data);
            proved = mine.is_some();
            mine
        };
        if let Some(record) = self.record_of(id, placed, mine) {
            if !proved {
                self.unproved.push(self.position(id));
            }
            return self.apply(id, &record, output, Whence::Result(id, None));
        }
        self.wait_at(id, placed.peer, cause, Vec::new());
        if !self.does(placed) || self.pending.get(&self.at(id)).is_some_and(Option::is_some) {
            return;
        }
        if let Some(lacking) = data.iter().find(|datum| datum.value.is_none()) {
            return self.lacks_bytes(id, lacking.lacks());
        }
        let Some(mine) = arguments_digest(&data) else { return };
        self.pending.insert(self.at(id), Some(mine));
        let call = self.call(id, placed, &data);
        self.calls.push(PendingCall { position: self.position(id), call });
    }

    /// What a record says becomes so. An error waits for its message, which travels with it.
    fn apply(&mut self, id: ActId, record: &Filed, output: Output, whence: Whence) {
        let done = self.causes.turn(record.author, record.at.0);
        let at = self.at(id);
        if let Some(pending) = self.pending.get_mut(&at) {
            *pending = None;
        }
        let path = self.act(id).path;
        match record.outcome {
            Ok(digest) => {
                let datum = Datum::absent(Some(digest), whence);
                self.complete(id, done);
                match output {
                    Output::Nothing => {}
                    Output::Slot(slot) => self.write(slot, path, datum, done),
                    Output::Stream(stream) => self.push_element(stream, id, datum, done),
                }
            }
            Err(RecordedFault { code, message }) => {
                let said = self.values.get(&message).and_then(|salted| salted.value.as_text());
                let Some(said) = said.map(Arc::from) else {
                    self.wait_for_bytes(id, Some(message));
                    let site = Site {
                        place: Some(record.author),
                        absent: Some(message),
                        ..Site::new(SiteKind::Never, done)
                    };
                    return self.show_site(id, site);
                };
                let instruction = Arc::from(self.instruction(id));
                let node = self.act(id).node;
                let peer = record.author;
                let whence = Whence::Failed(id);
                let failure = Failure { code, message: said, node, instruction, peer, whence };
                self.fail(id, failure, done);
            }
        }
    }

    fn look_return(&mut self, id: ActId, placed: &Placed, values: &[ExprId]) {
        let Some(Arguments { data, missing, cause }) = self.arguments(id, placed, values) else {
            return;
        };
        if !missing.is_empty() {
            self.wait_for(id, &missing);
            return self.wait_at(id, placed.peer, cause, missing);
        }
        if let Some(record) = self.record_of(id, placed, || arguments_digest(&data)) {
            if self.returned.as_ref().is_none_or(|(at, _)| record.at < *at) {
                self.returned = Some((record.at, data));
            }
            return self.apply(id, &record, Output::Nothing, Whence::Derived);
        }
        self.wait_at(id, placed.peer, cause, Vec::new());
        let failed = self.fatal.is_some() || matches!(self.act(ActId(0)).phase, Phase::Failed(_));
        if !self.does(placed) || failed {
            return;
        }
        if let Some(lacking) = data.iter().find(|datum| datum.value.is_none()) {
            self.lacks_bytes(id, lacking.lacks());
        } else if let Some(mine) = arguments_digest(&data) {
            self.record_own(id, mine, Ok(mine));
        }
    }

    /// How many elements an await needs.
    fn look_count(&mut self, id: ActId, count: ExprId) -> Option<(u64, CauseId)> {
        let mut trace = Trace::default();
        let result = self.evaluate_value(self.at(id), count, &mut trace);
        let placed = self.placed(id).map_or(CauseId::START, |placed| placed.cause);
        let cause = self.causes.all(trace.causes.into_iter().chain([placed]));
        match result
            .map(|value| value.as_integer().and_then(|n| u64::try_from(n).ok()).ok_or(value))
        {
            Ok(Ok(count)) => return Some((count, cause)),
            Ok(Err(other)) => {
                let text = format!("the number of elements to wait for cannot be {other}");
                self.stop(id, Stop::Fault(Fault::new(FaultCode::WrongKind, text)), cause);
            }
            Err(stop) => self.stop(id, stop, cause),
        }
        None
    }

    fn look_snapshot(
        &mut self,
        id: ActId,
        placed: &Placed,
        (stream, form, slot): (StreamId, SnapshotForm, SlotId),
        (count, cause): (Option<u64>, CauseId),
    ) {
        let key = self.instance_key(stream, self.act(id).path);
        if let Some(record) = self.record_of(id, placed, || Some(no_arguments())) {
            if placed.peer == self.me {
                let content = self.content(key, count);
                self.check_snapshot(id, &record, key, &content, form);
                self.fix(key, content);
            }
            return self.apply(id, &record, Output::Slot(slot), Whence::Snapshot(id, None));
        }
        let have = self.streams.or_insert(key, Instance::default).elements.len() as u64;
        self.wait_at(id, placed.peer, cause, Vec::new());
        if let Some(site) = self.site_mut(id) {
            site.elements = count.map(|count| (key.0, key.1, count));
        }
        if count.is_some_and(|count| have < count) {
            self.streams.or_insert(key, Instance::default).awaiting.insert(id);
        } else if self.does(placed) {
            self.takeable.insert(id);
        }
    }

    /// Takes a snapshot of this peer, with all that is known.
    pub(crate) fn take_snapshot(&mut self, id: ActId) {
        let program = self.program.clone();
        let (stream, form) = match program.program().node(self.act(id).node) {
            Some(Node::Snapshot { stream, form, .. }) => (*stream, *form),
            Some(Node::Await { stream, .. }) => (*stream, SnapshotForm::Elements),
            Some(_) | None => return,
        };
        if self.act(id).phase != Phase::Waiting {
            return;
        }
        let key = self.instance_key(stream, self.act(id).path);
        let count = self.site(id).and_then(|site| site.elements).map(|(.., count)| count);
        let content = self.content(key, count);
        match self.snapshot_value(key, &content, form, self.position(id).name()) {
            Ok(value) => {
                let digest = value.digest();
                self.keep(digest, value);
                self.record_own(id, no_arguments(), Ok(digest));
            }
            Err(lacking) => self.lacks_bytes(id, lacking),
        }
    }

    /// When a log is checked: whether a snapshot holds what its peer had seen.
    fn check_snapshot(
        &mut self,
        id: ActId,
        record: &Filed,
        key: (StreamId, PathId),
        content: &[u32],
        form: SnapshotForm,
    ) {
        if !self.checking {
            return;
        }
        let value = self.snapshot_value(key, content, form, self.position(id).name());
        let verdict = value.ok().map(|value| Ok(value.digest()) == record.outcome);
        self.snapshots.push((self.position(id), verdict));
    }

    fn look_visit(&mut self, id: ActId, placed: &Placed) {
        let reached = self.act(id).reached;
        self.visits.or_insert(reached, Acts::new).insert(id);
        if let Some(record) = self.record_of(id, placed, || Some(no_arguments())) {
            return self.apply(id, &record, Output::Nothing, Whence::Derived);
        }
        self.wait_at(id, placed.peer, placed.cause, Vec::new());
        if self.does(placed) {
            let nothing = no_arguments();
            self.record_own(id, nothing, Ok(nothing));
        }
    }

    /// Keeps the bytes of a value that this peer makes.
    pub(crate) fn keep(&mut self, digest: Digest, value: SaltedValue) {
        self.values.refer(digest);
        if self.values.supply(digest, value) == Some(true) {
            self.bytes_came(&digest);
        }
    }

    /// Does a step of this peer: the record goes into the log, and the step looks again. The last
    /// record that the run allows is left for a call, which fails and says so.
    pub(crate) fn record_own(
        &mut self,
        id: ActId,
        arguments: Digest,
        outcome: Result<Digest, RecordedFault>,
    ) {
        let node = self.program.program().node(self.act(id).node);
        let kept = u32::from(!matches!(node, Some(Node::Call { .. })));
        if self.records_left() <= kept {
            return;
        }
        let position = self.position(id);
        let at = self.log.record(Record { position, arguments, outcome });
        let filed = Filed { author: self.me, at, arguments, outcome };
        self.add_filed(self.at(id), filed);
        self.work.records += 1;
        self.queue.push_front(Event::Look(id));
    }

    /// Files what a turn records, to whose values the history refers already; steps that waited
    /// for it look again.
    pub(crate) fn file(&mut self, author: PeerId, at: (u32, u32), record: &Record) {
        let Record { position, arguments, outcome } = record;
        let path = self.paths.intern(&position.path);
        let key = (position.node, path);
        if let Err(fault) = outcome {
            self.values.keep_for_all(&fault.message);
        }
        let filed = Filed { author, at, arguments: *arguments, outcome: *outcome };
        self.add_filed(key, filed);
        self.work.records += 1;
        if let Some(id) = self.act_at(key) {
            self.queue.push_back(Event::Look(id));
        }
    }
}
