//! Expressions and types as text, with names for those that many others share.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write;

use crate::limits::{MAX_EXPR_DEPTH, MAX_SHAPE_DEPTH};
use crate::ops::symbol;
use crate::{Expr, ExprId, Fact, IndexKind, Program, Shape, ShapeId, TextId, Value, to_json};

/// How much of an expression may be written more than once.
const MOST_REPEATED: usize = 64;

/// Which entries of a pool have a name instead of being written where they are used.
#[derive(Debug)]
pub(super) struct Names(Vec<bool>);

impl Names {
    /// Names what is used more than once and large, so that the text stays as long as the
    /// program. `parts` of an entry stand before it; what breaks that, in a program that nobody
    /// has checked, has a name too, or a circle would be written again and again.
    fn choose(
        uses: Vec<usize>,
        own_size: impl Fn(usize) -> usize,
        parts: impl Fn(usize) -> Vec<usize>,
    ) -> Self {
        let mut sizes: Vec<usize> = Vec::with_capacity(uses.len());
        let mut named = Vec::with_capacity(uses.len());
        for (at, uses) in uses.into_iter().enumerate() {
            let parts = parts(at);
            let inside = parts.iter().map(|part| match named.get(*part) {
                Some(true) | None => 1,
                Some(false) => sizes.get(*part).copied().unwrap_or(1),
            });
            let size = inside.fold(own_size(at), usize::saturating_add);
            sizes.push(size);
            let in_order = parts.iter().all(|part| *part < at);
            named.push(!in_order || (uses > 1 && size > MOST_REPEATED));
        }
        Self(named)
    }

    pub(super) fn named(&self) -> impl Iterator<Item = u32> {
        self.0.iter().zip(0..).filter_map(|(named, at)| named.then_some(at))
    }

    fn has(&self, at: usize) -> bool {
        self.0.get(at).copied().unwrap_or(false)
    }
}

/// Whether what is written may be taken apart by what stands around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tightness {
    /// Anything, also `a + b`.
    Loose,
    /// Anything that a `.field` can follow.
    Operand,
    /// Nothing that ends in a `.field`.
    Atom,
}

/// Writes expressions and types of one program.
#[derive(Debug)]
pub(super) struct ExprPrinter<'a> {
    pub(super) program: &'a Program,
    pub(super) exprs: Names,
    pub(super) shapes: Names,
    pub(super) out: String,
}

impl<'a> ExprPrinter<'a> {
    pub(super) fn new(program: &'a Program) -> Self {
        let mut expr_uses = alloc::vec![0; program.exprs.len()];
        let mut shape_uses = alloc::vec![0; program.shapes.len()];
        let count = |uses: &mut [usize], id: usize| {
            if let Some(uses) = uses.get_mut(id) {
                *uses += 1;
            }
        };
        for expr in program.exprs.iter().flat_map(Expr::parts) {
            count(&mut expr_uses, expr.index());
        }
        let homes = program.homes.iter().map(|home| home.place);
        for place in program.nodes.iter().filter_map(|node| node.place()).chain(homes) {
            let place = program.place(place);
            place.iter().flat_map(|place| place.exprs()).for_each(|id| {
                count(&mut expr_uses, id.index());
            });
        }
        for expr in program.nodes.iter().flat_map(|node| node.exprs()) {
            count(&mut expr_uses, expr.index());
        }
        let declared = program.nodes.iter().filter_map(|node| node.declared());
        let inside = program.shapes.iter().flat_map(Shape::parts);
        for shape in program.parameters.iter().copied().chain(declared).chain(inside) {
            count(&mut shape_uses, shape.index());
        }
        let exprs = Names::choose(
            expr_uses,
            |at| program.exprs.get(at).map_or(1, |expr| own_size(program, expr)),
            |at| program.exprs.get(at).iter().flat_map(|e| e.parts()).map(ExprId::index).collect(),
        );
        let shapes = Names::choose(
            shape_uses,
            |at| program.shapes.get(at).map_or(1, |shape| 1 + names_size(program, shape.names())),
            |at| {
                program.shapes.get(at).iter().flat_map(|s| s.parts()).map(ShapeId::index).collect()
            },
        );
        Self { program, exprs, shapes, out: String::new() }
    }

    pub(super) fn put(&mut self, text: &str) {
        self.out.push_str(text);
    }

    pub(super) fn put_number(&mut self, before: &str, number: u32) {
        let written = write!(self.out, "{before}{number}");
        debug_assert!(written.is_ok(), "a String takes everything");
    }

