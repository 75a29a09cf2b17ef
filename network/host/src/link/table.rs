//! Which of two connections to one peer counts.

use std::time::Duration;

use aquac_ir::PeerId;

use super::behaviour::End;

/// Two connections that came up within this time were dialled at once by both ends. Later, the
/// older one is dead and this end has not noticed yet.
pub(crate) const SIMULTANEOUS: Duration = Duration::from_secs(3);

/// Whether a new connection takes the place of the one that is there.
///
/// Of two that were dialled at once the one that the smaller peer id dialled counts: both ends
/// come to that. Otherwise the newer one does: nobody dials while a link is up.
pub(crate) fn newer_counts(me: PeerId, other: PeerId, age: Duration, old: End, new: End) -> bool {
    let smaller_dialled = match new {
        End::Dialer => me < other,
        End::Listener => other < me,
    };
    age > SIMULTANEOUS || old == new || smaller_dialled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_keep_the_same_one_of_two() {
        let (a, b) = (PeerId([1; 32]), PeerId([2; 32]));
        let other = |end| match end {
            End::Dialer => End::Listener,
            End::Listener => End::Dialer,
        };
        let age = Duration::from_millis(10);
        for first in [End::Dialer, End::Listener] {
            // The two ends may see the connections in different orders.
            let kept_by_a =
                if newer_counts(a, b, age, first, other(first)) { other(first) } else { first };
            for first_of_b in [End::Dialer, End::Listener] {
                let newer = newer_counts(b, a, age, first_of_b, other(first_of_b));
                let kept_by_b = if newer { other(first_of_b) } else { first_of_b };
                assert_eq!(kept_by_a, End::Dialer);
                assert_eq!(kept_by_b, End::Listener, "the end of what `a` dialled");
            }
        }
    }

    #[test]
    fn a_peer_that_dials_again_has_lost_the_old_one() {
        let (a, b) = (PeerId([1; 32]), PeerId([2; 32]));
        let (young, old) = (Duration::from_millis(10), Duration::from_secs(60));
        assert!(newer_counts(a, b, young, End::Listener, End::Listener));
        assert!(newer_counts(a, b, old, End::Dialer, End::Listener));
    }
}
