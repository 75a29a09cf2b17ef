//! Calls: functions, closures, callbacks, abilities, services.

use crate::testing::placed;

#[test]
fn a_function_is_its_body_with_its_arguments() {
    let program = r#"func shout(text: string) -> string:
  r <- Tool.get(text)
  <- r
func main(x: string) -> string:
  a <- shout("hello")
  b <- shout(x)
  c <- shout(Tool.get(b))
  <- c
"#;
    insta::assert_snapshot!(placed(program), @r#"
    seq
      call "tool"."get"("hello") @ initiator via host
      r <- call "tool"."get"(x) @ initiator via host
      _1 <- call "tool"."get"(r) @ initiator via host
      r_1 <- call "tool"."get"(_1) @ initiator via host
      return r_1
    "#);
}

#[test]
fn arguments_are_evaluated_left_to_right_and_a_value_that_may_be_missing_once() {
    let program = r#"func both(a: string, b: string):
  Tool.put(a)
  Tool.put(b)
  Tool.put(a)
func main(xs: []string):
  both(xs[0], Tool.get("b"))
"#;
    insta::assert_snapshot!(placed(program), @r#"
    seq
      a = xs[0]
      _1 <- call "tool"."get"("b") @ initiator via host
      call "tool"."put"(a) @ initiator via host
      call "tool"."put"(_1) @ initiator via host
      call "tool"."put"(a) @ initiator via host
    "#);
}

#[test]
fn a_callback_happens_at_the_initiator_wherever_it_is_called() {
    let program = r#"func main(p: string, cb: string -> string):
  on p:
    x <- Tool.get("x")
    y <- cb(x)
    Tool.put(y)
"#;
    insta::assert_snapshot!(placed(program), @r#"
    seq
      x <- call "tool"."get"("x") @ p
      y <- call "callbackSrv"."cb"(x) @ initiator via host
      call "tool"."put"(y) @ p
    "#);
}

#[test]
fn a_closure_runs_where_it_was_defined_unless_it_is_detached() {
    let program = r#"func main(p: string, q: string, r: string):
  on p via r:
    here = (x: string):
      Tool.put(x)
    anywhere = func (x: string):
      Tool.put(x)
  on q:
    here("a")
    anywhere("b")
"#;
    insta::assert_snapshot!(placed(program), @r#"
    seq
      call "tool"."put"("a") @ p via r
      call "tool"."put"("b") @ q
    "#);
}

#[test]
fn a_closure_sees_values_and_service_ids_as_they_were_when_it_was_defined() {
    let program = r#"func main(id: string):
  Tool id
  old = (x: string):
    Tool.put(x)
  Tool "new"
  old("a")
  Tool.put("b")
"#;
    insta::assert_snapshot!(placed(program), @r#"
    seq
      call id."put"("a") @ initiator via host
      call "new"."put"("b") @ initiator via host
    "#);
}

#[test]
fn functions_abilities_and_services_are_gone_after_inlining() {
    let program = r#"ability Sink:
  tag: string
  put(s: string)
ability Pair:
  left: Sink
  get(s: string) -> string
func use_it{Pair}(x: string) -> string:
  Pair.left.put(Pair.left.tag)
  y <- Pair.get(x)
  <- y
func twice(f: string -> string, a: string) -> string:
  x <- f(a)
  y <- f(x)
  <- y
func main(x: string) -> string, string:
  sink = Sink(tag = "t", put = Tool.put)
  a <- use_it{Pair(left = sink, get = Tool.get)}(x)
  b <- twice(Tool.get, a)
  <- a, b
"#;
    insta::assert_snapshot!(placed(program), @r#"
    seq
      call "tool"."put"("t") @ initiator via host
      y <- call "tool"."get"(x) @ initiator via host
      x_1 <- call "tool"."get"(y) @ initiator via host
      y_1 <- call "tool"."get"(x_1) @ initiator via host
      return y, y_1
    "#);
}

#[test]
fn results_go_to_names_and_streams() {
    let program = r#"func two(x: string) -> string, u32:
  n <- Tool.num(1)
  <- x, n
func main() -> []string, u32:
  s: *string
  s, n <- two("a")
  s <- Tool.get("b")
  <- s, n
"#;
    insta::assert_snapshot!(placed(program), @r#"
    seq
      n <- call "tool"."num"(1) @ initiator via host
      *s <<- "a"
      *s <<- call "tool"."get"("b") @ initiator via host
      s_1 = snapshot *s @ initiator via host
      return s_1, n
    "#);
}

#[test]
fn several_results_of_a_callback_come_as_one_array() {
    let program = r#"func main(two: -> string, u32):
  a, b <- two()
  Tool.put(a)
  Tool.num(b)
"#;
    insta::assert_snapshot!(placed(program), @r#"
    seq
      _1 <- call "callbackSrv"."two"() @ initiator via host
      a = _1[0]
      b = _1[1]
      call "tool"."put"(a) @ initiator via host
      call "tool"."num"(b) @ initiator via host
    "#);
}
