//! What a name is, from the words around it and from where its line stands.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "there are seventy kinds of tokens, and each question is about a few"
)]

use crate::ast::Scalar;
use crate::lex::Tokens;
use crate::line::feed::{Fed, Mode, Tok};

use super::{Class, Highlight, class_of, ends_value};

/// The terminals of a line and what is known about the line.
pub(super) struct Words<'a> {
    pub(super) tokens: &'a Tokens<'a>,
    pub(super) fed: &'a [Fed],
    pub(super) mode: Mode,
    /// The first word of the declaration that the line is in.
    pub(super) declares: &'a str,
}

impl Words<'_> {
    /// Every terminal that is visible in the text, with its class.
    pub(super) fn classes(&self) -> Vec<Highlight> {
        let signature = self.signature();
        let mut classes = Vec::with_capacity(self.fed.len());
        for (at, Fed(tok, span)) in self.fed.iter().enumerate() {
            if span.start == span.end {
                continue;
            }
            let class = match tok {
                Tok::Name if at >= signature => self.in_signature(at),
                Tok::Name => self.in_line(at),
                _ if at >= signature => in_type(*tok),
                _ => self.sign(*tok, at),
            };
            classes.push(Highlight { span: *span, class });
        }
        classes
    }

    fn tok(&self, at: usize) -> Option<Tok> {
        self.fed.get(at).map(|Fed(tok, _)| *tok)
    }

    fn before(&self, at: usize) -> Option<Tok> {
        at.checked_sub(1).and_then(|before| self.tok(before))
    }

    fn text(&self, at: usize) -> &str {
        self.fed.get(at).map_or("", |Fed(_, span)| self.tokens.bytes(span.start, span.end))
    }

    /// The position of the first word of the line; the mark of its place stands before it.
    fn first(&self) -> usize {
        match self.tok(1) {
            Some(Tok::Par | Tok::Co | Tok::SetsId) => 2,
            _ => 1,
        }
    }

    /// Where the parameters and types of a line start; behind its end if it has none.
    fn signature(&self) -> usize {
        let first = self.first();
        let found = match (self.mode, self.tok(first)) {
            (Mode::Top, Some(Tok::Func | Tok::Alias)) => Some(first + 2),
            (Mode::Members, Some(Tok::Name)) => Some(first + 1),
            (Mode::Body, Some(Tok::Name)) => match self.tok(first + 1) {
                Some(Tok::Colon) => Some(first + 1),
                Some(Tok::Equals) if self.is_closure(first + 2) => Some(first + 2),
                _ => None,
            },
            _ => None,
        };
        found.unwrap_or(self.fed.len())
    }

    /// Whether what follows an equals sign are the parameters of a closure.
    fn is_closure(&self, from: usize) -> bool {
        let behind = self.fed.get(from..).unwrap_or_default();
        let typed = behind.iter().any(|Fed(tok, _)| matches!(tok, Tok::Colon | Tok::Func));
        let empty = matches!(behind, [Fed(Tok::LeftParen, _), Fed(Tok::RightParen, _), ..]);
        let opens = matches!(behind.last(), Some(Fed(Tok::Open, _)));
        opens && (typed || empty || matches!(behind, [Fed(Tok::LeftBrace, _), ..]))
    }

    /// A name among parameters and types.
    fn in_signature(&self, at: usize) -> Class {
        if self.tok(at + 1) == Some(Tok::Colon) {
            return Class::Parameter;
        }
        if Scalar::from_spelling(self.text(at)).is_some() {
            return Class::Primitive;
        }
        let open = self.fed.get(..at).unwrap_or_default().iter().rev();
        let brace = open.map(|Fed(tok, _)| *tok).find(|tok| {
            matches!(tok, Tok::LeftBrace | Tok::RightBrace | Tok::LeftParen | Tok::RightArrow)
        });
        if brace == Some(Tok::LeftBrace) { Class::Ability } else { Class::Type }
    }

    /// A name anywhere else.
    fn in_line(&self, at: usize) -> Class {
        let first = self.first();
        match (self.mode, self.tok(first)) {
            (Mode::Top, Some(Tok::Aqua)) if !self.listed(at) => Class::Namespace,
            (Mode::Top, Some(Tok::Aqua | Tok::Import | Tok::Use | Tok::Export)) => self.header(at),
            (Mode::Top, Some(keyword)) if at == first + 1 => match keyword {
                Tok::Data | Tok::Alias => Class::TypeDefinition,
                Tok::Service => Class::Service,
                Tok::Ability => Class::Ability,
                Tok::Const => Class::Constant,
                Tok::Func => Class::Function,
                _ => self.value(at),
            },
            (Mode::Members, _) if at == first => self.member(at),
            (Mode::Body, _) if self.tok(1) == Some(Tok::SetsId) && self.in_path(at) => {
                Class::Service
            }
            (Mode::Body, _) => self.bound(at).unwrap_or_else(|| self.value(at)),
            (Mode::Top | Mode::Members, _) => self.value(at),
        }
    }

    /// Whether a name of the `aqua` line stands behind `declares`.
    fn listed(&self, at: usize) -> bool {
        self.fed.get(..at).unwrap_or_default().iter().any(|Fed(tok, _)| *tok == Tok::Declares)
    }

    /// Whether only names and dots stand between the start of the line and here.
    fn in_path(&self, at: usize) -> bool {
        let before = self.fed.get(2..at).unwrap_or_default();
        before.chunks(2).all(|pair| matches!(pair, [Fed(Tok::Name, _), Fed(Tok::Dot, _)]))
    }

    fn header(&self, at: usize) -> Class {
        let name = self.text(at);
        if is_upper_case(name) {
            Class::Constant
        } else if is_capital(name) {
            Class::Service
        } else {
            Class::Variable
        }
    }

    fn member(&self, at: usize) -> Class {
        let arrow = self.fed.iter().any(|Fed(tok, _)| *tok == Tok::RightArrow);
        match self.tok(at + 1) {
            Some(Tok::Colon) if self.declares == "data" || !arrow => Class::Field,
            _ => Class::Method,
        }
    }

    /// A name that the line binds, if this is one.
    fn bound(&self, at: usize) -> Option<Class> {
        let first = self.first();
        let names_before = self.fed.get(first..at).unwrap_or_default().iter().all(|Fed(tok, _)| {
            matches!(tok, Tok::Name | Tok::Comma | Tok::For | Tok::Parseq | Tok::Catch)
        });
        let closure = at == first && self.signature() == first + 2;
        if closure && self.tok(first + 1) == Some(Tok::Equals) {
            return Some(Class::Function);
        }
        let binds = matches!(
            self.tok(at + 1),
            Some(
                Tok::Equals | Tok::LeftArrow | Tok::PushArrow | Tok::Colon | Tok::Comma | Tok::Open
            )
        );
        (names_before && binds).then_some(Class::Variable)
    }

    /// A name in a value.
    fn value(&self, at: usize) -> Class {
        let name = self.text(at);
        let next = self.tok(at + 1);
        let called = matches!(next, Some(Tok::LeftParen | Tok::LeftBrace));
        let selected = self.before(at) == Some(Tok::Dot);
        let capital = is_capital(name);
        match (selected, called) {
            (_, true) if capital => Class::Type,
            (true, true) => Class::MethodCall,
            (false, true) => Class::FunctionCall,
            (true, false) if is_upper_case(name) => Class::Constant,
            (true, false) => Class::Field,
            (false, false) => match name {
                "nil" | "LAST_ERROR" | "PARTICLE_TTL" | "PARTICLE_TIMESTAMP" => Class::Builtin,
                "HOST_PEER_ID" | "INIT_PEER_ID" => Class::Peer,
                _ if next == Some(Tok::Equals) => Class::Parameter,
                _ if is_upper_case(name) && next != Some(Tok::Dot) => Class::Constant,
                _ if capital => Class::Service,
                _ => Class::Variable,
            },
        }
    }

    /// A terminal that is no name, in a value.
    fn sign(&self, tok: Tok, at: usize) -> Class {
        let operand = at.checked_sub(1).is_some_and(|before| ends_value(self.fed.get(before)));
        match tok {
            Tok::Star if self.tok(1) == Some(Tok::Aqua) => Class::Wildcard,
            Tok::Star if !operand => Class::Sigil,
            Tok::Bang if !operand => Class::Logical,
            Tok::Try if self.tok(self.first()) == Some(Tok::For) => Class::Flow,
            _ => class_of(tok).unwrap_or(Class::Invalid),
        }
    }
}

/// A terminal that is no name, among types.
fn in_type(tok: Tok) -> Class {
    match tok {
        Tok::LeftBracket | Tok::RightBracket | Tok::Star | Tok::StarStar | Tok::Percent => {
            Class::Sigil
        }
        _ => class_of(tok).unwrap_or(Class::Invalid),
    }
}

fn is_capital(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase())
}

fn is_upper_case(name: &str) -> bool {
    is_capital(name) && !name.bytes().any(|byte| byte.is_ascii_lowercase())
}
