//! Known slips: what people type who come from other languages, put right.
//!
//! Each slip rewrites the fed line into what was meant; if that can be read, the slip is
//! reported and the line keeps its meaning, so that nothing else is reported because of it.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "there are seventy kinds of tokens, and each question is about a few"
)]

mod colons;
mod words;

use aquac_base::Span;

use crate::error::{ForeignError, StructureError, SyntaxError};
use crate::lex::Tokens;

use super::feed::{Fed, Mode, Place, Tok};
use super::item::Item;

/// A line with one slip put right.
#[derive(Debug)]
pub(super) struct Slip {
    /// The line as it was meant.
    pub(super) fed: Vec<Fed>,
    /// What was wrong.
    pub(super) error: ForeignError,
    /// The place of `else` if an `else if` has become an `if`.
    pub(super) else_if: Option<Span>,
    /// Whether it is this slip even if the rest of the line cannot be read.
    pub(super) certain: bool,
}

/// A fed line and its text.
struct Slipped<'a> {
    tokens: &'a Tokens<'a>,
    place: Place,
    fed: &'a [Fed],
}

/// A slip that the grammar would read as something else.
pub(super) fn before(tokens: &Tokens<'_>, place: Place, fed: &[Fed]) -> Option<Slip> {
    let Fed(first, _) = fed.get(1)?;
    let line = Slipped { tokens, place, fed };
    match (place.mode, first) {
        (Mode::Top, Tok::Import | Tok::Use) => line.import_path(),
        (Mode::Body, Tok::Name) => line
            .call_like_return()
            .or_else(|| line.unknown_block())
            .or_else(|| line.stream_without_colon()),
        _ => None,
    }
}

/// The slips that may be in a line, the likely ones first.
pub(super) fn candidates(tokens: &Tokens<'_>, place: Place, fed: &[Fed]) -> Vec<Slip> {
    let line = Slipped { tokens, place, fed };
    let found = match place.mode {
        Mode::Top => {
            vec![line.foreign_declaration(), line.types_without_colons(), line.body_on_same_line()]
        }
        Mode::Members => vec![line.types_without_colons(), line.foreign_declaration()],
        Mode::Body => vec![
            line.else_if(),
            line.for_in(),
            line.word_operators(),
            line.single_equals(),
            line.foreign_statement(),
            line.block_of_branch(),
            line.body_on_same_line(),
        ],
    };
    found.into_iter().flatten().collect()
}

/// What to say about a line that can be read, but not where it stands.
pub(super) fn misplaced(item: &Item, mode: Mode, span: Span) -> Option<SyntaxError> {
    let (what, help) = match item {
        Item::Header(_) | Item::Head(_) => ("a header line", "move it to the top of the file"),
        Item::Declaration(..) => ("a declaration", "start it in the first column"),
        Item::Statement(..)
        | Item::Else(_)
        | Item::ElseIf(..)
        | Item::Otherwise(_)
        | Item::Catch(..) => ("a statement", "move it into the body of a function"),
        Item::Member(_) => return None,
    };
    let place = match mode {
        Mode::Top => "outside of a function",
        Mode::Body => "in the body of a function",
        Mode::Members => "in the body of a type",
    };
    Some(StructureError::Misplaced { span, what, place, help }.into())
}

