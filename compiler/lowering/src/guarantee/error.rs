//! What the rules find, and how it is said.

use aquac_base::{Diagnostic, Span};

use super::yields::Turn;
use crate::codes::{
    BAD_BUDGET, CALLER_ASSUMED, CROSS_READ, EARLY_READ, NEVER_VISITED, OVER_BUDGET, STARVES,
    TIMER_WITH_WORK, WAIT_CIRCLE,
};

/// A wait as the source writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Waiting {
    /// Where it stands, or the call that leads to it.
    pub(super) span: Span,
    /// What stands there: `box!`, `answers[2]`.
    pub(super) text: String,
    /// How it is written.
    pub(super) form: Form,
    /// The stream.
    pub(super) stream: String,
    /// How many elements it wants.
    pub(super) need: String,
}

/// How a wait is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Form {
    /// `join s[i]`
    Join,
    /// `s[i]`, `s!`
    Read,
    /// In a function that is called here.
    Called,
}

/// A step that writes to the stream of a wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Writer {
    pub(super) span: Span,
    pub(super) when: When,
    /// Inside which loop, if it is one: how often it runs.
    pub(super) times: Option<String>,
}

/// When a step happens, seen from a wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    /// Before the wait, or beside it.
    InTime,
    /// Only after the wait.
    Late,
    /// Only where control does not get to the wait: in the other arm of a condition.
    OtherArm,
}

/// Something that a rule found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Finding {
    /// AQ0502
    NeverVisited { peer: String, head: Span, inside: Span, pushes: bool },
    /// AQ0503
    CallerAssumed { head: Span },
    /// AQ0504
    OverBudget {
        clause: Span,
        function: String,
        /// Whether it is certainly too much, or perhaps.
        certain: bool,
        /// With what is counted.
        amount: String,
        /// How many these are with the sizes that the budget bounds.
        most: Option<u64>,
        allowed: u64,
        /// What it grows with that the budget does not bound.
        unsaid: Vec<String>,
        lines: Vec<(Span, String)>,
    },
    /// AQ0505, about a size with which nothing grows.
    NoSuchSize { span: Span, function: String, sizes: Vec<String> },
    /// AQ0505
    BadBudget { span: Span },
    /// AQ0505, below which there is no function.
    StrayBudget { span: Span },
    /// AQ0601, an error.
    NeverOver { wait: Waiting, most: String, writers: Vec<Writer>, last: Option<String> },
    /// AQ0601, a warning.
    MayStarve {
        wait: Waiting,
        count: String,
        /// The list that only has to be long enough.
        list: Option<String>,
        writers: Vec<Writer>,
        turns: Vec<(Span, Turn)>,
    },
    /// AQ0602
    CrossRead {
        name: String,
        read: Span,
        here: Option<String>,
        written: Span,
        there: Option<String>,
        branch: Span,
    },
    /// AQ0603
    EarlyRead {
        read: Span,
        stream: String,
        write: Span,
        branches: Span,
        /// The list, if there is one branch for each of its elements.
        list: Option<String>,
        detached: bool,
    },
    /// AQ0604
    TimerWithWork { timer: Span, peer: String, head: Span, instead: Option<String> },
    /// AQ0605
    Circle { wait: Waiting, others: Vec<Waiting> },
}

impl Waiting {
    fn subject(&self) -> String {
        match self.form {
            Form::Join => "this `join`".to_owned(),
            Form::Read => format!("`{}`", self.text),
            Form::Called => "a wait in this call".to_owned(),
        }
    }

    fn elements(&self) -> String {
        let Self { stream, need, .. } = self;
        match need.as_str() {
            "1" => format!("one element of `{stream}`"),
            need => format!("{need} elements of `{stream}`"),
        }
    }
}

