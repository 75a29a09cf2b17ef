//! Tokens into a script, without recursion. An instruction that cannot be read is reported and
//! counts as `null`, so that one mistake does not hide the next.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::ast::{Instruction, Kind, Operand, Script, Variable, What};
use crate::lex::{INSTRUCTIONS, Keyword, Token, lex};
use crate::validate::validate;
use crate::{AirError, Problem, Span};

/// Bytes of a script: as much as the reference takes by default.
pub const MAX_SCRIPT_BYTES: usize = 16 << 20;

/// Mistakes of one script that are reported; what stands behind them is not looked at.
pub(crate) const MAX_ERRORS: usize = 100;

/// Reads a script and checks what the reference checks.
///
/// # Errors
///
/// Everything that is wrong with it, in the order of the text, at least one and at most a hundred.
pub fn parse(text: &str) -> Result<Script<'_>, Vec<AirError>> {
    if text.len() > MAX_SCRIPT_BYTES {
        let span = Span { start: MAX_SCRIPT_BYTES, end: text.len() };
        return Err(alloc::vec![AirError {
            span,
            problem: Problem::TooLong { most: MAX_SCRIPT_BYTES },
        }]);
    }
    let (tokens, errors) = lex(text);
    let mut parser = Parser {
        tokens,
        at: 0,
        text,
        end: text.len(),
        errors,
        instructions: Vec::new(),
        open: Vec::new(),
    };
    parser.script();
    let script = Script { instructions: parser.instructions };
    let mut errors = parser.errors;
    if errors.is_empty() {
        errors = validate(&script);
    }
    if errors.is_empty() {
        return Ok(script);
    }
    errors.sort_by_key(|error| error.span);
    errors.truncate(MAX_ERRORS);
    Err(errors)
}

struct Parser<'a> {
    tokens: Vec<(Token<'a>, Span)>,
    at: usize,
    text: &'a str,
    /// Length of the text.
    end: usize,
    errors: Vec<AirError>,
    instructions: Vec<Instruction<'a>>,
    /// Instructions whose children are being read, and how many are to come.
    open: Vec<(usize, usize)>,
}

const INSTRUCTION_NAME: &str = "the name of an instruction";

/// The longest part of a script that a message quotes, in characters.
const MAX_QUOTE: usize = 40;

fn cut(found: &str) -> String {
    let short: String = found.chars().take(MAX_QUOTE).collect();
    if short.len() < found.len() { format!("{short}…") } else { short }
}

fn is_bare(word: &str) -> bool {
    word.starts_with(|first: char| first.is_alphabetic())
}

/// The instruction whose name a word nearly is: two letters at most are wrong.
fn near(word: &str) -> Option<&'static str> {
    let names = INSTRUCTIONS.into_iter();
    let distances = names.map(|name| (distance(&word.to_lowercase(), name), name));
    distances.filter(|(wrong, name)| *wrong <= 2 && *wrong < name.len()).min().map(|(_, name)| name)
}

/// How many letters have to be changed, added or left out.
fn distance(one: &str, other: &str) -> usize {
    let mut before: Vec<usize> = (0..=other.chars().count()).collect();
    for (at, letter) in one.chars().take(MAX_QUOTE).enumerate() {
        let mut row = alloc::vec![at + 1];
        for (place, two) in other.chars().zip(before.windows(2)) {
            let [diagonal, above] = two else { continue };
            let left = row.last().copied().unwrap_or(0);
            let replaced = diagonal + usize::from(place != letter);
            row.push(replaced.min(above + 1).min(left + 1));
        }
        before = row;
    }
    before.last().copied().unwrap_or(0)
}

/// An instruction that is not one; it has been reported.
struct Reported;

type Parsed<T> = Result<T, Reported>;

/// Which operands may stand somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Peer,
    Name,
    Value,
    Applied,
    Key,
    Iterable,
    Thrown,
}

impl<'a> Parser<'a> {
    fn script(&mut self) {
        self.child();
        while let Some((at, missing)) = self.open.last().copied() {
            if self.errors.len() >= MAX_ERRORS {
                return;
            }
            if missing > 0 || self.has_last(at) {
                self.child();
            } else if self.eat(&Token::Close) {
                let before = self.at - 1;
                let close = self.tokens.get(before).map_or(self.end, |(_, span)| span.end);
                self.finish(close);
            } else {
                self.report("`)`");
                let close = self.skip();
                self.finish(close);
            }
        }
        if self.at < self.tokens.len() {
            self.report("the end of the script");
        }
    }

    /// Whether the last instruction of a fold follows; if so, it counts as a missing child.
    fn has_last(&mut self, at: usize) -> bool {
        let follows = self.peek() == Some(&Token::Open);
        match self.instructions.get_mut(at) {
            Some(Instruction { what: What::Fold { last, .. }, .. }) if follows && !*last => {
                *last = true;
                if let Some((_, missing)) = self.open.last_mut() {
                    *missing = 1;
                }
                true
            }
            Some(_) | None => false,
        }
    }

