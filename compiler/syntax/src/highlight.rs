//! Text → what each piece of it is, for editors.
//!
//! Uses the words and lines as the parser does, but no tree, so that a damaged line is coloured
//! like any other. Whether a capitalised name is a service or a type, and whether a name is a
//! stream, only the checker knows.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "there are seventy kinds of tokens, and each question is about a few"
)]

mod class;
mod names;

use aquac_base::{SourceId, Span};

use crate::depths::Depths;
use crate::layout::{Line, layout};
use crate::lex::{Kind, Tokens, lex};
use crate::line::feed::{self, Fed, Mode, Place, Tok};

pub use class::Class;

/// A piece of text and what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Highlight {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub class: Class,
}

/// Classifies a text: everything but blanks, in order. Never fails.
#[must_use]
pub fn highlight(source: SourceId, text: &str) -> Vec<Highlight> {
    let tokens = lex(text, source);
    let lines = layout(&tokens);
    let mut found = Vec::with_capacity(tokens.len());
    let mut depths = Depths::default();
    let mut fed = Vec::new();
    let mut at = 0;
    for (number, line) in lines.as_slice().iter().enumerate() {
        loose(&tokens, at, line.first as usize, &mut found);
        depths.place(&tokens, *line);
        let next = lines.get(number + 1);
        let place =
            Place { line: *line, mode: mode(&tokens, &depths), has_body: deeper(next, *line) };
        feed::feed(&tokens, place, &mut fed, &mut Vec::new());
        let declares = depths.outermost().map_or("", |outer| tokens.slice(outer.first as usize));
        let words = names::Words { tokens: &tokens, fed: &fed, mode: place.mode, declares };
        let classes = words.classes();
        weave(&tokens, *line, &classes, &mut found);
        depths.open(&tokens, *line);
        at = line.end as usize;
    }
    loose(&tokens, at, tokens.len(), &mut found);
    found
}

fn mode(tokens: &Tokens<'_>, depths: &Depths) -> Mode {
    match depths.outermost().map(|line| tokens.slice(line.first as usize)) {
        None => Mode::Top,
        Some("data" | "service" | "ability") => Mode::Members,
        Some(_) => Mode::Body,
    }
}

fn deeper(next: Option<Line>, line: Line) -> bool {
    next.is_some_and(|next| next.indent_width() > line.indent_width())
}

/// Comments and unknown characters outside of lines.
fn loose(tokens: &Tokens<'_>, from: usize, to: usize, found: &mut Vec<Highlight>) {
    for at in from..to {
        if let Some(class) = tokens.kind(at).and_then(|kind| class_of_kind(kind, tokens.slice(at)))
        {
            found.push(Highlight { span: tokens.span(at), class });
        }
    }
}

/// The classified terminals of a line, with the comments and the tokens between them that the
/// grammar does not see.
fn weave(tokens: &Tokens<'_>, line: Line, classes: &[Highlight], found: &mut Vec<Highlight>) {
    let mut classes = classes.iter().copied().peekable();
    for at in line.first as usize..line.end as usize {
        let span = tokens.span(at);
        while let Some(one) = classes.next_if(|one| one.span.start < span.end) {
            found.push(one);
        }
        let covered = found.last().is_some_and(|last| last.span.end > span.start);
        let class = tokens.kind(at).and_then(|kind| class_of_kind(kind, tokens.slice(at)));
        if let (false, Some(class)) = (covered, class) {
            found.push(Highlight { span, class });
        }
    }
    found.extend(classes);
}

/// The class of a token by itself.
fn class_of_kind(kind: Kind, text: &str) -> Option<Class> {
    Some(match kind {
        Kind::Blank | Kind::Newline | Kind::Mark => return None,
        Kind::Comment if text.starts_with("---") => Class::DocComment,
        Kind::Comment => Class::Comment,
        Kind::Comma | Kind::Colon | Kind::Dot => Class::Delimiter,
        Kind::RightParen | Kind::RightBracket | Kind::RightBrace => Class::Bracket,
        _ => Class::Invalid,
    })
}

