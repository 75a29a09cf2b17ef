//! Which words are keywords where they stand. Everywhere else they are names.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "there are seventy kinds of tokens, and each question is about a few"
)]

use crate::lex::Kind;

use super::{Fed, Feeder, Head, Mode, Tok};

impl Feeder<'_, '_> {
    /// A word: a keyword if it stands where one can and what follows fits, else a name.
    pub(super) fn word(&mut self, at: usize) {
        let text = self.tokens.slice(at);
        let infix = self.after_operand && self.depth == 0;
        let keyword = match self.place.mode {
            Mode::Top if self.leads => top_keyword(text),
            Mode::Top if infix => header_keyword(text),
            Mode::Body if self.leads => self.leading_keyword(text, at),
            Mode::Body if infix => self.infix_keyword(text, at),
            Mode::Body if text == "func" => self.closure_keyword(),
            Mode::Top | Mode::Body | Mode::Members => None,
        };
        match keyword.or_else(|| self.truth(text, at)) {
            Some(tok) => {
                self.put(tok, at);
                self.after_operand = matches!(tok, Tok::True | Tok::False);
                // The item of a loop and the targets behind `par` are bound like others.
                self.names_only |= matches!(tok, Tok::For | Tok::Parseq | Tok::Par | Tok::Co);
            }
            None => self.put(Tok::Name, at),
        }
    }

    /// `true` and `false`, unless they are being bound or selected.
    fn truth(&self, text: &str, at: usize) -> Option<Tok> {
        let tok = match text {
            "true" => Tok::True,
            "false" => Tok::False,
            _ => return None,
        };
        let next = self.next(at);
        let bound = match self.kind(next) {
            Some(Kind::Equals | Kind::PushArrow) => true,
            Some(Kind::LeftArrow) => self.names_only,
            Some(Kind::Colon) => next + 1 < self.end,
            _ => false,
        };
        let selected = matches!(self.fed.last(), Some(Fed(Tok::Dot, _)));
        (!bound && !selected && self.place.mode != Mode::Members).then_some(tok)
    }

    /// The keyword of a statement, or the mark of a line that sets the id of a service.
    fn leading_keyword(&mut self, text: &str, at: usize) -> Option<Tok> {
        if text.starts_with(|c: char| c.is_ascii_uppercase()) {
            if self.fed.len() == 1 && self.sets_id(at) {
                let start = self.tokens.start(at);
                self.push(Tok::SetsId, start, start);
            }
            return None;
        }
        let tok = statement_keyword(text)?;
        if !self.is_keyword(tok, at) {
            return None;
        }
        match tok {
            Tok::For => self.head = Head::For,
            Tok::On => self.head = Head::On,
            Tok::Parseq => self.head = Head::Parseq,
            _ => {}
        }
        Some(tok)
    }

    /// Whether what follows a word makes it a keyword rather than a name that is used.
    fn is_keyword(&self, tok: Tok, at: usize) -> bool {
        let next = self.next(at);
        let blank = next > at + 1;
        let opens = self.place.has_body || self.kind(self.end - 1) == Some(Kind::Colon);
        let Some(kind) = self.kind(next) else {
            return self.place.has_body || matches!(tok, Tok::Else | Tok::Try | Tok::Otherwise);
        };
        match kind {
            Kind::Colon => next + 1 == self.end,
            Kind::LeftParen if blank => opens || matches!(tok, Tok::Par | Tok::Co | Tok::Join),
            Kind::LeftParen => opens && matches!(tok, Tok::If | Tok::On),
            Kind::LeftBracket | Kind::Bang => blank,
            Kind::Minus => blank && self.tokens.kind(next + 1).is_some_and(super::is_number),
            Kind::Star | Kind::Question => self.kind(next + 1) == Some(Kind::LeftBracket),
            Kind::Top | Kind::Bottom => false,
            kind => kind.ends_operand() || kind == Kind::Unknown,
        }
    }

    /// `Name "id"`: capitalised names, a blank, and a value.
    fn sets_id(&self, at: usize) -> bool {
        let mut last = at;
        while self.kind(last + 1) == Some(Kind::Dot)
            && self.kind(last + 2) == Some(Kind::Ident)
            && self.tokens.slice(last + 2).starts_with(|c: char| c.is_ascii_uppercase())
        {
            last += 2;
        }
        self.kind(last + 1) == Some(Kind::Blank)
            && self.kind(self.next(last)).is_some_and(|kind| {
                kind == Kind::LeftParen || (kind.ends_operand() && !ends_only(kind))
            })
    }

    /// Words behind a value, in the lines that have such.
    fn infix_keyword(&self, text: &str, at: usize) -> Option<Tok> {
        let next = self.next(at);
        let closes =
            next >= self.end || next + 1 == self.end && self.kind(next) == Some(Kind::Colon);
        match (self.head, text) {
            (Head::On | Head::Parseq, "via") => Some(Tok::Via),
            (Head::Parseq, "on") => Some(Tok::On),
            (Head::For, "par") if closes => Some(Tok::Par),
            (Head::For, "try") if closes => Some(Tok::Try),
            (Head::For, "rec") if closes => Some(Tok::Rec),
            _ => None,
        }
    }

    /// `name = func (…):`
    fn closure_keyword(&self) -> Option<Tok> {
        let assigns = matches!(self.fed.as_slice(), [.., Fed(Tok::Name, _), Fed(Tok::Equals, _)]);
        let opens = self.place.has_body || self.kind(self.end - 1) == Some(Kind::Colon);
        (assigns && opens && self.depth == 0).then_some(Tok::Func)
    }
}

/// Whether this can only end a value, not start one.
fn ends_only(kind: Kind) -> bool {
    matches!(kind, Kind::RightParen | Kind::RightBracket | Kind::RightBrace | Kind::Bang)
}

fn statement_keyword(text: &str) -> Option<Tok> {
    Some(match text {
        "on" => Tok::On,
        "if" => Tok::If,
        "else" => Tok::Else,
        "try" => Tok::Try,
        "catch" => Tok::Catch,
        "otherwise" => Tok::Otherwise,
        "for" => Tok::For,
        "parseq" => Tok::Parseq,
        "par" => Tok::Par,
        "co" => Tok::Co,
        "join" => Tok::Join,
        _ => return None,
    })
}

fn top_keyword(text: &str) -> Option<Tok> {
    Some(match text {
        "aqua" | "module" => Tok::Aqua,
        "import" => Tok::Import,
        "use" => Tok::Use,
        "export" => Tok::Export,
        "data" => Tok::Data,
        "service" => Tok::Service,
        "ability" => Tok::Ability,
        "alias" => Tok::Alias,
        "const" => Tok::Const,
        "func" => Tok::Func,
        _ => return None,
    })
}

fn header_keyword(text: &str) -> Option<Tok> {
    Some(match text {
        "declares" => Tok::Declares,
        "from" => Tok::From,
        "as" => Tok::As,
        _ => return None,
    })
}
