//! Expressions to values. Every peer computes them, so everything here is the same everywhere:
//! no clock, no order of arrival, one text for each error.
//!
//! Recursion is bounded by [`aquac_ir::limits::MAX_EXPR_DEPTH`]; an expression whose shared parts
//! would be evaluated very often is evaluated with a memory.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use aquac_ir::{
    Digest, Domain, Expr, ExprId, Fact, Fault, FaultCode, IndexKind, NodeId, Salt, SlotId, TextId,
    Value, ops,
};

use crate::cause::CauseId;
use crate::datum::{Datum, DatumSalt};
use crate::failure::{raised_fault, thrown_object};
use crate::lens;
use crate::path::PathId;
use crate::state::State;
use crate::table::Table;
use crate::whence::{Begins, Taken, Whence};

/// A slot's instance.
pub(crate) type CellKey = (SlotId, PathId);

/// Why an expression has no value (yet).
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Stop {
    /// These are not written yet; one of them may never be.
    Missing(Vec<CellKey>),
    /// The bytes of this value are not here; without a digest, they cannot be asked for.
    Absent(Option<Digest>),
    /// There is no value.
    Fault(Fault),
    /// An error object that was thrown on, with what it says of where it comes from.
    Raised(Fault, Value),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// What an evaluation has read.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    /// Why the values are there.
    pub(crate) causes: Vec<CauseId>,
    salts: Vec<Salt>,
    /// Whether salts are asked for: only what an expression makes has one of its own.
    salted: bool,
    memory: Option<Table<ExprId, Result<Datum, Stop>>>,
}

/// Evaluations of parts up to which shared parts are simply evaluated again.
const PLAIN_WEIGHT: u32 = 256;

impl State {
    /// Evaluates an expression at a node. A value that the expression made gets its salt from
    /// all that was read.
    pub(crate) fn evaluate(
        &self,
        at: (NodeId, PathId),
        expr: ExprId,
        trace: &mut Trace,
    ) -> Result<Datum, Stop> {
        let salts_before = trace.salts.len();
        trace.salted = self.program.facts().weight(expr) > 1;
        trace.memory = (self.program.facts().weight(expr) > PLAIN_WEIGHT).then(Table::default);
        let mut datum = self.eval(at, expr, trace)?;
        if datum.salt == DatumSalt::Fresh {
            let number = expr.0.to_le_bytes();
            let read = trace.salts.iter().skip(salts_before).map(|salt| &salt.0[..]);
            let parts: Vec<&[u8]> =
                [&b"derived"[..], &number[..]].into_iter().chain(read).collect();
            datum.salt = DatumSalt::Known(Salt(Digest::of(Domain::Salt, &parts).short()));
        }
        Ok(datum)
    }

    /// Evaluates to a value; a digest alone is not enough.
    pub(crate) fn evaluate_value(
        &self,
        at: (NodeId, PathId),
        expr: ExprId,
        trace: &mut Trace,
    ) -> Result<Value, Stop> {
        if let Some(value) = self.program.program().constant_of(expr) {
            return Ok(value.clone());
        }
        trace.memory = (self.program.facts().weight(expr) > PLAIN_WEIGHT).then(Table::default);
        self.eval_value(at, expr, trace).map(|(value, _)| value)
    }

    fn eval(&self, at: (NodeId, PathId), expr: ExprId, trace: &mut Trace) -> Result<Datum, Stop> {
        if let Some(known) = trace.memory.as_ref().and_then(|memory| memory.get(&expr)) {
            return known.clone();
        }
        let result = self.eval_fresh(at, expr, trace);
        if let Some(memory) = &mut trace.memory {
            memory.insert(expr, result.clone());
        }
        result
    }

    fn eval_value(
        &self,
        at: (NodeId, PathId),
        expr: ExprId,
        trace: &mut Trace,
    ) -> Result<(Value, Whence), Stop> {
        let datum = self.eval(at, expr, trace)?;
        match datum.value {
            Some(value) => Ok((value, datum.whence)),
            None => Err(Stop::Absent(datum.lacks())),
        }
    }

