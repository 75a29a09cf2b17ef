//! What is to happen, in order: by time; of one time, first what happens inside a peer, then in the
//! order of making.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use aquac_peer::Time;

use crate::play::Event;

/// What is to happen.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    due: BinaryHeap<Due>,
}

#[derive(Debug)]
struct Due {
    when: When,
    event: Event,
}

/// Whether it is between peers stands second: what is not comes first. The last is its number.
type When = (Time, bool, u64);

impl Queue {
    /// Adds an event; later ones have higher numbers.
    pub(crate) fn add(&mut self, time: Time, number: u64, event: Event) {
        let when = (time, !event.is_local(), number);
        self.due.push(Due { when, event });
    }

    /// When the next one happens.
    pub(crate) fn next(&self) -> Option<Time> {
        self.due.peek().map(|due| due.when.0)
    }

    pub(crate) fn pop(&mut self) -> Option<Event> {
        self.due.pop().map(|due| due.event)
    }
}

/// The heap gives the greatest first: that is the one that happens first.
impl Ord for Due {
    fn cmp(&self, other: &Self) -> Ordering {
        other.when.cmp(&self.when)
    }
}

impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        self.when == other.when
    }
}

impl Eq for Due {}

#[cfg(test)]
mod tests {
    use aquac_ir::PeerId;
    use aquac_peer::BatchId;

    use super::*;

    #[test]
    fn what_happens_inside_a_peer_comes_first_and_else_the_order_is_that_of_making() {
        let peer = PeerId([0; 32]);
        let crash = |number| Event::Crash(PeerId([number; 32]));
        let stored = Event::Stored { peer, life: 0, batch: BatchId(1) };
        let mut queue = Queue::default();
        for (number, (time, event)) in
            (1..).zip([(7, crash(3)), (5, crash(1)), (5, crash(2)), (5, stored)])
        {
            queue.add(Time(time), number, event);
        }
        let mut order = Vec::new();
        while let (Some(time), Some(event)) = (queue.next(), queue.pop()) {
            order.push((time.0, if let Event::Crash(peer) = event { peer.0[0] } else { 0 }));
        }
        assert_eq!(order, [(5, 0), (5, 1), (5, 2), (7, 3)]);
    }
}
