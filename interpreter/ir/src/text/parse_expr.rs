//! Expressions, types and places from text.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::ToString;
use alloc::vec::Vec;

use super::lex::{Cursor, Token};
use super::print_expr::fact_word;
use super::{TextError, TextProblem};
use crate::limits::{MAX_EXPR_DEPTH, MAX_SHAPE_DEPTH};
use crate::ops::symbol;
use crate::value::Finite;
use crate::{
    ArgId, BinaryOp, Builder, Expr, ExprId, Fact, IndexKind, Place, PlaceId, Shape, ShapeField,
    ShapeId, SlotId, StreamId, TextId, Value,
};

const OPERATORS: [BinaryOp; 13] = [
    BinaryOp::Add,
    BinaryOp::Sub,
    BinaryOp::Mul,
    BinaryOp::FloatMul,
    BinaryOp::Div,
    BinaryOp::Rem,
    BinaryOp::Pow,
    BinaryOp::Less,
    BinaryOp::LessEqual,
    BinaryOp::Greater,
    BinaryOp::GreaterEqual,
    BinaryOp::Equal,
    BinaryOp::Different,
];

/// What is known while a text is read.
#[derive(Debug, Default)]
pub(super) struct Reader {
    pub(super) builder: Builder,
    pub(super) exprs: BTreeMap<u32, ExprId>,
    pub(super) shapes: BTreeMap<u32, ShapeId>,
}

type Read<T> = Result<T, TextError>;

impl Reader {
    /// `a, b, c`, at least one.
    pub(super) fn exprs(&mut self, from: &mut Cursor<'_>) -> Read<Box<[ExprId]>> {
        self.expr_list(from, 0)
    }

    pub(super) fn expr(&mut self, from: &mut Cursor<'_>) -> Read<ExprId> {
        self.loose(from, 0)
    }

    /// An expression that no `.field` follows.
    pub(super) fn atom(&mut self, from: &mut Cursor<'_>) -> Read<ExprId> {
        self.closed(from, 0)
    }

    pub(super) fn place(&mut self, from: &mut Cursor<'_>) -> Read<PlaceId> {
        let peer = self.expr(from)?;
        let via = if from.eat_word("via") { self.exprs(from)? } else { Box::default() };
        Ok(self.builder.place(Place { peer, via }))
    }

    fn expr_list(&mut self, from: &mut Cursor<'_>, depth: usize) -> Read<Box<[ExprId]>> {
        let mut list = alloc::vec![self.loose(from, depth)?];
        while from.eat(",") {
            list.push(self.loose(from, depth)?);
        }
        Ok(list.into())
    }

    /// A list that ends with a bracket, and may be empty.
    pub(super) fn closed_list(
        &mut self,
        from: &mut Cursor<'_>,
        close: &'static str,
        depth: usize,
    ) -> Read<Box<[ExprId]>> {
        if from.eat(close) {
            return Ok(Box::default());
        }
        let list = self.expr_list(from, depth)?;
        from.expect(close)?;
        Ok(list)
    }

    fn loose(&mut self, from: &mut Cursor<'_>, depth: usize) -> Read<ExprId> {
        if depth > MAX_EXPR_DEPTH {
            return Err(from.error(TextProblem::TooDeep));
        }
        let left = self.operand(from, depth)?;
        if from.eat_word("and") {
            let right = self.operand(from, depth)?;
            return Ok(self.builder.expr(Expr::And(left, right)));
        }
        if from.eat_word("or") {
            let right = self.operand(from, depth)?;
            return Ok(self.builder.expr(Expr::Or(left, right)));
        }
        match OPERATORS.into_iter().find(|op| from.eat(symbol(*op))) {
            None => Ok(left),
            Some(op) => {
                let right = self.operand(from, depth)?;
                Ok(self.builder.expr(Expr::Binary { op, left, right }))
            }
        }
    }

