//! When nothing is under way any more among the hosts of one process, found without waiting.
//!
//! Every host says what it does and how many frames it sent and received. If no host does
//! anything, as many frames were received as were sent, and nothing happened on any host while
//! this was asked, then nothing is on its way either: nothing will ever happen again. Where frames
//! were lost with a link, or something waits for a peer that is away, the numbers say nothing, and
//! a lull must do.

use std::time::Duration;

use aquac_host::{Handle, Status};
use futures::future::join_all;
use tokio::time::{Instant, sleep};

/// The first pause between two looks; each is twice the one before.
const FIRST_STEP: Duration = Duration::from_millis(1);
/// The longest.
const LAST_STEP: Duration = Duration::from_millis(20);

/// Waits until nothing is under way among these hosts, which are all of their network. `lull` is
/// how long nothing must have happened where the numbers say nothing.
pub(crate) async fn settled(hosts: &[&Handle], lull: Duration) {
    let mut last = Vec::new();
    let mut since = Instant::now();
    let mut step = FIRST_STEP;
    loop {
        let now = statuses(hosts).await;
        if now.iter().all(Status::is_idle) {
            if nobody_is_away(&now)
                && in_flight(hosts).await == Some(0)
                && statuses(hosts).await == now
            {
                return;
            }
            if now != last {
                since = Instant::now();
            } else if since.elapsed() >= lull {
                return;
            }
        } else {
            since = Instant::now();
        }
        if now != last {
            step = FIRST_STEP;
        }
        last = now;
        sleep(step).await;
        step = (step * 2).min(LAST_STEP);
    }
}

/// A host that has stopped does nothing.
async fn statuses(hosts: &[&Handle]) -> Vec<Status> {
    let asked = join_all(hosts.iter().map(|host| host.status())).await;
    asked.into_iter().map(Option::unwrap_or_default).collect()
}

fn nobody_is_away(statuses: &[Status]) -> bool {
    statuses.iter().all(|status| status.unreached.is_empty())
}

/// Frames that were sent and not received; none if a host does not say.
async fn in_flight(hosts: &[&Handle]) -> Option<i128> {
    let mut frames = 0;
    for counters in join_all(hosts.iter().map(|host| host.counters())).await {
        for link in counters?.links.values() {
            frames += i128::from(link.sent.frames) - i128::from(link.received.frames);
        }
    }
    Some(frames)
}
