//! Streams: scopes, snapshots, waits, maps.

use crate::testing::placed;

#[test]
fn a_stream_is_frozen_where_a_value_is_wanted() {
    let program = r#"func main(p: string) -> []string, u32:
  s: *string
  s <<- "a"
  on p:
    Tool.many(s)
  <- s, s.length
"#;
    insta::assert_snapshot!(placed(program), @r#"
    seq
      *s <<- "a"
      seq
        s_1 = snapshot *s @ p
        call "tool"."many"(s_1) @ p
      s_2 = snapshot *s @ initiator via host
      return s_2, s_2.length
    "#);
}

#[test]
fn an_element_is_waited_for_where_it_is_read() {
    let program = r#"func main(ps: []string) -> string:
  s: *string
  for p <- ps par:
    on p:
      s <- Tool.get("x")
  join s[ps.length - 1], s[0]
  <- s[1]
"#;
    insta::assert_snapshot!(placed(program), @r#"
    seq
      par
        for p <- ps par, then never
          *s <<- call "tool"."get"("x") @ p
        null
      s_1 = await ps.length of *s @ initiator via host
      s_2 = await 1 of *s @ initiator via host
      s_3 = await 2 of *s @ initiator via host
      return s_3[1]
    "#);
}

#[test]
fn a_wait_that_is_over_is_not_repeated() {
    let program = r#"func main(p: string) -> string, string:
  s: *string
  join s[2]
  on p:
    Tool.put(s!)
  <- s!, s[1]
"#;
    insta::assert_snapshot!(placed(program), @r#"
    seq
      s_1 = await 3 of *s @ initiator via host
      seq
        s_2 = await 1 of *s @ p
        call "tool"."put"(s_2[0]) @ p
      return s_1[0], s_1[1]
    "#);
}

#[test]
fn a_join_of_plain_values_waits_for_them() {
    let program = r#"func main(p: string, q: string):
  on p:
    x <- Tool.get("p")
  par on q:
    y <- Tool.get("q")
  join x, y
  Tool.put("both")
"#;
    insta::assert_snapshot!(placed(program), @r#"
    seq
      par
        x <- call "tool"."get"("p") @ p
        y <- call "tool"."get"("q") @ q
      wait x
      wait y
      call "tool"."put"("both") @ initiator via host
    "#);
}

#[test]
fn a_stream_in_a_loop_is_fresh_each_time_and_lives_no_longer_than_needed() {
    let program = r#"func main(xs: []string, p: string):
  all: *string
  for x <- xs:
    Tool.put(x)
    on p:
      s: *string
      s <<- x
      all <<- x
      Tool.many(s)
  Tool.many(all)
"#;
    insta::assert_snapshot!(placed(program), @r#"
    seq
      for x <- xs
        seq
          call "tool"."put"(x) @ initiator via host
          new *s
            seq
              *s <<- x
              *all <<- x
              s_1 = snapshot *s @ p
              call "tool"."many"(s_1) @ p
      all_1 = snapshot *all @ initiator via host
      call "tool"."many"(all_1) @ initiator via host
    "#);
}

#[test]
fn a_stream_used_only_at_a_peer_meets_there() {
    let program = r#"func main(ps: []string, p: string):
  on p:
    s: *string
    for q <- ps par:
      on q:
        s <- Tool.get("x")
    join s[1]
    Tool.many(s)
"#;
    insta::assert_snapshot!(placed(program), @r#"
    new *s
      seq
        par
          for q <- ps par, then never
            *s <<- call "tool"."get"("x") @ q
          null
        s_1 = await 2 of *s @ p
        s_2 = snapshot *s @ p
        call "tool"."many"(s_2) @ p
    "#);
}

#[test]
fn a_stream_argument_starts_with_the_elements_of_an_array() {
    let program = r#"func main(s: *string) -> []string:
  s <<- "tail"
  <- s
"#;
    insta::assert_snapshot!(placed(program), @r#"
    seq
      for _1 <- s
        *s_1 <<- _1
      *s_1 <<- "tail"
      s_2 = snapshot *s_1 @ initiator via host
      return s_2
    "#);
}

#[test]
fn a_service_that_gives_a_stream_gives_one_element() {
    let program = r#"func main(xs: []string) -> []u32:
  out: *u32
  for x <- xs:
    s <- Tool.lines()
    out <<- s.length
  <- out
"#;
    insta::assert_snapshot!(placed(program), @r#"
    seq
      for x <- xs
        new *_1
          seq
            *_1 <<- call "tool"."lines"() @ initiator via host
            _2 = snapshot *_1 @ initiator via host
            *out <<- _2.length
      out_1 = snapshot *out @ initiator via host
      return out_1
    "#);
}

#[test]
fn maps_are_frozen_or_followed() {
    let program = r#"func main(k: string) -> bool, []string, []string, string:
  m: %string
  m <<- "a", "1"
  live = m.getStream(k)
  for key, value <- m:
    Tool.put(key)
  <- m.contains("a"), m.keys(), m.get(k), live!
"#;
    insta::assert_snapshot!(placed(program), @r#"
    seq
      *m <<- "a", "1"
      par
        for entry <- live *m par, then never
          if (entry.key == k)
            *m_1 <<- entry.value
        null
      m_2 = snapshot *m @ initiator via host
      for entry_1 <- entries of m_2
        call "tool"."put"(entry_1.key) @ initiator via host
      m_3 = await 1 of *m_1 @ initiator via host
      return m_2.contains("a"), m_2.keys(), m_2[k], m_3[0]
    "#);
}

#[test]
fn two_results_make_an_entry_of_a_map() {
    let program = r#"func entry() -> string, string:
  <- "k", Tool.get("v")
func main() -> []string:
  m: %string
  m <- entry()
  <- m.keys()
"#;
    insta::assert_snapshot!(placed(program), @r#"
    seq
      _1 <- call "tool"."get"("v") @ initiator via host
      *m <<- "k", _1
      m_1 = snapshot *m @ initiator via host
      return m_1.keys()
    "#);
}

#[test]
fn a_stream_is_frozen_once_as_long_as_it_is_the_same() {
    let program = r#"func main(xs: []string) -> u32:
  s: *string
  s <<- "a"
  Tool.many(s)
  Tool.many(s)
  for x <- xs:
    Tool.many(s)
  s <<- "b"
  Tool.many(s)
  for x <- xs:
    Tool.many(s)
    s <<- x
  <- s.length
"#;
    insta::assert_snapshot!(placed(program), @r#"
    seq
      *s <<- "a"
      s_1 = snapshot *s @ initiator via host
      call "tool"."many"(s_1) @ initiator via host
      call "tool"."many"(s_1) @ initiator via host
      for x <- xs
        call "tool"."many"(s_1) @ initiator via host
      *s <<- "b"
      s_2 = snapshot *s @ initiator via host
      call "tool"."many"(s_2) @ initiator via host
      for x_1 <- xs
        seq
          s_3 = snapshot *s @ initiator via host
          call "tool"."many"(s_3) @ initiator via host
          *s <<- x_1
      s_4 = snapshot *s @ initiator via host
      return s_4.length
    "#);
}

#[test]
fn what_another_branch_writes_to_is_frozen_again_unless_nothing_happens_between() {
    let program = r#"func main(ps: []string):
  s: *string
  for p <- ps par:
    on p:
      s <- Tool.get("x")
  Tool.many(s)
  Tool.put("between")
  both = [s.length, s.length]
  if both[0] == both[1]:
    Tool.many(s)
"#;
    insta::assert_snapshot!(placed(program), @r#"
    seq
      par
        for p <- ps par, then never
          *s <<- call "tool"."get"("x") @ p
        null
      s_1 = snapshot *s @ initiator via host
      call "tool"."many"(s_1) @ initiator via host
      call "tool"."put"("between") @ initiator via host
      s_2 = snapshot *s @ initiator via host
      both = [s_2.length, s_2.length]
      if (both[0] == both[1])
        seq
          s_3 = snapshot *s @ initiator via host
          call "tool"."many"(s_3) @ initiator via host
    "#);
}

#[test]
fn a_branch_freezes_what_only_it_writes_to_once() {
    let program = r#"func main(p: string, xs: []string):
  on p:
    s: *string
    s <<- "a"
    Tool.many(s)
    Tool.many(s)
  par Tool.put("x")
  for x <- xs par:
    t: *string
    t <<- x
    Tool.many(t)
    Tool.many(t)
"#;
    insta::assert_snapshot!(placed(program), @r#"
    seq
      par
        new *s
          seq
            *s <<- "a"
            s_1 = snapshot *s @ p
            call "tool"."many"(s_1) @ p
            call "tool"."many"(s_1) @ p
        call "tool"."put"("x") @ initiator via host
      par
        for x <- xs par, then never
          new *t
            seq
              *t <<- x
              t_1 = snapshot *t @ initiator via host
              call "tool"."many"(t_1) @ initiator via host
              call "tool"."many"(t_1) @ initiator via host
        null
    "#);
}
