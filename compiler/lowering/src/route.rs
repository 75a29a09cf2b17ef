//! Where a workflow goes, step by step, for people who want to see the way before they take it.
//!
//! `walk` follows the steps in program order and says from where control comes to each; `ends` says
//! where control can be behind a construct, `carried` which values it takes along. [`Route`] is
//! the result as data; `text` and `mermaid` put it on the page. Whoever runs the program finds the
//! real way from the values that the places have then.

mod carried;
mod costs;
mod ends;
mod mermaid;
mod text;
mod walk;

use aquac_base::{SourceMap, Span};
use aquac_semantics::Typed;

pub(crate) use carried::{Uses, Variable};

use crate::Workflow;
use crate::guarantee::cost::Cost;

/// The way of one function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// What the function is called.
    pub function: String,
    /// The file that declares it.
    pub file: String,
    /// Bytes of the program, which goes once to each peer that has a step.
    pub program: usize,
    /// What happens, in program order.
    pub parts: Vec<RoutePart>,
    /// What it costs, if that is to be shown beside the steps: a line's cost stands at its first
    /// step, the one with the same span.
    pub cost: Option<Cost>,
}

/// A step, or a construct with what happens inside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoutePart {
    /// Something that happens at one peer.
    Step(RouteStep),
    /// Something that contains steps.
    Block(RouteBlock),
}

/// A step that happens at one peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteStep {
    /// The source that it comes from.
    pub span: Span,
    /// Where that is, for people.
    pub line: RouteLine,
    /// What happens: `x <- "tool"."get"("a")`, `wait for 2 of *s`, `return x`.
    pub what: String,
    /// The peer, as the source might write it.
    pub peer: String,
    /// The relays to it, from the outside.
    pub via: Vec<String>,
    /// How the particle gets there: one way for each place from which it can come. Each lists the
    /// peers that it passes, the first and the last included. Where it is there already, there is
    /// none.
    pub ways: Vec<Vec<String>>,
    /// What travels on these ways beside the record of what was done.
    pub carried: Vec<Carried>,
}

/// Something that travels to a peer because it is needed there or later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    /// `program`, or the name of the value.
    pub name: String,
    /// How many bytes it has, or has at most, if that is known.
    pub bytes: Option<Bytes>,
}

/// A number of bytes that is known before anything runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bytes {
    /// So many.
    Exactly(usize),
    /// No more than the type allows.
    AtMost(usize),
}

/// A line of a source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RouteLine {
    /// The file.
    pub file: String,
    /// Counted from 1.
    pub number: u32,
}

/// A construct that contains steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteBlock {
    /// What it is.
    pub kind: BlockKind,
    /// Where it is.
    pub line: RouteLine,
    /// Its branches that have steps, in order, each with its head.
    pub branches: Vec<RouteBranch>,
}

/// One branch of a construct.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteBranch {
    /// `if c`, `else`, `for p <- ps par`, `par`, `catch e`.
    pub head: String,
    /// What happens there.
    pub parts: Vec<RoutePart>,
}

/// The constructs that contain steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockKind {
    /// `for` and `parseq`.
    Loop,
    /// `par` and `co`.
    Beside,
    /// `if` and `else`.
    Choice,
    /// `try` and its handlers.
    Attempt,
}

impl Route {
    /// The way as a table: the line, the peer, the step, and how the particle gets there.
    #[must_use]
    pub fn text(&self) -> String {
        text::text(self)
    }

    /// The way as a Mermaid sequence diagram.
    #[must_use]
    pub fn mermaid(&self) -> String {
        mermaid::mermaid(self)
    }
}

/// The way of a workflow.
pub(crate) fn route(
    workflow: &Workflow,
    typed: &Typed,
    sources: &SourceMap,
    (function, program): (String, usize),
    declared: Span,
) -> Route {
    let file = sources.get(declared.source).map(|source| source.name.to_string());
    let parts = walk::walk(workflow, typed, sources, program);
    Route { function, file: file.unwrap_or_default(), program, parts, cost: None }
}

#[cfg(test)]
mod tests {
    use crate::testing::typed;
    use crate::{Options, Route, route};

    fn of(program: &str) -> Route {
        let (typed, sources, main) = typed(program);
        route(&typed, &sources, main, &Options::default()).unwrap()
    }

    fn way(program: &str) -> String {
        of(program).text()
    }

