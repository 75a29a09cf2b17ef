//! The tokens of one logical line, as the grammar wants them.
//!
//! Decides what depends on more than one token of look-ahead: which words are keywords where
//! they stand, which colon opens a body, which comma starts a new parameter, whether a minus
//! belongs to the number behind it. Repairs what is certain (brackets that do not match) and
//! reports it, so that the grammar sees a line that it can read.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "there are seventy kinds of tokens, and each question is about a few"
)]

mod brackets;
mod keywords;

use aquac_base::Span;

use crate::error::{SyntaxError, TextError};
use crate::layout::Line;
use crate::lex::{Kind, Tokens};

/// A terminal of the grammar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tok {
    AtTop,
    InBody,
    InMembers,
    SetsId,
    Name,
    Aqua,
    Declares,
    Import,
    Use,
    Export,
    From,
    As,
    Data,
    Service,
    Ability,
    Alias,
    Const,
    Func,
    On,
    Via,
    If,
    Else,
    Try,
    Catch,
    Otherwise,
    For,
    Rec,
    Parseq,
    Par,
    Co,
    Join,
    True,
    False,
    Unsigned,
    Signed,
    Float,
    String,
    InitPeer,
    Comma,
    ParameterComma,
    Colon,
    Open,
    Dot,
    LeftParen,
    RightParen,
    LeftBracket,
    RightBracket,
    LeftBrace,
    RightBrace,
    LeftArrow,
    PushArrow,
    RightArrow,
    Equals,
    QuestionEquals,
    EqualEqual,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    And,
    Or,
    Plus,
    Minus,
    Star,
    StarStar,
    Slash,
    Percent,
    Bang,
    Question,
    Top,
    Bottom,
}

impl Tok {
    /// Whether a value can end with this, whatever stands before it.
    pub(crate) const fn ends_value(self) -> bool {
        matches!(
            self,
            Self::Name
                | Self::True
                | Self::False
                | Self::Unsigned
                | Self::Signed
                | Self::Float
                | Self::String
                | Self::InitPeer
                | Self::RightParen
                | Self::RightBracket
        )
    }
}

/// A terminal and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fed(pub(crate) Tok, pub(crate) Span);

/// Where a line stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Outside of all blocks.
    Top,
    /// In the body of a function or of a statement.
    Body,
    /// In the body of `data`, `service`, `ability`.
    Members,
}

/// A logical line and what decides how its words are read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    /// The line.
    pub(crate) line: Line,
    /// Where it stands.
    pub(crate) mode: Mode,
    /// Whether the next line is indented deeper, as if it were the body of this one.
    pub(crate) has_body: bool,
}

/// Feeds one line. `fed` is cleared first; problems are added to `errors`.
pub(crate) fn feed(
    tokens: &Tokens<'_>,
    place: Place,
    fed: &mut Vec<Fed>,
    errors: &mut Vec<SyntaxError>,
) {
    fed.clear();
    let mark = match place.mode {
        Mode::Top => Tok::AtTop,
        Mode::Body => Tok::InBody,
        Mode::Members => Tok::InMembers,
    };
    let start = place.line.start;
    fed.push(Fed(mark, Span::new(tokens.source(), start, start)));
    let first = place.line.first as usize;
    let end = place.line.end as usize;
    let mut feeder = Feeder {
        tokens,
        end,
        place,
        at: first,
        after_operand: false,
        leads: true,
        names_only: true,
        head: Head::Other,
        depth: 0,
        fed,
        errors,
    };
    feeder.run();
    if !place.line.balanced {
        brackets::balance(fed, errors);
    }
}

/// The keyword that a line starts with, as far as it gives words behind it a meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Head {
    For,
    On,
    Parseq,
    Other,
}

struct Feeder<'a, 'text> {
    tokens: &'a Tokens<'text>,
    end: usize,
    place: Place,
    at: usize,
    /// Behind a complete value, so that a word is not a name and an operator has two sides.
    after_operand: bool,
    /// At the start of a statement or declaration, where it has its keyword.
    leads: bool,
    /// Only names and commas so far, so that `<-` binds them.
    names_only: bool,
    head: Head,
    depth: u32,
    fed: &'a mut Vec<Fed>,
    errors: &'a mut Vec<SyntaxError>,
}

