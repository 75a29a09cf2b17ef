//! Operands into expressions.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use aquac_ir::{BinaryOp, Expr, ExprId, Fact, FaultCode, IndexKind, SlotId, TextId, Value};

use crate::ast::{Accessor, Kind, Lens, Operand, Register, Variable};
use crate::read::emit::Emitter;
use crate::read::names::{Meaning, Names};

impl Emitter<'_, '_> {
    pub(super) fn text(&mut self, text: &str) -> ExprId {
        self.builder.constant(Value::text(text))
    }

    pub(super) fn expr(&mut self, expr: Expr) -> ExprId {
        self.builder.expr(expr)
    }

    /// A slot that nothing writes: what reads it waits for ever.
    pub(super) fn never(&mut self) -> ExprId {
        let slot = match self.never_slot {
            Some(slot) => slot,
            None => self.slot(""),
        };
        self.never_slot = Some(slot);
        self.expr(Expr::Slot(slot))
    }

    /// An expression that fails.
    pub(super) fn fault(&mut self, code: FaultCode, message: &str) -> ExprId {
        let object = self.error_object(code.number(), message);
        self.expr(Expr::Raise(object))
    }

    pub(super) fn error_object(&mut self, code: i64, message: &str) -> ExprId {
        let code = self.builder.constant(code.into());
        let message = self.text(message);
        let fields = [("error_code", code), ("message", message)];
        self.object(&fields)
    }

    pub(super) fn object(&mut self, fields: &[(&str, ExprId)]) -> ExprId {
        let fields: Box<[(TextId, ExprId)]> =
            fields.iter().map(|(name, value)| (self.builder.text(name), *value)).collect();
        self.expr(Expr::Object(fields))
    }

    /// The first of some slots that is known.
    pub(super) fn first_known(&mut self, slots: &[SlotId]) -> ExprId {
        let exprs: Vec<ExprId> = slots.iter().map(|slot| self.expr(Expr::Slot(*slot))).collect();
        match exprs.as_slice() {
            [] => self.never(),
            [only] => *only,
            _ => self.expr(Expr::Either(exprs.into())),
        }
    }

    /// A value where a node reads it.
    pub(super) fn value(&mut self, operand: &Operand<'_>, node: usize) -> ExprId {
        match operand {
            Operand::Text(text) => self.text(text),
            Operand::Int(number) => self.builder.constant((*number).into()),
            Operand::Float(number) => self.builder.constant(Value::Float(*number)),
            Operand::Bool(truth) => self.builder.constant((*truth).into()),
            Operand::Empty => self.empty(),
            Operand::Initiator => self.expr(Expr::Fact(Fact::Initiator)),
            Operand::Timestamp => self.expr(Expr::Fact(Fact::Timestamp)),
            Operand::Ttl => self.expr(Expr::Fact(Fact::Ttl)),
            Operand::Error(register, lens) => {
                let object = match register {
                    Register::Caught => self.caught(node),
                    Register::Last => self.last_error(node),
                };
                self.lens(object, lens.as_ref(), node)
            }
            Operand::Variable(variable, lens) => {
                let whole = self.variable(variable, node);
                match (variable.kind, lens) {
                    (Kind::Canon, Some(Lens::Path(path))) => self.canon_path(whole, path, node),
                    (Kind::CanonMap, None) => self.expr(Expr::Grouped(whole)),
                    (Kind::CanonMap, Some(Lens::Path(path))) => self.map_path(whole, path, node),
                    (
                        Kind::Scalar | Kind::Stream | Kind::Map | Kind::Canon | Kind::CanonMap,
                        lens,
                    ) => self.lens(whole, lens.as_ref(), node),
                }
            }
        }
    }

    /// A value that messages call by its name, where it must be of some kind.
    pub(super) fn named(&mut self, operand: &Operand<'_>, node: usize) -> ExprId {
        let of = self.value(operand, node);
        let Operand::Variable(variable, _) = operand else { return of };
        let name = self.builder.text(&variable.name);
        self.expr(Expr::Named { of, name })
    }

    /// The same, called by the name with its path.
    pub(super) fn named_fully(&mut self, operand: &Operand<'_>, node: usize) -> ExprId {
        let of = self.value(operand, node);
        if !matches!(operand, Operand::Variable(..)) {
            return of;
        }
        let name = self.builder.text(&operand.to_string());
        self.expr(Expr::Named { of, name })
    }

