//! Runs that begin here: with which arguments, and how often their end is said.

use std::collections::BTreeMap;

use aquac_ir::{Limits, Nonce, Value};
use aquac_peer::{
    AllowAll, Change, Config, Ending, Input, Keys, Output, Pairs, Peer, PeerLimits, Reason, Report,
};

use aquac_peer::wire::{Ack, Frame, FrameId, Nack, decode, encode};

use crate::net::{peer, tries, who};
use crate::relay::{START, outputs};

fn refusal(peer: &mut Peer) -> Option<Reason> {
    outputs(peer).into_iter().find_map(|output| {
        if let Output::Report(Report::Dropped { reason, .. }) = output {
            Some(reason)
        } else {
            None
        }
    })
}

#[test]
fn an_argument_that_the_run_does_not_allow_is_refused_at_once() {
    let mut client = peer("client", |_| {});
    let limits = Limits { value_bytes: 100, ..Limits::default() };
    for (bytes, refused) in [(50, None), (200, Some(Reason::TooLarge))] {
        let argument = Value::text(&"x".repeat(bytes));
        let nonce = Nonce([u8::try_from(bytes).unwrap(); 16]);
        let program = tries(&[]);
        let start = client.draft(START, program, vec![argument], nonce, 60_000, limits);
        client.handle(START, Input::Start(Box::new(start)));
        assert_eq!(refusal(&mut client), refused);
    }
    assert_eq!(client.particles().len(), 1);
}

#[test]
fn arguments_that_the_header_does_not_name_are_refused() {
    let mut client = peer("client", |_| {});
    let args = vec![Value::text("a"), Value::text("b")];
    let mut start =
        client.draft(START, tries(&[]), args, Nonce([1; 16]), 60_000, Limits::default());
    start.args.pop();
    client.handle(START, Input::Start(Box::new(start)));
    assert_eq!(refusal(&mut client), Some(Reason::WrongValue));
}

/// A disk, and the peer that writes to it.
struct Stored {
    peer: Peer,
    pairs: BTreeMap<Vec<u8>, Vec<u8>>,
}

impl Stored {
    fn config() -> Config {
        Config::new("test")
    }

    fn restarted(&self) -> Self {
        let pairs: Pairs = self.pairs.clone().into_iter().collect();
        let keys = Keys::unchecked(who("client"));
        let peer = Peer::restore(Self::config(), keys, Box::new(AllowAll), START, pairs).unwrap();
        Self { peer, pairs: self.pairs.clone() }
    }

    /// What it wants done until nothing is left to store.
    fn outputs(&mut self) -> Vec<Output> {
        let mut done = Vec::new();
        loop {
            let mut last = None;
            while let Some(output) = self.peer.poll() {
                if let Output::Store(batch) = output {
                    last = Some(batch.id);
                    batch.changes.into_iter().for_each(|change| self.make(change));
                } else {
                    done.push(output);
                }
            }
            let Some(batch) = last else { return done };
            self.peer.handle(START, Input::Stored { batch });
        }
    }

    fn endings(&mut self) -> Vec<Ending> {
        let ending = |output| {
            if let Output::Finished { ending, .. } = output { Some(ending) } else { None }
        };
        self.outputs().into_iter().filter_map(ending).collect()
    }

    /// The parcels that it sends.
    fn parcels(&mut self) -> Vec<FrameId> {
        let parcel = |output| {
            let Output::Send { bytes, .. } = output else { return None };
            if let Ok(Frame::Push(push)) = decode(&bytes) { Some(push.id) } else { None }
        };
        self.outputs().into_iter().filter_map(parcel).collect()
    }

    fn hear(&mut self, frame: &Frame) {
        let bytes = encode(frame);
        self.peer.handle(START, Input::Frame { from: who("bank"), bytes });
    }

    fn make(&mut self, change: Change) {
        match change {
            Change::Put { key, value } => drop(self.pairs.insert(key, value)),
            Change::Delete { key } => drop(self.pairs.remove(&key)),
            Change::Clear { prefix } => self.pairs.retain(|key, _| !key.starts_with(&prefix)),
        }
    }
}

