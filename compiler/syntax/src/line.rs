//! One logical line → one [`Item`].
//!
//! Feeds the line to the grammar. A line that it cannot read is tried again with the known slips
//! of people who come from other languages put right ([`slips`]); what is still unreadable is
//! reported once.

mod expected;
pub(crate) mod feed;
mod grammar;
pub(crate) mod item;
mod make;
mod operators;
mod slips;
mod types;

use std::collections::BTreeSet;

use aquac_base::{Name, Span};
use lalrpop_util::ParseError;

use crate::error::{LayoutError, SyntaxError};
use crate::layout::{Line, MAX_NESTING};
use crate::lex::Tokens;
use crate::words;

use feed::{Fed, Mode, Place};
use grammar::LineParser;
use item::Item;
use make::Make;

/// A line that has been read.
#[derive(Debug)]
pub(crate) struct Read {
    /// What it is; `None` if it is unreadable.
    pub(crate) item: Option<Box<Item>>,
    /// What is wrong with it.
    pub(crate) errors: Vec<SyntaxError>,
    /// Whether the colon that opens its body is missing.
    pub(crate) misses_colon: bool,
}

/// Reads lines, one after the other; keeps its buffers between them.
pub(crate) struct Reader<'t> {
    tokens: &'t Tokens<'t>,
    parser: LineParser,
    fed: Vec<Fed>,
    /// Methods that were declared with a capital letter: a call of one is no constructor.
    pub(crate) misnamed_methods: BTreeSet<Name>,
}

/// How many slips of one line are put right behind the first two. Each is tried with each.
const MORE_SLIPS: u32 = 2;

/// Where the grammar stopped.
type Unread = ParseError<(), Fed, std::convert::Infallible>;

/// What the grammar says about a line.
type Outcome<'r> = (Result<Box<Item>, Unread>, Make<'r>);

impl<'t> Reader<'t> {
    /// A reader of the lines of these tokens.
    pub(crate) fn new(tokens: &'t Tokens<'t>) -> Self {
        Self {
            tokens,
            parser: LineParser::new(),
            fed: Vec::with_capacity(64),
            misnamed_methods: BTreeSet::new(),
        }
    }

    /// Reads one line.
    pub(crate) fn read(&mut self, place: Place) -> Read {
        let line = place.line;
        if line.too_deep {
            let error = LayoutError::NestsTooDeep { line: self.span(line), limit: MAX_NESTING };
            return Read { item: None, errors: vec![error.into()], misses_colon: false };
        }
        let mut errors = Vec::new();
        let mut fed = std::mem::take(&mut self.fed);
        feed::feed(self.tokens, place, &mut fed, &mut errors);
        let read = self.read_fed(place, &fed, errors);
        self.fed = fed;
        read
    }

    fn read_fed(&self, place: Place, fed: &[Fed], mut errors: Vec<SyntaxError>) -> Read {
        if let Some(slip) = slips::before(self.tokens, place, fed) {
            return self.slipped(place, slip, errors);
        }
        let (result, make) = self.parse(place.line, fed);
        match result {
            Ok(item) => {
                errors.extend(make.errors);
                keep_one(&mut errors);
                Read { item: Some(item), errors, misses_colon: make.misses_colon }
            }
            Err(problem) => self.repair(place, fed, errors, &problem),
        }
    }

    /// Tries the known slips and the other places that a line may have been meant for.
    fn repair(
        &self,
        place: Place,
        fed: &[Fed],
        mut errors: Vec<SyntaxError>,
        problem: &Unread,
    ) -> Read {
        for slip in slips::candidates(self.tokens, place, fed) {
            if self.parse(place.line, &slip.fed).0.is_ok() {
                return self.slipped(place, slip, errors);
            }
            // Several slips in one line: the first is reported, all are put right.
            if let Some(fed) = self.put_right(place, &slip.fed, MORE_SLIPS) {
                let error = slip.error.without_line();
                return self.slipped(place, slips::Slip { fed, error, ..slip }, errors);
            }
            if slip.certain {
                return self.slipped(place, slip, errors);
            }
        }
        if let Some(read) = self.elsewhere(place) {
            return read;
        }
        if errors.is_empty() {
            errors.push(expected::unexpected(self.tokens, place, problem).into());
        }
        keep_one(&mut errors);
        Read { item: None, errors, misses_colon: false }
    }

    /// The line with at most so many slips put right, if it can be read then.
    fn put_right(&self, place: Place, fed: &[Fed], slips: u32) -> Option<Vec<Fed>> {
        slips::candidates(self.tokens, place, fed).into_iter().find_map(|slip| {
            if self.parse(place.line, &slip.fed).0.is_ok() {
                return Some(slip.fed);
            }
            self.put_right(place, &slip.fed, slips.checked_sub(1)?)
        })
    }

    /// Reads a line whose slip has been put right.
    fn slipped(&self, place: Place, slip: slips::Slip, mut errors: Vec<SyntaxError>) -> Read {
        let (result, make) = self.parse(place.line, &slip.fed);
        errors.insert(0, slip.error.into());
        errors.truncate(1);
        let item = result.ok().map(|item| match (slip.else_if, *item) {
            (Some(keyword), Item::Statement(_, kind)) => Box::new(Item::ElseIf(keyword, kind)),
            (_, item) => Box::new(item),
        });
        Read { item, errors, misses_colon: make.misses_colon }
    }

    /// A line that could be read in another place.
    fn elsewhere(&self, place: Place) -> Option<Read> {
        let first = self.tokens.slice(place.line.first as usize);
        let mode = match place.mode {
            Mode::Top if words::starts_declaration(first) => return None,
            Mode::Top => Mode::Body,
            Mode::Body | Mode::Members => Mode::Top,
        };
        let mut fed = Vec::new();
        let mut errors = Vec::new();
        feed::feed(self.tokens, Place { mode, ..place }, &mut fed, &mut errors);
        let (result, make) = self.parse(place.line, &fed);
        let item = result.ok()?;
        let error = slips::misplaced(&item, place.mode, self.span(place.line))?;
        Some(Read { item: Some(item), errors: vec![error], misses_colon: make.misses_colon })
    }

    fn span(&self, line: Line) -> Span {
        Span::new(self.tokens.source(), line.start, line.end_byte(self.tokens))
    }

    fn parse(&self, line: Line, fed: &[Fed]) -> Outcome<'_> {
        let mut make = Make::new(self.tokens, self.span(line), &self.misnamed_methods);
        let result = self.parser.parse(&mut make, fed.iter().map(|token| Ok(((), *token, ()))));
        (result, make)
    }
}

/// One problem for each line, so that nobody reads about its consequences; but every string and
/// every number may have one of its own.
fn keep_one(errors: &mut Vec<SyntaxError>) {
    if errors.len() > 1 {
        let mut first = true;
        errors.retain(|error| std::mem::take(&mut first) || matches!(error, SyntaxError::Text(_)));
    }
}
