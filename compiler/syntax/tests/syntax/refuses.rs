//! Texts that are wrong: one problem for one mistake, at its place.

use crate::{in_body, problems};

/// Problems of a body; its first line is line 3 of the text, its first column column 3.
fn wrong(lines: &str) -> String {
    problems(&in_body(lines)).join("\n")
}

/// Problems of lines behind the header; the first is line 2.
fn wrong_at_top(lines: &str) -> String {
    problems(&format!("aqua Test\n{lines}\n")).join("\n")
}

#[test]
fn the_header_is_missing_or_in_the_wrong_place() {
    assert_eq!(problems(""), ["AQ0101 1:1 this file has no module header"]);
    assert_eq!(problems("func f():\n  x()"), ["AQ0101 1:1 this file has no module header"]);
    assert_eq!(problems("module A\n"), ["AQ0104 1:1 the module header is written with `aqua`"]);
    assert_eq!(
        wrong_at_top("const N = 1\nimport \"x\""),
        "AQ0112 3:1 a header line cannot stand behind a declaration"
    );
    assert_eq!(
        wrong_at_top("aqua B"),
        "AQ0112 2:1 a module has one `aqua` line, and it comes first"
    );
}

#[test]
fn indentation_is_off() {
    assert_eq!(
        wrong("for x <- xs:\n  f()\n   g()"),
        "AQ0001 5:1 this line is indented one column too far"
    );
    assert_eq!(
        wrong("if a:\n    f()\n  g()"),
        "AQ0001 5:1 this line is indented 2 columns too little"
    );
    assert_eq!(
        wrong_at_top("func f():\n\tx()\n  y()"),
        "AQ0002 3:1 this block mixes tabs and spaces"
    );
    assert_eq!(
        wrong_at_top("const N = 1\n  x()\n  y()"),
        "AQ0001 3:1 this line is indented, but no line above it opens a block"
    );
}

#[test]
fn characters_and_literals_of_other_languages() {
    assert_eq!(wrong("f('a')"), "AQ0003 3:5 strings are written with double quotes");
    assert_eq!(wrong("f(\"a)\ng(\"b\")"), "AQ0003 3:5 this string is never closed");
    assert_eq!(wrong("# one\nf() // two"), "AQ0004 3:3 `#` does not start a comment");
    assert_eq!(wrong("x = 007"), "AQ0006 3:7 `007` is not a number");
    assert_eq!(wrong("x = 1e9"), "AQ0006 3:7 `1e9` is not a number");
    assert_eq!(wrong("x = 1;"), "AQ0007 3:8 `;` means nothing in Aqua");
    assert_eq!(wrong("x = 1\u{a0}"), "AQ0007 3:8 the character U+00A0 means nothing in Aqua");
}

#[test]
fn the_first_letter_of_a_name_is_of_the_wrong_case() {
    assert_eq!(
        wrong_at_top("data point:\n  x: u8\nservice srv:\n  f: -> point"),
        "AQ0005 2:6 type names start with a capital letter"
    );
    assert_eq!(wrong_at_top("const max = 1"), "AQ0005 2:7 constant names are upper case");
    assert_eq!(
        wrong_at_top("service S:\n  Do()\nfunc f():\n  S.Do()"),
        "AQ0005 3:3 method names start with a lower-case letter"
    );
    assert_eq!(wrong("_x = 1"), "AQ0005 3:3 names start with a letter");
}

#[test]
fn brackets_do_not_match() {
    assert_eq!(wrong("f(\"a\"\ng(\"b\")"), "AQ0102 3:4 this `(` is never closed");
    assert_eq!(wrong("x = [1, 2\ny = 1"), "AQ0102 3:7 this `[` is never closed");
    assert_eq!(wrong("f(1))"), "AQ0102 3:7 this bracket closes nothing");
    assert_eq!(wrong_at_top("func g(a: u8:\n  x()"), "AQ0102 2:7 this `(` is never closed");
}

