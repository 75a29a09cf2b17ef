//! What stays of a text that is damaged: everything but the damaged line.

use aquac_base::{SourceId, repair};
use aquac_syntax::{emit_ast, parse};

use crate::{in_body, problems};

/// The tree of a text with a problem.
fn kept(lines: &str) -> String {
    let parsed = parse(SourceId(0), &in_body(lines));
    assert_eq!(parsed.diagnostics.len(), 1, "{:?}", parsed.diagnostics);
    emit_ast(&parsed.module).lines().skip(2).map(str::trim).collect::<Vec<_>>().join(" | ")
}

#[test]
fn a_broken_line_keeps_the_names_that_it_binds() {
    assert_eq!(kept("a, b <- f(1 2)\ng(a)"), "damaged a, b | g(a)");
    assert_eq!(kept("x <-\ng(x)"), "x <- <error> | g(x)");
    assert_eq!(kept("x <- Svc.\ng(x)"), "x <- Svc.<error> | g(x)");
    assert_eq!(kept("f(a, g(b)\nh()"), "f(a, g(b)) | h()");
    assert_eq!(kept("x = \"a\ny = \"b\""), "x = \"a\" | y = \"b\"");
}

#[test]
fn a_slip_keeps_its_meaning() {
    assert_eq!(kept("for x in xs:\n  f(x)"), "for x <- xs | f(x)");
    assert_eq!(kept("if a and not b:\n  f()"), "if (a && !b) | f()");
    assert_eq!(kept("return x"), "<- x");
    assert_eq!(kept("if a = b and not c:\n  f()"), "if ((a == b) && !c) | f()");
    assert_eq!(kept("let x = 1"), "x = 1");
    assert_eq!(
        kept("if a:\n  f()\nelse if b:\n  g()\nelse:\n  h()"),
        "if a | f() | else | if b | g() | else | h()"
    );
}

#[test]
fn a_broken_head_keeps_its_body() {
    assert_eq!(kept("for x <- (:\n  f(x)\ng()"), "damaged x | f(x) | g()");
    assert_eq!(kept("on p q:\n  f()\ng()"), "damaged | f() | g()");
    assert_eq!(kept("if a\n  f()\nelse:\n  g()"), "if a | f() | else | g()");
}

#[test]
fn a_broken_declaration_keeps_its_name() {
    let text = "aqua A\nfunc f(a: u8 b: u8):\n  x = 1\nfunc g():\n  f(1)\n";
    let parsed = parse(SourceId(0), text);
    assert_eq!(problems(text), ["AQ0111 2:14 expected `,` or `)`, found `b`"]);
    assert_eq!(emit_ast(&parsed.module), "aqua A\nfunc g()\n  f(1)\ndamaged f\n");
}

/// The text after every certain repair.
fn repaired(text: &str) -> String {
    repair(SourceId(0), text, &parse(SourceId(0), text).diagnostics).text
}

#[test]
fn certain_repairs_repair() {
    for (wrong, right) in [
        ("f('a')", "f(\"a\")"),
        ("f(\"a)", "f(\"a\")"),
        ("f(g(1)", "f(g(1))"),
        ("for x in xs:\n  f()", "for x <- xs:\n  f()"),
        ("if a and not b:\n  f()", "if a && !b:\n  f()"),
        ("if a = b:\n  f()", "if a == b:\n  f()"),
        ("if a\n  f()", "if a:\n  f()"),
        ("let x = 1", "x = 1"),
        ("return x", "<- x"),
        ("x = 007; # seven", "x = 7 -- seven"),
        ("par f()\npar g()", "f()\npar g()"),
        ("if a:\n  f()\n   g()", "if a:\n  f()\n  g()"),
    ] {
        let right = in_body(right);
        assert_eq!(repaired(&in_body(wrong)).replace(" \n", "\n"), right);
        assert_eq!(problems(&right), Vec::<String>::new());
    }
    let renamed = repaired("aqua A\ndata point:\n  X: u8\nfunc f(p: point) -> u8:\n  <- p.X\n");
    assert_eq!(renamed, "aqua A\ndata Point:\n  x: u8\nfunc f(p: Point) -> u8:\n  <- p.x\n");
    assert_eq!(repaired("func f():\n  x()"), "aqua Main declares *\n\nfunc f():\n  x()");
}

