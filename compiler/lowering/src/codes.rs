//! The codes of this pass. Each has a page in [`PAGES`], as in [`aquac_semantics::codes`].

use aquac_base::Code;
pub use aquac_semantics::codes::CodePage;

/// An `on` in which nothing happens.
pub const NEVER_VISITED: Code = Code("AQ0502");
/// `on INIT_PEER_ID`.
pub const CALLER_ASSUMED: Code = Code("AQ0503");
/// More hops, round trips or bytes than a comment allows.
pub const OVER_BUDGET: Code = Code("AQ0504");
/// A `@budget` comment that cannot be read.
pub const BAD_BUDGET: Code = Code("AQ0505");
/// A wait for an element that is never written, or not on every path.
pub const STARVES: Code = Code("AQ0601");
/// A branch that reads what a branch beside it gets.
pub const CROSS_READ: Code = Code("AQ0602");
/// A stream that is read while branches still write to it.
pub const EARLY_READ: Code = Code("AQ0603");
/// A timer that runs on the peer that it guards.
pub const TIMER_WITH_WORK: Code = Code("AQ0604");
/// Waits that wait for each other.
pub const WAIT_CIRCLE: Code = Code("AQ0605");
/// More steps or levels than a program may have.
pub const TOO_LARGE: Code = Code("AQ0801");
/// A function that a host or service would have to give or take.
pub const ARROW_AT_BORDER: Code = Code("AQ0802");
/// A mistake of the compiler. No program should provoke it, so it has no page.
pub const NO_VALUE: Code = Code("AQ0899");
/// Something calculated that does not fit; its page is among those of the checker.
pub const OUT_OF_RANGE: Code = aquac_semantics::codes::OUT_OF_RANGE;

/// The pages of the codes that belong to this pass alone.
pub const PAGES: &[CodePage] = &[
    CodePage {
        code: TOO_LARGE,
        meaning: "after every call is written out, the program has too many steps or levels",
        wrong: r#"aqua Large
export main
service Tool("tool"):
  put(value: string)
func f0(a: string):
  Tool.put(a)
func f1(a: string):
  f0(a)
  f0(a)
  f0(a)
func f2(a: string):
  f1(a)
  f1(a)
  f1(a)
func f3(a: string):
  f2(a)
  f2(a)
  f2(a)
func f4(a: string):
  f3(a)
  f3(a)
  f3(a)
func f5(a: string):
  f4(a)
  f4(a)
  f4(a)
func f6(a: string):
  f5(a)
  f5(a)
  f5(a)
func f7(a: string):
  f6(a)
  f6(a)
  f6(a)
func f8(a: string):
  f7(a)
  f7(a)
  f7(a)
func f9(a: string):
  f8(a)
  f8(a)
  f8(a)
func f10(a: string):
  f9(a)
  f9(a)
  f9(a)
func f11(a: string):
  f10(a)
  f10(a)
  f10(a)
func f12(a: string):
  f11(a)
  f11(a)
  f11(a)
func main(a: string):
  f12(a)
"#,
        right: r#"aqua Large
export main
service Tool("tool"):
  put(value: string)
func main(values: []string):
  for a <- values:
    Tool.put(a)
"#,
    },
    CodePage {
        code: ARROW_AT_BORDER,
        meaning: "functions exist only while a program is compiled: hosts and services give and \
                  take values",
        wrong: r#"aqua Border
export main
alias Answer: string -> string
func main(ask: Answer -> string) -> string:
  answer = (x: string) -> string:
    <- x
  text <- ask(answer)
  <- text
"#,
        right: r#"aqua Border
export main
func main(ask: string -> string) -> string:
  answer = (x: string) -> string:
    <- x
  x <- answer("x")
  text <- ask(x)
  <- text
"#,
    },
];

#[cfg(test)]
mod tests {
    use aquac_base::Diagnostic;

    use super::*;
    use crate::testing::checked;
    use crate::{Options, lower};

    fn problems(text: &str) -> Vec<Diagnostic> {
        let (typed, sources, main) = checked(text);
        lower(&typed, &sources, main, &Options::default()).err().unwrap_or_default()
    }

    #[test]
    fn each_page_shows_its_problem_and_no_other_and_then_none() {
        for page in PAGES {
            let codes: Vec<Code> = problems(page.wrong).iter().map(|found| found.code).collect();
            assert_eq!(codes, [page.code], "{}", page.wrong);
            assert_eq!(problems(page.right), [], "{}", page.right);
        }
    }
}
