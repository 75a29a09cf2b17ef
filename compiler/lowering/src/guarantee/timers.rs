//! Timers that guard the peer on which they run: if the peer is down, so is the timer.
//!
//! ```text
//! on p: (work @ p) par (timeout @ p)        warning, unless p is where the program began
//! ```

use super::steps::{StepId, Steps};
use crate::placed::PlacedKind;
use crate::plan::PlaceId;
use crate::terms::Term;

/// A timer and the work that it guards.
#[derive(Debug)]
pub(super) struct Timer {
    pub(super) timer: StepId,
    pub(super) work: StepId,
    /// Whether it guards nothing else.
    pub(super) only: bool,
}

/// Every such timer of a function.
pub(super) fn timers(steps: &Steps<'_>) -> Vec<Timer> {
    let pars = steps.all().filter(|step| matches!(steps.kind(*step), PlacedKind::Par(_)));
    pars.filter_map(|par| guarded(steps, par)).collect()
}

fn guarded(steps: &Steps<'_>, par: StepId) -> Option<Timer> {
    let calls = |branch: StepId| {
        steps.below(branch).filter(|step| matches!(steps.kind(*step), PlacedKind::Call { .. }))
    };
    let timer = steps.children(par).find_map(|branch| {
        let first = calls(branch).next()?;
        steps.is_timer(first).then_some((branch, first))
    });
    let (branch, timer) = timer?;
    let there = steps.get(timer).placed.place();
    if is_home(steps, there) {
        return None;
    }
    let (mut work, mut only) = (None, true);
    for other in steps.children(par).filter(|other| *other != branch) {
        for call in calls(other) {
            // Work that goes elsewhere is guarded from here.
            if steps.get(call).placed.place() != there {
                return None;
            }
            only &= work.is_none();
            work = work.or(Some(call));
        }
    }
    work.map(|work| Timer { timer, work, only })
}

/// Whether a place is the initiator, or the relay without which it is not there at all.
fn is_home(steps: &Steps<'_>, place: PlaceId) -> bool {
    let peer = steps.pools().places[place].peer;
    matches!(steps.pools().terms.get(peer), Term::Fact(_))
}
