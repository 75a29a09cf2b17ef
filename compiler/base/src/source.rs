//! Sources and the places in them.
//!
//! A [`Span`] is a byte range in one source; lines and columns are computed only when a person
//! or an editor needs them.

/// A source text, by its position in the [`SourceMap`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub u32);

/// A half-open range of bytes in one source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The source that the bytes belong to.
    pub source: SourceId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The bytes from `start` up to, not including, `end`.
    #[must_use]
    pub const fn new(source: SourceId, start: u32, end: u32) -> Self {
        Self { source, start, end }
    }

    /// The smallest span that covers both. Keeps `self` if the other is in another source.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        if self.source != other.source {
            return self;
        }
        Self {
            source: self.source,
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }

    /// The empty span at the first byte: where something is missing before this.
    #[must_use]
    pub const fn at_start(self) -> Self {
        Self { source: self.source, start: self.start, end: self.start }
    }

    /// The empty span behind the last byte: where something is missing after this.
    #[must_use]
    pub const fn at_end(self) -> Self {
        Self { source: self.source, start: self.end, end: self.end }
    }
}

/// One text with the name that messages use for it, usually its path as the user wrote it.
#[derive(Debug, Clone)]
pub struct Source {
    /// What messages call it.
    pub name: String,
    /// The whole text.
    pub text: String,
    line_starts: Vec<u32>,
}

/// A position as people and editors count: both numbers start at 1, columns count Unicode
/// scalar values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineColumn {
    /// Line, from 1.
    pub line: u32,
    /// Column in Unicode scalar values, from 1.
    pub column: u32,
}

impl Source {
    /// Takes a text and finds its lines once.
    #[must_use]
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        let mut line_starts = vec![0];
        line_starts.extend(
            text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(at, _)| offset(at + 1)),
        );
        Self { name: name.into(), text, line_starts }
    }

    /// Line and column of a byte offset. An offset past the end counts as the end.
    #[must_use]
    pub fn line_column(&self, at: u32) -> LineColumn {
        let line = self.line_starts.partition_point(|start| *start <= at).max(1);
        let start = self.line_starts.get(line - 1).copied().unwrap_or(0);
        let before = self.text.get(start as usize..at as usize).unwrap_or_default();
        LineColumn { line: offset(line), column: offset(before.chars().count() + 1) }
    }

    /// The text between two byte offsets; empty if they are not both on character boundaries.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or_default()
    }
}

/// A `usize` as an offset. Sources are bounded far below 4 GiB by `aquac-syntax`.
fn offset(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// Every source of one compilation.
#[derive(Debug, Clone, Default)]
pub struct SourceMap {
    sources: Vec<Source>,
}

impl SourceMap {
    /// A map without sources.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a source and says under which id it is known from now on.
    pub fn add(&mut self, source: Source) -> SourceId {
        let id = SourceId(offset(self.sources.len()));
        self.sources.push(source);
        id
    }

    /// The source with this id, unless the id comes from another map.
    #[must_use]
    pub fn get(&self, id: SourceId) -> Option<&Source> {
        self.sources.get(id.0 as usize)
    }

    /// Every source with its id, in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = (SourceId, &Source)> {
        self.sources.iter().enumerate().map(|(at, source)| (SourceId(offset(at)), source))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_lines_start_at_one() {
        let source = Source::new("x", "ab\n⊤c\n");
        assert_eq!(source.line_column(0), LineColumn { line: 1, column: 1 });
        assert_eq!(source.line_column(6), LineColumn { line: 2, column: 2 });
        assert_eq!(source.line_column(8), LineColumn { line: 3, column: 1 });
    }
}
