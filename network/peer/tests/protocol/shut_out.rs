//! A neighbour that sends too much that is malformed: its link is closed, and nothing is taken
//! from it for a while.

use aquac_peer::wire::{Frame, Take, encode};
use aquac_peer::{Input, Output, Peer, Reason, Report, Time};

use crate::relay::{START, connect, give, id, outputs, parcel, relay};

/// One more than this.
const MOST: u32 = 5;

fn bounded() -> Peer {
    let mut peer = relay(|config| {
        config.limits.malformed_frames = MOST;
        config.limits.shut_out = 1_000;
    });
    connect(&mut peer, &[1, 2]);
    peer
}

fn noise(peer: &mut Peer, now: Time, times: u32) {
    (0..times).for_each(|_| peer.handle(now, Input::Frame { from: id(1), bytes: vec![1, 99] }));
}

fn hangs_up(outputs: &[Output]) -> bool {
    outputs.contains(&Output::HangUp { peer: id(1) })
}

fn says(outputs: &[Output], why: Reason) -> usize {
    let is = |output: &&Output| {
        matches!(output, Output::Report(Report::Dropped { reason, from, .. })
            if *reason == why && *from == Some(id(1)))
    };
    outputs.iter().filter(is).count()
}

#[test]
fn a_link_with_too_much_noise_is_closed_with_a_reason() {
    let mut peer = bounded();
    noise(&mut peer, START, MOST);
    let before = outputs(&mut peer);
    assert!(!hangs_up(&before));
    assert_eq!(says(&before, Reason::Malformed), MOST as usize);
    noise(&mut peer, START, 1);
    let after = outputs(&mut peer);
    assert!(hangs_up(&after));
    assert_eq!(says(&after, Reason::ShutOut), 1);
}

#[test]
fn one_who_is_shut_out_is_not_heard_and_let_in_again_later() {
    let mut peer = bounded();
    noise(&mut peer, START, MOST + 1);
    outputs(&mut peer);
    give(&mut peer, START, 1, &Frame::Push(parcel(1, b"x")));
    assert!(outputs(&mut peer).is_empty(), "what was under way is not read");
    peer.handle(START, Input::Disconnected { peer: id(1) });
    let early = START.after(999);
    peer.handle(early, Input::Connected { peer: id(1) });
    let outputs_early = outputs(&mut peer);
    assert!(hangs_up(&outputs_early), "{outputs_early:?}");
    assert!(!outputs_early.iter().any(|output| matches!(output, Output::Send { .. })));
    peer.handle(early, Input::Disconnected { peer: id(1) });
    let late = START.after(1_000);
    peer.handle(late, Input::Connected { peer: id(1) });
    give(&mut peer, late, 1, &Frame::Push(parcel(1, b"x")));
    let outputs_late = outputs(&mut peer);
    assert!(!hangs_up(&outputs_late));
    assert!(outputs_late.iter().any(|o| matches!(o, Output::Send { to, .. } if *to == id(2))));
}

#[test]
fn one_who_is_shut_out_is_dialled_when_that_is_over() {
    let mut peer = bounded();
    noise(&mut peer, START, MOST + 1);
    peer.handle(START, Input::Disconnected { peer: id(1) });
    let mut push = parcel(1, b"for one");
    push.hops[0].to = id(1);
    give(&mut peer, START, 2, &Frame::Push(push));
    assert!(!outputs(&mut peer).contains(&Output::Dial { peer: id(1) }));
    let due = peer.deadline().unwrap();
    assert_eq!(due, START.after(1_000));
    peer.handle(due, Input::Tick);
    assert!(outputs(&mut peer).contains(&Output::Dial { peer: id(1) }));
}

#[test]
fn who_only_forwards_does_not_answer_for_what_is_inside() {
    let mut peer = bounded();
    for number in 0..u64::from(MOST) * 3 {
        let mut push = parcel(number, b"no item");
        (push.take, push.hops) = (Take::All, Vec::new());
        push.trail = vec![id(9)];
        give(&mut peer, START, 1, &Frame::Push(push.clone()));
        push.trail.clear();
        let bytes = encode(&Frame::Push(push));
        peer.handle(START, Input::Frame { from: id(2), bytes });
    }
    let outputs = outputs(&mut peer);
    assert!(!hangs_up(&outputs));
    assert!(outputs.contains(&Output::HangUp { peer: id(2) }), "but who made it does");
}
