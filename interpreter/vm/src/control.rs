//! What each node does when it starts or when something it waited for has come, and what it does
//! when a child is done. Only control is here; loops and steps at places have files of their own.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use aquac_ir::{
    Digest, Expr, ExprId, Fault, FaultCode, MatchKind, Node, NodeId, SlotId, StreamId, Value,
};

use crate::activation::{ActId, Phase, Site, SiteKind};
use crate::cause::CauseId;
use crate::datum::{Datum, DatumSalt, Holder};
use crate::eval::{Stop, Trace, name_of, not_bool};
use crate::failure::{Failure, thrown_fault};
use crate::few::Acts;
use crate::lens;
use crate::state::State;
use crate::stream::Instance;

impl State {
    /// An activation starts, or something that it waited for has come.
    pub(crate) fn look(&mut self, id: ActId) {
        if self.act(id).phase != Phase::Waiting {
            return;
        }
        let node_id = self.act(id).node;
        let program = self.program.clone();
        let Some(node) = program.program().node(node_id) else { return };
        let reached = self.act(id).reached;
        match node {
            Node::Seq(0) | Node::Par(0) | Node::Null => self.complete(id, reached),
            Node::Seq(_) | Node::Try { .. } | Node::Scope { .. } => {
                self.spawn_child(id, NodeId(node_id.0 + 1), reached);
            }
            Node::Par(_) => {
                let children: Vec<NodeId> = program.children(node_id).collect();
                for child in children.into_iter().rev() {
                    self.spawn_child(id, child, reached);
                }
            }
            Node::If { condition } => self.look_if(id, *condition),
            Node::Match { kind, left, right } => self.look_match(id, *kind, *left, *right),
            Node::Never => self.show_site(id, Site::new(SiteKind::Never, reached)),
            Node::Fail { error } => self.look_fail(id, *error),
            Node::Let { slot, expr } => self.look_let(id, *slot, *expr),
            Node::Push { stream, key, value } => self.look_push(id, *stream, *key, *value),
            Node::For { iterable, .. } => self.look_for(id, *iterable),
            Node::Next { of } => self.look_next(id, *of),
            Node::Call { .. }
            | Node::Snapshot { .. }
            | Node::Await { .. }
            | Node::Visit { .. }
            | Node::Return { .. } => self.look_step(id, node),
        }
    }

    /// Starts a child in the same iteration, unless it was started before.
    pub(crate) fn spawn_child(&mut self, parent: ActId, child: NodeId, reached: CauseId) {
        let act = self.act(parent);
        let (path, level) = (act.path, act.level);
        if self.act_at((child, path)).is_none() {
            self.spawn(child, path, Some(parent), reached, level);
        }
    }

    /// The cause of what an evaluation has read, together with that of the activation.
    pub(crate) fn read_cause(&mut self, id: ActId, trace: &Trace) -> CauseId {
        let reached = self.act(id).reached;
        self.causes.all(trace.causes.iter().copied().chain([reached]))
    }

    fn look_if(&mut self, id: ActId, condition: ExprId) {
        let mut trace = Trace::default();
        let result = self.evaluate_value(self.at(id), condition, &mut trace);
        let cause = self.read_cause(id, &trace);
        match result {
            Ok(Value::Bool(holds)) => {
                let node = self.act(id).node;
                let mut arms = self.program.children(node);
                let arm = if holds { arms.next() } else { arms.nth(1) };
                drop(arms);
                self.clear_site(id);
                if let Some(arm) = arm {
                    self.spawn_child(id, arm, cause);
                }
            }
            Ok(other) => self.stop(id, Stop::Fault(not_bool(&other)), cause),
            Err(stop) => self.stop(id, stop, cause),
        }
    }

    fn look_match(&mut self, id: ActId, kind: MatchKind, left: ExprId, right: ExprId) {
        let mut trace = Trace::default();
        let at = self.at(id);
        let sides = self
            .evaluate_value(at, left, &mut trace)
            .and_then(|left| Ok((left, self.evaluate_value(at, right, &mut trace)?)));
        let cause = self.read_cause(id, &trace);
        let (code, text) = match (sides, kind) {
            (Err(stop), _) => return self.stop(id, stop, cause),
            (Ok((left, right)), MatchKind::Equal) if left != right => {
                (FaultCode::MatchDifferent, "compared values do not match")
            }
            (Ok((left, right)), MatchKind::Different) if left == right => {
                (FaultCode::MismatchEqual, "compared values do not mismatch")
            }
            (Ok(_), MatchKind::Equal | MatchKind::Different) => {
                self.clear_site(id);
                return self.spawn_child(id, NodeId(at.0.0 + 1), cause);
            }
        };
        self.stop(id, Stop::Fault(Fault::new(code, text)), cause);
    }

