//! What a local is while a function is written out.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use aquac_base::Name;
use aquac_semantics::TypeId;
use aquac_semantics::hir::{FunctionId, LocalId};

use crate::plan::{PlaceId, StreamId};
use crate::terms::TermId;

/// What a name stands for.
#[derive(Debug, Clone)]
pub(super) enum Binding {
    /// A value.
    Data(TermId),
    /// A stream or stream map.
    Stream(StreamId),
    /// Something that can be called.
    Arrow(Arrow),
    /// A bundle of bindings.
    Ability(Rc<BTreeMap<Name, Binding>>),
    /// A service with its id.
    Service {
        /// The service's type.
        ty: TypeId,
        /// The id.
        id: TermId,
    },
}

impl Binding {
    /// The same with its value replaced, if it is a value.
    pub(super) fn map_data(self, change: impl FnOnce(TermId) -> TermId) -> Self {
        if let Self::Data(value) = self { Self::Data(change(value)) } else { self }
    }
}

/// Something that can be called.
#[derive(Debug, Clone)]
pub(super) enum Arrow {
    /// A function declared at the top of a module.
    Function(FunctionId),
    /// A closure.
    Closure {
        /// Its parameters and body.
        function: FunctionId,
        /// What the names around it were when it was defined.
        captured: Rc<Environment>,
        /// Where it was defined; `None` if it runs wherever it is called.
        place: Option<PlaceId>,
    },
    /// A method of a service.
    Method {
        /// The service's id.
        service: TermId,
        /// The method.
        method: Name,
        /// Its arrow type.
        ty: TypeId,
    },
    /// A function of the host that started the program.
    Callback {
        /// The parameter's name.
        name: Name,
        /// Its arrow type.
        ty: TypeId,
    },
}

/// What the locals of a function are, and of the functions around it if it is a closure.
#[derive(Debug, Default)]
pub(super) struct Environment {
    locals: HashMap<LocalId, Binding>,
    around: Option<Rc<Self>>,
}

impl Environment {
    /// Nothing of its own, inside another.
    pub(super) fn inside(around: Option<Rc<Self>>) -> Self {
        Self { locals: HashMap::new(), around }
    }

    /// Says what a local is.
    pub(super) fn bind(&mut self, local: LocalId, binding: Binding) {
        self.locals.insert(local, binding);
    }

    /// What a local is, if its definition was met.
    pub(super) fn find(&self, local: LocalId) -> Option<&Binding> {
        let mut environment = self;
        loop {
            if let Some(binding) = environment.locals.get(&local) {
                return Some(binding);
            }
            environment = environment.around.as_deref()?;
        }
    }

    /// Everything bound so far, to be shared; what is bound later is not in it.
    pub(super) fn freeze(&mut self) -> Rc<Self> {
        let frozen = Rc::new(std::mem::take(self));
        self.around = Some(Rc::clone(&frozen));
        frozen
    }
}
