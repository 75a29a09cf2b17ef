//! What a module gives to the host language, and whether hosts can take it.

use std::collections::{HashMap, HashSet};

use aquac_base::{Name, Span};
use aquac_syntax::ast;

use super::Checker;
use super::parts::Part;
use super::scope::{TypeName, TypeNameKind, Value};
use crate::error::ExportProblem;
use crate::hir::{Definition, FunctionId};
use crate::symbols::QuickHash;
use crate::typed::{Export, ExportItem, Interface, InterfaceParameter};
use crate::types::{Type, TypeId};

impl<'a> Checker<'a> {
    /// Checks the `export` lines. `before`: how many diagnostics there were before the module.
    pub(super) fn check_exports(&mut self, tree: &'a ast::Module, before: usize) {
        let mut taken: HashMap<Name, (Span, Part), QuickHash> = HashMap::default();
        let mut any = false;
        for line in &tree.head {
            let ast::HeadLine::Export(export) = line else { continue };
            any = true;
            for item in &export.items {
                self.export(item, &mut taken);
            }
        }
        let wrong = self.module.damage.any() || self.errors_since(before);
        if !any && self.module.linted && !wrong {
            self.lint_nothing_exported(tree);
        }
    }

    fn export(
        &mut self,
        item: &'a ast::ImportItem,
        taken: &mut HashMap<Name, (Span, Part), QuickHash>,
    ) {
        let public = item.rename.as_ref().unwrap_or(&item.name);
        if !public.is_simple() {
            let renamed = item.rename.is_some();
            let (name, span) = (public.name.clone(), public.span);
            self.report(ExportProblem::DottedName { name, span, renamed });
            return;
        }
        let (part, open) = self.visible_part(&item.name.name);
        let place = (public.name.clone(), item.name.span);
        match (part.value, part.ty) {
            (Some(Value::Function(id)), _) => {
                self.refer(item.name.span, Definition::Function(id));
                if self.claim(public, part, taken) {
                    self.export_function(id, place);
                }
            }
            (_, Some(ty)) => {
                if self.claim(public, part, taken) {
                    self.export_type(ty, place);
                }
            }
            (Some(Value::Constant(_) | Value::Builtin(_) | Value::Nil), None)
            | (Some(Value::Error | Value::Local(_)), _) => {}
            (None, None) if part.module.is_some() || !open => self.unknown_export(item),
            (None, None) => {}
        }
    }

    /// Whether the name is still free. Two things under one public name: hosts could call only
    /// one of them. The same thing twice is harmless.
    fn claim(
        &mut self,
        public: &ast::Path,
        part: Part,
        taken: &mut HashMap<Name, (Span, Part), QuickHash>,
    ) -> bool {
        let Some((first, before)) = taken.get(&public.name) else {
            taken.insert(public.name.clone(), (public.span, part));
            return true;
        };
        if (before.value, before.ty) != (part.value, part.ty) {
            let (name, span, first) = (public.name.clone(), public.span, *first);
            self.report(ExportProblem::Twice { name, span, first });
        }
        false
    }

    fn unknown_export(&mut self, item: &ast::ImportItem) {
        if self.is_misspelled_by_damage(&item.name.name) {
            return;
        }
        let near = self.near_function(&item.name.name);
        self.report(ExportProblem::Unknown {
            name: item.name.name.clone(),
            span: item.name.span,
            near,
        });
    }

    fn export_type(&mut self, ty: TypeName, (name, span): (Name, Span)) {
        match ty.kind {
            TypeNameKind::Service(id) => {
                self.refer(span, Definition::Service(id));
                let item = ExportItem::Service(id);
                self.exports.push(Export { name, module: self.module.id, span, item });
            }
            TypeNameKind::Ability => {
                self.report(ExportProblem::Ability { name, span, declared: ty.span });
            }
            TypeNameKind::Data | TypeNameKind::Alias | TypeNameKind::Error => {}
        }
    }