    fn look_fail(&mut self, id: ActId, error: ExprId) {
        let mut trace = Trace::default();
        let result = self.evaluate_value(self.at(id), error, &mut trace);
        let cause = self.read_cause(id, &trace);
        let stop = result.map_or_else(|stop| stop, |object| Stop::Fault(thrown_fault(&object)));
        self.stop(id, stop, cause);
    }

    fn look_let(&mut self, id: ActId, slot: SlotId, expr: ExprId) {
        let mut trace = Trace::default();
        let result = self.evaluate(self.at(id), expr, &mut trace);
        let cause = self.read_cause(id, &trace);
        match result {
            Ok(datum) => {
                let path = self.act(id).path;
                let whence = datum.whence.bound();
                self.write(slot, path, Datum { whence, ..datum }, cause);
                self.complete(id, cause);
            }
            Err(Stop::Absent(Some(lacks))) if !self.program.facts().is_fallible(expr) => {
                // Control goes on without the value; a step that needs it is not this peer's.
                let path = self.act(id).path;
                self.late.or_insert(lacks, Acts::new).insert(id);
                self.write(slot, path, Datum::late(lacks, Holder::Slot(slot, path)), cause);
                self.complete(id, cause);
            }
            Err(stop) => self.stop(id, stop, cause),
        }
    }

    fn look_push(&mut self, id: ActId, stream: StreamId, key: Option<ExprId>, value: ExprId) {
        let mut trace = Trace::default();
        let result = self.element(id, key, value, &mut trace);
        let cause = self.read_cause(id, &trace);
        let datum = match result {
            Ok(Ok(datum)) => {
                let whence = datum.whence.bound();
                Datum { whence, ..datum }
            }
            Ok(Err(lacks)) => {
                let (stream, path) = self.instance_key(stream, self.act(id).path);
                let number = self.streams.get(&(stream, path)).map_or(0, Instance::len);
                let holder = Holder::Element(stream, path, number);
                self.late.or_insert(lacks, Acts::new).insert(id);
                self.late_elements.insert(id, holder);
                Datum::late(lacks, holder)
            }
            Err(stop) => return self.stop(id, stop, cause),
        };
        self.complete(id, cause);
        self.push_element(stream, id, datum, cause);
    }

    /// What is pushed, or the digest of the bytes without which it cannot be computed, although
    /// it is certain that it can with them.
    fn element(
        &self,
        id: ActId,
        key: Option<ExprId>,
        value: ExprId,
        trace: &mut Trace,
    ) -> Result<Result<Datum, Digest>, Stop> {
        let at = self.at(id);
        let datum = match self.evaluate(at, value, trace) {
            Ok(datum) => datum,
            Err(Stop::Absent(Some(lacks))) if !self.program.facts().is_fallible(value) => {
                Datum::late(lacks, Holder::Slot(SlotId(u32::MAX), at.1))
            }
            Err(stop) => return Err(stop),
        };
        let lacks = datum.lacks().filter(|_| datum.value.is_none());
        let Some(key) = key else {
            // Something of which only the digest is known goes as it is.
            let known = datum.value.is_some() || datum.digest.is_some();
            return Ok(lacks.filter(|_| !known).map_or(Ok(datum), Err));
        };
        let named = key;
        let key = self.evaluate_value(at, key, trace)?;
        lens::check_key(&key, || name_of(self, named))?;
        let Some(value) = &datum.value else { return lacks.map(Err).ok_or(Stop::Absent(None)) };
        let salt = datum.salt().map_or(DatumSalt::Absent, |salt| DatumSalt::Item(salt, 0));
        let value = Some(lens::pair(&key, value)?);
        Ok(Ok(Datum { value, salt, digest: None, ..datum }))
    }

    /// Computes late values whose bytes have come; what still lacks others waits for those.
    pub(crate) fn compute_late(&mut self, digest: &Digest) {
        let Some(open) = self.late.get_mut(digest) else { return };
        let mut open: Vec<ActId> = open.take().collect();
        let mut progress = true;
        while core::mem::take(&mut progress) && !open.is_empty() {
            let mut still: Vec<(ActId, Digest)> = Vec::new();
            for id in open {
                match self.late_value(id) {
                    Ok(()) => progress = true,
                    Err(lacks) => still.push((id, lacks)),
                }
            }
            open = still.iter().map(|(id, _)| *id).collect();
            if !progress {
                for (id, lacks) in still {
                    self.late.or_insert(lacks, Acts::new).insert(id);
                }
            }
        }
    }

