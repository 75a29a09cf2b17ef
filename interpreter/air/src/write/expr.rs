//! Expressions as operands, with the instructions that must run before.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use aquac_ir::{
    BinaryOp, Expr, ExprId, Fact, IndexKind, Node, SlotId, SnapshotForm, StreamKind, Value,
    VerifiedProgram,
};

use crate::ast::{Accessor, Kind, Lens, Operand, Register, Variable, What};
use crate::lens::is_name;
use crate::write::code::{Code, is_frozen};
use crate::write::constant::is_literal;
use crate::write::{Writer, Written, scalar, variable, whole};

/// How far a chain of names is followed to the stream map that it stands for.
const MAX_STEPS: usize = 64;

/// For each expression whether computing it takes a peer: a service, or the freezing of a stream.
pub(super) fn need_a_peer(verified: &VerifiedProgram) -> Vec<bool> {
    let program = verified.program();
    let mut need: Vec<bool> = Vec::with_capacity(program.exprs.len());
    for expr in &program.exprs {
        let own = match expr {
            Expr::Const(id) => program.constant(*id).is_some_and(|value| !is_literal(value)),
            Expr::Binary { op, .. } => !matches!(op, BinaryOp::Equal | BinaryOp::Different),
            Expr::Array(_)
            | Expr::Object(_)
            | Expr::Update { .. }
            | Expr::First(_)
            | Expr::Either(_)
            | Expr::Keys(_)
            | Expr::Grouped(_) => true,
            Expr::Arg(_)
            | Expr::Slot(_)
            | Expr::Fact(_)
            | Expr::Field { .. }
            | Expr::Index { .. }
            | Expr::Length(_)
            | Expr::Not(_)
            | Expr::And(..)
            | Expr::Or(..)
            | Expr::Choose { .. }
            | Expr::Contains { .. }
            | Expr::Raise(_)
            | Expr::Thrown(_)
            | Expr::Named { .. } => false,
        };
        let inside = expr.parts().any(|part| need.get(part.index()).copied().unwrap_or(false));
        need.push(own || inside);
    }
    need
}

/// The operator as a service of the reference's hosts.
const fn service_of(op: BinaryOp) -> Option<(&'static str, &'static str)> {
    match op {
        BinaryOp::Add => Some(("math", "add")),
        BinaryOp::Sub => Some(("math", "sub")),
        BinaryOp::Mul => Some(("math", "mul")),
        BinaryOp::FloatMul => Some(("math", "fmul")),
        BinaryOp::Div => Some(("math", "div")),
        BinaryOp::Rem => Some(("math", "rem")),
        BinaryOp::Pow => Some(("math", "pow")),
        BinaryOp::Less => Some(("cmp", "lt")),
        BinaryOp::LessEqual => Some(("cmp", "lte")),
        BinaryOp::Greater => Some(("cmp", "gt")),
        BinaryOp::GreaterEqual => Some(("cmp", "gte")),
        BinaryOp::Equal | BinaryOp::Different => None,
    }
}

/// The variable that holds a slot.
pub(super) fn slot_variable(slot: SlotId) -> Variable<'static> {
    scalar(format!("v{}", slot.0))
}

/// The canon map that holds the frozen content of a stream map.
pub(super) fn map_variable(slot: SlotId) -> Variable<'static> {
    variable(Kind::CanonMap, format!("#%v{}", slot.0))
}

