//! From a placed workflow to the parts of its [`Route`](super::Route).

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;

use aquac_base::{SourceMap, Span};
use aquac_ir::LoopMode;
use aquac_semantics::Typed;

use super::carried::{Use, Uses, Variable};
use super::ends::{Ends, ends};
use super::{BlockKind, Bytes, Carried, RouteBlock, RouteBranch, RouteLine, RoutePart, RouteStep};
use crate::Workflow;
use crate::inline::Inlined;
use crate::placed::{Placed, PlacedKind};
use crate::plan::{Call, Loop, Output, Over, PlaceId, Pools};
use crate::show::names::Names;
use crate::terms::TermId;

/// What happens, in program order; `program` is how many bytes the program has.
pub(super) fn walk(
    workflow: &Workflow,
    typed: &Typed,
    sources: &SourceMap,
    program: usize,
) -> Vec<RoutePart> {
    let Workflow { placed, inlined } = workflow;
    let Inlined { pools, root, parameters, .. } = inlined;
    let uses = Uses::of(placed, pools, parameters, &typed.types);
    let ends = ends(placed, *root);
    let initiator = pools.places[*root].peer;
    let mut walk = Walk {
        names: Names::new(pools, parameters).with_peers(typed),
        pools,
        sources,
        uses: &uses,
        ends: &ends,
        root: *root,
        program,
        next: 1,
        visited: HashMap::from([(initiator, 0)]),
        apart: Vec::new(),
        detached: Vec::new(),
        arrived: HashSet::new(),
        parts: Vec::new(),
    };
    walk.construct(placed, &BTreeSet::from([*root]));
    walk.parts
}

struct Walk<'a> {
    names: Names<'a>,
    pools: &'a Pools,
    sources: &'a SourceMap,
    uses: &'a Uses,
    /// By number, from 1.
    ends: &'a [Ends],
    root: PlaceId,
    program: usize,
    /// The number of the next construct in pre-order.
    next: usize,
    /// At which step control was last at each peer, as far as that is certain here.
    visited: HashMap<TermId, usize>,
    /// Constructs in branches beside this one: what they make is not here.
    apart: Vec<Range<usize>>,
    /// Branches that nobody waits for, until something reads what they make.
    detached: Vec<Detached>,
    /// Which of them have arrived here.
    arrived: HashSet<usize>,
    parts: Vec<RoutePart>,
}

type Places = BTreeSet<PlaceId>;

/// A branch that nobody waits for.
struct Detached {
    /// What it makes for others.
    makes: HashSet<Variable>,
    /// Where it ends.
    ends: Places,
}

