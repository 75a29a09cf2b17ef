//! Names of values: looking them up, binding new ones, and saying why one is not there.

use aquac_base::{Name, Span};
use aquac_syntax::ast;

use super::Checker;
use super::repeats::Same;
use super::scope::{FrameKind, TypeNameKind, Value};
use crate::error::{Elsewhere, NameProblem, Near, is_constant, value_meant};
use crate::hir::{
    Builtin, CollectionKind, Definition, ExprId, ExprKind, FunctionKind, Local, LocalId, LocalKind,
    ServiceId,
};
use crate::symbols::Symbol;
use crate::types::{Scalar, Type, TypeId};

/// What an unknown name was going to be used as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    Value,
    Function,
    /// Something with a dot after it.
    Qualifier,
}

/// A local about to be bound.
pub(super) struct NewLocal<'n> {
    pub(super) name: &'n Name,
    pub(super) span: Span,
    pub(super) declaration: Span,
    pub(super) ty: TypeId,
    pub(super) kind: LocalKind,
}

impl<'n> NewLocal<'n> {
    pub(super) fn named(ident: &'n ast::Ident, ty: TypeId, kind: LocalKind) -> Self {
        Self { name: &ident.name, span: ident.span, declaration: ident.span, ty, kind }
    }
}

impl Checker<'_> {
    /// The value that a name stands for.
    pub(super) fn name_expr(&mut self, name: &Name, span: Span, wanted: Wanted) -> ExprId {
        let symbol = self.symbols.of(name);
        if let Some(value) = self.scope.value(symbol) {
            return self.value_expr(value, span);
        }
        if let Some(ty) = self.scope.type_name(symbol) {
            if let TypeNameKind::Service(service) = ty.kind {
                self.refer(span, Definition::Service(service));
                return self.service_expr(service, symbol, span);
            }
            return self.not_a_value(name, ty, span, wanted);
        }
        self.unknown_name(name, span, wanted)
    }

    /// An expression for something that a name was found to mean.
    pub(super) fn value_expr(&mut self, value: Value, span: Span) -> ExprId {
        match value {
            Value::Local(local) => {
                self.use_local(local, span);
                let ty = self.local(local).ty;
                self.add(ExprKind::Local(local), ty, span)
            }
            Value::Function(id) => {
                self.refer(span, Definition::Function(id));
                let ty = self.program.functions[id].ty;
                self.add(ExprKind::Function(id), ty, span)
            }
            Value::Constant(id) => {
                self.refer(span, Definition::Constant(id));
                let ty = self.program.constants[id].ty;
                self.add(ExprKind::Constant(id), ty, span)
            }
            Value::Builtin(builtin) => {
                let ty = self.builtin_type(builtin);
                self.add(ExprKind::Builtin(builtin), ty, span)
            }
            Value::Nil => {
                let empty =
                    ExprKind::Collection { kind: CollectionKind::Option, elements: Vec::new() };
                self.add(empty, self.types.nil(), span)
            }
            Value::Error => self.error_expr(span),
        }
    }

    pub(super) fn builtin_type(&self, builtin: Builtin) -> TypeId {
        match builtin {
            Builtin::HostPeer | Builtin::InitPeer => self.types.scalar(Scalar::String),
            Builtin::Ttl => self.types.scalar(Scalar::U32),
            Builtin::Timestamp => self.types.scalar(Scalar::U64),
            Builtin::LastError => self.types.fault(),
        }
    }

    /// Notes a use of a local: it is not unused, and closures around the use capture it.
    pub(super) fn use_local(&mut self, id: LocalId, span: Span) {
        self.refer(span, Definition::Local(id));
        self.touch_local(id);
    }

    /// A use that has no place of its own.
    pub(super) fn touch_local(&mut self, id: LocalId) {
        let local = &mut self.program.locals[id];
        local.used = true;
        let home = local.function;
        let levels = self.function.stack.iter().rev().zip(self.function.captures.iter_mut().rev());
        for (_, captures) in levels.take_while(|(function, _)| **function != home) {
            captures.add(id);
        }
    }

    /// A service as a value, with the id in force; an error if there is none.
    pub(super) fn service_expr(
        &mut self,
        service: ServiceId,
        spelled: Symbol,
        span: Span,
    ) -> ExprId {
        match self.service_id_expr(service, spelled, span) {
            Some(id) => {
                let ty = self.program.services[service].ty;
                self.add(ExprKind::Service { service, id }, ty, span)
            }
            None => {
                self.report_no_id(service, span);
                self.error_expr(span)
            }
        }
    }

    /// The id that a service has here.
    fn service_id_expr(
        &mut self,
        service: ServiceId,
        spelled: Symbol,
        span: Span,
    ) -> Option<ExprId> {
        if let Some(local) = self.scope.service_id(spelled) {
            self.touch_local(local);
            let ty = self.local(local).ty;
            return Some(self.add(ExprKind::Local(local), ty, span));
        }
        self.program.services[service].default_id
    }

    /// Binds a new local. If the name is taken that is reported, and the name becomes the error
    /// value so that its uses, which may mean either, are silent.
    pub(super) fn bind_local(&mut self, new: NewLocal<'_>) -> LocalId {
        let symbol = self.symbols.of(new.name);
        let taken = self.scope.value(symbol);
        let function = *self.function.stack.last().expect("locals are bound in functions");
        let id = self.program.locals.add(Local {
            name: new.name.clone(),
            span: new.span,
            declaration: new.declaration,
            ty: new.ty,
            kind: new.kind,
            function,
            used: false,
        });
        self.function.locals.push(id);
        match taken {
            None => self.scope.bind(symbol, Value::Local(id)),
            Some(Value::Error) => {
                self.program.locals[id].used = true;
            }
            Some(first) => {
                self.program.locals[id].used = true;
                self.report_taken(new.name, new.span, first);
                self.scope.bind(symbol, Value::Error);
            }
        }
        id
    }

    pub(super) fn report_taken(&mut self, name: &Name, span: Span, first: Value) {
        if let Value::Local(local) = first {
            self.program.locals[local].used = true;
        }
        let first = self.place_of(first);
        self.report(NameProblem::Taken { name: name.clone(), span, first });
    }

    /// Where something is declared, and what it is.
    fn place_of(&self, value: Value) -> Option<(Span, &'static str)> {
        match value {
            Value::Local(local) => Some((self.local(local).span, "bound")),
            Value::Function(id) => Some((self.program.functions[id].name_span, "declared")),
            Value::Constant(id) => Some((self.program.constants[id].name_span?, "declared")),
            Value::Builtin(_) | Value::Nil | Value::Error => None,
        }
    }

    fn not_a_value(
        &mut self,
        name: &Name,
        ty: super::scope::TypeName,
        span: Span,
        wanted: Wanted,
    ) -> ExprId {
        if ty.kind != TypeNameKind::Error {
            let what = super::suggest::word(ty.kind);
            self.report(NameProblem::TypeAsValue {
                name: name.clone(),
                what,
                span,
                declared: ty.span,
                fields: if wanted == Wanted::Function {
                    self.field_names(ty.ty)
                } else {
                    Vec::new()
                },
            });
        }
        self.error_expr(span)
    }

    /// The names of the fields of a `data` type, in the order of their declaration.
    fn field_names(&self, ty: TypeId) -> Vec<Name> {
        let Type::Data(record) = self.types.get(ty) else { return Vec::new() };
        self.types.record(record).fields.iter().map(|field| field.name.clone()).collect()
    }

    /// A name that means nothing here: says why, once.
    pub(super) fn unknown_name(&mut self, name: &Name, span: Span, wanted: Wanted) -> ExprId {
        if !self.module.open && !self.function.lost {
            self.report_unknown(name, span, wanted);
        }
        self.error_expr(span)
    }

    fn report_unknown(&mut self, name: &Name, span: Span, wanted: Wanted) {
        let symbol = self.symbols.of(name);
        let upper = name.starts_with(|letter: char| letter.is_ascii_uppercase());
        let service = wanted == Wanted::Qualifier && upper;
        let local = Same::Value(symbol, self.function.first_local);
        if self.said_before(if service { Same::Type(symbol) } else { local }, span) {
            return;
        }
        if self.is_misspelled_by_damage(name) {
            return;
        }
        if let Some(problem) = self.elsewhere(name, symbol, span) {
            self.report(problem);
            return;
        }
        if service {
            let near = self.near_type(name, true).or_else(|| self.near_value(name, false));
            self.report(NameProblem::UnknownService { name: name.clone(), span, near });
            return;
        }
        let callable = wanted == Wanted::Function;
        if callable && name.as_str() == "not" {
            let with_blanks = self.with_blanks(span);
            self.report(NameProblem::Not { span, with_blanks });
            return;
        }
        let near = self.near_value(name, callable).or_else(|| {
            let other = if callable {
                self.near_value(name, false)
            } else if is_constant(name) {
                // No service is written so; a peer of the project is.
                None
            } else {
                self.near_type(name, true)
            };
            other.or_else(|| foreign(name))
        });
        self.report(NameProblem::Unknown { name: name.clone(), span, near, callable });
    }

    /// Whether a similar name is declared in a line with something unreadable: that line may be
    /// what is misspelled.
    pub(super) fn is_misspelled_by_damage(&mut self, name: &Name) -> bool {
        if !self.module.damage.any() {
            return false;
        }
        let lost = self.module.tree.map_or(&[][..], |tree| tree.damaged.as_slice());
        let lost = lost.iter().map(|ident| ident.name.as_str());
        if self.nearest(name, lost).is_some() {
            return true;
        }
        let near = self.near_value(name, false).or_else(|| self.near_type(name, false));
        near.and_then(|near| near.span).is_some_and(|place| self.module.damage.touches(place))
    }

    /// A place and the blanks behind it.
    fn with_blanks(&self, place: Span) -> Span {
        let text = self.sources.get(place.source).map_or("", |source| source.text.as_str());
        let behind = text.get(place.end as usize..).unwrap_or_default();
        let blanks = behind.bytes().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let end = place.end.saturating_add(u32::try_from(blanks).unwrap_or(0));
        Span::new(place.source, place.start, end)
    }

    /// The name exists, but not here: in a branch that is over, in this very function, or below.
    fn elsewhere(&mut self, name: &Name, symbol: Symbol, span: Span) -> Option<NameProblem> {
        let places = self.gone_places(symbol);
        if !places.is_empty() {
            return Some(NameProblem::OutOfScope { name: name.clone(), span, places });
        }
        if let Some(problem) = self.itself(name, span) {
            return Some(problem);
        }
        let position = self.declared_at(symbol)?;
        let declaration = self.module.tree?.declarations.get(position)?;
        let declared = declaration.name().span;
        if position == self.module.at {
            return Some(NameProblem::Recursion {
                name: name.clone(),
                span,
                declared: declaration.span,
                function: matches!(declaration.kind, ast::DeclarationKind::Function(_)),
            });
        }
        (position > self.module.at).then(|| NameProblem::TooEarly {
            name: name.clone(),
            span,
            declared,
        })
    }

    /// A closure that is used in its own body.
    fn itself(&self, name: &Name, span: Span) -> Option<NameProblem> {
        let around = self.function.stack.iter().rev().map(|id| &self.program.functions[*id]);
        let own = around
            .filter(|function| function.kind != FunctionKind::Top)
            .find(|function| function.name == *name)?;
        Some(NameProblem::Recursion {
            name: name.clone(),
            span,
            declared: own.span,
            function: true,
        })
    }

    /// Where in the current function the name was bound in blocks that are over.
    fn gone_places(&self, symbol: Symbol) -> Vec<Elsewhere> {
        const MOST: usize = 3;
        let first = self.function.first_local;
        let gone = self.scope.gone(symbol).take_while(|(local, _)| local.index() >= first);
        let mut places: Vec<Elsewhere> = gone
            .filter_map(|(local, frame)| Some((local, frame?)))
            .filter(|(_, frame)| !matches!(frame.kind, FrameKind::Module | FrameKind::Function))
            .take(MOST)
            .map(|(local, frame)| Elsewhere {
                bound: self.local(local).span,
                kind: frame.kind,
                opened: frame.span,
            })
            .collect();
        places.reverse();
        places
    }

    /// The position of the declaration with this name, wherever it is in the module.
    pub(super) fn declared_at(&mut self, symbol: Symbol) -> Option<usize> {
        if self.module.declared.is_none() {
            let tree = self.module.tree?;
            let names = tree.declarations.iter().enumerate();
            // Of two declarations with one name the first counts.
            let mut all = std::collections::HashMap::default();
            for (at, declaration) in names {
                all.entry(self.symbols.of(&declaration.name().name)).or_insert(at);
            }
            self.module.declared = Some(all);
        }
        self.module.declared.as_ref()?.get(&symbol).copied()
    }
}

/// The value that people coming from other languages mean, where there is only one.
fn foreign(name: &str) -> Option<Near> {
    value_meant(name).map(|meant| Near { name: Name::new(meant), what: "constant", span: None })
}
