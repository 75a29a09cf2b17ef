//! Lines that could not be read: what they may have declared is not reported as missing.
//!
//! A line at the left margin may have declared or imported anything: then no unknown name of the
//! module is certain to be a mistake. An indented line below a `data`, `service` or `ability` may
//! have been a member of it. Lines from which the parser saved something count as read. Lines in
//! functions are statements of their own in the tree.

use std::collections::HashSet;

use aquac_base::{Diagnostic, Span};
use aquac_syntax::ast;

use super::Checker;
use crate::symbols::QuickHash;

/// What unreadable lines leave open in a module.
#[derive(Default)]
pub(super) struct Damage {
    /// A declaration or import may be lost.
    pub(super) module: bool,
    /// Something may be lost, wherever it belongs.
    pub(super) anything: bool,
    /// Positions of declarations that may have lost a member.
    declarations: HashSet<usize, QuickHash>,
    /// Lines with something unreadable, in order.
    lines: Vec<Span>,
}

impl Damage {
    /// Whether a declaration may have lost a member.
    pub(super) fn reaches(&self, declaration: usize) -> bool {
        self.declarations.contains(&declaration)
    }

    /// Whether anything could not be read.
    pub(super) fn any(&self) -> bool {
        !self.lines.is_empty()
    }

    /// Whether something in the place could not be read.
    pub(super) fn touches(&self, place: Span) -> bool {
        let next = self.lines.partition_point(|line| line.end < place.start);
        self.lines.get(next).is_some_and(|line| line.start <= place.end)
    }
}

impl<'a> Checker<'a> {
    pub(super) fn assess_damage(&self, tree: &'a ast::Module) -> Damage {
        let mut damage = Damage::default();
        for place in self.graph.damage(self.module.id) {
            let (line, indented) = self.line_around(*place);
            damage.lines.push(line);
            let inside = tree.declarations.partition_point(|d| d.span.start <= line.start);
            let above = inside.checked_sub(1);
            let owner = above.and_then(|at| Some((at, tree.declarations.get(at)?)));
            match owner {
                Some((at, declaration)) if indented => {
                    if !saved_member(declaration, line) {
                        damage.declarations.insert(at);
                        damage.anything = true;
                    }
                }
                Some(_) | None => damage.module |= !saved_line(tree, line),
            }
        }
        damage.anything |= damage.module;
        damage.lines.sort_unstable();
        damage
    }

    /// Drops what was reported since `from` about unreadable lines, or because of what they seem
    /// to say: they have been reported.
    pub(super) fn forgive_damaged_lines(&mut self, from: usize) {
        let damage = std::mem::take(&mut self.module.damage);
        if !damage.lines.is_empty() {
            let fresh = self.diagnostics.split_off(from.min(self.diagnostics.len()));
            let own = |found: &Diagnostic| {
                let labels = found.primary.iter().chain(&found.secondary);
                !labels.map(|label| label.span.at_start()).any(|span| damage.touches(span))
            };
            self.diagnostics.extend(fresh.into_iter().filter(own));
        }
    }

    /// The line in which a place starts, and whether it is indented.
    fn line_around(&self, place: Span) -> (Span, bool) {
        let Some(source) = self.sources.get(place.source) else { return (place, false) };
        let before = source.text.get(..place.start as usize).unwrap_or_default();
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let rest = source.text.get(start..).unwrap_or_default();
        let length = rest.find('\n').unwrap_or(rest.len());
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let line = Span::new(place.source, offset(start), offset(start + length));
        (line, rest.starts_with([' ', '\t']))
    }
}

fn touches(line: Span, span: Span) -> bool {
    span.start < line.end.max(line.start + 1) && line.start <= span.start
}

/// Whether something at the left margin was read in the line.
fn saved_line(tree: &ast::Module, line: Span) -> bool {
    let header = tree.header.iter().map(|header| header.span);
    let head = tree.head.iter().map(|line| match line {
        ast::HeadLine::Import(import) => import.span,
        ast::HeadLine::Use(line) => line.span,
        ast::HeadLine::Export(export) => export.span,
    });
    let declared = tree.declarations.iter().map(|declaration| declaration.span);
    let named = tree.damaged.iter().map(|name| name.span);
    header.chain(head).chain(declared).chain(named).any(|span| touches(line, span))
}

/// Whether a member was read in the line, or the line is not about members.
fn saved_member(declaration: &ast::Declaration, line: Span) -> bool {
    let mut members: Box<dyn Iterator<Item = Span>> = match &declaration.kind {
        ast::DeclarationKind::Data(data) => {
            Box::new(data.fields.iter().map(|field| field.name.span))
        }
        ast::DeclarationKind::Service(service) => {
            Box::new(service.methods.iter().map(|method| method.name.span))
        }
        ast::DeclarationKind::Ability(ability) => {
            Box::new(ability.members.iter().map(|member| match member {
                ast::Member::Field(field) => field.name.span,
                ast::Member::Method(method) => method.name.span,
            }))
        }
        ast::DeclarationKind::Alias(_)
        | ast::DeclarationKind::Const(_)
        | ast::DeclarationKind::Function(_) => return true,
    };
    members.any(|span| touches(line, span))
}