impl Walk<'_> {
    /// Follows a construct that control reaches from one of these places; says from where control
    /// leaves it.
    fn construct(&mut self, placed: &Placed, from: &Places) -> Places {
        let number = self.next;
        self.next += 1;
        let from = &self.with_arrivals(number, placed, from);
        match &placed.kind {
            PlacedKind::Call { place, call } => {
                let what = self.call(call);
                self.stop((number, placed.span), what, from, *place);
            }
            PlacedKind::Snapshot { place, stream, .. } => {
                let what = format!("freeze {}", self.names.stream(*stream));
                self.stop((number, placed.span), what, from, *place);
            }
            PlacedKind::Await { place, stream, count, .. } => {
                let count = self.names.term(*count);
                let what = format!("wait for {count} of {}", self.names.stream(*stream));
                self.stop((number, placed.span), what, from, *place);
            }
            PlacedKind::Return(values) => {
                let values: Vec<_> = values.iter().map(|value| self.names.term(*value)).collect();
                let what = format!("return {}", values.join(", "));
                self.stop((number, placed.span), what, from, self.root);
            }
            PlacedKind::Seq(steps) => {
                let mut from = from.clone();
                for step in steps {
                    from = self.construct(step, &from);
                }
            }
            PlacedKind::Scope { body, .. } => {
                self.construct(body, from);
            }
            PlacedKind::Try { error, body, handler } => {
                let head = error.map(|slot| format!("catch {}", self.names.slot(slot)));
                let head = head.unwrap_or_else(|| "otherwise".to_owned());
                let failing = places(body, from);
                let branches = [("try".to_owned(), &**body, from), (head, handler, &failing)];
                self.block(BlockKind::Attempt, placed.span, branches);
            }
            PlacedKind::If { condition, then, otherwise } => {
                let head = format!("if {}", self.names.term(*condition));
                let branches = [(head, &**then, from), ("else".to_owned(), otherwise, from)];
                self.block(BlockKind::Choice, placed.span, branches);
            }
            PlacedKind::For(each) => self.each(each, placed.span, from),
            PlacedKind::Par(branches) => self.beside(branches, (number, placed.span), from),
            PlacedKind::Let { slot, value } => {
                let text = self.names.term(*value);
                self.names.call_nameless(*slot, text);
            }
            PlacedKind::Null | PlacedKind::Wait(_) | PlacedKind::Push { .. } => {}
        }
        self.ends.get(number - 1).map_or_else(|| from.clone(), |ends| ends.after(from))
    }

    /// From where control comes if what is read here may be made in a branch that nobody has
    /// waited for yet.
    fn with_arrivals(&mut self, number: usize, placed: &Placed, from: &Places) -> Places {
        let mut from = from.clone();
        for variable in self.uses.read_by(number) {
            for (at, branch) in self.detached.iter_mut().enumerate() {
                if !branch.makes.contains(variable) {
                } else if let PlacedKind::Push { stream, .. } = &placed.kind {
                    branch.makes.insert(Variable::Stream(*stream));
                } else if !matches!(placed.kind, PlacedKind::Let { .. }) && self.arrived.insert(at)
                {
                    from.extend(&branch.ends);
                }
            }
        }
        from
    }

    /// Branches; if one does nothing, nobody waits for the others, until something reads what they
    /// make.
    fn beside(&mut self, branches: &[Placed], (number, span): (usize, Span), from: &Places) {
        let detached = branches.iter().any(Placed::is_null);
        let head = if detached { "co" } else { "par" };
        let each = branches.iter().map(|branch| (head.to_owned(), branch, from));
        self.block(BlockKind::Beside, span, each);
        let mut begin = number + 1;
        for branch in branches.iter().filter(|_| detached) {
            let end = begin + branch.size();
            let makes = self.uses.leaving(begin, end);
            if let Some(ends) = self.ends.get(begin - 1).filter(|_| !makes.is_empty()) {
                self.detached.push(Detached { makes, ends: ends.after(from) });
            }
            begin = end;
        }
    }

    /// Iterations start where the loop is reached and, one after the other, where the one before
    /// has ended.
    fn each(&mut self, each: &Loop<Placed>, span: Span, from: &Places) {
        let over = match each.over {
            Over::Array(value) | Over::Entries(value) => self.names.term(value),
            Over::Live(stream) => self.names.stream(stream),
        };
        let (mode, in_order) = match each.mode {
            LoopMode::Sequential => ("", true),
            LoopMode::Parallel => (" par", false),
            LoopMode::UntilSuccess => (" try", true),
            LoopMode::Explicit => (" explicit", true),
            LoopMode::InOrder => (" in order", true),
        };
        let head = format!("for {} <- {over}{mode}", self.names.slot(each.item));
        let mut starts = from.clone();
        if in_order && let Some(ends) = self.ends.get(self.next - 1) {
            starts.extend(ends.after(from));
        }
        self.block(BlockKind::Loop, span, [(head, &each.body, &starts)]);
    }

    /// Branches, of which those without steps are left out.
    fn block<'b>(
        &mut self,
        kind: BlockKind,
        span: Span,
        branches: impl IntoIterator<Item = (String, &'b Placed, &'b Places)>,
    ) {
        let outside = std::mem::take(&mut self.parts);
        let apart = self.apart.len();
        let mut shown: Vec<RouteBranch> = Vec::new();
        for (head, body, from) in branches {
            let (visited, arrived) = (self.visited.clone(), self.arrived.clone());
            let begin = self.next;
            self.construct(body, from);
            (self.visited, self.arrived) = (visited, arrived);
            if matches!(kind, BlockKind::Beside | BlockKind::Choice) {
                self.apart.push(begin..self.next);
            }
            let parts = std::mem::take(&mut self.parts);
            if !parts.is_empty() {
                shown.push(RouteBranch { head, parts });
            }
        }
        self.parts = outside;
        self.apart.truncate(apart);
        if let [only] = shown.as_mut_slice()
            && let (BlockKind::Beside, [RoutePart::Block(_)]) = (kind, only.parts.as_slice())
        {
            // A loop that nobody waits for says so itself.
            self.parts.append(&mut only.parts);
        } else if !shown.is_empty() {
            let line = self.line(span);
            self.parts.push(RoutePart::Block(RouteBlock { kind, line, branches: shown }));
        }
    }

    fn call(&mut self, call: &Call) -> String {
        let service = self.names.term(call.service);
        let function = self.names.term(call.function);
        let args: Vec<_> = call.args.iter().map(|arg| self.names.term(*arg)).collect();
        let output = match call.output {
            Output::Nothing => String::new(),
            Output::Slot(slot) => format!("{} <- ", self.names.slot(slot)),
            Output::Stream(stream) => format!("{} <<- ", self.names.stream(stream)),
        };
        format!("{output}{service}.{function}({})", args.join(", "))
    }

    fn stop(&mut self, (number, span): (usize, Span), what: String, from: &Places, to: PlaceId) {
        let (peer, via) = self.names.place_parts(to);
        let mut ways: Vec<Vec<String>> = Vec::new();
        for place in from {
            let (last, back) = self.names.place_parts(*place);
            let way = way((&last, &back), (&peer, &via));
            if way.len() > 1 && !ways.contains(&way) {
                ways.push(way);
            }
        }
        let carried = if ways.is_empty() { Vec::new() } else { self.carried(number, to) };
        self.visited.insert(self.pools.places[to].peer, number);
        let line = self.line(span);
        let step = RouteStep { span, line, what, peer, via, ways, carried };
        self.parts.push(RoutePart::Step(step));
    }

    /// What the peer of a place needs at this step or later and has not got yet.
    fn carried(&mut self, number: usize, place: PlaceId) -> Vec<Carried> {
        let visited = self.visited.get(&self.pools.places[place].peer).copied();
        let mut carried = Vec::new();
        if visited.is_none() {
            let bytes = Some(Bytes::Exactly(self.program));
            carried.push(Carried { name: "program".to_owned(), bytes });
        }
        let new = |one: &&Use| visited.is_none_or(|visited| visited < one.made);
        let apart = |one: &Use| self.apart.iter().any(|range| range.contains(&one.made));
        let awaited = |one: &Use| {
            let mut detached = self.detached.iter().enumerate();
            detached.any(|(at, branch)| {
                branch.makes.contains(&one.variable) && !self.arrived.contains(&at)
            })
        };
        let live =
            |one: &&Use| one.made < number && one.read >= number && !apart(one) && !awaited(one);
        for one in self.uses.iter().filter(live).filter(new) {
            let name = match one.variable {
                Variable::Arg(number) => self.names.argument(number),
                Variable::Slot(slot) => self.names.slot(slot),
                Variable::Stream(stream) => self.names.stream(stream),
            };
            carried.push(Carried { name, bytes: one.bytes });
        }
        carried
    }

    fn line(&self, span: Span) -> RouteLine {
        self.sources.get(span.source).map_or_else(RouteLine::default, |source| RouteLine {
            file: source.name.clone(),
            number: source.line_column(span.start).line,
        })
    }
}

/// Where something can fail: at any of its steps, or where it was reached.
fn places(placed: &Placed, from: &Places) -> Places {
    let mut found = from.clone();
    let mut rest = vec![placed];
    while let Some(placed) = rest.pop() {
        if let PlacedKind::Call { place, .. } = &placed.kind {
            found.insert(*place);
        }
        rest.extend(placed.children());
    }
    found
}

/// From one place to another: out through my relays, in through the other's. Relays that both
/// have, from the outside, are passed once.
fn way((from, back): (&str, &[String]), (to, via): (&str, &[String])) -> Vec<String> {
    if from == to {
        return Vec::new();
    }
    let shared = back.iter().zip(via).take_while(|(mine, theirs)| mine == theirs).count();
    let out = back.iter().skip(shared.saturating_sub(1)).rev();
    let into = via.iter().skip(shared);
    let mut way = vec![from.to_owned()];
    way.extend(out.chain(into).cloned().chain([to.to_owned()]));
    way.dedup();
    way
}