    fn eval_fresh(
        &self,
        at: (NodeId, PathId),
        expr: ExprId,
        trace: &mut Trace,
    ) -> Result<Datum, Stop> {
        let program = self.program.program();
        let Some(content) = program.expr(expr) else { return Err(Stop::Missing(Vec::new())) };
        let derived = |value| Ok(Datum::fresh(value, Whence::Derived));
        match content {
            Expr::Const(id) => {
                Ok(Datum::constant(program.constant(*id).cloned().unwrap_or(Value::Null)))
            }
            Expr::Arg(arg) => self.read(self.argument(arg.index()), CauseId::START, trace),
            Expr::Slot(slot) => self.eval_slot(at, *slot, trace),
            Expr::Fact(fact) => Ok(Datum::constant(self.fact(*fact))),
            Expr::Named { of, .. } => self.eval(at, *of, trace),
            Expr::Field { of, name } => self.eval_field(at, *of, *name, trace),
            Expr::Index { of, index, kind } => self.eval_index(at, *of, *index, *kind, trace),
            Expr::Either(parts) => self.eval_either(at, parts, trace),
            Expr::First(parts) => self.eval_first(at, parts, trace),
            Expr::Choose { condition, then, otherwise } => {
                let arm = if self.eval_bool(at, *condition, trace)? { then } else { otherwise };
                self.eval(at, *arm, trace)
            }
            Expr::Not(of) => derived((!self.eval_bool(at, *of, trace)?).into()),
            Expr::And(left, right) => {
                let both =
                    self.eval_bool(at, *left, trace)? && self.eval_bool(at, *right, trace)?;
                derived(both.into())
            }
            Expr::Or(left, right) => {
                let one = self.eval_bool(at, *left, trace)? || self.eval_bool(at, *right, trace)?;
                derived(one.into())
            }
            Expr::Binary { op, left, right } => {
                let [left, right] = self.eval_two(at, [*left, *right], trace)?;
                derived(ops::binary(*op, &left.0, &right.0)?)
            }
            Expr::Array(parts) => {
                let items = self.eval_all(at, parts.iter().copied(), trace)?;
                let items = items.into_iter().map(|(value, _)| value).collect();
                derived(lens::shallow(Value::array(items))?)
            }
            Expr::Object(fields) => self.eval_object(at, None, fields, trace),
            Expr::Update { of, fields } => self.eval_object(at, Some(*of), fields, trace),
            Expr::Length(of) => {
                let (counted, whence) = self.eval_value(at, *of, trace)?;
                let whence = self.length_whence(*of, &whence);
                Ok(Datum::fresh(lens::length(&counted)?, whence))
            }
            Expr::Contains { map, key } => {
                let [map, key] = self.eval_two(at, [*map, *key], trace)?;
                derived((!lens::of_key(&map.0, &key.0)?.is_empty()).into())
            }
            Expr::Keys(map) => derived(lens::keys(&self.eval_value(at, *map, trace)?.0)?),
            Expr::Grouped(map) => derived(lens::grouped(&self.eval_value(at, *map, trace)?.0)?),
            Expr::Raise(of) => {
                let (object, _) = self.eval_value(at, *of, trace)?;
                Err(Stop::Raised(raised_fault(&object), object))
            }
            Expr::Thrown(of) => {
                let (object, whence) = self.eval_value(at, *of, trace)?;
                Ok(Datum::fresh(thrown_object(&object)?, whence.caught()))
            }
        }
    }

    fn eval_field(
        &self,
        at: (NodeId, PathId),
        of: ExprId,
        name: TextId,
        trace: &mut Trace,
    ) -> Result<Datum, Stop> {
        let (object, whence) = self.eval_value(at, of, trace)?;
        let text = self.program.program().text(name).unwrap_or_default();
        let value = lens::field(&object, text)?;
        Ok(Datum::fresh(value, whence.part(Taken::Field(name), self.begins_at(of))))
    }

