//! Small programs, with who talks to whom.

use aquac_ir::LoopMode;
use aquac_vm::UncheckedSigner;

use crate::net::{Net, peer};
use crate::tree::{Behind, E, N, Out, add, call, compile, par, seq, slot};

fn run(tree: &N) -> Net {
    let mut net = Net::new(compile(tree), peer('i'), 1);
    net.go();
    assert_eq!(net.stuck(), Vec::<String>::new());
    net
}

/// Over many schedules: what came out, and the least and most frames.
fn schedules(tree: &N) -> (String, usize, usize) {
    let program = compile(tree);
    let (mut least, mut most, mut results) = (usize::MAX, 0, std::collections::BTreeSet::new());
    for seed in 0..40 {
        let mut net = Net::new(program.clone(), peer('i'), seed);
        net.go();
        assert_eq!(net.stuck(), Vec::<String>::new(), "seed {seed}");
        least = least.min(net.frames.len());
        most = most.max(net.frames.len());
        results.insert(format!("{:?}", net.result()));
    }
    (results.into_iter().collect::<Vec<_>>().join(" | "), least, most)
}

#[test]
fn an_answer_goes_straight_to_the_next_service_and_only_the_end_comes_home() {
    let net = run(&seq([
        call(peer('b'), "id", [E::Text("ok")], Out::Slot(0)),
        call(peer('t'), "id", [slot(0)], Out::Slot(1)),
        N::Return(vec![slot(1)]),
    ]));
    assert_eq!(net.trips(), "i>b b>t t>i");
    assert_eq!(net.result().as_deref(), Some("\"ok\""));
    assert_eq!(net.called(), ["b.id(\"ok\")", "t.id(\"ok\")"]);
}

#[test]
fn an_uncaught_failure_is_told_to_the_initiator() {
    let net = run(&seq([call(peer('b'), "bad", [], Out::Slot(0)), N::Return(vec![slot(0)])]));
    assert_eq!(net.trips(), "i>b b>i");
    let told = r#"Local service error, ret_code is 1, error message is '"no bad"' (10000)"#;
    assert_eq!(net.result().as_deref(), Some(told));
}

#[test]
fn a_program_without_return_sends_no_message_home() {
    let net =
        run(&seq([call(peer('b'), "f", [], Out::Nothing), call(peer('c'), "f", [], Out::Nothing)]));
    assert_eq!(net.trips(), "i>b b>c");
}

#[test]
fn branches_meet_at_the_step_behind_them() {
    let (result, least, most) = schedules(&seq([
        par([
            call(peer('p'), "id", [E::Int(1)], Out::Slot(0)),
            call(peer('q'), "id", [E::Int(2)], Out::Slot(1)),
        ]),
        N::Return(vec![slot(0), slot(1)]),
    ]));
    assert_eq!((result.as_str(), least, most), ("Some(\"1 2\")", 4, 4));
}

#[test]
fn a_step_whose_place_another_branch_names_is_found() {
    let peers = vec![peer('r'), peer('s')];
    let (result, _, most) = schedules(&seq([
        par([
            call(peer('p'), "id", [E::Int(1)], Out::Slot(0)),
            call(peer('q'), "id", [E::Int(2)], Out::Slot(1)),
        ]),
        N::Call(E::OneOf(peers, Box::new(slot(1))), "id", vec![slot(0)], Out::Slot(2)),
        N::Return(vec![slot(2)]),
    ]));
    assert_eq!(result, "Some(\"1\")");
    assert!(most <= 7, "{most} frames");
}

#[test]
fn a_handler_runs_when_both_branches_have_failed_apart() {
    let (result, _, most) = schedules(&seq([
        N::Try(
            Box::new(par([
                call(peer('p'), "bad", [], Out::Nothing),
                call(peer('q'), "bad", [], Out::Nothing),
            ])),
            Box::new(call(peer('r'), "id", [E::Text("saved")], Out::Slot(1))),
            Some(0),
        ),
        N::Return(vec![slot(1), E::Field(Box::new(slot(0)), "error_code")]),
    ]));
    assert_eq!(result, "Some(\"\\\"saved\\\" 10000\")");
    assert!(most <= 7, "{most} frames");
}

#[test]
fn a_live_loop_in_a_branch_gets_what_the_other_branch_makes() {
    let (result, _, _) = schedules(&par([
        seq([
            call(peer('p'), "f", [], Out::Nothing),
            N::Live(
                0,
                0,
                LoopMode::Explicit,
                Behind::Never,
                Box::new(seq([
                    call(peer('r'), "id", [slot(0)], Out::Slot(1)),
                    N::Return(vec![slot(1)]),
                ])),
            ),
        ]),
        call(peer('q'), "id", [E::Int(5)], Out::Stream(0)),
    ]));
    assert_eq!(result, "Some(\"5\")");
}

