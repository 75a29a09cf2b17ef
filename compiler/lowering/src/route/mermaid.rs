//! A route as a Mermaid sequence diagram: peers are participants, ways are arrows, what happens is
//! a note. An arrow out of a relay is dashed, because a relay only passes on.

use std::fmt::Write;

use super::costs::{Costs, total};
use super::text::list;
use super::{BlockKind, Route, RouteBlock, RoutePart, RouteStep};

/// Longest note; longer ones are cut.
const MAX_NOTE: usize = 80;

/// The diagram.
pub(super) fn mermaid(route: &Route) -> String {
    let costs = Costs::of(route);
    let mut page = Page { text: String::new(), participants: Vec::new(), costs };
    page.parts(&route.parts, 1);
    let mut text =
        format!("sequenceDiagram\n    %% {}, {}\n", cut(&route.function), cut(&route.file));
    if let Some(cost) = &route.cost {
        let _ = writeln!(text, "    %% {}", cut(&total(cost)));
    }
    for (number, name) in page.participants.iter().enumerate() {
        let id = id(number, name);
        let _ = if id == *name {
            writeln!(text, "    participant {id}")
        } else {
            writeln!(text, "    participant {id} as {}", cut(name))
        };
    }
    text + &page.text
}

struct Page<'a> {
    text: String,
    /// In the order of their first appearance.
    participants: Vec<String>,
    costs: Costs<'a>,
}

impl Page<'_> {
    fn line(&mut self, level: usize, line: &str) {
        let indent = level * 4;
        let _ = writeln!(self.text, "{:indent$}{line}", "");
    }

    fn participant(&mut self, name: &str) -> String {
        let known = self.participants.iter().position(|one| one == name);
        let number = known.unwrap_or_else(|| {
            self.participants.push(name.to_owned());
            self.participants.len() - 1
        });
        id(number, name)
    }

    fn parts(&mut self, parts: &[RoutePart], level: usize) {
        for part in parts {
            match part {
                RoutePart::Step(step) => self.step(step, level),
                RoutePart::Block(block) => self.block(block, level),
            }
        }
    }

    fn step(&mut self, step: &RouteStep, level: usize) {
        let carried = list(&step.carried);
        let carried = if carried.is_empty() { "particle" } else { &carried };
        for way in &step.ways {
            let names: Vec<String> = way.iter().map(|name| self.participant(name)).collect();
            for (number, link) in names.windows(2).enumerate() {
                let [from, to] = link else { continue };
                let (arrow, what) =
                    if number == 0 { ("->>", cut(carried)) } else { ("-->>", "passed on".into()) };
                self.line(level, &format!("{from}{arrow}{to}: {what}"));
            }
        }
        let peer = self.participant(&step.peer);
        let cost = self.costs.take(step).map(|cost| format!(", {cost}")).unwrap_or_default();
        let note = cut(&format!("line {}{cost}, {}", step.line.number, step.what));
        self.line(level, &format!("Note over {peer}: {note}"));
    }

    fn block(&mut self, block: &RouteBlock, level: usize) {
        let (first, other) = match block.kind {
            BlockKind::Loop => ("loop", "loop"),
            BlockKind::Beside => ("par", "and"),
            BlockKind::Choice => ("alt", "else"),
            BlockKind::Attempt => ("critical", "option"),
        };
        for (number, branch) in block.branches.iter().enumerate() {
            let word = if number == 0 { first } else { other };
            let head = if branch.head == word { "" } else { &branch.head };
            self.line(level, format!("{word} {}", cut(head)).trim_end());
            self.parts(&branch.parts, level + 1);
        }
        self.line(level, "end");
    }
}

/// The name itself if Mermaid can read it, otherwise a number.
fn id(number: usize, name: &str) -> String {
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    // `end` closes blocks.
    if plain && name != "end" { name.to_owned() } else { format!("peer_{number}") }
}

/// Short, and without what Mermaid reads as its own: line breaks, `;`, `#` and `:`.
fn cut(text: &str) -> String {
    let plain = |c: char| if matches!(c, ';' | '#' | ':' | '\n' | '\r') { ' ' } else { c };
    let short: String = text.chars().take(MAX_NOTE).map(plain).collect();
    if text.chars().nth(MAX_NOTE).is_some() { format!("{short}…") } else { short }
}
