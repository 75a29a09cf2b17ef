//! What a host counts, as Prometheus reads it; and whether it is well.
//!
//! Names begin with `aquac_`. Times are in seconds, as is the custom. Nothing in it is secret, but
//! it says who talks with whom.

use std::fmt::{self, Write};
use std::time::Duration;

use aquac_ir::PeerId;

use crate::{Counters, Histogram, LinkCounters, Status};

/// Version 0.0.4 of Prometheus' text format.
pub(crate) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";
/// Links that are told by peer. Of the others only the sum is.
const MAX_LINKS: usize = 256;

/// A host at one moment.
#[derive(Debug, Clone, Default)]
pub(crate) struct Snapshot {
    pub(crate) me: Option<PeerId>,
    pub(crate) counters: Counters,
    pub(crate) status: Status,
    pub(crate) links: usize,
    pub(crate) particles: usize,
    pub(crate) denied: u64,
    pub(crate) stored: Stored,
    /// Why the store takes nothing, if it takes nothing now.
    pub(crate) failing: Option<String>,
    pub(crate) up: Duration,
    pub(crate) stopping: bool,
}

/// What the store did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Stored {
    /// Transactions.
    pub(crate) commits: u64,
    /// Batches in them.
    pub(crate) batches: u64,
    /// Times that the disk was told to write everything down.
    pub(crate) syncs: u64,
    /// Transactions that failed.
    pub(crate) failures: u64,
    /// How long transactions took, in milliseconds.
    pub(crate) took: Histogram,
}

/// The status line of a host that is not well.
const NOT_WELL: &str = "503 Service Unavailable";

/// The status line and the body of `/health`.
pub(crate) fn health(snapshot: Option<&Snapshot>) -> (&'static str, String) {
    let Some(snapshot) = snapshot else {
        return (NOT_WELL, "{\"status\":\"silent\"}\n".to_owned());
    };
    let Snapshot { me, status, links, particles, up, stopping, failing, .. } = snapshot;
    let (line, word) = match (failing, stopping) {
        (Some(_), _) => (NOT_WELL, "store-failed"),
        (None, true) => (NOT_WELL, "stopping"),
        (None, false) => ("200 OK", "ok"),
    };
    let reason = match failing {
        Some(reason) => format!("\"reason\":\"{}\",", escaped(reason)),
        None => String::new(),
    };
    let peer = me.map(|me| me.to_string()).unwrap_or_default();
    let unreached = status.unreached.len();
    let seconds = up.as_secs();
    let body = format!(
        "{{\"status\":\"{word}\",{reason}\"peer\":\"{peer}\",\"version\":\"{}\",\"uptime_s\":{seconds},\
         \"links\":{links},\"particles\":{particles},\"calls\":{},\"unreached_peers\":{unreached}}}\n",
        env!("CARGO_PKG_VERSION"),
        status.calls,
    );
    (line, body)
}

/// All metrics.
pub(crate) fn text(snapshot: &Snapshot) -> String {
    let mut page = Page(String::new());
    // Writing into a text cannot fail.
    let _infallible = write_all(&mut page, snapshot);
    page.0
}

fn write_all(page: &mut Page, snapshot: &Snapshot) -> fmt::Result {
    let counters = &snapshot.counters;
    info(page, snapshot)?;
    now(page, snapshot)?;
    let help = "Parcels, frames or particles that were not accepted or given up, by reason.";
    page.by("dropped_total", "counter", help, "reason", &counters.dropped)?;
    let help = "What neighbours refused of ours, by reason.";
    page.by("refused_total", "counter", help, "reason", &counters.refused)?;
    let help = "Connections that were not let in or broke while they were made, by reason.";
    page.by("turned_away_total", "counter", help, "reason", &counters.turned_away)?;
    let help = "Parcels that came, by the initiator of their particle.";
    page.by("initiator_parcels_total", "counter", help, "initiator", &counters.initiators)?;
    totals(page, snapshot)?;
    services(page, counters)?;
    links(page, counters)?;
    times(page, snapshot)?;
    let help = "Bytes of parcels by direction: how particles grow on their way.";
    page.histograms(
        "parcel_bytes",
        help,
        &Histogram::BYTES,
        1.0,
        &[("direction=\"in\"", counters.parcels_in), ("direction=\"out\"", counters.parcels_out)],
    )
}

fn info(page: &mut Page, snapshot: &Snapshot) -> fmt::Result {
    page.head("info", "gauge", "Which peer this is.")?;
    let peer = snapshot.me.map(|me| me.to_string()).unwrap_or_default();
    let version = env!("CARGO_PKG_VERSION");
    writeln!(page.0, "aquac_info{{peer=\"{peer}\",version=\"{version}\"}} 1")
}

