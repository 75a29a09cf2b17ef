//! When nothing is under way any more in the hosts of one process: a program that has not
//! returned by then never will, and is told so at once instead of at its deadline.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::handle::{Handle, Status};

/// How often the hosts are asked.
const STEP: Duration = Duration::from_millis(20);

/// Waits until nothing has happened in any of these hosts for `lull`, and nothing is under way
/// in any. The lull covers what the hosts cannot see: frames between them. Gives their last
/// status, in order; never ends while a call runs, however slow it is.
///
/// Only sensible where all peers of a run are among the hosts.
pub async fn quiet(hosts: &[&Handle], lull: Duration) -> Vec<Status> {
    let mut last = Vec::new();
    let mut since = Instant::now();
    loop {
        let mut all = Vec::with_capacity(hosts.len());
        for host in hosts {
            // A host that has stopped does nothing.
            all.push(host.status().await.unwrap_or_default());
        }
        if all != last || !all.iter().all(Status::is_idle) {
            since = Instant::now();
        } else if since.elapsed() >= lull {
            return all;
        }
        last = all;
        sleep(STEP).await;
    }
}