    /// `a, b, c`
    pub(super) fn list<T: Copy>(&mut self, items: &[T], mut each: impl FnMut(&mut Self, T)) {
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                self.put(", ");
            }
            each(self, *item);
        }
    }

    pub(super) fn exprs(&mut self, exprs: &[ExprId]) {
        self.list(exprs, |printer, expr| printer.expr(expr, Tightness::Loose));
    }

    pub(super) fn expr(&mut self, id: ExprId, tightness: Tightness) {
        if self.exprs.has(id.index()) {
            self.put_number("&", id.0);
        } else {
            self.whole_expr(id, tightness, 0);
        }
    }

    /// The expression itself, even if it has a name.
    pub(super) fn whole_expr(&mut self, id: ExprId, tightness: Tightness, depth: usize) {
        let Some(expr) = self.program.expr(id).filter(|_| depth <= MAX_EXPR_DEPTH) else {
            self.put("?");
            return;
        };
        let open = tightness > tightness_of(self.program, expr);
        self.put(if open { "(" } else { "" });
        self.expr_itself(expr, depth + 1);
        self.put(if open { ")" } else { "" });
    }

    fn part(&mut self, id: ExprId, tightness: Tightness, depth: usize) {
        if self.exprs.has(id.index()) {
            self.put_number("&", id.0);
        } else {
            self.whole_expr(id, tightness, depth);
        }
    }

    fn expr_itself(&mut self, expr: &Expr, depth: usize) {
        match expr {
            Expr::Const(id) => match self.program.constant(*id) {
                Some(value) => self.constant(value),
                None => self.put("?"),
            },
            Expr::Arg(id) => self.put_number("arg ", id.0),
            Expr::Slot(id) => self.put_number("$", id.0),
            Expr::Fact(fact) => self.put(fact_word(*fact)),
            Expr::Field { of, name } => {
                self.part(*of, Tightness::Operand, depth);
                self.put(".");
                self.name(*name);
            }
            Expr::Index { of, index, kind } => {
                self.part(*of, Tightness::Operand, depth);
                self.put(match kind {
                    IndexKind::Value => "[",
                    IndexKind::Snapshot => "[element ",
                    IndexKind::Map => "[key ",
                });
                self.part(*index, Tightness::Loose, depth);
                self.put("]");
            }
            Expr::And(left, right) => self.infix(*left, "and", *right, depth),
            Expr::Or(left, right) => self.infix(*left, "or", *right, depth),
            Expr::Binary { op, left, right } => self.infix(*left, symbol(*op), *right, depth),
            Expr::Array(items) => self.bracketed("[", items, "]", depth),
            Expr::Object(fields) => self.fields(fields, depth),
            Expr::Update { of, fields } => {
                self.put("with(");
                self.part(*of, Tightness::Loose, depth);
                self.put(", ");
                self.fields(fields, depth);
                self.put(")");
            }
            Expr::Length(of) => self.bracketed("length(", &[*of], ")", depth),
            Expr::Not(of) => self.bracketed("not(", &[*of], ")", depth),
            Expr::First(of) => self.bracketed("first(", of, ")", depth),
            Expr::Either(of) => self.bracketed("either(", of, ")", depth),
            Expr::Choose { condition, then, otherwise } => {
                self.bracketed("choose(", &[*condition, *then, *otherwise], ")", depth);
            }
            Expr::Contains { map, key } => self.bracketed("contains(", &[*map, *key], ")", depth),
            Expr::Keys(of) => self.bracketed("keys(", &[*of], ")", depth),
            Expr::Grouped(of) => self.bracketed("grouped(", &[*of], ")", depth),
            Expr::Raise(of) => self.bracketed("raise(", &[*of], ")", depth),
            Expr::Thrown(of) => self.bracketed("thrown(", &[*of], ")", depth),
            Expr::Named { of, name } => {
                self.put("named(");
                self.part(*of, Tightness::Loose, depth);
                self.put(", ");
                self.name(*name);
                self.put(")");
            }
        }
    }

    fn infix(&mut self, left: ExprId, symbol: &str, right: ExprId, depth: usize) {
        self.part(left, Tightness::Operand, depth);
        self.put(" ");
        self.put(symbol);
        self.put(" ");
        self.part(right, Tightness::Operand, depth);
    }

    fn bracketed(&mut self, open: &str, parts: &[ExprId], close: &str, depth: usize) {
        self.put(open);
        self.list(parts, |printer, part| printer.part(part, Tightness::Loose, depth));
        self.put(close);
    }

    fn fields(&mut self, fields: &[(TextId, ExprId)], depth: usize) {
        self.put("{");
        self.list(fields, |printer, (name, value)| {
            printer.name(name);
            printer.put(": ");
            printer.part(value, Tightness::Loose, depth);
        });
        self.put("}");
    }

    /// Arrays and objects are quoted, to tell them from the expressions that make them.
    fn constant(&mut self, value: &Value) {
        if matches!(value, Value::Array(_) | Value::Object(_)) {
            self.put("'");
        }
        self.put(&to_json(value));
    }

    fn name(&mut self, id: TextId) {
        match self.program.text(id) {
            Some(text) if is_word(text) => self.put(text),
            Some(text) => self.put(&to_json(&Value::text(text))),
            None => self.put("?"),
        }
    }

    pub(super) fn shape(&mut self, id: ShapeId, depth: usize) {
        if self.shapes.has(id.index()) {
            self.put_number("&", id.0);
        } else {
            self.whole_shape(id, depth);
        }
    }

    /// The type itself, even if it has a name.
    pub(super) fn whole_shape(&mut self, id: ShapeId, depth: usize) {
        match self.program.shape(id).filter(|_| depth <= MAX_SHAPE_DEPTH) {
            None => self.put("?"),
            Some(Shape::Any) => self.put("any"),
            Some(Shape::Nothing) => self.put("nothing"),
            Some(Shape::Bool) => self.put("bool"),
            Some(Shape::Unsigned(bits)) => self.put_number("u", u32::from(*bits)),
            Some(Shape::Signed(bits)) => self.put_number("i", u32::from(*bits)),
            Some(Shape::Float) => self.put("float"),
            Some(Shape::Text) => self.put("text"),
            Some(Shape::Array(of)) => {
                self.put("[");
                self.shape(*of, depth + 1);
                self.put("]");
            }
            Some(Shape::Option(of)) => {
                self.put("?");
                self.shape(*of, depth + 1);
            }
            Some(Shape::Object(fields)) => {
                self.put("{");
                for (at, field) in fields.iter().enumerate() {
                    self.put(if at > 0 { ", " } else { "" });
                    self.name(field.name);
                    self.put(": ");
                    self.shape(field.shape, depth + 1);
                }
                self.put("}");
            }
        }
    }
}

