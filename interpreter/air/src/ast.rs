//! AIR as it is written: a flat tree of instructions in pre-order, each with its place in the
//! text.
//!
//! The tree is flat because scripts nest deeply: a sequence of n steps is n levels of `seq`.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use aquac_ir::Finite;

use crate::Span;

/// A script: one instruction with everything below it.
#[derive(Debug, Clone, Default)]
pub struct Script<'a> {
    /// The instructions in pre-order; the first is the whole script.
    pub instructions: Vec<Instruction<'a>>,
}

/// One instruction.
#[derive(Debug, Clone, PartialEq)]
pub struct Instruction<'a> {
    /// What it is.
    pub what: What<'a>,
    /// From its opening to its closing bracket.
    pub span: Span,
    /// Index one past the last instruction below it.
    pub end: usize,
}

/// Two scripts are equal if they say the same, wherever it stands in their texts.
impl PartialEq for Script<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.instructions.len() == other.instructions.len()
            && self
                .instructions
                .iter()
                .zip(&other.instructions)
                .all(|(one, two)| one.what == two.what && one.end == two.end)
    }
}

/// What an instruction is. Its children follow it.
#[derive(Debug, Clone, PartialEq)]
pub enum What<'a> {
    /// `call`
    Call {
        /// Where.
        peer: Operand<'a>,
        /// The service.
        service: Operand<'a>,
        /// The function.
        function: Operand<'a>,
        /// The arguments.
        args: Vec<Operand<'a>>,
        /// A scalar or stream that takes the result.
        output: Option<Variable<'a>>,
    },
    /// `canon`
    Canon {
        /// Where.
        peer: Operand<'a>,
        /// A stream or stream map.
        from: Variable<'a>,
        /// A canon stream, canon map or scalar.
        to: Variable<'a>,
    },
    /// `ap`
    Ap {
        /// The key, if it goes into a stream map.
        key: Option<Operand<'a>>,
        /// What is applied.
        value: Operand<'a>,
        /// A scalar, stream or stream map.
        to: Variable<'a>,
    },
    /// `seq`, with two children.
    Seq,
    /// `par`, with two children.
    Par,
    /// `xor`, with two children.
    Xor,
    /// `match` or `mismatch`, with one child.
    Match {
        /// Whether it is `match`.
        equal: bool,
        /// Left side.
        left: Operand<'a>,
        /// Right side.
        right: Operand<'a>,
    },
    /// `fold`, with one child, or two if there is a last instruction.
    Fold {
        /// What it runs over.
        iterable: Operand<'a>,
        /// Takes the current element.
        item: Variable<'a>,
        /// Whether there is a last instruction.
        last: bool,
    },
    /// `next`
    Next(Variable<'a>),
    /// `new`, with one child.
    New(Variable<'a>),
    /// `fail` with an error object.
    Fail(Operand<'a>),
    /// `fail` with a code and a message.
    FailWith {
        /// The code.
        code: i64,
        /// The message.
        message: Cow<'a, str>,
    },
    /// `never`
    Never,
    /// `null`
    Null,
}

/// A variable, identified by the whole word with its sigils.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Variable<'a> {
    /// What it holds.
    pub kind: Kind,
    /// The whole word without the path into it.
    pub name: Cow<'a, str>,
}

/// What a variable holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// One value.
    Scalar,
    /// A stream: `$name`.
    Stream,
    /// A stream map: `%name`.
    Map,
    /// A frozen stream: `#name` or `#$name`.
    Canon,
    /// A frozen stream map: `#%name`.
    CanonMap,
}

/// A value as it is written.
#[derive(Debug, Clone, PartialEq)]
pub enum Operand<'a> {
    /// A text.
    Text(Cow<'a, str>),
    /// An integer.
    Int(i64),
    /// A number with a fraction.
    Float(Finite),
    /// `true` or `false`
    Bool(bool),
    /// `[]`
    Empty,
    /// `%init_peer_id%`
    Initiator,
    /// `%timestamp%`
    Timestamp,
    /// `%ttl%`
    Ttl,
    /// `:error:` or `%last_error%`
    Error(Register, Option<Lens<'a>>),
    /// A variable.
    Variable(Variable<'a>, Option<Lens<'a>>),
}

/// The two variables that hold errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Register {
    /// `:error:`: what the enclosing `xor` caught.
    Caught,
    /// `%last_error%`: what failed last.
    Last,
}

