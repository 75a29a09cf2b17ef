//! Branches: many peers at once, and where their results meet.

use aquac_ir::{
    Expr, ExprId, Fact, Iterable, Last, LoopMode, Node, Output, Place, PlaceId, StreamKind, Value,
};
use aquac_sim::{Setup, World};

use crate::stage::{Author, assert_once, calls, finish, hops, returned, services, start};

const SERVICES: &str = r#"[["*/s/bad",{"err":[1,"no"]}],["*","name"]]"#;

fn here(author: &mut Author) -> PlaceId {
    let peer = author.builder.expr(Expr::Fact(Fact::Initiator));
    author.builder.place(Place { peer, via: Box::default() })
}

fn ids(setup: &Setup, names: &[String]) -> Vec<Value> {
    let id = |name: &String| Value::text(&setup.signing.keys(name).signer.peer().to_string());
    names.iter().map(id).collect()
}

/// `for p <- ps par: on p (via relay): s <- f(p); join s[n - 1]; <- s`, the join where it began.
pub(crate) fn fan_out(setup: &Setup, workers: &[String], via: Option<&str>) -> Vec<u8> {
    let mut author = Author::new(setup);
    let stream = author.builder.stream(StreamKind::List);
    let array = author.builder.constant(Value::array(ids(setup, workers)).unwrap());
    let scope = author.builder.open(Node::Scope { streams: Box::new([stream]) });
    let seq = author.builder.open(Node::Seq(0));
    let item = author.builder.slot();
    let each = author.builder.open(Node::For {
        iterable: Iterable::Array(array),
        item,
        mode: LoopMode::Parallel,
        last: Last::Complete,
    });
    let peer = author.read(item);
    let via: Box<[ExprId]> = via
        .map(|relay| author.text(&setup.signing.keys(relay).signer.peer().to_string()))
        .into_iter()
        .collect();
    let place = author.builder.place(Place { peer, via });
    let (service, function) = (author.text("s"), author.text("f"));
    author.builder.leaf(Node::Call {
        place,
        service,
        function,
        args: Box::new([peer]),
        output: Output::Stream(stream),
        returns: None,
    });
    author.builder.close(each);
    let count = author.builder.constant(Value::from(i64::try_from(workers.len()).unwrap()));
    let slot = author.builder.slot();
    let place = here(&mut author);
    author.builder.leaf(Node::Await { place, stream, count, slot });
    let all = author.read(slot);
    author.give_back(&[all]);
    author.builder.close(seq);
    author.builder.close(scope);
    author.finish()
}

pub(crate) fn workers(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("w{number}")).collect()
}

pub(crate) fn crowd(count: usize, more: &[&str]) -> Setup {
    let mut setup = Setup::new(more, 1);
    setup.peers.extend(workers(count));
    setup
}

#[test]
fn a_fan_out_with_a_join_takes_one_message_to_each_and_one_back() {
    for count in [1, 3, 10, 30] {
        let setup = crowd(count, &["client"]);
        let mut world = World::new(&setup, services(SERVICES));
        let program = fan_out(&setup, &workers(count), None);
        let id = start(&mut world, "client", program, vec![]);
        finish(&mut world);
        assert_eq!(hops(&world).len(), 2 * count);
        assert_eq!(returned(&world, id)[0].as_array().unwrap().len(), count);
        assert_once(&world);
    }
}

#[test]
fn through_a_shared_relay_the_way_out_is_one_message() {
    let count = 10;
    let mut setup = crowd(count, &["client", "relay"]);
    setup.clients.insert("client".to_owned(), "relay".to_owned());
    let mut world = World::new(&setup, services(SERVICES));
    world.run_until_quiet(10, 1000);
    let program = fan_out(&setup, &workers(count), Some("relay"));
    let id = start(&mut world, "client", program, vec![]);
    finish(&mut world);
    returned(&world, id);
    let from_client = hops(&world).iter().filter(|hop| hop.starts_with("client")).count();
    assert_eq!(from_client, 1);
    assert_eq!(hops(&world).len(), 1 + 3 * count);
    assert_once(&world);
}

