//! The bytes of a program, as postcard writes them, to its parts: by hand, because a page loads
//! what a derived reader of every part would take.
//!
//! A reader goes on after a mistake with nothing left to read, so what it gives is only worth
//! something if it has [no problem](Source::problem) at the end. Every length is checked against what
//! is left, and lists grow with what was read.

use alloc::boxed::Box;
use alloc::vec::Vec;

use postcard::Error;

use crate::{
    ArgId, BinaryOp, ConstId, Expr, ExprId, Fact, Home, IndexKind, Iterable, Last, LoopMode,
    MatchKind, Node, NodeId, Output, Place, PlaceId, Program, Shape, ShapeField, ShapeId, SlotId,
    SnapshotForm, StreamId, StreamKind, TextId, Value,
};

/// Reads a program; nothing if it has another encoding than these bytes.
pub(crate) fn program(bytes: &[u8]) -> Result<Option<Program>, Error> {
    let mut from = Source { rest: bytes, problem: None, has_shorter: false };
    let program = from.read();
    match from.problem {
        None => Ok(Some(program).filter(|_| from.rest.is_empty() && !from.has_shorter)),
        Some(problem) => Err(problem),
    }
}

/// Bytes that are read.
struct Source<'a> {
    rest: &'a [u8],
    /// The first mistake.
    problem: Option<Error>,
    /// A number was written longer than it is: all else has one encoding.
    has_shorter: bool,
}

impl<'a> Source<'a> {
    fn read<T: Part>(&mut self) -> T {
        T::read(self)
    }

    /// Keeps the first problem, and leaves nothing to read.
    #[cold]
    fn fail(&mut self, problem: Error) {
        self.problem.get_or_insert(problem);
        self.rest = &[];
    }

    /// The next bytes; none if there are fewer.
    fn take(&mut self, count: usize) -> &'a [u8] {
        let Some((taken, rest)) = self.rest.split_at_checked(count) else {
            self.fail(Error::DeserializeUnexpectedEnd);
            return &[];
        };
        self.rest = rest;
        taken
    }

    fn byte(&mut self) -> u8 {
        self.take(1).first().copied().unwrap_or(0)
    }

    /// Seven bits a byte, the lowest first.
    #[inline(never)]
    fn number(&mut self) -> u32 {
        let mut number = 0;
        for shift in (0..32).step_by(7) {
            let byte = self.byte();
            number |= u32::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                if shift == 28 && byte > 0xf {
                    break;
                }
                self.has_shorter |= byte == 0 && shift > 0;
                return number;
            }
        }
        self.fail(Error::DeserializeBadVarint);
        0
    }

    /// So many bytes as a number in front of them says.
    fn bytes(&mut self) -> &'a [u8] {
        let count = self.number();
        self.take(count as usize)
    }

    fn unknown<T>(&mut self, instead: T) -> T {
        self.fail(Error::SerdeDeCustom);
        instead
    }
}

