//! Bounds: what is too large is refused in words, and the debug table keeps up with the rest.

use aquac_ir::{Expr, Fact, NodeId, encode, parse, print};

use crate::testing::{PRELUDE_LINES, lowered, refused};
use crate::{Options, Relay};

/// `main` calls the last of `count` functions, each of which calls the one before `times` times.
fn tower(count: usize, times: usize) -> String {
    let mut text = "func f0(a: string):\n  Tool.put(a)\n".to_owned();
    for level in 1..count {
        text.push_str(&format!("func f{level}(a: string):\n"));
        text.push_str(&format!("  f{}(a)\n", level - 1).repeat(times));
    }
    text.push_str(&format!("func main(a: string):\n  f{}(a)\n", count - 1));
    text
}

#[test]
fn calls_inside_calls_end_somewhere() {
    assert!(lowered(&tower(150, 1), Options::default()).is_ok());
    insta::assert_snapshot!(
        refused(&tower(400, 1)).join("\n"),
        @"AQ0801: this nests deeper than a program may, after calls are written out"
    );
}

#[test]
fn copies_of_copies_end_somewhere() {
    insta::assert_snapshot!(
        refused(&tower(20, 3)).join("\n"),
        @"AQ0801: this makes more than 262144 steps, after calls are written out"
    );
}

#[test]
fn a_long_chain_of_names_is_not_a_deep_expression() {
    let mut text = "func main(xs: []string):\n  x0 = [xs]\n".to_owned();
    for level in 1..300 {
        text.push_str(&format!("  x{level} = [x{0}!, x{0}!]\n", level - 1));
    }
    text.push_str("  Tool.many(x299!)\n");
    assert!(lowered(&text, Options::default()).is_ok());
}

#[test]
fn every_node_knows_its_line() {
    let text = "func put(x: string):\n  Tool.put(x)\nfunc main(p: string):\n  on p:\n    put(\"a\")\n  Tool.put(\"b\")\n";
    let lowered = lowered(text, Options::default()).unwrap();
    let line = |node: u32| lowered.debug.span(NodeId(node)).unwrap().line - PRELUDE_LINES;
    // The sequence, the call of `put` inside the function, the last call.
    assert_eq!([line(0), line(1), line(2)], [3, 2, 6]);
    assert_eq!(lowered.debug.function, "main");
    assert_eq!(lowered.debug.parameters, ["p"]);
}

#[test]
fn without_a_relay_the_host_is_the_initiator() {
    let text = "func main():\n  on HOST_PEER_ID:\n    Tool.put(\"a\")\n";
    let used = |relay| {
        let lowered = lowered(text, Options { relay }).unwrap();
        lowered.program.exprs.contains(&Expr::Fact(Fact::Host))
    };
    assert!(used(Relay::Used));
    assert!(!used(Relay::Unused));
}

#[test]
fn a_program_is_the_same_each_time_and_reads_back_from_its_text() {
    let text = "func main(ps: []string, cb: string -> string) -> []string:\n  s: *string\n  for p <- ps par:\n    on p:\n      s <- cb(\"a\")\n  join s[1]\n  <- s\n";
    let first = lowered(text, Options::default()).unwrap();
    let second = lowered(text, Options::default()).unwrap();
    assert_eq!(encode(&first.program), encode(&second.program));
    assert_eq!(parse(&print(&first.program)).unwrap(), first.program);
}
