//! What the rest of a process holds of a running host.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;

use aquac_ir::{ParticleId, PeerId};
use aquac_peer::vm::{Receipt, Standing};
use aquac_peer::{Ending, PeerLimits, Policy, Start};
use libp2p::Multiaddr;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::counters::Counters;
use crate::driver::runs::{Ended, Started};
use crate::job::Job;
use crate::metrics::Snapshot;
use crate::monitor::Server;
use crate::policy::Replaceable;
use crate::{Admission, RunError, StopReason};

/// What a host that is told to stop may take beyond what it is given, to close its links.
const FAREWELL: Duration = Duration::from_secs(3);

/// What a host is asked.
pub(crate) enum Request {
    Run {
        job: Job,
        started: Started,
        ended: Ended,
    },
    Begin {
        start: Box<Start>,
        started: Started,
        ended: Ended,
    },
    Standing(ParticleId, oneshot::Sender<Standing>),
    Receipt(ParticleId, oneshot::Sender<Option<Receipt>>),
    Status(oneshot::Sender<Status>),
    Counters(oneshot::Sender<Counters>),
    Snapshot(oneshot::Sender<Box<Snapshot>>),
    /// Asked by a program, through the builtin `peer.connect`.
    Connect {
        peer: PeerId,
        addresses: Vec<Multiaddr>,
        reply: oneshot::Sender<bool>,
    },
    Deny(BTreeSet<PeerId>, oneshot::Sender<()>),
    Admit(Admission, oneshot::Sender<()>),
    Limits(Box<PeerLimits>),
    Stop {
        within: Duration,
    },
}

/// What is under way in a host.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Status {
    /// How often something happened so far: a frame, an answer, a start. Timers that change
    /// nothing do not count.
    pub happened: u64,
    /// Calls that services have not answered.
    pub calls: usize,
    /// Bytes that the transport has not taken yet.
    pub unsent_bytes: usize,
    /// Whether something is not on disk yet, or a run has not made all its steps.
    pub unfinished: bool,
    /// Dials whose outcome is not known.
    pub dialing: usize,
    /// Parcels that a neighbour with a link has not acknowledged, by neighbour.
    pub unacknowledged: Vec<(PeerId, usize)>,
    /// Parcels for neighbours that cannot be reached now. They are tried again, but nothing is
    /// under way.
    pub unreached: Vec<(PeerId, usize)>,
}

impl Status {
    /// Whether nothing is under way here. Frames may still be on their way to or from others.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        let Self { happened: _, calls, unsent_bytes, unfinished, .. } = self;
        let busy = *calls > 0 || *unsent_bytes > 0 || *unfinished;
        !busy && self.dialing == 0 && self.unacknowledged.is_empty()
    }
}

/// A running host. Dropping it stops the host without waiting for anything, as a crash would;
/// see [`Handle::stop`].
#[derive(Debug)]
pub struct Handle {
    pub(crate) peer: PeerId,
    pub(crate) addresses: Vec<Multiaddr>,
    pub(crate) requests: mpsc::Sender<Request>,
    pub(crate) driver: JoinHandle<StopReason>,
    pub(crate) monitor: Option<Server>,
    pub(crate) policy: Replaceable,
}

/// A run that has begun.
#[derive(Debug)]
pub struct Running {
    /// Its id.
    pub particle: ParticleId,
    ended: oneshot::Receiver<Ending>,
}

impl Running {
    /// Waits for its end, which comes at its deadline at the latest.
    ///
    /// # Errors
    ///
    /// [`RunError::Stopped`] if the host stops first. The run itself may go on elsewhere.
    pub async fn ended(&mut self) -> Result<Ending, RunError> {
        (&mut self.ended).await.map_err(|_| RunError::Stopped)
    }
}

impl Handle {
    /// The host's peer.
    #[must_use]
    pub fn peer(&self) -> PeerId {
        self.peer
    }

    /// Where it listens, with the ports that the system chose.
    #[must_use]
    pub fn addresses(&self) -> &[Multiaddr] {
        &self.addresses
    }

    /// Where it tells its metrics and its health, if it does.
    #[must_use]
    pub fn monitor(&self) -> Option<SocketAddr> {
        self.monitor.as_ref().map(|server| server.address)
    }

