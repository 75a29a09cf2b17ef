//! What a host counts.

use std::collections::BTreeMap;
use std::time::Duration;

use aquac_ir::PeerId;
use aquac_peer::Report;

/// Services that are counted by name, and initiators by id. Their names come from others: beyond
/// it all further ones are counted together.
const MAX_NAMED: usize = 64;
/// How all further ones are called.
pub(crate) const OTHERS: &str = "others";

/// One direction of a link.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Traffic {
    /// All frames.
    pub frames: u64,
    /// Their bytes, length prefixes not counted.
    pub bytes: u64,
    /// Parcels that carry a particle: one that goes again counts again, and what a relay forwards
    /// counts on each link.
    pub parcels: u64,
    /// Their bytes.
    pub parcel_bytes: u64,
}

/// Both directions of a link, over all its connections.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LinkCounters {
    /// From this host.
    pub sent: Traffic,
    /// To this host.
    pub received: Traffic,
}

/// How many of something were how large.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Histogram {
    /// One more than there are bounds: the last one is for everything larger.
    pub buckets: [u64; 9],
    /// All together.
    pub sum: u64,
}

impl Histogram {
    /// Upper bounds for times in milliseconds.
    pub const MILLISECONDS: [u64; 8] = [1, 5, 20, 100, 500, 2_000, 10_000, 60_000];
    /// Upper bounds for sizes in bytes.
    pub const BYTES: [u64; 8] =
        [512, 1 << 10, 4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20, 4 << 20];

    /// Counts one.
    pub fn add(&mut self, bounds: &[u64; 8], value: u64) {
        let at = bounds.iter().position(|bound| value <= *bound).unwrap_or(bounds.len());
        if let Some(bucket) = self.buckets.get_mut(at) {
            *bucket += 1;
        }
        self.sum = self.sum.saturating_add(value);
    }

    /// How many.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.buckets.iter().sum()
    }

    pub(crate) fn time(&mut self, took: Duration) {
        self.add(&Self::MILLISECONDS, u64::try_from(took.as_millis()).unwrap_or(u64::MAX));
    }
}

/// The calls of one service.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ServiceCounters {
    /// That were asked.
    pub calls: u64,
    /// That were answered with an error.
    pub failed: u64,
    /// How long answers took, in milliseconds.
    pub took: Histogram,
}

/// Everything that a host counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counters {
    /// By the other end.
    pub links: BTreeMap<PeerId, LinkCounters>,
    /// What was not accepted or given up, by the label of the reason.
    pub dropped: BTreeMap<&'static str, u64>,
    /// What neighbours refused of ours, by the label of the reason.
    pub refused: BTreeMap<&'static str, u64>,
    /// Connections that were not let in or broke while they were made, by the label of the reason.
    pub turned_away: BTreeMap<&'static str, u64>,
    /// Calls of services.
    pub calls: u64,
    /// Those that were answered with an error.
    pub failed_calls: u64,
    /// Those whose answer nobody waited for any more: the deadline had passed.
    pub cancelled_calls: u64,
    /// Those that may have been made before a crash.
    pub repeated_calls: u64,
    /// By service.
    pub services: BTreeMap<String, ServiceCounters>,
    /// Parcels with a particle that came, by the particle's initiator.
    pub initiators: BTreeMap<String, u64>,
    /// Turns that were signed.
    pub turns: u64,
    /// Parcels of ours that a neighbour has acknowledged.
    pub acknowledged: u64,
    /// Links that came up.
    pub links_up: u64,
    /// Links that went down.
    pub links_down: u64,
    /// Dials that failed.
    pub dials_failed: u64,
    /// How long it took until a connection that we dialled was there, in milliseconds.
    pub dialled: Histogram,
    /// The same for those that others dialled.
    pub accepted: Histogram,
    /// How long frames waited from their arrival until they were handled, in milliseconds.
    pub waited: Histogram,
    /// How old particles were when a parcel of theirs came, in milliseconds.
    pub age: Histogram,
    /// How long particles still had to live when a parcel of theirs left, in milliseconds.
    pub left: Histogram,
    /// Bytes of parcels that came.
    pub parcels_in: Histogram,
    /// Bytes of parcels that left.
    pub parcels_out: Histogram,
}

impl Counters {
    pub(crate) fn frame_sent(&mut self, to: PeerId, bytes: usize) {
        let sent = &mut self.links.entry(to).or_default().sent;
        sent.frames += 1;
        sent.bytes += bytes as u64;
    }

    pub(crate) fn frame_received(&mut self, from: PeerId, bytes: usize) {
        let received = &mut self.links.entry(from).or_default().received;
        received.frames += 1;
        received.bytes += bytes as u64;
    }

    pub(crate) fn called(&mut self, service: &str) {
        self.calls += 1;
        named(&mut self.services, service).calls += 1;
    }

    pub(crate) fn answered(&mut self, service: &str, failed: bool, took: Duration) {
        self.failed_calls += u64::from(failed);
        let service = named(&mut self.services, service);
        service.failed += u64::from(failed);
        service.took.time(took);
    }

    pub(crate) fn came_from(&mut self, initiator: PeerId) {
        *named(&mut self.initiators, &initiator.to_string()) += 1;
    }

    pub(crate) fn report(&mut self, report: &Report) {
        match report {
            Report::Sent { to, bytes, .. } => {
                let sent = &mut self.links.entry(*to).or_default().sent;
                sent.parcels += 1;
                sent.parcel_bytes += *bytes as u64;
                self.parcels_out.add(&Histogram::BYTES, *bytes as u64);
            }
            Report::Received { from, bytes, .. } => {
                let received = &mut self.links.entry(*from).or_default().received;
                received.parcels += 1;
                received.parcel_bytes += *bytes as u64;
                self.parcels_in.add(&Histogram::BYTES, *bytes as u64);
            }
            Report::Dropped { reason, .. } => {
                *self.dropped.entry(reason.label()).or_default() += 1;
            }
            Report::Refused { reason, .. } => {
                *self.refused.entry(reason.label()).or_default() += 1;
            }
            Report::Sealed { .. } => self.turns += 1,
            Report::Acknowledged { .. } => self.acknowledged += 1,
            Report::Unreachable { .. } | Report::ClockDiffers { .. } => {}
        }
    }
}

/// The counter of a name; of all others together when there are too many names.
fn named<'a, T: Default>(counters: &'a mut BTreeMap<String, T>, name: &str) -> &'a mut T {
    let known = counters.contains_key(name) || counters.len() < MAX_NAMED;
    counters.entry(if known { name.to_owned() } else { OTHERS.to_owned() }).or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_others_make_up_do_not_fill_the_memory() {
        let mut counters = Counters::default();
        for number in 0..1000 {
            counters.called(&format!("s{number}"));
        }
        assert_eq!(counters.services.len(), MAX_NAMED + 1);
        assert_eq!(counters.services[OTHERS].calls, 1000 - MAX_NAMED as u64);
        assert_eq!(counters.calls, 1000);
    }

    #[test]
    fn a_value_is_counted_below_its_bound() {
        let mut histogram = Histogram::default();
        for value in [0, 1, 2, 60_000, 60_001] {
            histogram.add(&Histogram::MILLISECONDS, value);
        }
        assert_eq!(histogram.buckets, [2, 1, 0, 0, 0, 0, 0, 1, 1]);
        assert_eq!((histogram.count(), histogram.sum), (5, 120_004));
    }
}
