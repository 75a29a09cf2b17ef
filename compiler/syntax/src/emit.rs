//! Tokens, lines and trees as text, for `--emit tokens|lines|ast` and for golden tests.
//!
//! The text is stable and made to be read and compared, not to be parsed again.

mod expressions;
mod statements;

use std::fmt::{self, Write};

use crate::ast::{
    ArrowType, Declaration, DeclarationKind, Declares, Field, HeadLine, ImportItem, Member, Method,
    MethodForm, Module, Path, Signature, Type, TypeKind,
};
use crate::layout::Lines;
use crate::lex::Tokens;

/// One token for each line: its bytes, its kind, its text with line ends and quotes escaped.
#[must_use]
pub fn emit_tokens(tokens: &Tokens<'_>) -> String {
    let mut out = String::new();
    for at in 0..tokens.len() {
        let (start, end) = (tokens.start(at), tokens.end(at));
        if let Some(kind) = tokens.kind(at) {
            out.push_str(&format!("{start}..{end} {kind:?} {:?}\n", tokens.slice(at)));
        }
    }
    out
}

/// One logical line for each line: the width of its indentation, and its text on one line.
#[must_use]
pub fn emit_lines(tokens: &Tokens<'_>, lines: &Lines) -> String {
    let mut out = String::new();
    for line in lines.as_slice() {
        let text = tokens.bytes(line.start, line.end_byte(tokens)).replace(['\r', '\n'], "⏎");
        let indent = line.indent_width();
        let unbalanced = if line.balanced { "" } else { " (unbalanced)" };
        out.push_str(&format!("{indent:>2} | {text}{unbalanced}\n"));
    }
    out
}

/// The tree: one node for each line, bodies indented, expressions with all their parentheses.
#[must_use]
pub fn emit_ast(module: &Module) -> String {
    let mut out = Out { text: String::new(), depth: 0 };
    // Writing to a string does not fail.
    let _ = out.module(module);
    out.text
}

/// Text with a current indentation.
struct Out {
    text: String,
    depth: usize,
}

impl Out {
    /// Starts a new line.
    fn line(&mut self, text: fmt::Arguments<'_>) -> fmt::Result {
        for _ in 0..self.depth {
            self.text.push_str("  ");
        }
        self.text.write_fmt(text)?;
        self.text.push('\n');
        Ok(())
    }

    fn module(&mut self, module: &Module) -> fmt::Result {
        if let Some(header) = &module.header {
            let declares = match &header.declares {
                None => String::new(),
                Some(Declares::All(_)) => " declares *".to_owned(),
                Some(Declares::Names(names)) => format!(" declares {}", paths(names)),
            };
            self.line(format_args!("aqua {}{declares}", header.name.name))?;
        }
        for head in &module.head {
            self.head(head)?;
        }
        for declaration in &module.declarations {
            self.declaration(declaration)?;
        }
        for name in &module.damaged {
            self.line(format_args!("damaged {}", name.name))?;
        }
        Ok(())
    }

    fn head(&mut self, head: &HeadLine) -> fmt::Result {
        match head {
            HeadLine::Import(import) => {
                let items = items(import.items.as_deref());
                self.line(format_args!("import {items}{:?}", import.path.text))
            }
            HeadLine::Use(used) => {
                let items = items(used.items.as_deref());
                let qualifier = used.qualifier.as_ref();
                let qualifier = qualifier.map(|path| format!(" as {}", path.name));
                let qualifier = qualifier.unwrap_or_default();
                self.line(format_args!("use {items}{:?}{qualifier}", used.path.text))
            }
            HeadLine::Export(export) => self.line(format_args!("export {}", listed(&export.items))),
        }
    }

