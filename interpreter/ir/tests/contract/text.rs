//! How programs read, and how mistakes in their text are reported.

use aquac_ir::{parse, print};

/// Every kind of node, expression and type once.
pub(crate) const EVERYTHING: &str = r#"aqir 1
parameters text, {ok: bool, scores: [u32], note: ?i8}, any, float, nothing
slots 12
streams list, map, list

seq
  call "credit"."check" [arg 0, '[1,2], -5] at "bank" via host, arg 2 -> $0 : {ok: bool, scores: [u32]}
  call ($0.service).($0.names[1]) [] at initiator -> *0
  par home "bank" via host
    let $1 = (1 + 2) * 3
    let $2 = not($0.ok and ($1 < 5))
    push $0."odd name" -> *0
    push "key": 1.0 -> *1
  try -> $3
    fail {error_code: 7, message: "no"}
    let $4 = either(thrown($3).message, raise($3))
  if $0.ok or true
    match $1, first($0.a, '[])
      null
    mismatch choose(true, 1, 2), named($0, x)
      never
  snapshot *0 at arg 0 -> $5
  snapshot *1 as object at arg 0 -> $6
  await *0 count length($5) at arg 0 -> $7
  visit at ttl
  for $8 in $5[element 0] sequential
    null
  for $9 in entries $6 parallel, last never
    let $11 = [keys($9), grouped($9), contains($9, timestamp), with($9, {a: null}), $9[key "k"]]
  scope *2
    for $10 in *2 explicit, last below
      par
        visit at $10
        next $10
      never
  return $7, false
"#;

#[test]
fn everything_that_can_be_written_reads_back() {
    let program = parse(EVERYTHING).unwrap();
    assert_eq!(print(&program), EVERYTHING);
}

fn mistake(body: &str) -> String {
    parse(&format!("aqir 1\n{body}")).unwrap_err().to_string()
}

#[test]
fn a_mistake_is_reported_where_it_is() {
    insta::assert_snapshot!(mistake("seq\n  let $0 = $1 +\n"), @"line 3, column 16: an expression should stand here");
    insta::assert_snapshot!(mistake("if true\n  null"), @"line 2, column 1: this node has 1 children, not 2");
    insta::assert_snapshot!(mistake("seq\n    null"), @"line 3, column 5: this line is not indented by two spaces more or less than one above it");
    insta::assert_snapshot!(mistake("null\nnull"), @"line 3, column 1: this line is not indented by two spaces more or less than one above it");
    insta::assert_snapshot!(mistake("jump"), @"line 2, column 1: `jump` is no word of this language");
    insta::assert_snapshot!(mistake("let $0 = average(1)"), @"line 2, column 10: `average` is no word of this language");
    insta::assert_snapshot!(mistake("let $0 = \"open"), @"line 2, column 10: this is no JSON: it has no end");
    insta::assert_snapshot!(mistake("let $0 = 99999999999999999999"), @"line 2, column 10: `99999999999999999999` is no number that fits");
    insta::assert_snapshot!(mistake("let $0 = &3"), @"line 2, column 10: `&3` is explained nowhere above");
    insta::assert_snapshot!(mistake("next $0"), @"line 2, column 6: the item of an enclosing loop should stand here");
    insta::assert_snapshot!(parse("").unwrap_err().to_string(), @"line 1, column 1: aqir should stand here");
    let deep = format!("let $0 = {}1", "(".repeat(1000));
    insta::assert_snapshot!(mistake(&deep), @"line 2, column 139: this is nested too deeply");
}
