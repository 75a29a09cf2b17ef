//! Loops over arrays: what starts them, and how often.

use aquac_ir::LoopMode;
use aquac_vm::Heads;

use crate::laws::{differs, judge};
use crate::net::{Faults, Net, peer};
use crate::tree::{Behind, E, N, Out, call, compile, par, seq, slot};

#[test]
fn a_loop_that_waits_for_two_things_that_come_at_once_starts_once() {
    // Two of three iterations fail, and so does what stands behind: the third is still to come, so
    // that the loop has not failed. One that starts twice counts what stands behind twice.
    let third = call(peer('q'), "f", [], Out::Nothing);
    let body = N::Match(true, slot(2), E::Int(3), Box::new(third));
    let behind = Behind::Body(Box::new(N::Fail(E::Error(6, "behind"))));
    let elements = E::Either(vec![slot(0), slot(1)]);
    let each = N::For(elements, 2, LoopMode::Parallel, behind, Box::new(body));
    let caught = call(peer('i'), "id", [E::Text("caught")], Out::Nothing);
    let tree = par([
        call(peer('p'), "list", [], Out::Slot(0)),
        call(peer('p'), "list", [], Out::Slot(1)),
        seq([
            N::Try(Box::new(each), Box::new(caught), None),
            call(peer('r'), "id", [E::Text("behind")], Out::Nothing),
        ]),
    ]);
    let mut at_once = 0;
    for seed in 0..60 {
        let mut net = Net::new(compile(&tree), peer('i'), seed);
        net.faults = Faults { gather: 100, ..Faults::default() };
        net.go();
        let turns = net.host(peer('p')).run.turns_since(&Heads::default());
        at_once += usize::from(turns.iter().any(|turn| turn.body.records().count() > 1));
        assert_eq!(judge(&net), None, "seed {seed}");
        assert_eq!(differs(&net), None, "seed {seed}");
        let called = net.called();
        assert!(!called.iter().any(|call| call.contains("caught")), "seed {seed}: {called:?}");
        assert!(called.iter().any(|call| call.contains("behind")), "seed {seed}: {called:?}");
    }
    assert!(at_once > 0, "they never come at once");
}