    fn export_function(&mut self, id: FunctionId, (name, span): (Name, Span)) {
        if let Some((place, why)) = self.cannot_cross(id) {
            // Its signature may be what is wrong.
            if self.module.wrong.contains(&id) {
                return;
            }
            self.report(ExportProblem::CannotCross { name, span, place, why });
            return;
        }
        let interface = self.interface(id);
        let item = ExportItem::Function(id, interface);
        self.exports.push(Export { name, module: self.module.id, span, item });
    }

    fn interface(&self, id: FunctionId) -> Interface {
        let function = &self.program.functions[id];
        let parameters = function.parameters.iter().map(|local| {
            let local = self.local(*local);
            let callback = self.types.as_arrow(local.ty).is_some();
            InterfaceParameter { name: local.name.clone(), ty: local.ty, callback }
        });
        Interface { parameters: parameters.collect(), results: function.results.clone() }
    }

    /// The part of a function's type that a host cannot give or take, and why.
    fn cannot_cross(&self, id: FunctionId) -> Option<(Span, String)> {
        let function = &self.program.functions[id];
        for local in &function.parameters {
            let local = self.local(*local);
            if let Some(why) = self.cannot_come_in(local.ty) {
                return Some((local.declaration, format!("it takes {why}")));
            }
        }
        let bad = function.results.iter().find_map(|ty| self.cannot_go_out(*ty))?;
        let place = function.results_span.unwrap_or(function.span);
        Some((place, format!("it returns {bad}")))
    }

    fn cannot_come_in(&self, ty: TypeId) -> Option<&'static str> {
        match self.types.get(ty) {
            Type::Service(_) => Some("a service"),
            Type::Ability(_) => Some("an ability"),
            Type::Map(_) => Some("a stream map"),
            // Whether a callback's results are data matters only where one is used.
            Type::Arrow(_)
            | Type::Error
            | Type::Top
            | Type::Bottom
            | Type::Scalar(_)
            | Type::Literal(_)
            | Type::Array(_)
            | Type::Option(_)
            | Type::Stream(_)
            | Type::Data(_) => None,
        }
    }

    fn cannot_go_out(&self, ty: TypeId) -> Option<&'static str> {
        if matches!(self.types.get(ty), Type::Map(_)) {
            Some("a stream map")
        } else {
            self.types.beside_data(ty)
        }
    }

    /// A module with functions that exports none builds into nothing, unless others import it.
    fn lint_nothing_exported(&mut self, tree: &'a ast::Module) {
        let Some(header) = &tree.header else { return };
        let Some(function) = self.forgotten_export(header) else { return };
        let function = &self.program.functions[function];
        let (name, declared) = (function.name.clone(), function.span);
        self.report(ExportProblem::Nothing { header: header.span, name, declared });
    }

    /// The function that an `export` line was probably forgotten for. What shows names of its
    /// choice is a library. What shows everything is one too if its functions have no common
    /// caller: a program has one function that nothing else in it calls.
    fn forgotten_export(&self, header: &ast::Header) -> Option<FunctionId> {
        let module = self.program.modules.last()?;
        let called = self.functions_used_here();
        let mut free = module.functions.iter().copied().filter(|id| !called.contains(id));
        let last = free.next_back()?;
        match &header.declares {
            None => Some(last),
            Some(ast::Declares::All(_)) => free.next().is_none().then_some(last),
            Some(ast::Declares::Names(_)) => None,
        }
    }

    /// Functions that this module refers to in its bodies.
    fn functions_used_here(&self) -> HashSet<FunctionId, QuickHash> {
        let Some(source) = self.module.tree.map(|tree| tree.source) else {
            return HashSet::default();
        };
        let references = self.program.references.iter().rev();
        references
            .take_while(|reference| reference.span.source == source)
            .filter_map(|reference| match reference.to {
                Definition::Function(id) => Some(id),
                Definition::Service(_)
                | Definition::Constant(_)
                | Definition::Local(_)
                | Definition::Type(_)
                | Definition::Field(_)
                | Definition::Module(_) => None,
            })
            .collect()
    }
}
