//! What a program promises before it runs, from one reading of the placed plan.
//!
//! ```text
//! Typed ──inline, place──▶ Steps ──▶ joins, early reads, timers   (findings: AQ05xx, AQ06xx)
//! ```
//!
//! Every function of the modules that were asked for is read by itself, with the calls in it
//! written out. What its parameters are is unknown, and so is what else is written to a stream
//! that it is given: where nothing can be proved, nothing is said. Each rule has a page in
//! `notes/`.

mod budget;
pub mod cost;
mod count;
mod early;
mod error;
pub mod flow;
mod habits;
mod joins;
mod pages;
mod reach;
mod steps;
mod text;
mod timers;
mod walk;
mod yields;

use std::collections::HashSet;

use aquac_base::{Code, Diagnostic, SourceMap, Span};
use aquac_semantics::Typed;
use aquac_semantics::hir::{Callee, ExprKind, FunctionId, Stmt, StmtKind};

pub use pages::PAGES;

use crate::Relay;
use crate::inline::{Inlined, inline};
use crate::placed::PlacedKind;
use crate::plan::{Over, StreamId};
use crate::show::names::Names;
use error::{Finding, Form, Waiting, When, Writer};
use joins::{Verdict, Wait};
use steps::{StepId, Steps};
use text::Text;

/// Labels that show where a stream is written; more would hide the point.
const MAX_WRITERS: usize = 3;

/// Everything that is found in the functions of the modules that were asked for. A program with
/// errors is not judged.
#[must_use]
pub fn check(typed: &Typed, sources: &SourceMap) -> Vec<Diagnostic> {
    if !typed.is_ok() {
        return Vec::new();
    }
    let text = Text::new(sources);
    let forks = waits_or_forks(typed);
    let acting = habits::acting(typed);
    let mut own = Vec::new();
    let mut called = Vec::new();
    for module in typed.program.modules.iter().filter(|module| module.entry) {
        own.extend(budget::budgets(typed, sources, module));
        for (at, function) in module.functions.iter().enumerate() {
            own.extend(habits::habits(typed, text, &acting, *function));
            if !forks.get(function.index()).copied().unwrap_or(true) {
                continue;
            }
            let next = module.functions.get(at + 1);
            let end = next.map_or(u32::MAX, |next| typed.program.functions[*next].span.start);
            let start = typed.program.functions[*function].span;
            let whole = Span::new(start.source, start.start, end);
            let Ok(inlined) = inline(typed, *function, Relay::Used) else { continue };
            let reader = Reader { typed, text, function: *function, whole };
            for (found, foreign) in reader.read(inlined) {
                if foreign { called.push(found) } else { own.push(found) }
            }
        }
    }
    // What a called function does wrong by itself is said there.
    let said: HashSet<(Code, Option<Span>)> = own.iter().map(key).collect();
    called.retain(|found| !said.contains(&key(found)));
    own.extend(called);
    let mut seen = HashSet::new();
    own.retain(|found| seen.insert(key(found)));
    own
}

fn key(found: &Diagnostic) -> (Code, Option<Span>) {
    (found.code, found.primary.as_ref().map(|label| label.span))
}

/// For each function whether anything in it, or in what it calls, can wait or run beside something
/// else. Functions are declared before they are called, so one pass in their order is enough.
fn waits_or_forks(typed: &Typed) -> Vec<bool> {
    let program = &typed.program;
    let mut known: Vec<bool> = Vec::with_capacity(program.functions.len());
    for (id, function) in program.functions.iter() {
        let mut found = false;
        let mut expressions = function.returns.clone();
        walk::function(program, id, &mut |statement| {
            found |= matches!(
                statement.kind,
                StmtKind::Par(_)
                    | StmtKind::Co(_)
                    | StmtKind::Join(_)
                    | StmtKind::For { .. }
                    | StmtKind::Parseq { .. }
            );
            expressions.extend(walk::own_expressions(program, statement));
        });
        let calls = |callee: FunctionId| known.get(callee.index()).copied().unwrap_or(true);
        found |= expressions.into_iter().any(|expression| {
            walk::any(program, expression, &mut |kind| {
                matches!(kind, ExprKind::Await { .. } | ExprKind::Map { .. })
                    || matches!(kind, ExprKind::Function(callee) if calls(*callee))
                    || matches!(kind, ExprKind::Call(call)
                        if matches!(call.callee, Callee::Function(callee) if calls(callee)))
            })
        });
        known.push(found);
    }
    known
}

/// Reads one function.
struct Reader<'a> {
    typed: &'a Typed,
    text: Text<'a>,
    function: FunctionId,
    /// From its first line to that of the next.
    whole: Span,
}

