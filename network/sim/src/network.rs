//! The links of a simulation: what happens to a frame between two peers.

use aquac_peer::Time;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::RngCore;

use crate::answer::fits;
use crate::fault::{Delay, Ends, Partition};

/// Milliseconds that a frame takes where a job says nothing.
pub const DEFAULT_DELAY: u64 = 1;

/// What can happen on links.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rules {
    pub(crate) drops: Vec<Ends>,
    pub(crate) duplicates: Vec<Ends>,
    pub(crate) delays: Vec<Delay>,
    pub(crate) partitions: Vec<Partition>,
}

impl Rules {
    /// Whether something happens to some frames.
    pub(crate) const fn concern_frames(&self) -> bool {
        !(self.drops.is_empty() && self.duplicates.is_empty() && self.delays.is_empty())
    }

    /// How long each copy of a frame takes: none if it is lost.
    pub(crate) fn copies(&self, rng: &mut ChaCha8Rng, from: &str, to: &str) -> Vec<u64> {
        if happens(&self.drops, rng, from, to) {
            return Vec::new();
        }
        let mut copies = vec![self.delay(rng, from, to)];
        if happens(&self.duplicates, rng, from, to) {
            copies.push(self.delay(rng, from, to));
        }
        copies
    }

    fn delay(&self, rng: &mut ChaCha8Rng, from: &str, to: &str) -> u64 {
        let rule = self.delays.iter().find(|rule| fits(&rule.from, from) && fits(&rule.to, to));
        rule.map_or(DEFAULT_DELAY, |rule| {
            let (least, most) = rule.ms;
            least + rng.next_u64() % (most.saturating_sub(least) + 1)
        })
    }

    /// Whether two peers can reach each other now.
    pub(crate) fn are_together(&self, since_start: u64, a: &str, b: &str) -> bool {
        let member = |group: &[String], name: &str| group.iter().any(|glob| fits(glob, name));
        !self.partitions.iter().any(|rule| {
            let now = rule.at <= since_start && rule.until.is_none_or(|until| since_start < until);
            let apart = |a, b| member(&rule.from, a) && member(&rule.to, b);
            now && (apart(a, b) || apart(b, a))
        })
    }
}

fn happens(rules: &[Ends], rng: &mut ChaCha8Rng, from: &str, to: &str) -> bool {
    rules
        .iter()
        .filter(|rule| fits(&rule.from, from) && fits(&rule.to, to))
        .any(|rule| rng.next_u32() % 1_000_000 < rule.p.0)
}

/// A peer's clock that is fast by some milliseconds, or slow if they are negative.
pub(crate) fn skewed(now: Time, skew: i64) -> Time {
    Time(now.0.saturating_add_signed(skew))
}

/// The true time at which a skewed clock shows this.
pub(crate) fn unskewed(shown: Time, skew: i64) -> Time {
    Time(shown.0.saturating_add_signed(skew.saturating_neg()))
}
