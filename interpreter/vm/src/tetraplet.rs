//! Where arguments come from in the words of the reference's interpreter, for AIR programs.
//!
//! There every value carries a peer, a service, a function and a lens. Rules that look odd are
//! its own: an element keeps its origin without the path that was read of it, a key of a map
//! comes from who fixed the map, and a constant that went through a variable has no lens.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use aquac_ir::{
    Expr, ExprId, IndexKind, Iterable, Node, NodeId, PeerId, Program, SnapshotForm, StreamKind,
    Value,
};
use serde::Serialize;

use crate::activation::ActId;
use crate::eval::Trace;
use crate::lens;
use crate::state::State;
use crate::whence::{Begins, Counted, Part, Step, Taken, Whence, lens_text, steps};

/// How often an element of a snapshot may be one of another before its origin is the snapshot.
const MAX_SNAPSHOTS: u32 = 64;

/// Where a value comes from, as the reference's interpreter says it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Tetraplet {
    /// The peer's id; empty for a length.
    pub peer_pk: String,
    /// The service, or nothing if it is no result.
    pub service_id: String,
    /// The function.
    pub function_name: String,
    /// Which part.
    pub lens: String,
}

impl Tetraplet {
    fn of(peer: PeerId, lens: String) -> Self {
        Self { peer_pk: peer.to_string(), lens, ..Self::default() }
    }

    /// What is left when a value that is no result of its own goes through a variable.
    fn anonymous(self) -> Self {
        Self { service_id: String::new(), function_name: String::new(), ..self }
    }
}

impl State {
    /// Of each argument of a call, what the reference would tell its service.
    pub(crate) fn tetraplets(&self, id: ActId) -> Vec<Vec<Tetraplet>> {
        match self.program.program().node(self.act(id).node) {
            Some(Node::Call { args, .. }) => {
                args.iter().map(|arg| self.sources(id, *arg)).collect()
            }
            Some(_) | None => Vec::new(),
        }
    }

    fn sources(&self, id: ActId, arg: ExprId) -> Vec<Tetraplet> {
        let program = self.program.program();
        let datum = self.evaluate(self.at(id), arg, &mut Trace::default());
        let whence = datum.map_or(Whence::Derived, |datum| datum.whence);
        let whole = match program.expr(arg) {
            Some(Expr::Grouped(map)) => self.snapshot_read(id, *map),
            Some(Expr::Length(_)) if whence == Whence::Length(Counted::List) => {
                // It stands in this field there, until it goes through a variable.
                let service_id = ".length".to_string();
                return alloc::vec![Tetraplet {
                    service_id,
                    ..Tetraplet::of(self.me, String::new())
                }];
            }
            Some(Expr::Choose { condition, then, .. }) => {
                let there = self.evaluate_value(self.at(id), *condition, &mut Trace::default());
                if there == Ok(Value::Bool(false)) {
                    return alloc::vec![self.missing_key(id, *then)];
                }
                None
            }
            Some(_) => self.whole_snapshot(arg, &whence),
            None => None,
        };
        let Some(whole) = whole else {
            return alloc::vec![self.source(&whence, self.direct_steps(arg))];
        };
        let items = self.snapshot_items(whole);
        let count = items.and_then(|items| Some(items.as_array()?.len())).unwrap_or(0);
        let element = |index| self.likely_whence(whole, index).unwrap_or(Whence::Derived);
        (0..count).map(|index| self.source(&element(index), Vec::new())).collect()
    }

