//! The debug table: where nodes come from, and what numbers were called.

use std::collections::HashMap;

use aquac_base::{Name, SourceId, SourceMap, Span};
use aquac_ir::{Debug, DebugSource, NodeId, NodeSpan};

/// A debug table in the making.
pub(crate) struct Notes<'a> {
    sources: &'a SourceMap,
    numbers: HashMap<SourceId, u32>,
    debug: Debug,
    last: Option<Span>,
}

impl<'a> Notes<'a> {
    /// An empty table.
    pub(crate) fn new(sources: &'a SourceMap) -> Self {
        Self { sources, numbers: HashMap::new(), debug: Debug::default(), last: None }
    }

    /// Says where the next node comes from.
    pub(crate) fn node(&mut self, node: NodeId, span: Span) {
        if self.last == Some(span) {
            return;
        }
        let Some(text) = self.sources.get(span.source) else { return };
        self.last = Some(span);
        let source = *self.numbers.entry(span.source).or_insert_with(|| {
            self.debug.sources.push(DebugSource { name: text.name.clone() });
            u32::try_from(self.debug.sources.len() - 1).unwrap_or(u32::MAX)
        });
        let line = text.line_column(span.start).line;
        self.debug.spans.push(NodeSpan { node, source, start: span.start, end: span.end, line });
    }

    /// Says what the next slot is called.
    pub(crate) fn slot(&mut self, name: &Name) {
        self.debug.slots.push(name.to_string());
    }

    /// Says what the next stream is called.
    pub(crate) fn stream(&mut self, name: &Name) {
        self.debug.streams.push(name.to_string());
    }

    /// The table.
    pub(crate) fn finish(self) -> Debug {
        self.debug
    }
}
