//! Whether the peers of steps that a program can do without are there: asked before the turn that
//! leads to them is signed, because only in that turn can a step be given up.
//!
//! What hinders a step becomes a fault that a `try` can catch in three ways.
//!
//! * **Its peer says so.** Denied by its policy, no room for one more call, an answer that is too
//!   large, a service that fails or takes too long: the peer has the run, and records the fault as
//!   the outcome of its own step. Nobody can contradict it.
//! * **Its peer is given up before it was asked.** Whoever signs the turn that alone leads to the
//!   step says in the same turn that it cannot be: the peer cannot be dialled, it is known to refuse
//!   this run, it or the relay to it takes nothing from here, or the run may not send to one peer
//!   more. Every history that leads to the step then holds the verdict too, the peer's own included.
//! * **What left came back.** The initiator's first parcels lead to steps by the header alone. If
//!   each of them went straight to its one destination, left once, and was refused for a reason
//!   that the destination finds in the header before it keeps anything
//!   ([`Reason::is_before_anything`]), then nobody has the run but the initiator, as if nothing had
//!   left: see [`came_back`].
//!
//! Every other refusal that comes after a frame has left is only reported, counted and remembered:
//! * by a relay: it holds the turn, and may be asked by somebody else, or change its mind;
//! * of a turn: whoever else has the turn can lead its peer to the step, and that peer may be of
//!   another mind then (more room, another limit). The step would be done and given up;
//! * of something that was perhaps sent twice: the first one may be with the peer;
//! * *overloaded*, *shutting down*: they pass. The parcel waits and goes again until the deadline.
//!
//! The next steps at a peer that has refused are given up in the second way.

use aquac_ir::PeerId;
use aquac_vm::{Probe, Run};

use crate::Reason;
use crate::link::Reach;
use crate::particle::Particle;
use crate::route;
use crate::shared::Core;

/// What came of asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// Nothing hinders the turn.
    Nothing,
    /// Steps were given up: the run goes on.
    GaveUp,
    /// A link is being made: the turn waits.
    Waits,
}

/// Asks for all steps that may be given up now.
pub(crate) fn ask(core: &mut Core, particle: &mut Particle, run: &mut Run) -> Asked {
    if !particle.has_tries {
        return Asked::Nothing;
    }
    let mut asked = Asked::Nothing;
    for probe in run.probes() {
        let first = first_hop(core, &probe);
        let now = core.now;
        let signer = &*core.keys.signer;
        let given_up = if let Some(why) = known_refusal(core, particle, first, probe.peer) {
            run.unreachable_because(&probe.position, &why, signer)
        } else {
            match core.link(first).reach(now) {
                Reach::Up if particle.may_tell(probe.peer, core.config.limits.fan_out) => continue,
                Reach::Up => {
                    let why = "it is one peer more than this run may send to";
                    core.dropped(Reason::Quota, Some(particle.id), None, why);
                    run.unreachable_because(&probe.position, why, &*core.keys.signer)
                }
                Reach::Failed => run.unreachable(&probe.position, &*core.keys.signer),
                Reach::Unknown => {
                    core.link(first).is_probed = true;
                    core.probing.entry(first).or_default().insert(particle.id);
                    asked = Asked::Waits;
                    continue;
                }
            }
        };
        if given_up.is_ok() {
            return Asked::GaveUp;
        }
    }
    asked
}

/// Why nothing that goes to a peer would be taken, as far as it was said already.
fn known_refusal(core: &Core, particle: &Particle, first: PeerId, to: PeerId) -> Option<String> {
    if let Some(reason) = particle.others.get(&to).and_then(|other| other.refused) {
        return Some(format!("it has refused this run ({reason})"));
    }
    if let Some(reason) = core.links.get(&first).and_then(|link| link.refused) {
        return Some(format!("nothing goes to or through {first} ({reason})"));
    }
    let unrelayed = core.unrelayed.contains(&(first, to));
    unrelayed.then(|| format!("{first} does not forward to it ({})", Reason::NotRelayed))
}

/// One of the initiator's parcels was refused for good. Says whether nothing of the run is
/// anywhere else any more: what the header leads to may be given up again.
pub(crate) fn came_back(particle: &mut Particle) -> bool {
    particle.away = particle.away.saturating_sub(1);
    let Some(run) = particle.run.as_deref_mut().filter(|_| particle.away == 0) else {
        return false;
    };
    run.came_back();
    true
}

/// The neighbour through whom the peer is reached.
fn first_hop(core: &Core, probe: &Probe) -> PeerId {
    let via = probe.route.split_last().map_or(&[][..], |(_, via)| via);
    let path = route::path(core.me, core.config.relay, via, probe.peer);
    path.first().copied().unwrap_or(probe.peer)
}