/// A path into a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lens<'a> {
    /// `.length`
    Length,
    /// `.$` and at least one step.
    Path(Vec<Accessor<'a>>),
}

/// A step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Accessor<'a> {
    /// `.name`
    Field(Cow<'a, str>),
    /// `.[0]`
    Index(u32),
    /// `.[name]`
    Variable(Cow<'a, str>),
}

impl<'a> Script<'a> {
    /// The instruction with this index.
    #[must_use]
    pub fn get(&self, at: usize) -> Option<&Instruction<'a>> {
        self.instructions.get(at)
    }

    /// One past everything below an instruction.
    #[must_use]
    pub fn end(&self, at: usize) -> usize {
        self.get(at).map_or(at, |instruction| instruction.end)
    }

    /// The children of an instruction, in order.
    pub fn children(&self, at: usize) -> impl Iterator<Item = usize> {
        let end = self.end(at);
        let first = Some(at + 1).filter(|first| *first < end);
        core::iter::successors(first, move |child| {
            Some(self.end(*child)).filter(|next| *next > *child && *next < end)
        })
    }
}

impl<'a> What<'a> {
    /// How many children it has.
    #[must_use]
    pub const fn arity(&self) -> usize {
        match self {
            Self::Seq | Self::Par | Self::Xor | Self::Fold { last: true, .. } => 2,
            Self::Match { .. } | Self::New(_) | Self::Fold { last: false, .. } => 1,
            Self::Call { .. }
            | Self::Canon { .. }
            | Self::Ap { .. }
            | Self::Next(_)
            | Self::Fail(_)
            | Self::FailWith { .. }
            | Self::Never
            | Self::Null => 0,
        }
    }

    /// The variable that it writes.
    #[must_use]
    pub const fn output(&self) -> Option<&Variable<'a>> {
        match self {
            Self::Call { output, .. } => output.as_ref(),
            Self::Canon { to, .. } | Self::Ap { to, .. } => Some(to),
            Self::Seq
            | Self::Par
            | Self::Xor
            | Self::Match { .. }
            | Self::Fold { .. }
            | Self::Next(_)
            | Self::New(_)
            | Self::Fail(_)
            | Self::FailWith { .. }
            | Self::Never
            | Self::Null => None,
        }
    }

    /// The variable that a fold runs over, if it runs over all of it.
    #[must_use]
    pub const fn iterated(&self) -> Option<&Variable<'a>> {
        if let Self::Fold { iterable: Operand::Variable(variable, None), .. } = self {
            Some(variable)
        } else {
            None
        }
    }

    /// Every operand, in the order in which they are written.
    pub fn operands(&self) -> impl Iterator<Item = &Operand<'a>> {
        let (some, many): ([Option<&Operand<'a>>; 3], &[Operand<'a>]) = match self {
            Self::Call { peer, service, function, args, .. } => {
                ([Some(peer), Some(service), Some(function)], args)
            }
            Self::Canon { peer: one, .. }
            | Self::Fold { iterable: one, .. }
            | Self::Fail(one)
            | Self::Ap { key: None, value: one, .. } => ([Some(one), None, None], &[]),
            Self::Ap { key: Some(one), value: two, .. }
            | Self::Match { left: one, right: two, .. } => ([Some(one), Some(two), None], &[]),
            Self::Seq
            | Self::Par
            | Self::Xor
            | Self::Next(_)
            | Self::New(_)
            | Self::FailWith { .. }
            | Self::Never
            | Self::Null => ([None; 3], &[]),
        };
        some.into_iter().flatten().chain(many)
    }
}

impl<'a> Operand<'a> {
    /// The names of the variables that it reads: its own, and those that select inside it.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let (own, lens) = match self {
            Self::Variable(variable, lens) => (Some(&*variable.name), lens.as_ref()),
            Self::Error(_, lens) => (None, lens.as_ref()),
            Self::Text(_)
            | Self::Int(_)
            | Self::Float(_)
            | Self::Bool(_)
            | Self::Empty
            | Self::Initiator
            | Self::Timestamp
            | Self::Ttl => (None, None),
        };
        let steps: &[Accessor<'a>] = if let Some(Lens::Path(steps)) = lens { steps } else { &[] };
        let inside = steps.iter().filter_map(|step| match step {
            Accessor::Variable(name) => Some(&**name),
            Accessor::Field(_) | Accessor::Index(_) => None,
        });
        own.into_iter().chain(inside)
    }
}