impl Reader<'_> {
    /// What is found, and whether it is a step of a called function.
    fn read(&self, mut inlined: Inlined) -> Vec<(Diagnostic, bool)> {
        let placed = inlined.take_placed();
        let steps = Steps::new(&placed, &inlined);
        let mut found = Vec::new();
        for (wait, verdict) in joins::judge(&steps) {
            let inner = steps.span(wait.step);
            let foreign = !self.is_own(inner);
            if let Some(finding) = self.of_wait(&steps, &wait, verdict) {
                found.push((Diagnostic::from(finding), foreign));
            }
        }
        for early in early::early(&steps, &self.given_back(&steps)) {
            if let Some(finding) = self.of_early(&steps, &early) {
                found.push((finding.into(), false));
            }
        }
        for timer in timers::timers(&steps) {
            if let Some(finding) = self.of_timer(&steps, &timer) {
                found.push((finding.into(), !self.is_own(steps.span(timer.timer))));
            }
        }
        found
    }

    fn is_own(&self, span: Span) -> bool {
        span.source == self.whole.source
            && self.whole.start <= span.start
            && span.end <= self.whole.end
    }

    /// The place of a step in this function: its own, or that of the call that leads to it.
    fn site(&self, steps: &Steps<'_>, step: StepId, stream: Option<StreamId>) -> Span {
        let span = steps.span(step);
        if self.is_own(span) {
            return span;
        }
        let sites = &steps.inlined().sites;
        sites.get(&(span, stream)).or_else(|| sites.get(&(span, None))).copied().unwrap_or(span)
    }

    /// A wait as the source writes it.
    fn waiting(&self, steps: &Steps<'_>, wait: &Wait, names: &mut Names<'_>) -> Waiting {
        let span = self.site(steps, wait.step, Some(wait.stream));
        let own = self.is_own(steps.span(wait.step));
        let form = match (own, self.text.line_begins_with(span, "join")) {
            (false, _) => Form::Called,
            (true, true) => Form::Join,
            (true, false) => Form::Read,
        };
        let stream = steps.pools().streams[wait.stream].name.to_string();
        let stream = if stream.is_empty() { "the stream".to_owned() } else { stream };
        let text = self.text.at(span).to_owned();
        Waiting { span, text, form, stream, need: wait.need.show(names) }
    }

    fn of_wait(&self, steps: &Steps<'_>, wait: &Wait, verdict: Verdict) -> Option<Finding> {
        let mut names = Names::new(steps.pools(), &steps.inlined().parameters);
        let waiting = self.waiting(steps, wait, &mut names);
        match verdict {
            Verdict::Fine => None,
            Verdict::Never { most } => {
                let writers = self.writers(steps, wait);
                let indexed = most.plus(&count::Count::number(-1));
                let some = most.surely_at_least(&count::Count::number(1))
                    || most.as_number().is_none() && !most.surely_less(&count::Count::number(1));
                let last = (some && most != count::Count::unknown())
                    .then(|| format!("{}[{}]", waiting.stream, indexed.show(&mut names)));
                let most = most.show(&mut names);
                Some(Finding::NeverOver { wait: waiting, most, writers, last })
            }
            Verdict::Circle { others } => {
                let others = others.iter().map(|other| self.waiting(steps, other, &mut names));
                let others = others.collect();
                Some(Finding::Circle { wait: waiting, others })
            }
            Verdict::Starves { path } => {
                let count = path.count.show(&mut names);
                let lists = wait.need.lists();
                let list = lists.first().filter(|_| !path.count.surely_less(&wait.need));
                let list = list.map(|list| names.term(*list));
                let writers = if list.is_some() { self.writers(steps, wait) } else { Vec::new() };
                let turns = path
                    .turns
                    .iter()
                    .map(|(span, turn)| (self.text.head(self.nearest(steps, *span)), *turn))
                    .collect();
                Some(Finding::MayStarve { wait: waiting, count, list, writers, turns })
            }
        }
    }

    /// The construct, or the call that leads to it.
    fn nearest(&self, steps: &Steps<'_>, span: Span) -> Span {
        if self.is_own(span) {
            return span;
        }
        steps.inlined().sites.get(&(span, None)).copied().unwrap_or(span)
    }

    fn writers(&self, steps: &Steps<'_>, wait: &Wait) -> Vec<Writer> {
        let mut writers: Vec<Writer> = Vec::new();
        for producer in steps.producers(wait.stream) {
            let span = self.site(steps, *producer, Some(wait.stream));
            let span = self.text.since_line_start(span);
            let each = steps
                .around(*producer)
                .find(|above| matches!(steps.kind(*above), PlacedKind::For(_)));
            // Where the wait stands in rounds too, it counts one of them.
            let round = |each: &StepId| steps.contains(*each, wait.step) && !steps.is_fork(*each);
            let each = each.filter(|each| !round(each));
            let times =
                each.and_then(|each| self.list(steps, each)).map(|list| format!("`{list}`"));
            let writer = Writer { span, when: when(steps, wait, *producer), times };
            if writers.len() < MAX_WRITERS
                && !writers.contains(&writer)
                && span != wait_span(steps, wait)
            {
                writers.push(writer);
            }
        }
        writers
    }

    /// What a loop runs over, as its line says it.
    fn list(&self, steps: &Steps<'_>, each: StepId) -> Option<String> {
        let PlacedKind::For(of) = steps.kind(each) else { return None };
        if matches!(of.over, Over::Live(_)) || !self.is_own(steps.span(each)) {
            return None;
        }
        let line = self.text.at(self.text.head(steps.span(each)));
        let (_, list) = line.split_once("<-")?;
        let list = list.trim();
        let list = [" par", " try", " rec"].iter().find_map(|mode| list.strip_suffix(mode));
        let list = list.map_or_else(|| line.split_once("<-").map(|(_, list)| list), Some)?;
        let list = list.split(" on ").next().unwrap_or(list);
        Some(list.trim().to_owned())
    }

    /// Streams that the function gives back as streams are read by whoever calls it.
    fn given_back(&self, steps: &Steps<'_>) -> Vec<crate::terms::SlotId> {
        let exported = self.typed.exports.iter().any(|export| {
            matches!(&export.item, aquac_semantics::ExportItem::Function(id, _) if *id == self.function)
        });
        if exported {
            return Vec::new();
        }
        let results = &self.typed.program.functions[self.function].results;
        let mut slots = Vec::new();
        for step in steps.all() {
            let PlacedKind::Return(values) = steps.kind(step) else { continue };
            for (value, ty) in values.iter().zip(results) {
                if self.typed.types.is_stream(*ty)
                    && let crate::terms::Term::Slot(slot) = steps.pools().terms.get(*value)
                {
                    slots.push(*slot);
                }
            }
        }
        slots
    }

    /// An early read in the function itself; those in called functions are theirs.
    fn of_early(&self, steps: &Steps<'_>, early: &early::Early) -> Option<Finding> {
        let read = steps.span(early.read);
        if !self.is_own(read) {
            return None;
        }
        let write = self.text.since_line_start(self.site(steps, early.write, Some(early.stream)));
        let branches = steps.span(early.branches);
        let list = self.list(steps, early.branches);
        let branches = if self.is_own(branches) {
            self.text.since_line_start(self.text.head(branches))
        } else {
            write
        };
        let line = self.text.since_line_start(read);
        let returns = self.text.at(line).starts_with("<-");
        Some(Finding::EarlyRead {
            read: if returns { line } else { read },
            stream: steps.pools().streams[early.stream].name.to_string(),
            write,
            branches,
            list,
            detached: early.detached,
        })
    }

    fn of_timer(&self, steps: &Steps<'_>, found: &timers::Timer) -> Option<Finding> {
        let timer = self.site(steps, found.timer, steps.get(found.timer).placed.pushed());
        let work = self.site(steps, found.work, steps.get(found.work).placed.pushed());
        let (head, peer) = self.on_around(timer)?;
        let own = self.is_own(steps.span(found.timer)) && self.is_own(steps.span(found.work));
        let instead = (own && found.only).then(|| self.beside(head, timer, work)).flatten();
        Some(Finding::TimerWithWork { timer, peer, head, instead })
    }

    /// The lines with the timer outside of the `on` with this head. Only where nothing else has to
    /// be written with them: two calls side by side, in a block of the function itself.
    fn beside(&self, head: Span, timer: Span, work: Span) -> Option<String> {
        let function = &self.typed.program.functions[self.function];
        let mut behind = function.body.statements.iter();
        let block = behind.find(|statement| self.text.head(statement.span) == head)?;
        let StmtKind::On { body, .. } = &block.kind else { return None };
        let [only] = body.statements.as_slice() else { return None };
        let StmtKind::Par(branches) = &only.kind else { return None };
        let calls = |branch: &Stmt| matches!(branch.kind, StmtKind::Call { .. });
        if branches.len() != 2 || !branches.iter().all(calls) {
            return None;
        }
        let line = |span: Span| self.text.at(self.text.since_line_start(span));
        let timer = line(timer);
        let timer = timer.strip_prefix("par ").unwrap_or(timer);
        let back = function.return_span.filter(|_| behind.next().is_none());
        let back = back.map(|back| format!("\n  {}", self.text.at(back))).unwrap_or_default();
        Some(format!("  {}:\n    {}\n  par {timer}{back}", self.text.at(head), line(work)))
    }

    /// The innermost `on` around a place, and its peer.
    fn on_around(&self, span: Span) -> Option<(Span, String)> {
        let program = &self.typed.program;
        let mut found = None;
        walk::function(program, self.function, &mut |statement| {
            let StmtKind::On { peer, body, .. } = &statement.kind else { return };
            let mut inside = false;
            for inner in &body.statements {
                walk::all(program, inner, &mut |inner| {
                    let whole = inner.span;
                    inside |= whole.source == span.source
                        && whole.start <= span.start
                        && span.end <= whole.end;
                });
            }
            if inside {
                let peer = self.text.at(program.exprs[*peer].span).to_owned();
                found = Some((self.text.head(statement.span), peer));
            }
        });
        found
    }
}

fn when(steps: &Steps<'_>, wait: &Wait, producer: StepId) -> When {
    let arms = |(fork, _, _): (StepId, _, _)| matches!(steps.kind(fork), PlacedKind::If { .. });
    if steps.is_behind(producer, wait.step) {
        When::Late
    } else if steps.fork(wait.step, producer).is_some_and(arms) {
        When::OtherArm
    } else {
        When::InTime
    }
}

fn wait_span(steps: &Steps<'_>, wait: &Wait) -> Span {
    steps.span(wait.step)
}
