//! Values: what is computed when, and what is not computed at all.

use crate::testing::{placed, refused};

#[test]
fn constants_are_computed_by_the_compiler() {
    let program = r#"const LIMIT = 4
data P:
  a: u32
  b: []u32
func main() -> u32, bool, u32, P, []string:
  p = P(a = LIMIT * 10 + 2, b = [1, 2])
  <- 2 ** 10 - 24, 3 < 5 && !false, p.b.length, p, nil
"#;
    insta::assert_snapshot!(placed(program), @r#"return 1000, true, 2, {"a":42,"b":[1,2]}, []"#);
}

#[test]
fn a_condition_that_is_known_leaves_one_branch() {
    let program = r#"func main(a: u32):
  if 1 == 2:
    Tool.put("never")
  else:
    Tool.put("always")
  if a == 1:
    x = 5
  else:
    Tool.put("else")
"#;
    insta::assert_snapshot!(placed(program), @r#"
    seq
      call "tool"."put"("always") @ initiator via host
      if (a == 1)
        null
      else
        call "tool"."put"("else") @ initiator via host
    "#);
}

#[test]
fn the_right_side_of_an_operator_runs_only_if_it_counts() {
    let program = r#"func main(n: u32) -> bool, bool:
  a = n > 1 && Tool.ask()
  b = n > 2 || Tool.ask()
  <- a, b
"#;
    insta::assert_snapshot!(placed(program), @r#"
    seq
      _1 = (n > 1)
      if _1
        _2 <- call "tool"."ask"() @ initiator via host
      _3 = (n > 2)
      if _3
        null
      else
        _4 <- call "tool"."ask"() @ initiator via host
      return (_1 && _2), (_3 || _4)
    "#);
}

#[test]
fn an_option_takes_the_first_element_that_does_not_fail() {
    let program = r#"func main(xs: []string) -> ?string, ?string:
  a = ?[xs[0], xs[1], "none"]
  b = ?[Tool.get("x"), xs[0]]
  <- a, b
"#;
    insta::assert_snapshot!(placed(program), @r#"
    seq
      try
        seq
          _1 <- call "tool"."get"("x") @ initiator via host
          _2 = [_1]
      catch
        try
          _3 = [xs[0]]
        catch
          _4 = []
      return ?[xs[0], xs[1], "none"], either(_2, _3, _4)
    "#);
}

#[test]
fn what_may_fail_stays_where_it_was_written() {
    let program = r#"func main(xs: []string, n: u32):
  first = xs[0]
  half = n / 2
  unused = xs[7]
  Tool.put("before")
  Tool.put(first)
  Tool.num(half)
"#;
    insta::assert_snapshot!(placed(program), @r#"
    seq
      first = xs[0]
      half = (n / 2)
      call "tool"."put"("before") @ initiator via host
      call "tool"."put"(first) @ initiator via host
      call "tool"."num"(half) @ initiator via host
    "#);
}

#[test]
fn a_value_is_computed_once_for_all_iterations() {
    let program = r#"data P:
  a: string
  b: []string
func main(xs: []string, p: P):
  pair = P(a = "a", b = xs)
  once = P(a = "b", b = xs)
  for x <- xs:
    Tool.many(pair.b)
  Tool.many(once.b)
"#;
    insta::assert_snapshot!(placed(program), @r#"
    seq
      pair = {a: "a", b: xs}
      for x <- xs
        call "tool"."many"(pair.b) @ initiator via host
      call "tool"."many"(xs) @ initiator via host
    "#);
}

#[test]
fn a_copy_replaces_fields() {
    let program = r#"data P:
  a: string
  b: u32
func main(p: P, n: u32) -> P, P:
  q = p.copy(b = n + 1, a = "x")
  r = P(a = "y", b = n).copy(b = 2)
  <- q, r
"#;
    insta::assert_snapshot!(
        placed(program),
        @r#"return {a: "x", b: (n + 1)}, {"a":"y","b":2}"#);
}

#[test]
fn a_sum_that_does_not_fit_is_refused() {
    let program = r#"func main() -> u64:
  x = 18446744073709551615 + 1
  <- x
"#;
    insta::assert_snapshot!(refused(program).join("\n"), @r#"AQ0313: `18446744073709551615 + 1` does not fit in 64 bits"#);
}

#[test]
fn a_calculated_argument_that_does_not_fit_is_refused() {
    let program = r#"func next(n: u32) -> u32:
  <- n + 1
func main():
  Tool.num(next(4294967295))
"#;
    insta::assert_snapshot!(refused(program).join("\n"), @r#"AQ0313: `4294967296` does not fit in `u32`"#);
}

#[test]
fn a_copy_of_an_unknown_struct_names_every_field() {
    let program = r#"data Point:
  x: u32
  y: u32
  z: u32

service Map("map"):
  point() -> Point

func main(n: u32) -> Point:
  <- Map.point().copy(y = n)
"#;
    insta::assert_snapshot!(placed(program), @r#"
    seq
      _1 <- call "map"."point"() @ initiator via host
      return {x: _1.x, y: n, z: _1.z}
    "#);
}
