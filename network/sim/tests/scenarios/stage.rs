//! Programs and worlds that several scenarios use.

use aquac_ir::{
    Builder, Expr, ExprId, Limits, Node, Output, ParticleId, Place, PlaceId, Program, SlotId,
    Value, VerifiedProgram, encode,
};
use aquac_peer::Ending;
use aquac_sim::{Script, Setup, Stop, World};

/// Events that no scenario here needs.
pub(crate) const MANY: u64 = 2_000_000;

/// Makes programs of calls.
pub(crate) struct Author {
    pub(crate) builder: Builder,
    pub(crate) setup: Setup,
}

impl Author {
    pub(crate) fn new(setup: &Setup) -> Self {
        Self { builder: Builder::new(), setup: setup.clone() }
    }

    pub(crate) fn text(&mut self, text: &str) -> ExprId {
        self.builder.constant(Value::text(text))
    }

    /// The peer with this name, reached through relays.
    pub(crate) fn place(&mut self, peer: &str, via: &[&str]) -> PlaceId {
        let mut id = |name: &str| {
            let peer = self.setup.signing.keys(name).signer.peer();
            self.builder.constant(Value::text(&peer.to_string()))
        };
        let peer = id(peer);
        let via = via.iter().map(|name| id(name)).collect();
        self.builder.place(Place { peer, via })
    }

    /// `slot <- s.function(args)` at a place.
    pub(crate) fn call(&mut self, place: PlaceId, function: &str, args: &[ExprId]) -> SlotId {
        self.ask(place, "s", function, args)
    }

    /// `slot <- service.function(args)` at a place.
    pub(crate) fn ask(
        &mut self,
        place: PlaceId,
        service: &str,
        function: &str,
        args: &[ExprId],
    ) -> SlotId {
        let service = self.text(service);
        let function = self.text(function);
        let slot = self.builder.slot();
        self.builder.leaf(Node::Call {
            place,
            service,
            function,
            args: args.into(),
            output: Output::Slot(slot),
            returns: None,
        });
        slot
    }

    pub(crate) fn read(&mut self, slot: SlotId) -> ExprId {
        self.builder.expr(Expr::Slot(slot))
    }

    pub(crate) fn give_back(&mut self, values: &[ExprId]) {
        self.builder.leaf(Node::Return { values: values.into() });
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        let program: Program = self.builder.finish();
        let bytes = encode(&program);
        VerifiedProgram::from_bytes(&bytes).expect("the scenario's program verifies");
        bytes
    }
}

/// The answer of each peer to the one before it: `x0 <- A.f("begin"); x1 <- B.f(x0); …; return`.
pub(crate) fn chain(setup: &Setup, places: &[(&str, &[&str])]) -> Vec<u8> {
    let mut author = Author::new(setup);
    let seq = author.builder.open(Node::Seq(0));
    let mut value = author.text("begin");
    for (peer, via) in places {
        let place = author.place(peer, via);
        let slot = author.call(place, "f", &[value]);
        value = author.read(slot);
    }
    author.give_back(&[value]);
    author.builder.close(seq);
    author.finish()
}

/// Every peer's service answers with its own name and what it was asked.
pub(crate) fn services(json: &str) -> Box<Script> {
    Box::new(Script::new(serde_json::from_str(json).unwrap()))
}

pub(crate) fn start(world: &mut World, at: &str, program: Vec<u8>, args: Vec<Value>) -> ParticleId {
    let peer = world.names.id(at).unwrap();
    world.run(peer, program, args, 60_000, Limits::default()).unwrap()
}

/// Runs until quiet, which must come before the deadline.
pub(crate) fn finish(world: &mut World) {
    assert_eq!(world.run_until_quiet(60_000, MANY), Stop::Quiet);
}

pub(crate) fn returned(world: &World, id: ParticleId) -> Vec<Value> {
    match world.trace.endings.get(&id) {
        Some(Ending::Returned(values)) => values.clone(),
        other => panic!("the run did not return: {other:?}; reports {:#?}", world.trace.reports),
    }
}

/// `A->B` for each message, in order.
pub(crate) fn hops(world: &World) -> Vec<String> {
    let name = |id| world.names.name(id);
    world.trace.messages.iter().map(|m| format!("{}->{}", name(m.from), name(m.to))).collect()
}

/// `peer: function(args)` for each call, in order.
pub(crate) fn calls(world: &World) -> Vec<String> {
    let line = |asked: &aquac_sim::Asked| {
        let args: Vec<String> =
            asked.call.args.iter().map(|argument| argument.value.to_string()).collect();
        format!(
            "{}: {}({})",
            world.names.name(asked.peer),
            asked.call.function,
            world.names.shorten(&args.join(","))
        )
    };
    world.trace.calls.iter().map(line).collect()
}

/// Nothing was done twice, and every run ended once.
pub(crate) fn assert_once(world: &World) {
    let twice: Vec<_> = world.trace.effects.iter().filter(|(_, times)| **times > 1).collect();
    assert!(twice.is_empty(), "done twice: {twice:?}");
    assert_eq!(world.trace.more_endings, 0);
}