#[test]
fn something_is_missing() {
    assert_eq!(
        wrong_at_top("func g() -> u8\n  <- 1"),
        "AQ0103 2:15 expected `:` to open the body of `g`"
    );
    assert_eq!(wrong("if a\n  f()"), "AQ0103 3:7 expected `:` to open the body of `if`");
    assert_eq!(
        wrong_at_top("func g(ssn, t: string):\n  x()"),
        "AQ0103 2:8 argument `ssn` needs a type"
    );
    assert_eq!(wrong_at_top("data P:\n  x:"), "AQ0103 3:3 field `x` needs a type");
    assert_eq!(wrong("s:"), "AQ0103 3:3 stream `s` needs a type");
    assert_eq!(wrong("x <- "), "AQ0103 3:7 a value is missing here");
    assert_eq!(wrong("x = 1 +"), "AQ0103 3:10 a value is missing here");
    assert_eq!(wrong("x <- Svc."), "AQ0103 3:12 a name is missing after the dot");
    assert_eq!(
        wrong("try:\n  f()\ncatch:\n  g()"),
        "AQ0103 5:8 a name is missing for the error that is caught"
    );
}

#[test]
fn words_of_other_languages() {
    assert_eq!(wrong_at_top("def g():\n  return x"), "AQ0104 2:1 `def` is not a keyword");
    assert_eq!(wrong_at_top("fucn g():\n  x()"), "AQ0104 2:1 `fucn` is not a keyword");
    assert_eq!(wrong("return x"), "AQ0104 3:3 `return` is not a keyword");
    assert_eq!(wrong("return (x)"), "AQ0104 3:3 `return` is not a keyword");
    assert_eq!(wrong("let x = 1"), "AQ0104 3:3 `let` is not a keyword");
    assert_eq!(wrong("while a:\n  f()"), "AQ0104 3:3 `while` is not a keyword");
    assert_eq!(wrong("f()\noterwise:\n  g()"), "AQ0104 4:3 `oterwise` is not a keyword");
    assert_eq!(wrong_at_top("import lib/x.aqua"), "AQ0104 2:8 an import path is a string");
}

#[test]
fn forms_that_have_no_counterpart() {
    assert_eq!(wrong("i += 1"), "AQ0105 3:5 a name keeps its value");
    assert_eq!(wrong("i++"), "AQ0105 3:4 a name keeps its value");
    assert_eq!(wrong("x = a ? b : c"), "AQ0105 3:9 a value cannot be chosen within a line");
    assert_eq!(wrong("x = a if b else c"), "AQ0105 3:9 a value cannot be chosen within a line");
    assert_eq!(wrong("x = f\"a {b}\""), "AQ0105 3:7 texts are joined by a service");
    assert_eq!(wrong("x = a ++ b"), "AQ0105 3:9 texts are joined by a service");
    assert_eq!(wrong("x = -a"), "AQ0105 3:7 only a number has a sign");
    assert_eq!(wrong("f = (x: u8) => x"), "AQ0105 3:15 a function within a function has a name");
    assert_eq!(wrong("x: u8 = f()"), "AQ0105 3:4 a value brings its own type");
    assert_eq!(
        wrong("x = { a: 1 }"),
        "AQ0105 3:7 a value with fields starts with the name of its type"
    );
    assert_eq!(wrong("f() if a"), "AQ0105 3:7 this starts a line of its own");
    assert_eq!(wrong("f() on p"), "AQ0105 3:7 this starts a line of its own");
    assert_eq!(wrong("if a { f() }"), "AQ0105 3:10 the body of a block starts on the next line");
    assert_eq!(wrong("/* one\n two */\nf()"), "AQ0004 3:3 `/*` does not start a comment");
    assert_eq!(wrong_at_top("enum E:\n  A"), "AQ0104 2:1 `enum` is not a keyword");
    assert_eq!(
        wrong_at_top("export func f():\n  g()"),
        "AQ0105 2:1 functions are exported by name"
    );
    assert_eq!(
        wrong_at_top("func f<T>(x: T) -> T:\n  <- x"),
        "AQ0105 2:7 functions have no type parameters"
    );
    assert_eq!(
        wrong_at_top("func f(x: Map<u8, u8>):\n  g()"),
        "AQ0105 2:14 types have no arguments"
    );
}