impl From<Finding> for Diagnostic {
    fn from(finding: Finding) -> Self {
        match finding {
            Finding::NeverVisited { peer, head, inside, pushes } => {
                never_visited(&peer, head, inside, pushes)
            }
            Finding::CallerAssumed { head } => caller_assumed(head),
            Finding::OverBudget {
                clause,
                function,
                certain,
                amount,
                most,
                allowed,
                unsaid,
                lines,
            } => {
                let costs = if certain { "costs" } else { "may cost" };
                let are = if allowed == 1 { "is" } else { "are" };
                let most = most.map(|most| format!(" (up to {most})")).unwrap_or_default();
                let message =
                    format!("`{function}` {costs} {amount}{most}, {allowed} {are} allowed");
                over_budget(clause, message, certain, lines).with_help(bound_help(&unsaid))
            }
            Finding::NoSuchSize { span, function, sizes } => no_such_size(span, &function, &sizes),
            Finding::BadBudget { span } => {
                let label = "expected `hops<=6`, `trips<=2` or `bytes<=20KB`";
                Self::error(BAD_BUDGET, "this budget cannot be read", span, label)
                    .with_help("write `-- @budget hops<=6` above the function")
            }
            Finding::StrayBudget { span } => {
                let label = "no function begins below this comment";
                Self::error(BAD_BUDGET, "this budget is that of no function", span, label)
                    .with_help("put it directly above the `func` that it bounds")
            }
            Finding::NeverOver { wait, most, writers, last } => never(&wait, &most, &writers, last),
            Finding::MayStarve { wait, count, list: Some(list), writers, turns }
                if turns.is_empty() =>
            {
                too_few(&wait, &count, &list, &writers)
            }
            Finding::MayStarve { wait, count, turns, .. } => starves(&wait, &count, &turns),
            Finding::CrossRead { name, read, here, written, there, branch } => {
                cross_read(&name, (read, here), (written, there), branch)
            }
            Finding::EarlyRead { read, stream, write, branches, list, detached } => {
                early(read, &stream, write, (branches, list), detached)
            }
            Finding::TimerWithWork { timer, peer, head, instead } => {
                timer_with_work(timer, &peer, head, instead)
            }
            Finding::Circle { wait, others } => circle(&wait, &others),
        }
    }
}

fn never_visited(peer: &str, head: Span, inside: Span, pushes: bool) -> Diagnostic {
    let what = if pushes { "pushing" } else { "naming" };
    let message = format!("`{peer}` is never visited");
    Diagnostic::warning(NEVER_VISITED, message, head, "no call happens inside this block")
        .with_label(inside, format!("{what} a value does not move it"))
        .with_help("call a service inside the block, or drop the `on`")
}

fn caller_assumed(head: Span) -> Diagnostic {
    Diagnostic::warning(
        CALLER_ASSUMED,
        "`on INIT_PEER_ID` assumes that the caller can still be reached",
        head,
        "whoever started this may be gone, or behind a relay that the code does not name",
    )
    .with_help("return the value, or take a function as parameter and call it: both find their way to the caller")
    .with_note("what follows an `on` block is back where the block began, without a word")
}

fn over_budget(
    clause: Span,
    message: String,
    certain: bool,
    lines: Vec<(Span, String)>,
) -> Diagnostic {
    let label = "this is the budget";
    let mut diagnostic = if certain {
        Diagnostic::error(OVER_BUDGET, message, clause, label)
    } else {
        Diagnostic::warning(OVER_BUDGET, message, clause, label)
    };
    for (span, text) in lines {
        diagnostic = diagnostic.with_label(span, text);
    }
    diagnostic
}

/// Where to look further.
const COSTS_OF_LINES: &str = "`aquac check --cost` shows what each line costs";

fn no_such_size(span: Span, function: &str, sizes: &[String]) -> Diagnostic {
    let sizes: Vec<String> = sizes.iter().map(|size| format!("`{size}`")).collect();
    let sizes = if sizes.is_empty() { "no size".to_owned() } else { sizes.join(", ") };
    let label = format!("what `{function}` costs depends on {sizes}");
    Diagnostic::error(BAD_BUDGET, "this budget bounds what costs nothing", span, label)
        .with_help(COSTS_OF_LINES)
}