    /// Begins a run here: this peer is its initiator.
    ///
    /// # Errors
    ///
    /// [`RunError`] if the job makes no particle, or the host has stopped.
    pub async fn run(&self, job: Job) -> Result<Running, RunError> {
        self.request_run(|started, ended| Request::Run { job, started, ended }).await
    }

    /// Begins a run whose header this peer has signed elsewhere, for instance in a simulation that
    /// is to be compared.
    ///
    /// # Errors
    ///
    /// As [`Handle::run`].
    pub async fn begin(&self, start: Start) -> Result<Running, RunError> {
        let start = Box::new(start);
        self.request_run(|started, ended| Request::Begin { start, started, ended }).await
    }

    async fn request_run(
        &self,
        request: impl FnOnce(Started, Ended) -> Request,
    ) -> Result<Running, RunError> {
        let (started, starts) = oneshot::channel();
        let (end, ended) = oneshot::channel();
        self.requests.send(request(started, end)).await.map_err(|_| RunError::Stopped)?;
        let particle = starts.await.map_err(|_| RunError::Stopped)??;
        Ok(Running { particle, ended })
    }

    /// How a run stands, as this peer sees it; nothing if it does not know the run.
    pub async fn standing(&self, particle: ParticleId) -> Standing {
        let (reply, answer) = oneshot::channel();
        let asked = self.requests.send(Request::Standing(particle, reply)).await;
        if asked.is_err() {
            return Standing::default();
        }
        answer.await.unwrap_or_default()
    }

    /// The receipt of a run that began here, as far as its turns have arrived; `None` when the
    /// run is not known any more, or the host has stopped.
    pub async fn receipt(&self, particle: ParticleId) -> Option<Receipt> {
        let (reply, answer) = oneshot::channel();
        self.requests.send(Request::Receipt(particle, reply)).await.ok()?;
        answer.await.ok()?
    }

    /// What is under way; `None` when the host has stopped.
    pub async fn status(&self) -> Option<Status> {
        let (reply, answer) = oneshot::channel();
        self.requests.send(Request::Status(reply)).await.ok()?;
        answer.await.ok()
    }

    /// What was counted so far; `None` when the host has stopped.
    pub async fn counters(&self) -> Option<Counters> {
        let (reply, answer) = oneshot::channel();
        self.requests.send(Request::Counters(reply)).await.ok()?;
        answer.await.ok()
    }

    /// From now on there are no links with these peers, and with all others there may be: links
    /// that are up are cut, dials fail, and connections of theirs are closed. Returns when that
    /// holds here.
    pub async fn deny(&self, peers: BTreeSet<PeerId>) {
        let (reply, answer) = oneshot::channel();
        if self.requests.send(Request::Deny(peers, reply)).await.is_ok() {
            let _stopped = answer.await;
        }
    }

    /// From now on these peers are admitted and no others: links with others are cut, and their
    /// connections are refused. Returns when that holds here.
    pub async fn admit(&self, admission: Admission) {
        let (reply, answer) = oneshot::channel();
        if self.requests.send(Request::Admit(admission, reply)).await.is_ok() {
            let _stopped = answer.await;
        }
    }

    /// From now on the peer takes so much; what is over a bound already stays.
    pub async fn set_limits(&self, limits: PeerLimits) {
        let _stopped_already = self.requests.send(Request::Limits(Box::new(limits))).await;
    }

    /// From the next call on, this says who may call what.
    pub fn set_policy(&self, policy: Box<dyn Policy + Send>) {
        self.policy.replace(policy);
    }

    /// Takes nothing new, finishes what runs, says why it ended. After `within` it ends anyway.
    pub async fn stop(mut self, within: Duration) -> StopReason {
        let ended = async {
            let _stopped_already = self.requests.send(Request::Stop { within }).await;
            (&mut self.driver).await.unwrap_or(StopReason::Crashed)
        };
        // A host that waits for its store hears nothing.
        timeout(within + FAREWELL, ended).await.unwrap_or(StopReason::Overdue)
    }

    /// Waits until the host ends by itself: its store is damaged.
    pub async fn wait(&mut self) -> StopReason {
        (&mut self.driver).await.unwrap_or(StopReason::Crashed)
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.driver.abort();
    }
}
