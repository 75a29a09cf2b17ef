//! [`Tokens`] → [`Lines`]: logical lines with their indentation.
//!
//! A logical line ends with a line end, unless a bracket is open, an operator or a comma still
//! waits for its right side, or the next line is indented and starts with an operator. This is
//! where recovery lives: an open bracket ends where a line starts with a statement or a
//! declaration, so that a broken line costs one line.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "there are seventy kinds of tokens, and each question is about a few"
)]

mod brackets;
mod joins;
mod limits;

use crate::lex::{Kind, Tokens};

use brackets::Brackets;
use joins::Join;

/// The deepest nesting of brackets, operators and types in one line. A line beyond it is not
/// read and reported. Later passes may recurse this deep into a tree.
pub const MAX_NESTING: u32 = 200;

/// A logical line: neither blank nor only a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// Position of its first token behind the indentation.
    pub first: u32,
    /// One past the position of its last token that is not trivia.
    pub end: u32,
    /// First byte of its indentation.
    pub indent_start: u32,
    /// First byte behind its indentation.
    pub indent_end: u32,
    /// Its first byte: behind its indentation and a brace that ends the block above it.
    pub start: u32,
    /// Bytes of the comment lines directly above.
    pub doc: Option<(u32, u32)>,
    /// Whether its brackets match.
    pub balanced: bool,
    /// Whether it nests deeper than [`MAX_NESTING`].
    pub too_deep: bool,
}

/// Every logical line of a text, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lines {
    lines: Vec<Line>,
}

impl Lines {
    /// The lines.
    #[must_use]
    pub fn as_slice(&self) -> &[Line] {
        &self.lines
    }

    /// The line at a position.
    #[must_use]
    pub fn get(&self, at: usize) -> Option<Line> {
        self.lines.get(at).copied()
    }
}

impl Line {
    /// Its indentation: the exact blanks before it.
    #[must_use]
    pub fn indent<'text>(&self, tokens: &Tokens<'text>) -> &'text str {
        tokens.bytes(self.indent_start, self.indent_end)
    }

    /// How wide its indentation is, in bytes.
    #[must_use]
    pub const fn indent_width(&self) -> u32 {
        self.indent_end - self.indent_start
    }

    /// One past its last byte.
    #[must_use]
    pub fn end_byte(&self, tokens: &Tokens<'_>) -> u32 {
        tokens.start(self.end as usize)
    }
}

/// Finds the logical lines. Never fails.
#[must_use]
pub fn layout(tokens: &Tokens<'_>) -> Lines {
    let mut lines = Vec::with_capacity(tokens.len() / 8 + 1);
    let mut reader = LineReader::default();
    let mut at = 0;
    let mut doc = None;
    while at < tokens.len() {
        let (first, indent) = behind_indent(tokens, at);
        match tokens.kind(first) {
            Some(Kind::Comment | Kind::ForeignComment) => {
                doc =
                    Some((doc.map_or(tokens.start(first), |(start, _)| start), tokens.end(first)));
                at = behind_line_end(tokens, first + 1);
            }
            Some(Kind::Newline) => {
                doc = None;
                at = first + 1;
            }
            Some(_) => {
                let mut line = reader.read(tokens, first, indent);
                line.doc = doc.take();
                at = behind_line_end(tokens, line.end as usize);
                lines.push(line);
            }
            None => break,
        }
    }
    Lines { lines }
}

/// The first token behind the blanks at the start of a line, and where the blanks are.
fn behind_indent(tokens: &Tokens<'_>, mut at: usize) -> (usize, (u32, u32)) {
    let mut start = tokens.start(at);
    let mut end = None;
    while let Some(kind) = tokens.kind(at) {
        match kind {
            Kind::Blank => {}
            Kind::ClosingBrace => end = end.or(Some(tokens.start(at))),
            Kind::Mark => start = tokens.end(at),
            _ => break,
        }
        at += 1;
    }
    (at, (start, end.unwrap_or(tokens.start(at))))
}

/// The first token of the next line. At most a comment stands before the line end, or a lone
/// carriage return, which ends the comment and is no line end.
fn behind_line_end(tokens: &Tokens<'_>, at: usize) -> usize {
    let end = tokens.next_in_line(at);
    end + usize::from(tokens.kind(end) == Some(Kind::Newline))
}

/// Reads logical lines and remembers where brackets are known to stay open.
#[derive(Default)]
struct LineReader {
    brackets: Brackets,
    /// Up to this token a bracket stays open, so that no line before it is read on for long.
    unclosed: usize,
}

