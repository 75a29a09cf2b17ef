//! What unfinished steps wait for, for people who want to know why a run does not go on.

use alloc::sync::Arc;
use alloc::vec::Vec;

use aquac_ir::{Digest, Fault, PeerId, StreamId, Value, sorted_places};

use crate::Position;
use crate::activation::{ActId, Phase, Site, SiteKind};
use crate::eval::Trace;
use crate::run::Run;

/// What an unfinished step waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WaitsFor {
    /// The place to do it: everything that it needs is there.
    Place,
    /// A value that nothing has written yet.
    Value,
    /// More elements of a stream.
    Elements {
        /// The stream.
        stream: StreamId,
        /// How many are there.
        have: usize,
        /// How many are enough.
        need: usize,
    },
    /// Another element of a stream.
    Element,
    /// The bytes of a value of which only the digest is known here.
    Bytes(Digest),
    /// Nothing: its place is this text, and no peer can have it as its id.
    NoPeer(Arc<str>),
    /// Nothing: it is written so that it never ends.
    Forever,
}

/// A step that is reached and not finished.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Where in the run.
    pub position: Position,
    /// Where it happens, if that is known and it happens at one peer.
    pub place: Option<PeerId>,
    /// What it waits for.
    pub waits_for: WaitsFor,
}

/// A step that a peer has done itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// Where in the run.
    pub position: Position,
    /// What went wrong, if it did and nothing catches it.
    pub fault: Option<Fault>,
}

/// How a run stands, as one peer sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// What is reached and not finished, in program order.
    pub waiting: Vec<Waiting>,
    /// The peer's own steps that are over, in the order in which they were reached.
    pub finished: Vec<Finished>,
}

impl Run {
    /// How the run stands, as this peer sees it.
    #[must_use]
    pub fn standing(&self) -> Standing {
        Standing { waiting: self.waiting(), finished: self.finished() }
    }

    fn finished(&self) -> Vec<Finished> {
        let state = self.state();
        let own = |id: &ActId| state.placed(*id).is_some_and(|step| step.peer == state.me);
        let finished = state.act_ids().filter(own).filter_map(|id| {
            let fault = match &state.act(id).phase {
                Phase::Waiting => return None,
                Phase::Complete => None,
                Phase::Failed(_) if state.program.is_caught(state.act(id).node) => None,
                Phase::Failed(failure) => Some(failure.fault()),
            };
            Some(Finished { position: state.position(id), fault })
        });
        finished.collect()
    }

    /// What each unfinished step waits for, in program order.
    #[must_use]
    pub fn waiting(&self) -> Vec<Waiting> {
        let waiting: Vec<Waiting> =
            self.state().sites().filter_map(|(id, site)| self.waits(id, site)).collect();
        let position = |at: u32| waiting.get(at as usize).map(|waiting| &waiting.position);
        let count = u32::try_from(waiting.len()).unwrap_or(u32::MAX);
        let order = sorted_places(count, &mut |a, b| position(a) < position(b));
        order.into_iter().filter_map(|at| waiting.get(at as usize).cloned()).collect()
    }

    /// Whose step this is, if it was reached.
    #[must_use]
    pub fn place_of(&self, position: &Position) -> Option<PeerId> {
        let path = self.state().paths.find(&position.path)?;
        let id = self.state().act_at((position.node, path))?;
        self.state().placed(id).map(|placed| placed.peer)
    }

    fn waits(&self, id: ActId, site: &Site) -> Option<Waiting> {
        let have = |stream, path| {
            self.state().streams.get(&(stream, path)).map_or(0, |instance| instance.elements.len())
        };
        let waits_for = match (site.kind, site.absent, site.elements) {
            (SiteKind::HalfFailed | SiteKind::Final, ..) => return None,
            (_, Some(digest), _) => WaitsFor::Bytes(digest),
            (_, None, Some((stream, path, need))) => {
                let (have, need) =
                    (have(stream, path), usize::try_from(need).unwrap_or(usize::MAX));
                if have < need {
                    WaitsFor::Elements { stream, have, need }
                } else {
                    WaitsFor::Place
                }
            }
            (SiteKind::Live, None, None) => WaitsFor::Element,
            (SiteKind::Never, None, None) => WaitsFor::Forever,
            (SiteKind::Placed, None, None) if site.missing.is_empty() => WaitsFor::Place,
            (SiteKind::Placed | SiteKind::Pure, None, None) => {
                self.no_peer(id).map_or(WaitsFor::Value, WaitsFor::NoPeer)
            }
        };
        Some(Waiting { position: self.state().position(id), place: site.place, waits_for })
    }

    /// The text that stands where the peer of a step should, if it is the id of none.
    fn no_peer(&self, id: ActId) -> Option<Arc<str>> {
        let state = self.state();
        let at = state.at(id);
        let place = state.program.program().node(at.0)?.place()?;
        let peer = state.program.program().place(place)?.peer;
        match state.evaluate_value(at, peer, &mut Trace::default()) {
            Ok(Value::Text(text)) => text.parse::<PeerId>().is_err().then_some(text),
            Ok(_) | Err(_) => None,
        }
    }
}
