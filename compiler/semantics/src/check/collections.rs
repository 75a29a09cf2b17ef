//! Collection literals and taking elements out of collections.

use aquac_base::{Name, Span};
use aquac_syntax::ast;

use super::Checker;
use super::literals::whole_number;
use crate::error::{CollectionProblem, LiteralProblem, TypeProblem};
use crate::hir::{CollectionKind, ExprId, ExprKind, Literal, LiteralKind};
use crate::types::{LiteralType, Type, TypeId};

impl<'a> Checker<'a> {
    pub(super) fn collection(&mut self, collection: &'a ast::Collection, span: Span) -> ExprId {
        let mut elements = Vec::with_capacity(collection.elements.len());
        for element in &collection.elements {
            let element = self.expr(element);
            elements.push(self.element(element));
        }
        let types: Vec<TypeId> = elements.iter().map(|element| self.ty(*element)).collect();
        let kind = collection.kind;
        let ty = if types.iter().any(|ty| self.types.is_error(*ty)) {
            self.types.error()
        } else {
            let of = self.types.element_of(types);
            match kind {
                CollectionKind::Array if elements.is_empty() => self.types.nil(),
                CollectionKind::Array => self.types.array(of),
                CollectionKind::Option => self.types.option(of),
                CollectionKind::Stream => self.types.stream(of),
            }
        };
        self.add(ExprKind::Collection { kind, elements }, ty, span)
    }

    /// An element of a collection: data, or a stream, which is frozen.
    pub(super) fn element(&mut self, element: ExprId) -> ExprId {
        let element = self.freeze(element);
        let ty = self.ty(element);
        if self.types.is_data(ty) {
            return element;
        }
        let (found, span) = (self.show(ty), self.span(element));
        self.report(TypeProblem::NotData { found, span, place: "a collection" });
        self.error_expr(span)
    }

    /// `base[index]`
    pub(super) fn index(
        &mut self,
        base: ExprId,
        index: &'a ast::Expression,
        place: Span,
        span: Span,
    ) -> ExprId {
        let index = self.expr(index);
        let ty = self.ty(index);
        if !self.types.is_error(ty) && !self.is_integer(ty) {
            let found = self.found(index);
            let at = self.span(index);
            self.report(CollectionProblem::IndexType { found, span: at });
            return self.error_expr(span);
        }
        if self.is_option(base) {
            self.report(CollectionProblem::OptionIndex { span: place, base: self.span(base) });
            return self.error_expr(span);
        }
        self.element_at(base, index, span)
    }

    fn is_option(&self, base: ExprId) -> bool {
        matches!(self.types.get(self.ty(base)), Type::Option(_))
    }

    /// `base!2`
    pub(super) fn at(
        &mut self,
        base: ExprId,
        digits: &'a ast::Ident,
        place: Span,
        span: Span,
    ) -> ExprId {
        if self.is_option(base) {
            self.report(CollectionProblem::OptionIndex { span: place, base: self.span(base) });
            return self.error_expr(span);
        }
        let index = self.position(&digits.name, digits.span);
        self.element_at(base, index, span)
    }

    /// `base!`
    pub(super) fn first(&mut self, base: ExprId, place: Span, span: Span) -> ExprId {
        let index = self.position(&Name::new("0"), place);
        self.element_at(base, index, span)
    }

    fn position(&mut self, digits: &Name, span: Span) -> ExprId {
        let literal = Literal { kind: LiteralKind::Unsigned, text: digits.clone() };
        let ty = self.types.literal(LiteralType::Unsigned);
        self.add(ExprKind::Literal(literal), ty, span)
    }

    /// The element at a position. A stream is waited for, unless it is what a call just gave.
    fn element_at(&mut self, base: ExprId, index: ExprId, span: Span) -> ExprId {
        let ty = self.ty(base);
        if self.types.is_error(ty) {
            return self.error_expr(span);
        }
        let Some(of) = self.types.element(ty) else {
            let found = self.found(base);
            self.report(CollectionProblem::NotIndexable { found, span: self.span(base) });
            return self.error_expr(span);
        };
        self.check_bounds(base, index, span);
        if !self.types.is_stream(ty) {
            return self.add(ExprKind::Element { base, index }, of, span);
        }
        if let ExprKind::Call(_) = &self.program.exprs[base].kind {
            let base = self.snapshot(base);
            return self.add(ExprKind::Element { base, index }, of, span);
        }
        self.add(ExprKind::Await { stream: base, index }, of, span)
    }

    /// An array that is written out has no elements past its end.
    fn check_bounds(&mut self, base: ExprId, index: ExprId, span: Span) {
        let Some(number) = self.known_literal(index).and_then(whole_number) else { return };
        if number < 0 {
            let (text, at) = (self.text(self.span(index)).to_owned(), self.span(index));
            self.report(LiteralProblem::NegativeIndex { text, span: at });
            return;
        }
        let Some((kind, length, built)) = self.known_length(base) else { return };
        let beyond = usize::try_from(number).map_or(true, |number| number >= length);
        let grows = kind == CollectionKind::Stream;
        // Which elements of an option are there is known only at run time, except of an empty one.
        let known = kind == CollectionKind::Array || length == 0;
        if beyond && known && !grows {
            self.report(LiteralProblem::OutOfBounds { index: number, length, span, built });
        }
    }

    /// The collection literal that a value certainly is: written there or bound by `=`.
    fn known_length(&self, base: ExprId) -> Option<(CollectionKind, usize, Span)> {
        let mut at = base;
        loop {
            let expr = &self.program.exprs[at];
            at = if let ExprKind::Collection { kind, elements } = &expr.kind {
                return Some((*kind, elements.len(), expr.span));
            } else if let ExprKind::Local(local) = &expr.kind {
                self.bound_value(*local)?
            } else {
                return None;
            };
        }
    }
}