#[test]
fn forms_of_other_languages() {
    assert_eq!(wrong("for x in xs:\n  f()"), "AQ0105 3:9 `for` uses `<-`, not `in`");
    assert_eq!(wrong("if a = 1:\n  f()"), "AQ0105 3:8 a condition needs `==`");
    assert_eq!(
        wrong("if a and not b:\n  f()"),
        "AQ0105 3:8 `and`, `or`, `not` are written `&&`, `||`, `!`"
    );
    assert_eq!(
        wrong("if a:\n  f()\nelse if b:\n  g()\nelse:\n  h()"),
        "AQ0105 5:3 `else` takes no condition"
    );
    assert_eq!(wrong("x = a < b < c"), "AQ0105 3:13 comparisons do not chain");
    assert_eq!(wrong("if a: x = 1"), "AQ0105 3:9 the body of a block starts on the next line");
    assert_eq!(wrong("f(a = 1)"), "AQ0105 3:5 arguments are given by position, not by name");
    assert_eq!(wrong("p = Point(x = 1, 2)"), "AQ0105 3:20 the fields of a type are given by name");
}

#[test]
fn lines_that_belong_to_something_above_stand_alone() {
    assert_eq!(
        wrong("if a:\n  <- 1\nelse:\n  <- 2"),
        "AQ0106 4:5 `<-` may only be a line of the function itself"
    );
    assert_eq!(wrong("f()\ncatch e:\n  g()"), "AQ0107 4:3 `catch` without a `try`");
    assert_eq!(wrong("else:\n  g()"), "AQ0107 3:3 `else` without an `if`");
    assert_eq!(wrong("otherwise:\n  g()"), "AQ0107 3:3 `otherwise` without a statement");
    assert_eq!(
        wrong("if a:\n  f()\nelse:\n  g()\nelse:\n  h()"),
        "AQ0107 7:3 this `if` has an `else` already"
    );
    assert_eq!(wrong("par f()\npar g()"), "AQ0108 3:3 `par` has nothing to run beside");
}

#[test]
fn blocks_without_a_body() {
    assert_eq!(wrong("if a:\nf()"), "AQ0110 3:3 this `if` has no body");
    assert_eq!(wrong_at_top("data P:\nconst N = 1"), "AQ0110 2:1 this `data` has no body");
}

#[test]
fn something_stands_where_nothing_can() {
    assert_eq!(wrong("x = a b"), "AQ0111 3:9 expected the end of the line, found `b`");
    assert_eq!(wrong("x = (1, 2)"), "AQ0111 3:9 expected `)`, found `,`");
    assert_eq!(
        wrong_at_top("alias X: u8, u8"),
        "AQ0111 2:14 a function type needs `->` behind its arguments"
    );
    assert_eq!(wrong("par x = 1"), "AQ0112 3:3 this behind `par` cannot stand here");
    assert_eq!(wrong_at_top("x = 1"), "AQ0112 2:1 a statement cannot stand outside of a function");
    assert_eq!(wrong_at_top("service S:\n  x: u8"), "AQ0112 3:3 a field cannot stand in a service");
}

#[test]
fn constants_are_literals_or_names() {
    assert_eq!(
        wrong_at_top("const N = f()"),
        "AQ0113 2:11 the value of a constant is a literal or a name, not a call"
    );
    assert_eq!(
        wrong("x = []"),
        "AQ0113 3:7 an empty collection has no element type to give to a name"
    );
}

