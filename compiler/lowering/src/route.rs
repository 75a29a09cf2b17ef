//! Where a workflow goes, step by step, for people who want to see the way before they take it.
//!
//! Follows the steps in program order. Branches start where their construct starts; after it the
//! particle is where its only way led, or at home if there were several. Whoever runs the program
//! finds the real way from the values that the places have then.

use aquac_base::Span;

use crate::Workflow;
use crate::placed::{Placed, PlacedKind};
use crate::plan::{Output, PlaceId};
use crate::show::names::Names;

/// A step that happens at one peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteStep {
    /// The source that it comes from.
    pub span: Span,
    /// What happens: `"tool"."get"("x")`, `wait for 2 of *s`, `return`.
    pub what: String,
    /// The peer, as the source might write it.
    pub peer: String,
    /// The relays to it, from the outside.
    pub via: Vec<String>,
    /// Who is passed on the way from the step before, and the peer; empty if it is the same.
    pub hops: Vec<String>,
    /// How many loops, branches and handlers it stands in.
    pub level: u32,
}

/// Every step of a workflow that has a place, in program order.
pub(crate) fn route(workflow: &Workflow) -> Vec<RouteStep> {
    let names = Names::new(&workflow.pools, &workflow.parameters);
    let mut walk = Walk { names, steps: Vec::new(), root: workflow.root, level: 0 };
    walk.follow(&workflow.placed, workflow.root);
    walk.steps
}

struct Walk<'a> {
    names: Names<'a>,
    steps: Vec<RouteStep>,
    root: PlaceId,
    level: u32,
}

impl Walk<'_> {
    /// Follows a construct that control reaches at one place; says where control leaves it.
    fn follow(&mut self, placed: &Placed, from: PlaceId) -> PlaceId {
        match &placed.kind {
            PlacedKind::Call { place, call } => {
                let service = self.names.term(call.service);
                let function = self.names.term(call.function);
                let args: Vec<_> = call.args.iter().map(|arg| self.names.term(*arg)).collect();
                let output = match call.output {
                    Output::Nothing => String::new(),
                    Output::Slot(slot) => format!("{} <- ", self.names.slot(slot)),
                    Output::Stream(stream) => format!("{} <<- ", self.names.stream(stream)),
                };
                let what = format!("{output}{service}.{function}({})", args.join(", "));
                self.stop(what, placed.span, from, *place)
            }
            PlacedKind::Snapshot { place, stream, .. } => {
                let what = format!("freeze {}", self.names.stream(*stream));
                self.stop(what, placed.span, from, *place)
            }
            PlacedKind::Await { place, stream, count, .. } => {
                let count = self.names.term(*count);
                let what = format!("wait for {count} of {}", self.names.stream(*stream));
                self.stop(what, placed.span, from, *place)
            }
            PlacedKind::Return(_) => self.stop("return".to_owned(), placed.span, from, self.root),
            PlacedKind::Seq(steps) => steps.iter().fold(from, |from, step| self.follow(step, from)),
            PlacedKind::Scope { body, .. } => self.follow(body, from),
            PlacedKind::Try { body, handler, .. } => {
                let end = self.follow(body, from);
                self.inside(handler, placed.home);
                end
            }
            PlacedKind::For(each) => {
                self.inside(&each.body, from);
                placed.home
            }
            PlacedKind::Par(_) | PlacedKind::If { .. } => {
                placed.children().into_iter().for_each(|branch| self.inside(branch, from));
                placed.home
            }
            PlacedKind::Null
            | PlacedKind::Let { .. }
            | PlacedKind::Wait(_)
            | PlacedKind::Push { .. } => from,
        }
    }

    fn inside(&mut self, branch: &Placed, from: PlaceId) {
        self.level += 1;
        self.follow(branch, from);
        self.level -= 1;
    }

    fn stop(&mut self, what: String, span: Span, from: PlaceId, to: PlaceId) -> PlaceId {
        let (peer, via) = self.names.place_parts(to);
        let (last, back) = self.names.place_parts(from);
        let hops = hops((&last, &back), (&peer, &via));
        self.steps.push(RouteStep { span, what, peer, via, hops, level: self.level });
        to
    }
}

/// From one place to another: out through my relays, in through the other's. Relays that both
/// have, from the outside, are passed once.
fn hops((from, back): (&str, &[String]), (to, via): (&str, &[String])) -> Vec<String> {
    if from == to {
        return Vec::new();
    }
    let shared = back.iter().zip(via).take_while(|(mine, theirs)| mine == theirs).count();
    let out = back.iter().skip(shared.saturating_sub(1)).rev();
    let into = via.iter().skip(shared);
    let mut hops = vec![from.to_owned()];
    hops.extend(out.chain(into).cloned().chain([to.to_owned()]));
    hops.dedup();
    hops.remove(0);
    hops
}

#[cfg(test)]
mod tests {
    use crate::testing::typed;
    use crate::{Options, route};

    fn way(program: &str) -> String {
        let (typed, _, main) = typed(program);
        let steps = route(&typed, main, &Options::default()).unwrap();
        let line = |step: crate::RouteStep| {
            let indent = "  ".repeat(step.level as usize);
            format!("{indent}{} [{}]\n", step.what, step.hops.join(" > "))
        };
        steps.into_iter().map(line).collect()
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
        x <- "tool"."get"("a") [host > r > s > p]
        y <- "tool"."get"(x) [s > q]
        z <- "tool"."get"(y) []
        w <- "tool"."get"(z) [r]
        return [host > initiator]
        "#);
    }

    #[test]
    fn branches_start_where_their_construct_starts() {
        let program = "func main(p: string, q: string, c: bool) -> string:
  on p:
    x <- Tool.get(\"a\")
  par on q:
    y <- Tool.get(\"b\")
  if c:
    on p:
      Tool.put(x)
  <- x
";
        insta::assert_snapshot!(way(program), @r#"
          x <- "tool"."get"("a") [host > p]
          "tool"."get"("b") [host > q]
          "tool"."put"(x) [host > p]
        return []
        "#);
    }
}