    fn eval_index(
        &self,
        at: (NodeId, PathId),
        of: ExprId,
        index: ExprId,
        kind: IndexKind,
        trace: &mut Trace,
    ) -> Result<Datum, Stop> {
        let name = match self.program.program().expr(index) {
            Some(Expr::Named { name, .. }) => Some(*name),
            Some(_) | None => None,
        };
        let [(from, whence), (index, _)] = self.eval_two(at, [of, index], trace)?;
        // A field that the program names is told from a text that a variable holds.
        if kind == IndexKind::Snapshot && name.is_some() && !lens::is_number(&index) {
            return Err(lens::no_number(&index).into());
        }
        let value = lens::index(&from, &index, kind)?;
        Ok(Datum::fresh(value, whence.part(Taken::by(&index, kind, name), self.begins_at(of))))
    }

    /// Whether a step that selects from an expression is the first.
    fn begins_at(&self, of: ExprId) -> Begins {
        match self.program.program().expr(of) {
            Some(Expr::Field { .. } | Expr::Index { .. }) => Begins::Earlier,
            Some(_) | None => Begins::Here,
        }
    }

    /// Evaluates several parts, all of which count. One that is not written yet says more than one
    /// whose bytes are not here: with the bytes at hand, the whole would still wait.
    fn eval_all(
        &self,
        at: (NodeId, PathId),
        parts: impl Iterator<Item = ExprId>,
        trace: &mut Trace,
    ) -> Result<Vec<(Value, Whence)>, Stop> {
        let mut values = Vec::new();
        let mut lacking = None;
        for part in parts {
            match self.eval_value(at, part, trace) {
                Ok(value) => values.push(value),
                Err(Stop::Absent(digest)) => lacking = lacking.or(Some(Stop::Absent(digest))),
                Err(stop @ Stop::Missing(_)) => return Err(stop),
                Err(stop) if lacking.is_none() => return Err(stop),
                Err(_) => {}
            }
        }
        lacking.map_or(Ok(values), Err)
    }

    fn eval_two(
        &self,
        at: (NodeId, PathId),
        parts: [ExprId; 2],
        trace: &mut Trace,
    ) -> Result<[(Value, Whence); 2], Stop> {
        let values = self.eval_all(at, parts.into_iter(), trace)?;
        values.try_into().map_err(|_| Stop::Missing(Vec::new()))
    }

    fn eval_bool(
        &self,
        at: (NodeId, PathId),
        expr: ExprId,
        trace: &mut Trace,
    ) -> Result<bool, Stop> {
        let value = self.eval_value(at, expr, trace)?.0;
        if let Value::Bool(truth) = value { Ok(truth) } else { Err(not_bool(&value).into()) }
    }

    fn eval_object(
        &self,
        at: (NodeId, PathId),
        of: Option<ExprId>,
        fields: &[(TextId, ExprId)],
        trace: &mut Trace,
    ) -> Result<Datum, Stop> {
        let parts = of.into_iter().chain(fields.iter().map(|(_, part)| *part));
        let mut parts = self.eval_all(at, parts, trace)?.into_iter();
        let mut all: Vec<(Arc<str>, Value)> = Vec::new();
        if let Some((old, _)) = of.and_then(|_| parts.next()) {
            let Value::Object(old) = old else { return Err(lens::no_object(&old).into()) };
            all.extend(old.fields().iter().map(|(name, value)| (name.clone(), value.clone())));
        }
        for ((name, _), (value, _)) in fields.iter().zip(parts) {
            let name = self.program.program().text(*name).unwrap_or_default();
            all.push((Arc::from(name), value));
        }
        Ok(Datum::fresh(lens::shallow(Value::object_of(all))?, Whence::Derived))
    }

    fn eval_either(
        &self,
        at: (NodeId, PathId),
        parts: &[ExprId],
        trace: &mut Trace,
    ) -> Result<Datum, Stop> {
        let mut all_missing = Vec::new();
        for part in parts {
            match self.eval(at, *part, trace) {
                Err(Stop::Missing(missing)) => all_missing.extend(missing),
                known => return known,
            }
        }
        Err(Stop::Missing(all_missing))
    }