impl Writer<'_> {
    /// Whether an expression takes a peer.
    pub(super) fn needs_peer(&self, expr: ExprId) -> bool {
        self.local.get(expr.index()).copied().unwrap_or(false)
    }

    /// The expression as something that a call takes as an argument.
    pub(super) fn value(&mut self, id: ExprId, out: &mut Vec<Code>) -> Written<Operand<'static>> {
        self.count(1)?;
        let Some(expr) = self.program.expr(id) else { return Ok(Operand::Empty) };
        match expr {
            Expr::Const(id) => match self.program.constant(*id) {
                Some(value) => self.constant(value, out),
                None => Ok(Operand::Empty),
            },
            Expr::Arg(arg) => {
                self.loaded.insert(*arg);
                self.argument(*arg).map(whole)
            }
            Expr::Slot(slot) => match self.map_slot(id) {
                Some(map) => self.pairs(map, out),
                None => Ok(whole(slot_variable(*slot))),
            },
            Expr::Fact(Fact::Initiator) => Ok(Operand::Initiator),
            Expr::Fact(Fact::Host) => Ok(self.relay()),
            Expr::Fact(Fact::Timestamp) => Ok(Operand::Timestamp),
            Expr::Fact(Fact::Ttl) => Ok(Operand::Ttl),
            Expr::Field { .. } | Expr::Index { .. } | Expr::Length(_) => self.part(expr, out),
            Expr::Not(_) | Expr::And(..) | Expr::Or(..) | Expr::Choose { .. } => {
                self.logic(expr, out)
            }
            Expr::Binary { op, left, right } => self.binary(*op, *left, *right, out),
            Expr::Array(parts) => {
                let items = self.values(parts, out)?;
                self.array(items, out)
            }
            Expr::Object(fields) => {
                let mut written = Vec::new();
                for (name, value) in fields {
                    let name = String::from(self.program.text(*name).unwrap_or_default());
                    written.push((name, self.applicable(*value, out)?));
                }
                self.object(written, out)
            }
            Expr::Update { of, fields } => self.update(*of, fields, out),
            Expr::First(parts) => self.first(parts, out),
            Expr::Either(parts) => self.either(parts, out),
            Expr::Contains { map, key } => self.contains(*map, *key, out),
            Expr::Keys(map) => self.keys(*map, out),
            Expr::Grouped(map) => self.grouped(*map, out),
            Expr::Raise(error) => {
                let raised = self.raise(*error, out)?;
                out.push(raised);
                Ok(Operand::Empty)
            }
            Expr::Thrown(_) => Ok(Operand::Error(Register::Last, None)),
            Expr::Named { of, .. } => self.value(*of, out),
        }
    }

    /// A part of a value, or its length.
    fn part(&mut self, expr: &Expr, out: &mut Vec<Code>) -> Written<Operand<'static>> {
        if let Expr::Field { of, name } = expr {
            let name = String::from(self.program.text(*name).unwrap_or_default());
            let step = self.field(name, out)?;
            return self.step(*of, step, out);
        }
        if let Expr::Index { of, index, kind } = expr {
            if *kind == IndexKind::Map {
                return self.entry(*of, *index, out);
            }
            let step = self.index(*index, out)?;
            return self.step(*of, step, out);
        }
        let Expr::Length(of) = expr else { return Ok(Operand::Empty) };
        let measured = match self.map_slot(*of) {
            Some(map) => map_variable(map),
            None => self.variable(*of, out)?,
        };
        Ok(Operand::Variable(measured, Some(Lens::Length)))
    }

    /// Several, each as something that a stream takes.
    pub(super) fn values(
        &mut self,
        exprs: &[ExprId],
        out: &mut Vec<Code>,
    ) -> Written<Vec<Operand<'static>>> {
        exprs.iter().map(|expr| self.applicable(*expr, out)).collect()
    }

    /// As something that `ap` takes.
    pub(super) fn applicable(
        &mut self,
        expr: ExprId,
        out: &mut Vec<Code>,
    ) -> Written<Operand<'static>> {
        self.value(expr, out)
    }

    /// As something that cannot fail any more: a path is followed before.
    pub(super) fn plain(&mut self, expr: ExprId, out: &mut Vec<Code>) -> Written<Operand<'static>> {
        let operand = self.value(expr, out)?;
        if matches!(operand, Operand::Variable(_, Some(_)) | Operand::Error(..)) {
            return self.copied(operand, out).map(whole);
        }
        Ok(operand)
    }

    /// As a scalar without a path.
    pub(super) fn variable(
        &mut self,
        expr: ExprId,
        out: &mut Vec<Code>,
    ) -> Written<Variable<'static>> {
        let operand = self.value(expr, out)?;
        if let Operand::Variable(variable, None) = &operand
            && !is_frozen(variable)
        {
            return Ok(variable.clone());
        }
        self.copied(operand, out)
    }

    /// As the name of a peer, service or function.
    pub(super) fn name(&mut self, expr: ExprId, out: &mut Vec<Code>) -> Written<Operand<'static>> {
        let operand = self.value(expr, out)?;
        let fits = if let Operand::Variable(variable, _) = &operand {
            variable.kind == Kind::Scalar
        } else {
            matches!(operand, Operand::Text(_))
        };
        if fits { Ok(operand) } else { self.copied(operand, out).map(whole) }
    }

    fn copied(
        &mut self,
        operand: Operand<'static>,
        out: &mut Vec<Code>,
    ) -> Written<Variable<'static>> {
        let copy = self.fresh(Kind::Scalar)?;
        out.push(Code::ap(operand, copy.clone()));
        Ok(copy)
    }

    fn step(
        &mut self,
        of: ExprId,
        step: Accessor<'static>,
        out: &mut Vec<Code>,
    ) -> Written<Operand<'static>> {
        let operand = self.value(of, out)?;
        if let Operand::Variable(variable, Some(Lens::Path(mut path))) = operand {
            path.push(step);
            return Ok(Operand::Variable(variable, Some(Lens::Path(path))));
        }
        let variable = if let Operand::Variable(variable, None) = &operand
            && variable.kind == Kind::Scalar
        {
            variable.clone()
        } else {
            self.copied(operand, out)?
        };
        Ok(Operand::Variable(variable, Some(Lens::Path(alloc::vec![step]))))
    }

    fn field(&mut self, name: String, out: &mut Vec<Code>) -> Written<Accessor<'static>> {
        if is_name(&name) && !name.starts_with(char::is_numeric) {
            return Ok(Accessor::Field(Cow::Owned(name)));
        }
        let name = self.constant(&Value::from(name), out)?;
        self.copied(name, out).map(|name| Accessor::Variable(name.name))
    }

    fn index(&mut self, index: ExprId, out: &mut Vec<Code>) -> Written<Accessor<'static>> {
        let operand = self.value(index, out)?;
        if let Operand::Int(number) = operand
            && let Ok(index) = u32::try_from(number)
        {
            return Ok(Accessor::Index(index));
        }
        if let Operand::Text(name) = operand {
            return self.field(name.into_owned(), out);
        }
        if let Operand::Variable(variable, None) = &operand
            && variable.kind == Kind::Scalar
        {
            return Ok(Accessor::Variable(variable.name.clone()));
        }
        self.copied(operand, out).map(|index| Accessor::Variable(index.name))
    }

    fn binary(
        &mut self,
        op: BinaryOp,
        left: ExprId,
        right: ExprId,
        out: &mut Vec<Code>,
    ) -> Written<Operand<'static>> {
        let (left, right) = (self.plain(left, out)?, self.plain(right, out)?);
        if let Some((service, function)) = service_of(op) {
            return self.service(service, function, alloc::vec![left, right], out);
        }
        let result = self.fresh(Kind::Scalar)?;
        let is = |truth| Code::ap(Operand::Bool(truth), result.clone());
        let equal = op == BinaryOp::Equal;
        out.push(Code::xor(Code::matches(left, right, is(equal)), is(!equal)));
        Ok(whole(result))
    }

    fn update(
        &mut self,
        of: ExprId,
        fields: &[(aquac_ir::TextId, ExprId)],
        out: &mut Vec<Code>,
    ) -> Written<Operand<'static>> {
        let mut replaced = Vec::new();
        for (name, value) in fields {
            let name = String::from(self.program.text(*name).unwrap_or_default());
            replaced.push((name, self.applicable(*value, out)?));
        }
        let kept: Option<Vec<String>> =
            self.fields_of(of).map(|all| all.into_iter().map(String::from).collect());
        let Some(kept) = kept else {
            let mut object = self.value(of, out)?;
            for (name, value) in replaced {
                let name = self.constant(&Value::from(name), out)?;
                object = self.service("json", "put", alloc::vec![object, name, value], out)?;
            }
            return Ok(object);
        };
        let mut all = Vec::new();
        for name in kept.into_iter().filter(|name| replaced.iter().all(|(other, _)| other != name))
        {
            let step = self.field(name.clone(), out)?;
            all.push((name, self.step(of, step, out)?));
        }
        all.append(&mut replaced);
        self.object(all, out)
    }

    /// The slot of a snapshot of a stream map, followed through its names.
    pub(super) fn map_slot(&self, expr: ExprId) -> Option<SlotId> {
        let mut expr = expr;
        for _ in 0..MAX_STEPS {
            let content = self.program.expr(expr)?;
            if let Expr::Named { of, .. } = content {
                expr = *of;
                continue;
            }
            let Expr::Slot(slot) = content else { return None };
            let writer = self.writer(*slot)?;
            if let Node::Let { expr: of, .. } = writer {
                expr = *of;
                continue;
            }
            let Node::Snapshot { stream, form: SnapshotForm::Elements, .. } = writer else {
                return None;
            };
            let kind = self.program.streams.get(stream.index());
            return (kind == Some(&StreamKind::Map)).then_some(*slot);
        }
        None
    }

    /// What stands in a stream map under a key, as a variable that no path touches.
    fn entry(
        &mut self,
        map: ExprId,
        key: ExprId,
        out: &mut Vec<Code>,
    ) -> Written<Operand<'static>> {
        let Some(map) = self.map_slot(map) else {
            let step = self.index(key, out)?;
            return self.step(map, step, out);
        };
        let step = match self.index(key, out)? {
            // The element of a loop is refused as a key; its copy is not.
            Accessor::Variable(name) => {
                let copy = self.copied(whole(scalar(name.into_owned())), out)?;
                Accessor::Variable(copy.name)
            }
            step @ (Accessor::Field(_) | Accessor::Index(_)) => step,
        };
        let path = Some(Lens::Path(alloc::vec![step]));
        let found = Operand::Variable(map_variable(map), path);
        self.copied(found, out).map(whole)
    }

    fn contains(
        &mut self,
        map: ExprId,
        key: ExprId,
        out: &mut Vec<Code>,
    ) -> Written<Operand<'static>> {
        let operand = self.entry(map, key, out)?;
        let found = if let Operand::Variable(variable, None) = operand {
            variable
        } else {
            self.copied(operand, out)?
        };
        let result = self.fresh(Kind::Scalar)?;
        let length = Operand::Variable(found, Some(Lens::Length));
        let is = |truth| Code::ap(Operand::Bool(truth), result.clone());
        out.push(Code::xor(Code::matches(length, Operand::Int(0), is(false)), is(true)));
        Ok(whole(result))
    }

    /// Something of each pair of a frozen map, as an array.
    fn each_pair(
        &mut self,
        map: SlotId,
        part: Option<Lens<'static>>,
        out: &mut Vec<Code>,
    ) -> Written<Operand<'static>> {
        let (stream, item) = (self.fresh(Kind::Stream)?, self.fresh(Kind::Scalar)?);
        let push = Code::ap(Operand::Variable(item.clone(), part), stream.clone());
        let all = Code::each(whole(map_variable(map)), &item, push);
        self.frozen(stream, alloc::vec![all], out)
    }

    fn pairs(&mut self, map: SlotId, out: &mut Vec<Code>) -> Written<Operand<'static>> {
        self.each_pair(map, None, out)
    }

    fn keys(&mut self, map: ExprId, out: &mut Vec<Code>) -> Written<Operand<'static>> {
        let key = Some(Lens::Path(alloc::vec![Accessor::Field(Cow::Borrowed("key"))]));
        match self.map_slot(map) {
            Some(map) => self.each_pair(map, key, out),
            None => {
                let (stream, item) = (self.fresh(Kind::Stream)?, self.fresh(Kind::Scalar)?);
                let pairs = self.variable(map, out)?;
                let push = Code::ap(Operand::Variable(item.clone(), key), stream.clone());
                let all = Code::each(whole(pairs), &item, push);
                self.frozen(stream, alloc::vec![all], out)
            }
        }
    }

    /// One object with the array of values of each key.
    fn grouped(&mut self, map: ExprId, out: &mut Vec<Code>) -> Written<Operand<'static>> {
        let Some(map) = self.map_slot(map) else { return self.value(map, out) };
        let peer = self.settle(out)?;
        let (fresh, item) = (self.fresh(Kind::Map)?, self.fresh(Kind::Scalar)?);
        let (key, result) = (self.fresh(Kind::Scalar)?, self.fresh(Kind::Scalar)?);
        let path = |step| Some(Lens::Path(alloc::vec![step]));
        let its_key = Operand::Variable(item.clone(), path(Accessor::Field(Cow::Borrowed("key"))));
        let its_values =
            Operand::Variable(map_variable(map), path(Accessor::Variable(key.name.clone())));
        let body = Code::seq(alloc::vec![
            Code::ap(its_key, key.clone()),
            Code::put(whole(key), its_values, fresh.clone()),
        ]);
        let all = Code::each(whole(map_variable(map)), &item, body);
        let freeze = Code::canon(peer, fresh.clone(), result.clone());
        out.push(Code::new(fresh, Code::seq(alloc::vec![all, freeze])));
        Ok(whole(result))
    }

    /// Throws an error: on, if it is the one that is being handled, else as a new one.
    pub(super) fn raise(&mut self, error: ExprId, out: &mut Vec<Code>) -> Written<Code> {
        if let Some(Expr::Slot(slot)) = self.program.expr(error)
            && self.caught == Some(*slot)
        {
            return Ok(Code::rethrow());
        }
        self.thrown(error, out)
    }

    /// `fail` with an error object.
    pub(super) fn thrown(&mut self, error: ExprId, out: &mut Vec<Code>) -> Written<Code> {
        if let Some(Expr::Const(id)) = self.program.expr(error)
            && let Some(Value::Object(object)) = self.program.constant(*id)
            && let (Some(Value::Int(code)), Some(Value::Text(message)), 2) =
                (object.get("error_code"), object.get("message"), object.fields().len())
            && *code != 0
            && !message.contains('"')
        {
            let message = Cow::Owned(String::from(&**message));
            return Ok(Code::leaf(What::FailWith { code: *code, message }));
        }
        let object = self.variable(error, out)?;
        Ok(Code::leaf(What::Fail(whole(object))))
    }
}
