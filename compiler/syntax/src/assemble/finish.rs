//! A block that has ended becomes a node.

use crate::ast::{
    Attempt, Block, Catch, Declaration, DeclarationKind, Field, Member, MethodForm, Otherwise,
    StatementKind, Type, TypeKind,
};
use crate::error::StructureError;
use crate::line::item::Prefix;

use super::Assembler;
use super::frame::{Frame, Head};

impl Assembler<'_> {
    /// Puts a finished block, or a line without one, where it belongs.
    pub(super) fn finish(&mut self, mut frame: Frame) {
        if let Some((returns, block)) = frame.returns.take() {
            let result = frame.result();
            self.errors.push(StructureError::ReturnInBlock { returns, block, result }.into());
        }
        let members = std::mem::take(&mut frame.members);
        let block = frame.block();
        let quiet = frame.quiet;
        match frame.head {
            Head::Declaration { span, doc, keyword, mut kind } => {
                fill(&mut kind, members, block);
                self.module.declarations.push(Declaration { span, doc, keyword, kind });
            }
            Head::Statement { span, prefix, mut kind } => {
                set_body(&mut kind, block);
                self.attach(span, prefix, kind);
            }
            Head::Else { span, keyword } => self.attach_else(span, keyword, block, quiet),
            Head::ElseIf { span, keyword, mut kind } => {
                set_body(&mut kind, block);
                self.attach_else_if(span, keyword, kind);
            }
            Head::Otherwise { span, keyword } => {
                self.attach_otherwise(span, Otherwise { keyword, body: block }, quiet);
            }
            Head::Catch { span, keyword, name } => {
                self.attach_catch(span, Catch { keyword, name, body: block }, quiet);
            }
            Head::Damaged { span, binds } => {
                self.attach(span, Prefix::None, StatementKind::Damaged { binds, body: block });
            }
            Head::DamagedFunction | Head::Skipped => {}
        }
    }
}

/// Gives a declaration its body.
fn fill(kind: &mut DeclarationKind, members: Vec<Member>, block: Block) {
    match kind {
        DeclarationKind::Data(data) => {
            data.fields = members.into_iter().filter_map(field).collect()
        }
        DeclarationKind::Service(service) => {
            service.methods = members
                .into_iter()
                .filter_map(|member| match member {
                    Member::Method(method) => Some(method),
                    Member::Field(_) => None,
                })
                .collect();
        }
        DeclarationKind::Ability(ability) => ability.members = members,
        DeclarationKind::Function(function) => function.body = block,
        DeclarationKind::Alias(_) | DeclarationKind::Const(_) => {}
    }
}

/// A field of a `data` type. One with a function type keeps it: the checker refuses it.
fn field(member: Member) -> Option<Field> {
    match member {
        Member::Field(field) => Some(field),
        Member::Method(method) => match method.form {
            MethodForm::Bare(arrow, span) => Some(Field {
                doc: method.doc,
                name: method.name,
                kind: Type { span, kind: TypeKind::Arrow(Box::new(arrow)) },
            }),
            MethodForm::Named(_) => None,
        },
    }
}

/// Gives a statement its body.
fn set_body(kind: &mut StatementKind, block: Block) {
    match kind {
        StatementKind::For(one) => one.body = block,
        StatementKind::Parseq(one) => one.body = block,
        StatementKind::On(one) => one.body = block,
        StatementKind::If(one) => one.body = block,
        StatementKind::Closure(one) => one.body = block,
        StatementKind::Try(one) => {
            if let Attempt::Block { body, .. } = &mut one.attempt {
                *body = block;
            }
        }
        StatementKind::Damaged { body, .. } => *body = block,
        StatementKind::ServiceId { .. }
        | StatementKind::Push(_)
        | StatementKind::Par(_)
        | StatementKind::Co { .. }
        | StatementKind::Join { .. }
        | StatementKind::Declare { .. }
        | StatementKind::Assign(_)
        | StatementKind::Bind(_)
        | StatementKind::Value(_)
        | StatementKind::Return(_) => {}
    }
}
