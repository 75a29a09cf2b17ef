//! Scripts in the making: sequences and parallels of any length, made binary at the end.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::Span;
use crate::ast::{Instruction, Kind, Lens, Operand, Script, Variable, What};

/// An instruction with everything below it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Code {
    what: What<'static>,
    children: Vec<Code>,
}

impl Code {
    pub(super) const fn leaf(what: What<'static>) -> Self {
        Self { what, children: Vec::new() }
    }

    pub(super) const fn null() -> Self {
        Self::leaf(What::Null)
    }

    /// One after the other. Sequences inside are spliced.
    pub(super) fn seq(steps: Vec<Self>) -> Self {
        let mut flat = Vec::with_capacity(steps.len());
        for step in steps {
            if step.what == What::Seq {
                flat.extend(step.children);
            } else {
                flat.push(step);
            }
        }
        flat.retain(|step| step.what != What::Null);
        Self::group(What::Seq, flat)
    }

    /// All at once, the branches as they are.
    pub(super) fn par(branches: Vec<Self>) -> Self {
        Self::group(What::Par, branches)
    }

    fn group(what: What<'static>, mut children: Vec<Self>) -> Self {
        match children.len() {
            0 => Self::null(),
            1 => children.pop().unwrap_or_else(Self::null),
            _ => Self { what, children },
        }
    }

    pub(super) fn xor(body: Self, handler: Self) -> Self {
        Self { what: What::Xor, children: alloc::vec![body, handler] }
    }

    pub(super) fn new(variable: Variable<'static>, body: Self) -> Self {
        Self { what: What::New(variable), children: alloc::vec![body] }
    }

    pub(super) fn matches(left: Operand<'static>, right: Operand<'static>, body: Self) -> Self {
        Self { what: What::Match { equal: true, left, right }, children: alloc::vec![body] }
    }

    pub(super) fn mismatches(left: Operand<'static>, right: Operand<'static>, body: Self) -> Self {
        Self { what: What::Match { equal: false, left, right }, children: alloc::vec![body] }
    }

    pub(super) fn fold(
        iterable: Operand<'static>,
        item: Variable<'static>,
        body: Self,
        last: Option<Self>,
    ) -> Self {
        let what = What::Fold { iterable, item, last: last.is_some() };
        Self { what, children: core::iter::once(body).chain(last).collect() }
    }

    /// Each element in turn.
    pub(super) fn each(iterable: Operand<'static>, item: &Variable<'static>, body: Self) -> Self {
        let next = Self::leaf(What::Next(item.clone()));
        Self::fold(iterable, item.clone(), Self::seq(alloc::vec![body, next]), Some(Self::null()))
    }

    pub(super) const fn ap(value: Operand<'static>, to: Variable<'static>) -> Self {
        Self::leaf(What::Ap { key: None, value, to })
    }

    pub(super) const fn put(
        key: Operand<'static>,
        value: Operand<'static>,
        to: Variable<'static>,
    ) -> Self {
        Self::leaf(What::Ap { key: Some(key), value, to })
    }

    pub(super) const fn canon(
        peer: Operand<'static>,
        from: Variable<'static>,
        to: Variable<'static>,
    ) -> Self {
        Self::leaf(What::Canon { peer, from, to })
    }

    /// Throws on what was caught.
    pub(super) const fn rethrow() -> Self {
        Self::leaf(What::Fail(Operand::Error(crate::ast::Register::Caught, None)))
    }

    /// Runs one arm or the other and lets the errors of both pass: `chosen` is an array that is
    /// not empty exactly if it is the first. The second stands in the handler of the first, which
    /// throws on what the first throws.
    pub(super) fn choose(
        chosen: &Variable<'static>,
        item: Variable<'static>,
        then: Self,
        otherwise: Self,
    ) -> Self {
        let length = Operand::Variable(chosen.clone(), Some(Lens::Length));
        let array = Operand::Variable(chosen.clone(), None);
        let again = Self::fold(array, item, Self::rethrow(), None);
        Self::xor(
            Self::matches(length, Operand::Int(1), then),
            Self::seq(alloc::vec![again, otherwise]),
        )
    }
}

enum Work {
    Enter(Box<Code>),
    /// A part of a sequence or parallel.
    Split(Box<What<'static>>, Vec<Code>),
    Close(usize),
}

/// The script: groups become binary and balanced, so that it is not nested deeply.
pub(super) fn script(code: Code) -> Script<'static> {
    let mut instructions: Vec<Instruction<'static>> = Vec::new();
    let mut work = alloc::vec![Work::Enter(Box::new(code))];
    while let Some(next) = work.pop() {
        let at = instructions.len();
        let mut add = |what: What<'static>| {
            instructions.push(Instruction { what, span: Span::default(), end: at + 1 });
        };
        match next {
            Work::Close(opened) => {
                if let Some(instruction) = instructions.get_mut(opened) {
                    instruction.end = at;
                }
            }
            Work::Enter(code) if matches!(code.what, What::Seq | What::Par) => {
                work.push(Work::Split(Box::new(code.what), code.children));
            }
            Work::Enter(code) => {
                add(code.what);
                work.push(Work::Close(at));
                let children = code.children.into_iter().rev();
                work.extend(children.map(|child| Work::Enter(Box::new(child))));
            }
            Work::Split(what, mut children) => {
                if children.len() < 2 {
                    work.extend(children.pop().map(|child| Work::Enter(Box::new(child))));
                    continue;
                }
                add((*what).clone());
                work.push(Work::Close(at));
                let right = children.split_off(children.len() / 2);
                work.push(Work::Split(what.clone(), right));
                work.push(Work::Split(what, children));
            }
        }
    }
    Script { instructions }
}

/// A script with something before it.
pub(super) fn before(first: Code, rest: Script<'static>) -> Script<'static> {
    let mut instructions = script(first).instructions;
    let offset = instructions.len() + 1;
    instructions.iter_mut().for_each(|instruction| instruction.end += 1);
    let end = offset + rest.instructions.len();
    instructions.insert(0, Instruction { what: What::Seq, span: Span::default(), end });
    instructions.extend(rest.instructions.into_iter().map(|mut instruction| {
        instruction.end += offset;
        instruction
    }));
    Script { instructions }
}

/// Whether a variable is a canon stream or map, which only some instructions take.
pub(super) const fn is_frozen(variable: &Variable<'_>) -> bool {
    matches!(variable.kind, Kind::Canon | Kind::CanonMap)
}
