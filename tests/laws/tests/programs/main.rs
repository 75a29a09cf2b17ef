//! Random Aqua programs, through the compiler and over simulated peers.
//!
//! Every call in such a program is told the name of the place where it must happen, so the
//! program itself says whether it was compiled and run correctly: every call that is due happens,
//! at its peer, as often as the text says, and nothing waits for ever.

mod messages;
mod random;
#[cfg(test)]
mod reference;
mod writer;

use std::collections::BTreeMap;

use aquac_air::{Frame, Relay};
use aquac_base::{Name, Source as Text, SourceMap};
use aquac_ir::{Expr, Fact, Node, Program, Value, VerifiedProgram, encode};
use aquac_lowering::{Lowered, Options, lower};
use aquac_semantics::{Link, ModuleGraph, ParsedModule, check};
use aquac_sim::{Answer, Job, JobLimits, Outcome, Source, run_job};
use proptest::prelude::*;

use random::{PEERS, RELAYS, bodies};
use writer::{Due, INITIATOR, Reached, write, write_reached};

/// A program, compiled; what is compiled may run.
fn compiled(text: &str) -> Lowered {
    let mut sources = SourceMap::new();
    let source = sources.add(Text::new("random.aqua", text));
    let parsed = aquac_syntax::parse(source, text);
    let links = parsed.module.head.iter().map(|_| Link::None).collect();
    let mut graph = ModuleGraph::new();
    graph.add(ParsedModule { path: Name::new("random"), tree: parsed.module, links, entry: true });
    let typed = check(&graph, &[], &sources);
    let wrong: Vec<_> = typed.diagnostics.iter().filter(|found| found.is_error()).collect();
    assert!(wrong.is_empty(), "{wrong:#?}\n{text}");
    let (main, _) = typed.exported_function("main").expect("every random program exports main");
    let lowered = lower(&typed, &sources, main, &Options::default())
        .expect("random programs are small and have only values");
    VerifiedProgram::new(lowered.program.clone()).expect("what is compiled may run");
    lowered
}

/// What each call is told about its place, and the place that the program gives it.
fn places(program: &Program) -> Vec<(String, String)> {
    let place_of = |node: &Node| {
        let Node::Call { place, args, .. } = node else { return None };
        let Expr::Const(said) = program.expr(*args.first()?)? else { return None };
        let said = program.constant(*said)?.as_text()?.to_owned();
        let peer = program.expr(program.place(*place)?.peer)?;
        let place = if let Expr::Arg(number) = peer {
            format!("p{}", number.0)
        } else {
            assert_eq!(*peer, Expr::Fact(Fact::Initiator));
            INITIATOR.to_owned()
        };
        Some((said, place))
    };
    program.nodes.iter().filter_map(place_of).collect()
}

/// Runs a program on three peers, two relays, and a client behind a relay of its own; every service answers, if only with
/// an error.
fn run(lowered: &Lowered, seed: u64) -> Outcome {
    let program = Source::Aqua { aqua: "random.aqua".to_owned(), function: "main".to_owned() };
    let job = job(program, seed);
    run_job(&job, encode(&lowered.program), Some(&lowered.debug)).expect("every name is given")
}

/// Writes a program as AIR, reads that back, and runs it in the same way.
fn run_as_air(lowered: &Lowered, seed: u64) -> Outcome {
    let program = VerifiedProgram::new(lowered.program.clone()).expect("it was verified before");
    let frame = Frame::Function { parameters: &lowered.debug.parameters, relay: Relay::Loaded };
    let air = aquac_air::write(&program, frame).expect("what Aqua says, AIR can say");
    let read = aquac_air::read(&air).expect("what is written is read");
    let mut job = job(Source::Air { air }, seed);
    job.args.insert("-relay-".to_owned(), "@relay".into());
    let program = encode(read.program.program());
    run_job(&job, program, Some(&read.debug)).expect("every name is given")
}

