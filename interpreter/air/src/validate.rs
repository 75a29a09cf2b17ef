//! What a script must keep although its grammar does not say so; the same rules, and the same
//! words, as the reference.
//!
//! Scopes play no part: a name counts as defined from the place in the text where something
//! defines it. Whether it has a value there is a matter of running.

use alloc::collections::BTreeMap;
use alloc::string::ToString;
use alloc::vec::Vec;

use crate::ast::{Kind, Operand, Script, Variable, What};
use crate::parse::MAX_ERRORS;
use crate::{AirError, Problem};

/// Everything that is wrong with a script.
pub(crate) fn validate(script: &Script<'_>) -> Vec<AirError> {
    let mut validator = Validator { script, errors: Vec::new() };
    validator.undefined_variables();
    let mut around = Around::default();
    for (at, instruction) in script.instructions.iter().enumerate() {
        around.move_to(at);
        validator.instruction(at, &instruction.what, &mut around);
        if instruction.what.arity() > 0 {
            around.enter(script, at);
        }
    }
    validator.errors
}

struct Validator<'a, 's> {
    script: &'s Script<'a>,
    errors: Vec<AirError>,
}

/// What stands around the current instruction.
#[derive(Default)]
struct Around<'s> {
    open: Vec<Open<'s>>,
    folds: BTreeMap<&'s str, Vec<Fold>>,
    /// How many `seq` and `par` hold the current instruction in their first child.
    followed: usize,
    /// How many folds over arrays are open.
    arrays: usize,
}

struct Open<'s> {
    end: usize,
    /// Its second child.
    second: Option<usize>,
    kind: OpenKind<'s>,
}

#[derive(Clone, Copy)]
enum OpenKind<'s> {
    /// `seq` or `par`, while the current instruction is in the first child.
    Followed,
    Fold {
        item: &'s str,
        live: bool,
    },
    Other,
}

/// An open fold, with the counts at its opening.
struct Fold {
    live: bool,
    followed: usize,
    arrays: usize,
    nexts: usize,
}

impl<'s> Around<'s> {
    fn move_to(&mut self, at: usize) {
        while let Some(done) = self.open.pop_if(|open| open.end <= at) {
            match done.kind {
                OpenKind::Followed => self.followed -= 1,
                OpenKind::Fold { item, live } => {
                    self.arrays -= usize::from(!live);
                    self.folds.get_mut(item).map(Vec::pop);
                }
                OpenKind::Other => {}
            }
        }
        if let Some(parent) = self.open.last_mut()
            && parent.second == Some(at)
            && matches!(parent.kind, OpenKind::Followed)
        {
            parent.kind = OpenKind::Other;
            self.followed -= 1;
        }
    }

    fn enter(&mut self, script: &'s Script<'_>, at: usize) {
        let Some(instruction) = script.get(at) else { return };
        let second = script.children(at).nth(1);
        let kind = match &instruction.what {
            What::Seq | What::Par => {
                self.followed += 1;
                OpenKind::Followed
            }
            What::Fold { iterable, item, .. } => {
                let live = is_live(iterable);
                self.arrays += usize::from(!live);
                let (followed, arrays) = (self.followed, self.arrays);
                let fold = Fold { live, followed, arrays, nexts: 0 };
                self.folds.entry(&item.name).or_default().push(fold);
                OpenKind::Fold { item: &item.name, live }
            }
            What::Call { .. }
            | What::Canon { .. }
            | What::Ap { .. }
            | What::Xor
            | What::Match { .. }
            | What::Next(_)
            | What::New(_)
            | What::Fail(_)
            | What::FailWith { .. }
            | What::Never
            | What::Null => OpenKind::Other,
        };
        self.open.push(Open { end: instruction.end, second, kind });
    }

    fn fold(&mut self, name: &str) -> Option<&mut Fold> {
        self.folds.get_mut(name).and_then(|folds| folds.last_mut())
    }
}

fn is_live(iterable: &Operand<'_>) -> bool {
    if let Operand::Variable(variable, None) = iterable {
        matches!(variable.kind, Kind::Stream | Kind::Map)
    } else {
        false
    }
}