#[test]
fn a_loop_over_peers_with_a_join_sends_two_frames_per_peer() {
    for (count, expected) in [(3, 6), (10, 20), (30, 60)] {
        let peers: Vec<_> = (0..count).map(|n| aquac_ir::PeerId([130 + n; 32])).collect();
        let tree = seq([
            par([
                N::For(
                    E::Peers(peers),
                    0,
                    LoopMode::Parallel,
                    Behind::Never,
                    Box::new(N::Call(slot(0), "id", vec![E::Int(14)], Out::Stream(0))),
                ),
                N::Null,
            ]),
            N::Await(E::Initiator, 0, E::Int(i64::from(count)), 1),
            N::Return(vec![E::Length(Box::new(slot(1)))]),
        ]);
        let mut net = Net::new(compile(&tree), peer('i'), 3);
        net.go();
        assert_eq!(net.result(), Some(count.to_string()));
        assert_eq!(net.frames.len(), expected, "{}", net.trips());
    }
}

#[test]
fn a_for_par_gives_its_results_in_the_order_of_the_peers() {
    let peers: Vec<_> = "dacb".chars().map(peer).collect();
    let (result, _, _) = schedules(&seq([
        par([
            N::For(
                E::Peers(peers),
                0,
                LoopMode::Parallel,
                Behind::Never,
                Box::new(N::Call(slot(0), "id", vec![], Out::Stream(0))),
            ),
            N::Null,
        ]),
        N::Await(E::Initiator, 0, E::Int(4), 1),
        N::Return(vec![slot(1)]),
    ]));
    assert_eq!(result, r#"Some("[\"d\",\"a\",\"c\",\"b\"]")"#);
}

#[test]
fn two_reads_of_a_stream_at_one_peer_fit_together() {
    let tree = seq([
        par([
            call(peer('p'), "id", [E::Text("P")], Out::Stream(0)),
            call(peer('q'), "id", [E::Text("Q")], Out::Stream(0)),
            N::Null,
        ]),
        N::Await(E::Initiator, 0, E::Int(1), 0),
        N::Await(E::Initiator, 0, E::Int(2), 1),
        N::Return(vec![E::Index(Box::new(slot(0)), 0), E::Index(Box::new(slot(1)), 1)]),
    ]);
    let (result, _, _) = schedules(&tree);
    assert_eq!(result, r#"Some("\"P\" \"Q\"") | Some("\"Q\" \"P\"")"#);
}

#[test]
fn what_a_recursive_loop_adds_comes_after_what_it_was_made_from() {
    let body = N::If(
        E::Odd(Box::new(add(slot(0), 1))),
        Box::new(N::Push(0, add(slot(0), 1))),
        Box::new(N::Null),
    );
    let tree = seq([
        par([N::Live(0, 0, LoopMode::Parallel, Behind::Never, Box::new(body)), N::Null]),
        N::Push(0, E::Int(0)),
        call(peer('p'), "f", [], Out::Nothing),
        N::Snapshot(E::Peer(peer('p')), 0, 1),
        N::Return(vec![slot(1)]),
    ]);
    let (result, _, _) = schedules(&tree);
    assert_eq!(result, "Some(\"[0,1]\")");
}

#[test]
fn a_guard_that_is_dead_afterwards_still_travels() {
    let tree = seq([
        call(peer('p'), "list", [], Out::Slot(0)),
        N::If(
            E::Equal(Box::new(E::Length(Box::new(slot(0)))), Box::new(E::Int(3))),
            Box::new(N::Push(0, E::Text("yes"))),
            Box::new(N::Null),
        ),
        call(peer('q'), "f", [], Out::Nothing),
        N::Snapshot(E::Peer(peer('r')), 0, 1),
        N::Return(vec![slot(1)]),
    ]);
    let (result, _, _) = schedules(&tree);
    assert_eq!(result, "Some(\"[\\\"yes\\\"]\")");
}

#[test]
fn dead_values_stay_home() {
    let tree = seq([
        call(peer('p'), "id", [E::Text("secret")], Out::Slot(0)),
        call(peer('q'), "f", [slot(0)], Out::Slot(1)),
        call(peer('r'), "f", [slot(1)], Out::Slot(2)),
        N::Return(vec![slot(2)]),
    ]);
    let net = run(&tree);
    let counts: Vec<usize> = net.frames.iter().map(|frame| frame.values.len()).collect();
    assert_eq!(counts, [0, 1, 1, 1]);
}

#[test]
fn relays_are_passed_on_the_way_out_and_in() {
    let relay = |name| E::Peer(peer(name));
    let tree = seq([
        N::CallVia(E::Peer(peer('b')), vec![relay('s')], "f", vec![], Out::Slot(0)),
        N::CallVia(E::Peer(peer('c')), vec![relay('s')], "f", vec![slot(0)], Out::Slot(1)),
        N::Return(vec![slot(1)]),
    ]);
    let mut net = Net::with_args(compile(&tree), peer('i'), Some(peer('r')), &[], 1);
    net.go();
    let routes: Vec<String> = net
        .frames
        .iter()
        .map(|frame| frame.route.iter().map(crate::net::letter).collect())
        .collect();
    assert_eq!(routes, ["rsb", "sc", "sri"]);
}

#[test]
fn a_peer_that_has_no_step_of_its_own_goes_out_through_the_relays_of_its_home() {
    let next = E::OneOf(vec![peer('c'), peer('d')], Box::new(slot(1)));
    let body = seq([
        par([
            call(peer('a'), "id", [E::Int(1)], Out::Slot(0)),
            call(peer('b'), "id", [E::Int(2)], Out::Slot(1)),
        ]),
        N::Call(next, "id", vec![slot(0)], Out::Nothing),
    ]);
    let program = compile(&N::OnVia(E::Peer(peer('p')), vec![E::Peer(peer('s'))], Box::new(body)));
    let mut ways = 0;
    for seed in 0..40 {
        let mut net = Net::new(program.clone(), peer('i'), seed);
        net.go();
        let own = net.frames.iter().filter(|frame| frame.from == peer('p'));
        own.for_each(|frame| {
            assert_eq!(frame.route[0], peer('s'), "seed {seed}: {}", net.trips());
            ways += 1;
        });
    }
    assert!(ways > 0, "nothing goes on from there");
}

/// A loop in order over stream 0, of which each iteration adds to a second stream and fixes its
/// content: one element more each time. The lengths are pushed to stream 2.
fn in_order() -> N {
    let body = seq([
        N::Push(1, slot(0)),
        N::Snapshot(E::Initiator, 1, 1),
        call(peer('i'), "id", [E::Length(Box::new(slot(1)))], Out::Stream(2)),
        N::Next(0),
    ]);
    N::Live(0, 0, LoopMode::InOrder, Behind::Never, Box::new(body))
}

#[test]
fn a_loop_in_order_lets_an_element_see_what_the_one_before_it_pushed() {
    let pushes = || [7, 8, 9].map(|number| N::Push(0, E::Int(number)));
    let before = seq([seq(pushes()), par([in_order(), N::Null])]);
    // Elements that come while an iteration runs wait for it.
    let meanwhile = par([in_order(), seq(pushes())]);
    for way in [before, meanwhile] {
        let (result, _, _) = schedules(&seq([
            way,
            N::Await(E::Initiator, 2, E::Int(3), 2),
            N::Return(vec![slot(2)]),
        ]));
        assert_eq!(result, "Some(\"[1,2,3]\")");
    }
}

#[test]
fn nothing_leaves_before_it_is_sealed() {
    let first = call(peer('i'), "f", [], Out::Nothing);
    let tree = seq([first, call(peer('p'), "f", [], Out::Nothing)]);
    let mut net = Net::new(compile(&tree), peer('i'), 1);
    let (me, signer) = (peer('i'), UncheckedSigner(peer('i')));
    let run = &mut net.host(me).run;
    let pending = run.step(1000).calls.remove(0);
    run.resolve(&pending.position, Ok(1_i64.into()), &signer).unwrap();
    run.step(1000);
    assert_eq!(run.forward(), []);
    let turn = aquac_vm::SignedTurn::sign(run.seal().unwrap(), &signer);
    run.add_own(turn);
    let departures = run.forward();
    assert_eq!(departures.len(), 1);
    assert_eq!((departures[0].to, departures[0].turns.len()), (peer('p'), 1));
}

#[test]
fn a_next_inside_another_loop_starts_an_iteration_of_its_own_each_time() {
    // The outer loop goes on once for each element of the inner one.
    let body = N::For(
        E::Ints(vec![10, 20]),
        1,
        LoopMode::Parallel,
        Behind::Never,
        Box::new(par([N::Push(0, E::Array(vec![slot(0), slot(1)])), N::Next(0)])),
    );
    let tree = seq([
        par([
            N::For(E::Ints(vec![1, 2]), 0, LoopMode::Explicit, Behind::Complete, Box::new(body)),
            N::Null,
        ]),
        N::Await(E::Initiator, 0, E::Int(6), 2),
        N::Return(vec![slot(2)]),
    ]);
    let (result, _, _) = schedules(&tree);
    assert_eq!(result, "Some(\"[[1,10],[2,10],[2,20],[1,20],[2,10],[2,20]]\")");
}

#[test]
fn an_await_takes_exactly_what_it_waits_for() {
    let (result, _, _) = schedules(&seq([
        N::Push(0, E::Int(7)),
        N::Push(0, E::Int(8)),
        N::Push(0, E::Int(9)),
        N::Await(E::Peer(peer('p')), 0, E::Int(2), 0),
        N::Return(vec![slot(0)]),
    ]));
    assert_eq!(result, "Some(\"[7,8]\")");
}

#[test]
fn an_element_stands_behind_those_of_a_lower_level_wherever_its_loop_stands() {
    // 0 makes 100 directly, and 5 by way of the other stream; the loop that makes 5 comes first
    // in the text, and still 5 comes last.
    let is_zero = |node| {
        N::If(E::Equal(Box::new(slot(1)), Box::new(E::Int(0))), Box::new(node), Box::new(N::Null))
    };
    let live = |stream, item, body| {
        par([N::Live(stream, item, LoopMode::Parallel, Behind::Never, Box::new(body)), N::Null])
    };
    let (result, _, _) = schedules(&seq([
        live(1, 0, N::Push(0, slot(0))),
        live(0, 1, is_zero(par([N::Push(1, E::Int(5)), N::Push(0, E::Int(100))]))),
        N::Push(0, E::Int(0)),
        N::Snapshot(E::Peer(peer('p')), 0, 2),
        N::Return(vec![slot(2)]),
    ]));
    assert_eq!(result, "Some(\"[0,100,5]\")");
}

#[test]
fn behind_a_par_the_lowest_level_of_its_complete_branches_counts_whichever_came_first() {
    // One branch goes through a live loop, the other does not. What is pushed behind them has
    // the level of the other, once that is known, and so stands before what is pushed below it.
    let through = seq([
        N::Live(0, 0, LoopMode::Parallel, Behind::Never, Box::new(N::Null)),
        call(peer('q'), "id", [], Out::Nothing),
    ]);
    let plain = call(peer('p'), "id", [], Out::Slot(1));
    let above = seq([par([through, plain]), N::Push(1, E::Text("above"))]);
    let below = seq([call(peer('r'), "id", [], Out::Nothing), N::Push(1, E::Text("below"))]);
    let (result, _, _) = schedules(&seq([
        N::Push(0, E::Int(1)),
        par([above, below]),
        call(peer('i'), "id", [slot(1)], Out::Nothing),
        N::Await(E::Initiator, 1, E::Int(2), 2),
        N::Return(vec![slot(2)]),
    ]));
    assert_eq!(result, "Some(\"[\\\"above\\\",\\\"below\\\"]\")");
}

#[test]
fn two_parts_of_one_argument_are_each_told_by_who_holds_it() {
    let argument = |parts: [E; 2]| {
        let [one, other] = parts;
        [
            E::Array(vec![one.clone(), other.clone()]),
            E::Array(vec![other.clone(), one.clone()]),
            E::Equal(Box::new(one), Box::new(other)),
        ]
    };
    for argument in argument([slot(0), slot(1)]) {
        let (result, _, most) = schedules(&seq([
            par([
                call(peer('p'), "id", [E::Int(1)], Out::Slot(0)),
                call(peer('i'), "id", [E::Int(2)], Out::Slot(1)),
                N::Null,
            ]),
            call(peer('b'), "id", [argument], Out::Slot(2)),
            N::Return(vec![E::Int(3)]),
        ]));
        assert_eq!(result, "Some(\"3\")");
        assert!(most <= 6, "{most} frames");
    }
}

#[test]
fn a_branch_that_control_has_gone_past_gets_what_is_added_to_its_stream_later() {
    let live = N::Live(
        0,
        0,
        LoopMode::Parallel,
        Behind::Never,
        Box::new(call(peer('i'), "id", [slot(0)], Out::Stream(1))),
    );
    let awaits = N::Await(E::Peer(peer('b')), 0, E::Int(1), 2);
    let after = call(peer('b'), "id", [slot(2)], Out::Stream(1));
    for reader in [live, seq([awaits, after])] {
        let before = call(peer('r'), "f", [], Out::Nothing);
        let (result, _, _) = schedules(&seq([
            par([N::Null, seq([before, reader])]),
            call(peer('p'), "id", [E::Int(7)], Out::Stream(0)),
            N::Await(E::Initiator, 1, E::Int(1), 1),
            N::Return(vec![E::Length(Box::new(slot(1)))]),
        ]));
        assert_eq!(result, "Some(\"1\")");
    }
}

#[test]
fn what_waits_for_two_values_gets_the_one_that_came_first_as_well() {
    // The array waits at p; i has the one part and never sees the other.
    let waits = N::Let(2, E::Array(vec![slot(0), slot(1)]));
    let first = seq([call(peer('r'), "id", [], Out::Slot(0)), N::Never]);
    let home = seq([par([first, waits]), call(peer('p'), "f", [slot(2)], Out::Nothing)]);
    let other = call(peer('i'), "f", [], Out::Slot(1));
    let tree = par([other, N::On(E::Peer(peer('p')), Box::new(home))]);
    schedules(&tree);
}