impl Feeder<'_, '_> {
    fn run(&mut self) {
        while self.at < self.end {
            let at = self.at;
            self.at += 1;
            let Some(kind) = self.tokens.kind(at) else { break };
            if !kind.is_trivia() {
                self.take(kind, at);
            }
        }
    }

    fn take(&mut self, kind: Kind, at: usize) {
        match kind {
            Kind::Ident => self.word(at),
            Kind::Comma => self.comma(at),
            Kind::Colon if at + 1 == self.end => self.put(Tok::Open, at),
            Kind::Minus if self.signs_number(at) => self.signed(self.tokens.start(at)),
            Kind::LeftArrow => self.left_arrow(at),
            Kind::FirstEqual => {
                let start = self.tokens.start(at);
                self.push(Tok::Bang, start, start + 1);
                self.push(Tok::EqualEqual, start + 1, start + 3);
                self.after_operand = false;
            }
            Kind::Bang => {
                let after_operand = self.after_operand;
                self.put(Tok::Bang, at);
                self.after_operand = after_operand;
            }
            _ => self.other(kind, at),
        }
        self.leads = self.leads && matches!(self.fed.last(), Some(Fed(Tok::Par | Tok::Co, _)));
    }

    /// A token whose meaning is its kind, or one that has to be reported.
    fn other(&mut self, kind: Kind, at: usize) {
        let span = self.tokens.span(at);
        match kind {
            Kind::LeftParen | Kind::LeftBracket | Kind::LeftBrace => self.depth += 1,
            Kind::RightParen | Kind::RightBracket | Kind::RightBrace => {
                self.depth = self.depth.saturating_sub(1);
            }
            Kind::BadNumber => self.bad_number(span),
            Kind::Underscored => self.errors.push(TextError::Underscore { span }.into()),
            Kind::OpenString => self.errors.push(TextError::OpenString { span }.into()),
            Kind::Quoted => self.errors.push(TextError::ForeignQuotes { span }.into()),
            Kind::Unknown if !self.errors.iter().any(is_unknown) => {
                let text = self.tokens.slice(at).to_owned();
                self.errors.push(TextError::Unknown { span, text }.into());
            }
            _ => {}
        }
        if let Some(tok) = terminal(kind) {
            self.put(tok, at);
        }
    }

    fn push(&mut self, tok: Tok, start: u32, end: u32) {
        self.fed.push(Fed(tok, Span::new(self.tokens.source(), start, end)));
    }

    /// Adds a terminal that is one token.
    fn put(&mut self, tok: Tok, at: usize) {
        self.push(tok, self.tokens.start(at), self.tokens.end(at));
        let kind = self.tokens.kind(at);
        self.after_operand = tok == Tok::Name || kind.is_some_and(Kind::ends_operand);
        self.names_only = self.names_only && matches!(tok, Tok::Name | Tok::Comma);
    }

    /// A comma: dropped before a closing bracket, special before a new parameter.
    fn comma(&mut self, at: usize) {
        let next = self.next(at);
        let closes = matches!(
            self.kind(next),
            Some(Kind::RightParen | Kind::RightBracket | Kind::RightBrace)
        );
        if closes && self.after_operand {
            return;
        }
        let colon = self.next(next);
        let names =
            self.kind(next).is_some_and(|kind| matches!(kind, Kind::Ident | Kind::Underscored))
                && self.kind(colon) == Some(Kind::Colon)
                && colon + 1 < self.end;
        self.put(if names { Tok::ParameterComma } else { Tok::Comma }, at);
    }

    /// Whether the minus here belongs to a number directly behind it.
    fn signs_number(&self, at: usize) -> bool {
        !self.after_operand && self.kind(at + 1).is_some_and(is_number)
    }

