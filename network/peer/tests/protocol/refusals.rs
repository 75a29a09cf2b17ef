//! What becomes of a step when its peer, or somebody on the way, says no: a fault that a `try`
//! catches where nobody can do the step any more, a report where somebody could.

use aquac_ir::{Call, FaultCode, PeerId};
use aquac_peer::wire::{Frame, Nack, Push, decode, encode};
use aquac_peer::{Ending, Input, Output, Policy, Reason, Relaying, Verdict};

use crate::net::{Net, peer, peer_with, tries, who};
use crate::relay::START;

struct DenyAll;

impl Policy for DenyAll {
    fn check(&mut self, _: PeerId, _: &Call) -> Verdict {
        Verdict::Deny("nobody may".to_owned())
    }
}

fn caught(net: &Net, code: FaultCode) -> bool {
    let code = code.number().to_string();
    net.called().iter().any(|call| call.starts_with('h') && call.contains(&code))
}

fn plain(name: &str) -> aquac_peer::Peer {
    peer(name, |_| {})
}

#[test]
fn a_call_that_is_denied_is_an_error_that_is_caught() {
    let mut net = Net::new([plain("client"), peer_with("bank", DenyAll)]);
    net.play("client", tries(&[("bank", &[])]), 1);
    assert!(caught(&net, FaultCode::Denied), "{:?}", net.called());
    assert_eq!(net.endings, [Ending::Returned(Vec::new())]);
}

#[test]
fn a_call_for_which_there_is_no_room_is_an_error_that_is_caught() {
    let bank = peer("bank", |config| config.limits.calls_waiting = 0);
    let mut net = Net::new([plain("client"), bank]);
    net.play("client", tries(&[("bank", &[])]), 1);
    assert!(caught(&net, FaultCode::Overloaded), "{:?}", net.called());
}

#[test]
fn an_answer_for_which_there_is_no_room_is_an_error_that_is_caught() {
    let bank = peer("bank", |config| config.limits.bytes_per_particle = 0);
    let mut net = Net::new([plain("client"), bank]);
    net.play("client", tries(&[("bank", &[])]), 1);
    assert!(caught(&net, FaultCode::TooLarge), "{:?}", net.called());
}

#[test]
fn a_peer_that_is_not_there_is_an_error_that_is_caught() {
    let mut net = Net::new([plain("client")]);
    net.play("client", tries(&[("bank", &[])]), 1);
    assert!(caught(&net, FaultCode::Unreachable), "{:?}", net.called());
}

#[test]
fn a_first_parcel_that_is_refused_for_its_header_is_an_error_that_is_caught() {
    let mut net = Net::new([plain("client"), peer("bank", |config| config.limits.ttl = 1000)]);
    net.play("client", tries(&[("bank", &[])]), 1);
    assert!(net.was_refused("bank", Reason::TtlTooLong));
    assert!(caught(&net, FaultCode::Unreachable), "{:?}", net.called());
    assert!(net.called()[0].contains("ttl-too-long"), "it says why: {:?}", net.called());
    assert_eq!(net.endings, [Ending::Returned(Vec::new())]);
}

#[test]
fn a_peer_of_another_network_is_an_error_that_is_caught_before_anything_goes_to_it_again() {
    let mut net = Net::new([plain("client"), peer("bank", |c| c.network = "other".to_owned())]);
    net.play("client", tries(&[("bank", &[])]), 1);
    assert!(caught(&net, FaultCode::Unreachable), "{:?}", net.called());
    net.reports.clear();
    net.play("client", tries(&[("bank", &[])]), 2);
    assert_eq!(net.called().len(), 2);
    assert!(!net.was_refused("bank", Reason::OtherNetwork), "it was not asked");
}

#[test]
fn a_first_parcel_that_went_to_two_of_which_one_has_it_is_not_given_up() {
    // The second step does not need the first one's peer; both are led to by the header.
    let both = |b: &mut aquac_ir::Builder| {
        let par = b.open(aquac_ir::Node::Par(0));
        let (s, f) = (b.constant("s".into()), b.constant("f".into()));
        for name in ["bank", "shop"] {
            let place = crate::net::place(b, name, &[]);
            let attempt = b.open(aquac_ir::Node::Try { error: None });
            for (place, function) in [(place, f), (crate::net::place(b, "client", &[]), s)] {
                b.leaf(aquac_ir::Node::Call {
                    place,
                    service: s,
                    function,
                    args: Box::new([]),
                    output: aquac_ir::Output::Nothing,
                    returns: None,
                });
            }
            b.close(attempt);
        }
        b.close(par);
    };
    let mut b = aquac_ir::Builder::new();
    both(&mut b);
    let bank = peer("bank", |config| config.limits.ttl = 1000);
    let mut net = Net::new([plain("client"), bank, plain("shop")]);
    net.play("client", aquac_ir::encode(&b.finish()), 1);
    assert!(net.was_refused("bank", Reason::TtlTooLong));
    assert_eq!(net.called(), ["f()"], "the shop has the run, and could ask the bank");
}