    /// Computes a late value, or says what it lacks.
    fn late_value(&mut self, id: ActId) -> Result<(), Digest> {
        let program = self.program.clone();
        let (at, mut trace) = (self.at(id), Trace::default());
        self.work.events += 1;
        let (result, holder) = match program.program().node(at.0) {
            Some(Node::Let { slot, expr }) => {
                let result = self.evaluate(at, *expr, &mut trace).map(Ok);
                (result, Holder::Slot(*slot, at.1))
            }
            Some(Node::Push { key, value, .. }) => match self.late_elements.get(&id).copied() {
                Some(holder) => (self.element(id, *key, *value, &mut trace), holder),
                None => return Ok(()),
            },
            Some(_) | None => return Ok(()),
        };
        let datum = match result {
            Ok(Ok(datum)) => datum,
            Ok(Err(lacks)) | Err(Stop::Absent(Some(lacks))) => Datum::late(lacks, holder),
            Err(_) => return Ok(()),
        };
        let lacks = datum.late.as_ref().map(|late| late.lacks);
        self.hold(holder, datum);
        lacks.map_or(Ok(()), Err)
    }

    fn hold(&mut self, holder: Holder, datum: Datum) {
        let place = match holder {
            Holder::Slot(slot, path) => {
                self.cells.get_mut(&(slot, path)).and_then(|cell| cell.datum.as_mut())
            }
            Holder::Element(stream, path, number) => self
                .streams
                .get_mut(&(stream, path))
                .and_then(|instance| instance.elements.get_mut(number as usize))
                .map(|element| &mut element.datum),
        };
        if let Some(place) = place {
            *place = datum;
        }
    }

    /// What a holder holds now.
    pub(crate) fn held(&self, holder: Holder) -> Option<&Datum> {
        match holder {
            Holder::Slot(slot, path) => self.cells.get(&(slot, path))?.datum.as_ref(),
            Holder::Element(stream, path, number) => {
                let instance = self.streams.get(&(stream, path))?;
                instance.elements.get(number as usize).map(|element| &element.datum)
            }
        }
    }

    /// A child is complete or has failed.
    pub(crate) fn child_done(&mut self, parent: ActId, child: ActId) {
        let program = self.program.clone();
        let Some(node) = program.program().node(self.act(parent).node) else { return };
        match node {
            Node::Seq(_) => self.seq_goes_on(parent, child),
            Node::Par(count) => self.par_goes_on(parent, child, *count),
            Node::Try { error } => self.try_goes_on(parent, child, *error),
            Node::For { .. } => self.for_goes_on(parent, child),
            Node::If { .. } | Node::Match { .. } | Node::Scope { .. } | Node::Next { .. } => {
                self.follow(parent, child);
            }
            Node::Never
            | Node::Null
            | Node::Fail { .. }
            | Node::Call { .. }
            | Node::Let { .. }
            | Node::Push { .. }
            | Node::Snapshot { .. }
            | Node::Await { .. }
            | Node::Visit { .. }
            | Node::Return { .. } => {}
        }
    }

    /// The parent ends as the child did.
    pub(crate) fn follow(&mut self, parent: ActId, child: ActId) {
        let child = self.act(child);
        let (phase, done, level) = (child.phase.clone(), child.done, child.level_out);
        self.finish(parent, phase, done, level);
    }

    fn seq_goes_on(&mut self, parent: ActId, child: ActId) {
        let (node, next) = (self.act(parent).node, self.program.end(self.act(child).node));
        let more = next < self.program.end(node);
        if self.act(child).phase != Phase::Complete || !more {
            return self.follow(parent, child);
        }
        let (path, done, level) =
            (self.act(parent).path, self.act(child).done, self.act(child).level_out);
        if self.act(parent).phase == Phase::Waiting && self.act_at((next, path)).is_none() {
            self.spawn(next, path, Some(parent), done, level);
        }
    }

    fn par_goes_on(&mut self, parent: ActId, child: ActId, count: u32) {
        if self.act(child).phase == Phase::Complete {
            return self.one_way_done(parent, child);
        }
        self.one_way_failed(parent, child);
        if self.act(parent).failed < count {
            return self.half_failed(parent);
        }
        let node = self.act(parent).node;
        let children: Vec<ActId> =
            self.program.children(node).filter_map(|child| self.beside(parent, child)).collect();
        let level = children.iter().map(|child| self.act(*child).level_out).max().unwrap_or(0);
        if let Some(last) = children.last() {
            let (phase, done) = (self.act(*last).phase.clone(), self.act(parent).partial);
            self.finish(parent, phase, done, level);
        }
    }

    /// A branch is complete: so is the whole, if it was not before; else there is one more reason
    /// why it is, and perhaps a lower level behind it.
    pub(crate) fn one_way_done(&mut self, parent: ActId, child: ActId) {
        let (done, level) = (self.act(child).done, self.act(child).level_out);
        match self.act(parent).phase {
            Phase::Waiting => {
                let any = self.causes.any(done);
                self.finish(parent, Phase::Complete, any, level);
            }
            Phase::Complete => {
                let any = self.act(parent).done;
                self.causes.or(any, done);
                if level < self.act(parent).level_out {
                    self.act_mut(parent).level_out = level;
                    self.levels_fell = true;
                }
            }
            Phase::Failed(_) => {}
        }
    }