impl Slipped<'_> {
    fn span(&self, fed: Fed) -> Span {
        fed.1
    }

    fn text(&self, fed: Fed) -> &str {
        self.tokens.bytes(fed.1.start, fed.1.end)
    }

    fn get(&self, at: usize) -> Option<Fed> {
        self.fed.get(at).copied()
    }

    /// The line with some places replaced.
    fn rewritten(&self, edits: &[(Span, &str)]) -> String {
        let mut text = String::new();
        let mut at = self.place.line.start;
        for (span, better) in edits {
            text.push_str(self.tokens.bytes(at, span.start));
            text.push_str(better);
            at = span.end;
        }
        text.push_str(self.tokens.bytes(at, self.place.line.end_byte(self.tokens)));
        text
    }

    /// The line with one terminal changed.
    fn changed(&self, at: usize, tok: Tok) -> Vec<Fed> {
        let mut fed = self.fed.to_vec();
        if let Some(changed) = fed.get_mut(at) {
            changed.0 = tok;
        }
        fed
    }

    /// `import some/path`, without quotes.
    fn import_path(&self) -> Option<Slip> {
        if self.fed.iter().any(|Fed(tok, _)| *tok == Tok::String) {
            return None;
        }
        let from = self.fed.iter().rposition(|Fed(tok, _)| *tok == Tok::From);
        let first = from.map_or(2, |from| from + 1);
        let end = self.place.line.end_byte(self.tokens);
        let start = self.get(first - 1).map_or(end, |Fed(_, span)| span.end);
        let rest = self.tokens.bytes(start, end);
        let path = rest.split(" as ").next().unwrap_or_default().trim();
        let indent = rest.len() - rest.trim_start().len();
        let start = start + crate::lex::offset(indent);
        let span = Span::new(self.tokens.source(), start, start + crate::lex::offset(path.len()));
        let better = (!path.is_empty() && !path.contains('"')).then(|| format!("\"{path}\""));
        let mut fed: Vec<Fed> = self.fed.iter().take(first).copied().collect();
        fed.push(Fed(Tok::String, span));
        let rest = self.fed.iter().skip(first).filter(|Fed(_, token)| token.start >= span.end);
        fed.extend(rest.copied());
        let error = ForeignError::ImportPath { path: span, better };
        Some(Slip { fed, error, else_if: None, certain: true })
    }

    /// `else if …:` and its relatives.
    fn else_if(&self) -> Option<Slip> {
        let first = self.get(1)?;
        let second = self.get(2)?;
        let (condition, keyword) = match first.0 {
            Tok::Else if self.text(second) == "if" => (3, self.span(first).to(self.span(second))),
            Tok::Name if matches!(self.text(first), "elif" | "elsif" | "elseif" | "elsein") => {
                (2, self.span(first))
            }
            _ => return None,
        };
        let mut fed = vec![self.get(0)?, Fed(Tok::If, keyword)];
        fed.extend(self.fed.iter().skip(condition));
        let ends = self.fed.iter().rfind(|Fed(tok, _)| *tok != Tok::Open);
        let end = ends.map_or(keyword.end, |Fed(_, span)| span.end);
        let start = self.get(condition).map_or(end, |Fed(_, span)| span.start);
        let span = Span::new(keyword.source, start, end.max(start));
        let error = ForeignError::ElseIf { span: keyword, condition: span };
        Some(Slip { fed, error, else_if: Some(keyword), certain: true })
    }

    /// `for x in xs:`
    fn for_in(&self) -> Option<Slip> {
        let at = self.fed.iter().position(|Fed(tok, _)| *tok == Tok::For)?;
        let behind_item = if self.get(at + 2)?.0 == Tok::Comma { at + 4 } else { at + 2 };
        let found = self.get(behind_item)?;
        let word = match (found.0, self.text(found)) {
            (Tok::Name, "in") => "in",
            (Tok::Name, "of") => "of",
            (Tok::Equals, _) => "=",
            (Tok::Colon, _) => ":",
            _ => return None,
        };
        let span = self.span(found);
        let better = self.rewritten(&[(span, "<-")]);
        let error = ForeignError::ForIn { word, span, better };
        let fed = self.changed(behind_item, Tok::LeftArrow);
        Some(Slip { fed, error, else_if: None, certain: true })
    }

    /// `if a = b:`
    fn single_equals(&self) -> Option<Slip> {
        if self.get(1)?.0 != Tok::If {
            return None;
        }
        let condition = self.fed.iter().take_while(|Fed(tok, _)| *tok != Tok::Colon);
        let at = condition.enumerate().find(|(_, Fed(tok, _))| *tok == Tok::Equals)?.0;
        let span = self.span(self.get(at)?);
        let better = self.rewritten(&[(span, "==")]);
        let error = ForeignError::SingleEquals { span, better };
        Some(Slip { fed: self.changed(at, Tok::EqualEqual), error, else_if: None, certain: false })
    }

    /// `par:`
    fn block_of_branch(&self) -> Option<Slip> {
        let [first, colon] = [self.get(1)?, self.get(2)?];
        let word = match (first.0, colon.0) {
            (Tok::Par, Tok::Colon | Tok::Open) => "par",
            (Tok::Co, Tok::Colon | Tok::Open) => "co",
            _ => return None,
        };
        let error = ForeignError::BlockOfBranch { word, span: self.span(first) };
        Some(Slip { fed: self.fed.to_vec(), error, else_if: None, certain: true })
    }

    /// `a and not b`
    fn word_operators(&self) -> Option<Slip> {
        let mut fed = self.fed.to_vec();
        let mut edits = Vec::new();
        let mut operand = false;
        let mut last = self.span(self.get(0)?);
        for at in 0..fed.len() {
            let here = self.get(at)?;
            let next = self.get(at + 1);
            let (tok, sign) = match (here.0, self.text(here)) {
                (Tok::Name, "and") if operand => (Tok::And, "&&"),
                (Tok::Name, "or") if operand => (Tok::Or, "||"),
                (Tok::Name, "not") if !operand && next.is_some_and(starts_value) => {
                    (Tok::Bang, "!")
                }
                _ => {
                    operand = ends_value(here.0);
                    continue;
                }
            };
            operand = false;
            let mut span = self.span(here);
            last = span;
            if let (Tok::Bang, Some(next)) = (tok, next) {
                span.end = next.1.start;
            }
            edits.push((span, sign));
            if let Some(changed) = fed.get_mut(at) {
                changed.0 = tok;
            }
        }
        let (first, _) = *edits.first()?;
        let better = self.rewritten(&edits);
        let negates = edits.iter().any(|(_, sign)| *sign == "!");
        let certain = !negates || !fed.iter().any(|Fed(tok, _)| compares(*tok));
        let span = first.to(last);
        let error = ForeignError::WordOperators { span, edits, better, certain };
        Some(Slip { fed, error, else_if: None, certain: false })
    }

    /// `if c: x = 1`
    fn body_on_same_line(&self) -> Option<Slip> {
        let first = self.get(1)?;
        let head = match first.0 {
            Tok::Name => match self.text(first) {
                "else" => Some(Tok::Else),
                "try" => Some(Tok::Try),
                "otherwise" => Some(Tok::Otherwise),
                _ => None,
            },
            Tok::Alias | Tok::Const => None,
            tok => Some(tok),
        }?;
        let mut depth = 0_u32;
        let colon = self.fed.iter().position(|Fed(tok, _)| {
            match tok {
                Tok::LeftParen | Tok::LeftBracket | Tok::LeftBrace => depth += 1,
                Tok::RightParen | Tok::RightBracket | Tok::RightBrace => {
                    depth = depth.saturating_sub(1);
                }
                _ => {}
            }
            *tok == Tok::Colon && depth == 0
        })?;
        let mut fed = self.changed(1, head);
        fed.truncate(colon + 1);
        if let Some(last) = fed.last_mut() {
            last.0 = Tok::Open;
        }
        let start = self.get(colon + 1)?.1.start;
        let end = self.place.line.end_byte(self.tokens);
        let body = Span::new(self.tokens.source(), start, end);
        let error = ForeignError::BodyOnSameLine { body };
        Some(Slip { fed, error, else_if: None, certain: false })
    }
}

fn compares(tok: Tok) -> bool {
    matches!(
        tok,
        Tok::EqualEqual
            | Tok::NotEqual
            | Tok::Less
            | Tok::LessEqual
            | Tok::Greater
            | Tok::GreaterEqual
    )
}

/// Whether a value can end with this.
fn ends_value(tok: Tok) -> bool {
    matches!(
        tok,
        Tok::Name
            | Tok::True
            | Tok::False
            | Tok::Unsigned
            | Tok::Signed
            | Tok::Float
            | Tok::String
            | Tok::InitPeer
            | Tok::RightParen
            | Tok::RightBracket
    )
}

/// Whether a value can start with this.
fn starts_value(Fed(tok, _): Fed) -> bool {
    matches!(
        tok,
        Tok::Name
            | Tok::True
            | Tok::False
            | Tok::Unsigned
            | Tok::Signed
            | Tok::Float
            | Tok::String
            | Tok::InitPeer
            | Tok::LeftParen
            | Tok::Bang
    )
}
