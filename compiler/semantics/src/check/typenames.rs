//! Types as written to types.

use aquac_base::{Diagnostic, Edit, Fix, Label, Name, Span};
use aquac_syntax::ast;

use super::Checker;
use super::repeats::Same;
use super::scope::{TypeName, TypeNameKind, Value};
use crate::error::{NameProblem, Near, TypeProblem, type_meant};
use crate::hir::Definition;
use crate::types::{Scalar, Type, TypeId};

impl<'a> Checker<'a> {
    /// The type that is written there; the error type if it is wrong.
    pub(super) fn resolve_type(&mut self, ty: &'a ast::Type) -> TypeId {
        match &ty.kind {
            ast::TypeKind::Scalar(scalar) => self.types.scalar(scalar_of(*scalar)),
            ast::TypeKind::Top => self.types.top(),
            ast::TypeKind::Bottom => self.types.bottom(),
            ast::TypeKind::Array(of) => self.collection_type(of, ty.span, Type::Array),
            ast::TypeKind::Option(of) => self.collection_type(of, ty.span, Type::Option),
            ast::TypeKind::Stream(of) => self.collection_type(of, ty.span, Type::Stream),
            ast::TypeKind::StreamMap(of) => self.collection_type(of, ty.span, Type::Map),
            ast::TypeKind::Arrow(arrow) => self.arrow_type(arrow, ty.span),
            ast::TypeKind::Named(path) => self.named_type(path).ty,
            ast::TypeKind::Error => self.types.error(),
        }
    }

    fn collection_type(
        &mut self,
        of: &'a ast::Type,
        span: Span,
        make: fn(TypeId) -> Type,
    ) -> TypeId {
        let element = self.resolve_type(of);
        if !self.types.is_data(element) {
            let found = self.show(element);
            self.report(TypeProblem::NotData { found, span: of.span, place: "a collection" });
            return self.types.error();
        }
        if self.types.is_error(element) {
            return element;
        }
        let ty = self.types.intern(make(element));
        self.check_depth(ty, span)
    }

    /// Reports a type that nests too deep. Call it only where an error type means that.
    pub(super) fn check_depth(&mut self, ty: TypeId, span: Span) -> TypeId {
        if self.types.is_error(ty) {
            self.report(TypeProblem::TooDeep { span });
        }
        ty
    }

    pub(super) fn arrow_type(&mut self, arrow: &'a ast::ArrowType, span: Span) -> TypeId {
        let mut parameters: Vec<TypeId> =
            arrow.abilities.iter().map(|path| self.named_type(path).ty).collect();
        parameters.extend(arrow.parameters.iter().map(|ty| self.resolve_type(ty)));
        let results: Vec<TypeId> = arrow.results.iter().map(|ty| self.resolve_type(ty)).collect();
        let ty = self.types.function(&parameters, &results);
        self.check_depth(ty, span)
    }

    /// The type with this name or path.
    pub(super) fn named_type(&mut self, path: &ast::Path) -> TypeName {
        match self.find_type(&path.name) {
            Found::Type(ty) => {
                self.refer_type(path.span, ty);
                ty
            }
            Found::Unread => self.error_type_name(),
            Found::Nothing => {
                self.report_unknown_type(path);
                self.error_type_name()
            }
        }
    }

    pub(super) fn find_type(&mut self, path: &Name) -> Found {
        let (found, open) = if path.contains('.') {
            let (part, open) = self.module.used.find(path);
            (part.ty, open)
        } else {
            let symbol = self.symbols.of(path);
            (self.scope.type_name(symbol), false)
        };
        match found {
            Some(ty) => Found::Type(ty),
            None if open || self.module.open => Found::Unread,
            None => Found::Nothing,
        }
    }

    pub(super) fn error_type_name(&self) -> TypeName {
        TypeName { ty: self.types.error(), span: None, kind: TypeNameKind::Error }
    }

