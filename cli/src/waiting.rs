//! What a run waits for, put together from what each of its peers knows.
//!
//! A peer's view is behind: it names steps that others have long done. So a step counts only if
//! the peer whose step it is says the same, as far as that peer can be asked.

use std::collections::BTreeMap;

use aquac_ir::PeerId;
use aquac_vm::{Position, Waiting, WaitsFor};
use serde::{Deserialize, Serialize};

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

/// What one peer knows of a run; nothing if it does not know the run, or not any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct View {
    /// Who.
    pub(crate) peer: PeerId,
    /// In program order.
    pub(crate) steps: Vec<Step>,
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
    pub(crate) fn new(peer: PeerId, waiting: &[Waiting]) -> Self {
        Self { peer, steps: waiting.iter().map(Step::from).collect() }
    }

    fn step(&self, position: &Position) -> Option<&Step> {
        self.steps.iter().find(|step| step.position == *position)
    }
}

/// What all of them together wait for, in program order.
pub(crate) fn together(views: &[View]) -> Vec<Step> {
    let knowing: Vec<&View> = views.iter().filter(|view| !view.steps.is_empty()).collect();
    let every: BTreeMap<&Position, &Step> = knowing
        .iter()
        .flat_map(|view| view.steps.iter().map(|step| (&step.position, step)))
        .collect();
    let open: Vec<Step> =
        every.values().filter_map(|step| still_open(step, &knowing)).cloned().collect();
    // Views that contradict each other altogether are better than none.
    if open.is_empty() { every.into_values().cloned().collect() } else { open }
}

/// The step as its own peer sees it, unless that peer has done it.
fn still_open<'a>(step: &'a Step, knowing: &[&'a View]) -> Option<&'a Step> {
    match step.place {
        Some(place) => match knowing.iter().find(|view| view.peer == place) {
            Some(own) => own.step(&step.position),
            None => Some(step),
        },
        None => knowing.iter().all(|view| view.step(&step.position).is_some()).then_some(step),
    }
}

#[cfg(test)]
mod tests {
    use aquac_ir::NodeId;

    use super::*;

    const CLIENT: PeerId = PeerId([1; 32]);
    const BANK: PeerId = PeerId([2; 32]);
    const TELCO: PeerId = PeerId([3; 32]);

    fn step(node: u32, place: PeerId) -> Step {
        let position = Position { node: NodeId(node), path: Vec::new() };
        Step { position, place: Some(place), waits_for: Waits::Place }
    }

    fn nodes(views: &[View]) -> Vec<u32> {
        together(views).iter().map(|step| step.position.node.0).collect()
    }

    #[test]
    fn a_step_that_its_peer_has_done_is_not_waited_for() {
        let client = View { peer: CLIENT, steps: vec![step(1, BANK)] };
        let bank = View { peer: BANK, steps: vec![step(2, TELCO)] };
        let telco = View { peer: TELCO, steps: Vec::new() };
        assert_eq!(nodes(&[client.clone(), bank, telco.clone()]), [2], "telco knows nothing yet");
        let nobody = View { peer: BANK, steps: Vec::new() };
        assert_eq!(nodes(&[client, nobody, telco]), [1]);
    }

    #[test]
    fn a_step_is_told_as_its_own_peer_sees_it() {
        let here = Step { waits_for: Waits::Elements { have: 2, need: 3 }, ..step(4, BANK) };
        let client = View { peer: CLIENT, steps: vec![step(4, BANK)] };
        let bank = View { peer: BANK, steps: vec![here.clone()] };
        assert_eq!(together(&[client, bank]), [here]);
    }
}
