//! What lowering gets to see.

use super::outcome;
use crate::dump;

#[test]
fn conversions_and_waits_are_written_out() {
    let found = outcome(
        "aqua Demo

export main

service Probe(\"probe\"):
  ping(p: string) -> u32
  all(times: []u32)

func main(peers: []string) -> []u32, u32:
  times: *u32
  for p <- peers par:
    on p:
      times <- Probe.ping(p)
  join times[peers.length - 1]
  same = times
  Probe.all(same)
  lists: *[]u32
  lists <<- times
  for t <- times rec:
    if t == lists.length:
      times <<- t
  <- times, times!
",
    );
    assert!(found.diagnostics.is_empty(), "{}", found.shown());
    insta::assert_snapshot!(dump(&found.typed), @r#"
    module Demo
      service Probe("probe")
        ping: string -> u32
        all: []u32 -> ()
      func main(peers: []string) -> []u32, u32
        new times: *u32
        for p: string <- peers par
          on p
            push times <- Probe("probe").ping(p)
        join await times[(peers.length - 1)]
        same: *u32 = times
        Probe("probe").all(snapshot(same))
        new lists: *[]u32
        push lists <<- snapshot(times)
        for t: u32 <- times rec
          if (t == snapshot(lists).length)
            push times <<- t
        return snapshot(times), await times[0]
      export main
    "#);
}

#[test]
fn closures_know_what_they_capture_and_services_which_id_they_have() {
    let found = outcome(
        "aqua Demo

service Srv:
  go(n: u32) -> u32

ability Ab:
  tag: string
  run(n: u32) -> u32

func use_it{Ab}(n: u32) -> u32:
  <- Ab.run(n)

func main(peer: string, n: u32) -> u32:
  out: *u32
  Srv \"first\"
  on peer:
    Srv peer
    run = (x: u32) -> u32:
      out <<- x
      <- Srv.go(x) + n
  ab = Ab(tag = \"t\", run)
  r <- use_it{ab}(out!)
  s = Srv.go(r)
  <- s
",
    );
    assert!(found.errors().is_empty(), "{}", found.shown());
    insta::assert_snapshot!(dump(&found.typed), @r#"
    module Demo
      service Srv
        go: u32 -> u32
      func use_it(Ab: Ab, n: u32) -> u32
        return Ab.run(n)
      func main(peer: string, n: u32) -> u32
        new out: *u32
        id Srv = "first"
        on peer
          id Srv = peer
          closure run(x: u32) -> u32 captures out, Srv, n
            push out <<- x
            return (Srv(id Srv).go(x) + n)
        ab: Ab = Ab(tag = "t", run = run)
        r: u32 <- use_it(ab, await out[0])
        s: u32 = Srv(id Srv).go(r)
        return s
    "#);
}

#[test]
fn maps_groups_and_failures_keep_their_shape() {
    let found = outcome(
        "aqua Demo

service S(\"s\"):
  go(n: u32) -> u32

func pair() -> string, u32:
  <- \"k\", 1

func main() -> []u32:
  m: %u32
  m <- pair()
  m <<- \"z\", 2
  for k, v <- m:
    a <- S.go(v)
    par b <- S.go(3)
    otherwise:
      m <<- k, 4
  try:
    co S.go(5)
  catch e:
    S.go(6)
  <- m.get(\"k\")
",
    );
    assert!(found.errors().is_empty(), "{}", found.shown());
    insta::assert_snapshot!(dump(&found.typed), @r#"
    module Demo
      service S("s")
        go: u32 -> u32
      func pair() -> string, u32
        return "k", 1
      func main() -> []u32
        new m: %u32
        insert m <- pair()
        insert m <<- "z", 2
        for k: string, v: u32 <- snapshot(m)
          try
            par
              branch
                a: u32 <- S("s").go(v)
              branch
                b: u32 <- S("s").go(3)
          otherwise
            insert m <<- k, 4
        try
          co
            S("s").go(5)
        catch e: Error
          S("s").go(6)
        return m.get("k")
    "#);
}

#[test]
fn a_stream_that_a_call_gives_is_not_waited_for() {
    let found = outcome(
        "aqua Demo

func fill() -> *u32:
  s: *u32
  s <<- 1
  <- s

func main() -> u32, u32:
  a = fill()[0]
  t <- fill()
  <- a, t[0]
",
    );
    assert!(found.errors().is_empty(), "{}", found.shown());
    let text = dump(&found.typed);
    assert!(text.contains("a: u32 = snapshot(fill())[0]"), "{text}");
    assert!(text.contains("return a, await t[0]"), "{text}");
}

#[test]
fn hosts_learn_names_and_types_and_which_parameters_are_callbacks() {
    let found = outcome(
        "aqua Demo\nexport main as start\nfunc main(cb: u32 -> u32, xs: *u8) -> u32:\n  <- cb(xs!)\n",
    );
    assert!(found.errors().is_empty(), "{}", found.shown());
    let (_, interface) = found.typed.exported_function("start").expect("it is exported");
    let shown: Vec<String> = interface
        .parameters
        .iter()
        .map(|p| format!("{} {} {}", p.name, found.typed.types.show(p.ty), p.callback))
        .collect();
    assert_eq!(shown, ["cb u32 -> u32 true", "xs *u8 false"]);
}
