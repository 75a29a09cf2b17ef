//! Loops as folds. Each iteration begins and ends at home, so that one can follow another.

use alloc::vec::Vec;

use aquac_ir::{Iterable, Last, LoopMode, Node, NodeId, SlotId};

use crate::ast::{Operand, What};
use crate::write::code::Code;
use crate::write::expr::{map_variable, slot_variable};
use crate::write::{Writer, Written, whole};

impl Writer<'_> {
    pub(super) fn repeat(&mut self, id: NodeId, out: &mut Vec<Code>) -> Written<()> {
        let Some(Node::For { iterable, item, mode, last }) = self.program.node(id) else {
            return Ok(());
        };
        let iterable = self.iterable(*iterable, out)?;
        let moves = self.moves(id);
        if moves {
            self.towards_home(out)?;
        }
        self.caught = None;
        let body = self.iteration(id, *item, *mode, moves)?;
        let last = match last {
            Last::Complete => Some(Code::null()),
            Last::Never => Some(Code::leaf(What::Never)),
            Last::Body => {
                let mut steps = alloc::vec![self.child(id, 1)?];
                if moves {
                    self.towards_home(&mut steps)?;
                }
                Some(Code::seq(steps))
            }
        };
        out.push(Code::fold(iterable, slot_variable(*item), body, last));
        Ok(())
    }

    fn iteration(
        &mut self,
        id: NodeId,
        item: SlotId,
        mode: LoopMode,
        moves: bool,
    ) -> Written<Code> {
        let next = Code::leaf(What::Next(slot_variable(item)));
        let Some(body) = self.verified.children(id).next() else { return Ok(next) };
        if mode == LoopMode::Parallel {
            let body = self.branch(id, body)?;
            // Every branch of the loop leads out, if not home.
            self.here = self.home.clone();
            return Ok(Code::par(alloc::vec![body, next]));
        }
        let mut steps = alloc::vec![self.block(body)?];
        if moves {
            self.towards_home(&mut steps)?;
        }
        Ok(match mode {
            LoopMode::Sequential => {
                steps.push(next);
                Code::seq(steps)
            }
            LoopMode::UntilSuccess => Code::xor(Code::seq(steps), next),
            LoopMode::Explicit | LoopMode::InOrder | LoopMode::Parallel => Code::seq(steps),
        })
    }

    fn iterable(&mut self, iterable: Iterable, out: &mut Vec<Code>) -> Written<Operand<'static>> {
        match iterable {
            Iterable::Live(stream) => Ok(whole(self.stream(stream))),
            Iterable::Entries(expr) => match self.map_slot(expr) {
                Some(map) => Ok(whole(map_variable(map))),
                None => self.variable(expr, out).map(whole),
            },
            Iterable::Array(expr) => {
                let operand = self.value(expr, out)?;
                if matches!(operand, Operand::Variable(..) | Operand::Empty) {
                    return Ok(operand);
                }
                // No array, which is an error when it runs.
                self.variable(expr, out).map(whole)
            }
        }
    }

    /// The following iteration. The other modes say it by themselves.
    pub(super) fn next(&self, of: NodeId) -> Option<Code> {
        let Some(Node::For { item, .. }) = self.program.node(of) else { return None };
        Some(Code::leaf(What::Next(slot_variable(*item))))
    }
}
