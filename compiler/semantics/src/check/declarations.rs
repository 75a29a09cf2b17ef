//! Types, services, abilities, aliases and constants. Functions are in `functions`.

use std::collections::HashMap;

use aquac_base::{Label, Name, Span};
use aquac_syntax::ast;

use super::Checker;
use super::convert::{Why, WhyKind};
use super::scope::{TypeName, TypeNameKind, Value};
use crate::error::{NameProblem, ServiceProblem, TypeProblem};
use crate::hir::{Constant, ExprKind, LiteralKind, Service, TypeDeclaration};
use crate::symbols::QuickHash;
use crate::types::{Field, ParameterNote, RecordId, Scalar, Type, TypeId};

/// Services with one id that a warning shows.
const MOST_LABELS: usize = 6;

impl<'a> Checker<'a> {
    pub(super) fn declaration(&mut self, declaration: &'a ast::Declaration) {
        match &declaration.kind {
            ast::DeclarationKind::Data(data) => self.data(data),
            ast::DeclarationKind::Service(service) => self.service(service, declaration.span),
            ast::DeclarationKind::Ability(ability) => self.ability(ability),
            ast::DeclarationKind::Alias(alias) => self.alias(alias),
            ast::DeclarationKind::Const(constant) => self.constant(constant),
            ast::DeclarationKind::Function(function) => {
                self.function(function, declaration.span);
            }
        }
    }

    fn data(&mut self, data: &'a ast::Data) {
        let fields: Vec<Field> = data.fields.iter().map(|field| self.field(field, true)).collect();
        self.declare_record(&data.name, fields, TypeNameKind::Data);
    }

    /// A field. Those of a `data` must be data, which those of an ability need not.
    fn field(&mut self, field: &'a ast::Field, of_data: bool) -> Field {
        let mut ty = self.resolve_type(&field.kind);
        if of_data && !self.types.is_data(ty) {
            let found = self.show(ty);
            let span = field.kind.span;
            self.report(TypeProblem::NotData { found, span, place: "a `data`" });
            ty = self.types.error();
        }
        let span = Some(field.name.span.to(field.kind.span));
        Field { name: field.name.name.clone(), ty, span, parameters: Vec::new() }
    }

    fn method(&mut self, method: &'a ast::Method) -> Field {
        let mut field = self.method_as_written(method);
        if field.span.is_some_and(|span| self.module.damage.touches(span)) {
            // Nobody knows how it can be called.
            field.ty = self.types.error();
        }
        field
    }

    fn method_as_written(&mut self, method: &'a ast::Method) -> Field {
        let name = method.name.name.clone();
        match &method.form {
            ast::MethodForm::Bare(arrow, span) => {
                let ty = self.arrow_type(arrow, *span);
                let note = |ty: &ast::Type| ParameterNote { name: Name::new(""), span: ty.span };
                let parameters = arrow.parameters.iter().map(note).collect();
                Field { name, ty, span: Some(method.name.span.to(*span)), parameters }
            }
            ast::MethodForm::Named(signature) => {
                let (ty, parameters) = self.signature_type(signature);
                let span = Some(method.name.span.to(signature.span));
                Field { name, ty, span, parameters }
            }
        }
    }

    /// The arrow type of a signature without a body.
    fn signature_type(&mut self, signature: &'a ast::Signature) -> (TypeId, Vec<ParameterNote>) {
        let mut types = Vec::new();
        let mut notes = Vec::new();
        for path in &signature.abilities {
            types.push(self.named_type(path).ty);
            notes.push(ParameterNote { name: path.name.clone(), span: path.span });
        }
        for parameter in &signature.parameters {
            types.push(self.resolve_type(&parameter.kind));
            let span = parameter.name.span.to(parameter.kind.span);
            notes.push(ParameterNote { name: parameter.name.name.clone(), span });
        }
        let results: Vec<TypeId> =
            signature.results.iter().map(|ty| self.resolve_type(ty)).collect();
        let ty = self.types.function(&types, &results);
        (self.check_depth(ty, signature.span), notes)
    }