    fn declaration(&mut self, declaration: &Declaration) -> fmt::Result {
        let doc = if declaration.doc.is_some() { "-- documented\n" } else { "" };
        self.text.push_str(doc);
        match &declaration.kind {
            DeclarationKind::Data(data) => {
                self.line(format_args!("data {}", data.name.name))?;
                self.nested(|out| data.fields.iter().try_for_each(|field| out.field(field)))
            }
            DeclarationKind::Service(service) => {
                let id = service.id.as_ref().map(|id| format!("({})", expressions::shown(id)));
                self.line(format_args!("service {}{}", service.name.name, id.unwrap_or_default()))?;
                self.nested(|out| service.methods.iter().try_for_each(|method| out.method(method)))
            }
            DeclarationKind::Ability(ability) => {
                self.line(format_args!("ability {}", ability.name.name))?;
                self.nested(|out| {
                    ability.members.iter().try_for_each(|member| match member {
                        Member::Field(field) => out.field(field),
                        Member::Method(method) => out.method(method),
                    })
                })
            }
            DeclarationKind::Alias(alias) => {
                self.line(format_args!("alias {}: {}", alias.name.name, shown_type(&alias.kind)))
            }
            DeclarationKind::Const(constant) => {
                let operator = if constant.overridable { "?=" } else { "=" };
                let value = expressions::shown(&constant.value);
                self.line(format_args!("const {} {operator} {value}", constant.name.name))
            }
            DeclarationKind::Function(function) => {
                let signature = shown_signature(&function.signature);
                self.line(format_args!("func {}{signature}", function.name.name))?;
                self.block(&function.body)
            }
        }
    }

    fn field(&mut self, field: &Field) -> fmt::Result {
        self.line(format_args!("{}: {}", field.name.name, shown_type(&field.kind)))
    }

    fn method(&mut self, method: &Method) -> fmt::Result {
        match &method.form {
            MethodForm::Named(signature) => {
                self.line(format_args!("{}{}", method.name.name, shown_signature(signature)))
            }
            MethodForm::Bare(arrow, _) => {
                self.line(format_args!("{}: {}", method.name.name, shown_arrow(arrow)))
            }
        }
    }

    fn nested(&mut self, inner: impl FnOnce(&mut Self) -> fmt::Result) -> fmt::Result {
        self.depth += 1;
        let result = inner(self);
        self.depth -= 1;
        result
    }
}

/// Things between commas.
fn list<T>(items: &[T], shown: impl Fn(&T) -> String) -> String {
    items.iter().map(shown).collect::<Vec<_>>().join(", ")
}

fn paths(names: &[Path]) -> String {
    list(names, |path| path.name.to_string())
}

fn listed(items: &[ImportItem]) -> String {
    list(items, |item| match &item.rename {
        Some(rename) => format!("{} as {}", item.name.name, rename.name),
        None => item.name.name.to_string(),
    })
}

fn items(items: Option<&[ImportItem]>) -> String {
    items.map(|items| format!("{} from ", listed(items))).unwrap_or_default()
}

fn shown_abilities(abilities: &[Path]) -> String {
    if abilities.is_empty() { String::new() } else { format!("{{{}}}", paths(abilities)) }
}

fn shown_signature(signature: &Signature) -> String {
    let abilities = shown_abilities(&signature.abilities);
    let parameters = list(&signature.parameters, |parameter| {
        format!("{}: {}", parameter.name.name, shown_type(&parameter.kind))
    });
    let results = list(&signature.results, shown_type);
    let arrow = if signature.arrow.is_some() { " -> " } else { "" };
    format!("{abilities}({parameters}){arrow}{results}")
}

fn shown_arrow(arrow: &ArrowType) -> String {
    let abilities = shown_abilities(&arrow.abilities);
    let parameters = list(&arrow.parameters, shown_type);
    let results =
        if arrow.results.is_empty() { "()".to_owned() } else { list(&arrow.results, shown_type) };
    let blank = if parameters.is_empty() { "" } else { " " };
    format!("{abilities}{parameters}{blank}-> {results}")
}

fn shown_type(kind: &Type) -> String {
    match &kind.kind {
        TypeKind::Scalar(scalar) => scalar.as_str().to_owned(),
        TypeKind::Top => "⊤".to_owned(),
        TypeKind::Bottom => "⊥".to_owned(),
        TypeKind::Array(of) => format!("[]{}", shown_type(of)),
        TypeKind::Option(of) => format!("?{}", shown_type(of)),
        TypeKind::Stream(of) => format!("*{}", shown_type(of)),
        TypeKind::StreamMap(of) => format!("%{}", shown_type(of)),
        TypeKind::Arrow(arrow) => format!("({})", shown_arrow(arrow)),
        TypeKind::Named(path) => path.name.to_string(),
        TypeKind::Error => "<error>".to_owned(),
    }
}
