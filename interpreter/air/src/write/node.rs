//! Nodes as instructions.

use alloc::vec::Vec;

use aquac_ir::{
    Expr, ExprId, MatchKind, Node, NodeId, Output, PlaceId, SlotId, SnapshotForm, StreamId,
    StreamKind,
};

use crate::ast::{Kind, Lens, Operand, Register, Variable, What};
use crate::write::branch::Exit;
use crate::write::code::Code;
use crate::write::expr::{map_variable, slot_variable};
use crate::write::place::{Location, hop};
use crate::write::{Writer, Written, text, variable, whole};

impl Writer<'_> {
    /// A node and everything below it. If it is at home elsewhere than its parent, an error leaves
    /// through the relays before anybody handles it.
    pub(super) fn block(&mut self, node: NodeId) -> Written<Code> {
        let home = self.location(self.verified.home(node));
        self.at_home(home, |writer| writer.node(node))
    }

    fn at_home(
        &mut self,
        home: Location,
        inside: impl FnOnce(&mut Self) -> Written<Code>,
    ) -> Written<Code> {
        if home == self.home {
            return inside(self);
        }
        let outer = core::mem::replace(&mut self.home, home.clone());
        let caught = self.caught.take();
        let code = inside(self)?;
        self.home = outer.clone();
        let mut back = self.leave(&home, &outer)?;
        if back.is_empty() {
            self.caught = caught;
            return Ok(code);
        }
        back.push(Code::rethrow());
        Ok(Code::xor(code, Code::seq(back)))
    }

    fn node(&mut self, id: NodeId) -> Written<Code> {
        let Some(node) = self.program.node(id) else { return Ok(Code::null()) };
        self.count(1)?;
        let mut out = Vec::new();
        match node {
            Node::Seq(_) => return self.seq(id),
            Node::Par(_) => return self.par(id),
            Node::Try { error } => return self.attempt(id, *error),
            Node::If { condition } => self.choice(id, *condition, &mut out)?,
            Node::Match { kind, left, right } => {
                let (left, right) = (self.value(*left, &mut out)?, self.value(*right, &mut out)?);
                let body = self.child(id, 0)?;
                out.push(match kind {
                    MatchKind::Equal => Code::matches(left, right, body),
                    MatchKind::Different => Code::mismatches(left, right, body),
                });
            }
            Node::Never => out.push(Code::leaf(What::Never)),
            Node::Null => {}
            Node::Fail { error } => {
                let thrown = match self.program.expr(*error) {
                    Some(Expr::Raise(error)) => self.raise(*error, &mut out)?,
                    Some(_) | None => self.thrown(*error, &mut out)?,
                };
                out.push(thrown);
            }
            Node::Call { .. } => self.call(id, node, &mut out)?,
            Node::Let { slot, expr } => self.assign(*slot, *expr, &mut out)?,
            Node::Push { stream, key, value } => {
                self.push(id, (*stream, *key, *value), &mut out)?
            }
            Node::Snapshot { place, stream, form, slot } => {
                self.snapshot(*place, *stream, *form, *slot, &mut out)?;
            }
            Node::Await { place, stream, count, slot } => {
                self.gate(*place, *stream, *count, *slot, &mut out)?;
            }
            Node::Visit { place } => {
                let place = self.location(Some(*place));
                let peer = self.go(&place, &mut out)?;
                out.push(hop(peer));
            }
            Node::For { .. } => self.repeat(id, &mut out)?,
            Node::Next { of } => {
                // The following iteration begins where this one began.
                if self.moves(*of) {
                    self.towards_home(&mut out)?;
                }
                out.extend(self.next(*of));
            }
            Node::Scope { streams } => {
                let body = self.child(id, 0)?;
                let fresh = |body, stream: &StreamId| Code::new(self.stream(*stream), body);
                out.push(streams.iter().rev().fold(body, fresh));
            }
            Node::Return { values } => self.give_back(values, &mut out)?,
        }
        Ok(Code::seq(out))
    }

    pub(super) fn child(&mut self, node: NodeId, number: usize) -> Written<Code> {
        match self.verified.children(node).nth(number) {
            Some(child) => self.block(child),
            None => Ok(Code::null()),
        }
    }

    /// Neighbours with one home share one way out.
    fn seq(&mut self, id: NodeId) -> Written<Code> {
        let mut steps = Vec::new();
        let mut children = self.verified.children(id).peekable();
        while let Some(child) = children.next() {
            let home = self.verified.home(child);
            let location = self.location(home);
            let mut group = alloc::vec![child];
            while let Some(next) = children.next_if(|next| self.verified.home(*next) == home) {
                group.push(next);
            }
            steps.push(self.at_home(location, |writer| {
                let codes: Written<Vec<Code>> =
                    group.into_iter().map(|child| writer.node(child)).collect();
                Ok(Code::seq(codes?))
            })?);
        }
        Ok(Code::seq(steps))
    }

    fn par(&mut self, id: NodeId) -> Written<Code> {
        let entry = self.here.clone();
        let children: Vec<NodeId> = self.verified.children(id).collect();
        let mut branches = Vec::new();
        let mut ends: Vec<Location> = Vec::new();
        for child in children {
            self.here = entry.clone();
            branches.push(self.branch(id, child)?);
            ends.push(self.here.clone());
        }
        let first = ends.first().cloned();
        let alike = ends.windows(2).all(|pair| pair.first() == pair.last());
        self.here = first.filter(|_| alike).unwrap_or_else(|| self.home.clone());
        Ok(Code::par(branches))
    }

    /// A branch with the way that leads out of it.
    pub(super) fn branch(&mut self, parallel: NodeId, branch: NodeId) -> Written<Code> {
        let exit = self.exit(parallel, branch);
        if let Exit::Report(_) = exit {
            self.waiting.extend(self.last_pushes(branch));
        }
        let caught = self.caught;
        self.branches += 1;
        let mut steps = alloc::vec![self.block(branch)?];
        self.branches -= 1;
        self.caught = caught;
        match exit {
            Exit::Nothing => {}
            Exit::Towards => self.towards_home(&mut steps)?,
            Exit::Report(parallels) => {
                for parallel in parallels {
                    let home = self.location(self.verified.home(parallel));
                    self.report(&home, &mut steps)?;
                }
                steps.append(&mut self.waited);
            }
        }
        Ok(Code::seq(steps))
    }

    fn attempt(&mut self, id: NodeId, error: Option<SlotId>) -> Written<Code> {
        self.caught = None;
        let mut body = alloc::vec![self.child(id, 0)?];
        let after_body = self.here.clone();
        // Whatever failed has come home.
        self.here = self.home.clone();
        self.caught = error;
        let mut handler = Vec::new();
        if let Some(slot) = error.filter(|slot| self.is_read(*slot)) {
            let error = Operand::Error(Register::Caught, None);
            handler.push(Code::ap(error, slot_variable(slot)));
        }
        handler.push(self.child(id, 1)?);
        // The inner error has been handled, so the outer one is gone.
        self.caught = None;
        self.meet(&mut body, after_body, &mut handler)?;
        Ok(Code::xor(Code::seq(body), Code::seq(handler)))
    }

    fn is_read(&self, slot: SlotId) -> bool {
        !self.verified.facts().slot(slot).readers.is_empty()
    }

    /// Lets two arms end at one place: that of the second is where control is.
    fn meet(
        &mut self,
        first: &mut Vec<Code>,
        first_end: Location,
        second: &mut Vec<Code>,
    ) -> Written<()> {
        if self.here == first_end {
            return Ok(());
        }
        self.towards_home(second)?;
        self.here = first_end;
        self.towards_home(first)
    }

    fn choice(&mut self, id: NodeId, condition: ExprId, out: &mut Vec<Code>) -> Written<()> {
        let chosen = self.chosen(condition, out)?;
        let item = self.fresh(Kind::Scalar)?;
        let entry = self.here.clone();
        self.caught = None;
        let mut then = alloc::vec![self.child(id, 0)?];
        let then_end = core::mem::replace(&mut self.here, entry);
        let mut otherwise = alloc::vec![self.child(id, 1)?];
        self.meet(&mut then, then_end, &mut otherwise)?;
        out.push(Code::choose(&chosen, item, Code::seq(then), Code::seq(otherwise)));
        Ok(())
    }

    fn call(&mut self, id: NodeId, node: &Node, out: &mut Vec<Code>) -> Written<()> {
        let Node::Call { place, service, function, args, output, .. } = node else { return Ok(()) };
        let service = self.name(*service, out)?;
        let function = self.name(*function, out)?;
        let args = self.arguments(args, out)?;
        let place = self.location(Some(*place));
        let peer = self.go(&place, out)?;
        let output = match output {
            Output::Nothing => None,
            Output::Slot(slot) => Some(slot_variable(*slot)),
            Output::Stream(stream) if self.waiting.contains(&id) => {
                let result = self.fresh(Kind::Scalar)?;
                self.waited.push(Code::ap(whole(result.clone()), self.stream(*stream)));
                Some(result)
            }
            Output::Stream(stream) => Some(self.stream(*stream)),
        };
        out.push(Code::leaf(What::Call { peer, service, function, args, output }));
        Ok(())
    }

    /// A frozen map goes as an object as it is.
    fn arguments(
        &mut self,
        args: &[ExprId],
        out: &mut Vec<Code>,
    ) -> Written<Vec<Operand<'static>>> {
        let mut argument = |writer: &mut Self, arg: &ExprId| match writer.program.expr(*arg) {
            Some(Expr::Grouped(of)) => match writer.map_slot(*of) {
                Some(map) => Ok(whole(map_variable(map))),
                None => writer.value(*arg, out),
            },
            Some(_) | None => writer.value(*arg, out),
        };
        args.iter().map(|arg| argument(self, arg)).collect()
    }

    fn assign(&mut self, slot: SlotId, expr: ExprId, out: &mut Vec<Code>) -> Written<()> {
        if let Some(Expr::Raise(error)) = self.program.expr(expr) {
            let raised = self.raise(*error, out)?;
            out.push(raised);
            return Ok(());
        }
        // Another name of a frozen map needs no variable.
        if self.map_slot(expr).is_none() {
            let value = self.applicable(expr, out)?;
            out.push(Code::ap(value, slot_variable(slot)));
        }
        Ok(())
    }

    fn push(
        &mut self,
        id: NodeId,
        (stream, key, value): (StreamId, Option<ExprId>, ExprId),
        out: &mut Vec<Code>,
    ) -> Written<()> {
        let waits = self.waiting.contains(&id);
        // Others may look at the stream wherever it grows, and be told past the relays.
        if self.branches > 0 && !waits {
            self.towards_home(out)?;
        }
        // What waits cannot fail any more.
        let value = if waits { self.plain(value, out)? } else { self.applicable(value, out)? };
        let to = self.stream(stream);
        let Some(key) = key else {
            let push = Code::ap(value, to);
            if waits {
                self.waited.push(push);
            } else {
                out.push(push);
            }
            return Ok(());
        };
        let mut key = if waits { self.plain(key, out)? } else { self.value(key, out)? };
        let fits = if let Operand::Variable(variable, lens) = &key {
            variable.kind == Kind::Scalar && *lens != Some(Lens::Length)
        } else {
            matches!(key, Operand::Text(_) | Operand::Int(_))
        };
        if !fits {
            let copy = self.fresh(Kind::Scalar)?;
            out.push(Code::ap(key, copy.clone()));
            key = whole(copy);
        }
        let put = Code::put(key, value, to);
        if waits {
            self.waited.push(put);
        } else {
            out.push(put);
        }
        Ok(())
    }

    fn snapshot(
        &mut self,
        place: PlaceId,
        stream: StreamId,
        form: SnapshotForm,
        slot: SlotId,
        out: &mut Vec<Code>,
    ) -> Written<()> {
        let place = self.location(Some(place));
        let peer = self.go(&place, out)?;
        let from = self.stream(stream);
        let is_map = from.kind == Kind::Map;
        match form {
            SnapshotForm::Object => out.push(Code::canon(peer, from, slot_variable(slot))),
            SnapshotForm::Elements if is_map => {
                out.push(Code::canon(peer, from, map_variable(slot)));
            }
            SnapshotForm::Elements => {
                let canon = self.fresh(Kind::Canon)?;
                out.push(Code::canon(peer, from, canon.clone()));
                out.push(Code::ap(whole(canon), slot_variable(slot)));
            }
        }
        Ok(())
    }

    /// The reference has no instruction that waits for a stream to grow: a fold copies each element
    /// and looks how many there are.
    fn gate(
        &mut self,
        place: PlaceId,
        stream: StreamId,
        count: ExprId,
        slot: SlotId,
        out: &mut Vec<Code>,
    ) -> Written<()> {
        let count = self.plain(count, out)?;
        let place = self.location(Some(place));
        let peer = self.go(&place, out)?;
        self.count(9)?;
        let (test, item) = (self.fresh(Kind::Stream)?, self.fresh(Kind::Scalar)?);
        let (seen, result) = (self.fresh(Kind::Canon)?, self.fresh(Kind::Canon)?);
        let length = Operand::Variable(seen.clone(), Some(Lens::Length));
        let next = Code::leaf(What::Next(item.clone()));
        let body = Code::seq(alloc::vec![
            Code::ap(whole(item.clone()), test.clone()),
            Code::canon(peer.clone(), test.clone(), seen),
            Code::xor(Code::matches(length, count, Code::null()), next),
        ]);
        let watched = whole(self.stream(stream));
        let steps = alloc::vec![
            Code::fold(watched, item, body, Some(Code::leaf(What::Never))),
            Code::canon(peer, test.clone(), result.clone()),
            Code::ap(whole(result), slot_variable(slot)),
        ];
        out.push(Code::new(test, Code::seq(steps)));
        Ok(())
    }

    fn give_back(&mut self, values: &[ExprId], out: &mut Vec<Code>) -> Written<()> {
        let args = self.arguments(values, out)?;
        let initiator = Location::initiator(self.frame);
        let peer = self.go(&initiator, out)?;
        let (service, function) = (text("callbackSrv"), text("response"));
        out.push(Code::leaf(What::Call { peer, service, function, args, output: None }));
        Ok(())
    }

    pub(super) fn stream(&self, stream: StreamId) -> Variable<'static> {
        let is_map = self.program.streams.get(stream.index()) == Some(&StreamKind::Map);
        if is_map {
            variable(Kind::Map, alloc::format!("%s{}", stream.0))
        } else {
            variable(Kind::Stream, alloc::format!("$s{}", stream.0))
        }
    }
}
