//! Text into a program: the head, then nodes nested by their indentation.

use alloc::vec::Vec;

use super::lex::{Cursor, Token};
use super::parse_expr::Reader;
use super::{HEAD, TextError, TextProblem};
use crate::{Node, NodeId, Open, Program, SlotId, StreamKind};

/// Reads a program. It is not checked: see [`crate::VerifiedProgram`].
///
/// # Errors
///
/// [`TextError`] at the first thing that is not as [`crate::print`] writes it.
pub fn parse(text: &str) -> Result<Program, TextError> {
    let mut parser = Parser::default();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim_end();
        let content = line.trim_start_matches(' ');
        if content.is_empty() || content.starts_with("//") {
            continue;
        }
        parser.line(number, line.len() - content.len(), content)?;
    }
    parser.finish()
}

#[derive(Default)]
struct Parser {
    reader: Reader,
    slots: u32,
    streams: Vec<StreamKind>,
    open: Vec<OpenNode>,
    progress: Progress,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Progress {
    #[default]
    Nothing,
    Head,
    Nodes,
}

struct OpenNode {
    open: Open,
    line: u32,
    column: u32,
    /// How many children it must have, if the number is part of the node.
    wanted: Option<u32>,
    found: u32,
    item: Option<SlotId>,
}

impl Parser {
    fn line(&mut self, number: u32, indent: usize, content: &str) -> Result<(), TextError> {
        let column = u32::try_from(indent).unwrap_or(u32::MAX).saturating_add(1);
        let mut from = Cursor::new(number, column, content)?;
        if self.progress == Progress::Nothing {
            from.expect_word(HEAD.0)?;
            let here = from.expected("a version that this build reads");
            if from.number()? != HEAD.1 {
                return Err(here);
            }
            self.progress = Progress::Head;
            return from.done();
        }
        if self.progress == Progress::Head && self.head(&mut from)? {
            return from.done();
        }
        self.node(number, column, indent, &mut from)
    }

    /// Whether the line belongs to the head.
    fn head(&mut self, from: &mut Cursor<'_>) -> Result<bool, TextError> {
        if from.eat_word("parameters") {
            loop {
                let shape = self.reader.shape(from, 0)?;
                self.reader.builder.parameter(shape);
                if !from.eat(",") {
                    return Ok(true);
                }
            }
        }
        if from.eat_word("slots") {
            self.slots = from.number()?;
            return Ok(true);
        }
        if from.eat_word("streams") {
            return self.stream_kinds(from).map(|()| true);
        }
        let is_type = from.eat_word("type");
        if !is_type && !from.eat_word("expr") {
            return Ok(false);
        }
        from.expect("&")?;
        let name = from.number()?;
        from.expect("=")?;
        if is_type {
            let shape = self.reader.shape(from, 0)?;
            self.reader.shapes.insert(name, shape);
        } else {
            let expr = self.reader.expr(from)?;
            self.reader.exprs.insert(name, expr);
        }
        Ok(true)
    }

    fn stream_kinds(&mut self, from: &mut Cursor<'_>) -> Result<(), TextError> {
        loop {
            let here = from.expected("`list` or `map`");
            self.streams.push(match from.next() {
                Some(Token::Word("list")) => StreamKind::List,
                Some(Token::Word("map")) => StreamKind::Map,
                Some(Token::Word(_) | Token::Number(_) | Token::Text(_) | Token::Quoted(_))
                | Some(Token::Sign(_))
                | None => return Err(here),
            });
            if !from.eat(",") {
                return Ok(());
            }
        }
    }

    fn node(
        &mut self,
        line: u32,
        column: u32,
        indent: usize,
        from: &mut Cursor<'_>,
    ) -> Result<(), TextError> {
        let depth = indent / 2;
        let first = self.progress != Progress::Nodes;
        if !indent.is_multiple_of(2) || depth > self.open.len() || (depth == 0) != first {
            return Err(from.error(TextProblem::Indentation));
        }
        self.progress = Progress::Nodes;
        self.close_to(depth)?;
        let (node, home) = {
            let open = &self.open;
            let loop_of = |item: SlotId| -> Option<NodeId> {
                let inner = open.iter().rev().find(|entry| entry.item == Some(item));
                inner.map(|entry| entry.open.node())
            };
            self.reader.node(from, &loop_of)?
        };
        if let Some(parent) = self.open.last_mut() {
            parent.found += 1;
        }
        let wanted = match &node {
            Node::Seq(_) | Node::Par(_) => None,
            Node::Try { .. }
            | Node::If { .. }
            | Node::Match { .. }
            | Node::Never
            | Node::Null
            | Node::Fail { .. }
            | Node::Call { .. }
            | Node::Let { .. }
            | Node::Push { .. }
            | Node::Snapshot { .. }
            | Node::Await { .. }
            | Node::Visit { .. }
            | Node::For { .. }
            | Node::Next { .. }
            | Node::Scope { .. }
            | Node::Return { .. } => Some(node.arity()),
        };
        let item = if let Node::For { item, .. } = &node { Some(*item) } else { None };
        let open = self.reader.builder.open(node);
        if let Some(place) = home {
            self.reader.builder.home(open.node(), place);
        }
        self.open.push(OpenNode { open, line, column, wanted, found: 0, item });
        Ok(())
    }

    fn close_to(&mut self, depth: usize) -> Result<(), TextError> {
        while self.open.len() > depth {
            let Some(entry) = self.open.pop() else { return Ok(()) };
            let found = entry.found;
            if let Some(wanted) = entry.wanted.filter(|wanted| *wanted != found) {
                let problem = TextProblem::Children { wanted, found };
                return Err(TextError { line: entry.line, column: entry.column, problem });
            }
            self.reader.builder.close(entry.open);
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Program, TextError> {
        self.close_to(0)?;
        if self.progress != Progress::Nodes {
            let what = if self.progress == Progress::Nothing { HEAD.0 } else { "a node" };
            let problem = TextProblem::Expected(what);
            return Err(TextError { line: 1, column: 1, problem });
        }
        self.reader.builder.declare(self.slots, self.streams);
        Ok(self.reader.builder.finish())
    }
}