    /// Drops and reports members whose name was there before. Nobody knows then which of the two
    /// was meant, nor what the other should be called: the flag says so.
    fn unique(&mut self, fields: Vec<Field>) -> (Vec<Field>, bool) {
        let mut seen: HashMap<Name, usize, QuickHash> = HashMap::default();
        let mut kept: Vec<Field> = Vec::with_capacity(fields.len());
        let mut repeated = false;
        for field in fields {
            let first = seen.get(&field.name).copied();
            let Some(first) = first.and_then(|at| kept.get_mut(at)) else {
                seen.insert(field.name.clone(), kept.len());
                kept.push(field);
                continue;
            };
            repeated = true;
            first.ty = self.types.error();
            let first = first.span.map(|first| (first, "declared"));
            if let Some(declared) = field.span {
                let name = field.name;
                let length = u32::try_from(name.len()).unwrap_or(0);
                let end = declared.start.saturating_add(length);
                let span = Span::new(declared.source, declared.start, end);
                self.report(NameProblem::Taken { name, span, first });
            }
        }
        (kept, repeated)
    }

    fn declare_record(&mut self, name: &'a ast::Ident, fields: Vec<Field>, kind: TypeNameKind) {
        if fields.is_empty() {
            // A missing body has been reported; nothing is known about the type.
            let error = TypeName { ty: self.types.error(), span: Some(name.span), kind };
            self.declare_type(name, error);
            return;
        }
        let (fields, repeated) = self.unique(fields);
        let record = self.types.add_record(name.name.clone(), Some(name.span), fields);
        self.note_open(record, repeated);
        let ty = match kind {
            TypeNameKind::Ability => Type::Ability(record),
            TypeNameKind::Service(_) => Type::Service(record),
            TypeNameKind::Data | TypeNameKind::Alias | TypeNameKind::Error => Type::Data(record),
        };
        let ty = self.types.intern(ty);
        let ty = self.check_depth(ty, name.span);
        self.declare_type(name, TypeName { ty, span: Some(name.span), kind });
    }

    /// Notes that members may be missing: a line of the declaration at hand could not be read, or
    /// two members have one name.
    fn note_open(&mut self, record: RecordId, repeated: bool) {
        if repeated || self.module.damage.reaches(self.module.at) {
            self.open_records.insert(record);
        }
    }

    /// Binds the name of a type unless it is taken.
    fn declare_type(&mut self, name: &'a ast::Ident, ty: TypeName) {
        let symbol = self.symbols.of(&name.name);
        if let Some(first) = self.scope.type_name(symbol) {
            if first.kind != TypeNameKind::Error {
                let first = first.span.map(|first| (first, "declared"));
                self.report(NameProblem::Taken { name: name.name.clone(), span: name.span, first });
            }
            let error = self.error_type_name();
            self.scope.bind_type(symbol, error);
            return;
        }
        self.program.type_declarations.push(TypeDeclaration {
            name: name.name.clone(),
            name_span: name.span,
            ty: ty.ty,
        });
        self.scope.bind_type(symbol, ty);
    }

    fn ability(&mut self, ability: &'a ast::Ability) {
        let members: Vec<Field> = ability
            .members
            .iter()
            .map(|member| match member {
                ast::Member::Field(field) => self.field(field, false),
                ast::Member::Method(method) => self.method(method),
            })
            .collect();
        self.declare_record(&ability.name, members, TypeNameKind::Ability);
    }

    fn alias(&mut self, alias: &'a ast::Alias) {
        let ty = self.resolve_type(&alias.kind);
        let span = Some(alias.name.span);
        self.declare_type(&alias.name, TypeName { ty, span, kind: TypeNameKind::Alias });
    }

    fn service(&mut self, service: &'a ast::Service, span: Span) {
        let default_id = service.id.as_ref().map(|id| {
            let value = self.expr(id);
            let string = self.types.scalar(Scalar::String);
            self.convert(value, string, Why::plain(WhyKind::ServiceId))
        });
        let mut methods = Vec::with_capacity(service.methods.len());
        for method in &service.methods {
            let mut field = self.method(method);
            field.ty = self.method_result(method, field.ty);
            methods.push(field);
        }
        let (methods, repeated) = self.unique(methods);
        let record =
            self.types.add_record(service.name.name.clone(), Some(service.name.span), methods);
        self.note_open(record, repeated);
        let ty = self.types.intern(Type::Service(record));
        let ty = self.check_depth(ty, service.name.span);
        let id = self.program.services.add(Service {
            name: service.name.name.clone(),
            name_span: service.name.span,
            span,
            module: self.module.id,
            ty,
            record,
            default_id,
        });
        if let Some(module) = self.program.modules.last_mut() {
            module.services.push(id);
        }
        let kind = TypeNameKind::Service(id);
        self.declare_type(&service.name, TypeName { ty, span: Some(service.name.span), kind });
        self.lint_same_id(id);
    }

