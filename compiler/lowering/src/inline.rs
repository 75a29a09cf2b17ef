//! From a checked function to a [`Plan`]: every call of a function, closure or ability becomes a
//! copy of its body, and what the language says in one word becomes steps.
//!
//! One walk does both, because both need the same thing: what each local *is* here. Values are
//! terms, streams are streams; functions, abilities and services exist only during this walk.
//! Recursion is impossible by scoping, so the walk ends; how deep and how large it gets is
//! bounded by [`MAX_DEPTH`] and [`MAX_STEPS`].

mod binding;
mod call;
mod collection;
mod expression;
mod host;
mod loops;
mod map;
mod statement;

use std::collections::HashMap;
use std::rc::Rc;

use aquac_base::{Name, Span};
use aquac_ir::Fact;
use aquac_semantics::Typed;
use aquac_semantics::hir::{Block, FunctionId, Program};

use crate::Relay;
use crate::error::LowerError;
use crate::place::place;
use crate::placed::Placed;
use crate::plan::{PlaceId, Plan, PlanKind, Pools, StreamId};
use crate::terms::{MAX_TERM_DEPTH, SlotId, Term, TermId};
use binding::{Binding, Environment};

/// Blocks, expressions and calls inside each other, calls written out. Bounds the recursion of
/// this walk and keeps programs below [`aquac_ir::limits::MAX_NODE_DEPTH`].
pub(crate) const MAX_DEPTH: u32 = 400;
/// Steps of one plan. A plan that would have more is refused.
pub(crate) const MAX_STEPS: u32 = 1 << 18;

/// A function with everything that it calls written out.
#[derive(Debug)]
pub(crate) struct Inlined {
    /// What it does.
    pub(crate) plan: Plan,
    /// What the steps refer to.
    pub(crate) pools: Pools,
    /// Where the initiator is.
    pub(crate) root: PlaceId,
    /// Parameters that are values.
    pub(crate) parameters: Vec<Parameter>,
    /// Names of the parameters that are functions.
    pub(crate) callbacks: Vec<Name>,
    /// Streams that are parameters: what else is written to them is not known here.
    pub(crate) given: Vec<StreamId>,
    /// For a step that was written out by a call: the call in the function itself.
    pub(crate) sites: HashMap<(Span, Option<StreamId>), Span>,
}

impl Inlined {
    /// The plan with a place on every step. What stays is what its steps refer to.
    pub(crate) fn take_placed(&mut self) -> Placed {
        let nothing = Plan::nothing(self.plan.span);
        place(std::mem::replace(&mut self.plan, nothing), self.root)
    }
}

pub(crate) use host::Parameter;

/// Writes a function out.
///
/// # Errors
///
/// Everything that is wrong, in the order in which the walk meets it.
pub(crate) fn inline(
    typed: &Typed,
    function: FunctionId,
    relay: Relay,
) -> Result<Inlined, Vec<LowerError>> {
    let mut pools = Pools::default();
    let initiator = pools.terms.intern(Term::Fact(Fact::Initiator));
    let relays = match relay {
        Relay::Used => vec![pools.terms.intern(Term::Fact(Fact::Host))],
        Relay::Unused => Vec::new(),
    };
    let root = pools.place(initiator, relays);
    let mut inliner = Inliner {
        typed,
        relay,
        pools,
        out: Vec::new(),
        streams: Vec::new(),
        here: root,
        root,
        fault: None,
        environment: Environment::default(),
        depth: 0,
        steps: 0,
        given: Vec::new(),
        site: None,
        sites: HashMap::new(),
        errors: Vec::new(),
    };
    let (parameters, callbacks) = inliner.exported(function);
    let span = inliner.program().functions[function].span;
    let body = Plan::sequence(std::mem::take(&mut inliner.out), span);
    let plan = scoped(std::mem::take(&mut inliner.streams), body);
    if inliner.errors.is_empty() {
        let Inliner { pools, given, sites, .. } = inliner;
        Ok(Inlined { plan, pools, root, parameters, callbacks, given, sites })
    } else {
        Err(inliner.errors)
    }
}

/// The body with streams that are fresh each time it starts.
fn scoped(streams: Vec<StreamId>, body: Plan) -> Plan {
    if streams.is_empty() {
        return body;
    }
    let span = body.span;
    Plan { kind: PlanKind::Scope { streams, body: Box::new(body) }, span }
}