impl Validator<'_, '_> {
    fn report(&mut self, at: usize, problem: Problem) {
        let span = self.script.get(at).map_or_else(Default::default, |found| found.span);
        if self.errors.len() >= MAX_ERRORS {
            return;
        }
        if !once(&problem) || self.errors.iter().all(|error| error.problem != problem) {
            self.errors.push(AirError { span, problem });
        }
    }

    fn undefined_variables(&mut self) {
        for (at, name) in undefined(self.script) {
            self.report(at, Problem::UndefinedVariable(name.to_string()));
        }
    }

    fn instruction(&mut self, at: usize, what: &What<'_>, around: &mut Around<'_>) {
        match what {
            What::FailWith { code: 0, .. } => self.report(at, Problem::FailWithZero),
            What::New(variable) if around.fold(&variable.name).is_some() => {
                self.report(at, Problem::NewOnIterator(variable.name.to_string()));
            }
            What::Fold { item, .. } if around.fold(&item.name).is_some() => {
                self.report(at, Problem::NestedIterator(item.name.to_string()));
            }
            What::Next(item) => self.next(at, &item.name, around),
            What::Call { .. }
            | What::Canon { .. }
            | What::Ap { .. }
            | What::Seq
            | What::Par
            | What::Xor
            | What::Match { .. }
            | What::Fold { .. }
            | What::New(_)
            | What::Fail(_)
            | What::FailWith { .. }
            | What::Never
            | What::Null => {}
        }
    }

    fn next(&mut self, at: usize, name: &str, around: &mut Around<'_>) {
        let (followed, arrays) = (around.followed, around.arrays);
        let Some(fold) = around.fold(name) else {
            return self.report(at, Problem::UndefinedIterable(name.to_string()));
        };
        fold.nexts += 1;
        // The reference loses track inside a fold over an array.
        let after = fold.live && followed > fold.followed && arrays == fold.arrays;
        if fold.nexts == 2 {
            self.report(at, Problem::MultipleNext(name.to_string()));
        }
        if after {
            self.report(at, Problem::AfterNext);
        }
    }
}

/// The instructions that use a name which nothing before them defines, and the name.
pub(crate) fn undefined<'s>(script: &'s Script<'_>) -> impl Iterator<Item = (usize, &'s str)> {
    let mut defined: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, instruction) in script.instructions.iter().enumerate() {
        if let Some(name) = defines(&instruction.what) {
            defined.entry(&name.name).or_insert(at);
        }
    }
    script.instructions.iter().enumerate().flat_map(move |(at, instruction)| {
        let unknown: Vec<&str> = checked(&instruction.what)
            .flat_map(Operand::names)
            .filter(|name| defined.get(name).is_none_or(|defined| *defined >= at))
            .collect();
        unknown.into_iter().map(move |name| (at, name))
    })
}

const fn defines<'s, 'a>(what: &'s What<'a>) -> Option<&'s Variable<'a>> {
    match what {
        What::Fold { item, .. } => Some(item),
        What::New(variable) => Some(variable),
        What::Call { .. }
        | What::Canon { .. }
        | What::Ap { .. }
        | What::Seq
        | What::Par
        | What::Xor
        | What::Match { .. }
        | What::Next(_)
        | What::Fail(_)
        | What::FailWith { .. }
        | What::Never
        | What::Null => what.output(),
    }
}

/// Mistakes that are reported once for each name.
const fn once(problem: &Problem) -> bool {
    matches!(problem, Problem::UndefinedVariable(_) | Problem::UndefinedIterable(_))
}

/// The operands whose names must be defined before. The others fail when they are run.
fn checked<'s, 'a>(what: &'s What<'a>) -> impl Iterator<Item = &'s Operand<'a>> {
    let only_first = matches!(what, What::Ap { key: Some(_), .. });
    let nothing = matches!(what, What::Canon { .. } | What::Fail(_));
    let most = match (nothing, only_first) {
        (true, _) => 0,
        (false, true) => 1,
        (false, false) => usize::MAX,
    };
    what.operands().take(most)
}
