//! What names mean at the current point of the walk.
//!
//! There is no shadowing in the language, so a name means one thing at a time: each table is a
//! vector indexed by symbol, and leaving a frame undoes what was bound since it was entered.
//! Binding and looking up are constant time.

use aquac_base::Span;

use crate::hir::{Builtin, ConstantId, FunctionId, LocalId, ServiceId};
use crate::symbols::Symbol;
use crate::types::TypeId;

/// What a name means as a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Value {
    Local(LocalId),
    Function(FunctionId),
    Constant(ConstantId),
    Builtin(Builtin),
    Nil,
    /// Something that was reported elsewhere.
    Error,
}

/// What a name means as a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TypeName {
    pub(crate) ty: TypeId,
    /// The name alone, in its declaration.
    pub(crate) span: Option<Span>,
    pub(crate) kind: TypeNameKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TypeNameKind {
    Data,
    Ability,
    Alias,
    Service(ServiceId),
    /// Reported elsewhere.
    Error,
}

/// What opens a frame of names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FrameKind {
    Module,
    Function,
    Branch,
    /// Whether it has a handler.
    Try {
        handled: bool,
    },
    Handler,
    Loop,
    Closure,
}

/// A frame that is or was open.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame {
    pub(crate) kind: FrameKind,
    /// The line that opens it.
    pub(crate) span: Option<Span>,
}

enum Undo {
    Value(Symbol),
    Type(Symbol),
    ServiceId(Symbol, Option<LocalId>),
}

/// A mark to return to when a frame is left.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark {
    undo: usize,
    outer: usize,
}

#[derive(Default)]
pub(crate) struct Scope {
    values: Vec<Option<Value>>,
    types: Vec<Option<TypeName>>,
    service_ids: Vec<Option<LocalId>>,
    undo: Vec<Undo>,
    /// Frames of the current top-level function, open and left.
    frames: Vec<Frame>,
    current: usize,
    /// By symbol: the local that most lately went out of scope.
    gone: Vec<Option<LocalId>>,
    /// By local: the frame it was bound in, and the next older one gone with its name.
    homes: Vec<(usize, Option<LocalId>)>,
}

fn slot<T: Copy>(table: &mut Vec<Option<T>>, symbol: Symbol) -> Option<&mut Option<T>> {
    if symbol.index() >= table.len() {
        table.resize(symbol.index() + 64, None);
    }
    table.get_mut(symbol.index())
}

impl Scope {
    pub(crate) fn value(&self, symbol: Symbol) -> Option<Value> {
        self.values.get(symbol.index()).copied().flatten()
    }

    pub(crate) fn type_name(&self, symbol: Symbol) -> Option<TypeName> {
        self.types.get(symbol.index()).copied().flatten()
    }

    /// The local that holds the id of the service that is spelled so.
    pub(crate) fn service_id(&self, spelled: Symbol) -> Option<LocalId> {
        self.service_ids.get(spelled.index()).copied().flatten()
    }

    /// Binds a name; what it meant before is gone for good, so callers check first.
    pub(crate) fn bind(&mut self, symbol: Symbol, value: Value) {
        let before = slot(&mut self.values, symbol).and_then(|slot| slot.replace(value));
        if before.is_none() {
            self.undo.push(Undo::Value(symbol));
        }
        if let Value::Local(local) = value {
            self.settle(local);
        }
    }

    fn settle(&mut self, local: LocalId) {
        if local.index() >= self.homes.len() {
            self.homes.resize(local.index() + 1, (0, None));
        }
        if let Some(home) = self.homes.get_mut(local.index()) {
            *home = (self.current, None);
        }
    }

    pub(crate) fn bind_type(&mut self, symbol: Symbol, ty: TypeName) {
        let before = slot(&mut self.types, symbol).and_then(|slot| slot.replace(ty));
        if before.is_none() {
            self.undo.push(Undo::Type(symbol));
        }
    }

    pub(crate) fn set_service_id(&mut self, spelled: Symbol, id: LocalId) {
        let before = slot(&mut self.service_ids, spelled).and_then(|slot| slot.replace(id));
        self.undo.push(Undo::ServiceId(spelled, before));
    }

    /// Opens a frame.
    pub(crate) fn enter(&mut self, kind: FrameKind, span: Option<Span>) -> Mark {
        let mark = Mark { undo: self.undo.len(), outer: self.current };
        self.current = self.frames.len();
        self.frames.push(Frame { kind, span });
        mark
    }

    /// Opens a frame of service ids alone, for `on`.
    pub(crate) fn enter_on(&self) -> Mark {
        Mark { undo: self.undo.len(), outer: self.current }
    }

    /// Closes a frame: names bound since `enter` are gone, service ids as before.
    pub(crate) fn leave(&mut self, mark: Mark) {
        while self.undo.len() > mark.undo {
            match self.undo.pop() {
                Some(Undo::Value(symbol)) => self.unbind(symbol),
                Some(Undo::Type(symbol)) => {
                    slot(&mut self.types, symbol).map(Option::take);
                }
                Some(Undo::ServiceId(symbol, before)) => {
                    if let Some(slot) = slot(&mut self.service_ids, symbol) {
                        *slot = before;
                    }
                }
                None => {}
            }
        }
        self.current = mark.outer;
    }

    /// Closes an `on`: service ids as before, names stay.
    pub(crate) fn leave_on(&mut self, mark: Mark) {
        let kept: Vec<Undo> = self.undo.drain(mark.undo..).rev().collect();
        let mut values = Vec::new();
        for undo in kept {
            match undo {
                Undo::ServiceId(symbol, before) => {
                    if let Some(slot) = slot(&mut self.service_ids, symbol) {
                        *slot = before;
                    }
                }
                Undo::Value(_) | Undo::Type(_) => values.push(undo),
            }
        }
        self.undo.extend(values.into_iter().rev());
        self.current = mark.outer;
    }

    fn unbind(&mut self, symbol: Symbol) {
        let value = slot(&mut self.values, symbol).and_then(Option::take);
        if let Some(Value::Local(local)) = value {
            let older = slot(&mut self.gone, symbol).and_then(|slot| slot.replace(local));
            if let Some(home) = self.homes.get_mut(local.index()) {
                home.1 = older;
            }
        }
    }

    /// Locals of this name that are out of scope, latest first, with the frame they lived in.
    /// Frames are those of the current top-level function: stop at a local of another one.
    pub(crate) fn gone(&self, symbol: Symbol) -> impl Iterator<Item = (LocalId, Option<Frame>)> {
        let mut next = self.gone.get(symbol.index()).copied().flatten();
        std::iter::from_fn(move || {
            let local = next?;
            let (frame, older) = self.homes.get(local.index())?;
            next = *older;
            Some((local, self.frames.get(*frame).copied()))
        })
    }

    /// Every name that means a value here.
    pub(crate) fn visible_values(&self) -> impl Iterator<Item = (Symbol, Value)> {
        self.undo.iter().filter_map(|undo| match undo {
            Undo::Value(symbol) => Some((*symbol, self.value(*symbol)?)),
            Undo::Type(_) | Undo::ServiceId(..) => None,
        })
    }

    /// Every name that means a type here.
    pub(crate) fn visible_types(&self) -> impl Iterator<Item = (Symbol, TypeName)> {
        self.undo.iter().filter_map(|undo| match undo {
            Undo::Type(symbol) => Some((*symbol, self.type_name(*symbol)?)),
            Undo::Value(_) | Undo::ServiceId(..) => None,
        })
    }

    /// Forgets the frames of the function before.
    pub(crate) fn start_function(&mut self) {
        self.frames.clear();
        self.current = 0;
    }
}
