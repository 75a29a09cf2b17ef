//! A line of text into a node.

use alloc::string::ToString;
use alloc::vec::Vec;

use super::lex::{Cursor, Token};
use super::parse_expr::{Reader, slot, stream};
use super::{TextError, TextProblem};
use crate::{
    Iterable, Last, LoopMode, MatchKind, Node, NodeId, Output, PlaceId, SlotId, SnapshotForm,
};

type Read<T> = Result<T, TextError>;

/// Finds the innermost open loop with this item.
pub(super) type LoopOf<'a> = &'a dyn Fn(SlotId) -> Option<NodeId>;

impl Reader {
    /// The node and, if the line says so, its home.
    pub(super) fn node(
        &mut self,
        from: &mut Cursor<'_>,
        loop_of: LoopOf<'_>,
    ) -> Read<(Node, Option<PlaceId>)> {
        let here = from.expected("a node");
        let Some(Token::Word(word)) = from.next() else { return Err(here) };
        let node = match word {
            "seq" => Node::Seq(0),
            "par" => Node::Par(0),
            "try" => Node::Try { error: into_slot(from)? },
            "if" => Node::If { condition: self.expr(from)? },
            "match" => self.comparison(MatchKind::Equal, from)?,
            "mismatch" => self.comparison(MatchKind::Different, from)?,
            "never" => Node::Never,
            "null" => Node::Null,
            "fail" => Node::Fail { error: self.expr(from)? },
            "call" => self.call(from)?,
            "let" => {
                let slot = slot(from)?;
                from.expect("=")?;
                Node::Let { slot, expr: self.expr(from)? }
            }
            "push" => self.push(from)?,
            "snapshot" => {
                let stream = stream(from)?;
                let object = from.eat_word("as");
                if object {
                    from.expect_word("object")?;
                }
                let form = if object { SnapshotForm::Object } else { SnapshotForm::Elements };
                Node::Snapshot { stream, form, place: self.at(from)?, slot: required_slot(from)? }
            }
            "await" => {
                let stream = stream(from)?;
                from.expect_word("count")?;
                let count = self.expr(from)?;
                Node::Await { stream, count, place: self.at(from)?, slot: required_slot(from)? }
            }
            "visit" => Node::Visit { place: self.at(from)? },
            "for" => self.for_loop(from)?,
            "next" => next(from, loop_of)?,
            "scope" => scope(from)?,
            "return" if from.is_at_end() || starts_home(from) => Node::Return { values: [].into() },
            "return" => Node::Return { values: self.exprs(from)? },
            _ => return Err(TextError { problem: TextProblem::Word(word.to_string()), ..here }),
        };
        let home = if from.eat_word("home") { Some(self.place(from)?) } else { None };
        from.done()?;
        Ok((node, home))
    }

    fn comparison(&mut self, kind: MatchKind, from: &mut Cursor<'_>) -> Read<Node> {
        let left = self.expr(from)?;
        from.expect(",")?;
        Ok(Node::Match { kind, left, right: self.expr(from)? })
    }

    fn call(&mut self, from: &mut Cursor<'_>) -> Read<Node> {
        let service = self.atom(from)?;
        from.expect(".")?;
        let function = self.atom(from)?;
        from.expect("[")?;
        let args = self.closed_list(from, "]", 0)?;
        let place = self.at(from)?;
        let output = if !from.eat("->") {
            Output::Nothing
        } else if matches!(from.peek(), Some(Token::Sign("*"))) {
            Output::Stream(stream(from)?)
        } else {
            Output::Slot(slot(from)?)
        };
        let returns = if from.eat(":") { Some(self.shape(from, 0)?) } else { None };
        Ok(Node::Call { place, service, function, args, output, returns })
    }

    fn push(&mut self, from: &mut Cursor<'_>) -> Read<Node> {
        let first = self.expr(from)?;
        let (key, value) =
            if from.eat(":") { (Some(first), self.expr(from)?) } else { (None, first) };
        from.expect("->")?;
        Ok(Node::Push { stream: stream(from)?, key, value })
    }

    fn for_loop(&mut self, from: &mut Cursor<'_>) -> Read<Node> {
        let item = slot(from)?;
        from.expect_word("in")?;
        let iterable = if from.eat_word("entries") {
            Iterable::Entries(self.expr(from)?)
        } else if matches!(from.peek(), Some(Token::Sign("*"))) {
            Iterable::Live(stream(from)?)
        } else {
            Iterable::Array(self.expr(from)?)
        };
        let mode = loop_mode(from)?;
        let last = if !from.eat(",") {
            Last::Complete
        } else {
            from.expect_word("last")?;
            if from.eat_word("never") {
                Last::Never
            } else {
                from.expect_word("below")?;
                Last::Body
            }
        };
        Ok(Node::For { iterable, item, mode, last })
    }

    fn at(&mut self, from: &mut Cursor<'_>) -> Read<PlaceId> {
        from.expect_word("at")?;
        self.place(from)
    }
}

fn starts_home(from: &Cursor<'_>) -> bool {
    matches!(from.peek(), Some(Token::Word("home")))
}

fn into_slot(from: &mut Cursor<'_>) -> Read<Option<SlotId>> {
    if from.eat("->") { slot(from).map(Some) } else { Ok(None) }
}

fn required_slot(from: &mut Cursor<'_>) -> Read<SlotId> {
    from.expect("->")?;
    slot(from)
}

fn loop_mode(from: &mut Cursor<'_>) -> Read<LoopMode> {
    let here = from.expected("how the loop goes on");
    match from.next() {
        Some(Token::Word("sequential")) => Ok(LoopMode::Sequential),
        Some(Token::Word("parallel")) => Ok(LoopMode::Parallel),
        Some(Token::Word("explicit")) => Ok(LoopMode::Explicit),
        Some(Token::Word("until")) => from.expect_word("success").map(|()| LoopMode::UntilSuccess),
        Some(Token::Word("in")) => from.expect_word("order").map(|()| LoopMode::InOrder),
        Some(Token::Word(_) | Token::Number(_) | Token::Text(_) | Token::Quoted(_))
        | Some(Token::Sign(_))
        | None => Err(here),
    }
}

fn next(from: &mut Cursor<'_>, loop_of: LoopOf<'_>) -> Read<Node> {
    if from.eat_word("node") {
        return Ok(Node::Next { of: NodeId(from.number()?) });
    }
    let here = from.expected("the item of an enclosing loop");
    let of = loop_of(slot(from)?).ok_or(here)?;
    Ok(Node::Next { of })
}

fn scope(from: &mut Cursor<'_>) -> Read<Node> {
    let mut streams = Vec::new();
    if !from.is_at_end() && !starts_home(from) {
        streams.push(stream(from)?);
        while from.eat(",") {
            streams.push(stream(from)?);
        }
    }
    Ok(Node::Scope { streams: streams.into() })
}
