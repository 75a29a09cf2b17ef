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
fn every_fault_of_a_job_happens() {
    let with =
        |faults: &str| run(&format!(r#","services":[["B/s/f","echo"]],"faults":[{faults}]"#));
    let plain = with("");
    let answered = |outcome: &Outcome| outcome.response == plain.response;
    assert!(plain.response.is_some());
    for lost in [
        r#"{"crash":"B"}"#,
        r#"{"drop":{"to":"B"}}"#,
        r#"{"partition":{"from":"*","to":"B"}}"#,
        r#"{"skew":{"peer":"B","ms":600000}}"#,
    ] {
        let outcome = with(lost);
        assert_eq!(outcome.response, None, "{lost}");
        assert_eq!(outcome.waiting[0].peer, "B", "{lost}");
    }
    for late in [
        r#"{"crash":"B"},{"at":200,"restart":"B"}"#,
        r#"{"at":3,"crash":"B"},{"torn_write":"B"},{"at":200,"restart":"B"}"#,
        r#"{"delay":{"to":"B","ms":200}}"#,
        r#"{"partition":{"until":200,"from":"*","to":"B"}}"#,
    ] {
        let outcome = with(late);
        assert!(answered(&outcome) && outcome.elapsed >= 200, "{late}: {}", outcome.elapsed);
    }
    for harmless in [r#"{"duplicate":{}}"#, r#"{"equivocate":"B"}"#, r#"{"crash":"D"}"#] {
        let outcome = with(harmless);
        assert!(answered(&outcome), "{harmless}");
        assert_eq!(outcome.calls.len(), plain.calls.len(), "{harmless}");
    }
    let lied = with(r#"{"lie":{"peer":"B","service":"s"}}"#);
    assert!(lied.response.is_some() && !answered(&lied), "{:?}", lied.response);
}

#[test]
fn the_same_job_gives_the_same_bytes() {
    let faults = r#","seed":3,"faults":[{"drop":{"p":0.2}},{"delay":{"ms":[1,9]}}]"#;
    let text = |outcome: Outcome| serde_json::to_string(&outcome).unwrap();
    assert_eq!(text(run(faults)), text(run(faults)));
}

#[test]
fn a_job_that_contradicts_itself_is_refused() {
    let twice = Job { peers: vec!["A".to_owned(), "A".to_owned()], ..job("") };
    let refused = run_job(&twice, air_like(), None);
    assert_eq!(refused, Err(JobError::PeerTwice("A".to_owned())));
    let listed = Job::from_json(r#"{"init":"A","program":{"air":""},"args":[1]}"#).unwrap();
    let refused = run_job(&listed, air_like(), None);
    assert_eq!(refused, Err(JobError::ArgumentsByNumber));
}

#[test]
fn who_is_named_takes_part_whether_listed_or_not() {
    let names = |text: &str| Job::from_json(text).unwrap().all_peers().unwrap().join(" ");
    let faults = r#"{"peers":["@A"],"init":"@A","relay":"@R","program":{"air":""},
        "faults":[{"crash":"@B"},{"drop":{"from":"C*","to":"@D"}},{"partition":{"from":"E","to":["*"]}}]}"#;
    assert_eq!(names(faults), "A R B D E");
    assert_eq!(Job::from_json(faults).unwrap().only_in_faults(), ["B", "D", "E"]);
    let unlisted = r#"{"init":"A","program":{"air":"(call \"@B\" (\"s\" \"f\") [])"},
        "args":{"x":["@C"]},"services":[["D/s/f","echo"],["*/s/f","echo"]]}"#;
    assert_eq!(names(unlisted), "A C B D");
}

fn mistakes(all: &[&str]) -> String {
    let shown = all.iter().map(|more| {
        let text = format!("{{\"init\":\"A\",\"program\":{{\"air\":\"\"}},\n {more}}}");
        Job::from_json(&text).expect_err(more).to_string()
    });
    shown.collect::<Vec<String>>().join("\n")
}

#[test]
fn a_mistake_in_a_job_is_shown_where_it_stands_with_what_was_meant() {
    let all = [
        r#""sevices":[]"#,
        r#""colour":1"#,
        r#""init":"B""#,
        r#""ttl":"x""#,
        r#""seed":-1"#,
        r#""seed":01"#,
        r#""peers":"#,
        r#""peers":[1]"#,
        r#""peers":["A","Ä","A"]"#,
        r#""faults":[{"at":5,"crsh":"B"}]"#,
        r#""faults":[{"at":5}]"#,
        r#""faults":[{"crash":"B","p":1}]"#,
        r#""faults":[{"drop":{"p":2}}]"#,
        r#""faults":[{"delay":{"ms":[3,2]}}]"#,
        r#""faults":[{"crash":"B","restart":"B"}]"#,
        r#""services":[["A/s/f","ecko"]]"#,
        r#""services":[["A/s/f"]]"#,
        r#""limits":{"fanout":1}"#,
        r#""expect":{"x":1}"#,
    ];
    insta::assert_snapshot!(mistakes(&all), @r#"
    2:2: there is no field `sevices`; did you mean `services`?
    2:2: there is no field `colour`; there are: peers, init, relay, program, args, seed, timestamp, ttl, limits, services, faults, expect
    2:2: the field `init` stands there twice
    2:8: a number of milliseconds below 2^32 should stand here, not "x"
    2:9: a whole number that is not negative should stand here, not -1
    2:10: this is no JSON: invalid number
    2:10: this is no JSON: expected value
    2:11: the name of a peer should stand here, not 1
    2:19: the peer "A" stands there twice
    2:20: there is no field `crsh`; did you mean `crash`?
    2:12: one fault should stand here, not {"at":5}
    2:25: there is no field `p`; there are: at, crash
    2:25: a number from 0 to 1 should stand here, not 2
    2:27: milliseconds: [least, most] should stand here, not [3,2]
    2:12: one fault should stand here, not {"crash":"B","restart":"B"}
    2:23: this is no answer: "ecko"; an answer is "echo", "args", "origins", "name", or one of {"ok": value}, {"err": [code, message]}, {"echo_or": value}, {"raw": text}, {"seq": [answer, …]}, {"delay_ms": milliseconds, "then": answer}
    2:14: ["Peer/service/function", answer] should stand here, not ["A/s/f"]
    2:12: there is no field `fanout`; did you mean `fan_out`?
    2:12: there is no field `x`; there are: response, error, calls, ends, within
    "#);
    let whole = |text: &str| Job::from_json(text).unwrap_err().to_string();
    assert_eq!(whole(r#"{"program":{"air":""}}"#), "1:1: the field `init` is missing");
    let mark = "\u{feff}{\"init\":\"A\",\"program\":{\"air\":\"\"}}";
    assert!(Job::from_json(mark).is_ok(), "what some editors put before a text is no mistake");
    assert_eq!(
        whole(r#"{"init":"A","program":{"aire":""}}"#),
        "1:24: there is no field `aire`; did you mean `air`?"
    );
}

#[test]
fn what_a_job_says_and_cannot_mean_is_refused() {
    let all = [
        r#""services":[["A/f","echo"]]"#,
        r#""services":{"A/s/f":{"ok":1,"err":[1,"x"]}}"#,
        r#""services":[["*",{"delay_ms":1,"then":"echo","x":1}]]"#,
        r#""peers":["A","B*"]"#,
        r#""relay":"a b""#,
        r#""faults":[{"crash":"*"}]"#,
        r#""faults":[{"partition":{"at":9,"until":8,"from":"A","to":"B"}}]"#,
        r#""faults":[{"partition":{"from":3,"to":"B"}}]"#,
        r#""faults":[{"skew":{"peer":"B"}}]"#,
        r#""faults":[{"lie":{"peer":"B","servise":"s"}}]"#,
        r#""faults":[{"torn_write":1}]"#,
        r#""faults":{"crash":"B"}"#,
        r#""args":"x""#,
        r#""timestamp":1.5"#,
        r#""limits":[]"#,
        r#""limits":{"fan_out":-1}"#,
        r#""limits":{"events":"x"}"#,
        r#""expect":{"ends":1}"#,
    ];
    insta::assert_snapshot!(mistakes(&all), @r#"
    2:15: a pattern of `Peer/service/function` should stand here, not `A/f`
    2:22: this is no answer: {"err":[1,"x"],"ok":1}; an answer is "echo", "args", "origins", "name", or one of {"ok": value}, {"err": [code, message]}, {"echo_or": value}, {"raw": text}, {"seq": [answer, …]}, {"delay_ms": milliseconds, "then": answer}
    2:19: this is no answer: {"delay_ms":1,"then":"echo","x":1}; an answer is "echo", "args", "origins", "name", or one of {"ok": value}, {"err": [code, message]}, {"echo_or": value}, {"raw": text}, {"seq": [answer, …]}, {"delay_ms": milliseconds, "then": answer}
    2:15: the name of one peer, without `*`, `?`, `/`, `@` and blanks, should stand here, not "B*"
    2:10: the name of one peer, without `*`, `?`, `/`, `@` and blanks, should stand here, not "a b"
    2:21: the name of one peer, without `*`, `?`, `/`, `@` and blanks, should stand here, not "*"
    2:41: a time not before `at` should stand here, not 8
    2:33: a list of peers should stand here, not 3
    2:20: the field `ms` is missing
    2:31: there is no field `servise`; did you mean `service`?
    2:26: the name of a peer should stand here, not 1
    2:11: a list of faults should stand here, not {"crash":"B"}
    2:9: arguments, by name or as a list, should stand here, not "x"
    2:14: a whole number that is not negative should stand here, not 1.5
    2:11: limits, an object, should stand here, not []
    2:22: a whole number below 2^32 should stand here, not -1
    2:21: a whole number should stand here, not "x"
    2:19: true or false should stand here, not 1
    "#);
}

#[test]
fn what_a_job_leaves_out_is_as_usual_and_every_form_is_read() {
    let text = r#"{"init":"A","relay":null,"program":{"aqua":"a.aqua"},"args":[1,"x"],"limits":{},
        "services":{"@B/s/f":{"delay_ms":3,"then":{"seq":["echo",{"echo_or":1},"args","origins",
        "name",{"ok":1},{"err":[1,"e"]},{"raw":"x"}]}}},
        "faults":[{"at":5,"crash":"B"},{"at":50,"restart":"B"},
        {"drop":{"from":"A","to":"B","p":0.1}},{"duplicate":{}},
        {"delay":{"from":"*","to":"*","ms":[1,20]}},{"delay":{"ms":7}},
        {"partition":{"at":5,"until":80,"from":["A"],"to":["B"]}},{"skew":{"peer":"B","ms":-3000}},
        {"torn_write":"B"},{"lie":{"peer":"B","service":"s"}},{"equivocate":"B"}]}"#;
    let job = Job::from_json(text).unwrap();
    assert_eq!((job.ttl, job.seed, job.timestamp), (60_000, 0, 1_700_000_000_000));
    assert_eq!((job.faults.len(), job.services[0].0.as_str()), (11, "B/s/f"));
    // What is written is read again as the same.
    assert_eq!(Job::from_json(&job.to_json().unwrap()).unwrap(), job);
}
