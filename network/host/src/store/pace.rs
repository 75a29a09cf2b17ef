//! How long to wait before the disk is told to write: not at all while little happens, so that a
//! single particle is quick; a moment while much happens, so that many particles share one flush.

use std::time::Duration;

use tokio::time::Instant;

/// The time between two flushes of a busy store.
const INTERVAL: Duration = Duration::from_millis(15);
/// Batches in an interval above which a store is busy: several times what a few clients that wait
/// for each other's answers can cause.
const BUSY: u32 = 32;

/// Measures how much happens.
pub(super) struct Pace {
    /// When the present count began.
    since: Instant,
    count: u32,
    busy: bool,
    last: Instant,
}

impl Pace {
    pub(super) fn new(now: Instant) -> Self {
        Self { since: now, count: 0, busy: false, last: now }
    }

    /// So many batches are here. How long to wait for more.
    pub(super) fn wait(&mut self, now: Instant, batches: usize) -> Duration {
        self.count = self.count.saturating_add(u32::try_from(batches).unwrap_or(u32::MAX));
        let counted = now.duration_since(self.since);
        if counted >= INTERVAL {
            self.busy = self.count >= BUSY
                && f64::from(self.count) * INTERVAL.as_secs_f64()
                    >= f64::from(BUSY) * counted.as_secs_f64();
            (self.since, self.count) = (now, 0);
        }
        let rest = INTERVAL.saturating_sub(now.duration_since(self.last));
        if self.busy { rest } else { Duration::ZERO }
    }

    /// A flush begins, and so many more batches have come meanwhile.
    pub(super) fn flush(&mut self, now: Instant, more: usize) {
        self.count = self.count.saturating_add(u32::try_from(more).unwrap_or(u32::MAX));
        self.last = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Flushes in a second in which a batch comes every so many microseconds, with a disk that
    /// takes half a millisecond.
    fn flushes(every: u64) -> u32 {
        let start = Instant::now();
        let end = start + Duration::from_secs(1);
        let (mut pace, mut now, mut next, mut flushes) = (Pace::new(start), start, start, 0);
        while now < end {
            now = now.max(next);
            let mut here = 0;
            while next <= now {
                next += Duration::from_micros(every);
                here += 1;
            }
            now += pace.wait(now, here);
            let mut more = 0;
            while next <= now {
                next += Duration::from_micros(every);
                more += 1;
            }
            pace.flush(now, more);
            flushes += 1;
            now += Duration::from_micros(500);
        }
        flushes
    }

    #[test]
    fn many_share_a_flush_and_few_do_not_wait() {
        assert!((99..=101).contains(&flushes(10_000)), "each at once: {}", flushes(10_000));
        assert!((990..=1010).contains(&flushes(1_000)), "still: {}", flushes(1_000));
        assert!((60..=100).contains(&flushes(200)), "{}", flushes(200));
        assert!((60..=100).contains(&flushes(20)), "{}", flushes(20));
    }
}
