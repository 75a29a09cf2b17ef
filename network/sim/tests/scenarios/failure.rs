//! Peers that die, links that break, clocks that are wrong.

use std::cell::RefCell;
use std::rc::Rc;

use aquac_ir::{Limits, PeerId};
use aquac_peer::{Ending, Reason, Report};
use aquac_sim::{Fault, Setup, Stop, World};

use crate::stage::{MANY, assert_once, calls, chain, finish, hops, returned, services, start};

const SERVICES: &str = r#"[["*/s/f",{"delay_ms":10,"then":"echo"}]]"#;

fn three() -> Setup {
    Setup::new(&["client", "bank", "telco"], 1)
}

fn faults(json: &str) -> Vec<Fault> {
    serde_json::from_str(json).unwrap()
}

/// Runs until the first acknowledgement that this peer gets.
fn until_acknowledged(world: &mut World, name: &str) {
    let peer = world.names.id(name).unwrap();
    for elapsed in 0..1000 {
        world.run_until_quiet(elapsed, MANY);
        let got = |(at, report): &(_, Report)| {
            *at == peer && matches!(report, Report::Acknowledged { .. })
        };
        if world.trace.reports.iter().any(got) {
            return;
        }
    }
    panic!("{name} got no acknowledgement");
}

#[test]
fn after_the_acknowledgement_the_client_may_die_and_the_sms_is_still_sent_once() {
    let setup = three();
    let mut world = World::new(&setup, services(SERVICES));
    let program = chain(&setup, &[("bank", &[]), ("telco", &[])]);
    let id = start(&mut world, "client", program, vec![]);
    until_acknowledged(&mut world, "client");
    assert_eq!(calls(&world), [] as [&str; 0], "nothing has been answered yet");
    let client = world.names.id("client").unwrap();
    world.crash(client);
    world.run_until_quiet(2_000, MANY);
    assert_eq!(calls(&world).len(), 2);
    assert_once(&world);
    // And when it comes back it gets the result.
    world.restart(client);
    finish(&mut world);
    returned(&world, id);
    assert_eq!(calls(&world).len(), 2);
    assert_once(&world);
}

