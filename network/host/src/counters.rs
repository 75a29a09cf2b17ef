//! What went over the links, counted.

use std::collections::BTreeMap;

use aquac_ir::PeerId;
use aquac_peer::Report;

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

/// Everything that a host counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counters {
    /// By the other end.
    pub links: BTreeMap<PeerId, LinkCounters>,
    /// What was not accepted or given up, by the label of the reason.
    pub dropped: BTreeMap<&'static str, u64>,
    /// Calls of services.
    pub calls: u64,
    /// Those that were answered with an error.
    pub failed_calls: u64,
    /// Turns that were signed.
    pub turns: u64,
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

    pub(crate) fn report(&mut self, report: &Report) {
        match report {
            Report::Sent { to, bytes, .. } => {
                let sent = &mut self.links.entry(*to).or_default().sent;
                sent.parcels += 1;
                sent.parcel_bytes += *bytes as u64;
            }
            Report::Received { from, bytes, .. } => {
                let received = &mut self.links.entry(*from).or_default().received;
                received.parcels += 1;
                received.parcel_bytes += *bytes as u64;
            }
            Report::Dropped { reason, .. } | Report::Refused { reason, .. } => {
                *self.dropped.entry(reason.label()).or_default() += 1;
            }
            Report::Sealed { .. } => self.turns += 1,
            Report::Acknowledged { .. }
            | Report::Unreachable { .. }
            | Report::ClockDiffers { .. } => {}
        }
    }
}
