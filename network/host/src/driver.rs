//! The loop that drives a peer: what happens outside becomes its inputs, its outputs happen
//! outside. One task per host; nothing in it waits for the network or a service.

pub(crate) mod calls;
pub(crate) mod links;
#[cfg(test)]
mod links_on_loopback;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use aquac_ir::{ParticleId, PeerId};
use aquac_peer::{BatchId, Ending, Input, Output, Peer, Report};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep, sleep_until};

use self::calls::{Answered, Calls};
use self::links::{Admitted, Links};
use crate::clock;
use crate::counters::Counters;
use crate::event::{Event, Observed, Observer};
use crate::handle::{Request, Status};
use crate::link::pipe::{Arrival, Arrived};
use crate::store::writer::Writer;
use crate::swarm::Happening;
use crate::{StopReason, job};

/// Frames that are taken in before the outputs are looked at, so that one signature and one
/// transaction can serve many.
const MAX_TOGETHER: usize = 64;
/// How long a host that stops lets its links write.
const FLUSH: Duration = Duration::from_secs(1);
/// How long to wait when the peer has no deadline of its own.
const NO_DEADLINE: Duration = Duration::from_secs(3600);

/// Where inputs come from.
pub(crate) struct Sources {
    pub(crate) arrivals: mpsc::Receiver<Arrived>,
    pub(crate) happenings: mpsc::Receiver<Happening>,
    pub(crate) requests: mpsc::Receiver<Request>,
}

/// One input, still in the words of its source.
enum Next {
    Arrived(Arrived),
    Happened(Happening),
    Answered(Answered),
    /// `None`: the store has failed.
    Stored(Option<BatchId>),
    Asked(Request),
    Tick,
    /// A stop took longer than it may.
    Overdue,
    /// Nobody holds the host any more.
    Abandoned,
}

/// Everything that the loop owns.
pub(crate) struct Driver {
    pub(crate) me: PeerId,
    pub(crate) peer: Peer,
    pub(crate) links: Links,
    pub(crate) calls: Calls,
    pub(crate) writer: Writer,
    pub(crate) observer: Option<Observer>,
    pub(crate) counters: Counters,
    /// Who waits for the runs that began here.
    pub(crate) runs: BTreeMap<ParticleId, oneshot::Sender<Ending>>,
    /// How often something happened: see [`crate::quiet`].
    pub(crate) happened: u64,
    /// When a stop must be over.
    pub(crate) stop_by: Option<Instant>,
}

impl Driver {
    /// Runs until the host is told to stop and has nothing left to do, or its store fails.
    pub(crate) async fn run(mut self, mut sources: Sources) -> StopReason {
        let reason = loop {
            if let Some(reason) = self.perform_all().await {
                break reason;
            }
            let next = self.next(&mut sources).await;
            match next {
                Next::Stored(None) => break StopReason::StoreFailed,
                Next::Overdue => break StopReason::Overdue,
                Next::Abandoned => break StopReason::Finished,
                next => self.take(next),
            }
            for _ in 0..MAX_TOGETHER {
                let Ok(arrived) = sources.arrivals.try_recv() else { break };
                self.arrived(arrived);
            }
        };
        self.end(reason).await
    }

