//! Call texts against the functions that they name.

use aquac_base::{Name, Source, Span};
use aquac_syntax::ast::{Literal, LiteralKind, Value, ValueKind};

use super::outcome;
use crate::{Argument, check_call};

const PROGRAM: &str = "aqua Demo
export main, takes as renamed, back, wraps
data Point:
  x: u8
  note: ?string
func main(name: string, n: u8):
  a = [name]
func takes(ps: []Point, o: ?u32, s: *f64, any: ⊤, big: u64):
  a = 1
func back(cb: string -> ()):
  cb(\"x\")
func private(b: bool):
  a = 1
func wraps(one: ?[]u8, two: ?[][]u8):
  a = 1
";

/// The arguments, or the codes with the text under their labels.
fn call(text: &str) -> Result<Vec<Argument>, Vec<String>> {
    call_with(text, &[])
}

/// The same with these names given for it.
fn call_with(text: &str, given: &[&str]) -> Result<Vec<Argument>, Vec<String>> {
    let given: Vec<Name> = given.iter().map(|name| Name::new(name)).collect();
    let mut program = outcome(PROGRAM);
    assert!(program.errors().is_empty(), "{}", program.shown());
    let source = program.sources.add(Source::new("-f", text));
    let tree = aquac_syntax::parse_call(source, text).map_err(|found| vec![found.message])?;
    let data = |name: &Name| {
        let literal = Literal { kind: LiteralKind::Unsigned, text: Name::new("7") };
        let kind = ValueKind::Literal(literal);
        (name.as_str() == "seven").then(|| Value { span: Span::new(source, 0, 0), kind })
    };
    let checked = check_call(&program.typed, &tree, &data, &given);
    checked.map(|call| call.arguments).map_err(|found| {
        let place = |span: Span| program.sources.get(source).map(|s| s.slice(span).to_owned());
        let label = |found: &aquac_base::Diagnostic| found.primary.as_ref().map(|l| l.span);
        let text = |found| label(found).and_then(place).unwrap_or_default();
        found.iter().map(|found| format!("{} {}", found.code, text(found))).collect()
    })
}

fn number(text: &str) -> Argument {
    Argument::Number(Name::new(text))
}

#[test]
fn values_take_the_form_that_programs_use() {
    let name = Argument::String(Name::new("x"));
    assert_eq!(call("main(\"x\", 3)"), Ok(vec![name.clone(), number("3")]));
    assert_eq!(call("main(\"x\", seven)"), Ok(vec![name, number("7")]));
    let point = |x: &str, note: Vec<Argument>| {
        let (x, note) = ((Name::new("x"), number(x)), (Name::new("note"), Argument::Array(note)));
        Argument::Object(vec![x, note])
    };
    let note = Argument::String(Name::new("hi"));
    assert_eq!(
        call("renamed([{x: 1}, {note: \"hi\", \"x\": 2}], null, [1, 2.5], {a: true}, 3)"),
        Ok(vec![
            Argument::Array(vec![point("1", vec![]), point("2", vec![note])]),
            Argument::Array(vec![]),
            Argument::Array(vec![number("1"), number("2.5")]),
            Argument::Object(vec![(Name::new("a"), Argument::Bool(true))]),
            number("3"),
        ])
    );
    assert_eq!(call("private(true)"), Ok(vec![Argument::Bool(true)]));
    assert_eq!(call("back(print)"), Ok(vec![Argument::Callback]));
}

#[test]
fn an_array_for_an_option_of_arrays_is_the_option_if_that_fits() {
    let array = |items: &[Argument]| Argument::Array(items.to_vec());
    let one = array(&[number("1")]);
    let (none, some) = (array(&[]), array(std::slice::from_ref(&one)));
    let nested = array(std::slice::from_ref(&some));
    for text in ["wraps([[1]], [[[1]]])", "wraps([1], [[1]])"] {
        assert_eq!(call(text), Ok(vec![some.clone(), nested.clone()]), "{text}");
    }
    assert_eq!(call("wraps([], nil)"), Ok(vec![none.clone(), none.clone()]));
    let several = array(&[array(&[number("1"), number("2")])]);
    assert_eq!(call("wraps([1, 2], [[]])"), Ok(vec![several.clone(), array(&[none])]));
    assert_eq!(call("wraps([[1, 2]], [])"), Ok(vec![several, array(&[])]));
    let wrong = |codes: &[&str]| Err(codes.iter().map(|code| (*code).to_owned()).collect());
    assert_eq!(call("wraps([[\"x\"]], [])"), wrong(&["AQ0302 \"x\""]));
    assert_eq!(call("wraps([\"x\"], [1])"), wrong(&["AQ0302 \"x\"", "AQ0302 1"]));
    assert_eq!(call("wraps([[1], [2]], [])"), wrong(&["AQ0302 [1]", "AQ0302 [2]"]));
}

#[test]
fn what_is_given_for_a_call_stands_in_it() {
    let point = "renamed([{x: seven}], null, [], 1, 3)";
    assert!(call_with(point, &["seven"]).is_ok());
    assert!(call_with("back(print)", &[]).is_ok());
    let wrong = |codes: &[&str]| Err(codes.iter().map(|code| (*code).to_owned()).collect());
    assert_eq!(call_with("main(\"x\", 3)", &["seven"]), wrong(&["AQ0304 (\"x\", 3)"]));
    let both = wrong(&["AQ0201 sevn", "AQ0304 (\"x\", sevn)"]);
    assert_eq!(call_with("main(\"x\", sevn)", &["seven"]), both);
}

#[test]
fn what_does_not_fit_is_shown_in_the_text() {
    let wrong = |text: &str, expected: &[&str]| {
        let expected: Vec<String> = expected.iter().map(|text| (*text).to_owned()).collect();
        assert_eq!(call(text), Err(expected), "{text}");
    };
    wrong("man(\"x\", 3)", &["AQ0201 man"]);
    wrong("main(\"x\")", &["AQ0304 (\"x\")"]);
    wrong("main(1, \"x\")", &["AQ0302 1", "AQ0302 \"x\""]);
    wrong("main(\"x\", 300)", &["AQ0313 300"]);
    wrong("main(\"x\", -1)", &["AQ0313 -1"]);
    wrong("main(\"x\", 1.5)", &["AQ0302 1.5"]);
    wrong("main(who, 1)", &["AQ0201 who"]);
    wrong("renamed([{y: 1}], [1, 2], [], 1, 1)", &["AQ0309 {y: 1}", "AQ0303 y", "AQ0302 [1, 2]"]);
}
