//! Imports, uses, declares, exports.

use aquac_base::Name;
use aquac_syntax::ast::{Literal, LiteralKind};

use super::{Outcome, Project};
use crate::GivenConstant;

const LIB: (&str, &str) = (
    "lib.aqua",
    "aqua Lib.Sub declares f, Srv, Point, LIMIT, Ab

data Point:
  x: u32

service Srv(\"srv\"):
  go(n: u32) -> u32

ability Ab:
  go(n: u32) -> u32

const LIMIT = 5

func hidden() -> u32:
  <- 1

func f(n: u32) -> u32:
  m <- hidden()
  <- n + m
",
);

fn with(files: &[(&str, &str)]) -> Outcome {
    Project { files, constants: &[] }.check()
}

#[track_caller]
fn clean(main: &str) {
    let outcome = with(&[LIB, ("main.aqua", main)]);
    assert!(outcome.errors().is_empty(), "{main}\n{}", outcome.shown());
}

#[track_caller]
fn wrong(main: &str, codes: &[&str]) {
    let outcome = with(&[LIB, ("main.aqua", main)]);
    assert_eq!(outcome.errors(), codes, "{main}\n{}", outcome.shown());
}

#[test]
fn an_import_brings_what_is_declared_without_a_qualifier() {
    clean(
        "aqua Main\nimport \"lib.aqua\"\nfunc main(p: Point) -> u32:\n  a <- f(LIMIT)\n  b <- Srv.go(a)\n  <- b + p.x\n",
    );
    clean(
        "aqua Main\nimport f as g, Point as Pt from \"lib.aqua\"\nfunc main(p: Pt) -> u32:\n  <- g(p.x)\n",
    );
    wrong("aqua Main\nimport \"lib.aqua\"\nfunc main() -> u32:\n  <- hidden()\n", &["AQ0201"]);
    wrong(
        "aqua Main\nimport hidden from \"lib.aqua\"\nfunc main() -> u32:\n  <- hidden()\n",
        &["AQ0212"],
    );
}

#[test]
fn a_use_keeps_the_dotted_name_or_takes_a_new_one() {
    clean(
        "aqua Main\nuse \"lib.aqua\"\nfunc main(p: Lib.Sub.Point) -> u32:\n  q = Lib.Sub.Point(x = p.x)\n  a <- Lib.Sub.f(Lib.Sub.LIMIT)\n  b <- Lib.Sub.Srv.go(q.x)\n  <- a + b\n",
    );
    clean(
        "aqua Main\nuse \"lib.aqua\" as M\nfunc main(p: M.Point) -> u32:\n  M.Srv \"other\"\n  a <- M.Srv.go(p.x)\n  <- M.f(a)\n",
    );
    clean("aqua Main\nuse f as g from \"lib.aqua\" as A.B\nfunc main() -> u32:\n  <- A.B.g(1)\n");
    clean(
        "aqua Main\nuse \"lib.aqua\" as M\nfunc h{M.Ab}() -> u32:\n  a <- M.Ab.go(1)\n  <- a\nfunc main() -> u32:\n  <- h{M.Srv}()\n",
    );
    wrong("aqua Main\nuse \"lib.aqua\" as M\nfunc main() -> u32:\n  <- M.hidden()\n", &["AQ0201"]);
    wrong("aqua Main\nuse \"lib.aqua\" as M\nfunc main() -> u32:\n  <- M!\n", &["AQ0201"]);
    wrong(
        "aqua Main\nuse \"lib.aqua\" as M\nfunc main(p: M.Pint) -> u32:\n  <- p.x\n",
        &["AQ0202"],
    );
}

#[test]
fn two_uses_under_one_name_are_merged() {
    let more = ("more.aqua", "aqua More declares *\nfunc g() -> u32:\n  <- 1\n");
    let main = "aqua Main\nuse \"lib.aqua\" as M\nuse \"more.aqua\" as M\nfunc main() -> u32:\n  a <- M.f(1)\n  b <- M.g()\n  <- a + b\n";
    let outcome = with(&[LIB, more, ("main.aqua", main)]);
    assert!(outcome.errors().is_empty(), "{}", outcome.shown());
}

#[test]
fn modules_can_be_declared_again() {
    let middle = ("middle.aqua", "aqua Middle declares Lib\nuse \"lib.aqua\"\n");
    let main = "aqua Main\nuse \"middle.aqua\"\nfunc main() -> u32:\n  <- Middle.Lib.Sub.f(1)\n";
    let outcome = with(&[LIB, middle, ("main.aqua", main)]);
    assert!(outcome.errors().is_empty(), "{}", outcome.shown());
}

#[test]
fn a_broken_import_is_not_blamed_on_the_names_that_it_would_have_brought() {
    wrong(
        "aqua Main\nimport \"nowhere.aqua\"\nfunc main(x: Strange) -> u32:\n  a <- unknown(x)\n  <- a\n",
        &[],
    );
    wrong(
        "aqua Main\nimport g from \"nowhere.aqua\"\nfunc main() -> u32:\n  a <- g(1)\n  <- oops\n",
        &["AQ0201"],
    );
    wrong(
        "aqua Main\nuse \"nowhere.aqua\" as N\nfunc main() -> u32:\n  a <- N.g(1)\n  <- a\n",
        &[],
    );
}

#[test]
fn declares_names_what_is_there() {
    wrong("aqua Main declares main, gone\nfunc main() -> u32:\n  <- 1\n", &["AQ0213"]);
    clean(
        "aqua Main declares f, main\nimport f from \"lib.aqua\"\nfunc main() -> u32:\n  <- f(1)\n",
    );
}

#[test]
fn exports_are_functions_and_services_that_hosts_can_use() {
    clean(
        "aqua Main\nimport \"lib.aqua\"\nexport f, Srv, main as start\nfunc main(cb: u32 -> u32, s: *u32) -> []u32, u32:\n  <- s, cb(1)\n",
    );
    wrong("aqua Main\nimport \"lib.aqua\"\nexport Ab\n", &["AQ0702"]);
    wrong(
        "aqua Main\nimport \"lib.aqua\"\nexport main\nfunc main{Ab}():\n  Ab.go(1)\n",
        &["AQ0702"],
    );
    wrong(
        "aqua Main\nimport \"lib.aqua\"\nexport main\nfunc main(s: Srv):\n  s.go(1)\n",
        &["AQ0702"],
    );
    wrong("aqua Main\nexport main\nfunc main() -> %u32:\n  m: %u32\n  <- m\n", &["AQ0702"]);
    wrong("aqua Main\nexport gone\n", &["AQ0701"]);
    clean("aqua Main\nexport main, main\nfunc main() -> u32:\n  <- 1\n");
    wrong(
        "aqua Main\nexport main, other as main\nfunc main() -> u32:\n  <- 1\nfunc other():\n  x = 1\n",
        &["AQ0704"],
    );
}

#[test]
fn constants_from_outside_come_first() {
    let text = Literal { kind: LiteralKind::String, text: Name::new("12D3KooW") };
    let given = [GivenConstant { name: Name::new("BANK"), value: text }];
    let main = "aqua Main\nexport main\nconst BANK = \"other\"\nfunc main() -> string:\n  on BANK:\n    x = 1\n  <- BANK\n";
    let outcome = Project { files: &[("main.aqua", main)], constants: &given }.check();
    assert_eq!(outcome.errors(), [] as [&str; 0], "{}", outcome.shown());
    let kept = outcome.codes().contains(&"AQ0211");
    assert!(!kept, "a constant from outside is meant to win");
}
