//! Names that mean nothing, or two things, or nothing here.

use aquac_base::{Diagnostic, Edit, Fix, Name, Span};

use super::{Elsewhere, Near, Unused, foreign, replace, suggest};
use crate::check::FrameKind;
use crate::codes;

#[derive(Debug)]
pub(crate) enum NameProblem {
    Unknown {
        name: Name,
        span: Span,
        near: Option<Near>,
        callable: bool,
    },
    /// `not (x)`, with the blanks behind the word.
    Not {
        span: Span,
        with_blanks: Span,
    },
    UnknownService {
        name: Name,
        span: Span,
        near: Option<Near>,
    },
    UnknownType {
        name: Name,
        span: Span,
        near: Option<Near>,
    },
    NotInModule {
        module: Name,
        name: Name,
        span: Span,
        near: Option<Name>,
    },
    Taken {
        name: Name,
        span: Span,
        first: Option<(Span, &'static str)>,
    },
    OutOfScope {
        name: Name,
        span: Span,
        places: Vec<Elsewhere>,
    },
    Recursion {
        name: Name,
        span: Span,
        declared: Span,
        function: bool,
    },
    TooEarly {
        name: Name,
        span: Span,
        declared: Span,
    },
    TypeAsValue {
        name: Name,
        what: &'static str,
        span: Span,
        declared: Option<Span>,
        /// The fields of the type, if it is called.
        fields: Vec<Name>,
    },
    ModuleAsValue {
        name: Name,
        span: Span,
    },
    ConstantKept {
        name: Name,
        span: Span,
        first: Option<Span>,
    },
    Unused {
        function: Name,
        unused: Vec<Unused>,
    },
}

impl From<NameProblem> for Diagnostic {
    fn from(problem: NameProblem) -> Self {
        match problem {
            NameProblem::Unknown { name, span, near, callable } => {
                let what = if callable { "function " } else { "" };
                let message = format!("cannot find {what}`{name}` in this scope");
                let found =
                    Self::error(codes::UNKNOWN_NAME, message, span, "not found in this scope");
                let instead = || foreign::instead_of_value(&name);
                suggest_or(found, span, near.as_ref(), instead)
            }
            NameProblem::Not { span, with_blanks } => not_a_word(span, with_blanks),
            NameProblem::UnknownService { name, span, near } => {
                let message = format!("cannot find a service or ability named `{name}`");
                let found = Self::error(codes::UNKNOWN_SERVICE, message, span, "not found");
                suggest(found, span, near.as_ref())
            }
            NameProblem::UnknownType { name, span, near } => {
                let message = format!("cannot find type `{name}`");
                let found = Self::error(codes::UNKNOWN_TYPE, message, span, "unknown type");
                suggest_or(found, span, near.as_ref(), || foreign::instead_of_type(&name))
            }
            NameProblem::NotInModule { module, name, span, near } => {
                let message = format!("module `{module}` has nothing named `{name}`");
                let found = Self::error(codes::UNKNOWN_NAME, message, span, "not declared there");
                match near {
                    Some(near) => replace(found, span, &near),
                    None => found.with_help(format!(
                        "add `{name}` to the `declares` list of `{module}` if it is defined there"
                    )),
                }
            }
            NameProblem::Taken { name, span, first } => taken(&name, span, first),
            NameProblem::OutOfScope { name, span, places } => out_of_scope(&name, span, &places),
            NameProblem::Recursion { name, span, declared, function } => {
                recursion(&name, span, declared, function)
            }
            NameProblem::TooEarly { name, span, declared } => too_early(&name, span, declared),
            NameProblem::TypeAsValue { name, what, span, declared, fields } => {
                type_as_value(&name, what, span, declared, &fields)
            }
            NameProblem::ModuleAsValue { name, span } => Self::error(
                codes::UNKNOWN_NAME,
                format!("`{name}` is a module, not a value"),
                span,
                "name something in the module",
            ),
            NameProblem::ConstantKept { name, span, first } => constant_kept(&name, span, first),
            NameProblem::Unused { function, unused } => unused_names(&function, &unused),
        }
    }
}

/// A type stands where a value is needed.
fn type_as_value(
    name: &Name,
    what: &str,
    span: Span,
    declared: Option<Span>,
    fields: &[Name],
) -> Diagnostic {
    let message = format!("`{name}` is {} {what}, not a value", super::article(what));
    let mut found =
        Diagnostic::error(codes::UNKNOWN_SERVICE, message, span, "a value is needed here");
    if !fields.is_empty() {
        let given: Vec<String> = fields.iter().map(|field| format!("{field} = …")).collect();
        found = found.with_help(format!("give the fields by name: `{name}({})`", given.join(", ")));
    }
    match declared {
        Some(declared) => found.with_label(declared, "declared here"),
        None => found,
    }
}

/// The name that was probably meant, or what to do instead.
fn suggest_or(
    mut found: Diagnostic,
    span: Span,
    near: Option<&Near>,
    instead: impl Fn() -> Option<String>,
) -> Diagnostic {
    if near.is_none() {
        found.help.extend(instead());
    }
    suggest(found, span, near)
}

/// `not (x)`
fn not_a_word(span: Span, with_blanks: Span) -> Diagnostic {
    let message = "`and`, `or`, `not` are written `&&`, `||`, `!`";
    Diagnostic::error(codes::FOREIGN_FORM, message, span, "words are not operators")
        .with_help("write `!` instead of `not`")
        .with_fix(Fix::Certain(vec![Edit { span: with_blanks, text: "!".to_owned() }]))
}

fn too_early(name: &Name, span: Span, declared: Span) -> Diagnostic {
    let message = format!("`{name}` is used before it is declared");
    Diagnostic::error(codes::TOO_EARLY, message, span, "not declared yet")
        .with_label(declared, "declared here")
        .with_help(format!("move the declaration of `{name}` above this one"))
}

fn taken(name: &Name, span: Span, first: Option<(Span, &'static str)>) -> Diagnostic {
    let how = first.map_or("declared", |(_, how)| how);
    let message = match how {
        "bound" => format!("`{name}` is already bound"),
        _ => format!("`{name}` is declared twice"),
    };
    let found = Diagnostic::error(codes::TAKEN, message, span, "this name is taken");
    let Some((first, _)) = first else {
        return found.with_help("this name is built in: choose another one");
    };
    let found = found.with_label(first, format!("first {how} here"));
    match how {
        "bound" => found
            .with_help("choose another name")
            .with_note("a name is bound once; to collect several values push into a stream"),
        _ => found.with_help("rename one of the two"),
    }
}

fn out_of_scope(name: &Name, span: Span, places: &[Elsewhere]) -> Diagnostic {
    let tried = places.iter().find(|place| matches!(place.kind, FrameKind::Try { .. }));
    let looped = places.iter().any(|place| place.kind == FrameKind::Loop);
    let closed = places.iter().any(|place| place.kind == FrameKind::Closure);
    let message = if tried.is_some() {
        format!("`{name}` exists only if the `try` succeeds")
    } else if looped {
        format!("`{name}` does not live outside its loop")
    } else if closed {
        format!("`{name}` does not live outside its function")
    } else {
        format!("`{name}` does not live outside its branch")
    };
    let mut found = Diagnostic::error(codes::OUT_OF_SCOPE, message, span, "not visible here");
    if let Some(Elsewhere { kind: FrameKind::Try { handled }, opened: Some(opened), .. }) = tried {
        let label = if *handled {
            "the handler runs instead if this fails"
        } else {
            "there is no `catch`: errors are dropped"
        };
        found = found.with_label(*opened, label);
    }
    for (at, place) in places.iter().enumerate() {
        found = found.with_label(place.bound, place_label(place.kind, at));
    }
    let block = if tried.is_some() {
        "the `try`"
    } else if looped {
        "the loop"
    } else {
        "the `if`"
    };
    if closed {
        return found.with_help("return it from the function and bind the result of the call");
    }
    found.with_help(format!(
        "bind a stream before {block} and push into it, see `aquac explain AQ0204`"
    ))
}

const fn place_label(kind: FrameKind, at: usize) -> &'static str {
    match (kind, at) {
        (FrameKind::Try { .. }, _) => "bound inside `try`",
        (FrameKind::Loop, _) => "bound anew in every iteration",
        (FrameKind::Closure, _) => "bound only inside this function",
        (FrameKind::Branch | FrameKind::Handler, 0) => "bound only inside this branch",
        (FrameKind::Branch | FrameKind::Handler, _) => "and inside this one",
        (FrameKind::Module | FrameKind::Function, _) => "bound here",
    }
}

fn recursion(name: &Name, span: Span, declared: Span, function: bool) -> Diagnostic {
    if !function {
        let message = format!("`{name}` contains itself; types cannot recurse");
        return Diagnostic::error(codes::RECURSION, message, span, "used in its own declaration")
            .with_label(declared, "inside this declaration")
            .with_help("keep the nested values in an array beside it, referred to by an id");
    }
    let message = format!("`{name}` calls itself; functions cannot recurse");
    Diagnostic::error(codes::RECURSION, message, span, "the recursive call")
        .with_label(declared, "inside its own body")
        .with_help("iterate over a collection with `for`, or move the loop into a service")
        .with_note("functions are inlined at their call sites, so a recursive one would never end")
}

fn constant_kept(name: &Name, span: Span, first: Option<Span>) -> Diagnostic {
    let message = format!("`{name}` already has a value; this one is ignored");
    let found = Diagnostic::warning(codes::CONSTANT_KEPT, message, span, "has no effect");
    let found = match first {
        Some(first) => found.with_label(first, "the first definition counts"),
        None => found.with_note("this constant is built in"),
    };
    found.with_help("rename it or drop the line")
}

fn unused_names(function: &Name, unused: &[Unused]) -> Diagnostic {
    let list: Vec<String> =
        unused.iter().map(|one| format!("{} `{}`", one.what, one.name)).collect();
    let message = format!("unused: {}", list.join(", "));
    let label = |one: &Unused| match one.what {
        "result" => "bound but never used; the call still happens",
        _ => "never used",
    };
    let nowhere = Span::new(aquac_base::SourceId(0), 0, 0);
    let (first, rest) = unused.split_first().map_or((None, unused), |(f, r)| (Some(f), r));
    let (span, text) = first.map_or((nowhere, "never used"), |one| (one.span, label(one)));
    let mut found = Diagnostic::warning(codes::UNUSED, message, span, text);
    for one in rest {
        found = found.with_label(one.span, label(one));
    }
    let call = unused.iter().find_map(|one| one.call.as_ref());
    match (call, unused.iter().any(|one| one.what == "argument")) {
        (Some(call), _) => found.with_help(format!("drop the binding to keep the call: `{call}`")),
        (None, true) => found.with_help(format!("drop it from the arguments of `{function}`")),
        (None, false) => found.with_help("drop the line"),
    }
}
