//! Frames that wait for the transport to take them: two lanes, each in order.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use aquac_peer::Lane;
use aquac_peer::wire::frame_to_stream;
use tokio::sync::Notify;

/// Bytes that may wait. A peer keeps to its neighbour's credit, which is far below; beyond this
/// the link is closed, and what was not acknowledged goes again over the next one.
pub(crate) const MAX_WAITING_BYTES: usize = 128 << 20;
/// Bytes that are given to the transport at once: what a frame in the control lane may have to
/// wait for.
const MAX_WRITE_BYTES: usize = 64 << 10;

/// More waits than [`MAX_WAITING_BYTES`].
#[derive(Debug)]
pub(crate) struct Overfull;

/// The sending end of a link. Clones are the same outbox.
#[derive(Clone, Default)]
pub(crate) struct Outbox {
    lanes: Arc<Mutex<Lanes>>,
    changed: Arc<Notify>,
}

#[derive(Default)]
struct Lanes {
    control: VecDeque<Vec<u8>>,
    bulk: VecDeque<Vec<u8>>,
    /// In both lanes, and in the writer's hands.
    bytes: usize,
    closed: bool,
}

impl Outbox {
    fn lanes(&self) -> std::sync::MutexGuard<'_, Lanes> {
        // Nothing panics while it holds the lock, and the lanes are whole between statements.
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues a frame.
    pub(crate) fn push(&self, lane: Lane, frame: &[u8]) -> Result<(), Overfull> {
        let bytes = frame_to_stream(frame);
        let mut lanes = self.lanes();
        if lanes.bytes + bytes.len() > MAX_WAITING_BYTES {
            return Err(Overfull);
        }
        lanes.bytes += bytes.len();
        match lane {
            Lane::Control => lanes.control.push_back(bytes),
            Lane::Bulk => lanes.bulk.push_back(bytes),
        }
        drop(lanes);
        self.changed.notify_one();
        Ok(())
    }

    /// Nothing more will be queued: the writer ends when it has written everything.
    pub(crate) fn close(&self) {
        self.lanes().closed = true;
        self.changed.notify_one();
    }

    /// Bytes that the transport has not taken yet.
    pub(crate) fn waiting(&self) -> usize {
        self.lanes().bytes
    }

    /// The next bytes to write, whole frames with their prefixes; `None` after the end.
    pub(crate) async fn next(&self) -> Option<Vec<u8>> {
        loop {
            let changed = self.changed.notified();
            {
                let mut lanes = self.lanes();
                if let Some(bytes) = lanes.take() {
                    return Some(bytes);
                }
                if lanes.closed {
                    return None;
                }
            }
            changed.await;
        }
    }

    /// The transport has taken these.
    pub(crate) fn written(&self, bytes: usize) {
        let mut lanes = self.lanes();
        lanes.bytes = lanes.bytes.saturating_sub(bytes);
    }
}

impl Lanes {
    /// All of the control lane, and of the bulk lane as much as fits into one write.
    fn take(&mut self) -> Option<Vec<u8>> {
        let mut bytes = self.control.pop_front().or_else(|| self.bulk.pop_front())?;
        while bytes.len() < MAX_WRITE_BYTES {
            let Some(next) = self.control.pop_front().or_else(|| self.bulk.pop_front()) else {
                break;
            };
            bytes.extend(next);
        }
        Some(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_control_lane_overtakes_and_the_end_comes_after_everything() {
        let outbox = Outbox::default();
        outbox.push(Lane::Bulk, &[1]).unwrap();
        outbox.push(Lane::Control, &[2]).unwrap();
        outbox.close();
        let bytes = outbox.next().await.unwrap();
        assert_eq!(bytes, [frame_to_stream(&[2]), frame_to_stream(&[1])].concat());
        assert_eq!(outbox.waiting(), bytes.len());
        outbox.written(bytes.len());
        assert_eq!(outbox.waiting(), 0);
        assert_eq!(outbox.next().await, None);
    }

    #[test]
    fn an_overfull_outbox_takes_nothing() {
        let outbox = Outbox::default();
        let frame = vec![0; MAX_WAITING_BYTES / 2];
        outbox.push(Lane::Bulk, &frame).unwrap();
        assert!(outbox.push(Lane::Control, &frame).is_err());
    }
}
