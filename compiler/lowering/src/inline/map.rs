//! Methods of stream maps.

use aquac_base::{Name, Span};
use aquac_ir::{BinaryOp, IndexKind, Last, LoopMode, StreamKind};
use aquac_semantics::hir::{ExprId, MapMethod};

use super::Inliner;
use super::binding::Binding;
use crate::plan::{Loop, Over, Plan, PlanKind, StreamId};
use crate::terms::{Term, TermId};

impl Inliner<'_> {
    /// `get`, `keys` and `contains` look at a snapshot; `getStream` and `keysStream` follow the
    /// map as it grows.
    pub(super) fn map_method(&mut self, map: ExprId, method: MapMethod, span: Span) -> Binding {
        let map = self.binding(map);
        let Binding::Stream(map) = map else {
            return Binding::Data(self.frozen(map, span));
        };
        let value = match method {
            MapMethod::Get(key) => {
                let key = self.data(key);
                let of = self.snapshot(map, span);
                self.pools.terms.index(of, key, IndexKind::Map)
            }
            MapMethod::Contains(key) => {
                let key = self.data(key);
                let map = self.snapshot(map, span);
                self.pools.terms.intern(Term::Contains { map, key })
            }
            MapMethod::Keys => {
                let of = self.snapshot(map, span);
                self.pools.terms.intern(Term::Keys(of))
            }
            MapMethod::GetStream(key) => {
                let key = self.data(key);
                let key = self.named(key, &Name::new(""), span);
                return self.follow(map, Some(key), span);
            }
            MapMethod::KeysStream => return self.follow(map, None, span),
        };
        Binding::Data(value)
    }

    /// A stream that gets the values for a key, or without one all keys, as they come.
    fn follow(&mut self, map: StreamId, key: Option<TermId>, span: Span) -> Binding {
        let name = self.pools.streams[map].name.clone();
        let stream = self.fresh_stream(&name, StreamKind::List);
        let item = self.pools.terms.slot(Name::new("entry"));
        let entry = self.pools.terms.read(item);
        let entry_key = self.pools.terms.field(entry, &Name::new("key"));
        let push = |value| Plan { kind: PlanKind::Push { stream, key: None, value }, span };
        let body = match key {
            None => push(entry_key),
            Some(key) => {
                let op = BinaryOp::Equal;
                let condition =
                    self.pools.terms.intern(Term::Binary { op, left: entry_key, right: key });
                let value = self.pools.terms.field(entry, &Name::new("value"));
                let (then, otherwise) = (Box::new(push(value)), Box::new(Plan::nothing(span)));
                Plan { kind: PlanKind::If { condition, then, otherwise }, span }
            }
        };
        let (over, mode) = (Over::Live(map), LoopMode::Parallel);
        let each = Loop { over, item, mode, last: Last::Never, body };
        self.detach(Plan { kind: PlanKind::For(Box::new(each)), span }, span);
        Binding::Stream(stream)
    }
}
