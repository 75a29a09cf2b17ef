//! What one initiator may use, and that others get their share.

use aquac_ir::{Expr, Iterable, Last, LoopMode, Node, Output, PeerId, StreamKind, Value};
use aquac_peer::wire::{Frame, FrameId, Item, Push, Take, Want, encode};
use aquac_peer::{Ending, PeerLimits, Reason};
use aquac_sim::{Setup, World};

use crate::branches::{crowd, fan_out, workers};
use crate::stage::{Author, MANY, assert_once, chain, finish, returned, services, start};

fn setup(limits: PeerLimits) -> Setup {
    let mut setup = Setup::new(&["client", "other", "bank"], 1);
    setup.limits = limits;
    setup
}

fn was_refused(world: &World, name: &str, reason: Reason) -> bool {
    let peer = world.names.id(name).unwrap();
    world.trace.refusals(peer).any(|refusal| refusal == reason)
}

#[test]
fn a_flood_of_calls_leaves_another_initiator_its_turn() {
    let setup = setup(PeerLimits { calls: 2, ..PeerLimits::default() });
    let script = r#"[["bank/s/f",{"delay_ms":100,"then":"echo"}]]"#;
    let mut world = World::new(&setup, services(script));
    let program = chain(&setup, &[("bank", &[])]);
    let flood: Vec<_> =
        (0..60).map(|_| start(&mut world, "client", program.clone(), vec![])).collect();
    world.run_until_quiet(50, MANY);
    let one = start(&mut world, "other", program, vec![]);
    world.run_until_quiet(400, MANY);
    returned(&world, one);
    assert!(world.trace.endings.len() < 12, "two calls at a time");
    finish(&mut world);
    flood.iter().for_each(|id| drop(returned(&world, *id)));
    assert_once(&world);
}

/// `par` of so many `try: x <- on bank: f() / otherwise: s <- the error's code`.
fn tries(setup: &Setup, count: usize) -> Vec<u8> {
    let mut author = Author::new(setup);
    let bank = author.place("bank", &[]);
    let word = author.text("x");
    let stream = author.builder.stream(StreamKind::List);
    let scope = author.builder.open(Node::Scope { streams: Box::new([stream]) });
    let seq = author.builder.open(Node::Seq(0));
    let par = author.builder.open(Node::Par(0));
    for _ in 0..count {
        let error = author.builder.slot();
        let attempt = author.builder.open(Node::Try { error: Some(error) });
        let body = author.builder.open(Node::Seq(0));
        author.call(bank, "f", &[word]);
        let fine = author.builder.constant(Value::from(0_i64));
        author.builder.leaf(Node::Push { stream, key: None, value: fine });
        author.builder.close(body);
        let read = author.read(error);
        let name = author.builder.text("error_code");
        let code = author.builder.expr(Expr::Field { of: read, name });
        author.builder.leaf(Node::Push { stream, key: None, value: code });
        author.builder.close(attempt);
    }
    author.builder.close(par);
    let place = author.place("client", &[]);
    let number = author.builder.constant(Value::from(i64::try_from(count).unwrap()));
    let slot = author.builder.slot();
    author.builder.leaf(Node::Await { place, stream, count: number, slot });
    let all = author.read(slot);
    author.give_back(&[all]);
    author.builder.close(seq);
    author.builder.close(scope);
    author.finish()
}

#[test]
fn a_call_for_which_there_is_no_room_fails_where_a_try_sees_it() {
    let setup = setup(PeerLimits { calls: 1, calls_waiting: 2, ..PeerLimits::default() });
    let script = r#"[["bank/s/f",{"delay_ms":100,"then":"echo"}]]"#;
    let mut world = World::new(&setup, services(script));
    let id = start(&mut world, "client", tries(&setup, 5), vec![]);
    finish(&mut world);
    assert_eq!(returned(&world, id)[0].to_string(), "[0,0,11004,11004,11004]");
    assert!(was_refused(&world, "bank", Reason::Overloaded));
}

