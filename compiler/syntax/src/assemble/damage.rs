//! What remains of a line that could not be read: the names it would have bound, and its body.

use aquac_base::{Name, Span};

use crate::ast::Ident;
use crate::layout::Line;
use crate::lex::Kind;
use crate::line::feed::Mode;
use crate::words;

use super::Assembler;
use super::frame::{Frame, Head};

impl Assembler<'_> {
    /// A line that could not be read.
    pub(super) fn damaged(&mut self, line: Line, has_body: bool) {
        let head = match self.frames.last().map(Frame::mode) {
            None => self.damaged_top(line),
            Some(Some(Mode::Members) | None) => Head::Skipped,
            Some(Some(Mode::Body | Mode::Top)) => {
                Head::Damaged { span: self.span(line), binds: self.bound(line) }
            }
        };
        if has_body {
            self.open(line, head, true);
        } else {
            self.finish(Frame::new(head, line, true));
        }
    }

    /// An unreadable line outside of all blocks: its words may declare something.
    fn damaged_top(&mut self, line: Line) -> Head {
        let first = line.first as usize;
        let name = self.tokens.next_in_line(first + 1);
        match self.tokens.slice(first) {
            "aqua" | "module" => self.damaged_header = true,
            "import" | "use" => {
                for at in first + 1..line.end as usize {
                    if self.tokens.kind(at) == Some(Kind::Ident) {
                        self.lost(at);
                    }
                }
            }
            // The first line was probably meant to be the header.
            _ if self.is_first(line) => self.damaged_header = true,
            _ if self.tokens.kind(name) == Some(Kind::Ident) => {
                self.lost(name);
                let declared = self.tokens.next_in_line(name + 1);
                if words::starts_declaration(self.tokens.slice(name))
                    && self.tokens.kind(declared) == Some(Kind::Ident)
                {
                    self.lost(declared);
                }
            }
            _ => {}
        }
        if self.tokens.slice(first) == "func" { Head::DamagedFunction } else { Head::Skipped }
    }

    /// Whether an arrow follows, so that nobody knows which names it binds.
    fn binds_behind(&self, at: usize, line: Line) -> bool {
        let rest = at + 1..line.end as usize;
        rest.into_iter().any(|at| self.tokens.kind(at) == Some(Kind::LeftArrow))
    }

    /// Whether it is the first line of the text.
    pub(super) fn is_first(&self, line: Line) -> bool {
        self.lines.first().is_some_and(|first| first.first == line.first)
    }

    /// The names that an unreadable statement would have bound: those before its first arrow,
    /// equals sign or colon.
    fn bound(&self, line: Line) -> Vec<Ident> {
        let mut names = Vec::new();
        let first = line.first as usize;
        let worded = words::precedes_names(self.tokens.slice(first));
        let mut after_name = false;
        for at in first + usize::from(worded)..line.end as usize {
            match self.tokens.kind(at) {
                Some(Kind::Ident) if !after_name => {
                    let span: Span = self.tokens.span(at);
                    names.push(Ident { name: Name::new(self.tokens.slice(at)), span });
                    after_name = true;
                }
                Some(Kind::Comma) => after_name = false,
                Some(Kind::LeftArrow) => return names,
                Some(Kind::Equals | Kind::Colon) if !self.binds_behind(at, line) => return names,
                Some(kind) if kind.is_trivia() => {}
                Some(_) | None => break,
            }
        }
        Vec::new()
    }
}