    /// The snapshot of which a slot is read as it was fixed.
    pub(crate) fn whole_snapshot(&self, expr: ExprId, whence: &Whence) -> Option<ActId> {
        let Whence::Snapshot(act, None) = whence else { return None };
        let node = self.program.program().node(self.act(*act).node)?;
        if let Node::Snapshot { form: SnapshotForm::Object, .. } = node {
            return None;
        }
        let slot = node.written_slot()?;
        let mut open = alloc::vec![expr];
        while let Some(next) = open.pop() {
            match self.program.program().expr(next) {
                Some(Expr::Slot(read)) if *read == slot => return Some(*act),
                Some(Expr::Either(parts)) => open.extend(parts.iter().copied()),
                Some(Expr::Named { of, .. }) => open.push(*of),
                Some(_) | None => {}
            }
        }
        None
    }

    fn snapshot_read(&self, id: ActId, expr: ExprId) -> Option<ActId> {
        let datum = self.evaluate(self.at(id), expr, &mut Trace::default()).ok()?;
        self.whole_snapshot(expr, &datum.whence)
    }

    fn is_map(&self, snapshot: ActId) -> bool {
        let program = self.program.program();
        let stream = program.node(self.act(snapshot).node).and_then(Node::used_stream);
        let kind = stream.and_then(|stream| program.streams.get(stream.index()));
        kind == Some(&StreamKind::Map)
    }

    /// Where the length of what an expression gives comes from.
    pub(crate) fn length_whence(&self, of: ExprId, whence: &Whence) -> Whence {
        Whence::Length(match self.whole_snapshot(of, whence) {
            Some(act) if self.is_map(act) => Counted::Map,
            Some(_) => Counted::List,
            None => Counted::Value,
        })
    }

    /// Of a key that is not there, and whatever was to be read of its values.
    fn missing_key(&self, id: ActId, then: ExprId) -> Tetraplet {
        let steps = self.direct_steps(then);
        let mut map = then;
        let program = self.program.program();
        while let Some(Expr::Index { of, .. } | Expr::Field { of, .. }) = program.expr(map) {
            map = *of;
        }
        let peer = self.snapshot_read(id, map).and_then(|act| self.placed(act));
        let peer = peer.map_or(self.header.header.initiator, |placed| placed.peer);
        Tetraplet::of(peer, lens_text(program, &steps.iter().collect::<Vec<_>>()))
    }

    /// The steps that an expression itself takes; of an index it is enough how it is written.
    fn direct_steps(&self, expr: ExprId) -> Vec<Step> {
        let program = self.program.program();
        let mut open = expr;
        let mut taken = Vec::new();
        loop {
            open = match program.expr(open) {
                Some(Expr::Field { of, name }) => {
                    taken.push(Taken::Field(*name));
                    *of
                }
                Some(Expr::Index { of, index, kind }) => {
                    taken.push(self.written_index(*index, *kind));
                    *of
                }
                Some(Expr::Choose { then, .. }) => *then,
                Some(_) | None => break,
            };
        }
        if !self.is_variable(open) {
            return Vec::new(); // Of an error register nothing but the whole is told.
        }
        let begins = core::iter::once(Begins::Here).chain(core::iter::repeat(Begins::Earlier));
        taken
            .into_iter()
            .rev()
            .zip(begins)
            .map(|(taken, begins)| Step::first(taken, begins))
            .collect()
    }

    fn unnamed(&self, expr: ExprId) -> Option<&Expr> {
        match self.program.program().expr(expr) {
            Some(Expr::Named { of, .. }) => self.program.program().expr(*of),
            other => other,
        }
    }

    fn is_variable(&self, expr: ExprId) -> bool {
        match self.program.program().expr(expr) {
            Some(Expr::Slot(_)) => true,
            Some(Expr::Either(parts)) => {
                let slot = |part| matches!(self.program.program().expr(part), Some(Expr::Slot(_)));
                parts.iter().all(|part| slot(*part))
            }
            Some(_) | None => false,
        }
    }

    fn written_index(&self, index: ExprId, kind: IndexKind) -> Taken {
        let program = self.program.program();
        match program.expr(index) {
            Some(Expr::Named { name, .. }) => Taken::by(&Value::Null, kind, Some(*name)),
            Some(_) | None => {
                let value = program.constant_of(index).cloned().unwrap_or(Value::Null);
                Taken::by(&value, kind, None)
            }
        }
    }