    fn eval_first(
        &self,
        at: (NodeId, PathId),
        parts: &[ExprId],
        trace: &mut Trace,
    ) -> Result<Datum, Stop> {
        let mut found = Vec::new();
        for part in parts {
            match self.eval_value(at, *part, trace) {
                Ok((value, _)) => {
                    found.push(value);
                    break;
                }
                Err(Stop::Fault(_) | Stop::Raised(..)) => {}
                Err(stop) => return Err(stop),
            }
        }
        Ok(Datum::fresh(lens::shallow(Value::array(found))?, Whence::Derived))
    }

    /// Which instance of a slot a node reads; none if it can never read one.
    pub(crate) fn cell_key(&self, at: (NodeId, PathId), slot: SlotId) -> Option<CellKey> {
        let facts = self.program.facts();
        let of = facts.slot(slot);
        facts.in_scope(at.0, of).then(|| (slot, self.paths.prefix(at.1, of.depth)))
    }

    fn eval_slot(
        &self,
        at: (NodeId, PathId),
        slot: SlotId,
        trace: &mut Trace,
    ) -> Result<Datum, Stop> {
        let Some(key) = self.cell_key(at, slot) else { return Err(Stop::Missing(Vec::new())) };
        match self.cells.get(&key).and_then(|cell| Some((cell.datum.as_ref()?, cell.cause))) {
            Some((datum, cause)) => self.read(datum.clone(), cause, trace),
            None => Err(Stop::Missing(alloc::vec![key])),
        }
    }

    /// Reads a value, whose bytes may have come since it was written.
    fn read(&self, datum: Datum, cause: CauseId, trace: &mut Trace) -> Result<Datum, Stop> {
        let datum = self.present(datum);
        if cause != CauseId::START {
            trace.causes.push(cause);
        }
        if trace.salted {
            trace.salts.extend(datum.salt());
        }
        Ok(datum)
    }

    /// The same value, with its bytes if they are here.
    pub(crate) fn present(&self, datum: Datum) -> Datum {
        let mut datum = datum;
        // A late value is held where it was first computed; copies point there.
        while let (None, Some(late)) = (&datum.value, &datum.late) {
            match self.held(late.holder) {
                Some(held) if held.late != datum.late || held.value.is_some() => {
                    datum = held.clone();
                }
                Some(_) | None => break,
            }
        }
        if datum.value.is_some() {
            return datum;
        }
        match datum.digest.and_then(|digest| self.values.get(&digest)) {
            Some(known) => Datum {
                value: Some(known.value.clone()),
                salt: DatumSalt::Known(known.salt),
                ..datum
            },
            None => datum,
        }
    }

    fn argument(&self, index: usize) -> Datum {
        let digest = self.header.header.args.get(index).copied();
        Datum::absent(digest, Whence::Literal)
    }

    fn fact(&self, fact: Fact) -> Value {
        let header = &self.header.header;
        match fact {
            Fact::Initiator => Value::from(header.initiator.to_string()),
            Fact::Host => Value::from(header.relay.unwrap_or(header.initiator).to_string()),
            Fact::Timestamp => Value::from(header.issued_at),
            Fact::Ttl => Value::from(u64::from(header.ttl)),
        }
    }
}

/// What a condition that is neither true nor false becomes.
pub(crate) fn not_bool(value: &Value) -> Fault {
    Fault::new(FaultCode::WrongKind, format!("a condition must be true or false, not {value}"))
}

/// The name under which messages speak of an expression.
pub(crate) fn name_of(state: &State, expr: ExprId) -> String {
    let program = state.program.program();
    match program.expr(expr) {
        Some(Expr::Named { name, .. }) => program.text(*name).unwrap_or_default().to_string(),
        Some(_) | None => "value".to_string(),
    }
}
