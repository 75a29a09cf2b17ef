//! When "could not reach the peer" becomes an error that a program can catch.
//!
//! The verdict must never contradict the peer itself, which may do the step while somebody else
//! gives it up. So only the author of the record that alone leads to the step may say it, and
//! only in the same turn: every history that reaches the step then holds the verdict as well. A
//! step that the header alone leads to is the initiator's, in its first turn, and only as long as
//! nothing of the run has left.

use alloc::format;
use alloc::vec::Vec;

use aquac_ir::{FaultCode, Node, NodeId, PeerId, Value};

use crate::activation::{ActId, Placed, SiteKind};
use crate::answer::ResolveError;
use crate::arguments::no_arguments;
use crate::cause::CauseId;
use crate::run::Run;
use crate::sign::Signer;
use crate::state::{Filed, State};
use crate::turn::RecordedFault;
use crate::{Position, SaltedValue};

/// A peer to be reached before the turn that leads to its step is sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// The step.
    pub position: Position,
    /// Who is to do it.
    pub peer: PeerId,
    /// The relays to pass, and then the peer.
    pub route: Vec<PeerId>,
}

impl Run {
    /// Steps of other peers that may be given up, because something in the program catches that
    /// and only what is not sealed yet leads to them. Whoever is sure that nothing was delivered
    /// may call [`Run::unreachable`] before the next [`Run::seal`].
    #[must_use]
    pub fn probes(&self) -> Vec<Probe> {
        let state = self.state();
        // What an unsealed record leads to was not told to anybody yet.
        let new = state.news.sites.iter().filter_map(|id| Some((id, state.site(*id)?)));
        let mut probes = Vec::new();
        for (id, site) in new.filter(|(_, site)| site.kind == SiteKind::Placed) {
            let Some(peer) = site.place.filter(|peer| *peer != state.me) else { continue };
            let too_late = self.has_departed() && state.act(*id).reached == CauseId::START;
            let may = state.may_give_up(*id, state.me, state.log.number());
            if may && !too_late && state.is_caught(*id) {
                let position = state.position(*id);
                let relays = state.step_relays(*id);
                let route = crate::route(&state.own_relays(), &relays, peer);
                probes.push(Probe { position, peer, route });
            }
        }
        probes
    }

    /// Everything of the run that has left came back: those to whom it went will not do anything
    /// with it. What only the header leads to is new again, and may be given up.
    pub fn came_back(&mut self) {
        self.not_departed();
        let state = self.state_mut();
        let first = |id: &ActId| {
            state.act(*id).reached == CauseId::START
                && state.site(*id).is_some_and(|site| site.kind == SiteKind::Placed)
        };
        let again: Vec<ActId> = state.act_ids().filter(first).collect();
        again.into_iter().for_each(|id| state.news.sites.insert(id));
    }

    /// Gives a step up: its peer cannot be reached, and it is certain that nothing was delivered.
    ///
    /// # Errors
    ///
    /// [`ResolveError`] if the step is not one of [`Run::probes`].
    pub fn unreachable(
        &mut self,
        position: &Position,
        signer: &dyn Signer,
    ) -> Result<(), ResolveError> {
        self.give_up(position, None, signer)
    }

    /// The same, with the reason in words: it stands in the fault's message.
    ///
    /// # Errors
    ///
    /// [`ResolveError`] if the step is not one of [`Run::probes`].
    pub fn unreachable_because(
        &mut self,
        position: &Position,
        why: &str,
        signer: &dyn Signer,
    ) -> Result<(), ResolveError> {
        self.give_up(position, Some(why), signer)
    }

    fn give_up(
        &mut self,
        position: &Position,
        why: Option<&str>,
        signer: &dyn Signer,
    ) -> Result<(), ResolveError> {
        let probe = self.probes().into_iter().find(|probe| probe.position == *position);
        let probe = probe.ok_or(ResolveError::NotPending)?;
        let state = self.state_mut();
        let path = state.paths.find(&position.path).ok_or(ResolveError::NotPending)?;
        let id = state.act_at((position.node, path));
        let id = id.ok_or(ResolveError::NotPending)?;
        let mut text = format!("peer {} cannot be reached", probe.peer);
        if let Some(why) = why {
            text.push_str(": ");
            text.push_str(why);
        }
        let salt = signer.salt(&[b"unreachable", &state.particle.0.0, &position.to_bytes()]);
        let message = SaltedValue { value: Value::from(text), salt };
        let digest = message.digest();
        state.keep(digest, message);
        state.values.keep_for_all(&digest);
        let fault = RecordedFault { code: FaultCode::Unreachable, message: digest };
        state.record_own(id, no_arguments(), Err(fault));
        Ok(())
    }
}

impl State {
    /// Whether an author may give a step up in this turn.
    fn may_give_up(&self, id: ActId, author: PeerId, number: u32) -> bool {
        let act = self.act(id);
        let at_a_place = self.program.program().node(act.node).is_some_and(|n| n.place().is_some());
        if !at_a_place {
            return false;
        }
        if act.reached == CauseId::START {
            return author == self.header.header.initiator && number == 1;
        }
        self.causes.turn_of(act.reached) == Some((author, number))
    }

    /// Whether a `try` of the program, or a loop until one succeeds, catches what goes wrong at a
    /// step.
    fn is_caught(&self, id: ActId) -> bool {
        let mut below = self.act(id).node;
        self.program.ancestors(below).skip(1).any(|above| {
            let body = below == NodeId(above.0 + 1);
            below = above;
            body && self.program.program().node(above).is_some_and(Node::catches)
        })
    }

    /// The record that gives a step up, if there is one that counts.
    pub(crate) fn given_up(&self, id: ActId, placed: &Placed) -> Option<Filed> {
        let verdict = self.filed(self.at(id)).find(|filed| {
            filed.author != placed.peer
                && matches!(filed.outcome, Err(fault) if fault.code == FaultCode::Unreachable)
                && self.may_give_up(id, filed.author, filed.at.0)
        });
        verdict.cloned()
    }
}