    /// A service answers with at most one value, and with data.
    fn method_result(&mut self, method: &'a ast::Method, ty: TypeId) -> TypeId {
        let Some(arrow) = self.types.as_arrow(ty) else { return ty };
        let (parameters, results) = (arrow.parameters.clone(), arrow.results.clone());
        let written = match &method.form {
            ast::MethodForm::Bare(arrow, _) => &arrow.results,
            ast::MethodForm::Named(signature) => &signature.results,
        };
        if let (Some(first), Some(last), true) =
            (written.first(), written.last(), results.len() > 1)
        {
            let (name, span) = (method.name.name.clone(), first.span.to(last.span));
            self.report(ServiceProblem::SeveralResults { name, span });
            let error = self.types.error();
            return self.types.function(&parameters, &[error]);
        }
        ty
    }

    fn constant(&mut self, constant: &'a ast::Const) {
        let value = self.expr(&constant.value);
        let symbol = self.symbols.of(&constant.name.name);
        if let Some(first) = self.scope.value(symbol) {
            self.redefined(constant, value, first);
            return;
        }
        // Chains of constants stay one step long.
        let value = if let ExprKind::Constant(other) = &self.program.exprs[value].kind {
            self.program.constants[*other].value
        } else {
            value
        };
        let ty = self.ty(value);
        let id = self.program.constants.add(Constant {
            name: constant.name.name.clone(),
            name_span: Some(constant.name.span),
            value,
            ty,
        });
        if let Some(module) = self.program.modules.last_mut() {
            module.constants.push(id);
        }
        self.scope.bind(symbol, Value::Constant(id));
    }

    /// The first definition of a constant wins. One given from outside is meant to win; a second
    /// one in the sources is probably not meant.
    fn redefined(&mut self, constant: &'a ast::Const, value: crate::hir::ExprId, first: Value) {
        let (ty, declared) = match first {
            Value::Constant(id) => {
                let first = &self.program.constants[id];
                (first.ty, first.name_span)
            }
            Value::Builtin(builtin) => (self.builtin_type(builtin), None),
            Value::Nil => (self.types.nil(), None),
            Value::Local(_) | Value::Function(_) | Value::Error => return,
        };
        let given = matches!(first, Value::Constant(_)) && declared.is_none();
        if constant.overridable {
            self.convert(value, ty, Why { kind: WhyKind::Constant, span: declared });
        } else if !given {
            let (name, span) = (constant.name.name.clone(), constant.name.span);
            self.report(NameProblem::ConstantKept { name, span, first: declared });
        }
    }

    /// Two services of one module with one default id: usually a slip.
    fn lint_same_id(&mut self, id: crate::hir::ServiceId) {
        if !self.module.linted {
            return;
        }
        let Some((text, span)) = self.literal_id(id) else { return };
        let Some((first, warned)) = self.module.ids.get(&text).copied() else {
            self.module.ids.insert(text, (id, None));
            return;
        };
        let name = self.program.services[id].name.clone();
        if let Some(warning) = warned.and_then(|at| self.diagnostics.get_mut(at)) {
            if warning.secondary.len() < MOST_LABELS {
                let message = format!("`{name}` too");
                warning.secondary.push(Label { span, message });
            }
            return;
        }
        self.module.ids.insert(text.clone(), (first, Some(self.diagnostics.len())));
        let first = &self.program.services[first];
        let (first, first_span) = (first.name.clone(), first.span);
        self.report(ServiceProblem::SameId { id: text, name, span, first, first_span });
    }

    /// The default id of a service if it is a literal.
    fn literal_id(&self, id: crate::hir::ServiceId) -> Option<(Name, Span)> {
        let expr = &self.program.exprs[self.program.services[id].default_id?];
        let ExprKind::Literal(literal) = &expr.kind else { return None };
        (literal.kind == LiteralKind::String).then(|| (literal.text.clone(), expr.span))
    }
}