    async fn next(&mut self, sources: &mut Sources) -> Next {
        let wait = match self.peer.deadline() {
            Some(deadline) => Duration::from_millis(deadline.since(clock::now())),
            None => NO_DEADLINE,
        };
        let stop_by = self.stop_by;
        let overdue = async {
            match stop_by {
                Some(end) => sleep_until(end).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            Some(arrived) = sources.arrivals.recv() => Next::Arrived(arrived),
            Some(happening) = sources.happenings.recv() => Next::Happened(happening),
            answered = self.calls.next() => Next::Answered(answered),
            stored = self.writer.stored() => Next::Stored(stored),
            request = sources.requests.recv() => request.map_or(Next::Abandoned, Next::Asked),
            () = sleep(wait) => Next::Tick,
            () = overdue => Next::Overdue,
        }
    }

    fn take(&mut self, next: Next) {
        match next {
            Next::Arrived(arrived) => self.arrived(arrived),
            Next::Happened(happening) => self.network_changed(happening),
            Next::Answered(answered) => self.answered(answered),
            Next::Stored(Some(batch)) => self.handle(Input::Stored { batch }),
            Next::Asked(request) => self.asked(request),
            // Time passes without anything happening.
            Next::Tick => self.peer.handle(clock::now(), Input::Tick),
            Next::Stored(None) | Next::Overdue | Next::Abandoned => {}
        }
    }

    fn handle(&mut self, input: Input) {
        self.happened += 1;
        self.peer.handle(clock::now(), input);
    }

    fn observe(&self, event: Event) {
        if let Some(observer) = &self.observer {
            observer(Observed { host: self.me, at: clock::now(), event });
        }
    }

    fn arrived(&mut self, Arrived { peer, connection, arrival }: Arrived) {
        match arrival {
            // What still comes over a connection that does not count will come again.
            Arrival::Frame(bytes) if self.links.counts(peer, connection) => {
                self.counters.frame_received(peer, bytes.len());
                self.handle(Input::Frame { from: peer, bytes });
            }
            Arrival::Frame(_) => {}
            Arrival::Closed(reason) => self.lost(peer, connection, reason),
        }
    }

    fn lost(&mut self, peer: PeerId, connection: libp2p::swarm::ConnectionId, reason: String) {
        if self.links.drop_link(peer, connection) {
            self.observe(Event::LinkDown { peer, reason });
            self.handle(Input::Disconnected { peer });
        }
    }

    fn network_changed(&mut self, happening: Happening) {
        match happening {
            Happening::Opened { peer, connection, end, stream } => {
                match self.links.opened(peer, connection, end, stream) {
                    Admitted::Refused => return,
                    Admitted::New => {}
                    Admitted::Replaced => self.handle(Input::Disconnected { peer }),
                }
                self.observe(Event::LinkUp { peer });
                self.handle(Input::Connected { peer });
            }
            Happening::Closed { peer, connection, reason } => self.lost(peer, connection, reason),
            Happening::DialFailed { peer, reason } => {
                if self.links.dial_failed(peer) {
                    self.dial_failed(peer, reason);
                }
            }
        }
    }

    fn dial_failed(&mut self, peer: PeerId, reason: String) {
        self.observe(Event::DialFailed { peer, reason });
        self.handle(Input::DialFailed { peer });
    }

    fn answered(&mut self, Answered { call, result, took }: Answered) {
        self.counters.failed_calls += u64::from(result.is_err());
        let (particle, key) = (call.particle, call.key);
        if self.observer.is_some() {
            self.observe(Event::Answered { call, result: result.clone(), took });
        }
        self.handle(Input::Answer { particle, key, result });
    }

    fn asked(&mut self, request: Request) {
        match request {
            Request::Run { job, started, ended } => match job::start(&mut self.peer, job) {
                Ok(start) => {
                    let particle = start.header.header.id();
                    self.runs.insert(particle, ended);
                    let _gave_up = started.send(Ok(particle));
                    self.handle(Input::Start(start));
                }
                Err(problem) => {
                    let _gave_up = started.send(Err(problem));
                }
            },
            Request::Status(reply) => {
                let _gave_up = reply.send(self.status());
            }
            Request::Counters(reply) => {
                let _gave_up = reply.send(self.counters.clone());
            }
            #[expect(clippy::disallowed_methods, reason = "a stop is bounded in real time")]
            Request::Stop { within } => {
                self.stop_by.get_or_insert_with(|| Instant::now() + within);
                self.handle(Input::Shutdown);
            }
        }
    }

    fn status(&self) -> Status {
        Status {
            happened: self.happened,
            calls: self.calls.len(),
            unsent_bytes: self.links.unsent(),
            storing: !self.writer.is_idle(),
            dialing: self.links.dialing(),
        }
    }

    /// Does what the peer wants done. Gives a reason if that is to stop.
    async fn perform_all(&mut self) -> Option<StopReason> {
        while let Some(output) = self.peer.poll() {
            match output {
                Output::Store(batch) => {
                    if !self.writer.write(batch).await {
                        return Some(StopReason::StoreFailed);
                    }
                }
                Output::Ended => return Some(StopReason::Finished),
                output => self.perform(output),
            }
        }
        None
    }

    fn perform(&mut self, output: Output) {
        match output {
            Output::Send { to, lane, bytes } => {
                self.counters.frame_sent(to, bytes.len());
                if let Err(connection) = self.links.send(to, lane, &bytes) {
                    self.lost(to, connection, "too much waits to be sent".to_owned());
                }
            }
            Output::Dial { peer } => {
                if let Err(reason) = self.links.dial(peer) {
                    self.dial_failed(peer, reason);
                }
            }
            Output::Call { node, call } => {
                let call = Arc::new(*call);
                self.counters.calls += 1;
                self.observe(Event::Called { node, call: call.clone() });
                self.calls.start(call);
            }
            Output::Cancel { key, .. } => self.calls.cancel(key),
            Output::Finished { particle, ending } => {
                self.observe(Event::Finished { particle, ending: ending.clone() });
                if let Some(run) = self.runs.remove(&particle) {
                    let _gave_up = run.send(ending);
                }
            }
            Output::Report(report) => self.reported(report),
            Output::Store(_) | Output::Ended => {}
        }
    }

    fn reported(&mut self, report: Report) {
        self.counters.report(&report);
        tracing::debug!(peer = %self.me, ?report);
        self.observe(Event::Report(report));
    }

    async fn end(self, reason: StopReason) -> StopReason {
        self.links.flush(FLUSH).await;
        let Self { writer, observer, me, .. } = self;
        if let Err(failure) = writer.finish().await
            && let Some(observer) = observer
        {
            observer(Observed { host: me, at: clock::now(), event: Event::StoreFailed(failure) });
        }
        reason
    }
}