/// How to go on with what a budget does not bound.
fn bound_help(unsaid: &[String]) -> String {
    let bound = |size: &String| match size.strip_prefix('|') {
        Some(_) => format!("{size}<=1KB"),
        None => format!("{size}<=10"),
    };
    let clauses: Vec<String> =
        unsaid.iter().filter(|size| !size.contains(' ')).map(bound).collect();
    if clauses.is_empty() {
        return COSTS_OF_LINES.to_owned();
    }
    format!("say in the budget how large it is at most: `{}`", clauses.join(" "))
}

fn cross_read(
    name: &str,
    (read, here): (Span, Option<String>),
    (written, there): (Span, Option<String>),
    branch: Span,
) -> Diagnostic {
    let from = there.as_ref().map(|peer| format!(" from `{peer}`")).unwrap_or_default();
    let in_branch = match there {
        Some(peer) => format!("written only on `{peer}`, in the other branch"),
        None => "written only in the other branch".to_owned(),
    };
    let waits = match here {
        Some(peer) => format!("waits on `{peer}` until `{name}` arrives{from}"),
        None => format!("waits until `{name}` arrives{from}"),
    };
    Diagnostic::warning(CROSS_READ, format!("`{name}` comes from a parallel branch"), read, waits)
        .with_label(written, in_branch)
        .with_label(branch, "this branch waits for the other one")
        .with_help("run them one after the other: drop `par`")
        .with_note("here branches meet where a value is needed, so this finishes; on AquaVM (`--target air`) it waits for ever and is an error")
}

fn timer_with_work(timer: Span, peer: &str, head: Span, instead: Option<String>) -> Diagnostic {
    let help = match instead {
        Some(lines) => format!("start the timer on your side:\n{lines}"),
        None => "start the timer on your side: beside the `on` block, not inside it".to_owned(),
    };
    Diagnostic::warning(
        TIMER_WITH_WORK,
        "this timeout runs on the peer it is meant to guard against",
        timer,
        format!("runs on `{peer}`"),
    )
    .with_label(head, format!("if `{peer}` is down, nothing in this block runs"))
    .with_help(help)
}

fn never(wait: &Waiting, most: &str, writers: &[Writer], last: Option<String>) -> Diagnostic {
    let message = match wait.form {
        Form::Join => "this `join` can never complete".to_owned(),
        Form::Read | Form::Called => format!("{} waits for ever", wait.subject()),
    };
    let label = match most {
        "0" if writers.is_empty() => {
            format!("waits for {}, but nothing writes to it", wait.elements())
        }
        "0" => format!("waits for {}, but nothing is written before it", wait.elements()),
        "1" => format!("waits for {}, but at most one is ever written", wait.elements()),
        most => format!("waits for {}, but at most {most} are ever written", wait.elements()),
    };
    let mut diagnostic = Diagnostic::error(STARVES, message, wait.span, label);
    diagnostic = with_writers(diagnostic, writers);
    match last {
        Some(last) => {
            diagnostic.with_help(format!("counting starts at 0; the last element is `{last}`"))
        }
        None => diagnostic
            .with_help(format!("push to `{}` where control gets before this", wait.stream)),
    }
}

fn with_writers(mut diagnostic: Diagnostic, writers: &[Writer]) -> Diagnostic {
    for writer in writers {
        let text = match (writer.when, &writer.times) {
            (When::Late, _) => "this writes to it, but only after the wait".to_owned(),
            (When::OtherArm, _) => "this writes to it, but only in the other arm".to_owned(),
            (When::InTime, Some(times)) => format!("writes one element for each of {times}"),
            (When::InTime, None) => "writes one element".to_owned(),
        };
        diagnostic = diagnostic.with_label(writer.span, text);
    }
    diagnostic
}

