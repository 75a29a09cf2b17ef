//! Sidecars: shell scripts here, any language elsewhere.

use std::time::{Duration, Instant};

use super::{asked, registry};

/// A registry with service `s`: this shell script.
fn sidecar(script: &str) -> aquac_services::Registry {
    let script = toml::Value::from(script);
    registry(&format!(
        "[[service]]\nid = \"s\"\nkind = \"process\"\ncommand = [\"sh\", \"-c\", {script}]\n\
         timeout = \"5s\"\nmax_answer_bytes = 1000"
    ))
}

/// Takes the id out of a request.
const ID: &str = r#"id=${line#*:}; id=${id%%,*}"#;

#[tokio::test]
async fn calls_are_answered_in_any_order() {
    // The first request is answered after the second.
    let registry = sidecar(&format!(
        r#"read -r line; {ID}; first=$id
           read -r line; {ID}; echo "{{\"id\":$id,\"ok\":\"second\"}}"
           echo "{{\"id\":$first,\"error\":{{\"code\":4,\"message\":\"first\"}}}}"
           sleep 5"#
    ));
    let (first, second) =
        tokio::join!(asked(&registry, "s", "f", "[1]"), asked(&registry, "s", "f", "[2]"));
    assert_eq!((first.as_str(), second.as_str()), ("4: first", r#""second""#));
}

#[tokio::test]
async fn a_program_that_dies_is_started_again_and_asked_again() {
    let mark = std::env::temp_dir().join(format!("aquac-sidecar-{}", std::process::id()));
    let _not_there = std::fs::remove_file(&mark);
    let registry = sidecar(&format!(
        r#"read -r line
           if [ ! -e {mark} ]; then touch {mark}; exit 1; fi
           {ID}; echo "{{\"id\":$id,\"ok\":\"again\"}}"; sleep 5"#,
        mark = mark.display()
    ));
    assert_eq!(asked(&registry, "s", "f", "[]").await, r#""again""#);
    std::fs::remove_file(&mark).unwrap();
}

#[tokio::test]
async fn a_program_that_never_answers_properly_is_an_error_in_time() {
    let started = Instant::now();
    let dies = sidecar("exit 3");
    insta::assert_snapshot!(asked(&dies, "s", "f", "[]").await, @"10000: the process behind s.f: it ended (exit status: 3)");
    let forgets = sidecar("read -r line; echo '\"an answer\"'");
    insta::assert_snapshot!(asked(&forgets, "s", "f", "[]").await, @r#"10000: the process behind s.f: it wrote a line that is no answer, like `{"id":1,"ok":…}`: invalid type: string "an answer", expected an object at line 1 column 11"#);
    let leaves = sidecar("exit 0");
    insta::assert_snapshot!(asked(&leaves, "s", "f", "[]").await, @"10000: the process behind s.f: it ended (exit status: 0): it has to stay, and answer each line it reads");
    let babbles = sidecar("read -r line; echo hello; sleep 5");
    insta::assert_snapshot!(asked(&babbles, "s", "f", "[]").await, @r#"10000: the process behind s.f: it wrote a line that is no answer, like `{"id":1,"ok":…}`: expected value at line 1 column 1"#);
    let floods = sidecar("read -r line; head -c 20000 /dev/zero; sleep 5");
    insta::assert_snapshot!(asked(&floods, "s", "f", "[]").await, @"10000: the process behind s.f: it wrote a line of more than 5096 bytes");
    let missing =
        registry("[[service]]\nid = \"s\"\nkind = \"process\"\ncommand = [\"/no/such/program\"]");
    insta::assert_snapshot!(asked(&missing, "s", "f", "[]").await, @"11001: the process behind s.f: cannot start /no/such/program: No such file or directory (os error 2)");
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_program_that_hangs_is_killed_and_the_next_call_finds_another() {
    let file = |name: &str| {
        std::env::temp_dir().join(format!("aquac-hangs-{name}-{}", std::process::id()))
    };
    let (mark, pid) = (file("mark"), file("pid"));
    let _not_there = std::fs::remove_file(&mark);
    let script = format!(
        r#"read -r line
           if [ ! -e {mark} ]; then touch {mark}; echo $$ > {pid}; exec sleep 600; fi
           {ID}; echo "{{\"id\":$id,\"ok\":\"well\"}}"; sleep 5"#,
        mark = mark.display(),
        pid = pid.display()
    );
    let script = toml::Value::from(script.as_str());
    let registry = registry(&format!(
        "[[service]]\nid = \"s\"\nkind = \"process\"\ncommand = [\"sh\", \"-c\", {script}]\n\
         timeout = \"300ms\""
    ));
    let first = asked(&registry, "s", "f", "[]").await;
    assert!(first.contains("did not answer within 300ms"), "{first}");
    let hung = std::fs::read_to_string(&pid).unwrap();
    let proc = std::path::PathBuf::from(format!("/proc/{}", hung.trim()));
    let until = Instant::now() + Duration::from_secs(5);
    while proc.exists() {
        assert!(Instant::now() < until, "it still runs");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(asked(&registry, "s", "f", "[]").await, r#""well""#);
    for file in [mark, pid] {
        std::fs::remove_file(file).unwrap();
    }
}
