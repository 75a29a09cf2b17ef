//! When an iteration of a fold over a stream is complete although it failed, as the reference
//! does it: what is expected here was played there. Only of a call that fails the reference says
//! both, first yes and then no (D5); here it is no.

use crate::oracle::{Script, Story, ours};
use crate::services::SERVICES;

/// Whether what stands behind a fold over one element is reached. The body may use `e`, which a
/// service answered.
fn goes_on(answers: &str, body: &str) -> bool {
    let text = format!(
        r#"(seq (seq (call "@A" ("s" "{answers}") [] e) (ap 1 $s))
            (seq (fold $s i {body}) (call "@A" ("s" "behind") [])))"#
    );
    let services = serde_json::from_str(SERVICES).unwrap();
    let script = Script { name: body.to_owned(), text, services };
    let Story::Played { calls, .. } = ours(&script, 0) else { panic!("{body} is not played") };
    calls.iter().any(|call| call.starts_with("A s.behind"))
}

#[test]
fn an_iteration_that_fails_by_itself_is_complete() {
    let all = [
        ("num", "(match i 2 (null))"),
        ("num", "(ap i.$.a $t)"),
        ("num", "(new x (ap x $t))"),
        ("num", "(new x (ap x $t)) (null)"),
        ("num", "(new x (ap x $t)) (never)"),
        ("num", "(new x (seq (ap x $t) (next i)))"),
        ("num", r#"(new x (call "@A" ("s" "f") [x]))"#),
        ("num", r#"(new x (call x ("s" "f") []))"#),
        ("num", "(new x (fail x))"),
        ("num", "(fail i)"),
        ("half", "(fail e)"),
        ("noerror", "(fail e)"),
    ];
    for (answers, body) in all {
        assert!(goes_on(answers, body), "{body} with {answers}");
    }
}

#[test]
fn an_iteration_whose_call_fails_or_that_throws_is_not_complete() {
    let all = [
        ("num", r#"(call "@A" ("s" "bad") [])"#),
        ("num", r#"(fail 1 "m")"#),
        ("error", "(fail e)"),
        ("error", "(seq (match 1 1 (null)) (fail e))"),
        ("num", r#"(seq (match 1 1 (null)) (fail 1 "m"))"#),
        ("num", "(par (new x (ap x $t)) (never))"),
    ];
    for (answers, body) in all {
        assert!(!goes_on(answers, body), "{body} with {answers}");
    }
}