    /// Reads an instruction up to its first child.
    fn child(&mut self) {
        let at = self.instructions.len();
        let span = self.span();
        if !self.eat(&Token::Open) {
            self.report("an instruction");
            // What stands here may be anything, up to the end of the instruction around it.
            let close = self.skip();
            self.finish(close);
            return;
        }
        let opened = self.at;
        let head = self.head();
        let arity = head.as_ref().map_or(0, What::arity);
        let broken = head.is_err();
        let what = head.unwrap_or(What::Null);
        self.instructions.push(Instruction { what, span, end: at + 1 });
        self.open.push((at, arity));
        if broken {
            // The mistake may stand inside more brackets.
            self.at = opened;
            let close = self.skip();
            self.finish(close);
        }
    }

    /// Ends the innermost open instruction.
    fn finish(&mut self, close: usize) {
        let Some((at, _)) = self.open.pop() else { return };
        let end = self.instructions.len();
        if let Some(instruction) = self.instructions.get_mut(at) {
            instruction.end = end;
            instruction.span.end = close;
        }
        if let Some((_, missing)) = self.open.last_mut() {
            *missing = missing.saturating_sub(1);
        }
    }

    /// Everything of an instruction that stands before its children.
    fn head(&mut self) -> Parsed<What<'a>> {
        let Some(Token::Keyword(keyword)) = self.peek() else {
            return Err(self.report(INSTRUCTION_NAME));
        };
        let keyword = *keyword;
        self.at += 1;
        Ok(match keyword {
            Keyword::Call => self.call()?,
            Keyword::Canon => {
                let peer = self.operand(Role::Peer, "a peer")?;
                let from = self.variable("a stream or stream map", |kind| {
                    matches!(kind, Kind::Stream | Kind::Map)
                })?;
                let of_stream = from.kind == Kind::Stream;
                let what = if of_stream { "a canon stream" } else { "a canon map or a scalar" };
                let to = self.variable(what, |kind| match kind {
                    Kind::Canon => of_stream,
                    Kind::CanonMap | Kind::Scalar => !of_stream,
                    Kind::Stream | Kind::Map => false,
                })?;
                What::Canon { peer, from, to }
            }
            Keyword::Ap => self.ap()?,
            Keyword::Seq => What::Seq,
            Keyword::Par => What::Par,
            Keyword::Xor => What::Xor,
            Keyword::Match | Keyword::Mismatch => What::Match {
                equal: keyword == Keyword::Match,
                left: self.operand(Role::Value, "a value")?,
                right: self.operand(Role::Value, "a value")?,
            },
            Keyword::Fold => What::Fold {
                iterable: self.operand(Role::Iterable, "something to run over")?,
                item: self.scalar()?,
                last: false,
            },
            Keyword::Next => What::Next(self.scalar()?),
            Keyword::New => What::New(self.variable("a variable", |_| true)?),
            Keyword::Fail => self.fail()?,
            Keyword::Never => What::Never,
            Keyword::Null => What::Null,
        })
    }

    fn call(&mut self) -> Parsed<What<'a>> {
        let peer = self.operand(Role::Peer, "a peer")?;
        self.expect(&Token::Open, "`(`")?;
        let service = self.operand(Role::Name, "a service")?;
        let function = self.operand(Role::Name, "a function")?;
        self.expect(&Token::Close, "`)`")?;
        self.expect(&Token::OpenSquare, "`[`")?;
        let mut args = Vec::new();
        while !self.eat(&Token::CloseSquare) {
            args.push(self.operand(Role::Value, "a value or `]`")?);
        }
        let output = if self.peek() == Some(&Token::Close) {
            None
        } else {
            Some(self.variable("a scalar or stream", |kind| {
                matches!(kind, Kind::Scalar | Kind::Stream)
            })?)
        };
        Ok(What::Call { peer, service, function, args, output })
    }

    fn ap(&mut self) -> Parsed<What<'a>> {
        if self.eat(&Token::Open) {
            let key = Some(self.operand(Role::Key, "a key")?);
            let value = self.operand(Role::Applied, "a value")?;
            self.expect(&Token::Close, "`)`")?;
            let to = self.variable("a stream map", |kind| kind == Kind::Map)?;
            return Ok(What::Ap { key, value, to });
        }
        let value = self.operand(Role::Applied, "a value")?;
        let to = self
            .variable("a scalar or stream", |kind| matches!(kind, Kind::Scalar | Kind::Stream))?;
        Ok(What::Ap { key: None, value, to })
    }

    fn fail(&mut self) -> Parsed<What<'a>> {
        if let Some(Token::Operand(Operand::Int(code))) = self.peek() {
            let code = *code;
            self.at += 1;
            return match self.peek() {
                Some(Token::Operand(Operand::Text(message))) => {
                    let message = message.clone();
                    self.at += 1;
                    Ok(What::FailWith { code, message })
                }
                Some(_) | None => Err(self.report("a message")),
            };
        }
        Ok(What::Fail(self.operand(Role::Thrown, "an error")?))
    }

    fn scalar(&mut self) -> Parsed<Variable<'a>> {
        self.variable("a scalar", |kind| kind == Kind::Scalar)
    }

    fn variable(
        &mut self,
        what: &'static str,
        fits: impl Fn(Kind) -> bool,
    ) -> Parsed<Variable<'a>> {
        match self.peek() {
            Some(Token::Operand(Operand::Variable(variable, None))) if fits(variable.kind) => {
                let variable = variable.clone();
                self.at += 1;
                Ok(variable)
            }
            Some(_) | None => Err(self.report(what)),
        }
    }

    fn operand(&mut self, role: Role, what: &'static str) -> Parsed<Operand<'a>> {
        if self.peek() == Some(&Token::OpenSquare) {
            if !fits(role, &Operand::Empty) {
                return Err(self.report(what));
            }
            self.at += 1;
            self.expect(&Token::CloseSquare, "`]`")?;
            return Ok(Operand::Empty);
        }
        match self.peek() {
            Some(Token::Operand(operand)) if fits(role, operand) => {
                let operand = operand.clone();
                self.at += 1;
                Ok(operand)
            }
            Some(_) | None => Err(self.report(what)),
        }
    }

    fn peek(&self) -> Option<&Token<'a>> {
        self.tokens.get(self.at).map(|(token, _)| token)
    }

    fn span(&self) -> Span {
        let end = Span { start: self.end, end: self.end };
        self.tokens.get(self.at).map_or(end, |(_, span)| *span)
    }

    fn eat(&mut self, token: &Token<'_>) -> bool {
        let there = self.peek() == Some(token);
        self.at += usize::from(there);
        there
    }

    fn expect(&mut self, token: &Token<'_>, what: &'static str) -> Parsed<()> {
        if self.eat(token) { Ok(()) } else { Err(self.report(what)) }
    }

    fn report(&mut self, what: &'static str) -> Reported {
        // A word that means nothing has been reported when it was read, and an end of the text is
        // reported once.
        let span = self.span();
        let again = self.at >= self.tokens.len()
            && self.errors.last().is_some_and(|error| error.span == span);
        if self.peek() != Some(&Token::Bad) && !again {
            let found = self.text.get(span.start..span.end).unwrap_or_default();
            let problem = match (found, what) {
                ("", _) => Problem::Ends { what },
                (word, INSTRUCTION_NAME) if is_bare(word) => {
                    Problem::NoInstruction { word: cut(word), near: near(word) }
                }
                (found, _) => Problem::Expected { what, found: cut(found) },
            };
            self.errors.push(AirError { span, problem });
        }
        Reported
    }

    /// Skips to behind the bracket that closes the current instruction; says where that is.
    fn skip(&mut self) -> usize {
        let mut depth = 1;
        while let Some((token, span)) = self.tokens.get(self.at) {
            let end = span.end;
            depth += token.depth();
            self.at += 1;
            if depth <= 0 {
                return end;
            }
        }
        self.end
    }
}