/// `par: x <- A.f() / y <- B.f()`, then `z <- C.f(x, y)`.
#[test]
fn two_branches_meet_where_both_results_are_needed() {
    let setup = Setup::new(&["client", "A", "B", "C"], 1);
    let mut author = Author::new(&setup);
    let (a, b, c) = (author.place("A", &[]), author.place("B", &[]), author.place("C", &[]));
    let seq = author.builder.open(Node::Seq(0));
    let par = author.builder.open(Node::Par(0));
    let x = author.call(a, "f", &[]);
    let y = author.call(b, "f", &[]);
    author.builder.close(par);
    let (x, y) = (author.read(x), author.read(y));
    let z = author.call(c, "f", &[x, y]);
    let z = author.read(z);
    author.give_back(&[z]);
    author.builder.close(seq);
    let mut world = World::new(&setup, services(SERVICES));
    let id = start(&mut world, "client", author.finish(), vec![]);
    finish(&mut world);
    returned(&world, id);
    assert_eq!(calls(&world).len(), 3);
    let to_c = hops(&world).iter().filter(|hop| hop.ends_with("->C")).count();
    assert!(to_c <= 2, "{:?}", hops(&world));
    assert_once(&world);
}

/// `try: on A: bad() / otherwise: on B: f(error)`.
#[test]
fn an_error_is_caught_at_the_next_peer_without_the_client() {
    let setup = Setup::new(&["client", "A", "B"], 1);
    let mut author = Author::new(&setup);
    let (a, b) = (author.place("A", &[]), author.place("B", &[]));
    let seq = author.builder.open(Node::Seq(0));
    let error = author.builder.slot();
    let catch = author.builder.open(Node::Try { error: Some(error) });
    author.call(a, "bad", &[]);
    let read = author.read(error);
    let handled = author.call(b, "f", &[read]);
    author.builder.close(catch);
    let handled = author.read(handled);
    author.give_back(&[handled]);
    author.builder.close(seq);
    let mut world = World::new(&setup, services(SERVICES));
    let id = start(&mut world, "client", author.finish(), vec![]);
    finish(&mut world);
    assert_eq!(hops(&world), ["client->A", "A->B", "B->client"]);
    assert_eq!(returned(&world, id), [Value::text("s.f")]);
}

#[test]
fn an_error_that_nobody_catches_ends_the_run_at_the_client() {
    let setup = Setup::new(&["client", "A", "B"], 1);
    let mut author = Author::new(&setup);
    let (a, b) = (author.place("A", &[]), author.place("B", &[]));
    let seq = author.builder.open(Node::Seq(0));
    author.call(a, "bad", &[]);
    author.call(b, "f", &[]);
    author.builder.close(seq);
    let mut world = World::new(&setup, services(SERVICES));
    let id = start(&mut world, "client", author.finish(), vec![]);
    finish(&mut world);
    assert_eq!(hops(&world), ["client->A", "A->client"]);
    let ending = world.trace.endings.get(&id).unwrap();
    assert!(
        matches!(ending, aquac_peer::Ending::Failed { fault, .. } if fault.code.number() == 10000)
    );
}

#[test]
fn a_run_that_waits_for_a_value_that_nobody_makes_is_quiet_and_says_where() {
    let setup = Setup::new(&["client", "A"], 1);
    let mut author = Author::new(&setup);
    let a = author.place("A", &[]);
    let seq = author.builder.open(Node::Seq(0));
    author.call(a, "f", &[]);
    author.builder.leaf(Node::Never);
    author.builder.close(seq);
    let mut world = World::new(&setup, services(SERVICES));
    let id = start(&mut world, "client", author.finish(), vec![]);
    finish(&mut world);
    assert!(world.elapsed() < 300);
    let waiting: Vec<_> = world.peers().flat_map(|peer| peer.waiting(&id)).collect();
    assert!(!waiting.is_empty());
    assert_eq!(world.trace.endings.get(&id), None);
}
