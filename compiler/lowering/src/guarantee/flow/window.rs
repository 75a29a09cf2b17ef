//! Before and after, for certain: which steps are over when another begins.

use crate::guarantee::steps::{StepId, Steps};
use crate::placed::PlacedKind;

/// Asks about steps for one value.
pub(super) struct Window<'a> {
    pub(super) steps: &'a Steps<'a>,
    /// The construct whose every activation has a value of its own; none for the whole program.
    pub(super) inside: Option<StepId>,
}

impl Window<'_> {
    /// Whether a step is over for certain when the value is made, or happens only where it is not
    /// made: in the other arm.
    pub(super) fn is_apart(&self, step: StepId, maker: StepId) -> bool {
        let other_arm = self.steps.fork(step, maker).is_some_and(|(fork, ..)| {
            matches!(self.steps.kind(fork), PlacedKind::If { .. }) && !self.again(fork)
        });
        other_arm || self.in_order(step, maker)
    }

    /// Whether a step begins only when the reader is over for certain. One that reads in every
    /// iteration of a loop counts as open for ever: the interpreter does not look into the loop.
    /// So does one in a `try`, where a failure, or that there is none, may leave it out.
    pub(super) fn is_after(&self, step: StepId, reader: StepId) -> bool {
        let around = self.steps.around(reader).skip(1);
        let mut around = around.take_while(|above| Some(*above) != self.inside);
        let open = around.any(|above| {
            matches!(self.steps.kind(above), PlacedKind::For(_) | PlacedKind::Try { .. })
        });
        !open && self.in_order(reader, step)
    }

    /// Whether the first is over whenever the second begins.
    fn in_order(&self, first: StepId, second: StepId) -> bool {
        let Some((fork, from, to)) = self.steps.fork(first, second) else { return false };
        if !matches!(self.steps.kind(fork), PlacedKind::Seq(_)) || from >= to {
            return false;
        }
        let inside = self.steps.around(first).take_while(|above| *above != fork);
        // A branch can go on when its construct is over, and a loop over a stream never is.
        let waits = inside.into_iter().all(|above| match self.steps.kind(above) {
            PlacedKind::Par(_) => false,
            PlacedKind::For(each) => {
                !matches!(each.over, crate::plan::Over::Live(_))
                    && each.mode != aquac_ir::LoopMode::Parallel
            }
            PlacedKind::Null
            | PlacedKind::Seq(_)
            | PlacedKind::Try { .. }
            | PlacedKind::If { .. }
            | PlacedKind::Call { .. }
            | PlacedKind::Let { .. }
            | PlacedKind::Wait(_)
            | PlacedKind::Push { .. }
            | PlacedKind::Snapshot { .. }
            | PlacedKind::Await { .. }
            | PlacedKind::Scope { .. }
            | PlacedKind::Return(_) => true,
        });
        waits && !self.again(fork)
    }

    /// Whether a sequence happens several times for one value: it stands in a loop that the value
    /// outlives, so the next iteration comes after this one.
    fn again(&self, fork: StepId) -> bool {
        self.steps
            .around(fork)
            .take_while(|above| Some(*above) != self.inside)
            .any(|above| matches!(self.steps.kind(above), PlacedKind::For(_)))
    }
}