/// A word that needs no quotes as a name.
fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

pub(super) const fn fact_word(fact: Fact) -> &'static str {
    match fact {
        Fact::Initiator => "initiator",
        Fact::Host => "host",
        Fact::Timestamp => "timestamp",
        Fact::Ttl => "ttl",
    }
}

fn tightness_of(program: &Program, expr: &Expr) -> Tightness {
    match expr {
        // `1` before `.` would look like a fraction.
        Expr::Const(id) if program.constant(*id).is_some_and(is_number) => Tightness::Operand,
        Expr::And(..) | Expr::Or(..) | Expr::Binary { .. } => Tightness::Loose,
        Expr::Field { .. } | Expr::Index { .. } => Tightness::Operand,
        Expr::Const(_)
        | Expr::Arg(_)
        | Expr::Slot(_)
        | Expr::Fact(_)
        | Expr::Length(_)
        | Expr::Not(_)
        | Expr::Array(_)
        | Expr::Object(_)
        | Expr::Update { .. }
        | Expr::First(_)
        | Expr::Either(_)
        | Expr::Choose { .. }
        | Expr::Contains { .. }
        | Expr::Keys(_)
        | Expr::Grouped(_)
        | Expr::Raise(_)
        | Expr::Thrown(_)
        | Expr::Named { .. } => Tightness::Atom,
    }
}

fn is_number(value: &Value) -> bool {
    match value {
        Value::Int(_) | Value::Big(_) | Value::Float(_) => true,
        Value::Null | Value::Bool(_) | Value::Text(_) | Value::Array(_) | Value::Object(_) => false,
    }
}

/// Roughly how much text the expression itself takes, in words.
fn own_size(program: &Program, expr: &Expr) -> usize {
    let constant = if let Expr::Const(id) = expr { program.constant(*id) } else { None };
    1 + constant.map_or(0, value_size) + names_size(program, expr.names())
}

fn value_size(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Big(_) | Value::Float(_) => 0,
        Value::Text(text) => text.len() / 8,
        Value::Array(_) | Value::Object(_) => value.to_bytes().len() / 4,
    }
}

fn names_size(program: &Program, names: impl Iterator<Item = TextId>) -> usize {
    names.filter_map(|name| program.text(name)).map(|text| text.len() / 8).sum()
}