fn now(page: &mut Page, snapshot: &Snapshot) -> fmt::Result {
    let status = &snapshot.status;
    let parcels = |waiting: &[(PeerId, usize)]| waiting.iter().map(|(_, parcels)| *parcels).sum();
    let gauges: [(&str, &str, usize); 9] = [
        ("uptime_seconds", "How long it runs.", snapshot.up.as_secs() as usize),
        ("links", "Links that are up.", snapshot.links),
        ("particles", "Runs that live here.", snapshot.particles),
        ("calls", "Calls that services have not answered.", status.calls),
        ("unsent_bytes", "Bytes that the transport has not taken.", status.unsent_bytes),
        ("dialing", "Dials whose outcome is not known.", status.dialing),
        (
            "unacknowledged_parcels",
            "Parcels that a neighbour with a link has not acknowledged.",
            parcels(&status.unacknowledged),
        ),
        ("mailbox_parcels", "Parcels for neighbours that are away.", parcels(&status.unreached)),
        (
            "store_failing",
            "1 while the store takes nothing: then nothing is acknowledged.",
            usize::from(snapshot.failing.is_some()),
        ),
    ];
    gauges
        .into_iter()
        .try_for_each(|(name, help, value)| page.one(name, "gauge", help, value as u64))
}

fn totals(page: &mut Page, snapshot: &Snapshot) -> fmt::Result {
    let counters = &snapshot.counters;
    let stored = &snapshot.stored;
    let totals = [
        ("turns_total", "Turns that were signed.", counters.turns),
        ("acknowledged_total", "Parcels that a neighbour has stored.", counters.acknowledged),
        ("links_up_total", "Links that came up.", counters.links_up),
        ("links_down_total", "Links that went down.", counters.links_down),
        ("dials_failed_total", "Dials that failed.", counters.dials_failed),
        ("calls_cancelled_total", "Calls given up at a deadline.", counters.cancelled_calls),
        ("calls_repeated_total", "Calls made again after a crash.", counters.repeated_calls),
        ("calls_denied_total", "Calls that the policy denied.", snapshot.denied),
        ("store_commits_total", "Transactions of the store.", stored.commits),
        ("store_batches_total", "Batches in them.", stored.batches),
        ("store_failures_total", "Transactions that failed.", stored.failures),
        ("store_syncs_total", "Times the disk was told to write.", stored.syncs),
    ];
    totals.into_iter().try_for_each(|(name, help, value)| page.one(name, "counter", help, value))
}

fn services(page: &mut Page, counters: &Counters) -> fmt::Result {
    let of = |count: fn(&crate::ServiceCounters) -> u64| {
        let pairs = counters.services.iter();
        pairs.map(move |(name, service)| (name, count(service))).collect::<Vec<_>>()
    };
    page.by("calls_total", "counter", "Calls by service.", "service", of(|it| it.calls))?;
    let help = "Calls that were answered with an error, by service.";
    page.by("calls_failed_total", "counter", help, "service", of(|it| it.failed))?;
    let labelled: Vec<_> = counters
        .services
        .iter()
        .map(|(name, service)| (format!("service=\"{}\"", escaped(name)), service.took))
        .collect();
    let labelled: Vec<_> = labelled.iter().map(|(label, took)| (label.as_str(), *took)).collect();
    let help = "How long answers took, by service.";
    page.histograms("call_seconds", help, &Histogram::MILLISECONDS, 1000.0, &labelled)
}

fn links(page: &mut Page, counters: &Counters) -> fmt::Result {
    let shown = || counters.links.iter().take(MAX_LINKS);
    let of = |count: fn(&LinkCounters) -> u64| {
        shown().map(move |(peer, link)| (peer.to_string(), count(link))).collect::<Vec<_>>()
    };
    let all = |count: fn(&LinkCounters) -> u64| counters.links.values().map(count).sum::<u64>();
    page.head("bytes_total", "counter", "Bytes of frames over all links, by direction.")?;
    writeln!(page.0, "aquac_bytes_total{{direction=\"in\"}} {}", all(|it| it.received.bytes))?;
    writeln!(page.0, "aquac_bytes_total{{direction=\"out\"}} {}", all(|it| it.sent.bytes))?;
    let help = "Bytes of frames that came, by link.";
    page.by("link_bytes_in_total", "counter", help, "with", of(|it| it.received.bytes))?;
    let help = "Bytes of frames that left, by link.";
    page.by("link_bytes_out_total", "counter", help, "with", of(|it| it.sent.bytes))?;
    let help = "Parcels that came, by link.";
    page.by("link_parcels_in_total", "counter", help, "with", of(|it| it.received.parcels))?;
    let help = "Parcels that left, by link.";
    page.by("link_parcels_out_total", "counter", help, "with", of(|it| it.sent.parcels))
}

