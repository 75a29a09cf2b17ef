//! Types, parameters and members.

use aquac_base::Span;

use crate::ast::{
    Field, Ident, Member, Method, MethodForm, Parameter, Path, Scalar, Signature, StatementKind,
    Type, TypeKind,
};
use crate::error::{LineError, Untyped};
use crate::line::item::Item;
use crate::line::types::{Sequence, Tail};

use super::Make;

impl Make<'_> {
    // ---------- types ----------

    pub(crate) fn named_type(&self, span: Span) -> Type {
        let kind = match Scalar::from_spelling(self.slice(span)) {
            Some(scalar) => TypeKind::Scalar(scalar),
            None => TypeKind::Named(self.path(span)),
        };
        Type { span, kind }
    }

    pub(crate) fn collection_type(
        &self,
        sign: Span,
        kind: fn(Box<Type>) -> TypeKind,
        of: Type,
    ) -> Type {
        Type { span: sign.to(of.span), kind: kind(Box::new(of)) }
    }

    /// `**T` is one token but two types.
    pub(crate) fn stream_of_streams(&self, sign: Span, of: Type) -> Type {
        let second = Span::new(sign.source, sign.start + 1, sign.end);
        let inner = self.collection_type(second, TypeKind::Stream, of);
        self.collection_type(sign, TypeKind::Stream, inner)
    }

    /// A type in parentheses, which belong to its span.
    pub(crate) fn grouped_type(&mut self, types: Sequence, open: Span, close: Span) -> Sequence {
        let mut inner = self.one_type(types);
        inner.span = open.to(close);
        Sequence::one(inner, true)
    }

    /// The one type that can stand here.
    pub(crate) fn one_type(&mut self, types: Sequence) -> Type {
        let (one, extra) = types.into_one();
        if let (Some(first), Some(last)) = (extra.first(), extra.last()) {
            self.report(LineError::SeveralTypes { span: first.span.to(last.span) });
        }
        one
    }

    // ---------- parameters ----------

    pub(crate) fn signature(
        &self,
        open: Span,
        close: Span,
        abilities: Vec<Path>,
        parameters: Vec<Parameter>,
        results: Option<(Span, Tail)>,
    ) -> Box<Signature> {
        let span = open.to(close);
        let Some((arrow, tail)) = results else {
            return Box::new(Signature {
                span,
                abilities,
                parameters,
                arrow: None,
                results: Vec::new(),
            });
        };
        let (results, end) = tail.into_results();
        let span = span.to(end.unwrap_or(arrow));
        Box::new(Signature { span, abilities, parameters, arrow: Some(arrow), results })
    }

    /// One more parameter. Types behind it that do not belong to a function type, and types
    /// without a name, are read as parameters that lack their types.
    pub(crate) fn parameters(
        &mut self,
        mut before: Vec<Parameter>,
        name: Option<Ident>,
        types: Sequence,
    ) -> Vec<Parameter> {
        let (first, extra) = types.into_one();
        let untyped = match name {
            Some(name) => {
                before.push(Parameter { name, kind: first });
                extra
            }
            None => std::iter::once(first).chain(extra).collect(),
        };
        for one in untyped {
            match self.untyped_parameter(&one) {
                Some(parameter) => before.push(parameter),
                None => self.report(LineError::ParameterWithoutName { span: one.span }),
            }
        }
        before
    }

    /// The parameter that somebody forgot to give a type, if this is a single name.
    fn untyped_parameter(&mut self, one: &Type) -> Option<Parameter> {
        let TypeKind::Named(path) = &one.kind else { return None };
        if !path.is_simple() {
            return None;
        }
        let name = Ident { name: path.name.clone(), span: path.span };
        let what = Untyped::Parameter;
        self.report(LineError::MissingType { name: name.clone(), at: name.span.at_end(), what });
        let kind = Type { span: name.span.at_end(), kind: TypeKind::Error };
        Some(Parameter { name, kind })
    }

    // ---------- members ----------

    /// `name: types` in a body of members: a method if there is an arrow.
    pub(crate) fn member(&mut self, name: Ident, types: Sequence) -> Box<Item> {
        let member = match types {
            Sequence::Arrow(arrow) => {
                let (arrow, span) = arrow.into_arrow();
                Member::Method(Method { doc: None, name, form: MethodForm::Bare(arrow, span) })
            }
            types @ (Sequence::One(..) | Sequence::List(_)) => {
                Member::Field(Field { doc: None, name, kind: self.one_type(types) })
            }
        };
        Box::new(Item::Member(member))
    }

    pub(crate) fn untyped_member(&mut self, name: Ident, colon: Span) -> Box<Item> {
        let kind = self.untyped(&name, colon, Untyped::Field);
        Box::new(Item::Member(Member::Field(Field { doc: None, name, kind })))
    }

    pub(crate) fn untyped_stream(&mut self, name: Ident, colon: Span) -> Box<StatementKind> {
        let kind = self.untyped(&name, colon, Untyped::Stream);
        Box::new(StatementKind::Declare { name, kind })
    }

    /// A colon with no type behind it.
    fn untyped(&mut self, name: &Ident, colon: Span, what: Untyped) -> Type {
        let at = colon.at_end();
        self.report(LineError::MissingType { name: name.clone(), at, what });
        Type { span: at, kind: TypeKind::Error }
    }
}
