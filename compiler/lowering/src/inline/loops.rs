//! `for` in its four modes, and `parseq`.

use aquac_base::{Name, Span};
use aquac_ir::{Last, LoopMode};
use aquac_semantics::Type;
use aquac_semantics::hir::{self, Block, ExprId, ExprKind, LocalId, LoopItem};

use super::Inliner;
use super::binding::Binding;
use crate::plan::{Loop, Over, Plan, PlanKind};
use crate::terms::SlotId;

impl<'a> Inliner<'a> {
    /// `for`. The modes that nobody waits for run in a branch of their own, in which the loop
    /// never ends by itself.
    pub(super) fn each(
        &mut self,
        mode: hir::LoopMode,
        item: LoopItem,
        source: ExprId,
        body: &'a Block,
        span: Span,
    ) {
        let over = self.over(source);
        let slot = self.item(item);
        let body = self.repeated(span, |inliner| inliner.block(body));
        let (order, last, detached) = match mode {
            hir::LoopMode::Each => (LoopMode::Sequential, Last::Complete, false),
            hir::LoopMode::Try => (LoopMode::UntilSuccess, Last::Complete, false),
            hir::LoopMode::Par | hir::LoopMode::Live => (LoopMode::Parallel, Last::Never, true),
        };
        let each = Loop { over, item: slot, mode: order, last, body };
        let each = PlanKind::For(Box::new(each));
        if detached {
            self.detach(Plan { kind: each, span }, span);
        } else {
            self.step(span, each);
        }
    }

    /// `parseq`: the loop is done when one iteration is, and never for having no more elements.
    pub(super) fn each_at(
        &mut self,
        item: LoopItem,
        source: ExprId,
        (peer, via): (ExprId, &[ExprId]),
        body: &'a Block,
        span: Span,
    ) {
        let over = self.over(source);
        let slot = self.item(item);
        let body = self.repeated(span, |inliner| {
            let place = inliner.place_of(peer, via, span);
            inliner.at(place, span, |inliner| inliner.block(body));
        });
        let mode = LoopMode::Parallel;
        let each = Loop { over, item: slot, mode, last: Last::Never, body };
        self.step(span, PlanKind::For(Box::new(each)));
    }

    /// What a loop runs over: a live stream, one entry for each key of a map's snapshot, or the
    /// elements of an array.
    fn over(&mut self, source: ExprId) -> Over {
        let expr = &self.program().exprs[source];
        let of_map = if let ExprKind::Snapshot(of) = expr.kind {
            matches!(self.typed.types.get(self.program().exprs[of].ty), Type::Map(_))
        } else {
            false
        };
        let source = self.binding(source);
        if let Binding::Stream(stream) = source {
            return Over::Live(stream);
        }
        let value = self.frozen(source, expr.span);
        if of_map { Over::Entries(value) } else { Over::Array(value) }
    }

    /// The slot of the current element, with the loop's variables bound to it or its parts.
    fn item(&mut self, item: LoopItem) -> SlotId {
        let name = |inliner: &Self, local: LocalId| inliner.program().locals[local].name.clone();
        match item {
            LoopItem::One(local) => {
                let name = name(self, local);
                let slot = self.pools.terms.slot(name);
                let element = self.pools.terms.read(slot);
                self.environment.bind(local, Binding::Data(element));
                slot
            }
            LoopItem::Entry { key, value } => {
                let slot = self.pools.terms.slot(Name::new("entry"));
                let entry = self.pools.terms.read(slot);
                for (local, part) in [(key, "key"), (value, "value")] {
                    let part = self.pools.terms.field(entry, &Name::new(part));
                    self.environment.bind(local, Binding::Data(part));
                }
                slot
            }
        }
    }
}
