//! Scripted services, and what holds for services of every kind.

use std::sync::Arc;
use std::time::Duration;

use aquac_ir::Value;
use aquac_services::{Registry, Setup, native};

use super::{asked, call, in_time, made, registry, shown};

#[tokio::test]
async fn each_answer_is_as_written() {
    let registry = registry(
        r#"
        [[service]]
        id = "s"
        kind = "scripted"
        functions.ok.answer = { ok = { score = 700 } }
        functions.echo.answer = "echo"
        functions.args.answer = "args"
        functions.name.answer = "name"
        functions.other.answer = { echo_or = 5 }
        functions.fails.answer = { err = [7, "no such customer"] }
        functions.raw.answer = { raw = "[1" }
        functions.turns.answer = { seq = [{ ok = 1 }, { err = [2, "two"] }, { ok = 3 }] }
        functions.slow.answer = { delay_ms = 30, then = { ok = "late" } }
        "#,
    );
    let say = async |function: &str, args: &str| asked(&registry, "s", function, args).await;
    insta::assert_snapshot!(say("ok", "[]").await, @r#"{"score":700}"#);
    insta::assert_snapshot!(say("echo", "[[1]]").await, @"[1]");
    insta::assert_snapshot!(say("args", "[1,2]").await, @"[1,2]");
    insta::assert_snapshot!(say("name", "[]").await, @r#""s.name""#);
    insta::assert_snapshot!(say("other", "[]").await, @"5");
    insta::assert_snapshot!(say("fails", "[]").await, @"7: no such customer");
    insta::assert_snapshot!(say("raw", "[]").await, @"10000: the answer is no JSON: EOF while parsing a list at line 1 column 2");
    let turns = [say("turns", "[]").await, say("turns", "[]").await, say("turns", "[]").await];
    assert_eq!(turns, ["1", "2: two", "3"]);
    assert_eq!(say("turns", "[]").await, "3", "the last one stays");
    insta::assert_snapshot!(say("slow", "[]").await, @r#""late""#);
    insta::assert_snapshot!(say("none", "[]").await, @"10000: no such function: s.none");
    insta::assert_snapshot!(asked(&registry, "t", "f", "[]").await, @"10000: no such service: t");
}

#[tokio::test]
async fn an_answer_comes_before_the_timeout_and_before_the_deadline() {
    let registry = registry(
        r#"
        [[service]]
        id = "s"
        kind = "scripted"
        timeout = "20ms"
        functions.slow.answer = { delay_ms = 60000, then = "echo" }
        functions.patient = { timeout = "1m", answer = { delay_ms = 60000, then = "echo" } }
        "#,
    );
    insta::assert_snapshot!(asked(&registry, "s", "slow", "[]").await, @"11003: s.slow did not answer within 20ms");
    let mut hurried = call("s", "patient", "[]");
    hurried.deadline = in_time(Duration::from_millis(30));
    insta::assert_snapshot!(shown(registry.call(hurried).await), @"11003: s.patient did not answer before the deadline");
}

#[tokio::test]
async fn a_closure_is_a_service() {
    let setup = Setup {
        native: [("math".to_owned(), native(async |call| Ok(Value::from(call.args.len() as i64))))]
            .into(),
        otherwise: Some(native(async |call| Ok(Value::text(&call.service)))),
        ..Setup::default()
    };
    let registry = Arc::new(Registry::new(setup).unwrap());
    assert_eq!(asked(&registry, "math", "count", "[1,2]").await, "2");
    assert_eq!(asked(&registry, "anything", "f", "[]").await, r#""anything""#);
}

#[test]
fn a_mistake_in_the_configuration_is_found_before_anything_is_asked() {
    let refused = |fields: &str| match made(&format!("[[service]]\nid = \"s\"\n{fields}")) {
        Ok(_) => "accepted".to_owned(),
        Err(error) => format!("{error} ({:?})", error.function),
    };
    insta::assert_snapshot!(refused("kind = \"http\""), @r#"service "s": `url` is missing (None)"#);
    insta::assert_snapshot!(refused("kind = \"process\"\ncommand = []"), @r#"service "s": `command` is missing (None)"#);
    insta::assert_snapshot!(refused("kind = \"native\""), @r#"service "s": nothing in this program answers for it (kind `native`) (None)"#);
    insta::assert_snapshot!(refused("kind = \"scripted\"\nfunctions.f = {}"), @r#"service "s": `answer` is missing (Some("f"))"#);
    insta::assert_snapshot!(refused("kind = \"scripted\"\nurl = \"http://a\""), @r#"service "s": `url` has no meaning for a service of this kind (None)"#);
    insta::assert_snapshot!(refused("kind = \"scripted\"\nfunctions.f.path = \"/\""), @r#"service "s": `path` has no meaning for a service of this kind (Some("f"))"#);
    insta::assert_snapshot!(refused("kind = \"scripted\"\ntimeout = \"0s\""), @r#"service "s": `timeout` is out of its bounds (None)"#);
    insta::assert_snapshot!(refused("kind = \"http\"\nurl = \"ftp://a\""), @r#"service "s": `ftp://a` is no http address: the scheme `ftp` is not spoken here (None)"#);
    insta::assert_snapshot!(refused("kind = \"http\"\nurl = \"http://a\"\nfunctions.f.method = \"get\""), @r#"service "s": `get` is no HTTP method (Some("f"))"#);
    insta::assert_snapshot!(refused("kind = \"http\"\nurl = \"http://a\"\nfunctions.f.result = \"score\""), @r#"service "s": `score` is no JSON pointer: it starts with `/` (Some("f"))"#);
    insta::assert_snapshot!(refused("kind = \"scripted\"\n[[service]]\nid = \"s\"\nkind = \"scripted\""), @r#"service "s": there are two services with this id (None)"#);
}