fn job(program: Source, seed: u64) -> Job {
    let text = |text: &str| Value::text(text);
    let three = Value::array(vec![text("x"), text("y"), text("z")]).expect("it nests once");
    let peers: Vec<String> = PEERS.iter().chain(&RELAYS).map(ToString::to_string).collect();
    let id = |name: &String| (name.clone(), Value::from(format!("@{name}")));
    let mut args: BTreeMap<String, Value> = peers.iter().map(id).collect();
    args.insert("xs".to_owned(), three);
    Job {
        peers,
        init: INITIATOR.to_owned(),
        relay: Some("relay".to_owned()),
        program,
        args,
        seed,
        timestamp: 1_700_000_000_000,
        ttl: 60_000,
        limits: JobLimits::default(),
        services: vec![
            ("*/tool/fail".to_owned(), Answer::Err(1, text("no"))),
            ("*/tool/ask".to_owned(), Answer::Ok(true.into())),
            ("*/tool/get".to_owned(), Answer::Echo),
            ("*/callbackSrv/*".to_owned(), Answer::Echo),
            ("*/*/*".to_owned(), Answer::Ok(Value::Null)),
        ],
        faults: Vec::new(),
        expect: None,
    }
}

/// What each call said about its place, and where it happened. What AIR asks of its host is its
/// own affair.
fn happened(outcome: &Outcome) -> Vec<(String, String)> {
    let one = |call: &aquac_sim::CallLine| {
        let said = call.args.first().and_then(Value::as_text).unwrap_or_default();
        (said.trim_start_matches('@').to_owned(), call.peer.clone())
    };
    let frame = ["getDataSrv", "errorHandlingSrv"];
    outcome.calls.iter().filter(|call| !frame.contains(&&*call.service)).map(one).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn every_call_is_in_the_program_once_and_at_the_place_of_its_on(bodies in bodies(4)) {
        let (text, due) = write(&bodies);
        let first = compiled(&text);
        let places = places(&first.program);
        for (said, is) in &places {
            prop_assert_eq!(said, is, "{}", &text);
        }
        let mut said: Vec<String> = places.into_iter().map(|(said, _)| said).collect();
        said.sort();
        prop_assert_eq!(said, due.written(), "{}", &text);
        prop_assert_eq!(encode(&first.program), encode(&compiled(&text).program));
    }

    #[test]
    fn every_call_that_is_due_happens_at_its_peer_and_nothing_waits(
        bodies in bodies(3),
        seed: u64,
    ) {
        let (text, due) = write(&bodies);
        prop_assume!(due.happening().len() <= Due::MOST);
        let outcome = run(&compiled(&text), seed);
        let calls = happened(&outcome);
        for (said, peer) in &calls {
            prop_assert_eq!(said, peer, "{}", &text);
        }
        let mut said: Vec<String> = calls.into_iter().map(|(said, _)| said).collect();
        said.sort();
        prop_assert_eq!(said, due.happening(), "{}", &text);
        prop_assert_eq!(&outcome.error, &None, "{}", &text);
        // A loop over a live stream is open for more as long as the run lives.
        let stuck = outcome.waiting.iter().find(|waiting| waiting.r#for != "another element");
        prop_assert!(stuck.is_none(), "{stuck:?}\n{}", &text);
    }

    #[test]
    fn every_link_goes_through_the_relays_of_both_ends(bodies in bodies(3), seed: u64) {
        let (text, due) = write_reached(&bodies, Reached::ThroughItsRelay);
        prop_assume!(due.happening().len() <= Due::MOST);
        let outcome = run(&compiled(&text), seed);
        for message in &outcome.messages {
            let (from, to) = (message.from.as_str(), message.to.as_str());
            for (end, other) in [(from, to), (to, from)] {
                let relay = match end {
                    INITIATOR => "relay",
                    "p0" => "r0",
                    "p1" => "r1",
                    _ => continue,
                };
                prop_assert_eq!(other, relay, "{} -> {}\n{}", from, to, &text);
            }
        }
        let mut said: Vec<String> = happened(&outcome).into_iter().map(|(said, _)| said).collect();
        said.sort();
        prop_assert_eq!(said, due.happening(), "{}", &text);
    }

    #[test]
    fn written_as_air_it_does_the_same(bodies in bodies(3), seed: u64) {
        let (text, due) = write(&bodies);
        prop_assume!(due.happening().len() <= Due::MOST);
        let outcome = run_as_air(&compiled(&text), seed);
        let calls = happened(&outcome);
        for (said, peer) in &calls {
            prop_assert_eq!(said, peer, "{}", &text);
        }
        let mut said: Vec<String> = calls.into_iter().map(|(said, _)| said).collect();
        said.sort();
        prop_assert_eq!(said, due.happening(), "{}", &text);
        prop_assert_eq!(&outcome.error, &None, "{}", &text);
    }
}
