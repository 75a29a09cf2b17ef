//! How deep each line is nested, from its indentation and the colons above it: what the formatter
//! and the highlighter need to know without reading the lines.

use crate::layout::Line;
use crate::lex::{Kind, Tokens};

/// A line that opens a block.
#[derive(Debug, Clone, Copy)]
struct Open {
    line: Line,
    /// The first line in the block.
    child: Option<Line>,
}

/// The open blocks, outermost first.
#[derive(Debug, Default)]
pub(crate) struct Depths {
    open: Vec<Open>,
}

impl Depths {
    /// How deep the current line is.
    pub(crate) fn depth(&self) -> usize {
        self.open.len()
    }

    /// Closes the blocks that end before a line. Says whether it is aligned with its block.
    pub(crate) fn place(&mut self, tokens: &Tokens<'_>, line: Line) -> bool {
        let indent = line.indent(tokens);
        while let Some(innermost) = self.open.last_mut() {
            let base = innermost.line.indent(tokens);
            if indent.len() > base.len() && indent.starts_with(base) {
                let first = *innermost.child.get_or_insert(line);
                return first.indent(tokens) == indent;
            }
            if !base.starts_with(indent) {
                return false;
            }
            self.open.pop();
        }
        indent.is_empty()
    }

    /// Opens a block if a line ends with a colon, and says whether it does.
    pub(crate) fn open(&mut self, tokens: &Tokens<'_>, line: Line) -> bool {
        let last = (line.end as usize).checked_sub(1);
        let opens = last.and_then(|last| tokens.kind(last)) == Some(Kind::Colon);
        if opens {
            self.open.push(Open { line, child: None });
        }
        opens
    }

    /// The line that opened the outermost block.
    pub(crate) fn outermost(&self) -> Option<Line> {
        self.open.first().map(|open| open.line)
    }

    /// The deepest block whose lines are not indented more than this many columns.
    pub(crate) fn at_column(&self, column: usize) -> usize {
        let fits =
            |open: &Open| open.child.is_some_and(|child| child.indent_width() as usize <= column);
        self.open.iter().rposition(fits).map_or(0, |at| at + 1)
    }
}
