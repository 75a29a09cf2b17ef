//! Texts that are right.

use crate::{body, tree};

#[test]
fn headers_take_dotted_names_and_renames_everywhere() {
    let text = r#"
  aqua Lib.Sub declares f, Lib.g,
    h
import "a.aqua"
import a, B as C from "b"
import A.b as c.D from "x"
use "c"
use "c" as M.N
use as as as, from from "z" as Q
export main, f as g
"#;
    assert_eq!(
        tree(text),
        r#"aqua Lib.Sub declares f, Lib.g, h
import "a.aqua"
import a, B as C from "b"
import A.b as c.D from "x"
use "c"
use "c" as M.N
use as as as, from from "z" as Q
export main, f as g
"#
    );
    assert_eq!(tree("aqua A declares*"), "aqua A declares *\n");
}

#[test]
fn declarations_need_no_blank_line_between_them() {
    let text = "aqua A
-- a point
data Point:
  x: u8
  ys: []?string
alias Cb: u32, string -> u32
alias Any: ⊤
const N = 1
const M ?= \"x\"
const P = %init_peer_id%
service Srv(\"id\"):
  put(key: string, value: string)
  get: string -> ?string
  drop: string -> ()
  now: -> u64
ability Ab:
  prefix: string
  out: *string
  conf: M.Conf
  write(line: string) -> bool, u8
  go: u8, u8 -> u8
";
    assert_eq!(
        tree(text),
        "aqua A
-- documented
data Point
  x: u8
  ys: []?string
alias Cb: (u32, string -> u32)
alias Any: ⊤
const N = 1
const M ?= \"x\"
const P = %init_peer_id%
service Srv(\"id\")
  put(key: string, value: string)
  get: string -> ?string
  drop: string -> ()
  now: -> u64
ability Ab
  prefix: string
  out: *string
  conf: M.Conf
  write(line: string) -> bool, u8
  go: u8, u8 -> u8
"
    );
}

#[test]
fn arrows_in_signatures_are_greedy() {
    let signature = |text: &str| {
        let tree = tree(&format!("aqua A\nfunc {text}:\n  x()\n"));
        tree.lines().nth(1).unwrap_or_default().to_owned()
    };
    assert_eq!(
        signature("f(cb: u8, string -> u8, other: (u8 -> u8), last: *string)"),
        "func f(cb: (u8, string -> u8), other: (u8 -> u8), last: *string)"
    );
    assert_eq!(signature("f() -> u8 -> u8, u8"), "func f() -> (u8 -> u8, u8)");
    assert_eq!(signature("f() -> u8, u8 -> u8"), "func f() -> (u8, u8 -> u8)");
    assert_eq!(signature("f() -> (u8 -> u8), u8"), "func f() -> (u8 -> u8), u8");
    assert_eq!(signature("f() -> -> u8"), "func f() -> (-> u8)");
    assert_eq!(signature("f {A, M.B}(i8x: u32, u: i8)"), "func f{A, M.B}(i8x: u32, u: i8)");
    assert_eq!(signature("f(\n  a: u8, -- one\n      b: %u8\n)"), "func f(a: u8, b: %u8)");
}

#[test]
fn operators_bind_as_specified() {
    assert_eq!(body("x = a + 2 * b - 1"), "x = ((a + (2 * b)) - 1)");
    assert_eq!(body("x = 2 ** 3 ** 4 * 5"), "x = ((2 ** (3 ** 4)) * 5)");
    assert_eq!(body("x = a < b == c >= d && !e || f"), "x = ((((a < b) == (c >= d)) && !e) || f)");
    assert_eq!(body("x = 3-1"), "x = (3 - 1)");
    assert_eq!(body("x = 3 - -1"), "x = (3 - -1)");
    assert_eq!(body("x = a<-1"), "x = (a < -1)");
    assert_eq!(body("x = a!=1"), "x = (a != 1)");
    assert_eq!(body("x = a!==1"), "x = (a! == 1)");
    assert_eq!(body("x = a *[1]!"), "x = (a * [1]!)");
    assert_eq!(body("x = !a.b!"), "x = !a.b!");
    assert_eq!(body("x = 1.05"), "x = 1.05");
    assert_eq!(body("x = a --1"), "x = a");
}

#[test]
fn steps_follow_any_value() {
    assert_eq!(body("x = a!1.b!.c[0] [i + 1]"), "x = a!1.b!.c[0][(i + 1)]");
    assert_eq!(body("x = f{a, b}(1).m(2)"), "x = f{a, b}(1).m(2)");
    assert_eq!(body("x = f (y)"), "x = f(y)");
    assert_eq!(body("x = [1,2][0]"), "x = [1, 2][0]");
    assert_eq!(body("x = ?[a, b]!"), "x = ?[a, b]!");
    assert_eq!(body("x = Point(x = 1, y)"), "x = Point(x = 1, y = _)");
    assert_eq!(body("x = M.Point(y).copy(x = 2)"), "x = M.Point(y = _).copy(x = 2)");
    assert_eq!(body("x = A.B.f(x).c"), "x = A.B.f(x).c");
}

#[test]
fn lists_may_end_with_a_comma_and_go_over_lines() {
    assert_eq!(body("x = f(\n  a, -- one\n  b,\n)"), "x = f(a, b)");
    assert_eq!(body("x = [\na\n,\nb]"), "x = [a, b]");
    assert_eq!(body("x = p.copy(\n  x =\n    1\n)"), "x = p.copy(x = 1)");
    assert_eq!(body("x = a +\n    b\ny = (a\n  + b)"), "x = (a + b)\ny = ((a + b))");
    assert_eq!(body("x = a\n  && b\n  .c"), "x = (a && b.c)");
}

#[test]
fn simple_statements() {
    assert_eq!(body("Srv \"id\"\nM.Srv (x)"), "id Srv \"id\"\nid M.Srv (x)");
    assert_eq!(body("s <<- 1\nm <<- k, v"), "push s <<- 1\npush m <<- k, v");
    assert_eq!(body("s: *u8\nm: %[]u8"), "declare s: *u8\ndeclare m: %[]u8");
    assert_eq!(body("a, B <- f()\nAbc = 6"), "a, B <- f()\nAbc = 6");
    assert_eq!(body("join s[1], t!"), "join s[1], t!");
    assert_eq!(body("co f()\nco x <- f()"), "co\n  f()\nco\n  x <- f()");
    assert_eq!(body("<- 1, \"two\nlines\""), "<- 1, \"two\\n  lines\"");
}

#[test]
fn blocks_open_with_a_colon() {
    assert_eq!(body("on p via r via s:\n  f()"), "on p via r via s\n  f()");
    assert_eq!(body("for x <- xs par:\n  f()"), "for x <- xs par\n  f()");
    assert_eq!(body("for k, v <- m:\n  f()"), "for k, v <- m\n  f()");
    assert_eq!(body("parseq x <- xs on x:\n  f()"), "parseq x <- xs on x\n  f()");
    assert_eq!(body("if -1 < x:\n  f()\nelse :\n  g()"), "if (-1 < x)\n  f()\nelse\n  g()");
    assert_eq!(body("if(a):\n  f()"), "if (a)\n  f()");
    assert_eq!(body("c = (x: u8) -> u8:\n  <- x"), "c = (x: u8) -> u8\n  <- x");
    assert_eq!(body("c = func {A}():\n  f()"), "c = func {A}()\n  f()");
}

#[test]
fn words_are_names_where_they_cannot_be_keywords() {
    assert_eq!(body("if = 1\nfor = if\njoin(x)"), "if = 1\nfor = if\njoin(x)");
    assert_eq!(body("for par <- par par:\n  co()"), "for par <- par par\n  co()");
    assert_eq!(body("on via via via:\n  f()"), "on via via via\n  f()");
    assert_eq!(body("parseq on <- on on on:\n  f()"), "parseq on <- on on on\n  f()");
    assert_eq!(body("x = func(true, truex)\ntrue = 1"), "x = func(true, truex)\ntrue = 1");
    assert_eq!(tree("aqua A\nfunc func(data: u8):\n  x()"), "aqua A\nfunc func(data: u8)\n  x()\n");
}

#[test]
fn alternatives_and_branches_belong_to_the_item_above() {
    assert_eq!(
        body("try:\n  a()\ncatch e:\n  b()\notherwise:\n  c()"),
        "try\n  a()\ncatch e\n  b()\notherwise\n  c()"
    );
    assert_eq!(
        body("a()\npar b()\notherwise:\n  c()"),
        "try\n  par\n    a()\n    b()\notherwise\n  c()"
    );
    assert_eq!(
        body("a()\notherwise:\n  b()\n-- between\n\npar c()\npar d()"),
        "par\n  try\n    a()\n  otherwise\n    b()\n  c()\n  d()"
    );
    assert_eq!(body("x = 1\npar on p:\n  f()"), "par\n  x = 1\n  on p\n    f()");
}

#[test]
fn any_indentation_will_do_if_it_is_the_same_in_a_block() {
    assert_eq!(body("if a:\n f()\n g()\nelse:\n\t\th()"), "if a\n  f()\n  g()\nelse\n  h()");
    let crlf = "aqua A\r\n\r\nfunc f():\r\n  x()\r\n -- c\r\n  y()";
    assert_eq!(tree(crlf), "aqua A\nfunc f()\n  x()\n  y()\n");
    assert_eq!(tree("\u{feff}aqua A\nconst N = 1 -- end"), "aqua A\nconst N = 1\n");
}

#[test]
fn operators_go_over_lines() {
    assert_eq!(body("x = a +\n    b"), "x = (a + b)");
    assert_eq!(body("x = a\n    + b"), "x = (a + b)");
    assert_eq!(body("x = a &&\n!b"), "x = (a && !b)");
    assert_eq!(tree("aqua A\nfunc f():\n  x = a\n+ b\n"), "aqua A\nfunc f()\n  x = (a + b)\n");
}

#[test]
fn a_constant_may_stand_in_parentheses() {
    assert_eq!(tree("aqua A\nconst N = ((1))"), "aqua A\nconst N = 1\n");
}
