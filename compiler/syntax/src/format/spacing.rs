//! Whether a blank stands between two tokens of a line.

use crate::lex::{Kind, Tokens};
use crate::words;

/// What has been written of a line, as far as the next blank depends on it.
#[derive(Debug)]
pub(super) struct Spacing {
    /// The last token and its position.
    last: Option<(Kind, usize)>,
    /// Whether the last token is a sign that belongs to what follows it.
    prefix: bool,
    /// Whether a value ends with the last token.
    after_operand: bool,
    /// Only names and dots so far: a service whose id is set stands in front.
    only_path: bool,
    /// Only names and commas so far: `<-` binds them.
    only_names: bool,
    /// Whether the last token closed empty brackets, as in `[]u8`.
    empty_brackets: bool,
}

impl Default for Spacing {
    fn default() -> Self {
        Self {
            last: None,
            prefix: false,
            after_operand: false,
            only_path: true,
            only_names: true,
            empty_brackets: false,
        }
    }
}

impl Spacing {
    /// Whether a blank stands before this token; `blank` says whether one does in the source.
    pub(super) fn before(
        &mut self,
        tokens: &Tokens<'_>,
        at: usize,
        kind: Kind,
        blank: bool,
    ) -> bool {
        let prefix = self.is_prefix(tokens, at, kind, blank);
        let wanted = match self.last {
            None => false,
            Some((last, position)) => {
                let word = last == Kind::Ident && blank && is_word(tokens.slice(position));
                self.wants(tokens, (last, position, word), (kind, prefix), blank)
            }
        };
        self.note(kind, at, prefix);
        wanted
    }

    fn wants(
        &self,
        tokens: &Tokens<'_>,
        (last, position, word): (Kind, usize, bool),
        (kind, prefix): (Kind, bool),
        blank: bool,
    ) -> bool {
        if self.prefix
            || matches!(last, Kind::LeftParen | Kind::LeftBracket | Kind::LeftBrace | Kind::Dot)
        {
            // A minus that is not glued to its number stays where it is.
            return self.prefix && last == Kind::Minus && blank;
        }
        if !blank && is_foreign_sign(tokens.slice(position), last, kind) {
            return false;
        }
        match kind {
            Kind::Comma
            | Kind::Colon
            | Kind::Dot
            | Kind::RightParen
            | Kind::RightBracket
            | Kind::RightBrace => false,
            Kind::FirstEqual => false,
            Kind::Bang => prefix,
            Kind::LeftParen => match last {
                Kind::Ident | Kind::Underscored => {
                    let name = tokens.slice(position);
                    let sets_id =
                        self.only_path && name.starts_with(|c: char| c.is_ascii_uppercase());
                    blank && (word || sets_id)
                }
                Kind::RightBrace => false,
                _ if self.after_operand => blank,
                _ => true,
            },
            Kind::LeftBrace => last != Kind::Ident || tokens.slice(position) == "func",
            Kind::LeftBracket if self.empty_brackets => blank,
            Kind::LeftBracket => !self.after_operand || word,
            Kind::Integer if last == Kind::Bang => blank,
            Kind::Integer | Kind::Float if last == Kind::LeftArrow => blank || self.only_names,
            _ if self.empty_brackets => blank || !starts_type(kind),
            _ => true,
        }
    }

    /// Whether this token is a sign that belongs to what follows.
    fn is_prefix(&self, tokens: &Tokens<'_>, at: usize, kind: Kind, blank: bool) -> bool {
        let behind_word = self.last.is_some_and(|(last, position)| {
            last == Kind::Ident && blank && is_word(tokens.slice(position))
        });
        let starts_value = !self.after_operand || behind_word;
        let glued = tokens.kind(at + 1).is_some_and(|next| !next.is_trivia());
        match kind {
            Kind::Question => true,
            Kind::Bang => starts_value,
            Kind::Star | Kind::StarStar | Kind::Percent => {
                !self.after_operand || self.empty_brackets && !blank || behind_word && glued
            }
            Kind::Minus => {
                let number = matches!(tokens.kind(at + 1), Some(Kind::Integer | Kind::Float));
                starts_value && (number || !self.after_operand)
            }
            _ => false,
        }
    }

    fn note(&mut self, kind: Kind, at: usize, prefix: bool) {
        let closes_empty =
            kind == Kind::RightBracket && matches!(self.last, Some((Kind::LeftBracket, _)));
        let path = match kind {
            Kind::Ident => !matches!(self.last, Some((Kind::Ident, _))),
            Kind::Dot => true,
            _ => false,
        };
        self.only_path &= path;
        self.only_names &= matches!(kind, Kind::Ident | Kind::Comma | Kind::LeftArrow);
        self.after_operand = kind.ends_operand() && !(kind == Kind::Bang && prefix);
        self.empty_brackets = closes_empty;
        self.prefix = prefix;
        self.last = Some((kind, at));
    }
}

/// Whether a type can go on with this behind `[]`.
/// Whether two tokens that touch are one sign of another language, as in `:=`, `+=`, `=>`, `f"x"`.
fn is_foreign_sign(text: &str, first: Kind, second: Kind) -> bool {
    match second {
        Kind::Equals => {
            matches!(
                first,
                Kind::Colon
                    | Kind::EqualEqual
                    | Kind::Plus
                    | Kind::Minus
                    | Kind::Star
                    | Kind::Slash
                    | Kind::Percent
            )
        }
        Kind::Plus => first == Kind::Plus,
        Kind::Less => first == Kind::Less,
        Kind::Greater => first == Kind::Equals,
        Kind::String => words::is_string_prefix(text),
        _ => false,
    }
}

fn starts_type(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Ident
            | Kind::LeftBracket
            | Kind::Question
            | Kind::Star
            | Kind::StarStar
            | Kind::Percent
            | Kind::Top
            | Kind::Bottom
    )
}

/// Words behind which a value starts, so that what follows is not applied to them.
fn is_word(text: &str) -> bool {
    matches!(
        text,
        "on" | "via"
            | "if"
            | "for"
            | "parseq"
            | "par"
            | "co"
            | "join"
            | "catch"
            | "try"
            | "else"
            | "otherwise"
            | "func"
            | "import"
            | "use"
            | "from"
            | "as"
            | "export"
            | "return"
    )
}
