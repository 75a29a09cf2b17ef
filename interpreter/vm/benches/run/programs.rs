//! The programs that are run, made node by node.

use std::sync::Arc;

use aquac_ir::{
    Builder, Expr, ExprId, Fact, Iterable, Last, LoopMode, Node, Output, PeerId, Place, PlaceId,
    StreamKind, Value, VerifiedProgram,
};

fn done(builder: Builder) -> Arc<VerifiedProgram> {
    Arc::new(VerifiedProgram::new(builder.finish()).expect("the bench's programs are right"))
}

fn peer(b: &mut Builder, id: PeerId) -> PlaceId {
    let peer = b.constant(Value::text(&id.to_string()));
    b.place(Place { peer, via: Box::default() })
}

fn here(b: &mut Builder) -> PlaceId {
    let peer = b.expr(Expr::Fact(Fact::Initiator));
    b.place(Place { peer, via: Box::default() })
}

fn call(b: &mut Builder, place: PlaceId, args: Box<[ExprId]>, output: Output) {
    let (service, function) = (b.constant(Value::text("s")), b.constant(Value::text("f")));
    b.leaf(Node::Call { place, service, function, args, output, returns: None });
}

/// Does nothing.
pub(crate) fn null() -> Arc<VerifiedProgram> {
    let mut b = Builder::new();
    b.leaf(Node::Null);
    done(b)
}

/// So many calls, each with the result of the one before, at these peers in turn.
pub(crate) fn chain(length: usize, peers: &[PeerId]) -> Arc<VerifiedProgram> {
    let mut b = Builder::new();
    let seq = b.open(Node::Seq(0));
    let mut value = b.constant(Value::from(0_i64));
    for id in peers.iter().cycle().take(length) {
        let (place, slot) = (peer(&mut b, *id), b.slot());
        call(&mut b, place, Box::new([value]), Output::Slot(slot));
        value = b.expr(Expr::Slot(slot));
    }
    b.leaf(Node::Return { values: Box::new([value]) });
    b.close(seq);
    done(b)
}

/// So many calls at one peer, all at once.
pub(crate) fn branches(count: usize, id: PeerId) -> Arc<VerifiedProgram> {
    let mut b = Builder::new();
    let par = b.open(Node::Par(0));
    for number in 0..count {
        let (place, slot) = (peer(&mut b, id), b.slot());
        let value = b.constant(Value::from(number as u64));
        call(&mut b, place, Box::new([value]), Output::Slot(slot));
    }
    b.close(par);
    done(b)
}

/// Two peers, each with a chain of its own beside the other's.
pub(crate) fn two_chains(length: usize, peers: [PeerId; 2]) -> Arc<VerifiedProgram> {
    let mut b = Builder::new();
    let par = b.open(Node::Par(0));
    for id in peers {
        let seq = b.open(Node::Seq(0));
        for number in 0..length {
            let (place, slot) = (peer(&mut b, id), b.slot());
            let value = b.constant(Value::from(number as u64));
            call(&mut b, place, Box::new([value]), Output::Slot(slot));
        }
        b.close(seq);
    }
    b.close(par);
    done(b)
}

/// So many values pushed to a stream in parallel, then all of them fixed.
pub(crate) fn pushes(count: usize) -> Arc<VerifiedProgram> {
    let mut b = Builder::new();
    let stream = b.stream(StreamKind::List);
    let seq = b.open(Node::Seq(0));
    let par = b.open(Node::Par(0));
    for number in 0..count {
        let value = b.constant(Value::from(number as u64));
        b.leaf(Node::Push { stream, key: None, value });
    }
    b.close(par);
    let (place, slot) = (here(&mut b), b.slot());
    let number = b.constant(Value::from(count as u64));
    b.leaf(Node::Await { place, stream, count: number, slot });
    let all = b.expr(Expr::Slot(slot));
    b.leaf(Node::Return { values: Box::new([all]) });
    b.close(seq);
    done(b)
}

/// A call at each of these peers at once, joined at the initiator.
pub(crate) fn fan_out(peers: &[PeerId]) -> Arc<VerifiedProgram> {
    let mut b = Builder::new();
    let stream = b.stream(StreamKind::List);
    let seq = b.open(Node::Seq(0));
    let ids = peers.iter().map(|id| Value::text(&id.to_string())).collect();
    let array = b.constant(Value::array(ids).expect("a list of texts is flat"));
    let (item, mode, last) = (b.slot(), LoopMode::Parallel, Last::Complete);
    let each = b.open(Node::For { iterable: Iterable::Array(array), item, mode, last });
    let peer = b.expr(Expr::Slot(item));
    let place = b.place(Place { peer, via: Box::default() });
    call(&mut b, place, Box::new([peer]), Output::Stream(stream));
    b.close(each);
    let (place, slot) = (here(&mut b), b.slot());
    let count = b.constant(Value::from(peers.len() as u64));
    b.leaf(Node::Await { place, stream, count, slot });
    let all = b.expr(Expr::Slot(slot));
    b.leaf(Node::Return { values: Box::new([all]) });
    b.close(seq);
    done(b)
}