#[test]
fn a_call_that_was_under_way_in_a_crash_is_made_again_with_the_same_key() {
    for torn in [false, true] {
        let mut setup = three();
        setup.faults = faults(r#"[{"at":8,"crash":"bank"},{"at":100,"restart":"bank"}]"#);
        if torn {
            setup.faults.extend(faults(r#"[{"torn_write":"bank"}]"#));
        }
        let mut world = World::new(&setup, services(SERVICES));
        let program = chain(&setup, &[("bank", &[]), ("telco", &[])]);
        let id = start(&mut world, "client", program, vec![]);
        finish(&mut world);
        returned(&world, id);
        assert_eq!(world.trace.repeated, 1);
        assert_once(&world);
    }
}

#[test]
fn a_crash_at_any_millisecond_loses_nothing_and_does_nothing_twice() {
    for victim in ["client", "bank", "telco"] {
        for torn in [false, true] {
            for at in 0..60 {
                let mut setup = three();
                setup.faults = faults(&format!(
                    r#"[{{"at":{at},"crash":"{victim}"}},{{"at":{},"restart":"{victim}"}}]"#,
                    at + 7
                ));
                if torn {
                    setup.faults.extend(faults(&format!(r#"[{{"torn_write":"{victim}"}}]"#)));
                }
                let mut world = World::new(&setup, services(SERVICES));
                let program = chain(&setup, &[("bank", &[]), ("telco", &[])]);
                let id = start(&mut world, "client", program, vec![]);
                finish(&mut world);
                assert_once(&world);
                let lost_before_it_was_stored = torn && victim == "client" && at == 0;
                if !lost_before_it_was_stored {
                    returned(&world, id);
                    assert_eq!(calls(&world).len(), 2, "{victim} at {at}");
                }
            }
        }
    }
}

#[test]
fn a_peer_that_is_down_at_the_start_gets_its_parcel_when_it_comes() {
    let mut setup = three();
    setup.faults = faults(r#"[{"at":0,"crash":"bank"},{"at":3000,"restart":"bank"}]"#);
    let mut world = World::new(&setup, services(SERVICES));
    world.run_until_quiet(0, 10);
    let program = chain(&setup, &[("bank", &[]), ("telco", &[])]);
    let id = start(&mut world, "client", program, vec![]);
    finish(&mut world);
    returned(&world, id);
    assert_eq!(hops(&world), ["client->bank", "bank->telco", "telco->client"]);
    let unreachable = |(_, report): &&(_, Report)| matches!(report, Report::Unreachable { .. });
    assert!(world.trace.reports.iter().filter(unreachable).count() >= 2);
}

#[test]
fn a_relay_keeps_the_answer_for_a_client_that_is_briefly_away() {
    let mut setup = Setup::new(&["client", "relay", "bank"], 1);
    setup.clients.insert("client".to_owned(), "relay".to_owned());
    setup.faults = faults(r#"[{"partition":{"at":8,"until":900,"from":["client"],"to":["*"]}}]"#);
    let mut world = World::new(&setup, services(SERVICES));
    world.run_until_quiet(1, 100);
    let program = chain(&setup, &[("bank", &[])]);
    let id = start(&mut world, "client", program, vec![]);
    assert_eq!(world.run_until_quiet(500, MANY), Stop::Time);
    assert_eq!(hops(&world), ["client->relay", "relay->bank", "bank->relay"]);
    finish(&mut world);
    assert_eq!(hops(&world).last().unwrap(), "relay->client");
    returned(&world, id);
    assert_once(&world);
}

#[test]
fn clocks_that_differ_too_much_are_refused_with_their_own_reason() {
    let reason = |skew: i64, ttl: u32| {
        let mut setup = three();
        setup.faults = faults(&format!(r#"[{{"skew":{{"peer":"bank","ms":{skew}}}}}]"#));
        let mut world = World::new(&setup, services(SERVICES));
        let program = chain(&setup, &[("bank", &[])]);
        let client = world.names.id("client").unwrap();
        world.run(client, program, vec![], ttl, Limits::default()).unwrap();
        world.run_until_quiet(2_000, MANY);
        let bank = world.names.id("bank").unwrap();
        world.trace.refusals(bank).next()
    };
    assert_eq!(reason(-30_000, 5_000), Some(Reason::ClockSkew));
    assert_eq!(reason(30_000, 5_000), Some(Reason::Expired));
    assert_eq!(reason(3_000, 5_000), None);
    assert_eq!(reason(-3_000, 5_000), None);
}

#[test]
fn a_parcel_that_is_replayed_after_the_end_runs_nothing() {
    let setup = three();
    let mut world = World::new(&setup, services(SERVICES));
    let recorder = Recorder::default();
    world.tamper(Box::new(recorder.clone()));
    let program = chain(&setup, &[("bank", &[])]);
    let client = world.names.id("client").unwrap();
    let bank = world.names.id("bank").unwrap();
    let id = world.run(client, program, vec![], 1_000, Limits::default()).unwrap();
    world.run_until(1_100);
    assert!(matches!(world.trace.endings.get(&id), Some(Ending::Returned(_))));
    assert_eq!(calls(&world).len(), 1);
    // The same parcel once more, under another number so that the link does not know it.
    for push in recorder.pushes(client, bank) {
        world.inject(client, bank, push);
    }
    world.run_until(1_200);
    assert_eq!(calls(&world).len(), 1);
    assert!(world.trace.refusals(bank).any(|r| matches!(r, Reason::Ended | Reason::Expired)));
}

#[test]
fn one_who_has_no_room_is_asked_again_later() {
    let mut setup = three();
    setup.limits.particles = 1;
    let script = r#"[["*/s/f",{"delay_ms":300,"then":"echo"}]]"#;
    let mut world = World::new(&setup, services(script));
    let program = chain(&setup, &[("telco", &[])]);
    let (client, bank) = (world.names.id("client").unwrap(), world.names.id("bank").unwrap());
    world.run(client, program.clone(), vec![], 1_000, Limits::default()).unwrap();
    let second = world.run(bank, program, vec![], 10_000, Limits::default()).unwrap();
    world.run_until_quiet(9_000, MANY);
    let telco = world.names.id("telco").unwrap();
    assert!(world.trace.refusals(telco).any(|reason| reason == Reason::Overloaded));
    assert!(matches!(world.trace.endings.get(&second), Some(Ending::Returned(_))));
    assert_once(&world);
}

/// From, to, and the frame.
type Sent = (PeerId, PeerId, Vec<u8>);

/// Keeps every frame that was sent.
#[derive(Clone, Default)]
struct Recorder {
    frames: Rc<RefCell<Vec<Sent>>>,
}

impl aquac_sim::adversary::Tamper for Recorder {
    fn frame(&mut self, from: PeerId, to: PeerId, bytes: Vec<u8>) -> Vec<Vec<u8>> {
        self.frames.borrow_mut().push((from, to, bytes.clone()));
        vec![bytes]
    }
}

impl Recorder {
    fn pushes(&self, from: PeerId, to: PeerId) -> Vec<Vec<u8>> {
        use aquac_peer::wire::{Frame, FrameId, decode, encode};
        let frames = self.frames.borrow();
        let sent = frames.iter().filter(|(a, b, _)| (*a, *b) == (from, to));
        sent.filter_map(|(_, _, bytes)| {
            if let Ok(Frame::Push(mut push)) = decode(bytes) {
                push.id = FrameId(push.id.0 + 1_000_000);
                push.expires += 100_000;
                Some(encode(&Frame::Push(push)))
            } else {
                None
            }
        })
        .collect()
    }
}
