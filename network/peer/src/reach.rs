//! Whether the peers of steps that a program can do without are there: asked before the turn that
//! leads to them is signed, because only in that turn can a step be given up.

use aquac_ir::PeerId;
use aquac_vm::{Probe, Run};

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
        let refused = particle.others.get(&probe.peer).is_some_and(|other| other.refused.is_some());
        let now = core.now;
        match core.link(first).reach(now) {
            Reach::Up if !refused => {}
            Reach::Up | Reach::Failed => {
                if run.unreachable(&probe.position, &*core.keys.signer).is_ok() {
                    return Asked::GaveUp;
                }
            }
            Reach::Unknown => {
                core.link(first).is_probed = true;
                core.probing.entry(first).or_default().insert(particle.id);
                asked = Asked::Waits;
            }
        }
    }
    asked
}

/// The neighbour through whom the peer is reached.
fn first_hop(core: &Core, probe: &Probe) -> PeerId {
    let via = probe.route.split_last().map_or(&[][..], |(_, via)| via);
    let path = route::path(core.me, core.config.relay, via, probe.peer);
    path.first().copied().unwrap_or(probe.peer)
}