    /// A signed number, whose sign starts at a byte and whose digits are the next token.
    fn signed(&mut self, start: u32) {
        let digits = self.at;
        let kind = self.kind(digits);
        if kind == Some(Kind::BadNumber) {
            let span = Span::new(self.tokens.source(), start, self.tokens.end(digits));
            self.bad_number(span);
        }
        let tok = if kind == Some(Kind::Float) { Tok::Float } else { Tok::Signed };
        self.push(tok, start, self.tokens.end(digits));
        self.at = digits + 1;
        self.after_operand = true;
        self.names_only = false;
    }

    /// `<-` binds names, or is a comparison with a negative number: `a<-1`.
    fn left_arrow(&mut self, at: usize) {
        if !self.names_only && self.after_operand && self.kind(at + 1).is_some_and(is_number) {
            let start = self.tokens.start(at);
            self.push(Tok::Less, start, start + 1);
            self.signed(start + 1);
            return;
        }
        self.put(Tok::LeftArrow, at);
    }

    fn bad_number(&mut self, span: Span) {
        let text = self.tokens.bytes(span.start, span.end).to_owned();
        self.errors.push(TextError::BadNumber { span, text }.into());
    }

    /// The next token of the line that is not trivia; the end of the line behind the last.
    fn next(&self, at: usize) -> usize {
        self.tokens.next_significant(at + 1).min(self.end)
    }

    /// The kind of a token of this line.
    fn kind(&self, at: usize) -> Option<Kind> {
        if at < self.end { self.tokens.kind(at) } else { None }
    }
}

/// Of characters that mean nothing, the first of a line is reported.
fn is_unknown(error: &SyntaxError) -> bool {
    matches!(error, SyntaxError::Text(TextError::Unknown { .. }))
}

fn is_number(kind: Kind) -> bool {
    matches!(kind, Kind::Integer | Kind::Float | Kind::BadNumber)
}

/// The terminal of a kind that is not a word and needs no decision.
const fn terminal(kind: Kind) -> Option<Tok> {
    Some(match kind {
        Kind::Ident | Kind::Underscored => Tok::Name,
        Kind::Integer | Kind::BadNumber => Tok::Unsigned,
        Kind::Float => Tok::Float,
        Kind::String | Kind::OpenString | Kind::Quoted => Tok::String,
        Kind::InitPeer => Tok::InitPeer,
        Kind::Comma => Tok::Comma,
        Kind::Colon => Tok::Colon,
        Kind::Dot => Tok::Dot,
        Kind::LeftParen => Tok::LeftParen,
        Kind::RightParen => Tok::RightParen,
        Kind::LeftBracket => Tok::LeftBracket,
        Kind::RightBracket => Tok::RightBracket,
        Kind::LeftBrace => Tok::LeftBrace,
        Kind::RightBrace => Tok::RightBrace,
        Kind::LeftArrow => Tok::LeftArrow,
        Kind::PushArrow => Tok::PushArrow,
        Kind::RightArrow => Tok::RightArrow,
        Kind::Equals => Tok::Equals,
        Kind::QuestionEquals => Tok::QuestionEquals,
        Kind::EqualEqual | Kind::FirstEqual => Tok::EqualEqual,
        Kind::NotEqual => Tok::NotEqual,
        Kind::Less => Tok::Less,
        Kind::LessEqual => Tok::LessEqual,
        Kind::Greater => Tok::Greater,
        Kind::GreaterEqual => Tok::GreaterEqual,
        Kind::And => Tok::And,
        Kind::Or => Tok::Or,
        Kind::Plus => Tok::Plus,
        Kind::Minus => Tok::Minus,
        Kind::Star => Tok::Star,
        Kind::StarStar => Tok::StarStar,
        Kind::Slash => Tok::Slash,
        Kind::Percent => Tok::Percent,
        Kind::Bang => Tok::Bang,
        Kind::Question => Tok::Question,
        Kind::Top => Tok::Top,
        Kind::Bottom => Tok::Bottom,
        Kind::Blank
        | Kind::Newline
        | Kind::Comment
        | Kind::ForeignComment
        | Kind::ClosingBrace
        | Kind::Mark
        | Kind::Unknown => return None,
    })
}