/// What is written does not grow with a list, or not as fast as what is wanted.
fn too_few(wait: &Waiting, count: &str, list: &str, writers: &[Writer]) -> Diagnostic {
    let written = match count {
        "0" => "nothing is written before it".to_owned(),
        "1" => "only one is written".to_owned(),
        count => format!("only {count} are written"),
    };
    let label = format!("waits for {}, but {written}", wait.elements());
    let message = format!("{} waits for ever if `{list}` is long enough", wait.subject());
    let diagnostic = Diagnostic::warning(STARVES, message, wait.span, label);
    with_writers(diagnostic, writers)
        .with_help(format!(
            "push to `{}` for each of `{list}`, where control gets before this",
            wait.stream
        ))
        .with_help("or wait for fewer elements")
}

fn starves(wait: &Waiting, count: &str, turns: &[(Span, Turn)]) -> Diagnostic {
    let label = format!("waits for {}", wait.elements());
    let message = format!("{} may wait for ever", wait.subject());
    let mut diagnostic = Diagnostic::warning(STARVES, message, wait.span, label);
    let written = match count {
        "0" => "nothing is written".to_owned(),
        "1" => "only one element is written".to_owned(),
        count => format!("only {count} elements are written"),
    };
    let final_turn = turns.len().saturating_sub(1);
    for (at, (span, turn)) in turns.iter().enumerate() {
        let way = match turn {
            Turn::Then => "if this is true",
            Turn::Otherwise => "if this is false",
            Turn::Fails => "if something in here fails",
            Turn::Succeeds => "if nothing in here fails",
            Turn::First => "in the first round",
        };
        let text =
            if at == final_turn { format!("{way}, {written}") } else { format!("{way}, and") };
        diagnostic = diagnostic.with_label(*span, text);
    }
    diagnostic
        .with_help(format!("push to `{}` on that way too", wait.stream))
        .with_help("or bound the wait: put `par Peer.timeout(1000, \"late\")` beside it")
}

fn early(
    read: Span,
    stream: &str,
    write: Span,
    (branches, list): (Span, Option<String>),
    detached: bool,
) -> Diagnostic {
    let when = match (&list, detached) {
        (Some(_), _) => "read here, right after the fastest branch",
        (None, true) => "read here, while the branch may still run",
        (None, false) => "read here, right after the fastest branch",
    };
    let (message, one) = match list {
        Some(_) => (
            "the result may be read before the peers have answered".to_owned(),
            "one parallel branch for each element",
        ),
        None => (
            format!("`{stream}` may be read before the other branches have written to it"),
            "this runs beside what follows",
        ),
    };
    let last = match &list {
        Some(list) => format!("`join {stream}[{list}.length - 1]` after the loop"),
        None => format!("`join {stream}!` before it is read"),
    };
    let all = if list.is_some() { "wait for every peer" } else { "wait for the first element" };
    Diagnostic::warning(EARLY_READ, message, read, when)
        .with_label(branches, one)
        .with_label(write, "each branch writes here")
        .with_help(format!("{all}: {last}"))
        .with_help(format!("wait for the first n: `join {stream}[n - 1]`"))
        .with_help("bound the wait: put `par Peer.timeout(1000, \"late\")` beside the `join`")
        .with_note(match list {
            Some(list) => {
                format!("without a join the result has any length from 0 to the number of `{list}`")
            }
            None => "without a join the result may lack what the other branches write".to_owned(),
        })
}

fn circle(wait: &Waiting, others: &[Waiting]) -> Diagnostic {
    let behind = if others.len() > 1 { "the other waits" } else { "the other wait" };
    let label = format!("waits for {}, written only behind {behind}", wait.elements());
    let message = "these waits wait for each other";
    let mut diagnostic = Diagnostic::error(WAIT_CIRCLE, message, wait.span, label);
    for other in others {
        diagnostic = diagnostic.with_label(other.span, format!("waits for {}", other.elements()));
    }
    diagnostic.with_help("write to one of the streams before its branch waits")
}
