//! Floods by one initiator while another must finish: counted in virtual time and in what the
//! flooder got done meanwhile. However much waits, the other's share is its own.

use aquac_ir::{Node, ParticleId, Value};
use aquac_peer::PeerLimits;
use aquac_sim::{Setup, World};

use crate::stage::{Author, assert_once, chain, returned, services, start};

/// Milliseconds that a call takes.
const CALL: u64 = 10;
/// Calls at a time, for all and for one initiator.
const PLACES: (usize, usize) = (8, 4);
/// When the other begins: the flood is there.
const BEGINS: u64 = 60;

fn setup() -> Setup {
    let mut setup = Setup::new(&["flooder", "other", "bank", "relay"], 1);
    let (calls, calls_per_initiator) = PLACES;
    setup.limits = PeerLimits { calls, calls_per_initiator, ..PeerLimits::default() };
    setup
}

fn world(setup: &Setup) -> World {
    let large = "x".repeat(200_000);
    let script = format!(
        r#"[["bank/s/big",{{"delay_ms":{CALL},"then":{{"ok":"{large}"}}}}],
            ["bank/s/f",{{"delay_ms":{CALL},"then":"echo"}}],["*","echo"]]"#
    );
    World::new(setup, services(&script))
}

/// So many calls of the bank at once.
fn wide(setup: &Setup, count: usize, function: &str) -> Vec<u8> {
    let mut author = Author::new(setup);
    let bank = author.place("bank", &[]);
    let word = author.text("x");
    let par = author.builder.open(Node::Par(0));
    for _ in 0..count {
        author.call(bank, function, &[word]);
    }
    author.builder.close(par);
    author.finish()
}

/// Three calls of the bank, one after the other.
fn modest(setup: &Setup) -> Vec<u8> {
    chain(setup, &[("bank", &[]), ("bank", &[]), ("bank", &[])])
}

fn at_the_bank(world: &World) -> usize {
    let bank = world.names.id("bank").unwrap();
    world.trace.calls.iter().filter(|asked| asked.peer == bank).count()
}

/// How long the other's run takes, and how many calls of the flooder ended meanwhile.
fn meanwhile(flood: impl Fn(&Setup, &mut World)) -> (u64, usize) {
    let setup = setup();
    let mut world = world(&setup);
    flood(&setup, &mut world);
    world.run_until(BEGINS);
    let before = at_the_bank(&world);
    let one = start(&mut world, "other", modest(&setup), vec![]);
    let ended = |world: &World, id: ParticleId| world.trace.endings.contains_key(&id);
    let mut at = BEGINS;
    while !ended(&world, one) {
        at += 1;
        assert!(at < 60_000, "the other never ends");
        world.run_until(at);
    }
    assert_eq!(returned(&world, one), [Value::text("begin")]);
    assert_once(&world);
    (at - BEGINS, at_the_bank(&world) - before - 3)
}

/// As long as alone: each of its calls finds a place at once, because the flooder has half.
#[test]
fn floods_of_every_kind_leave_another_its_time() {
    let (alone, _) = meanwhile(|_, _| {});
    let many = |world: &mut World, runs: usize, program: &[u8]| {
        for _ in 0..runs {
            start(world, "flooder", program.to_vec(), vec![]);
        }
    };
    let of_runs = meanwhile(|setup, world| many(world, 300, &wide(setup, 1, "f")));
    let of_calls = meanwhile(|setup, world| many(world, 1, &wide(setup, 1_000, "f")));
    let of_both = meanwhile(|setup, world| many(world, 100, &wide(setup, 30, "f")));
    let of_bytes = meanwhile(|setup, world| many(world, 40, &wide(setup, 5, "big")));
    let of_hops = meanwhile(|setup, world| {
        let through = [("relay", &[][..]), ("bank", &["relay"][..]), ("relay", &[][..])];
        many(world, 200, &chain(setup, &through));
    });
    for (kind, (took, meanwhile)) in [
        ("runs", of_runs),
        ("calls", of_calls),
        ("runs and calls", of_both),
        ("bytes", of_bytes),
        ("hops", of_hops),
    ] {
        assert!(took <= alone + 2 * CALL, "{kind}: {took} ms, alone {alone}");
        let (all, mine) = PLACES;
        let rounds = usize::try_from(took.div_ceil(CALL)).unwrap() + 1;
        assert!(meanwhile <= rounds * (all - mine), "{kind}: {meanwhile} of the flooder's calls");
        assert!(meanwhile > 2, "{kind}: the flood is there: {meanwhile}");
    }
}

/// A second flooder does not make the first one's share larger: all three take turns.
#[test]
fn who_floods_under_two_names_has_two_shares_and_the_other_still_has_one() {
    let setup =
        Setup { peers: ["flooder", "twin", "other", "bank"].map(str::to_owned).into(), ..setup() };
    let mut world = world(&setup);
    for _ in 0..300 {
        start(&mut world, "flooder", wide(&setup, 10, "f"), vec![]);
        start(&mut world, "twin", wide(&setup, 10, "f"), vec![]);
    }
    world.run_until(BEGINS);
    let one = start(&mut world, "other", modest(&setup), vec![]);
    // Each of its three calls waits for one that is under way to end, and is next or nearly so.
    world.run_until(BEGINS + 3 * 3 * CALL + 20);
    assert_eq!(returned(&world, one), [Value::text("begin")]);
    let done = world.trace.calls.len();
    assert!(done < 200, "of 6,000 calls {done} are done");
    assert_once(&world);
}