/// The class of a terminal that is no name; `None` for names.
fn class_of(tok: Tok) -> Option<Class> {
    Some(match tok {
        Tok::Aqua | Tok::Declares | Tok::Import | Tok::Use | Tok::Export | Tok::From | Tok::As => {
            Class::Import
        }
        Tok::Data | Tok::Service | Tok::Ability | Tok::Alias | Tok::Const => Class::Declaration,
        Tok::Func => Class::Func,
        Tok::On | Tok::Via => Class::Topology,
        Tok::If | Tok::Else | Tok::Otherwise => Class::Conditional,
        Tok::Try | Tok::Catch => Class::Exception,
        Tok::For => Class::Loop,
        Tok::Rec | Tok::Parseq | Tok::Par | Tok::Co | Tok::Join => Class::Flow,
        Tok::True | Tok::False => Class::Boolean,
        Tok::Unsigned | Tok::Signed => Class::Number,
        Tok::Float => Class::Float,
        Tok::String => Class::String,
        Tok::InitPeer => Class::Peer,
        Tok::Comma | Tok::ParameterComma | Tok::Colon | Tok::Open | Tok::Dot => Class::Delimiter,
        Tok::LeftParen
        | Tok::RightParen
        | Tok::LeftBracket
        | Tok::RightBracket
        | Tok::LeftBrace
        | Tok::RightBrace => Class::Bracket,
        Tok::LeftArrow => Class::Bind,
        Tok::PushArrow => Class::Push,
        Tok::RightArrow => Class::Arrow,
        Tok::Equals | Tok::QuestionEquals => Class::Assignment,
        Tok::EqualEqual
        | Tok::NotEqual
        | Tok::Less
        | Tok::LessEqual
        | Tok::Greater
        | Tok::GreaterEqual => Class::Comparison,
        Tok::And | Tok::Or => Class::Logical,
        Tok::Plus | Tok::Minus | Tok::Star | Tok::StarStar | Tok::Slash | Tok::Percent => {
            Class::Arithmetic
        }
        Tok::Bang => Class::StreamAccess,
        Tok::Question => Class::Sigil,
        Tok::Top | Tok::Bottom => Class::Primitive,
        Tok::AtTop | Tok::InBody | Tok::InMembers | Tok::SetsId | Tok::Name => return None,
    })
}

/// Whether a value can end with this terminal.
fn ends_value(token: Option<&Fed>) -> bool {
    token.is_some_and(|Fed(tok, _)| tok.ends_value() || *tok == Tok::Bang)
}

#[cfg(test)]
mod tests {
    use aquac_base::SourceId;

    use super::{Class, highlight};

    /// Every piece with its capture, brackets and delimiters left out.
    fn shown(text: &str) -> String {
        let found = highlight(SourceId(0), text);
        let pieces =
            found.iter().filter(|one| !matches!(one.class, Class::Bracket | Class::Delimiter));
        let pieces = pieces.map(|one| {
            let piece = text.get(one.span.start as usize..one.span.end as usize);
            format!("{}:{}", piece.unwrap_or_default(), one.class.capture())
        });
        pieces.collect::<Vec<_>>().join(" ")
    }

    fn body(line: &str) -> String {
        let whole = shown(&format!("aqua A\nfunc f():\n  {line}"));
        let head = "aqua:keyword.import A:module func:keyword.function f:function ";
        whole.strip_prefix(head).unwrap_or_default().to_owned()
    }

    #[test]
    fn headers_and_declarations() {
        assert_eq!(
            shown("aqua A.B declares *\nimport f as g from \"x\"\nconst N = 1 -- c"),
            "aqua:keyword.import A:module B:module declares:keyword.import *:operator \
             import:keyword.import f:variable as:keyword.import g:variable from:keyword.import \
             \"x\":string const:keyword.type N:constant =:operator 1:number -- c:comment"
        );
        assert_eq!(
            shown("service S(\"s\"):\n  get: []P -> ?u8\n  put(k: string)\ndata P:\n  x: M.T"),
            "service:keyword.type S:module \"s\":string get:function.method [:type.qualifier \
             ]:type.qualifier P:type ->:punctuation.delimiter ?:type.qualifier u8:type.builtin \
             put:function.method k:variable.parameter string:type.builtin data:keyword.type \
             P:type.definition x:variable.member M:type T:type"
        );
    }

    #[test]
    fn words_are_names_where_they_cannot_be_keywords() {
        assert_eq!(body("if = 1"), "if:variable =:operator 1:number");
        assert_eq!(
            body("for par <- par par:"),
            "for:keyword.repeat par:variable <-:operator par:variable par:keyword.coroutine"
        );
        assert_eq!(
            body("on p via r:"),
            "on:keyword.directive p:variable via:keyword.directive r:variable"
        );
    }

    #[test]
    fn names_are_told_apart_by_what_stands_around_them() {
        assert_eq!(
            body("x <- Srv.get(p.name, HOST_PEER_ID)"),
            "x:variable <-:operator Srv:module get:function.method.call p:variable \
             name:variable.member HOST_PEER_ID:constant.builtin"
        );
        assert_eq!(
            body("p = M.Point(x = f(1), y)"),
            "p:variable =:operator M:module Point:type x:variable.parameter =:operator \
             f:function.call 1:number y:variable"
        );
        assert_eq!(
            body("c = (a: u8) -> u8:"),
            "c:function =:operator a:variable.parameter u8:type.builtin \
             ->:punctuation.delimiter u8:type.builtin"
        );
        assert_eq!(
            body("x = !a! * *[1]"),
            "x:variable =:operator !:operator a:variable !:operator *:operator *:type.qualifier 1:number"
        );
    }
}