/// What people write who come from other languages, and what becomes of it.
#[test]
fn forms_of_other_languages_are_put_right() {
    for (wrong, right) in [
        ("x := 1", "x = 1"),
        ("(a, b) <- f()", "a, b <- f()"),
        ("(a, b) = f()", "a, b <- f()"),
        ("x <- await f()", "x <- f()"),
        ("S.get() -> x", "x <- S.get()"),
        ("S.get -> a, b", "a, b <- S.get()"),
        ("if a === b:\n  f()", "if a == b:\n  f()"),
        ("if a is b:\n  f()", "if a == b:\n  f()"),
        ("if a is not b:\n  f()", "if a != b:\n  f()"),
        ("if a & b:\n  f()", "if a && b:\n  f()"),
        ("xs << x", "xs <<- x"),
        ("for (x <- xs):\n  f(x)", "for x <- xs:\n  f(x)"),
        ("via r on p:\n  f()", "on p via r:\n  f()"),
        ("p = P { x: 1, y: f(2) }", "p = P(x = 1, y = f(2))"),
        ("p = P(x: 1, y: Q { z: 2 })", "p = P(x = 1, y = Q(z = 2))"),
        ("new xs: *string", "xs: *string"),
        ("if a {\n  f()\n} else {\n  g()\n}", "if a:\n  f()\nelse:\n  g()"),
        ("for x <- xs {\n  if x {\n    f() }\n}\ng()", "for x <- xs:\n  if x:\n    f()\ng()"),
        ("try {\n  f()\n}\ncatch e {\n  g()\n}", "try:\n  f()\ncatch e:\n  g()"),
    ] {
        let (wrong, right) = (in_body(wrong), in_body(right));
        assert_eq!(problems(&wrong).len(), 1, "{wrong}");
        assert_eq!(repaired(&wrong), right);
        assert_eq!(problems(&right), Vec::<String>::new());
    }
    for (wrong, right) in [
        ("func f() {\n  g()\n}", "func f():\n  g()"),
        ("func f()\n{\n  g()\n}", "func f():\n  g()"),
        ("data P {\n  x: u8\n}", "data P:\n  x: u8"),
        ("data P:\n  x: u8,\n  y: u8", "data P:\n  x: u8\n  y: u8"),
        ("data P:\n  x: u8[]", "data P:\n  x: []u8"),
        ("data P:\n  y: A.B?", "data P:\n  y: ?A.B"),
        ("func f(x: Array<Option<u8>>):\n  g()", "func f(x: []?u8):\n  g()"),
        ("func f(x: [u8]):\n  g()", "func f(x: []u8):\n  g()"),
        ("func f(u8 x, []string y):\n  g()", "func f(x: u8, y: []string):\n  g()"),
        ("func f(x: u8): string:\n  <- g()", "func f(x: u8) -> string:\n  <- g()"),
        ("func f(x: u8) => string:\n  <- g()", "func f(x: u8) -> string:\n  <- g()"),
        ("func f(x: u8) []string:\n  <- g()", "func f(x: u8) -> []string:\n  <- g()"),
        ("service S(\"s\"):\n  f(): u8", "service S(\"s\"):\n  f() -> u8"),
        ("service S = \"s\":\n  f() -> u8", "service S(\"s\"):\n  f() -> u8"),
        ("alias A = u8", "alias A: u8"),
        ("async func f():\n  g()", "func f():\n  g()"),
        ("from \"x\" import a, b", "import a, b from \"x\""),
        ("import { a as b } from \"x\"", "import a as b from \"x\""),
        ("import * as X from \"x\"", "use \"x\" as X"),
    ] {
        let [wrong, right] = [wrong, right].map(|lines| format!("aqua Test\n{lines}\n"));
        assert_eq!(problems(&wrong).len(), 1, "{wrong}");
        assert_eq!(repaired(&wrong), right);
        assert_eq!(problems(&right), Vec::<String>::new());
    }
}