    fn operand(&mut self, from: &mut Cursor<'_>, depth: usize) -> Read<ExprId> {
        let mut of = self.closed(from, depth)?;
        loop {
            let expr = if from.eat(".") {
                Expr::Field { of, name: self.name(from)? }
            } else if from.eat("[") {
                let kind = if from.eat_word("element") {
                    IndexKind::Snapshot
                } else if from.eat_word("key") {
                    IndexKind::Map
                } else {
                    IndexKind::Value
                };
                let index = self.loose(from, depth + 1)?;
                from.expect("]")?;
                Expr::Index { of, index, kind }
            } else {
                return Ok(of);
            };
            of = self.builder.expr(expr);
        }
    }

    fn closed(&mut self, from: &mut Cursor<'_>, depth: usize) -> Read<ExprId> {
        let here = from.expected("an expression");
        match from.next().ok_or_else(|| here.clone())? {
            Token::Number(digits) => match number(digits) {
                Some(value) => Ok(self.builder.constant(value)),
                None => Err(TextError { problem: TextProblem::Number(digits.to_string()), ..here }),
            },
            Token::Text(text) => Ok(self.builder.constant(Value::Text(text))),
            Token::Quoted(value) => Ok(self.builder.constant(value)),
            Token::Sign("$") => {
                let slot = SlotId(from.number()?);
                Ok(self.builder.expr(Expr::Slot(slot)))
            }
            Token::Sign("&") => {
                let name = from.number()?;
                let known = self.exprs.get(&name).copied();
                known.ok_or(TextError { problem: TextProblem::Unexplained(name), ..here })
            }
            Token::Sign("(") => {
                let inside = self.loose(from, depth + 1)?;
                from.expect(")")?;
                Ok(inside)
            }
            Token::Sign("[") => {
                let items = self.closed_list(from, "]", depth + 1)?;
                Ok(self.builder.expr(Expr::Array(items)))
            }
            Token::Sign("{") => {
                let fields = self.fields(from, depth + 1)?;
                Ok(self.builder.expr(Expr::Object(fields)))
            }
            Token::Sign(_) => Err(here),
            Token::Word(word) => self.word(word, from, depth + 1, here),
        }
    }

    fn word(
        &mut self,
        word: &str,
        from: &mut Cursor<'_>,
        depth: usize,
        here: TextError,
    ) -> Read<ExprId> {
        const FACTS: [Fact; 4] = [Fact::Initiator, Fact::Host, Fact::Timestamp, Fact::Ttl];
        if let Some(fact) = FACTS.into_iter().find(|fact| fact_word(*fact) == word) {
            return Ok(self.builder.expr(Expr::Fact(fact)));
        }
        match word {
            "null" => return Ok(self.builder.constant(Value::Null)),
            "true" => return Ok(self.builder.constant(true.into())),
            "false" => return Ok(self.builder.constant(false.into())),
            "arg" => {
                let arg = ArgId(from.number()?);
                return Ok(self.builder.expr(Expr::Arg(arg)));
            }
            "with" | "named" => return self.with_names(word, from, depth),
            _ => {}
        }
        let unknown = TextError { problem: TextProblem::Word(word.to_string()), ..here };
        if !from.eat("(") {
            return Err(unknown);
        }
        let parts = self.closed_list(from, ")", depth)?;
        let expr = match (word, &*parts) {
            ("first", _) => Expr::First(parts),
            ("either", _) => Expr::Either(parts),
            ("length", [of]) => Expr::Length(*of),
            ("not", [of]) => Expr::Not(*of),
            ("keys", [of]) => Expr::Keys(*of),
            ("grouped", [of]) => Expr::Grouped(*of),
            ("raise", [of]) => Expr::Raise(*of),
            ("thrown", [of]) => Expr::Thrown(*of),
            ("contains", [map, key]) => Expr::Contains { map: *map, key: *key },
            ("choose", [condition, then, otherwise]) => {
                Expr::Choose { condition: *condition, then: *then, otherwise: *otherwise }
            }
            _ => return Err(unknown),
        };
        Ok(self.builder.expr(expr))
    }

