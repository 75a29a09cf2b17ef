//! How the lines of one block group: `else`, `catch`, `otherwise` and `par` belong to the item
//! above them.

use aquac_base::Span;

use crate::ast::{
    Attempt, Block, Branch, Catch, Else, Handler, If, Otherwise, Par, Statement, StatementKind, Try,
};
use crate::error::{LayoutError, StructureError};
use crate::line::item::Prefix;

use super::frame::Frame;
use super::{Assembler, MAX_GROUPS};

impl Assembler<'_> {
    /// Adds a statement to the innermost block.
    pub(super) fn attach(&mut self, span: Span, prefix: Prefix, kind: StatementKind) {
        let statement = Statement { span, kind };
        match prefix {
            Prefix::None => self.append(statement),
            Prefix::Co(keyword) => {
                let kind = StatementKind::Co { keyword, statement: Box::new(statement) };
                self.append(Statement { span, kind });
            }
            Prefix::Par(keyword) => self.attach_par(keyword, statement),
        }
    }

    fn append(&mut self, statement: Statement) {
        if let Some(frame) = self.frames.last_mut() {
            frame.groups = 0;
            frame.statements.push(statement);
        }
    }

    /// `par statement`: another branch, or a new group with the item above.
    fn attach_par(&mut self, keyword: Span, statement: Statement) {
        let branch = Branch { keyword, statement };
        let Some(last) = self.frames.last_mut().and_then(|frame| frame.statements.last_mut())
        else {
            self.append(branch.statement);
            return;
        };
        if let StatementKind::Par(par) = &mut last.kind {
            par.branches.push(branch);
            return;
        }
        self.group(keyword, |first| {
            let span = first.span;
            let kind = StatementKind::Par(Par { first: Box::new(first), branches: vec![branch] });
            Statement { span, kind }
        });
    }

    /// Replaces the last item of the innermost block by a group that contains it.
    fn group(&mut self, at: Span, make: impl FnOnce(Statement) -> Statement) {
        let Some(frame) = self.frames.last_mut() else { return };
        if frame.groups < MAX_GROUPS {
            if let Some(last) = frame.statements.pop() {
                frame.statements.push(make(last));
                frame.groups += 1;
            }
            return;
        }
        self.too_many_groups(at);
    }

    /// Reports once that the last item has too many groups in it.
    fn too_many_groups(&mut self, at: Span) {
        let Some(frame) = self.frames.last_mut() else { return };
        if frame.groups == MAX_GROUPS {
            frame.groups += 1;
            let limit = MAX_GROUPS as usize;
            self.errors.push(LayoutError::TooManyGroups { line: at, limit }.into());
        }
    }

    /// `else if`, which has been reported: an `if` in the `else` of the one above.
    pub(super) fn attach_else_if(&mut self, span: Span, keyword: Span, kind: StatementKind) {
        let full = self.frames.last().is_some_and(|frame| frame.groups >= MAX_GROUPS);
        if full {
            self.too_many_groups(keyword);
            return;
        }
        let groups = self.frames.last().map_or(0, |frame| frame.groups);
        let body = Block { statements: vec![Statement { span, kind }] };
        self.attach_else(span, keyword, body, true);
        if let Some(frame) = self.frames.last_mut() {
            frame.groups = groups + 1;
        }
    }

    fn last(&mut self) -> Option<&mut Statement> {
        self.frames.last_mut().and_then(|frame| frame.statements.last_mut())
    }

    /// `else:` belongs to an `if` directly above.
    pub(super) fn attach_else(&mut self, span: Span, keyword: Span, body: Block, quiet: bool) {
        let alone = match self.last().map(|last| &mut last.kind) {
            Some(StatementKind::If(one)) => match place_for_else(one) {
                Some(place) => {
                    *place = Some(Else { keyword, body });
                    return;
                }
                None => Some(StructureError::SecondElse { keyword }),
            },
            Some(StatementKind::Damaged { .. }) => None,
            _ => Some(StructureError::Alone { word: "else", partner: "an `if`", span: keyword }),
        };
        self.errors.extend(alone.filter(|_| !quiet).map(Into::into));
        let kind = StatementKind::Damaged { binds: Vec::new(), body };
        self.append(Statement { span, kind });
    }

    /// `catch name:` belongs to a `try` directly above, or to its alternatives.
    pub(super) fn attach_catch(&mut self, span: Span, catch: Catch, quiet: bool) {
        let keyword = catch.keyword;
        match self.last().map(|last| &mut last.kind) {
            Some(StatementKind::Try(one)) => {
                one.handlers.push(Handler::Catch(catch));
                return;
            }
            Some(StatementKind::Damaged { .. }) => {}
            _ if quiet => {}
            _ => {
                let error =
                    StructureError::Alone { word: "catch", partner: "a `try`", span: keyword };
                self.errors.push(error.into());
            }
        }
        let kind = StatementKind::Damaged { binds: vec![catch.name], body: catch.body };
        self.append(Statement { span, kind });
    }

    /// `otherwise:` guards whatever is above it.
    pub(super) fn attach_otherwise(&mut self, span: Span, otherwise: Otherwise, quiet: bool) {
        let keyword = otherwise.keyword;
        let Some(last) = self.last() else {
            let partner = "a statement";
            if !quiet {
                let error = StructureError::Alone { word: "otherwise", partner, span: keyword };
                self.errors.push(error.into());
            }
            let kind = StatementKind::Damaged { binds: Vec::new(), body: otherwise.body };
            self.append(Statement { span, kind });
            return;
        };
        let handler = Handler::Otherwise(otherwise);
        if let StatementKind::Try(one) = &mut last.kind {
            one.handlers.push(handler);
            return;
        }
        self.group(keyword, |guarded| {
            let span = guarded.span;
            let attempt = Attempt::Statement(Box::new(guarded));
            Statement { span, kind: StatementKind::Try(Try { attempt, handlers: vec![handler] }) }
        });
    }

    /// `par` and `co` run calls, `on`, `for` and `join`; `par` needs something above it.
    pub(super) fn check_prefix(&mut self, prefix: Prefix, line: Span, kind: &StatementKind) {
        let (keyword, what) = match prefix {
            Prefix::None => return,
            Prefix::Par(keyword) => (keyword, "this behind `par`"),
            Prefix::Co(keyword) => (keyword, "this behind `co`"),
        };
        let runs = matches!(
            kind,
            StatementKind::On(_)
                | StatementKind::For(_)
                | StatementKind::Join { .. }
                | StatementKind::Value(_)
                | StatementKind::Bind(_)
        );
        let first = self.frames.last().is_none_or(|frame| frame.statements.is_empty());
        if !runs {
            let help = "`par` and `co` run a call, `on`, `for` or `join`";
            let place = "here";
            let error = StructureError::Misplaced { span: line, what, place, help };
            self.errors.push(error.into());
        } else if first && matches!(prefix, Prefix::Par(_)) {
            self.errors.push(StructureError::ParFirst { keyword, statement: line }.into());
        }
    }

    /// `<-` must be a line of the function itself.
    pub(super) fn check_return(&mut self, span: Span) {
        let Some(function) = self.frames.iter().rposition(Frame::returns_here) else { return };
        let Some(block) = self.frames.last().map(|frame| frame.line) else { return };
        let between = self.frames.get(function + 1..).unwrap_or_default();
        // An unreadable line around it may have been the closure that returns here.
        if between.is_empty() || between.iter().any(Frame::is_damaged) {
            return;
        }
        let block = self.span(block);
        if let Some(frame) = self.frames.get_mut(function) {
            frame.returns.get_or_insert_with(|| (Vec::new(), block)).0.push(span);
        }
    }
}

/// Where an `else` goes: to the `if` itself, or to the last one of its `else if`s.
fn place_for_else(mut one: &mut If) -> Option<&mut Option<Else>> {
    while one.otherwise.is_some() {
        let Else { body, keyword } = one.otherwise.as_mut()?;
        let [Statement { kind: StatementKind::If(inner), span }] = body.statements.as_mut_slice()
        else {
            return None;
        };
        if span.start != keyword.start {
            return None;
        }
        one = inner;
    }
    Some(&mut one.otherwise)
}
