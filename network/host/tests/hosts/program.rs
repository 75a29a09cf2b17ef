//! Programs for the tests: calls one after the other, each with the result of the one before.

use aquac_ir::{Builder, Expr, ExprId, Node, Output, PeerId, Place, Value, encode};

/// A call: where, through whom, and what.
pub(crate) struct Step {
    pub(crate) peer: PeerId,
    pub(crate) via: Vec<PeerId>,
    pub(crate) call: &'static str,
}

/// A call on a peer.
pub(crate) fn on(peer: PeerId, call: &'static str) -> Step {
    Step { peer, via: Vec::new(), call }
}

/// What comes after the calls.
pub(crate) enum End {
    /// The last result is the program's.
    Return,
    /// Nothing ever.
    Never,
}

/// The program: the first call gets `"start"`.
pub(crate) fn chain(steps: Vec<Step>, end: End) -> Vec<u8> {
    let mut builder = Builder::new();
    let seq = builder.open(Node::Seq(0));
    let mut last = builder.constant(Value::text("start"));
    for step in steps {
        last = call(&mut builder, &step, last);
    }
    builder.leaf(match end {
        End::Return => Node::Return { values: [last].into() },
        End::Never => Node::Never,
    });
    builder.close(seq);
    encode(&builder.finish())
}

/// The program: every call gets these arguments, and the last result is the program's.
pub(crate) fn call_with(steps: Vec<Step>, args: Vec<Value>) -> Vec<u8> {
    let mut builder = Builder::new();
    let seq = builder.open(Node::Seq(0));
    let args: Vec<ExprId> = args.into_iter().map(|value| builder.constant(value)).collect();
    let results: Vec<ExprId> =
        steps.iter().map(|step| call_many(&mut builder, step, args.clone())).collect();
    builder.leaf(Node::Return { values: results.last().copied().into_iter().collect() });
    builder.close(seq);
    encode(&builder.finish())
}

fn call(builder: &mut Builder, step: &Step, argument: ExprId) -> ExprId {
    call_many(builder, step, vec![argument])
}

/// One call with these arguments; its result.
pub(crate) fn call_many(builder: &mut Builder, step: &Step, args: Vec<ExprId>) -> ExprId {
    let (service, function) = step.call.split_once('.').unwrap();
    let text = |builder: &mut Builder, text: &str| builder.constant(Value::text(text));
    let peer = text(builder, &step.peer.to_string());
    let via = step.via.iter().map(|relay| text(builder, &relay.to_string())).collect();
    let place = builder.place(Place { peer, via });
    let (service, function) = (text(builder, service), text(builder, function));
    let slot = builder.slot();
    let output = Output::Slot(slot);
    let args = args.into();
    builder.leaf(Node::Call { place, service, function, args, output, returns: None });
    builder.expr(Expr::Slot(slot))
}
