//! Which open block a line belongs to.
//!
//! Indentation is compared as text: a line is in a block if its blanks start with those of the
//! line that opened it and go on. All lines of a block have the same blanks.

use aquac_base::Span;

use crate::error::LayoutError;
use crate::layout::Line;

use super::Assembler;
use super::frame::{Frame, Head};

impl Assembler<'_> {
    /// Whether a line is indented deeper than another, so that it can be in its body.
    pub(super) fn is_deeper(&self, line: Line, opener: Line) -> bool {
        line.indent_width() > opener.indent_width()
            && line.indent(self.tokens).starts_with(opener.indent(self.tokens))
    }

    /// Closes the blocks that end before a line, and checks its alignment in the one that is left.
    pub(super) fn close_for(&mut self, line: Line) {
        while let Some(frame) = self.frames.last() {
            if self.is_deeper(line, frame.line) {
                self.align(line);
                return;
            }
            let base = frame.line.indent(self.tokens);
            if base.starts_with(line.indent(self.tokens)) {
                self.close();
                continue;
            }
            // Tabs against spaces: neither is a part of the other. Left where it probably
            // belongs: in the innermost block that it is at least as wide as.
            self.align(line);
            return;
        }
    }

    /// Checks a line against the first line of the innermost block.
    fn align(&mut self, line: Line) {
        let tokens = self.tokens;
        let source = self.source();
        let this = self.span(line);
        let Some(frame) = self.frames.last_mut() else { return };
        let Some(child) = frame.child else {
            frame.child = Some(line);
            let base = frame.line;
            let related = line.indent(tokens).starts_with(base.indent(tokens));
            if !related && !matches!(frame.head, Head::Skipped) {
                let error = mixed(source, tokens, line, base);
                self.errors.push(error.into());
            }
            return;
        };
        let found = line.indent(tokens);
        let expected = child.indent(tokens);
        if found == expected || matches!(frame.head, Head::Skipped) {
            return;
        }
        if std::mem::take(&mut frame.doubtful) {
            frame.child = Some(line);
            return;
        }
        let known = frame.misaligned.is_some_and(|(start, end)| tokens.bytes(start, end) == found);
        if known {
            return;
        }
        frame.misaligned = Some((line.indent_start, line.indent_end));
        let indent = Span::new(source, line.indent_start, line.indent_end);
        let block = Span::new(source, child.start, child.end_byte(tokens));
        let block_indent = Span::new(source, child.indent_start, child.indent_end);
        let error = if found.starts_with(expected) || expected.starts_with(found) {
            LayoutError::Misaligned {
                indent,
                line: this,
                block,
                block_indent,
                found: crate::lex::offset(found.len()),
                expected: crate::lex::offset(expected.len()),
            }
        } else {
            LayoutError::MixedBlanks { indent, line: this, block, block_indent }
        };
        self.errors.push(error.into());
    }

    /// Opens a block.
    pub(super) fn open(&mut self, line: Line, head: Head, quiet: bool) {
        if self.frames.len() < super::MAX_BLOCKS {
            self.frames.push(Frame::new(head, line, quiet));
            return;
        }
        let span = self.span(line);
        let limit = super::MAX_BLOCKS;
        self.errors.push(LayoutError::TooManyBlocks { line: span, limit }.into());
        self.frames.push(Frame::new(Head::Skipped, line, true));
    }

    /// Closes the innermost block.
    pub(super) fn close(&mut self) {
        let Some(frame) = self.frames.pop() else { return };
        if frame.child.is_none() && !frame.quiet {
            let head = self.span(frame.line);
            let first = self.tokens.slice(frame.line.first as usize);
            let what = format!("this `{first}`");
            self.errors.push(LayoutError::NoBody { head, what }.into());
        }
        self.finish(frame);
    }

    /// Closes every block.
    pub(super) fn close_all(&mut self) {
        while !self.frames.is_empty() {
            self.close();
        }
    }
}

/// Blanks of a first line that have nothing to do with those of the line above it.
fn mixed(
    source: aquac_base::SourceId,
    tokens: &crate::lex::Tokens<'_>,
    line: Line,
    base: Line,
) -> LayoutError {
    LayoutError::MixedBlanks {
        indent: Span::new(source, line.indent_start, line.indent_end),
        line: Span::new(source, line.start, line.end_byte(tokens)),
        block: Span::new(source, base.start, base.end_byte(tokens)),
        block_indent: Span::new(source, base.indent_start, base.indent_end),
    }
}
