//! Reads that do not wait: a stream is frozen although branches that write to it may still run.
//!
//! ```text
//! w ∈ par, w before r in sequence, no wait between them        warning
//! ```
//!
//! Any wait for the branches counts: a `join` of any stream after them, a timer, a step that reads
//! what the same branch has got.

use super::steps::{StepId, Steps};
use crate::placed::PlacedKind;
use crate::plan::{Over, StreamId};
use crate::terms::SlotId;

/// A stream that is read too early.
#[derive(Debug)]
pub(super) struct Early {
    /// What reads it.
    pub(super) read: StepId,
    pub(super) stream: StreamId,
    /// What writes to it.
    pub(super) write: StepId,
    /// The construct with the branches.
    pub(super) branches: StepId,
    /// Whether nobody waits even for the fastest branch.
    pub(super) detached: bool,
}

/// Every early read of a function, in program order. What a function gives back as a stream is not
/// read by it.
pub(super) fn early(steps: &Steps<'_>, given_back: &[SlotId]) -> Vec<Early> {
    let mut found = Vec::new();
    for read in steps.all() {
        let PlacedKind::Snapshot { stream, slot, .. } = steps.kind(read) else { continue };
        if steps.is_given(*stream) || given_back.contains(slot) {
            continue;
        }
        let follows = |above: &StepId| matches!(steps.kind(*above), PlacedKind::For(each) if matches!(each.over, Over::Live(_)));
        if steps.around(read).any(|above| follows(&above)) {
            continue;
        }
        let writes = steps.producers(*stream).iter();
        found.extend(writes.filter_map(|write| too_early(steps, read, *write, *stream)).next());
    }
    found
}

fn too_early(steps: &Steps<'_>, read: StepId, write: StepId, stream: StreamId) -> Option<Early> {
    let (fork, from, to) = steps.fork(write, read)?;
    let in_order = matches!(steps.kind(fork), PlacedKind::Seq(_)) && from < to;
    let beside = |step: &StepId| steps.is_fork(*step);
    let inside: Vec<StepId> = steps.around(write).take_while(|above| *above != fork).collect();
    let outermost = inside.iter().rev().copied().find(beside)?;
    let detached = steps.children(outermost).any(|branch| steps.is_nothing(branch));
    let branches = if detached {
        // What the source writes is the loop, or the branch.
        steps.children(outermost).find(|branch| steps.contains(*branch, write)).unwrap_or(outermost)
    } else {
        outermost
    };
    let early = Early { read, stream, write, branches, detached };
    (in_order && !is_awaited(steps, &early, outermost)).then_some(early)
}

/// Whether something makes sure that the write has happened, or gives it time.
fn is_awaited(steps: &Steps<'_>, early: &Early, outermost: StepId) -> bool {
    let own = steps.children(outermost).find(|branch| steps.contains(*branch, early.write));
    let waits =
        |step: StepId| steps.is_timer(step) || matches!(steps.kind(step), PlacedKind::Await { .. });
    // A branch beside it that waits or counts the time: the construct itself is the wait.
    let race = steps
        .below(outermost)
        .filter(|step| own.is_none_or(|own| !steps.contains(own, *step)))
        .any(waits);
    let in_branch = |slot| {
        steps.writer(slot).is_some_and(|writer| own.is_some_and(|own| steps.contains(own, writer)))
    };
    let after = steps
        .all()
        .skip_while(|step| *step <= early.write)
        .filter(|step| !steps.contains(outermost, *step))
        .take_while(|step| *step < early.read);
    let behind = after.into_iter().any(|step| {
        let reads = steps.needed(step).iter().copied().any(in_branch);
        waits(step) || reads
    });
    // The wait for an element of the same line.
    let itself = steps.needed(early.read).iter().copied().any(in_branch);
    race || behind || itself
}
