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

/// Whether one of these, which are in the order of the text, starts in the line.
fn any_in<T>(all: &[T], line: Span, start: impl Fn(&T) -> u32) -> bool {
    let next = all.partition_point(|one| start(one) < line.start);
    all.get(next).is_some_and(|one| start(one) < line.end.max(line.start + 1))
}

/// Whether something at the left margin was read in the line.
fn saved_line(tree: &ast::Module, line: Span) -> bool {
    any_in(tree.header.as_slice(), line, |header| header.span.start)
        || any_in(&tree.head, line, |line| match line {
            ast::HeadLine::Import(import) => import.span.start,
            ast::HeadLine::Use(line) => line.span.start,
            ast::HeadLine::Export(export) => export.span.start,
        })
        || any_in(&tree.declarations, line, |declaration| declaration.span.start)
        || any_in(&tree.damaged, line, |name| name.span.start)
}

/// Whether a member was read in the line, or the line is not about members.
fn saved_member(declaration: &ast::Declaration, line: Span) -> bool {
    match &declaration.kind {
        ast::DeclarationKind::Data(data) => {
            any_in(&data.fields, line, |field| field.name.span.start)
        }
        ast::DeclarationKind::Service(service) => {
            any_in(&service.methods, line, |method| method.name.span.start)
        }
        ast::DeclarationKind::Ability(ability) => {
            any_in(&ability.members, line, |member| match member {
                ast::Member::Field(field) => field.name.span.start,
                ast::Member::Method(method) => method.name.span.start,
            })
        }
        ast::DeclarationKind::Alias(_)
        | ast::DeclarationKind::Const(_)
        | ast::DeclarationKind::Function(_) => true,
    }
}