fn times(page: &mut Page, snapshot: &Snapshot) -> fmt::Result {
    let counters = &snapshot.counters;
    let times = [
        ("arrival_wait_seconds", "Frames, from arrival until handled.", counters.waited),
        ("particle_age_seconds", "Particles' age when a parcel came.", counters.age),
        ("particle_left_seconds", "Particles' rest of life when a parcel left.", counters.left),
        ("dial_seconds", "Connections that were dialled, handshakes included.", counters.dialled),
        ("handshake_seconds", "Connections that others dialled.", counters.accepted),
        ("store_commit_seconds", "Transactions of the store.", snapshot.stored.took),
    ];
    times.into_iter().try_for_each(|(name, help, histogram)| {
        page.histograms(name, help, &Histogram::MILLISECONDS, 1000.0, &[("", histogram)])
    })
}

/// A label's value as the format wants it.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

struct Page(String);

impl Page {
    fn head(&mut self, name: &str, kind: &str, help: &str) -> fmt::Result {
        writeln!(self.0, "# HELP aquac_{name} {help}\n# TYPE aquac_{name} {kind}")
    }

    fn one(&mut self, name: &str, kind: &str, help: &str, value: u64) -> fmt::Result {
        self.head(name, kind, help)?;
        writeln!(self.0, "aquac_{name} {value}")
    }

    fn by<K: AsRef<str>, V: fmt::Display>(
        &mut self,
        name: &str,
        kind: &str,
        help: &str,
        label: &str,
        values: impl IntoIterator<Item = (K, V)>,
    ) -> fmt::Result {
        self.head(name, kind, help)?;
        values.into_iter().try_for_each(|(key, value)| {
            writeln!(self.0, "aquac_{name}{{{label}=\"{}\"}} {value}", escaped(key.as_ref()))
        })
    }

    /// `unit` of what was counted are one of what is told.
    fn histograms(
        &mut self,
        name: &str,
        help: &str,
        bounds: &[u64; 8],
        unit: f64,
        all: &[(&str, Histogram)],
    ) -> fmt::Result {
        self.head(name, "histogram", help)?;
        #[expect(clippy::cast_precision_loss, reason = "a measurement")]
        let told = |value: u64| value as f64 / unit;
        for (label, histogram) in all {
            let (comma, braced) = match *label {
                "" => ("", String::new()),
                label => (",", format!("{{{label}}}")),
            };
            let mut below = 0;
            let ends = bounds.iter().map(|bound| told(*bound).to_string());
            let ends = ends.chain(["+Inf".to_owned()]);
            for (bucket, end) in histogram.buckets.iter().zip(ends) {
                below += bucket;
                writeln!(self.0, "aquac_{name}_bucket{{{label}{comma}le=\"{end}\"}} {below}")?;
            }
            writeln!(self.0, "aquac_{name}_sum{braced} {}", told(histogram.sum))?;
            writeln!(self.0, "aquac_{name}_count{braced} {}", histogram.count())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_one_that_a_scraper_reads() {
        let mut snapshot = Snapshot { me: Some(PeerId([7; 32])), ..Snapshot::default() };
        snapshot.counters.called("a \"b\"\n");
        snapshot.counters.answered("a \"b\"\n", true, Duration::from_millis(3));
        *snapshot.counters.dropped.entry("expired").or_default() += 2;
        let page = text(&snapshot);
        assert!(page.contains("aquac_dropped_total{reason=\"expired\"} 2\n"));
        assert!(page.contains("aquac_calls_failed_total{service=\"a \\\"b\\\"\\n\"} 1\n"));
        assert!(
            page.contains("aquac_call_seconds_bucket{service=\"a \\\"b\\\"\\n\",le=\"0.005\"} 1\n")
        );
        assert!(page.contains("aquac_dial_seconds_bucket{le=\"+Inf\"} 0\n"));
        let mut typed = "";
        for line in page.lines() {
            match line.strip_prefix("# ") {
                Some(comment) => {
                    let name = comment.split(' ').nth(1).unwrap();
                    if comment.starts_with("HELP") {
                        assert_ne!(name, typed, "each name once");
                    }
                    typed = name;
                }
                None => {
                    let (name, value) = line.rsplit_once(' ').unwrap();
                    assert!(name.starts_with(typed), "{line} stands below its type");
                    assert!(value.parse::<f64>().is_ok(), "{line}");
                }
            }
        }
    }

    #[test]
    fn a_host_that_says_nothing_is_not_well() {
        assert!(health(None).0.starts_with("503"));
        let well = Snapshot { me: Some(PeerId([7; 32])), ..Snapshot::default() };
        let (line, body) = health(Some(&well));
        assert!(line.starts_with("200") && body.contains("\"status\":\"ok\""), "{body}");
        let full = Snapshot { failing: Some("disk \"full\"".to_owned()), ..well.clone() };
        let (line, body) = health(Some(&full));
        assert!(line.starts_with("503"));
        assert!(
            body.contains("\"status\":\"store-failed\",\"reason\":\"disk \\\"full\\\"\""),
            "{body}"
        );
        assert!(text(&full).contains("aquac_store_failing 1\n"));
        let stopping = Snapshot { stopping: true, ..well };
        assert!(health(Some(&stopping)).0.starts_with("503"));
    }
}
