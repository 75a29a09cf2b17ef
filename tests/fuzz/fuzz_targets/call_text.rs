//! The text of a call, against a program with every kind of parameter.

#![no_main]

use std::collections::BTreeMap;
use std::sync::LazyLock;

use aquac_driver::{Checked, Request, call, check, render};
use aquac_ir::Value;
use libfuzzer_sys::fuzz_target;

const PROGRAM: &str = "aqua Main declares *
export main, none
data Inner:
  name: string
  tags: []string
data Outer:
  inner: Inner
  maybe: ?u8
  rate: f64
func none():
  x = 1
func main(a: string, b: u32, c: i64, d: bool, e: []?string, f: Outer, g: string -> ()) -> Outer:
  g(a)
  <- f
";

static CHECKED: LazyLock<Checked> = LazyLock::new(|| {
    let sources = BTreeMap::from([("main.aqua".to_owned(), PROGRAM.to_owned())]);
    let checked =
        check(&Request { entries: vec!["main.aqua".to_owned()], ..Request::default() }, &sources);
    assert!(checked.is_ok(), "{:?}", checked.diagnostics);
    checked
});

fuzz_target!(|text: &str| {
    let data = BTreeMap::from([
        ("name".to_owned(), Value::text("Ada")),
        ("list".to_owned(), Value::array(vec![Value::text("x")]).expect("it is flat")),
    ]);
    if let Err(wrong) = call(&CHECKED, text, &data) {
        assert!(!wrong.diagnostics.is_empty(), "a call is wrong for a reason");
        for diagnostic in &wrong.diagnostics {
            let _ = render::terminal(diagnostic, &wrong.sources, render::Colour::Plain);
        }
    }
});
