//! The result of checking: the program, its types, what hosts may call, and what was wrong.

use aquac_base::{Diagnostic, Name, Span};

use crate::graph::ModuleId;
use crate::hir::{ExprKind, FunctionId, Literal, LiteralKind, Program, ServiceId};
use crate::types::{TypeId, Types};

/// A checked program. There is always one, whatever the source looks like; it may be lowered only
/// if no diagnostic is an error.
#[derive(Debug, Clone)]
pub struct Typed {
    /// The program.
    pub program: Program,
    /// The types that it refers to.
    pub types: Types,
    /// What the modules make available to the host language, in the order of the `export` lines.
    pub exports: Vec<Export>,
    /// Problems in the order of the source, module by module.
    pub diagnostics: Vec<Diagnostic>,
}

/// A name that a module makes available to the host language.
#[derive(Debug, Clone)]
pub struct Export {
    /// What hosts call it.
    pub name: Name,
    /// The module with the `export` line.
    pub module: ModuleId,
    /// The name in the `export` line.
    pub span: Span,
    /// What it is.
    pub item: ExportItem,
}

/// What is exported.
#[derive(Debug, Clone)]
pub enum ExportItem {
    /// A function with its interface.
    Function(FunctionId, Interface),
    /// A service: its methods can be provided by the host.
    Service(ServiceId),
}

/// A function as a host sees it.
#[derive(Debug, Clone)]
pub struct Interface {
    /// Values and callbacks, in order.
    pub parameters: Vec<InterfaceParameter>,
    /// What it returns.
    pub results: Vec<TypeId>,
}

/// A parameter as a host sees it.
#[derive(Debug, Clone)]
pub struct InterfaceParameter {
    /// Its name.
    pub name: Name,
    /// Its type; an arrow is a callback of the host.
    pub ty: TypeId,
    /// Whether it is a callback.
    pub callback: bool,
}

impl Typed {
    /// Whether the program may be lowered.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        !self.diagnostics.iter().any(Diagnostic::is_error)
    }

    /// The function that a host reaches under this name: an exported one, else any function of a
    /// module that was asked for.
    #[must_use]
    pub fn callable(&self, name: &str) -> Option<FunctionId> {
        if let Some((id, _)) = self.exported_function(name) {
            return Some(id);
        }
        let entries = self.program.modules.iter().rev().filter(|module| module.entry);
        entries
            .flat_map(|module| &module.functions)
            .copied()
            .find(|id| self.program.functions[*id].name.as_str() == name)
    }

    /// The names that [`Typed::callable`] knows, exported ones first.
    pub fn callable_names(&self) -> impl Iterator<Item = &str> {
        let exported = self.exports.iter().filter_map(|export| match &export.item {
            ExportItem::Function(..) => Some(export.name.as_str()),
            ExportItem::Service(_) => None,
        });
        let entries = self.program.modules.iter().filter(|module| module.entry);
        let own = entries.flat_map(|module| &module.functions);
        exported.chain(own.map(|id| self.program.functions[*id].name.as_str()))
    }

    /// The exported function with this public name. If several modules export one, the last
    /// module, which is nearest to what was asked for, wins.
    #[must_use]
    pub fn exported_function(&self, name: &str) -> Option<(FunctionId, &Interface)> {
        self.exports.iter().rev().filter(|export| export.name.as_str() == name).find_map(|export| {
            match &export.item {
                ExportItem::Function(id, interface) => Some((*id, interface)),
                ExportItem::Service(_) => None,
            }
        })
    }

    /// What a constant stands for that was given from outside, or that a module which was asked
    /// for declares. Those from outside win, as they do in programs.
    #[must_use]
    pub fn constant(&self, name: &str) -> Option<&Literal> {
        self.constants().find_map(|(known, literal)| (known.as_str() == name).then_some(literal))
    }

    /// The texts among the constants, with their names: peers are called by them.
    pub fn texts(&self) -> impl Iterator<Item = (&Name, &str)> {
        let texts = self.constants().filter(|(_, literal)| literal.kind == LiteralKind::String);
        texts.map(|(name, literal)| (name, literal.text.as_str()))
    }

    /// Constants given from outside, then those of the modules that were asked for.
    fn constants(&self) -> impl Iterator<Item = (&Name, &Literal)> {
        let given = self.program.constants.iter().filter(|(_, one)| one.name_span.is_none());
        let entries = self.program.modules.iter().filter(|module| module.entry);
        let own = entries.flat_map(|module| &module.constants);
        let all = given.map(|(_, one)| one).chain(own.map(|id| &self.program.constants[*id]));
        all.filter_map(|constant| {
            let kind = &self.program.exprs[constant.value].kind;
            if let ExprKind::Literal(literal) = kind {
                Some((&constant.name, literal))
            } else {
                None
            }
        })
    }
}