    /// A variable as it was bound.
    pub(super) fn variable(&mut self, variable: &Variable<'_>, node: usize) -> ExprId {
        self.by_name(&variable.name, node)
    }

    fn by_name(&mut self, name: &str, node: usize) -> ExprId {
        match self.names.meaning(self.tree, name, node) {
            Meaning::Slots(slots) => self.first_known(&slots),
            Meaning::Nothing => self.never(),
            Meaning::Cleared => {
                let message =
                    format!("variable with name '{name}' was cleared by new and then wasn't set");
                self.fault(FaultCode::ReadAfterNew, &message)
            }
            Meaning::Ambiguous => {
                let message = format!("'{name}' is the element of a fold and a variable as well");
                self.fault(FaultCode::ItemWritten, &message)
            }
        }
    }

    fn lens(&mut self, of: ExprId, lens: Option<&Lens<'_>>, node: usize) -> ExprId {
        match lens {
            None => of,
            Some(Lens::Length) => self.expr(Expr::Length(of)),
            Some(Lens::Path(path)) => self.path(of, path, node),
        }
    }

    fn path(&mut self, of: ExprId, path: &[Accessor<'_>], node: usize) -> ExprId {
        path.iter().fold(of, |of, step| match step {
            Accessor::Field(name) => {
                let name = self.builder.text(name);
                self.expr(Expr::Field { of, name })
            }
            Accessor::Index(_) | Accessor::Variable(_) => {
                self.select(of, step, IndexKind::Value, node)
            }
        })
    }

    /// The first step selects an element, whatever it looks like.
    fn canon_path(&mut self, of: ExprId, path: &[Accessor<'_>], node: usize) -> ExprId {
        let Some((first, rest)) = path.split_first() else { return of };
        let element = self.select(of, first, IndexKind::Snapshot, node);
        self.path(element, rest, node)
    }

    /// The first step is a key, which a fold's element may not be. Without such a key the result
    /// is empty, whatever the rest asks.
    fn map_path(&mut self, map: ExprId, path: &[Accessor<'_>], node: usize) -> ExprId {
        let Some((first, rest)) = path.split_first() else { return map };
        if let Accessor::Variable(name) = first
            && Names::fold_of(self.tree, name, node).is_some()
        {
            return self.fault(FaultCode::Lens, "canon stream map accessor must not be iterable");
        }
        let values = self.select(map, first, IndexKind::Map, node);
        if rest.is_empty() {
            return values;
        }
        let key = self.key(first, node);
        let condition = self.expr(Expr::Contains { map, key });
        let then = self.canon_path(values, rest, node);
        // That of a key which is not there.
        let otherwise = values;
        self.expr(Expr::Choose { condition, then, otherwise })
    }

    fn select(&mut self, of: ExprId, step: &Accessor<'_>, kind: IndexKind, node: usize) -> ExprId {
        let index = match step {
            // Where a part comes from is told with the name of what selected it.
            Accessor::Variable(name) => {
                let of = self.by_name(name, node);
                let name = self.builder.text(name);
                self.expr(Expr::Named { of, name })
            }
            Accessor::Field(_) | Accessor::Index(_) => self.key(step, node),
        };
        self.expr(Expr::Index { of, index, kind })
    }

    fn key(&mut self, step: &Accessor<'_>, node: usize) -> ExprId {
        match step {
            Accessor::Field(name) => self.text(name),
            Accessor::Index(index) => self.builder.constant(i64::from(*index).into()),
            Accessor::Variable(name) => self.by_name(name, node),
        }
    }

    fn empty(&mut self) -> ExprId {
        let empty = Value::array(Vec::new()).unwrap_or(Value::Null);
        self.builder.constant(empty)
    }

    /// Whether a slot is known: then the expression fails, else it is `null`.
    pub(super) fn fails_if_known(&mut self, slot: SlotId, code: FaultCode, why: &str) -> ExprId {
        let known = self.expr(Expr::Slot(slot));
        let condition = self.expr(Expr::Binary { op: BinaryOp::Equal, left: known, right: known });
        let then = self.fault(code, why);
        let otherwise = self.builder.constant(Value::Null);
        let check = self.expr(Expr::Choose { condition, then, otherwise });
        self.expr(Expr::Either([check, otherwise].into()))
    }

    pub(super) fn bound_twice(name: &str) -> String {
        format!("variable '{name}' is bound already, and may not be bound again")
    }
}
