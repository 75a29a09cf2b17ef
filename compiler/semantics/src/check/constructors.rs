//! `Type(field = value, …)` for data and abilities.

use aquac_base::{Name, Span};
use aquac_syntax::ast;

use super::Checker;
use super::scope::{TypeName, TypeNameKind};
use super::typenames::Found;
use crate::error::MemberProblem;
use crate::hir::{ExprId, ExprKind, FieldValue};
use crate::types::{RecordId, Type};

impl<'a> Checker<'a> {
    pub(super) fn construct(&mut self, construct: &'a ast::Construct, span: Span) -> ExprId {
        match self.find_type(&construct.name.name) {
            Found::Type(ty) => self.construct_type(ty, construct, span),
            Found::Unread => {
                self.loose_arguments(&construct.arguments);
                self.error_expr(span)
            }
            Found::Nothing => {
                self.loose_arguments(&construct.arguments);
                let name = construct.name.clone();
                self.report_unknown_type(&ast::Path { name: name.name, span: name.span });
                self.error_expr(span)
            }
        }
    }

    /// Builds a value of a type that was found.
    pub(super) fn construct_type(
        &mut self,
        ty: TypeName,
        construct: &'a ast::Construct,
        span: Span,
    ) -> ExprId {
        self.refer_type(construct.name.span, ty);
        let (record, ability) = match self.types.get(ty.ty) {
            Type::Data(record) => (record, false),
            Type::Ability(record) => (record, true),
            Type::Error => {
                self.loose_arguments(&construct.arguments);
                return self.error_expr(span);
            }
            Type::Top
            | Type::Bottom
            | Type::Scalar(_)
            | Type::Literal(_)
            | Type::Array(_)
            | Type::Option(_)
            | Type::Stream(_)
            | Type::Map(_)
            | Type::Service(_)
            | Type::Arrow(_) => {
                self.loose_arguments(&construct.arguments);
                self.cannot_construct(ty, construct);
                return self.error_expr(span);
            }
        };
        let fields = self.construct_fields(record, construct);
        let kind = if ability { ExprKind::Ability(fields) } else { ExprKind::Construct(fields) };
        self.add(kind, ty.ty, span)
    }

    fn cannot_construct(&mut self, ty: TypeName, construct: &'a ast::Construct) {
        let what = match ty.kind {
            TypeNameKind::Service(_) => "a service".to_owned(),
            TypeNameKind::Data
            | TypeNameKind::Ability
            | TypeNameKind::Alias
            | TypeNameKind::Error => format!("`{}`", self.show(ty.ty)),
        };
        let (name, span) = (construct.name.name.clone(), construct.name.span);
        self.report(MemberProblem::CannotConstruct { name, what, span, declared: ty.span });
    }

    fn construct_fields(
        &mut self,
        record: RecordId,
        construct: &'a ast::Construct,
    ) -> Vec<FieldValue> {
        let given = self.named_arguments(&construct.arguments);
        let mut fields = Vec::with_capacity(given.len());
        let mut extra: Vec<&'a ast::Ident> = Vec::new();
        for argument in given {
            let Some(wanted) = self.find_member(record, argument.name) else {
                extra.push(argument.name);
                continue;
            };
            let declared =
                self.types.record(record).field(&argument.name.name).and_then(|f| f.span);
            let value = self.given_field(&argument, wanted, declared);
            fields.push(FieldValue { name: argument.name.name.clone(), value });
        }
        self.check_complete(record, construct, &fields, &extra);
        fields
    }

    /// Every field once: reports those without a value, and names that are no field.
    fn check_complete(
        &mut self,
        record: RecordId,
        construct: &'a ast::Construct,
        fields: &[FieldValue],
        extra: &[&'a ast::Ident],
    ) {
        if self.open_records.contains(&record) {
            return;
        }
        let given: std::collections::HashSet<&Name> =
            fields.iter().map(|field| &field.name).collect();
        let missing: Vec<(Name, Option<Span>)> = self
            .types
            .record(record)
            .fields
            .iter()
            .filter(|field| !given.contains(&field.name))
            .map(|field| (field.name.clone(), field.span))
            .collect();
        if missing.is_empty() {
            for name in extra {
                let (name, span) = (name.name.clone(), name.span);
                let ty = construct.name.name.clone();
                self.report(MemberProblem::ExtraField { ty, name, span });
            }
            return;
        }
        let wrong = extra.first().map(|name| (name.name.clone(), name.span));
        let near = wrong.as_ref().and_then(|(wrong, _)| {
            let near = self.nearest(wrong, missing.iter().map(|(name, _)| name.as_str()));
            // One name too many and one too few: probably the same.
            let only = extra.len() == 1 && missing.len() == 1;
            near.or_else(|| only.then(|| missing.first().map(|(name, _)| name.clone())).flatten())
        });
        self.report(MemberProblem::MissingFields {
            ty: construct.name.name.clone(),
            span: construct.name.span,
            missing,
            wrong,
            near,
        });
    }
}