#[test]
fn nesting_is_bounded() {
    assert_eq!(
        wrong(&format!("x = {}a", "(".repeat(300))),
        "AQ0008 3:3 this line nests more than 200 levels deep"
    );
    let blocks: String = (0..200).map(|depth| " ".repeat(depth) + "if a:\n").collect();
    assert_eq!(wrong(&blocks), "AQ0008 102:102 blocks are nested more than 100 levels deep");
    let groups = "otherwise:\n  f()\npar g()\n".repeat(200);
    assert_eq!(
        wrong(&format!("f()\n{groups}")),
        "AQ0008 154:3 more than 100 alternatives and branches build on each other"
    );
}

#[test]
fn a_join_waits_for_elements() {
    assert_eq!(
        wrong("join xs[1] + 1"),
        "AQ0111 3:8 `join` waits for elements of streams, not for a computation"
    );
    assert_eq!(wrong("join xs[n - 1], ys!, a.b, (n + 1)"), "");
}

#[test]
fn a_return_in_a_branch_shows_all_of_what_to_write() {
    let text = "aqua Test\nfunc f(a: bool) -> u32:\n  if a:\n    <- 1\n  else:\n    <- 2\n";
    let parsed = aquac_syntax::parse(aquac_base::SourceId(0), text);
    let [found] = parsed.diagnostics.as_slice() else { panic!("{:?}", parsed.diagnostics) };
    let help = found.help.join("\n");
    for line in ["result: *u32", "  result <<- 1", "else:", "  result <<- 2", "<- result!"] {
        assert!(help.contains(line), "{line} is not in\n{help}");
    }
}

#[test]
fn negation_in_words_is_repaired_only_where_it_binds_the_same() {
    let fix = |line: &str| {
        let parsed = aquac_syntax::parse(aquac_base::SourceId(0), &in_body(line));
        let [found] = parsed.diagnostics.as_slice() else { panic!("{:?}", parsed.diagnostics) };
        found.fix.is_some()
    };
    assert!(fix("x = not a and b"));
    assert!(fix("x = a == b and c"));
    assert!(!fix("x = not a == b"));
}

#[test]
fn a_type_needs_its_colon() {
    assert_eq!(wrong("xs *string\nxs <- f()"), "AQ0103 3:3 `xs` needs a `:` before its type");
    assert_eq!(
        wrong_at_top("data P:\n  x u8\n  y []P"),
        "AQ0103 3:3 `x` needs a `:` before its type\nAQ0103 4:3 `y` needs a `:` before its type"
    );
    assert_eq!(
        wrong_at_top("func f(a string, b: u8, c *u8):\n  x()"),
        "AQ0103 2:8 `a` needs a `:` before its type"
    );
    assert_eq!(wrong("x = a *string"), "");
}

#[test]
fn one_line_has_one_problem() {
    // The first line was meant to be the header.
    assert_eq!(
        problems("1 Case\nfunc f():\n  x()\n"),
        ["AQ0111 1:1 expected a declaration, found `1`"]
    );
    assert_eq!(
        wrong_at_top("service S:\n  a: u8, u8"),
        "AQ0111 3:10 a function type needs `->` behind its arguments"
    );
    // The line that sets the indentation is the one that is wrong.
    assert_eq!(wrong(" = f()\ng()\nh()"), "AQ0111 3:4 expected a value, found `=`");
}

#[test]
fn a_name_that_is_wrong_twice_is_repaired_once() {
    let text = "aqua Test\ndata p:\n  x: u8\ndata p:\n  y: u8\nfunc f(a: p):\n  x()\n";
    let parsed = aquac_syntax::parse(aquac_base::SourceId(0), text);
    let [found] = parsed.diagnostics.as_slice() else { panic!("{:?}", parsed.diagnostics) };
    let Some(aquac_base::Fix::Certain(edits)) = &found.fix else { panic!("{found:?}") };
    let mut places: Vec<u32> = edits.iter().map(|edit| edit.span.start).collect();
    places.sort_unstable();
    places.dedup();
    assert_eq!((places.len(), edits.len()), (3, 3));
}
