//! What a function binds and never uses: one warning for a function.

use aquac_base::{Name, Span};

use super::Checker;
use crate::error::{CallProblem, NameProblem, Unused};
use crate::hir::{ExprKind, FunctionId, LocalId, LocalKind};

impl Checker<'_> {
    /// Warns about unused names. Silent where something else was reported or could not be read,
    /// because then uses may be missing.
    pub(super) fn lint_unused(&mut self, function: FunctionId) {
        let quiet = !self.module.linted
            || self.function.damaged
            || self.module.open
            || self.diagnostics.len() > self.function.first_diagnostic;
        if quiet {
            return;
        }
        self.use_groups();
        let mut unused = Vec::new();
        let mut methods: Vec<(Name, Span, Span)> = Vec::new();
        let locals = self.function.locals.iter().map(|id| (*id, self.local(*id)));
        for (id, local) in locals.filter(|(_, local)| !local.used) {
            if let Some(span) = self.bound_method(id) {
                methods.push((local.name.clone(), local.span, span));
            } else if let Some(what) = word(local.kind) {
                let line = self.line_of(id);
                unused.push(Unused {
                    what,
                    name: local.name.clone(),
                    span: line.unwrap_or(local.declaration),
                    call: line
                        .and_then(|line| self.call_text(local.span, line))
                        .or_else(|| self.bound_call(id)),
                });
            }
        }
        for (name, span, method) in methods {
            let text = self.text(method).to_owned();
            self.report(CallProblem::MethodNotCalled { name, span, method, text });
        }
        if !unused.is_empty() {
            let name = self.program.functions[function].name.clone();
            self.module.unused.push(NameProblem::Unused { function: name, unused }.into());
        }
    }

    /// Says what is unused in the module, unless there is something more important to do first:
    /// names often become unused by another mistake.
    pub(super) fn report_unused(&mut self, first_diagnostic: usize) {
        if self.diagnostics.len() == first_diagnostic {
            self.diagnostics.append(&mut self.module.unused);
        }
    }

    /// To bind a later result one has to bind the earlier ones.
    fn use_groups(&mut self) {
        for group in std::mem::take(&mut self.function.groups) {
            let last_used = group.iter().rposition(|local| self.local(*local).used);
            for local in group.into_iter().take(last_used.unwrap_or(0)) {
                self.program.locals[local].used = true;
            }
        }
    }

    /// The method that `x = Srv.method` names without calling it.
    fn bound_method(&self, local: LocalId) -> Option<Span> {
        let value = &self.program.exprs[self.bound_value(local)?];
        let method = matches!(value.kind, ExprKind::Member { .. });
        (method && self.types.as_arrow(value.ty).is_some()).then_some(value.span)
    }

    /// The call that `x = f()` names.
    fn bound_call(&self, local: LocalId) -> Option<String> {
        let value = &self.program.exprs[self.bound_value(local)?];
        let call = matches!(value.kind, ExprKind::Call(_));
        call.then(|| self.text(value.span).to_owned())
    }

    /// The statement that bound a result.
    fn line_of(&self, local: LocalId) -> Option<Span> {
        let binders = &self.function.binders;
        let at = binders.binary_search_by_key(&local, |(local, _)| *local).ok()?;
        binders.get(at).map(|(_, span)| *span)
    }

    /// The line without the name, if it binds only this one: `par f()` of `par x <- f()`.
    fn call_text(&self, name: Span, line: Span) -> Option<String> {
        let behind = Span::new(line.source, name.end, line.end);
        let call = self.text(behind).trim_start().strip_prefix("<-")?.trim();
        let before = self.text(Span::new(line.source, line.start, name.start)).trim_end();
        match before {
            "" => Some(call.to_owned()),
            "par" | "co" => Some(format!("{before} {call}")),
            _ => None,
        }
    }
}

/// What messages call an unused local; `None` for those that may well go unused.
const fn word(kind: LocalKind) -> Option<&'static str> {
    match kind {
        LocalKind::Parameter => Some("argument"),
        LocalKind::Variable => Some("variable"),
        LocalKind::Result => Some("result"),
        LocalKind::Stream => Some("stream"),
        LocalKind::Closure => Some("function"),
        LocalKind::AbilityParameter | LocalKind::Item | LocalKind::Fault | LocalKind::ServiceId => {
            None
        }
    }
}
