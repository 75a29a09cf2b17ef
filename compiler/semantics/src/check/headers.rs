//! Header lines: what a module brings in and what it shows.

use std::rc::Rc;

use aquac_base::Name;
use aquac_syntax::ast;

use super::parts::{Part, Parts};
use super::scope::{FrameKind, TypeName, TypeNameKind, Value};
use super::{Checker, ModuleState, placeholder_module};
use crate::error::HeaderProblem;
use crate::graph::{Link, ModuleId, ParsedModule};
use crate::hir::Definition;

/// Whether a module came in a package: what its authors left in it is nobody's business here.
fn is_packaged(path: &str) -> bool {
    path.split('/').any(|folder| folder == "node_modules")
}

impl<'a> Checker<'a> {
    /// Checks one module; its imports have been checked before.
    pub(super) fn check_module(&mut self, id: ModuleId, module: &'a ParsedModule) {
        let before = self.diagnostics.len();
        self.module = ModuleState::new(id);
        self.module.tree = Some(&module.tree);
        self.module.linted = module.entry && !is_packaged(&module.path);
        self.program.modules.push(placeholder_module(module));
        self.module.damage = self.assess_damage(&module.tree);
        self.module.open = self.module.damage.module;
        let mark = self.scope.enter(FrameKind::Module, None);
        for (name, value) in self.predeclared() {
            self.bind_name(&name, value);
        }
        for (line, link) in module.tree.head.iter().zip(&module.links) {
            self.head_line(line, *link);
        }
        self.bind_damaged(&module.tree);
        for (at, declaration) in module.tree.declarations.iter().enumerate() {
            self.module.at = at;
            self.declaration(declaration);
        }
        self.module.at = module.tree.declarations.len();
        self.check_exports(&module.tree, before);
        let shown = self.parts_shown(&module.tree);
        self.shown.push(Rc::new(shown));
        self.scope.leave(mark);
        let readable = !self.module.damage.any();
        self.forgive_damaged_lines(before);
        if readable {
            self.report_unused(before);
        }
        self.sort_diagnostics(before);
    }

    /// Names that unreadable lines would have given: their uses are silent.
    fn bind_damaged(&mut self, tree: &'a ast::Module) {
        for name in &tree.damaged {
            let (value, ty) = (Value::Error, self.error_type_name());
            let symbol = self.symbols.of(&name.name);
            let declared = self.declared_at(symbol).is_some();
            if !declared && self.scope.value(symbol).is_none() {
                self.scope.bind(symbol, value);
            }
            if !declared && self.scope.type_name(symbol).is_none() {
                self.scope.bind_type(symbol, ty);
            }
        }
    }

    /// Puts what was reported since `from` in the order of the source.
    fn sort_diagnostics(&mut self, from: usize) {
        if let Some(fresh) = self.diagnostics.get_mut(from..) {
            fresh.sort_by_key(|problem| problem.primary.as_ref().map(|label| label.span));
        }
    }

    pub(super) fn bind_name(&mut self, name: &Name, value: Value) {
        let symbol = self.symbols.of(name);
        self.scope.bind(symbol, value);
    }

    pub(super) fn bind_type_name(&mut self, name: &Name, ty: TypeName) {
        let symbol = self.symbols.of(name);
        self.scope.bind_type(symbol, ty);
    }

    fn head_line(&mut self, line: &'a ast::HeadLine, link: Link) {
        match (line, link) {
            (ast::HeadLine::Export(_), _) => {}
            (ast::HeadLine::Import(import), Link::Module(target)) => {
                self.refer(import.path.span, Definition::Module(target));
                self.import(import, target);
            }
            (ast::HeadLine::Use(line), Link::Module(target)) => {
                self.refer(line.path.span, Definition::Module(target));
                self.use_module(line, target);
            }
            (ast::HeadLine::Import(import), Link::Broken | Link::None) => {
                self.broken_import(import);
            }
            (ast::HeadLine::Use(line), Link::Broken | Link::None) => self.broken_use(line),
        }
    }

    fn shown_by(&self, module: ModuleId) -> Rc<Parts> {
        self.shown.get(module.index()).cloned().unwrap_or_default()
    }

    fn import(&mut self, import: &'a ast::Import, target: ModuleId) {
        let parts = self.shown_by(target);
        let Some(items) = &import.items else {
            self.module.open |= parts.open;
            for (name, value) in &parts.values {
                self.bind_name(name, *value);
            }
            for (name, ty) in &parts.types {
                self.bind_type_name(name, *ty);
            }
            for (name, module) in &parts.modules {
                self.module.used.merge_below(name, Rc::clone(module));
            }
            return;
        };
        for item in items {
            let part = self.imported_part(item, target, &parts);
            self.bind_part(&item.rename.as_ref().unwrap_or(&item.name).name, part);
        }
    }

    /// Makes a part visible under a dotted path.
    fn bind_part(&mut self, path: &Name, part: Part) {
        if path.contains('.') {
            self.module.used.insert(path, part);
            return;
        }
        if let Some(value) = part.value {
            self.bind_name(path, value);
        }
        if let Some(ty) = part.ty {
            self.bind_type_name(path, ty);
        }
        if let Some(module) = part.module {
            self.module.used.merge_below(path, module);
        }
    }