    #[test]
    fn the_way_goes_out_through_my_relays_and_in_through_theirs() {
        let program = "func main(p: string, q: string, r: string, s: string) -> string:
  on p via r via s:
    x <- Tool.get(\"a\")
  on q via r via s:
    y <- Tool.get(x)
  on q via r:
    z <- Tool.get(y)
  on r:
    w <- Tool.get(z)
  <- w
";
        insta::assert_snapshot!(way(program), @r#"
        main, test.aqua: a program of 125 bytes
        line  peer       step                    way
          15  p          x <- "tool"."get"("a")  initiator > host > r > s > p  with program (125 bytes)
          17  q          y <- "tool"."get"(x)    p > s > q  with program (125 bytes), x
          19  q          z <- "tool"."get"(y)
          21  r          w <- "tool"."get"(z)    q > r  with program (125 bytes), z
          22  initiator  return w                r > host > initiator  with w
        "#);
    }

    #[test]
    fn a_step_behind_branches_is_reached_from_each_that_makes_what_is_read() {
        let program = "func main(p: string, q: string, c: bool) -> string:
  on p:
    x <- Tool.get(\"a\")
  par on q:
    Tool.put(\"b\")
  co on q:
    Tool.put(\"c\")
  if c:
    on p:
      Tool.put(x)
  <- x
";
        insta::assert_snapshot!(way(program), @r#"
        main, test.aqua: a program of 130 bytes
        line  peer       step                      way
          14             par
          15  p            x <- "tool"."get"("a")  initiator > host > p  with program (130 bytes), c (at most 1 byte)
                         par
          17  q            "tool"."put"("b")       initiator > host > q  with program (130 bytes), c (at most 1 byte)
          18             co
          19  q            "tool"."put"("c")       p > q  with program (130 bytes), c (at most 1 byte), x
          20             if c
          22  p            "tool"."put"(x)         q > p  with program (130 bytes), x
          23  initiator  return x                  p > host > initiator | q > host > initiator  with x
        "#);
    }

    #[test]
    fn a_loop_starts_where_it_is_reached_and_where_an_iteration_has_ended() {
        let program = "func main(peers: []string, n: u32) -> u32:
  sums: *u32
  for peer <- peers:
    on peer:
      sums <- Tool.num(n)
  for peer <- peers par:
    on peer:
      sums <- Tool.num(n)
  join sums[3]
  <- sums[1]
";
        insta::assert_snapshot!(way(program), @r#"
        main, test.aqua: a program of 124 bytes
        line  peer       step                         way
          15             for peer <- peers
          17  peer         *sums <<- "tool"."num"(n)  initiator > host > peer  with program (124 bytes), peers, n (at most 6 bytes)
          18             for peer_1 <- peers par
          20  peer_1       *sums <<- "tool"."num"(n)  initiator > host > peer_1 | peer > peer_1  with program (124 bytes), n (at most 6 bytes), *sums
          21  initiator  wait for 4 of *sums          peer > host > initiator | peer_1 > host > initiator  with *sums
          22  initiator  return sums_1[1]
        "#);
    }

    #[test]
    fn a_handler_is_reached_from_wherever_something_may_fail() {
        let program = "func main(p: string, q: string):
  try:
    on p:
      x <- Tool.get(\"a\")
      on q:
        Tool.put(x)
  catch e:
    Tool.put(e.message)
";
        insta::assert_snapshot!(way(program), @r#"
        main, test.aqua: a program of 114 bytes
        line  peer       step                       way
          14             try
          16  p            x <- "tool"."get"("a")   initiator > host > p  with program (114 bytes)
          18  q            "tool"."put"(x)          p > q  with program (114 bytes), x
                         catch e
          20  initiator    "tool"."put"(e.message)  p > host > initiator | q > host > initiator
        "#);
    }

    #[test]
    fn a_value_travels_only_to_a_peer_that_has_not_got_it() {
        let program = "func main(p: string, q: string, secret: string) -> string, u32:
  on p:
    x <- Tool.get(secret)
    n <- Tool.num(7)
    on q:
      Tool.put(x)
    Tool.put(x)
  <- x, n
";
        insta::assert_snapshot!(way(program), @r#"
        main, test.aqua: a program of 121 bytes
        line  peer       step                       way
          15  p          x <- "tool"."get"(secret)  initiator > host > p  with program (121 bytes), secret
          16  p          n <- "tool"."num"(7)
          18  q          "tool"."put"(x)            p > q  with program (121 bytes), x, n (at most 6 bytes)
          19  p          "tool"."put"(x)            q > p
          20  initiator  return x, n                p > host > initiator  with x, n (at most 6 bytes)
        "#);
    }

    #[test]
    fn the_diagram_has_a_block_for_each_construct() {
        let program = "func main(peers: []string, c: bool) -> string:
  found: *string
  for peer <- peers par:
    on peer via peers[0]:
      found <- Tool.get(\"a; b\")
  if c:
    Tool.put(\"then\")
  else:
    Tool.put(\"else\")
  <- found[0]
";
        insta::assert_snapshot!(of(program).mermaid(), @r#"
        sequenceDiagram
            %% main, test.aqua
            participant initiator
            participant host
            participant peer_2 as peers[0]
            participant peer
            loop for peer <- peers par
                initiator->>host: program (166 bytes), peers, c (at most 1 byte)
                host-->>peer_2: passed on
                peer_2-->>peer: passed on
                Note over peer: line 17, *found <<- "tool"."get"("a  b")
            end
            alt if c
                Note over initiator: line 19, "tool"."put"("then")
            else
                Note over initiator: line 21, "tool"."put"("else")
            end
            peer->>peer_2: *found
            peer_2-->>host: passed on
            host-->>initiator: passed on
            Note over initiator: line 22, wait for 1 of *found
            Note over initiator: line 22, return found_1[0]
        "#);
    }
}