impl LineReader {
    /// Reads one logical line, which starts at a token that is not trivia.
    fn read(&mut self, tokens: &Tokens<'_>, first: usize, indent: (u32, u32)) -> Line {
        self.brackets.clear();
        let mut last = first;
        let mut at = first;
        // Where the line ends if its brackets turn out to stay open: at the first line in them
        // that is not indented deeper.
        let mut cut = None;
        while let Some(kind) = tokens.kind(at) {
            if kind == Kind::Newline {
                let join = Join { tokens, first, last, newline: at, indent: indent.1 - indent.0 };
                let Some(next) = join.next_part(&self.brackets) else { break };
                if self.brackets.any_open() && !join.is_deeper(next) {
                    cut = cut.or(Some(last));
                    if at < self.unclosed {
                        break;
                    }
                }
                at = next;
                continue;
            }
            if !kind.is_trivia() {
                self.brackets.see(kind, last);
                last = at;
            }
            at += 1;
        }
        if self.brackets.any_open() {
            self.unclosed = self.unclosed.max(at);
            last = cut.unwrap_or(last);
        }
        self.line(tokens, (first, last + 1), indent)
    }

    fn line(
        &self,
        tokens: &Tokens<'_>,
        (first, end): (usize, usize),
        (indent_start, indent_end): (u32, u32),
    ) -> Line {
        Line {
            first: crate::lex::offset(first),
            end: crate::lex::offset(end),
            indent_start,
            indent_end,
            start: tokens.start(first),
            doc: None,
            balanced: self.brackets.balanced(),
            too_deep: limits::nests_deeper(tokens, first, end, MAX_NESTING),
        }
    }
}

#[cfg(test)]
mod tests {
    use aquac_base::SourceId;

    use super::layout;
    use crate::lex::lex;

    /// The logical lines, with inner line ends as `⏎`.
    fn lines(text: &str) -> Vec<String> {
        let tokens = lex(text, SourceId(0));
        let found = layout(&tokens);
        let shown = |line: &super::Line| {
            tokens.bytes(line.start, line.end_byte(&tokens)).replace('\n', "⏎")
        };
        found.as_slice().iter().map(shown).collect()
    }

    #[test]
    fn comments_and_blank_lines_are_no_lines() {
        assert_eq!(lines("-- a\n\n  x = 1 -- b\n   \n\ty\n"), ["x = 1", "y"]);
    }

    #[test]
    fn a_lone_carriage_return_behind_a_comment_is_not_lost() {
        assert_eq!(lines("-- a\rx = 1\ny"), ["\rx = 1", "y"]);
        assert_eq!(lines("x -- a\ry\nz"), ["x -- a\ry", "z"]);
    }

    #[test]
    fn open_brackets_join_lines() {
        assert_eq!(lines("f(a,\n  b -- c\n)\ng()"), ["f(a,⏎  b -- c⏎)", "g()"]);
        assert_eq!(lines("x = [\n1,\n2\n]"), ["x = [⏎1,⏎2⏎]"]);
    }

    #[test]
    fn an_operator_or_a_comma_waits_for_an_indented_line_or_one_in_the_first_column() {
        assert_eq!(lines("  x = a +\n    b\n  y"), ["x = a +⏎    b", "y"]);
        assert_eq!(lines("  x = a +\nb\n  y"), ["x = a +⏎b", "y"]);
        assert_eq!(lines("  x = a +\n  y = 1"), ["x = a +", "y = 1"]);
        assert_eq!(lines("export a,\n  b\nfunc f():"), ["export a,⏎  b", "func f():"]);
        assert_eq!(lines("export a,\nfunc f():"), ["export a,", "func f():"]);
        assert_eq!(lines("  x = a\n    + b\n  y"), ["x = a⏎    + b", "y"]);
    }

    #[test]
    fn a_star_that_declares_everything_waits_for_nothing() {
        assert_eq!(
            lines("aqua A declares *\n\n  import \"x\""),
            ["aqua A declares *", "import \"x\""]
        );
    }

    #[test]
    fn an_open_bracket_ends_at_a_statement() {
        assert_eq!(lines("  f(a\n  g(b)"), ["f(a", "g(b)"]);
        assert_eq!(lines("  f(a,\n  x <- g(b)"), ["f(a,", "x <- g(b)"]);
        assert_eq!(lines("  f(a,\n  if a:\n    b()"), ["f(a,", "if a:", "b()"]);
        assert_eq!(lines("  f(a,\n  x = 1\n  y"), ["f(a,", "x = 1", "y"]);
        assert_eq!(lines("  f(a,\n  g(b)\n  h(c)"), ["f(a,", "g(b)", "h(c)"]);
        assert_eq!(lines("  f(\n  a,\n  g(b)\n  )"), ["f(⏎  a,⏎  g(b)⏎  )"]);
        assert_eq!(lines("func f(a: u8,\nfunc g():"), ["func f(a: u8,", "func g():"]);
        assert_eq!(lines("func f(a: u8:\n  b()"), ["func f(a: u8:", "b()"]);
        assert_eq!(lines("  x = P(a,\n    b = 1)"), ["x = P(a,⏎    b = 1)"]);
        assert_eq!(lines("  f(\n    a\n    b)\n  c"), ["f(⏎    a⏎    b)", "c"]);
    }
}
