//! What can be wrong with a script, and where.

use alloc::format;
use alloc::string::String;

use crate::lex::INSTRUCTIONS;

/// A part of a script, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// Line and column of the first byte, from 1; columns count Unicode scalars.
    #[must_use]
    pub fn line_column(&self, text: &str) -> (usize, usize) {
        let before = text.get(..self.start).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let column = before.get(line_start..).map_or(0, |line| line.chars().count());
        (before.matches('\n').count() + 1, column + 1)
    }
}

/// One mistake in a script.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct AirError {
    /// Where: a word, or a whole instruction.
    pub span: Span,
    /// What.
    pub problem: Problem,
}

fn all_instructions() -> String {
    format!("there are {}", INSTRUCTIONS.join(", "))
}

/// What can be wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Longer than a script may be.
    #[error("the script has more than {most} bytes")]
    TooLong {
        /// The most it may have.
        most: usize,
    },
    /// Nested deeper, after sequences are made flat, than a program may be.
    #[error("the script is nested too deeply")]
    TooDeep,
    /// The program made of the script breaks another limit.
    #[error("the script is too large: {0}")]
    TooLarge(String),
    /// A text without an end.
    #[error("this text is not closed")]
    OpenText,
    /// A word that means nothing.
    #[error("`{word}` {why}")]
    Word {
        /// The word.
        word: String,
        /// Why it means nothing.
        why: &'static str,
    },
    /// Something else stands there.
    #[error("{what} should stand here, not `{found}`")]
    Expected {
        /// What could stand there.
        what: &'static str,
        /// What stands there, cut if it is long.
        found: String,
    },
    /// Nothing stands there.
    #[error("{what} should stand here, and the script ends")]
    Ends {
        /// What could stand there.
        what: &'static str,
    },
    /// A name that no instruction has.
    #[error("there is no instruction `{word}`; {}", .near.map_or_else(all_instructions, |near| format!("did you mean `{near}`?")))]
    NoInstruction {
        /// The name.
        word: String,
        /// One that is spelled nearly the same.
        near: Option<&'static str>,
    },
    /// A name that nothing before it defines.
    #[error("variable '{0}' wasn't defined")]
    UndefinedVariable(String),
    /// A `next` outside its fold.
    #[error("iterable '{0}' wasn't defined")]
    UndefinedIterable(String),
    /// A second `next` of one fold.
    #[error("multiple next instructions for iterator '{0}' found for one fold, that is prohibited")]
    MultipleNext(String),
    /// A `new` of the current element.
    #[error("new can't be applied to a '{0}' because it's an iterator")]
    NewOnIterator(String),
    /// A fold inside another with the same name for the element.
    #[error("multiple iterable values found for iterator name '{0}'")]
    NestedIterator(String),
    /// An error without a number.
    #[error("error code 0 with fail is unsupported")]
    FailWithZero,
    /// Something behind the `next` of a fold over a stream.
    #[error("fold can not have instructions after next")]
    AfterNext,
}