fn fits(role: Role, operand: &Operand<'_>) -> bool {
    match operand {
        Operand::Text(_) => !matches!(role, Role::Iterable | Role::Thrown),
        Operand::Int(_) => matches!(role, Role::Value | Role::Applied | Role::Key),
        Operand::Float(_) | Operand::Bool(_) | Operand::Timestamp | Operand::Ttl => {
            matches!(role, Role::Value | Role::Applied)
        }
        Operand::Empty => matches!(role, Role::Value | Role::Applied | Role::Iterable),
        Operand::Initiator => matches!(role, Role::Peer | Role::Value | Role::Applied),
        Operand::Error(_, lens) => {
            matches!(role, Role::Value | Role::Applied) || (role == Role::Thrown && lens.is_none())
        }
        Operand::Variable(variable, lens) => match (variable.kind, lens.is_some()) {
            (Kind::Scalar, _) => true,
            (Kind::Stream | Kind::Map, false) => role == Role::Iterable,
            (Kind::Stream | Kind::Map, true) => false,
            (Kind::Canon, false) => {
                matches!(role, Role::Value | Role::Applied | Role::Iterable)
            }
            (Kind::Canon, true) => role != Role::Iterable,
            (Kind::CanonMap, false) => matches!(role, Role::Value | Role::Iterable),
            (Kind::CanonMap, true) => !matches!(role, Role::Key | Role::Thrown),
        },
    }
}

/// A message as a borrowed text, for those who build scripts.
impl<'a> From<&'a str> for Operand<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}
