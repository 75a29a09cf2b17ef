//! Errors: `try`, `catch`, `otherwise`, the last error.

use crate::testing::placed;

#[test]
fn handlers_follow_each_other_and_each_handles_what_fails_before_it() {
    let program = r#"func main(p: string):
  try:
    on p:
      Tool.put("a")
  catch e:
    Tool.put(e.message)
  otherwise:
    Tool.put("last")
"#;
    insta::assert_snapshot!(placed(program), @r#"
    try
      try
        call "tool"."put"("a") @ p
      catch e
        call "tool"."put"(e.message) @ initiator via host
    catch
      call "tool"."put"("last") @ initiator via host
    "#);
}

#[test]
fn a_bare_try_drops_the_error() {
    let program = r#"func main():
  try:
    Tool.put("a")
  Tool.put("b")
"#;
    insta::assert_snapshot!(placed(program), @r#"
    seq
      try
        call "tool"."put"("a") @ initiator via host
      catch
        null
      call "tool"."put"("b") @ initiator via host
    "#);
}

#[test]
fn what_cannot_fail_needs_no_handler() {
    let program = r#"func main(a: string):
  try:
    x = a
  catch e:
    Tool.put("caught")
  Tool.put(a)
"#;
    insta::assert_snapshot!(placed(program), @r#"call "tool"."put"(a) @ initiator via host"#);
}

#[test]
fn the_last_error_is_that_of_the_innermost_handler() {
    let program = r#"func note():
  Tool.put(LAST_ERROR.message)
func main():
  note()
  try:
    Tool.put("a")
  otherwise:
    note()
    try:
      Tool.put("b")
    otherwise:
      note()
    note()
"#;
    insta::assert_snapshot!(placed(program), @r#"
    seq
      call "tool"."put"("") @ initiator via host
      try
        call "tool"."put"("a") @ initiator via host
      catch _1
        seq
          call "tool"."put"(_1.message) @ initiator via host
          try
            call "tool"."put"("b") @ initiator via host
          catch _2
            call "tool"."put"(_2.message) @ initiator via host
          call "tool"."put"(_1.message) @ initiator via host
    "#);
}

#[test]
fn otherwise_guards_the_statement_before_it() {
    let program = r#"func main(p: string, q: string):
  on p:
    Tool.put("p")
  par on q:
    Tool.put("q")
  otherwise:
    Tool.put("neither")
"#;
    insta::assert_snapshot!(placed(program), @r#"
    try
      par
        call "tool"."put"("p") @ p
        call "tool"."put"("q") @ q
    catch
      call "tool"."put"("neither") @ initiator via host
    "#);
}