    fn with_names(&mut self, word: &str, from: &mut Cursor<'_>, depth: usize) -> Read<ExprId> {
        from.expect("(")?;
        let of = self.loose(from, depth)?;
        from.expect(",")?;
        let expr = if word == "named" {
            Expr::Named { of, name: self.name(from)? }
        } else {
            from.expect("{")?;
            Expr::Update { of, fields: self.fields(from, depth)? }
        };
        from.expect(")")?;
        Ok(self.builder.expr(expr))
    }

    /// The fields behind `{`.
    fn fields(&mut self, from: &mut Cursor<'_>, depth: usize) -> Read<Box<[(TextId, ExprId)]>> {
        let mut fields = Vec::new();
        if from.eat("}") {
            return Ok(fields.into());
        }
        loop {
            let name = self.name(from)?;
            from.expect(":")?;
            fields.push((name, self.loose(from, depth)?));
            if !from.eat(",") {
                from.expect("}")?;
                return Ok(fields.into());
            }
        }
    }

    fn name(&mut self, from: &mut Cursor<'_>) -> Read<TextId> {
        let here = from.expected("a name");
        match from.next() {
            Some(Token::Word(word)) => Ok(self.builder.text(word)),
            Some(Token::Text(text)) => Ok(self.builder.text(&text)),
            Some(Token::Number(_) | Token::Quoted(_) | Token::Sign(_)) | None => Err(here),
        }
    }

    pub(super) fn shape(&mut self, from: &mut Cursor<'_>, depth: usize) -> Read<ShapeId> {
        let here = from.expected("a type");
        if depth > MAX_SHAPE_DEPTH {
            return Err(from.error(TextProblem::TooDeep));
        }
        let shape = if from.eat("[") {
            let of = self.shape(from, depth + 1)?;
            from.expect("]")?;
            Shape::Array(of)
        } else if from.eat("?") {
            Shape::Option(self.shape(from, depth + 1)?)
        } else if from.eat("{") {
            Shape::Object(self.shape_fields(from, depth + 1)?)
        } else if from.eat("&") {
            let name = from.number()?;
            let known = self.shapes.get(&name).copied();
            return known.ok_or(TextError { problem: TextProblem::Unexplained(name), ..here });
        } else if let Some(Token::Word(word)) = from.next() {
            named_shape(word).ok_or(here)?
        } else {
            return Err(here);
        };
        Ok(self.builder.shape(shape))
    }

    fn shape_fields(&mut self, from: &mut Cursor<'_>, depth: usize) -> Read<Box<[ShapeField]>> {
        let mut fields = Vec::new();
        if from.eat("}") {
            return Ok(fields.into());
        }
        loop {
            let name = self.name(from)?;
            from.expect(":")?;
            fields.push(ShapeField { name, shape: self.shape(from, depth)? });
            if !from.eat(",") {
                from.expect("}")?;
                return Ok(fields.into());
            }
        }
    }
}

pub(super) fn slot(from: &mut Cursor<'_>) -> Read<SlotId> {
    from.expect("$")?;
    from.number().map(SlotId)
}

pub(super) fn stream(from: &mut Cursor<'_>) -> Read<StreamId> {
    from.expect("*")?;
    from.number().map(StreamId)
}

fn named_shape(word: &str) -> Option<Shape> {
    match word {
        "any" => Some(Shape::Any),
        "nothing" => Some(Shape::Nothing),
        "bool" => Some(Shape::Bool),
        "float" => Some(Shape::Float),
        "text" => Some(Shape::Text),
        _ => {
            let unsigned = word.strip_prefix('u').and_then(|bits| bits.parse().ok());
            let signed = word.strip_prefix('i').and_then(|bits| bits.parse().ok());
            unsigned.map(Shape::Unsigned).or_else(|| signed.map(Shape::Signed))
        }
    }
}

/// Digits without fraction and exponent are an integer, which must fit.
fn number(digits: &str) -> Option<Value> {
    if digits.contains(['.', 'e', 'E']) {
        return digits.parse().ok().and_then(Finite::new).map(Value::Float);
    }
    let signed = digits.parse::<i64>().ok().map(Value::from);
    signed.or_else(|| digits.parse::<u64>().ok().map(Value::from))
}
