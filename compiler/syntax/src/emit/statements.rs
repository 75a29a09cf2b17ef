//! Statements, one for each line, with their groups.

use std::fmt;

use crate::ast::{
    Attempt, Block, For, ForMode, Handler, Ident, If, Statement, StatementKind, Try, Via,
};

use super::expressions::shown;
use super::{Out, list, shown_signature, shown_type};

fn shown_via(via: &[Via]) -> String {
    via.iter().map(|via| format!(" via {}", shown(&via.relay))).collect()
}

fn shown_items(item: &Ident, second: Option<&Ident>) -> String {
    match second {
        Some(second) => format!("{}, {}", item.name, second.name),
        None => item.name.to_string(),
    }
}

impl Out {
    pub(super) fn block(&mut self, block: &Block) -> fmt::Result {
        self.nested(|out| block.statements.iter().try_for_each(|one| out.statement(one)))
    }

    fn statement(&mut self, statement: &Statement) -> fmt::Result {
        match &statement.kind {
            StatementKind::ServiceId { service, id } => {
                self.line(format_args!("id {} {}", service.name, shown(id)))
            }
            StatementKind::Push(push) => {
                let key = push.key.as_ref().map(|key| format!("{}, ", shown(key)));
                let key = key.unwrap_or_default();
                self.line(format_args!("push {} <<- {key}{}", push.target.name, shown(&push.value)))
            }
            StatementKind::Join { values, .. } => {
                self.line(format_args!("join {}", list(values, shown)))
            }
            StatementKind::Declare { name, kind } => {
                self.line(format_args!("declare {}: {}", name.name, shown_type(kind)))
            }
            StatementKind::Assign(assign) => {
                self.line(format_args!("{} = {}", assign.name.name, shown(&assign.value)))
            }
            StatementKind::Bind(bind) => {
                let targets = list(&bind.targets, |target| target.name.to_string());
                self.line(format_args!("{targets} <- {}", shown(&bind.value)))
            }
            StatementKind::Value(value) => self.line(format_args!("{}", shown(value))),
            StatementKind::Return(returned) => {
                self.line(format_args!("<- {}", list(&returned.values, shown)))
            }
            StatementKind::For(one) => self.iterated(one),
            StatementKind::If(one) => self.chosen(one),
            StatementKind::Try(one) => self.guarded(one),
            StatementKind::Parseq(_)
            | StatementKind::On(_)
            | StatementKind::Par(_)
            | StatementKind::Co { .. }
            | StatementKind::Closure(_)
            | StatementKind::Damaged { .. } => self.compound(statement),
        }
    }

    fn iterated(&mut self, one: &For) -> fmt::Result {
        let items = shown_items(&one.item, one.second.as_ref());
        let mode = match one.mode {
            None => "",
            Some((ForMode::Par, _)) => " par",
            Some((ForMode::Try, _)) => " try",
            Some((ForMode::Rec, _)) => " rec",
        };
        self.line(format_args!("for {items} <- {}{mode}", shown(&one.source)))?;
        self.block(&one.body)
    }

    fn chosen(&mut self, one: &If) -> fmt::Result {
        self.line(format_args!("if {}", shown(&one.condition)))?;
        self.block(&one.body)?;
        let Some(otherwise) = &one.otherwise else { return Ok(()) };
        self.line(format_args!("else"))?;
        self.block(&otherwise.body)
    }

    fn compound(&mut self, statement: &Statement) -> fmt::Result {
        match &statement.kind {
            StatementKind::Parseq(one) => {
                let items = shown_items(&one.item, one.second.as_ref());
                let (source, peer) = (shown(&one.source), shown(&one.peer));
                let via = shown_via(&one.via);
                self.line(format_args!("parseq {items} <- {source} on {peer}{via}"))?;
                self.block(&one.body)
            }
            StatementKind::On(on) => {
                self.line(format_args!("on {}{}", shown(&on.peer), shown_via(&on.via)))?;
                self.block(&on.body)
            }
            StatementKind::Par(par) => {
                self.line(format_args!("par"))?;
                self.nested(|out| {
                    out.statement(&par.first)?;
                    par.branches.iter().try_for_each(|branch| out.statement(&branch.statement))
                })
            }
            StatementKind::Co { statement, .. } => {
                self.line(format_args!("co"))?;
                self.nested(|out| out.statement(statement))
            }
            StatementKind::Closure(closure) => {
                let func = if closure.func.is_some() { "func " } else { "" };
                let signature = shown_signature(&closure.signature);
                self.line(format_args!("{} = {func}{signature}", closure.name.name))?;
                self.block(&closure.body)
            }
            StatementKind::Damaged { binds, body } => {
                let names = list(binds, |name| name.name.to_string());
                self.line(format_args!("damaged {names}"))?;
                self.block(body)
            }
            StatementKind::ServiceId { .. }
            | StatementKind::Push(_)
            | StatementKind::Join { .. }
            | StatementKind::Declare { .. }
            | StatementKind::Assign(_)
            | StatementKind::Bind(_)
            | StatementKind::Value(_)
            | StatementKind::For(_)
            | StatementKind::If(_)
            | StatementKind::Try(_)
            | StatementKind::Return(_) => Ok(()),
        }
    }

    fn guarded(&mut self, one: &Try) -> fmt::Result {
        self.line(format_args!("try"))?;
        match &one.attempt {
            Attempt::Block { body, .. } => self.block(body)?,
            Attempt::Statement(statement) => self.nested(|out| out.statement(statement))?,
        }
        one.handlers.iter().try_for_each(|handler| match handler {
            Handler::Catch(catch) => {
                self.line(format_args!("catch {}", catch.name.name))?;
                self.block(&catch.body)
            }
            Handler::Otherwise(otherwise) => {
                self.line(format_args!("otherwise"))?;
                self.block(&otherwise.body)
            }
        })
    }
}
