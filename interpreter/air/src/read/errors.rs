//! The two variables that hold errors, as slots of the `xor`s that caught them.
//!
//! `:error:` is what the innermost enclosing `xor` caught, unless another `xor` has handled an
//! error since; then there is none. `%last_error%` is never cleared: it is what was thrown last,
//! comparisons left out.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use aquac_ir::{BinaryOp, Expr, ExprId, FaultCode, SlotId, Value};

use crate::ast::{Operand, Register, What};
use crate::read::emit::Emitter;
use crate::read::tree::{Order, Tree};

/// How many errors back an expression looks. Older ones count as if they had never been.
const MAX_LOOKED_BACK: usize = 16;

/// Where errors are caught and where they are read.
#[derive(Debug)]
pub(super) struct Registers {
    /// Whether `%last_error%` is read anywhere.
    last: bool,
    /// Whether the right arm of a `xor`, or one around it, reads `:error:`; by node.
    needs_slot: Vec<bool>,
    /// What has been caught, by the `xor` or branch of a `par` behind which it is known.
    caught: BTreeMap<usize, SlotId>,
}

impl Registers {
    pub(super) fn find(tree: &Tree<'_, '_>) -> Self {
        let reads = |node: usize, wanted: Register| {
            tree.what(node).into_iter().flat_map(What::operands).any(
                |operand| matches!(operand, Operand::Error(register, _) if *register == wanted),
            )
        };
        let count = tree.nodes.len();
        let last = (0..count).any(|node| reads(node, Register::Last));
        // How many nodes before each read `:error:`.
        let mut before = Vec::with_capacity(count + 1);
        before.push(0_usize);
        for node in 0..count {
            let so_far = before.last().copied().unwrap_or(0);
            before.push(so_far + usize::from(reads(node, Register::Caught)));
        }
        let mut needs_slot = alloc::vec![last; count];
        let mut covered = 0;
        for node in 0..count {
            let needed = last || node < covered;
            let handler = match (tree.what(node), tree.children(node)) {
                (Some(What::Xor), [_, handler]) => *handler..tree.end(*handler),
                (Some(_) | None, _) => continue,
            };
            let inside = before.get(handler.end) > before.get(handler.start);
            if inside {
                covered = covered.max(handler.end);
            }
            if let Some(needs) = needs_slot.get_mut(node) {
                *needs = needed || inside;
            }
        }
        Self { last, needs_slot, caught: BTreeMap::new() }
    }

    /// Whether a `xor` must keep what it catches.
    pub(super) fn needs_slot(&self, node: usize) -> bool {
        self.needs_slot.get(node).copied().unwrap_or(false)
    }

    /// Whether what a `par` swallows may be read later.
    pub(super) const fn keeps_swallowed(&self) -> bool {
        self.last
    }

    pub(super) fn caught(&mut self, node: usize, slot: SlotId) {
        self.caught.insert(node, slot);
    }

    fn slot(&self, node: usize) -> Option<SlotId> {
        self.caught.get(&node).copied()
    }
}

impl Emitter<'_, '_> {
    /// `:error:` where a node reads it.
    pub(super) fn caught(&mut self, node: usize) -> ExprId {
        let none = self.no_error();
        let handler = self.tree.around(node).find_map(|(outer, number)| {
            (matches!(self.tree.what(outer), Some(What::Xor)) && number == 1).then_some(outer)
        });
        let Some(handler) = handler else { return none };
        let Some(slot) = self.registers.slot(handler) else { return none };
        let mut object = self.expr(Expr::Slot(slot));
        let handled = self.handled_before(node, handler);
        for slot in handled.into_iter().rev() {
            // Known exactly if that xor caught something, and then there is no error.
            let slot = self.expr(Expr::Slot(slot));
            let both = self.expr(Expr::Array([none, slot].into()));
            let index = self.builder.constant(0_i64.into());
            let kind = aquac_ir::IndexKind::Value;
            let cleared = self.expr(Expr::Index { of: both, index, kind });
            object = self.expr(Expr::Either([cleared, object].into()));
        }
        object
    }

    /// Errors that were handled inside a handler, before a node in it; the latest first.
    fn handled_before(&self, node: usize, handler: usize) -> Vec<SlotId> {
        let inside = self.registers.caught.range(handler + 1..node).rev().filter(|(at, _)| {
            matches!(self.tree.what(**at), Some(What::Xor)) && self.is_over(**at, node)
        });
        inside.map(|(_, slot)| *slot).take(MAX_LOOKED_BACK).collect()
    }

    /// Whether an earlier place is over where a node is reached, and is visible there.
    fn is_over(&self, earlier: usize, node: usize) -> bool {
        let visible = self.tree.in_body(self.tree.get(earlier).and_then(|e| e.fold), node);
        visible && matches!(self.tree.order(earlier, node), Order::Certain | Order::Perhaps)
    }

    /// `%last_error%` where a node reads it.
    pub(super) fn last_error(&mut self, node: usize) -> ExprId {
        let tree = self.tree;
        let handles = |at: usize| {
            let arm = tree.children(at).get(1);
            matches!(tree.what(at), Some(What::Xor))
                && arm.is_some_and(|arm| (*arm..tree.end(*arm)).contains(&node))
        };
        let earlier = |at: usize| {
            let order = tree.order(at, node);
            tree.in_body(tree.get(at).and_then(|flat| flat.fold), node)
                && matches!(order, Order::Certain | Order::Perhaps | Order::Failed)
        };
        // What a xor catches comes after everything in its left arm.
        let time = |at: usize| tree.children(at).get(1).copied().unwrap_or_else(|| tree.end(at));
        let caught = self.registers.caught.range(..node).rev().map(|(at, slot)| (*at, *slot));
        let mut found: Vec<(usize, SlotId)> =
            caught.filter(|(at, _)| handles(*at) || earlier(*at)).take(MAX_LOOKED_BACK).collect();
        found.sort_by_key(|(at, _)| core::cmp::Reverse(time(*at)));
        let mut choices: Vec<ExprId> = found.iter().map(|(_, slot)| self.thrown(*slot)).collect();
        let none = self.no_error();
        if choices.is_empty() {
            return none;
        }
        choices.push(none);
        self.expr(Expr::Either(choices.into()))
    }

    /// What was thrown, unless it was a comparison: those do not count, and are never known.
    fn thrown(&mut self, slot: SlotId) -> ExprId {
        let object = self.expr(Expr::Slot(slot));
        let name = self.builder.text("error_code");
        let code = self.expr(Expr::Field { of: object, name });
        let mut is = |code_wanted: FaultCode| {
            let right = self.builder.constant(code_wanted.number().into());
            self.builder.expr(Expr::Binary { op: BinaryOp::Equal, left: code, right })
        };
        let (different, equal) = (is(FaultCode::MatchDifferent), is(FaultCode::MismatchEqual));
        let condition = self.expr(Expr::Or(different, equal));
        let then = self.never();
        let otherwise = self.expr(Expr::Thrown(object));
        self.expr(Expr::Choose { condition, then, otherwise })
    }

    fn no_error(&mut self) -> ExprId {
        let fields = [("error_code", Value::from(0_i64)), ("message", Value::text(""))];
        let object = Value::object(fields.map(|(name, value)| (name.into(), value)).into());
        self.builder.constant(object.unwrap_or(Value::Null))
    }
}