#[test]
fn an_answer_for_which_there_is_no_room_fails_where_a_try_sees_it() {
    let setup = setup(PeerLimits { bytes_per_particle: 10_000, ..PeerLimits::default() });
    let large = "x".repeat(6_000);
    let script = format!(r#"[["bank/s/f",{{"ok":"{large}"}}]]"#);
    let mut world = World::new(&setup, services(&script));
    let id = start(&mut world, "client", tries(&setup, 2), vec![]);
    finish(&mut world);
    assert_eq!(returned(&world, id)[0].to_string(), "[0,11005]");
    assert!(was_refused(&world, "bank", Reason::TooLarge));
}

#[test]
fn an_initiator_that_keeps_too_much_here_comes_again_later() {
    let setup = setup(PeerLimits { bytes_per_initiator: 10_000, ..PeerLimits::default() });
    let mut world = World::new(&setup, services(r#"[["*","echo"]]"#));
    let program = chain(&setup, &[("bank", &[])]);
    let mut large = Author::new(&setup);
    let bank = large.place("bank", &[]);
    let seq = large.builder.open(Node::Seq(0));
    let word = large.text(&"x".repeat(8_000));
    let slot = large.call(bank, "f", &[word]);
    let back = large.read(slot);
    large.give_back(&[back]);
    large.builder.close(seq);
    let large = large.finish();
    let client = world.names.id("client").unwrap();
    let limits = aquac_ir::Limits::default;
    // It ends after a second, and with it what it kept.
    world.run(client, large.clone(), vec![], 1_000, limits()).unwrap();
    world.run_until_quiet(100, MANY);
    let second = world.run(client, large, vec![], 20_000, limits()).unwrap();
    let other = start(&mut world, "other", program, vec![]);
    world.run_until_quiet(500, MANY);
    returned(&world, other);
    assert!(was_refused(&world, "bank", Reason::Overloaded));
    world.run_until_quiet(20_000, MANY);
    assert!(!matches!(world.trace.endings.get(&second), None | Some(Ending::Expired { .. })));
}

#[test]
fn a_run_sends_to_no_more_peers_than_it_may() {
    let count = 20;
    let mut setup = crowd(count, &["client"]);
    setup.limits.fan_out = 5;
    let mut world = World::new(&setup, services(r#"[["*","echo"]]"#));
    start(&mut world, "client", fan_out(&setup, &workers(count), None), vec![]);
    world.run_until_quiet(1_000, MANY);
    assert_eq!(world.trace.calls.len(), 5);
    assert!(was_refused(&world, "client", Reason::Quota));
}

/// `s <<- x`, then `for i <- s: s <<- i` for ever, at a peer that has to follow it.
fn endless(setup: &Setup) -> Vec<u8> {
    let mut author = Author::new(setup);
    let bank = author.place("bank", &[]);
    let word = author.text("x");
    let stream = author.builder.stream(StreamKind::List);
    let scope = author.builder.open(Node::Scope { streams: Box::new([stream]) });
    let seq = author.builder.open(Node::Seq(0));
    let (service, function) = (author.text("s"), author.text("f"));
    author.builder.leaf(Node::Call {
        place: bank,
        service,
        function,
        args: Box::new([word]),
        output: Output::Stream(stream),
        returns: None,
    });
    let item = author.builder.slot();
    let each = author.builder.open(Node::For {
        iterable: Iterable::Live(stream),
        item,
        mode: LoopMode::Parallel,
        last: Last::Complete,
    });
    let again = author.read(item);
    author.builder.leaf(Node::Push { stream, key: None, value: again });
    author.builder.close(each);
    author.builder.leaf(Node::Never);
    author.builder.close(seq);
    author.builder.close(scope);
    author.finish()
}

#[test]
fn a_run_that_never_ends_leaves_another_initiator_its_turn_and_stops_at_its_budget() {
    let limits = PeerLimits { fuel: 100, fuel_per_second: 1_000, ..PeerLimits::default() };
    let setup = setup(limits);
    let mut world = World::new(&setup, services(r#"[["*","echo"]]"#));
    let limits = aquac_ir::Limits { stream_elements: u32::MAX, ..aquac_ir::Limits::default() };
    let client = world.names.id("client").unwrap();
    world.run(client, endless(&setup), vec![], 10_000, limits).unwrap();
    world.run_until_quiet(20, MANY);
    let one = start(&mut world, "other", chain(&setup, &[("bank", &[])]), vec![]);
    world.run_until_quiet(200, MANY);
    returned(&world, one);
    world.run_until_quiet(9_000, MANY);
    let bank = world.peer(world.names.id("bank").unwrap()).unwrap();
    let work: u64 =
        bank.particles().iter().filter_map(|id| bank.run(id)).map(|run| run.work().events).sum();
    // Five seconds saved up, and nine that passed.
    assert!((9_000..20_000).contains(&work), "{work}");
}

/// Whom a parcel passed is what its sender says. Each name is remembered, and takes room.
#[test]
fn one_who_speaks_under_many_names_takes_a_part_of_the_room_and_no_more() {
    let setup = setup(PeerLimits { bytes_per_particle: 64 << 10, ..PeerLimits::default() });
    let mut world = World::new(&setup, services(r#"[["*",{"delay_ms":9000,"then":"echo"}]]"#));
    let id = start(&mut world, "client", chain(&setup, &[("bank", &[])]), vec![]);
    world.run_until(50);
    let (other, bank) = (world.names.id("other").unwrap(), world.names.id("bank").unwrap());
    for number in 0..1000_u64 {
        let mut name = [7; 32];
        name[..8].copy_from_slice(&number.to_le_bytes());
        let push = Push {
            id: FrameId(number),
            particle: id,
            expires: u64::MAX,
            trail: vec![PeerId(name)],
            take: Take::All,
            hops: Vec::new(),
            items: vec![Item::Knows(Vec::new()).to_bytes()],
        };
        world.inject(other, bank, encode(&Frame::Push(push)));
    }
    assert!(was_refused(&world, "bank", Reason::Quota), "so many names are too many");
    finish(&mut world);
    assert_eq!(returned(&world, id), [Value::text("begin")], "the run itself goes on");
}

/// Questions in another's name are counted as those of the neighbour who brought them.
#[test]
fn who_asks_in_the_name_of_another_uses_up_its_own_questions() {
    let setup = setup(PeerLimits::default());
    let mut world = World::new(&setup, services(r#"[["*",{"delay_ms":9000,"then":"echo"}]]"#));
    let id = start(&mut world, "client", chain(&setup, &[("bank", &[])]), vec![]);
    world.run_until(50);
    let [client, other, bank] =
        ["client", "other", "bank"].map(|name| world.names.id(name).unwrap());
    let refused = |world: &World| {
        world.trace.refusals(bank).filter(|reason| *reason == Reason::Quota).count()
    };
    let ask = |world: &mut World, number: u64, trail: Vec<PeerId>, from: PeerId| {
        let want = Want { header: true, ..Want::default() };
        let push = Push {
            id: FrameId(number),
            particle: id,
            expires: u64::MAX,
            trail,
            take: Take::All,
            hops: Vec::new(),
            items: vec![Item::Want(want).to_bytes()],
        };
        world.inject(from, bank, encode(&Frame::Push(push)));
    };
    for number in 0..5_000 {
        ask(&mut world, 1_000_000 + number, vec![client], other);
    }
    let forged = refused(&world);
    assert!(forged > 500, "{forged}");
    ask(&mut world, 2_000_000, Vec::new(), client);
    assert_eq!(refused(&world), forged, "the client itself is answered");
}

#[test]
fn a_peer_that_may_make_no_more_records_says_so_before_it_calls_again() {
    let usual = aquac_ir::Limits::default;
    let few = [
        aquac_ir::Limits { records_per_peer: 4, ..usual() },
        aquac_ir::Limits { turns_per_peer: 4, ..usual() },
    ];
    for limits in few {
        let setup = setup(PeerLimits::default());
        let mut world = World::new(&setup, services(r#"[["*","echo"]]"#));
        // Each is on another peer than the one before: a turn for each record.
        let places: Vec<(&str, &[&str])> =
            (0..12).map(|at| (["bank", "other"][at % 2], &[][..])).collect();
        let program = chain(&setup, &places);
        let client = world.names.id("client").unwrap();
        let id = world.run(client, program, vec![], 60_000, limits).unwrap();
        finish(&mut world);
        let Some(Ending::Failed { fault, .. }) = world.trace.endings.get(&id) else {
            panic!("{:?}", world.trace.endings)
        };
        assert_eq!(
            fault.to_string(),
            format!(
                "this peer has no room for more: the run allows it {} records in {} turns (11005)",
                limits.records_per_peer, limits.turns_per_peer
            )
        );
        let made = |name| world.trace.calls.iter().filter(|call| call.peer == name).count();
        let [bank, other] = ["bank", "other"].map(|name| world.names.id(name).unwrap());
        assert_eq!([made(bank), made(other)], [3, 3]);
    }
}
