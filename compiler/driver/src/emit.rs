//! Every representation between text and program, as text for people and golden files.

use aquac_base::{Diagnostic, SourceId};
use aquac_lowering::{Options, placed_text, plan_text};
use aquac_semantics::ParsedModule;
use aquac_semantics::hir::FunctionId;
use aquac_syntax::{emit_ast, emit_lines, emit_tokens};

use crate::air::air;
use crate::passes::{Checked, build};

/// A representation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rung {
    /// What the lexer made of the text.
    Tokens,
    /// What the layout made of the tokens.
    Lines,
    /// What the parser made of the lines.
    Ast,
    /// What the checker made of the tree.
    Hir,
    /// The workflow, with `on` as scopes.
    Plan,
    /// The workflow, with a place on every step.
    Placed,
    /// The program.
    Ir,
    /// The program as AIR.
    Air,
}

impl Rung {
    /// Every rung, from text to program.
    pub const ALL: [Self; 8] = [
        Self::Tokens,
        Self::Lines,
        Self::Ast,
        Self::Hir,
        Self::Plan,
        Self::Placed,
        Self::Ir,
        Self::Air,
    ];

    /// What `--emit` calls it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tokens => "tokens",
            Self::Lines => "lines",
            Self::Ast => "ast",
            Self::Hir => "hir",
            Self::Plan => "plan",
            Self::Placed => "placed",
            Self::Ir => "ir",
            Self::Air => "air",
        }
    }

    /// The rung with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rung| rung.name() == name)
    }
}

/// One rung of the modules that were asked for. The first three exist for any text; the others
/// need a program without errors.
///
/// # Errors
///
/// What stands in the way of this rung.
pub fn emit(checked: &Checked, rung: Rung, options: &Options) -> Result<String, Vec<Diagnostic>> {
    match rung {
        Rung::Plan => each_function(checked, |id| plan_text(&checked.typed, id, options)),
        Rung::Placed => each_function(checked, |id| placed_text(&checked.typed, id, options)),
        Rung::Ir => {
            let built = build(checked, options)?;
            Ok(headed(built.iter().map(|one| (&*one.function, aquac_ir::print(&one.program)))))
        }
        Rung::Hir => Ok(aquac_semantics::dump(&checked.typed)),
        Rung::Tokens => {
            Ok(each_text(checked, |source, text| emit_tokens(&aquac_syntax::lex(text, source))))
        }
        Rung::Lines => Ok(each_text(checked, |source, text| {
            let tokens = aquac_syntax::lex(text, source);
            emit_lines(&tokens, &aquac_syntax::layout(&tokens))
        })),
        Rung::Ast => Ok(entries(checked).map(|module| emit_ast(&module.tree)).collect()),
        Rung::Air => {
            let built = build(checked, options)?;
            let scripts: Result<Vec<_>, Box<Diagnostic>> =
                built.iter().map(|one| Ok((&*one.function, air(one, options)?))).collect();
            scripts.map(|scripts| headed(scripts.into_iter())).map_err(|wrong| vec![*wrong])
        }
    }
}

fn entries(checked: &Checked) -> impl Iterator<Item = &ParsedModule> {
    checked.graph.iter().map(|(_, module)| module).filter(|module| module.entry)
}

fn each_text(checked: &Checked, text: impl Fn(SourceId, &str) -> String) -> String {
    entries(checked)
        .filter_map(|module| {
            let source = checked.sources.get(module.tree.source)?;
            Some(text(module.tree.source, &source.text))
        })
        .collect()
}

fn each_function(
    checked: &Checked,
    text: impl Fn(FunctionId) -> Result<String, Vec<Diagnostic>>,
) -> Result<String, Vec<Diagnostic>> {
    let errors = checked.errors();
    if !errors.is_empty() {
        return Err(errors);
    }
    let texts: Result<Vec<_>, Vec<Diagnostic>> = checked
        .exported_functions()
        .map(|exported| Ok((exported.name, text(exported.id)?)))
        .collect();
    Ok(headed(texts?.into_iter()))
}

/// One function's text as it is; several each below a line with its name.
fn headed<'a>(texts: impl ExactSizeIterator<Item = (&'a str, String)>) -> String {
    let alone = texts.len() == 1;
    texts.map(|(name, text)| if alone { text } else { format!("-- {name}\n{text}") }).collect()
}
