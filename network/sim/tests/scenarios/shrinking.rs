//! A job that breaks an expectation becomes the smallest one that breaks it.

use aquac_sim::{Broken, Job, Setup, judge, shrink};

use crate::stage::chain;

fn program() -> Vec<u8> {
    let setup = Setup::new(&["A", "B", "C"], 1);
    chain(&setup, &[("B", &[]), ("C", &[])])
}

fn job(more: &str) -> Job {
    let text = format!(
        r#"{{"peers":["A","B","C","D"],"init":"A","program":{{"air":""}},"ttl":5000,"seed":17{more}}}"#
    );
    Job::from_json(&text).unwrap()
}

/// Many things go wrong; what counts is that B is away when it is needed and never comes back.
const TROUBLE: &str = r#","services":[["B/s/f",{"delay_ms":20,"then":"echo"}],["D/*","echo"],["*","echo"]],
    "faults":[{"delay":{"ms":[1,9]}},{"duplicate":{"p":0.3}},{"at":6,"crash":"B"},{"skew":{"peer":"C","ms":700}},
              {"partition":{"at":30,"until":60,"from":["A"],"to":["C"]}},{"torn_write":"C"}],
    "expect":{"ends":true}"#;

#[test]
fn what_has_nothing_to_do_with_it_is_gone() {
    let job = job(TROUBLE);
    let (_, broken) = judge(&job, &program(), None).unwrap();
    let broken = broken.unwrap();
    assert_eq!(broken, Broken::Ends { expected: true });
    let failing = shrink(&job, &broken, &program(), None);
    assert_eq!(failing.seed, 17);
    // Without services B fails, which is an end too; so even C is not needed.
    let text = failing.job.to_json().unwrap();
    assert!(text.starts_with(r#"{"peers":["B"],"init":"A","program":{"air":""},"#), "{text}");
    assert!(text.contains(r#""seed":0,"#), "{text}");
    assert!(
        text.ends_with(r#""services":[],"faults":[{"at":0,"crash":"B"}],"expect":{"ends":true}}"#),
        "{text}"
    );
}

#[test]
fn the_smallest_job_breaks_the_same_and_says_so() {
    let job = job(TROUBLE);
    let failing = shrink(&job, &Broken::Ends { expected: true }, &program(), None);
    let again = Job::from_json(&failing.job.to_json().unwrap()).unwrap();
    assert_eq!(again, failing.job);
    let (_, broken) = judge(&again, &program(), None).unwrap();
    assert_eq!(broken, Some(failing.still));
}

#[test]
fn every_expectation_is_held_against_what_came() {
    let broken = |expect: &str| {
        let job = job(&format!(r#","services":[["*","echo"]],"expect":{expect}"#));
        judge(&job, &program(), None).unwrap().1.map(|broken| broken.to_string())
    };
    assert_eq!(broken(r#"{"response":["begin"],"calls":2,"ends":true,"within":1000}"#), None);
    assert_eq!(
        broken(r#"{"response":["end"]}"#).unwrap(),
        r#"the response is ["begin"], not ["end"]"#
    );
    assert_eq!(broken(r#"{"error":"no"}"#).unwrap(), r#"the error is null, not "no""#);
    assert_eq!(broken(r#"{"calls":3}"#).unwrap(), "2 calls, not 3");
    assert_eq!(broken(r#"{"ends":false}"#).unwrap(), "it ends");
    assert!(broken(r#"{"within":1}"#).unwrap().starts_with("it took "));
    assert!(
        Job::from_json(r#"{"peers":[],"init":"A","program":{"air":""},"expect":{"x":1}}"#).is_err()
    );
}
