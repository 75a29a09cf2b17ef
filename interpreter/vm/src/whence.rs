//! Where a value comes from, as a run keeps it: what made it, and the steps that lead to the part.
//!
//! Steps are a chain, so that a part costs one cell; texts are made when a service is asked.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use aquac_ir::{IndexKind, Program, TextId, Value};

use crate::activation::ActId;

/// Where a value comes from, as far as the run knows it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Whence {
    Literal,
    /// The result of this call, or a part of it.
    Result(ActId, Part),
    /// Fixed by this snapshot, or a part of it.
    Snapshot(ActId, Part),
    /// A number of elements.
    Length(Counted),
    /// The error object of this call, or a part of it.
    Failed(ActId),
    /// Such an object that went through a variable, or a part of it.
    Kept(ActId, Part),
    /// The error object that was made of a thrown value, which comes from there.
    Thrown(Box<Self>),
    /// What was thrown, or a part of it.
    Caught(Box<Self>),
    Derived,
}

/// Of what a number of elements is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counted {
    Value,
    List,
    Map,
}

/// A part of a value: nothing for the whole, else the last step to it. There are no more steps
/// than levels in a value.
pub(crate) type Part = Option<Arc<Step>>;

/// A step from a value to a part of it.
#[derive(Debug, PartialEq)]
pub(crate) struct Step {
    before: Part,
    pub(crate) taken: Taken,
    pub(crate) begins: Begins,
}

/// What a step selects.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Taken {
    Field(TextId),
    /// The field that a value names; a variable of this name, where it has one.
    Named(Arc<str>, Option<TextId>),
    Index(i64, Option<TextId>),
    /// An element of a snapshot, which has an origin of its own.
    Element(i64, Option<TextId>),
    /// The values of this key in a snapshot's pairs.
    Key(Arc<str>, Option<TextId>),
    /// The same for a number.
    NumberKey(i64, Option<TextId>),
    /// The pair that a loop over entries runs over, by its number among them.
    Entry(u32),
}

/// Whether a step is the first in its expression or goes on from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Begins {
    Here,
    Earlier,
}

impl Whence {
    /// Where a part of the value comes from.
    pub(crate) fn part(&self, taken: Taken, begins: Begins) -> Self {
        let longer = |part: &Part| Some(Arc::new(Step { before: part.clone(), taken, begins }));
        match self {
            Self::Result(act, part) => Self::Result(*act, longer(part)),
            Self::Snapshot(act, part) => Self::Snapshot(*act, longer(part)),
            Self::Kept(act, part) => Self::Kept(*act, longer(part)),
            Self::Literal | Self::Failed(_) | Self::Thrown(_) | Self::Caught(_) => self.clone(),
            Self::Length(_) | Self::Derived => Self::Derived,
        }
    }

    /// Where the value comes from when it has gone through a variable.
    pub(crate) fn bound(self) -> Self {
        match self {
            Self::Failed(act) | Self::Kept(act, _) => Self::Kept(act, None),
            Self::Caught(of) => *of,
            Self::Thrown(_) => Self::Derived,
            Self::Literal
            | Self::Result(..)
            | Self::Snapshot(..)
            | Self::Length(_)
            | Self::Derived => self,
        }
    }

    /// An error object that was made of a value from here; one that is thrown on stays.
    pub(crate) fn thrown(self) -> Self {
        match self {
            Self::Thrown(of) | Self::Caught(of) => Self::Thrown(of),
            Self::Literal
            | Self::Result(..)
            | Self::Snapshot(..)
            | Self::Length(_)
            | Self::Failed(_)
            | Self::Kept(..)
            | Self::Derived => Self::Thrown(Box::new(self)),
        }
    }

    /// What was thrown, of an error object.
    pub(crate) fn caught(self) -> Self {
        match self {
            Self::Thrown(of) => Self::Caught(of),
            Self::Literal
            | Self::Result(..)
            | Self::Snapshot(..)
            | Self::Length(_)
            | Self::Failed(_)
            | Self::Kept(..)
            | Self::Caught(_)
            | Self::Derived => self,
        }
    }

    /// The same, where an element of a snapshot counts as a part of it.
    pub(crate) fn as_part(&self) -> Self {
        let Self::Snapshot(act, part) = self else { return self.clone() };
        let plain = |before: Part, step: &&Step| {
            let taken = if let Taken::Element(index, name) = &step.taken {
                Taken::Index(*index, *name)
            } else {
                step.taken.clone()
            };
            Some(Arc::new(Step { before, taken, begins: step.begins }))
        };
        Self::Snapshot(*act, steps(part).iter().fold(None, plain))
    }
}

impl Step {
    /// A step without any before it.
    pub(crate) const fn first(taken: Taken, begins: Begins) -> Self {
        Self { before: None, taken, begins }
    }
}

impl Taken {
    /// What an index selects, which may be that of a variable with a name.
    pub(crate) fn by(index: &Value, kind: IndexKind, name: Option<TextId>) -> Self {
        let number = index.as_integer().and_then(|number| i64::try_from(number).ok());
        match (kind, number, index) {
            (IndexKind::Map, Some(number), _) => Self::NumberKey(number, name),
            (IndexKind::Map, None, Value::Text(text)) => Self::Key(text.clone(), name),
            (IndexKind::Snapshot, Some(number), _) => Self::Element(number, name),
            (IndexKind::Value, Some(number), _) => Self::Index(number, name),
            (_, _, other) => Self::Named(other.as_text().unwrap_or_default().into(), name),
        }
    }
}

/// The steps to a part, the first one first.
pub(crate) fn steps(part: &Part) -> Vec<&Step> {
    let last = part.as_deref();
    let mut steps: Vec<&Step> =
        core::iter::successors(last, |step| step.before.as_deref()).collect();
    steps.reverse();
    steps
}

/// `.field` and `[index]` for each step.
pub(crate) fn path_text(program: &Program, steps: &[&Step]) -> String {
    let text = |step: &&Step| match &step.taken {
        Taken::Field(name) => format!(".{}", program.text(*name).unwrap_or_default()),
        Taken::Named(name, _) | Taken::Key(name, _) => format!(".{name}"),
        Taken::Index(index, _) | Taken::Element(index, _) | Taken::NumberKey(index, _) => {
            format!("[{index}]")
        }
        Taken::Entry(index) => format!("[{index}]"),
    };
    steps.iter().map(text).collect()
}

/// As the reference writes it: `.$` where an expression began, and what selects as it was written.
pub(crate) fn lens_text(program: &Program, steps: &[&Step]) -> String {
    let text = |step: &&Step| {
        let begin = if step.begins == Begins::Here { ".$" } else { "" };
        format!("{begin}.{}", written(program, &step.taken))
    };
    steps.iter().map(text).collect()
}

fn written(program: &Program, taken: &Taken) -> String {
    let named = |name: TextId| program.text(name).unwrap_or_default();
    match taken {
        Taken::Field(name) => named(*name).into(),
        Taken::Named(_, Some(name))
        | Taken::Index(_, Some(name))
        | Taken::Element(_, Some(name))
        | Taken::Key(_, Some(name))
        | Taken::NumberKey(_, Some(name)) => format!("[{}]", named(*name)),
        Taken::Named(name, None) | Taken::Key(name, None) => name.as_ref().into(),
        Taken::Index(index, None) | Taken::Element(index, None) | Taken::NumberKey(index, None) => {
            format!("[{index}]")
        }
        Taken::Entry(index) => format!("[{index}]"),
    }
}