    fn source(&self, whence: &Whence, direct: Vec<Step>) -> Tetraplet {
        self.source_within(whence, &direct, MAX_SNAPSHOTS)
    }

    fn source_within(&self, whence: &Whence, direct: &[Step], most: u32) -> Tetraplet {
        let direct: Vec<&Step> = direct.iter().collect();
        let initiator = self.header.header.initiator;
        match whence {
            Whence::Literal | Whence::Derived => {
                Tetraplet::of(initiator, lens_text(self.program.program(), &direct))
            }
            // An error object that was thrown by hand is the program's own.
            Whence::Thrown(_) => Tetraplet::of(initiator, String::new()),
            Whence::Caught(of) => self.source_within(of, &[], most),
            Whence::Length(Counted::Value) => {
                Tetraplet { lens: ".length".to_string(), ..Tetraplet::default() }
            }
            Whence::Length(Counted::List) => Tetraplet::of(self.me, String::new()),
            Whence::Length(Counted::Map) => Tetraplet::of(self.me, "length".to_string()),
            Whence::Failed(act) => self.result_source(*act, &[]),
            Whence::Kept(act, part) => self.result_source(*act, &steps(part)).anonymous(),
            Whence::Result(act, part) => self.result_source(*act, &steps(part)),
            Whence::Snapshot(act, part) => self.snapshot_source(*act, part, direct.len(), most),
        }
    }

    fn result_source(&self, act: ActId, steps: &[&Step]) -> Tetraplet {
        let Some(placed) = self.placed(act) else { return Tetraplet::default() };
        Tetraplet {
            peer_pk: placed.peer.to_string(),
            service_id: placed.service.to_string(),
            function_name: placed.function.to_string(),
            lens: lens_text(self.program.program(), steps),
        }
    }

    fn snapshot_source(&self, act: ActId, part: &Part, direct: usize, most: u32) -> Tetraplet {
        let steps = steps(part);
        let program = self.program.program();
        let peer = self.placed(act).map_or(self.header.header.initiator, |placed| placed.peer);
        let own = || Tetraplet::of(peer, lens_text(program, &steps));
        // The first expression, and what was read of its value later.
        let later = steps.iter().skip(1).position(|step| step.begins == Begins::Here);
        let (first, later) = steps.split_at(later.map_or(steps.len(), |later| later + 1));
        let (element, within) = match first {
            [step, within @ ..] if most > 0 => match (&step.taken, within) {
                (Taken::Element(index, _), _) => {
                    let index = usize::try_from(*index).unwrap_or(usize::MAX);
                    (self.likely_whence(act, index), &[][..])
                }
                (Taken::Entry(number), _) => {
                    let entries = self.snapshot_items(act).map(|items| lens::entries(&items));
                    let entry = entries.and_then(|all| Some(all.get(*number as usize)?.0));
                    (entry.and_then(|index| self.likely_whence(act, index)), &[][..])
                }
                (key @ (Taken::Key(..) | Taken::NumberKey(..)), [index, within @ ..]) => {
                    (self.value_whence(act, key, &index.taken), within)
                }
                (_, _) => (None, &[][..]),
            },
            _ => (None, &[][..]),
        };
        let Some(element) = element else { return own() };
        let of_element = self.source_within(&element, &[], most - 1);
        let is_literal = matches!(element, Whence::Literal | Whence::Derived | Whence::Kept(..));
        let by_key = matches!(first, [step, ..] if !matches!(step.taken, Taken::Element(..) | Taken::Entry(_)));
        // What is constant loses its lens when it goes through a variable.
        let kept = if is_literal { later.len().min(direct) } else { later.len() };
        let later = later.get(later.len() - kept..).unwrap_or_default();
        let within: String = within.iter().map(|step| without_begin(program, step)).collect();
        let lens = format!("{}{within}{}", of_element.lens, lens_text(program, later));
        let found = Tetraplet { lens, ..of_element };
        if by_key && direct < steps.len() { found.anonymous() } else { found }
    }

