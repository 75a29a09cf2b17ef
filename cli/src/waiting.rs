//! What a run waits for, put together from what each of its peers knows.
//!
//! A peer's view is behind: it names steps that others have long done. So a step counts only if
//! the peer whose step it is says the same, as far as that peer can be asked.

use std::collections::BTreeMap;

use aquac_ir::{Fault, NodeId, PeerId};
use aquac_vm::{Position, Standing, Waiting, WaitsFor};
use serde::{Deserialize, Serialize};

/// Steps of a peer that are over and that it is asked for: others are behind by few.
const MAX_DONE: usize = 256;

/// A step that is reached and not finished.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Step {
    /// Where in the run.
    pub(crate) position: Position,
    /// Where it happens, if that is known and it happens at one peer.
    pub(crate) place: Option<PeerId>,
    /// What it waits for.
    pub(crate) waits_for: Waits,
}

/// What a step waits for: as the interpreter says it, without what only it understands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Waits {
    /// Its place.
    Place,
    /// A value that nothing has written.
    Value,
    /// More elements of a stream.
    Elements {
        /// So many are there.
        have: usize,
        /// So many are enough.
        need: usize,
    },
    /// Another element of a stream.
    Element,
    /// The bytes of a value.
    Bytes,
    /// Nothing: this text is the id of no peer.
    NoPeer(String),
    /// Nothing.
    Forever,
}

/// A step that a peer has done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Done {
    position: Position,
    fault: Option<Fault>,
}

/// What one peer knows of a run; nothing if it does not know the run, or not any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct View {
    /// Who.
    pub(crate) peer: PeerId,
    /// Unfinished steps, in program order.
    pub(crate) steps: Vec<Step>,
    /// The last of its own steps that are over.
    pub(crate) done: Vec<Done>,
}

impl From<&Waiting> for Step {
    fn from(waiting: &Waiting) -> Self {
        let waits_for = match &waiting.waits_for {
            WaitsFor::Place => Waits::Place,
            WaitsFor::Value => Waits::Value,
            WaitsFor::Elements { have, need, .. } => Waits::Elements { have: *have, need: *need },
            WaitsFor::Element => Waits::Element,
            WaitsFor::Bytes(_) => Waits::Bytes,
            WaitsFor::NoPeer(text) => Waits::NoPeer(text.to_string()),
            WaitsFor::Forever => Waits::Forever,
        };
        Self { position: waiting.position.clone(), place: waiting.place, waits_for }
    }
}

impl View {
    /// From what the interpreter says.
    pub(crate) fn new(peer: PeerId, standing: &Standing) -> Self {
        let last = standing.finished.len().saturating_sub(MAX_DONE);
        let done = standing.finished.iter().skip(last);
        let done =
            done.map(|done| Done { position: done.position.clone(), fault: done.fault.clone() });
        Self { done: done.collect(), ..Self::alone(peer, &standing.waiting) }
    }

    /// Of a peer that nobody else is compared with.
    pub(crate) fn alone(peer: PeerId, waiting: &[Waiting]) -> Self {
        Self { peer, steps: waiting.iter().map(Step::from).collect(), done: Vec::new() }
    }

    fn has_done(&self, position: &Position) -> bool {
        self.done.iter().any(|done| done.position == *position)
    }

    fn step(&self, position: &Position) -> Option<&Step> {
        self.steps.iter().find(|step| step.position == *position)
    }
}

/// What all of them together wait for, in program order.
pub(crate) fn together(views: &[View]) -> Vec<Step> {
    let every: BTreeMap<&Position, &Step> = views
        .iter()
        .flat_map(|view| view.steps.iter().map(|step| (&step.position, step)))
        .collect();
    let open: Vec<Step> =
        every.values().filter_map(|step| still_open(step, views)).cloned().collect();
    // Views that contradict each other altogether are better than none.
    if open.is_empty() { every.into_values().cloned().collect() } else { open }
}

/// The step as its own peer sees it, unless that peer has done it.
fn still_open<'a>(step: &'a Step, views: &'a [View]) -> Option<&'a Step> {
    match step.place {
        Some(place) => match views.iter().find(|view| view.peer == place) {
            // A peer need not know that a step of its own waits for what others make.
            Some(own) if !own.has_done(&step.position) => own.step(&step.position).or(Some(step)),
            Some(_) => None,
            None => Some(step),
        },
        None => {
            let mut knowing = views.iter().filter(|view| !view.steps.is_empty());
            knowing.all(|view| view.step(&step.position).is_some()).then_some(step)
        }
    }
}

/// The steps that failed and that nothing catches, with what went wrong there first.
pub(crate) fn failures(views: &[View]) -> BTreeMap<NodeId, Fault> {
    let mut failures = BTreeMap::new();
    for done in views.iter().flat_map(|view| &view.done) {
        if let Some(fault) = &done.fault {
            failures.entry(done.position.node).or_insert_with(|| fault.clone());
        }
    }
    failures
}

#[cfg(test)]
mod tests {

    use super::*;

    const CLIENT: PeerId = PeerId([1; 32]);
    const BANK: PeerId = PeerId([2; 32]);
    const TELCO: PeerId = PeerId([3; 32]);

    fn step(node: u32, place: PeerId) -> Step {
        let position = Position { node: NodeId(node), path: Vec::new() };
        Step { position, place: Some(place), waits_for: Waits::Place }
    }

    fn view(peer: PeerId, steps: Vec<Step>, done: &[u32]) -> View {
        let position = |node: &u32| Position { node: NodeId(*node), path: Vec::new() };
        let done = done.iter().map(|node| Done { position: position(node), fault: None });
        View { peer, steps, done: done.collect() }
    }

    fn nodes(views: &[View]) -> Vec<u32> {
        together(views).iter().map(|step| step.position.node.0).collect()
    }

    #[test]
    fn a_step_that_its_peer_has_done_is_not_waited_for() {
        let client = view(CLIENT, vec![step(1, BANK)], &[]);
        let bank = view(BANK, vec![step(2, TELCO)], &[1]);
        let telco = view(TELCO, Vec::new(), &[]);
        assert_eq!(nodes(&[client.clone(), bank, telco.clone()]), [2], "telco knows nothing yet");
        let nobody = view(BANK, Vec::new(), &[]);
        assert_eq!(nodes(&[client, nobody, telco]), [1]);
    }

    #[test]
    fn a_step_is_waited_for_although_its_own_peer_need_not_know_that_it_is_reached() {
        let waits = Step { waits_for: Waits::Value, ..step(3, CLIENT) };
        let client = view(CLIENT, vec![step(1, BANK), step(2, TELCO)], &[]);
        let bank = view(BANK, Vec::new(), &[1]);
        let telco = view(TELCO, vec![step(1, BANK), waits], &[2]);
        assert_eq!(nodes(&[client, bank, telco]), [3]);
    }

    #[test]
    fn a_step_is_told_as_its_own_peer_sees_it() {
        let here = Step { waits_for: Waits::Elements { have: 2, need: 3 }, ..step(4, BANK) };
        let client = view(CLIENT, vec![step(4, BANK)], &[]);
        let bank = view(BANK, vec![here.clone()], &[]);
        assert_eq!(together(&[client, bank]), [here]);
    }
}
