//! What diagnostics say: labels, suggestions, fixes, and that one mistake is said once.

use aquac_base::{SourceId, repair};

use super::{Outcome, Project, body, outcome};

/// Applies the certain fixes of all diagnostics.
fn repaired(text: &str, outcome: &Outcome) -> String {
    repair(SourceId(0), text, &outcome.diagnostics).text
}

#[track_caller]
fn repairs(wrong: &str, right: &str) {
    let found = outcome(wrong);
    assert_eq!(repaired(wrong, &found), right, "{}", found.shown());
    let after = outcome(right);
    assert!(after.errors().is_empty(), "{}", after.shown());
}

#[test]
fn a_typing_error_shows_the_name_that_was_meant_and_repairs_every_use() {
    let wrong =
        "aqua A\nexport f\nfunc f(greeting: string) -> string, string:\n  <- greting, greting\n";
    let found = outcome(wrong);
    insta::assert_snapshot!(found.shown(), @r"
    AQ0201 cannot find `greting` in this scope
      `greting`: not found in this scope
      `greeting`: a variable with a similar name is bound here
      `greting`: and here
      help: did you mean `greeting`?
    ");
    repairs(wrong, &wrong.replace("greting", "greeting"));
}

#[test]
fn a_failed_expression_is_silent_afterwards() {
    let found = body(
        "a <- unknown(n)\nc = a + 1\nTool.number(c.x[0])\nfor q <- a:\n  on q:\n    Tool.text(q)",
    );
    assert_eq!(found.errors(), ["AQ0201"], "{}", found.shown());
    let found = body("a <- Tool.nothing()\nTool.text(a)\nc = a + 1");
    assert_eq!(found.errors(), ["AQ0312"], "{}", found.shown());
    let found = body("a, c, d <- two(1)\nTool.text(d)");
    assert_eq!(found.errors(), ["AQ0304"], "{}", found.shown());
}

#[test]
fn a_parameter_of_an_unknown_type_keeps_its_place() {
    let found = outcome("aqua A\nexport f\nfunc f(a: Strange, b: u32) -> u32:\n  <- b + a\n");
    assert_eq!(found.errors(), ["AQ0202"], "{}", found.shown());
}

#[test]
fn a_stream_for_one_value_shows_three_places_and_two_ways_out() {
    let found = body("q: *u32\nTool.number(q)");
    insta::assert_snapshot!(found.shown(), @r"
    AQ0306 expected one `u32`, found a stream of them
      `q`: `*u32`: zero or more values, still growing
      `n: u32`: one value is expected here
      `q: *u32`: declared as a stream here
      help: take one: `q!` waits for the first value
      help: take all: change the parameter to `[]u32` and `join` the count you need first
    ");
}

#[test]
fn a_struct_for_one_of_its_fields_is_repaired_by_the_field_of_that_name() {
    let found = outcome(
        "aqua A\nexport f\ndata C:\n  name: string\n  phone: string\nservice S(\"s\"):\n  send(phone: string)\nfunc f(c: C):\n  S.send(c)\n",
    );
    insta::assert_snapshot!(found.shown(), @r"
    AQ0302 mismatched argument: expected `string`, found `C`
      `c`: this argument has type `C`
      `phone: string`: `send` expects a `string` here
      help: `C` has a `string` field: did you mean `c.phone`?
    ");
}

#[test]
fn numbers_out_of_range_of_one_parameter_are_one_mistake() {
    let found = body("Tool.small(300)\nTool.small(-1)\nTool.small(255)");
    insta::assert_snapshot!(found.shown(), @r"
    AQ0313 `300` does not fit in `u8`; nor does `-1`
      `300`: `u8` holds 0 to 255
      `-1`: `u8` is unsigned
      `n: u8`: expected here
    ");
}

#[test]
fn a_value_after_an_arrow_is_repaired_by_an_equals_sign() {
    repairs(
        "aqua A\nexport f\nfunc f() -> string:\n  a <- \"x\"\n  <- a\n",
        "aqua A\nexport f\nfunc f() -> string:\n  a = \"x\"\n  <- a\n",
    );
}

#[test]
fn a_missing_return_is_repaired_by_the_last_name_that_fits() {
    repairs(
        "aqua A\nexport f\nservice S(\"s\"):\n  g() -> u8\nfunc f() -> u8:\n    a = \"x\"\n    b <- S.g()\n    join b\n",
        "aqua A\nexport f\nservice S(\"s\"):\n  g() -> u8\nfunc f() -> u8:\n    a = \"x\"\n    b <- S.g()\n    join b\n    <- b\n",
    );
}

#[test]
fn unknown_types_of_one_declaration_are_one_mistake() {
    let wrong = "aqua A\nexport f\ndata Customer:\n  name: string\nfunc f(c: Custmer, n: int, b: boolean) -> string:\n  <- c.name\n";
    let found = outcome(wrong);
    insta::assert_snapshot!(found.shown(), @r"
    AQ0202 cannot find type `Custmer`; `int` is not a type; `boolean` is not a type
      `Custmer`: unknown type
      `Customer`: a type with a similar name is declared here
      `int`: unknown type
      `boolean`: unknown type; did you mean `bool`?
      help: did you mean `Customer`?
    ");
    let text = repaired(wrong, &found);
    assert!(text.contains("(c: Customer, n: int, b: bool)"), "{text}");
}

#[test]
fn names_of_other_kinds_are_not_offered() {
    let found = body("a = Pint(x = 1, y = 2)\nTool.nothing()");
    assert!(found.shown().contains("did you mean `Point`?"), "{}", found.shown());
    let found = body("c <- Tol.text(\"a\")");
    assert!(found.shown().contains("did you mean `Tool`?"), "{}", found.shown());
    let found = body("c = zz");
    assert!(!found.shown().contains("did you mean"), "{}", found.shown());
}

#[test]
fn unused_names_are_one_warning_and_only_where_nothing_else_is_said() {
    let text = "aqua A\nexport f\nservice S(\"s\"):\n  g(n: u8) -> u8\nfunc f(n: u8, spare: u8) -> u8:\n  a <- S.g(n)\n  b <- S.g(n)\n  <- b\n";
    let found = outcome(text);
    assert_eq!(found.codes(), ["AQ0208"], "{}", found.shown());
    assert!(found.shown().contains("unused: argument `spare`, result `a`"), "{}", found.shown());
    let found = outcome(&text.replace("<- b", "<- c"));
    assert_eq!(found.codes(), ["AQ0201"], "{}", found.shown());
}

#[test]
fn an_earlier_result_is_used_by_a_later_one_of_its_line() {
    let found = outcome(
        "aqua A\nexport f\nfunc two() -> u8, u8:\n  <- 1, 2\nfunc f() -> u8:\n  a, b <- two()\n  <- b\n",
    );
    assert!(found.codes().is_empty(), "{}", found.shown());
}

#[test]
fn no_message_shows_internals() {
    let words = ["arrow", "token", "raw", "domain", "canon", "Some(", "::", "hir"];
    for page in crate::codes::PAGES {
        for found in outcome(page.wrong).diagnostics {
            let labels = found.primary.iter().chain(&found.secondary).map(|label| &label.message);
            let texts = labels.chain(&found.help).chain(&found.notes).chain([&found.message]);
            for text in texts {
                let leaks = words.iter().any(|word| text.contains(word));
                assert!(!leaks && !text.contains('\n'), "{}: {text}", found.code);
            }
        }
    }
}

#[test]
fn fixes_of_pages_repair_their_programs() {
    let mut repaired_pages = 0;
    for page in crate::codes::PAGES {
        let found = outcome(page.wrong);
        let text = repaired(page.wrong, &found);
        if text == page.wrong || !found.codes().contains(&page.code.0) {
            continue;
        }
        repaired_pages += 1;
        let after = outcome(&text);
        assert!(after.errors().is_empty(), "{}\n{text}\n{}", page.code, after.shown());
    }
    assert!(repaired_pages > 5, "{repaired_pages} pages have a certain fix");
}

#[test]
fn a_program_without_an_export_is_warned_about_and_a_library_is_not() {
    let codes = |text: &str| outcome(text).codes();
    let program = "aqua A declares *\nfunc part() -> u8:\n  <- 1\nfunc all() -> u8:\n  <- part()\n";
    assert_eq!(codes(program), ["AQ0703"]);
    // Nobody can use it at all.
    assert_eq!(codes("aqua A\nfunc f() -> u8:\n  <- 1\nfunc g() -> u8:\n  <- 1\n"), ["AQ0703"]);
    // Others choose among its functions.
    assert_eq!(codes(&program.replace("part()\n", "1\n")), [""; 0]);
    assert_eq!(codes(&program.replace("declares *", "declares part, all")), [""; 0]);
    assert_eq!(codes("aqua A declares *\nservice S(\"s\"):\n  g()\n"), [""; 0]);
    let packaged = Project { files: &[("node_modules/a/main.aqua", program)], constants: &[] };
    assert_eq!(packaged.check().codes(), [""; 0]);
}

#[test]
fn services_with_one_id_are_one_warning() {
    let services = "service S(\"s\"):\n  a()\nservice T(\"s\"):\n  b()\nservice U(\"s\"):\n  c()\n";
    let found = outcome(&format!("aqua A declares *\n{services}"));
    assert_eq!(found.codes(), ["AQ0404"], "{}", found.shown());
    assert!(found.shown().contains("`\"s\"`: `U` too"), "{}", found.shown());
}

#[test]
fn not_before_parentheses_is_no_call_unless_there_is_such_a_function() {
    let text = "aqua A\nexport f\nfunc f(a: bool) -> bool:\n  <- not (a)\n";
    let found = outcome(text);
    assert_eq!(found.codes(), ["AQ0105"], "{}", found.shown());
    assert!(repaired(text, &found).contains("<- !(a)"), "{}", repaired(text, &found));
    let own = text.replace("func f", "func not(a: bool) -> bool:\n  <- !a\nfunc f");
    assert_eq!(outcome(&own).codes(), [""; 0]);
}

#[test]
fn joined_strings_are_offered_with_their_import() {
    let found = body("a = \"x\" + peer\nTool.text(a)");
    let shown = found.shown();
    assert!(
        shown.contains("`concat(\"x\", peer)`") && shown.contains("aqua/texts.aqua"),
        "{shown}"
    );
}