    /// A branch has failed: remembers how many and why.
    pub(crate) fn one_way_failed(&mut self, parent: ActId, child: ActId) {
        let done = self.act(child).done;
        let partial = self.act(parent).partial;
        let partial = self.causes.all([partial, done]);
        let act = self.act_mut(parent);
        act.failed += 1;
        act.partial = partial;
    }

    /// Some branches have failed and none is complete: the peers of the others must know.
    pub(crate) fn half_failed(&mut self, parent: ActId) {
        if self.act(parent).phase == Phase::Waiting {
            let cause = self.act(parent).partial;
            self.show_site(parent, Site::new(SiteKind::HalfFailed, cause));
        }
    }

    fn try_goes_on(&mut self, parent: ActId, child: ActId, error: Option<SlotId>) {
        let (node, body) = (self.act(parent).node, self.act(child).node);
        let handler = self.program.end(NodeId(node.0 + 1));
        let Phase::Failed(failure) = self.act(child).phase.clone() else {
            return self.follow(parent, child);
        };
        if body == handler || !failure.code.catchable() {
            return self.follow(parent, child);
        }
        let (path, done, level) =
            (self.act(parent).path, self.act(child).done, self.act(child).level_out);
        if let Some(slot) = error {
            let whence = failure.whence.clone();
            let datum = Datum { whence, ..Datum::constant(failure.object()) };
            self.write(slot, path, datum, done);
        }
        if self.act_at((handler, path)).is_none() {
            self.spawn(handler, path, Some(parent), done, level);
        }
    }

    /// What a stop means as the failure of this activation.
    pub(crate) fn failure_of(&self, id: ActId, stop: Stop) -> Failure {
        let place = self.site(id).and_then(|site| site.place);
        let mut peer = place.unwrap_or(self.header.header.initiator);
        let mut instruction: Arc<str> = Arc::from(self.instruction(id));
        let whence = self.failure_whence(id, place);
        let fault = match stop {
            Stop::Fault(fault) => fault,
            Stop::Raised(fault, object) => {
                let text = |name| lens::field(&object, name).ok();
                if let Some(Value::Text(said)) = text("instruction") {
                    instruction = said;
                }
                if let Some(Value::Text(said)) = text("peer_id") {
                    peer = said.parse().unwrap_or(peer);
                }
                fault
            }
            Stop::Missing(_) | Stop::Absent(_) => {
                Fault::new(FaultCode::Undefined, "the value is not there")
            }
        };
        Failure {
            code: fault.code,
            message: Arc::from(fault.message),
            node: self.act(id).node,
            instruction,
            peer,
            whence,
        }
    }

    /// The step in short, the same on every peer.
    pub(crate) fn instruction(&self, id: ActId) -> String {
        let program = self.program.program();
        let constant = |expr: ExprId| match program.expr(expr) {
            Some(Expr::Const(id)) => program.constant(*id).map(ToString::to_string),
            Some(Expr::Named { name, .. }) => program.text(*name).map(ToString::to_string),
            Some(_) | None => None,
        };
        let shown = |expr: ExprId| constant(expr).unwrap_or_else(|| "_".to_string());
        match program.node(self.act(id).node) {
            Some(Node::Call { service, function, .. }) => {
                format!("call ({} {})", shown(*service), shown(*function))
            }
            Some(Node::Match { kind: MatchKind::Equal, left, right }) => {
                format!("match {} {}", shown(*left), shown(*right))
            }
            Some(Node::Match { kind: MatchKind::Different, left, right }) => {
                format!("mismatch {} {}", shown(*left), shown(*right))
            }
            Some(Node::Fail { error }) => format!("fail {}", shown(*error)),
            Some(Node::For { .. }) => "for".to_string(),
            Some(Node::If { .. }) => "if".to_string(),
            Some(Node::Let { .. }) => "let".to_string(),
            Some(Node::Push { .. }) => "push".to_string(),
            Some(Node::Snapshot { .. }) => "snapshot".to_string(),
            Some(Node::Await { .. }) => "await".to_string(),
            Some(Node::Visit { .. }) => "visit".to_string(),
            Some(Node::Return { .. }) => "return".to_string(),
            Some(
                Node::Seq(_)
                | Node::Par(_)
                | Node::Try { .. }
                | Node::Never
                | Node::Null
                | Node::Next { .. }
                | Node::Scope { .. },
            )
            | None => String::new(),
        }
    }
}
