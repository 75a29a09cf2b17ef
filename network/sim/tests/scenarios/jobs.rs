//! Simulations as data.

use aquac_ir::{Expr, Fact, Node, Place};
use aquac_sim::{Job, JobError, Outcome, Setup, run_job};

use crate::stage::Author;

/// What every AIR program does: asks for its argument, does something elsewhere, reports.
fn air_like() -> Vec<u8> {
    let setup = Setup::new(&["A", "B", "R"], 1);
    let mut author = Author::new(&setup);
    let initiator = author.builder.expr(Expr::Fact(Fact::Initiator));
    let here = author.builder.place(Place { peer: initiator, via: Box::default() });
    let there = author.place("B", &[]);
    let seq = author.builder.open(Node::Seq(0));
    let x = author.ask(here, "getDataSrv", "x", &[]);
    let relay = author.ask(here, "getDataSrv", "-relay-", &[]);
    let (x, relay) = (author.read(x), author.read(relay));
    let error = author.builder.slot();
    let catch = author.builder.open(Node::Try { error: Some(error) });
    let inner = author.builder.open(Node::Seq(0));
    let y = author.call(there, "f", &[x]);
    let y = author.read(y);
    author.ask(here, "callbackSrv", "response", &[y, relay]);
    author.builder.close(inner);
    let error = author.read(error);
    author.ask(here, "errorHandlingSrv", "error", &[error, relay]);
    author.builder.close(catch);
    author.builder.close(seq);
    author.finish()
}

fn job(more: &str) -> Job {
    let text = format!(
        r#"{{"peers":["A","B"],"init":"A","relay":"R","program":{{"air":""}},"ttl":5000,
            "args":{{"x":{{"who":"@B"}}}}{more}}}"#
    );
    Job::from_json(&text).unwrap()
}

fn run(more: &str) -> Outcome {
    run_job(&job(more), air_like(), None).unwrap()
}

#[test]
fn a_job_gives_calls_messages_and_the_response_with_names_for_ids() {
    let mut outcome = run(r#","services":[["B/s/f","args"]]"#);
    // Bytes and digests are pinned by other tests.
    outcome.turn_digests.clear();
    outcome.bytes = 0;
    outcome.messages.iter_mut().for_each(|message| message.bytes = 0);
    for call in &mut outcome.calls {
        call.origins.clear();
    }
    let text = serde_json::to_string_pretty(&outcome).unwrap();
    insta::assert_snapshot!(text);
}

#[test]
fn a_service_error_that_the_program_reports_is_the_error_of_the_job() {
    let outcome = run(r#","services":[["B/s/f",{"err":[7,"no"]}]]"#);
    assert_eq!(outcome.response, None);
    let error = outcome.error.unwrap().to_string();
    assert!(error.contains(r#""error_code":10000"#), "{error}");
    assert!(error.contains("ret_code is 7"), "{error}");
}

#[test]
fn what_waits_is_named_with_where_and_for_what() {
    let outcome = run(r#","services":[["B/s/f",{"delay_ms":100000,"then":"echo"}]]"#);
    assert_eq!((outcome.stopped, outcome.elapsed), ("time", 5_000));
    let waiting: Vec<(&str, &str)> =
        outcome.waiting.iter().map(|line| (line.peer.as_str(), line.r#for.as_str())).collect();
    assert_eq!(waiting, [("B", "an answer")]);
    // A peer that died is still the one that the others wait for.
    let outcome = run(r#","faults":[{"at":1,"crash":"B"}]"#);
    assert_eq!(outcome.response, None);
    assert_eq!(outcome.waiting[0].peer, "B");
}

#[test]
fn the_same_job_gives_the_same_bytes() {
    let faults = r#","seed":3,"faults":[{"drop":{"p":0.2}},{"delay":{"ms":[1,9]}}]"#;
    let text = |outcome: Outcome| serde_json::to_string(&outcome).unwrap();
    assert_eq!(text(run(faults)), text(run(faults)));
}

#[test]
fn a_job_that_contradicts_itself_is_refused() {
    let unknown = run_job(&job(r#","faults":[{"at":3,"crash":"Z"}]"#), air_like(), None);
    assert_eq!(unknown, Err(JobError::UnknownPeer("Z".to_owned())));
    assert!(
        Job::from_json(r#"{"peers":[],"init":"A","program":{"air":""},"sevices":[]}"#).is_err()
    );
}