struct Inliner<'a> {
    typed: &'a Typed,
    relay: Relay,
    pools: Pools,
    /// Steps of the sequence that is being written.
    out: Vec<Plan>,
    /// Streams made since the innermost loop body, or the program, began.
    streams: Vec<StreamId>,
    /// The place of the enclosing `on`.
    here: PlaceId,
    /// The initiator's place.
    root: PlaceId,
    /// The error that the innermost enclosing handler handles.
    fault: Option<SlotId>,
    /// What the locals of the function that is being written are.
    environment: Environment,
    depth: u32,
    steps: u32,
    /// See [`Inlined::given`].
    given: Vec<StreamId>,
    /// The outermost call that is being written out.
    site: Option<Span>,
    /// See [`Inlined::sites`].
    sites: HashMap<(Span, Option<StreamId>), Span>,
    errors: Vec<LowerError>,
}

impl<'a> Inliner<'a> {
    fn program(&self) -> &'a Program {
        &self.typed.program
    }

    /// Adds a step.
    fn step(&mut self, span: Span, kind: PlanKind) {
        self.steps += 1;
        if self.steps == MAX_STEPS {
            self.errors.push(LowerError::TooLarge { limit: MAX_STEPS, span });
        }
        if self.steps < MAX_STEPS {
            if let Some(site) = self.site {
                self.sites.entry((span, kind.stream())).or_insert(site);
            }
            self.out.push(Plan { kind, span });
        }
    }

    /// Whether the walk should stop, because the plan cannot become a program any more.
    fn is_hopeless(&self) -> bool {
        self.steps >= MAX_STEPS
    }

    /// What the walk writes, as a plan of its own.
    fn collect(&mut self, span: Span, write: impl FnOnce(&mut Self)) -> Plan {
        let outside = std::mem::take(&mut self.out);
        write(self);
        Plan::sequence(std::mem::replace(&mut self.out, outside), span)
    }

    /// One level deeper, unless that is too deep.
    fn deeper<T>(&mut self, span: Span, walk: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.is_hopeless() {
            return None;
        }
        if self.depth >= MAX_DEPTH {
            let reported = |error: &LowerError| matches!(error, LowerError::TooDeep { .. });
            if !self.errors.iter().any(reported) {
                self.errors.push(LowerError::TooDeep { span });
            }
            return None;
        }
        self.depth += 1;
        let result = walk(self);
        self.depth -= 1;
        Some(result)
    }

    /// What the walk writes happens at a place.
    fn at<T>(&mut self, place: PlaceId, span: Span, walk: impl FnOnce(&mut Self) -> T) -> T {
        if place == self.here {
            return walk(self);
        }
        let home = std::mem::replace(&mut self.here, place);
        let outside = std::mem::take(&mut self.out);
        let result = walk(self);
        let body = Plan::sequence(std::mem::replace(&mut self.out, outside), span);
        self.here = home;
        self.step(span, PlanKind::On { place, body: Box::new(body) });
        result
    }

    /// A body that starts again and again, so that its streams are fresh each time.
    fn repeated(&mut self, span: Span, write: impl FnOnce(&mut Self)) -> Plan {
        let outside = std::mem::take(&mut self.streams);
        let body = self.collect(span, write);
        scoped(std::mem::replace(&mut self.streams, outside), body)
    }

    /// A block as a plan.
    fn branch(&mut self, block: &'a Block, span: Span) -> Plan {
        self.collect(span, |inliner| inliner.block(block))
    }

    /// The value with a name, unless reading it again is as cheap as reading a name.
    fn named(&mut self, value: TermId, name: &Name, span: Span) -> TermId {
        if let Term::Slot(slot) = *self.pools.terms.get(value) {
            self.pools.terms.name_slot(slot, name);
        }
        if self.pools.terms.is_cheap(value) {
            return value;
        }
        let slot = self.pools.terms.slot(name.clone());
        self.step(span, PlanKind::Let { slot, value });
        self.pools.terms.read(slot)
    }

    /// The value, with a step of its own if it nests too deeply to be part of another one.
    fn shallow(&mut self, value: TermId, span: Span) -> TermId {
        if self.pools.terms.depth(value) < MAX_TERM_DEPTH {
            return value;
        }
        let slot = self.pools.terms.slot(Name::new(""));
        self.step(span, PlanKind::Let { slot, value });
        self.pools.terms.read(slot)
    }

    /// The walk with other locals in force.
    fn within<T>(&mut self, environment: Environment, walk: impl FnOnce(&mut Self) -> T) -> T {
        let outside = std::mem::replace(&mut self.environment, environment);
        let result = walk(self);
        self.environment = outside;
        result
    }

    /// The locals as they are now, for a closure.
    fn captured(&mut self) -> Rc<Environment> {
        self.environment.freeze()
    }

    /// What stands where something has no value; the reason has been reported.
    fn no_value(&mut self) -> Binding {
        Binding::Data(self.pools.terms.intern(Term::Const(aquac_ir::Value::Null)))
    }
}
