//! Places: `on`, relays, the initiator.

use crate::testing::placed;

#[test]
fn every_step_has_the_place_of_the_innermost_on() {
    let program = r#"func main(p: string, q: string, r: string, s: string) -> string:
  on p via r:
    x <- Tool.get("p")
    on q via s:
      y <- Tool.get(x)
    z <- Tool.get(y)
  <- z
"#;
    insta::assert_snapshot!(placed(program), @r#"
    seq
      seq
        x <- call "tool"."get"("p") @ p via r
        y <- call "tool"."get"(x) @ q via s
        z <- call "tool"."get"(y) @ p via r
      return z
    "#);
}

#[test]
fn an_on_without_steps_leaves_nothing() {
    let program = r#"func main(p: string, q: string) -> string:
  on p:
    f = func () -> string:
      x <- Tool.get("x")
      <- x
    y = "y"
  <- y
"#;
    insta::assert_snapshot!(placed(program), @r#"return "y""#);
}

#[test]
fn the_peer_of_an_on_is_evaluated_once_and_outside() {
    let program = r#"func main(ps: []string):
  on ps[0] via ps[1]:
    Tool.put("a")
    Tool.put("b")
"#;
    insta::assert_snapshot!(placed(program), @r#"
    seq
      _1 = ps[0]
      _2 = ps[1]
      seq
        call "tool"."put"("a") @ _1 via _2
        call "tool"."put"("b") @ _1 via _2
    "#);
}

#[test]
fn relays_next_to_each_other_or_to_the_peer_are_one() {
    let program = r#"func main(p: string, r: string):
  on p via r via r:
    Tool.put("a")
  on p via r via p:
    Tool.put("b")
  on p via r via HOST_PEER_ID via r:
    Tool.put("c")
"#;
    insta::assert_snapshot!(placed(program), @r#"
    seq
      call "tool"."put"("a") @ p via r
      call "tool"."put"("b") @ p via r
      call "tool"."put"("c") @ p via r via host via r
    "#);
}

#[test]
fn the_initiator_is_reached_through_its_relay() {
    let program = r#"func main(p: string, r: string):
  on p:
    on INIT_PEER_ID:
      Tool.put("a")
    on INIT_PEER_ID via r:
      Tool.put("b")
  on HOST_PEER_ID:
    Tool.put("c")
"#;
    insta::assert_snapshot!(placed(program), @r#"
    seq
      seq
        call "tool"."put"("a") @ initiator via host
        call "tool"."put"("b") @ initiator via r
      call "tool"."put"("c") @ host
    "#);
}

#[test]
fn relays_may_be_collections_and_streams() {
    let program = r#"func main(p: string, rs: []string, r: ?string):
  s: *string
  s <<- "r"
  on p via rs via r via s:
    Tool.put("a")
"#;
    insta::assert_snapshot!(placed(program), @r#"
    seq
      *s <<- "r"
      s_1 = snapshot *s @ initiator via host
      call "tool"."put"("a") @ p via rs via r via s_1
    "#);
}
