//! What the source says at a place, and how much of a line a label should cover.

use aquac_base::{SourceId, SourceMap, Span};

/// The texts, asked by place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Text<'a> {
    sources: &'a SourceMap,
}

impl<'a> Text<'a> {
    pub(super) const fn new(sources: &'a SourceMap) -> Self {
        Self { sources }
    }

    /// What stands there.
    pub(super) fn at(&self, span: Span) -> &'a str {
        self.sources.get(span.source).map_or("", |source| source.slice(span))
    }

    fn whole(&self, span: Span) -> &'a str {
        self.sources.get(span.source).map_or("", |source| &source.text)
    }

    /// The statement's line from its first letter to the end of the span: `x <- f()` for `f()`.
    pub(super) fn since_line_start(&self, span: Span) -> Span {
        let before = self.whole(span).get(..span.start as usize).unwrap_or_default();
        let line = before.rfind('\n').map_or(0, |at| at + 1);
        let indent = before.get(line..).unwrap_or_default();
        let blanks = indent.len() - indent.trim_start().len();
        let start = u32::try_from(line + blanks).unwrap_or(span.start);
        Span::new(span.source, start.min(span.start), span.end)
    }

    /// The head of a construct without the colon that opens its body.
    pub(super) fn head(&self, span: Span) -> Span {
        let text = self.at(span);
        let first = text.lines().next().unwrap_or_default().trim_end();
        let head = first.strip_suffix(':').unwrap_or(first).trim_end();
        let length = u32::try_from(head.len()).unwrap_or_default();
        Span::new(span.source, span.start, span.start + length)
    }

    /// Whether the line on which a place stands begins with a word.
    pub(super) fn line_begins_with(&self, span: Span, word: &str) -> bool {
        let line = self.at(self.since_line_start(span));
        let line = line.strip_prefix("par ").unwrap_or(line).trim_start();
        line.strip_prefix(word).is_some_and(|rest| rest.starts_with([' ', '\t']))
    }

    /// The comments that are lines of their own in one source, in order.
    pub(super) fn comments(&self, source: SourceId) -> Vec<Span> {
        let text = self.sources.get(source).map_or("", |source| &source.text);
        let mut at = 0;
        let mut found = Vec::new();
        for line in text.split_inclusive('\n') {
            let comment = line.trim_start();
            if comment.starts_with("--") {
                let start = at + line.len() - comment.len();
                let [start, end] = [start, start + comment.trim_end().len()]
                    .map(|offset| u32::try_from(offset).unwrap_or(u32::MAX));
                found.push(Span::new(source, start, end));
            }
            at += line.len();
        }
        found
    }

    /// Whether nothing but comments and empty lines stands from one place to the next.
    pub(super) fn is_blank(&self, source: SourceId, from: u32, to: u32) -> bool {
        let between = self.at(Span::new(source, from, to));
        between.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with("--"))
    }
}