/// What a program has.
trait Part {
    fn read(from: &mut Source<'_>) -> Self;
}

impl Part for u32 {
    fn read(from: &mut Source<'_>) -> Self {
        from.number()
    }
}

macro_rules! ids {
    ($($name:ident)*) => {$(
        impl Part for $name {
            fn read(from: &mut Source<'_>) -> Self {
                Self(from.number())
            }
        }
    )*};
}
ids! { NodeId SlotId StreamId ArgId ConstId ExprId PlaceId TextId ShapeId }

/// Choices by their number.
macro_rules! choices {
    ($($name:ident: $($choice:ident)*;)*) => {$(
        impl Part for $name {
            fn read(from: &mut Source<'_>) -> Self {
                const CHOICES: &[$name] = &[$($name::$choice),*];
                let [first, ..] = CHOICES else { unreachable!() };
                match CHOICES.get(from.number() as usize) {
                    Some(choice) => *choice,
                    None => from.unknown(*first),
                }
            }
        }
    )*};
}
choices! {
    SnapshotForm: Elements Object;
    MatchKind: Equal Different;
    LoopMode: Sequential Parallel UntilSuccess Explicit InOrder;
    Last: Complete Never Body;
    StreamKind: List Map;
    Fact: Initiator Host Timestamp Ttl;
    BinaryOp: Add Sub Mul FloatMul Div Rem Pow Less LessEqual Greater GreaterEqual Equal Different;
    IndexKind: Value Snapshot Map;
}

impl<T: Part> Part for Option<T> {
    fn read(from: &mut Source<'_>) -> Self {
        match from.byte() {
            0 => None,
            1 => Some(from.read()),
            _ => {
                from.fail(Error::DeserializeBadOption);
                None
            }
        }
    }
}

impl<T: Part> Part for Vec<T> {
    fn read(from: &mut Source<'_>) -> Self {
        let mut all = Self::new();
        for _ in 0..from.number() {
            let part = from.read();
            if from.problem.is_some() {
                break;
            }
            all.push(part);
        }
        all
    }
}

impl<T: Part> Part for Box<[T]> {
    fn read(from: &mut Source<'_>) -> Self {
        from.read::<Vec<T>>().into_boxed_slice()
    }
}

impl<A: Part, B: Part> Part for (A, B) {
    fn read(from: &mut Source<'_>) -> Self {
        (from.read(), from.read())
    }
}

impl Part for Box<str> {
    fn read(from: &mut Source<'_>) -> Self {
        match core::str::from_utf8(from.bytes()) {
            Ok(text) => text.into(),
            Err(_) => {
                from.fail(Error::DeserializeBadUtf8);
                Self::default()
            }
        }
    }
}

impl Part for Value {
    fn read(from: &mut Source<'_>) -> Self {
        match Self::from_bytes(from.bytes()) {
            Ok(value) => value,
            Err(_) => from.unknown(Self::Null),
        }
    }
}

impl Part for Place {
    fn read(from: &mut Source<'_>) -> Self {
        Self { peer: from.read(), via: from.read() }
    }
}

impl Part for Home {
    fn read(from: &mut Source<'_>) -> Self {
        Self { node: from.read(), place: from.read() }
    }
}

impl Part for Iterable {
    fn read(from: &mut Source<'_>) -> Self {
        match from.number() {
            0 => Self::Array(from.read()),
            1 => Self::Entries(from.read()),
            2 => Self::Live(from.read()),
            _ => from.unknown(Self::Array(ExprId(0))),
        }
    }
}

impl Part for Output {
    fn read(from: &mut Source<'_>) -> Self {
        match from.number() {
            0 => Self::Nothing,
            1 => Self::Slot(from.read()),
            2 => Self::Stream(from.read()),
            _ => from.unknown(Self::Nothing),
        }
    }
}

impl Part for Node {
    fn read(from: &mut Source<'_>) -> Self {
        match from.number() {
            0 => Self::Seq(from.read()),
            1 => Self::Par(from.read()),
            2 => Self::Try { error: from.read() },
            3 => Self::If { condition: from.read() },
            4 => Self::Match { kind: from.read(), left: from.read(), right: from.read() },
            5 => Self::Never,
            6 => Self::Null,
            7 => Self::Fail { error: from.read() },
            8 => Self::Call {
                place: from.read(),
                service: from.read(),
                function: from.read(),
                args: from.read(),
                output: from.read(),
                returns: from.read(),
            },
            9 => Self::Let { slot: from.read(), expr: from.read() },
            10 => Self::Push { stream: from.read(), key: from.read(), value: from.read() },
            11 => Self::Snapshot {
                place: from.read(),
                stream: from.read(),
                form: from.read(),
                slot: from.read(),
            },
            12 => Self::Await {
                place: from.read(),
                stream: from.read(),
                count: from.read(),
                slot: from.read(),
            },
            13 => Self::Visit { place: from.read() },
            14 => Self::For {
                iterable: from.read(),
                item: from.read(),
                mode: from.read(),
                last: from.read(),
            },
            15 => Self::Next { of: from.read() },
            16 => Self::Scope { streams: from.read() },
            17 => Self::Return { values: from.read() },
            _ => from.unknown(Self::Null),
        }
    }
}

impl Part for Expr {
    fn read(from: &mut Source<'_>) -> Self {
        match from.number() {
            0 => Self::Const(from.read()),
            1 => Self::Arg(from.read()),
            2 => Self::Slot(from.read()),
            3 => Self::Fact(from.read()),
            4 => Self::Field { of: from.read(), name: from.read() },
            5 => Self::Index { of: from.read(), index: from.read(), kind: from.read() },
            6 => Self::Length(from.read()),
            7 => Self::Not(from.read()),
            8 => Self::And(from.read(), from.read()),
            9 => Self::Or(from.read(), from.read()),
            10 => Self::Binary { op: from.read(), left: from.read(), right: from.read() },
            11 => Self::Array(from.read()),
            12 => Self::Object(from.read()),
            13 => Self::Update { of: from.read(), fields: from.read() },
            14 => Self::First(from.read()),
            15 => Self::Either(from.read()),
            16 => {
                Self::Choose { condition: from.read(), then: from.read(), otherwise: from.read() }
            }
            17 => Self::Contains { map: from.read(), key: from.read() },
            18 => Self::Keys(from.read()),
            19 => Self::Grouped(from.read()),
            20 => Self::Raise(from.read()),
            21 => Self::Thrown(from.read()),
            22 => Self::Named { of: from.read(), name: from.read() },
            _ => from.unknown(Self::Const(ConstId(0))),
        }
    }
}

impl Part for Shape {
    fn read(from: &mut Source<'_>) -> Self {
        match from.number() {
            0 => Self::Any,
            1 => Self::Nothing,
            2 => Self::Bool,
            3 => Self::Unsigned(from.byte()),
            4 => Self::Signed(from.byte()),
            5 => Self::Float,
            6 => Self::Text,
            7 => Self::Array(from.read()),
            8 => Self::Option(from.read()),
            9 => Self::Object(from.read()),
            _ => from.unknown(Self::Any),
        }
    }
}

impl Part for ShapeField {
    fn read(from: &mut Source<'_>) -> Self {
        Self { name: from.read(), shape: from.read() }
    }
}

impl Part for Program {
    fn read(from: &mut Source<'_>) -> Self {
        Self {
            parameters: from.read(),
            nodes: from.read(),
            homes: from.read(),
            slots: from.read(),
            streams: from.read(),
            exprs: from.read(),
            places: from.read(),
            constants: from.read(),
            texts: from.read(),
            shapes: from.read(),
        }
    }
}