    /// The part that a name in an `import` or `use` line stands for. Unknown names become error
    /// parts, so that their uses are silent.
    fn imported_part(
        &mut self,
        item: &'a ast::ImportItem,
        target: ModuleId,
        parts: &Parts,
    ) -> Part {
        let (part, open) = parts.find(&item.name.name);
        if !part.is_empty() {
            self.refer_part(item.name.span, &part);
            return part;
        }
        if !open {
            let near = self.nearest(&item.name.name, parts.names());
            let exists = self.exists_in(target, &item.name.name);
            let module = self.program.modules.get(target.index());
            let module = module.map_or_else(|| Name::new(""), |module| module.name.clone());
            self.report(HeaderProblem::NotDeclared {
                name: item.name.name.clone(),
                span: item.name.span,
                module,
                near,
                exists,
            });
        }
        self.error_part()
    }

    /// The `declares` line of a module that has the name but does not show it.
    fn exists_in(&self, target: ModuleId, name: &str) -> Option<aquac_base::Span> {
        let tree = &self.graph.get(target)?.tree;
        let declared = tree.declarations.iter().find(|d| d.name().name.as_str() == name);
        declared.map(|declaration| declaration.name().span)
    }

    fn error_part(&self) -> Part {
        let ty = TypeName { ty: self.types.error(), span: None, kind: TypeNameKind::Error };
        Part { value: Some(Value::Error), ty: Some(ty), module: None }
    }

    fn refer_part(&mut self, span: aquac_base::Span, part: &Part) {
        match (part.value, part.ty) {
            (Some(Value::Function(id)), _) => self.refer(span, Definition::Function(id)),
            (Some(Value::Constant(id)), _) => self.refer(span, Definition::Constant(id)),
            (_, Some(ty)) => self.refer_type(span, ty),
            (
                Some(Value::Local(_) | Value::Builtin(_) | Value::Nil | Value::Error) | None,
                None,
            ) => {
                if let Some(id) = part.module.as_ref().and_then(|module| module.module) {
                    self.refer(span, Definition::Module(id));
                }
            }
        }
    }

    fn use_module(&mut self, line: &'a ast::Use, target: ModuleId) {
        let parts = self.shown_by(target);
        let own = self.program.modules.get(target.index()).map(|module| module.name.clone());
        let path = line.qualifier.as_ref().map(|path| path.name.clone()).or(own);
        let path = path.unwrap_or_else(|| Name::new(""));
        let chosen = match &line.items {
            None => parts,
            Some(items) => {
                let mut chosen = Parts { module: Some(target), ..Parts::default() };
                for item in items {
                    let part = self.imported_part(item, target, &parts);
                    chosen.insert(&item.rename.as_ref().unwrap_or(&item.name).name, part);
                }
                Rc::new(chosen)
            }
        };
        if path.is_empty() {
            self.module.open = true;
        } else {
            self.module.used.merge_below(&path, chosen);
        }
    }

    fn broken_import(&mut self, import: &'a ast::Import) {
        let Some(items) = &import.items else {
            self.module.open = true;
            return;
        };
        for item in items {
            let part = self.error_part();
            self.bind_part(&item.rename.as_ref().unwrap_or(&item.name).name, part);
        }
    }

    fn broken_use(&mut self, line: &'a ast::Use) {
        let Some(qualifier) = &line.qualifier else {
            self.module.open = true;
            return;
        };
        let open = Parts { open: true, ..Parts::default() };
        self.module.used.merge_below(&qualifier.name, Rc::new(open));
    }

    /// What importers of the module see.
    fn parts_shown(&mut self, tree: &'a ast::Module) -> Parts {
        let mut shown = Parts { module: Some(self.module.id), ..Parts::default() };
        match tree.header.as_ref().map(|header| header.declares.as_ref()) {
            // Nobody can say what a module without a header would have declared.
            None => shown.open = true,
            Some(None) => {}
            Some(Some(ast::Declares::All(_))) => {
                shown.open = self.module.open;
                for (symbol, value) in self.scope.visible_values() {
                    shown.values.insert(self.symbols.name(symbol).clone(), value);
                }
                for (symbol, ty) in self.scope.visible_types() {
                    shown.types.insert(self.symbols.name(symbol).clone(), ty);
                }
            }
            Some(Some(ast::Declares::Names(names))) => {
                for path in names {
                    let part = self.own_part(path);
                    shown.insert(&path.name, part);
                }
            }
        }
        shown
    }

    /// A part named in `declares`: own, imported, or in a used module.
    fn own_part(&mut self, path: &'a ast::Path) -> Part {
        let (part, open) = self.visible_part(&path.name);
        if !part.is_empty() {
            self.refer_part(path.span, &part);
            return part;
        }
        if !open {
            let near = self.near_part(&path.name);
            self.report(HeaderProblem::DeclaresUnknown {
                name: path.name.clone(),
                span: path.span,
                near,
            });
        }
        self.error_part()
    }

    /// What a path names here, and whether something unread may have had it.
    pub(super) fn visible_part(&mut self, path: &Name) -> (Part, bool) {
        let (mut part, open) = self.module.used.find(path);
        if !path.contains('.') {
            let symbol = self.symbols.of(path);
            part.value = self.scope.value(symbol);
            part.ty = self.scope.type_name(symbol);
        }
        (part, open || self.module.open || self.module.damage.anything)
    }
}