#[test]
fn a_result_that_the_host_may_not_have_is_said_again_after_a_crash() {
    let peer = Peer::new(Stored::config(), Keys::unchecked(who("client")));
    let mut first = Stored { peer, pairs: BTreeMap::new() };
    let nonce = Nonce([1; 16]);
    let start = first.peer.draft(START, tries(&[]), vec![], nonce, 60_000, Limits::default());
    first.peer.handle(START, Input::Start(Box::new(start)));
    let said = first.endings();
    assert_eq!(said, [Ending::Returned(Vec::new())]);
    let mut second = first.restarted();
    assert_eq!(second.endings(), said, "nobody knows that it was heard");
    second.peer.handle(START, Input::Tick);
    assert!(second.endings().is_empty());
    let mut third = second.restarted();
    assert!(third.endings().is_empty(), "the host had it, and went on");
}

#[test]
fn a_service_that_takes_too_long_is_cancelled_and_an_error_that_is_caught() {
    let mut client = peer("client", |config| config.limits.call_time = 1_000);
    let nonce = Nonce([1; 16]);
    let program = tries(&[("client", &[])]);
    let start = client.draft(START, program, vec![], nonce, 60_000, Limits::default());
    client.handle(START, Input::Start(Box::new(start)));
    let calls = |peer: &mut Peer| -> Vec<(String, u64)> {
        let calls = outputs(peer).into_iter().filter_map(|output| {
            if let Output::Call { call, .. } = output {
                return Some((call.function, call.deadline));
            }
            matches!(output, Output::Cancel { .. }).then(|| ("cancel".to_owned(), 0))
        });
        calls.collect()
    };
    let due = START.after(1_000);
    assert_eq!(calls(&mut client), [("g".to_owned(), due.0)], "the service is told");
    assert_eq!(client.deadline(), Some(due));
    client.handle(START.after(999), Input::Tick);
    assert!(calls(&mut client).is_empty());
    client.handle(due, Input::Tick);
    let names: Vec<String> = calls(&mut client).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["cancel", "h"]);
}

#[test]
fn bounds_that_are_changed_hold_from_then_on_and_neighbours_hear_theirs() {
    let mut relay = peer("relay", |_| {});
    relay.handle(START, Input::Connected { peer: who("client") });
    outputs(&mut relay);
    let limits = PeerLimits { parcel_bytes: 1000, particles: 0, ..PeerLimits::default() };
    relay.handle(START, Input::Limits(Box::new(limits)));
    let said = outputs(&mut relay).into_iter().find_map(|output| {
        if let Output::Send { bytes, .. } = output { decode(&bytes).ok() } else { None }
    });
    assert!(matches!(&said, Some(Frame::Hello(hello)) if hello.parcel_bytes == 1000), "{said:?}");
    let nonce = Nonce([1; 16]);
    let start = relay.draft(START, tries(&[]), vec![], nonce, 60_000, Limits::default());
    relay.handle(START, Input::Start(Box::new(start)));
    assert_eq!(refusal(&mut relay), Some(Reason::Overloaded));
}

#[test]
fn what_left_before_a_crash_has_not_come_back_with_what_left_after_it() {
    let peer = Peer::new(Stored::config(), Keys::unchecked(who("client")));
    let mut first = Stored { peer, pairs: BTreeMap::new() };
    first.peer.handle(START, Input::Connected { peer: who("bank") });
    let (program, nonce) = (tries(&[("bank", &[])]), Nonce([1; 16]));
    let start = first.peer.draft(START, program, vec![], nonce, 60_000, Limits::default());
    first.peer.handle(START, Input::Start(Box::new(start)));
    let sent = first.parcels();
    first.hear(&Frame::Ack(Ack(sent)));
    first.outputs();
    let mut second = first.restarted();
    second.peer.handle(START, Input::Connected { peer: who("bank") });
    let again = second.parcels();
    assert!(!again.is_empty(), "it does not know what the bank has");
    for parcel in again {
        let (destination, reason) = (who("bank"), Reason::TtlTooLong);
        second.hear(&Frame::Nack(Nack { parcel, destination, reason, retry_after: 0 }));
    }
    let calls = |output: &Output| matches!(output, Output::Call { .. });
    assert!(!second.outputs().iter().any(calls), "the bank has the run since before");
}
