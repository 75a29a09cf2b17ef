//! How many messages a program needs. The numbers are what is left when nothing avoidable is sent;
//! a relay that passes a frame on counts as a message of its own.

use crate::{compiled, run};

/// A program on peers `p0`, `p1`, `p2` and relays `r0`, `r1`, from a client behind a relay.
fn program(body: &str) -> String {
    format!(
        "aqua Messages\nexport main\n\nservice Tool(\"tool\"):\n  get(key: string) -> string\n  put(value: string)\n\nfunc main(p0: string, p1: string, p2: string, r0: string, r1: string, xs: []string, cb: string -> string){body}"
    )
}

/// `from>to` of every message.
#[track_caller]
fn trips(body: &str) -> Vec<String> {
    let outcome = run(&compiled(&program(body)), 7);
    assert_eq!(outcome.error, None);
    outcome.messages.iter().map(|one| format!("{}>{}", one.from, one.to)).collect()
}

#[test]
fn callbacks_at_home_need_none() {
    let body = " -> string:\n  a <- cb(\"1\")\n  b <- cb(a)\n  <- b\n";
    assert_eq!(trips(body), [""; 0]);
}

#[test]
fn from_one_peer_to_the_next_goes_straight() {
    let body = " -> string:
  on p0:
    a <- Tool.get(\"1\")
  on p1:
    b <- Tool.get(a)
  on p0:
    c <- Tool.get(b)
  <- c
";
    let all = ["initiator>relay", "relay>p0", "p0>p1", "p1>p0", "p0>relay", "relay>initiator"];
    assert_eq!(trips(body), all);
}

#[test]
fn a_relay_that_both_places_share_is_passed_once() {
    let body = " -> string:
  on p0 via r0:
    a <- Tool.get(\"1\")
  on p1 via r0:
    b <- Tool.get(a)
  <- b
";
    let all = [
        "initiator>relay",
        "relay>r0",
        "r0>p0",
        "p0>r0",
        "r0>p1",
        "p1>r0",
        "r0>relay",
        "relay>initiator",
    ];
    assert_eq!(trips(body), all);
}

#[test]
fn a_place_where_nothing_happens_is_not_visited() {
    let empty = " -> string:\n  on p0:\n    x = \"only a name\"\n  <- x\n";
    assert_eq!(trips(empty), [""; 0]);
    let closure = " -> string:
  on p0:
    f = func () -> string:
      x <- Tool.get(\"1\")
      <- x
  y <- f()
  <- y
";
    assert_eq!(trips(closure), [""; 0]);
    let home = " -> string:
  f = () -> string:
    x <- Tool.get(\"1\")
    <- x
  on p0:
    y <- f()
  <- y
";
    assert_eq!(trips(home), [""; 0]);
}

#[test]
fn the_host_is_one_message_away() {
    let body = " -> string:
  on HOST_PEER_ID:
    a <- Tool.get(\"1\")
    on INIT_PEER_ID:
      b <- Tool.get(a)
  <- b
";
    assert_eq!(trips(body), ["initiator>relay", "relay>initiator"]);
}

#[test]
fn nobody_comes_home_if_nothing_is_left_to_do_there() {
    let body = ":\n  on p0:\n    Tool.put(\"1\")\n";
    assert_eq!(trips(body), ["initiator>relay", "relay>p0"]);
}

#[test]
fn a_detached_branch_comes_where_its_value_is_read() {
    let body = " -> string:
  co on p0:
    x <- Tool.get(\"1\")
  on p1:
    Tool.put(\"2\")
  Tool.put(x)
  <- x
";
    let trips = trips(body);
    assert_eq!(trips.len(), 7, "{trips:?}");
}

#[test]
fn a_fan_out_needs_two_messages_a_peer_and_those_of_the_relay() {
    let body = " -> u32:
  found: *string
  for p <- [p0, p1, p2] par:
    on p:
      found <- Tool.get(\"1\")
  join found[2]
  <- found.length
";
    // Out: one to the relay and one to each peer. Back: two from each.
    let trips = trips(body);
    assert_eq!(trips.len(), 10, "{trips:?}");
}

#[test]
fn answers_that_come_together_leave_together() {
    let body = " -> []string:
  got: *string
  for x <- xs par:
    on p0:
      got <- Tool.get(x)
  join got[2]
  <- got
";
    let all = ["initiator>relay", "relay>p0", "p0>relay", "relay>initiator"];
    assert_eq!(trips(body), all);
}

#[test]
fn who_waits_for_others_is_not_told_that_it_waits() {
    let inside = " -> string:
  on p0:
    got: *string
    co on p1:
      got <- Tool.get(\"1\")
    join got[0]
    Tool.put(got[0])
  <- \"done\"
";
    let all = ["initiator>relay", "relay>p1", "p1>p0", "p0>relay", "relay>initiator"];
    assert_eq!(trips(inside), all);
    let outside = " -> string:
  got: *string
  on p0:
    co on p1:
      got <- Tool.get(\"1\")
    join got[0]
  <- got[0]
";
    assert_eq!(trips(outside), all);
}

#[test]
fn a_peer_that_collects_hears_of_it_from_those_who_have_something() {
    let body = " -> []string:
  got: *string
  on p0:
    for p <- [p1, p2] par:
      on p:
        got <- Tool.get(\"1\")
    join got[1]
    Tool.put(got[0])
  <- got
";
    let trips = trips(body);
    assert_eq!(trips.len(), 7, "{trips:?}");
    assert!(!trips.contains(&"relay>p0".to_owned()), "{trips:?}");
}

#[test]
fn a_branch_that_has_nothing_for_who_waits_tells_nobody() {
    let body = " -> string:
  on p0:
    x <- Tool.get(\"1\")
  par on p1:
    Tool.put(\"2\")
  Tool.put(x)
  <- x
";
    let mut trips = trips(body);
    trips.sort();
    let all = ["initiator>relay", "p0>relay", "relay>initiator", "relay>p0", "relay>p1"];
    assert_eq!(trips, all);
}

#[test]
fn what_one_iteration_after_the_other_adds_is_told_once() {
    let body = ":
  got: *string
  on p0:
    for x <- xs:
      got <- Tool.get(x)
  on p1:
    got <- Tool.get(\"1\")
    Tool.put(\"2\")
  par on p2:
    Tool.put(\"3\")
  join got[3]
  Tool.put(\"4\")
";
    let told = trips(body).into_iter().filter(|trip| trip == "p0>relay").count();
    assert_eq!(told, 1);
}