#[test]
fn a_relay_that_does_not_forward_is_heard_once_and_then_believed() {
    let relay = || peer("relay", |config| config.relaying = Relaying::Nobody);
    let mut net = Net::new([plain("client"), relay(), plain("bank")]);
    net.play("client", tries(&[("bank", &["relay"])]), 1);
    assert!(net.was_refused("bank", Reason::NotRelayed));
    assert!(net.called().is_empty(), "the relay has the run: nothing is given up");
    net.play("client", tries(&[("bank", &["relay"])]), 2);
    assert!(caught(&net, FaultCode::Unreachable), "{:?}", net.called());
    // After it was away, it may be another one.
    let (client, relay) = (who("client"), who("relay"));
    net.tell(client, Input::Disconnected { peer: relay });
    net.tell(client, Input::Connected { peer: relay });
    let before = net.called().len();
    net.play("client", tries(&[("bank", &["relay"])]), 3);
    assert_eq!(net.called().len(), before);
}

#[test]
fn who_fans_out_too_far_catches_the_branches_beyond_and_goes_on() {
    let mut b = aquac_ir::Builder::new();
    let par = b.open(aquac_ir::Node::Par(0));
    let (s, f, h) = (b.constant("s".into()), b.constant("f".into()), b.constant("h".into()));
    for name in ["a", "b", "c", "d"] {
        let (there, here) =
            (crate::net::place(&mut b, name, &[]), crate::net::place(&mut b, "client", &[]));
        let attempt = b.open(aquac_ir::Node::Try { error: None });
        for (place, function) in [(there, f), (here, h)] {
            b.leaf(aquac_ir::Node::Call {
                place,
                service: s,
                function,
                args: Box::new([]),
                output: aquac_ir::Output::Nothing,
                returns: None,
            });
        }
        b.close(attempt);
    }
    b.close(par);
    let mut net = Net::new(["client", "a", "b", "c", "d"].map(plain));
    net.play("client", aquac_ir::encode(&b.finish()), 1);
    let mut called = net.called();
    called.sort();
    assert_eq!(called, ["f()", "f()", "h()", "h()"], "two may be told, two are caught");
}

#[test]
fn a_refusal_that_comes_after_a_signed_turn_has_left_is_only_reported() {
    // The bank takes the run and says that it did not: both happen if it is believed.
    let mut client = plain("client");
    let bank = who("bank");
    let limits = aquac_ir::Limits::default();
    let program = tries(&[("client", &[]), ("bank", &[])]);
    let nonce = aquac_ir::Nonce([1; 16]);
    let start = client.draft(START, program, Vec::new(), nonce, 60_000, limits);
    client.handle(START, Input::Start(Box::new(start)));
    let mut seen = Vec::new();
    while let Some(output) = client.poll() {
        if let Output::Call { call, .. } = &output {
            let (particle, key) = (call.particle, call.key);
            let result = Ok(aquac_ir::Value::Null);
            client.handle(START, Input::Answer { particle, key, result });
        } else if matches!(output, Output::Dial { .. }) {
            client.handle(START, Input::Connected { peer: bank });
        } else if let Output::Send { bytes, .. } = &output
            && let Ok(Frame::Push(Push { id: parcel, .. })) = decode(bytes)
        {
            let (destination, reason) = (bank, Reason::TtlTooLong);
            let nack = Nack { parcel, destination, reason, retry_after: 0 };
            let bytes = encode(&Frame::Nack(nack));
            client.handle(START, Input::Frame { from: bank, bytes });
        }
        seen.push(output);
    }
    let calls = seen.iter().filter(|output| matches!(output, Output::Call { .. })).count();
    let refused = seen.iter().any(|output| {
        matches!(output, Output::Report(aquac_peer::Report::Refused { by, .. }) if *by == bank)
    });
    assert_eq!((calls, refused), (1, true), "the turn of the first call is at the bank");
}
