//! Loops and branches.

use crate::testing::{placed, planned};

#[test]
fn loops_in_sequence_in_parallel_and_until_success() {
    let program = r#"func main(xs: []string):
  for x <- xs:
    Tool.put(x)
  for y <- xs par:
    Tool.put(y)
  for z <- xs try:
    Tool.put(z)
"#;
    insta::assert_snapshot!(placed(program), @r#"
    seq
      for x <- xs
        call "tool"."put"(x) @ initiator via host
      par
        for y <- xs par, then never
          call "tool"."put"(y) @ initiator via host
        null
      for z <- xs try
        call "tool"."put"(z) @ initiator via host
    "#);
}

#[test]
fn a_loop_over_a_live_stream_sees_what_it_pushes() {
    let program = r#"func main() -> []u32:
  s: *u32
  s <<- 0
  for x <- s rec:
    if x < 5:
      s <- Tool.num(x)
  join s[5]
  <- s
"#;
    insta::assert_snapshot!(placed(program), @r#"
    seq
      *s <<- 0
      par
        for x <- live *s par, then never
          if (x < 5)
            *s <<- call "tool"."num"(x) @ initiator via host
        null
      s_1 = await 6 of *s @ initiator via host
      s_2 = snapshot *s @ initiator via host
      return s_2
    "#);
}

#[test]
fn parseq_is_done_when_one_iteration_has_come_back() {
    let program = r#"func main(ps: []string, r: string) -> []string:
  res: *string
  parseq p <- ps on p via r:
    res <- Tool.get("x")
  Tool.put("next")
  <- res
"#;
    insta::assert_snapshot!(placed(program), @r#"
    seq
      for p <- ps par, then never
        *res <<- call "tool"."get"("x") @ p via r
      call "tool"."put"("next") @ initiator via host
      res_1 = snapshot *res @ initiator via host
      return res_1
    "#);
}

#[test]
fn loops_that_do_nothing_are_gone() {
    let program = r#"func main(xs: []string):
  for x <- xs:
    y = x
  for z <- []:
    Tool.put("never")
  Tool.put("end")
"#;
    insta::assert_snapshot!(placed(program), @r#"call "tool"."put"("end") @ initiator via host"#);
}

#[test]
fn co_and_par_run_beside_what_follows() {
    let program = r#"func main(p: string, q: string) -> string:
  co on p:
    Tool.put("p")
  x <- Tool.get("x")
  par on q:
    y <- Tool.get("q")
  <- y
"#;
    insta::assert_snapshot!(placed(program), @r#"
    seq
      par
        call "tool"."put"("p") @ p
        null
      par
        call "tool"."get"("x") @ initiator via host
        y <- call "tool"."get"("q") @ q
      return y
    "#);
}

#[test]
fn a_plan_has_on_as_scopes_and_a_step_for_every_line() {
    let program = r#"func main(p: string, q: string) -> string:
  s: *string
  on p via q:
    x <- Tool.get("x")
    s <<- x
  y = s!
  <- y
"#;
    insta::assert_snapshot!(planned(program), @r#"
    new *s
      seq
        on p via q
          seq
            x <- call "tool"."get"("x")
            *s <<- x
        s_1 = await 1 of *s
        y = s_1[0]
        return y
    "#);
}