    /// Where the element at an index of a snapshot comes from. Of elements whose bytes are not
    /// here the first ones are taken to be those that the snapshot has and nobody else made.
    fn likely_whence(&self, act: ActId, index: usize) -> Option<Whence> {
        if let Some(whence) = self.element_whence(act, index) {
            return Some(whence);
        }
        let (node, path) = self.at(act);
        let stream = self.program.program().node(node)?.used_stream()?;
        let unmatched = (0..index).filter(|before| self.element_whence(act, *before).is_none());
        let elements = &self.streams.get(&self.instance_key(stream, path))?.elements;
        let mut unknown =
            elements.iter().filter(|element| self.present(element.datum.clone()).value.is_none());
        unknown.nth(unmatched.count()).map(|element| element.datum.whence.clone())
    }

    /// Where one of a key's values in a snapshot comes from.
    fn value_whence(&self, act: ActId, key: &Taken, index: &Taken) -> Option<Whence> {
        let (Taken::Element(index, _) | Taken::Index(index, _)) = index else { return None };
        let items = self.snapshot_items(act)?;
        let has_key = |item: &Value| {
            let Value::Object(pair) = item else { return false };
            match (key, pair.get("key")) {
                (Taken::Key(text, _), Some(Value::Text(found))) => text == found,
                (Taken::NumberKey(number, _), Some(found)) => {
                    found.as_integer() == Some(i128::from(*number))
                }
                (_, _) => false,
            }
        };
        let items = items.as_array()?.iter().enumerate();
        let mut places = items.filter(|(_, item)| has_key(item)).map(|(at, _)| at);
        self.likely_whence(act, places.nth(usize::try_from(*index).ok()?)?)
    }

    /// Where an element of a loop comes from.
    pub(crate) fn item_whence(&self, of: NodeId, array: &Whence, index: u32) -> Whence {
        let number = i64::from(index);
        let program = self.program.program();
        let begins = Begins::Here;
        match program.node(of) {
            Some(Node::For { iterable: Iterable::Entries(_), .. }) => {
                array.part(Taken::Entry(index), begins)
            }
            Some(Node::For { iterable: Iterable::Array(expr), .. }) => match self.unnamed(*expr) {
                // One of a key's values, which is only a part here.
                Some(Expr::Choose { .. }) => {
                    array.as_part().part(Taken::Index(number, None), begins)
                }
                Some(_) if self.whole_snapshot(*expr, array).is_some() => {
                    array.part(Taken::Element(number, None), begins)
                }
                Some(_) | None => array.part(Taken::Index(number, None), begins),
            },
            Some(_) | None => array.part(Taken::Index(number, None), begins),
        }
    }

    /// Where the object comes from that a handler reads of a step's failure.
    pub(crate) fn failure_whence(&self, id: ActId, place: Option<PeerId>) -> Whence {
        let thrown = |expr| {
            let datum = self.evaluate(self.at(id), expr, &mut Trace::default());
            datum.map_or(Whence::Derived, |datum| datum.whence)
        };
        let program = self.program.program();
        match program.node(self.act(id).node) {
            Some(Node::Call { .. }) if place.is_some() => Whence::Failed(id),
            Some(Node::Fail { error }) => thrown(*error).thrown(),
            Some(Node::Let { expr, .. }) => match program.expr(*expr) {
                Some(Expr::Raise(of)) => thrown(*of),
                Some(_) | None => Whence::Literal,
            },
            Some(_) | None => Whence::Literal,
        }
    }
}

fn without_begin(program: &Program, step: &Step) -> String {
    lens_text(program, &[&Step::first(step.taken.clone(), Begins::Earlier)])
}
