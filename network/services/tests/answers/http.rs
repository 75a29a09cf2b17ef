//! HTTP services against a server that behaves well, badly, or not at all.

use std::time::{Duration, Instant};

use super::server::{Server, answer};
use super::{asked, call, registry};

/// A registry with service `credit`, function `check`, at this server.
fn credit(url: &str, function: &str) -> aquac_services::Registry {
    registry(&format!(
        "[[service]]\nid = \"credit\"\nkind = \"http\"\nurl = \"{url}\"\nmax_answer_bytes = 4096\n\
         [service.functions.check]\n{function}"
    ))
}

/// What `credit.check("al")` gives when the server answers so.
async fn answered(answer: &str) -> String {
    let server = Server::start(answer).await;
    let registry = credit(&server.url, "path = \"/score/{customer}\"\ntimeout = \"200ms\"");
    let result = asked(&registry, "credit", "check", r#"["al"]"#).await;
    result.replace(&server.url, "http://bank")
}

#[tokio::test]
async fn a_call_is_one_request_with_everything_a_service_may_demand() {
    let server = Server::start(&answer("200 OK", r#"{"data":{"scores":[700,650]}}"#)).await;
    let registry = credit(
        &server.url,
        r#"
        method = "PUT"
        path = "/score/{customer.id}?note={note}"
        args = ["customer", "note"]
        body = { who = "{customer}", by = "aqua", note = "re: {note}" }
        result = "/data/scores/0"
        "#,
    );
    let result = asked(&registry, "credit", "check", r#"[{"id":"a/b"},"x&y"]"#).await;
    assert_eq!(result, "700");
    let [request] = &server.requests()[..] else { panic!("one request") };
    let mut lines: Vec<_> = request
        .lines()
        .filter(|line| !line.starts_with("host:") && !line.starts_with("aqua-deadline-ms:"))
        .collect();
    lines[1..].sort_unstable();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    PUT /score/a%2Fb?note=x%26y HTTP/1.1

    accept: application/json
    aqua-initiator: 12D3KooW9xCm2jWjNVrwh51SWCQBMYdMyeU3NpT85QhLVkF6PcNM
    aqua-origins: [{"kind":"result","peer":"12D3KooWAHoEkEqnKzM5PXFygh2movVBCSX3k8tDsT2cneU68Gyt","service":"credit","function":"check","path":".n\u00e4me"},{"kind":"result","peer":"12D3KooWAHoEkEqnKzM5PXFygh2movVBCSX3k8tDsT2cneU68Gyt","service":"credit","function":"check","path":".n\u00e4me"}]
    aqua-particle: 0101010101010101010101010101010101010101010101010101010101010101
    content-length: 49
    content-type: application/json
    idempotency-key: 0303030303030303030303030303030303030303030303030303030303030303
    {"by":"aqua","note":"re: x&y","who":{"id":"a/b"}}
    "#);
    assert!(request.contains("\r\naqua-deadline-ms: 1"), "milliseconds since 1970");
}

#[tokio::test]
async fn an_answer_is_json_or_empty() {
    insta::assert_snapshot!(answered(&answer("200 OK", "[1,2]")).await, @"[1,2]");
    insta::assert_snapshot!(answered(&answer("204 No Content", "")).await, @"null");
    insta::assert_snapshot!(answered(&answer("200 OK", "<html>")).await, @"10000: the answer of http://bank/score/al is no JSON: expected value at line 1 column 1");
    insta::assert_snapshot!(answered(&answer("200 OK", "{\"a\":1,\"a\":2}")).await, @r#"10000: the answer of http://bank/score/al is no JSON: the field "a" stands twice at line 1 column 13"#);
}

#[tokio::test]
async fn another_status_than_2xx_is_an_error_with_the_beginning_of_the_body() {
    insta::assert_snapshot!(answered(&answer("500 Internal Server Error", "out of order")).await, @"500: http://bank/score/al answered 500: out of order");
    let long = answered(&answer("404 Not Found", &"x".repeat(5000))).await;
    assert_eq!(long.matches('x').count(), 1024);
    let elsewhere = Server::start(&answer("200 OK", "1")).await;
    let redirect = format!("302 Found\r\nLocation: {}/", elsewhere.url);
    insta::assert_snapshot!(answered(&answer(&redirect, "")).await, @"302: http://bank/score/al answered 302: ");
    assert_eq!(elsewhere.requests().len(), 0, "redirects are not followed");
}

#[tokio::test]
async fn a_server_that_is_silent_or_speaks_something_else_is_an_error_in_time() {
    let started = Instant::now();
    insta::assert_snapshot!(answered("").await, @"11003: credit.check did not answer within 200ms");
    insta::assert_snapshot!(answered("SSH-2.0-OpenSSH\r\n\r\n").await, @"10000: http://bank/score/al: invalid HTTP version parsed");
    insta::assert_snapshot!(answered("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n[1").await, @"10000: http://bank/score/al broke off: end of file before message length reached");
    let nobody = credit("http://127.0.0.1:1", "");
    insta::assert_snapshot!(asked(&nobody, "credit", "check", "[]").await, @"11001: http://127.0.0.1:1/check: Connection refused (os error 111)");
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_not_read_to_its_end() {
    let body = format!("\"{}\"", "y".repeat(5000));
    insta::assert_snapshot!(answered(&answer("200 OK", &body)).await, @"11005: the answer of http://bank/score/al has more than 4096 bytes");
    let endless = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1000\r\n".to_owned()
        + &"y".repeat(4096)
        + "\r\n1000\r\n"
        + &"y".repeat(4096);
    insta::assert_snapshot!(answered(&endless).await, @"11005: the answer of http://bank/score/al has more than 4096 bytes");
}

#[tokio::test]
async fn what_the_answer_lacks_is_named() {
    let server = Server::start(&answer("200 OK", r#"{"scores":[1]}"#)).await;
    for (pointer, expected) in
        [("/scores/0", "1"), ("/scores/00", "nothing"), ("/score", "nothing")]
    {
        let registry = credit(&server.url, &format!("result = \"{pointer}\""));
        let result = asked(&registry, "credit", "check", "[]").await;
        assert!(result.contains(expected), "{pointer}: {result}");
    }
    let registry = credit(&server.url, "path = \"/{a}\"");
    let many = registry.call(call("credit", "check", "[1,2]")).await.unwrap_err();
    assert_eq!(many.code, 10007, "{}", many.message);
}