    pub(super) fn refer_type(&mut self, span: Span, ty: TypeName) {
        match ty.kind {
            TypeNameKind::Service(id) => self.refer(span, Definition::Service(id)),
            TypeNameKind::Data | TypeNameKind::Ability | TypeNameKind::Alias => {
                self.refer(span, Definition::Type(ty.ty));
            }
            TypeNameKind::Error => {}
        }
    }

    /// Says that a type is not there, and why.
    pub(super) fn report_unknown_type(&mut self, path: &ast::Path) {
        let (name, span) = (path.name.clone(), path.span);
        let symbol = self.symbols.of(&name);
        if self.said_before(Same::Type(symbol), span) {
            return;
        }
        if let Some(at) = self.declared_at(symbol)
            && let Some(declaration) = self.module.tree.and_then(|tree| tree.declarations.get(at))
            && !matches!(
                declaration.kind,
                ast::DeclarationKind::Function(_) | ast::DeclarationKind::Const(_)
            )
        {
            if at == self.module.at {
                let declared = declaration.span;
                self.report(NameProblem::Recursion { name, span, declared, function: false });
                return;
            }
            if at > self.module.at {
                let declared = declaration.name().span;
                self.report(NameProblem::TooEarly { name, span, declared });
                return;
            }
        }
        self.forget_value(&name);
        let near = self.near_type(&name, false).or_else(|| foreign(&name));
        let declaration = Same::TypesOf(self.module.at);
        let Some(first) = self.said_at(declaration) else {
            self.report(NameProblem::UnknownType { name, span, near });
            return;
        };
        join_unknown_types(first, &name, span, near);
    }

    /// What stands for a type in a signature may be the name of an argument: its uses are silent.
    fn forget_value(&mut self, name: &Name) {
        let symbol = self.symbols.of(name);
        let lower = name.starts_with(|c: char| c.is_ascii_lowercase());
        if lower && !self.function.stack.is_empty() && self.scope.value(symbol).is_none() {
            self.scope.bind(symbol, Value::Error);
        }
    }

    /// The report about another unknown type of the same declaration. If there is none, the next
    /// report is it.
    fn said_at(&mut self, same: Same) -> Option<&mut Diagnostic> {
        let at = *self.module.said.entry(same).or_insert(self.diagnostics.len());
        self.diagnostics.get_mut(at)
    }
}

/// Several unknown types in one declaration are one mistake.
fn join_unknown_types(first: &mut Diagnostic, name: &Name, span: Span, near: Option<Near>) {
    first.message = format!("{}; `{name}` is not a type", first.message);
    let Some(near) = near else {
        first.secondary.push(Label { span, message: "unknown type".to_owned() });
        return;
    };
    let message = format!("unknown type; did you mean `{}`?", near.name);
    first.secondary.push(Label { span, message });
    let edit = Edit { span, text: near.name.to_string() };
    match &mut first.fix {
        Some(Fix::Certain(edits) | Fix::Suggested(edits)) => edits.push(edit),
        None => first.fix = Some(Fix::Certain(vec![edit])),
    }
}

/// The type that people coming from other languages mean, where there is only one.
fn foreign(name: &str) -> Option<Near> {
    type_meant(name).map(|meant| Near { name: Name::new(meant), what: "type", span: None })
}

/// What a path was found to be.
pub(super) enum Found {
    Type(TypeName),
    /// Nothing, but something that could not be read may have had it.
    Unread,
    Nothing,
}

pub(super) const fn scalar_of(scalar: ast::Scalar) -> Scalar {
    match scalar {
        ast::Scalar::U8 => Scalar::U8,
        ast::Scalar::U16 => Scalar::U16,
        ast::Scalar::U32 => Scalar::U32,
        ast::Scalar::U64 => Scalar::U64,
        ast::Scalar::I8 => Scalar::I8,
        ast::Scalar::I16 => Scalar::I16,
        ast::Scalar::I32 => Scalar::I32,
        ast::Scalar::I64 => Scalar::I64,
        ast::Scalar::F32 => Scalar::F32,
        ast::Scalar::F64 => Scalar::F64,
        ast::Scalar::Bool => Scalar::Bool,
        ast::Scalar::String => Scalar::String,
    }
}
