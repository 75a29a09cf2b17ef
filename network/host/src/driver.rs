//! The loop that drives a peer: what happens outside becomes its inputs, its outputs happen
//! outside. One task per host; nothing in it waits for the network or a service.

pub(crate) mod calls;
pub(crate) mod connecting;
pub(crate) mod kept;
pub(crate) mod links;
#[cfg(test)]
mod links_on_loopback;
#[cfg(test)]
mod mallory;
#[cfg(test)]
mod mallory_frames;
#[cfg(test)]
mod mallory_on_loopback;
#[cfg(test)]
mod mallory_particles;
#[cfg(test)]
mod mallory_scene;
#[cfg(test)]
#[allow(dead_code, reason = "it is that of the other tests")]
#[path = "../tests/hosts/program.rs"]
mod program;
pub(crate) mod runs;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use aquac_ir::PeerId;
use aquac_peer::{Attempt, BatchId, Input, Output, Peer, Report, Start};
use libp2p::Multiaddr;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use self::calls::{Answered, Calls};
use self::connecting::Connecting;
use self::kept::KeptLinks;
use self::links::{Admitted, DENIED, Links, NOT_ADMITTED};
use self::runs::{Ended, Runs, Started};
use crate::clock;
use crate::counters::{Counters, Histogram};
use crate::event::{Event, Observed, Observer};
use crate::handle::{Request, Status};
use crate::link::behaviour::End;
use crate::link::pipe::{self, Arrival, Arrived};
use crate::metrics::Snapshot;
use crate::policy::Denials;
use crate::store::writer::Writer;
use crate::swarm::Happening;
use crate::swarm::door::Guests;
use crate::{Admission, Job, StopReason};

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
    Stored(BatchId),
    Asked(Request),
    Tick,
    /// A link that is kept up is to be dialled.
    Redial,
    End(StopReason),
}

/// Waits until then, or for ever.
async fn at(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => std::future::pending().await,
    }
}

/// Everything that the loop owns.
pub(crate) struct Driver {
    pub(crate) me: PeerId,
    pub(crate) peer: Peer,
    pub(crate) links: Links,
    /// The swarm's task.
    pub(crate) network: JoinHandle<()>,
    pub(crate) kept: KeptLinks,
    pub(crate) calls: Calls,
    pub(crate) writer: Writer,
    pub(crate) observer: Option<Observer>,
    pub(crate) counters: Counters,
    pub(crate) denied: Denials,
    /// Who is admitted, for the swarm as well.
    pub(crate) guests: Guests,
    pub(crate) began: Instant,
    /// Programs that wait for links.
    pub(crate) connecting: Connecting,
    /// Who waits for the runs that began here.
    pub(crate) runs: Runs,
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
            if let Next::End(reason) = next {
                break reason;
            }
            self.take(next);
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
        let (redial, overdue) = (at(self.kept.due()), at(self.stop_by));
        tokio::select! {
            Some(arrived) = sources.arrivals.recv() => Next::Arrived(arrived),
            Some(happening) = sources.happenings.recv() => Next::Happened(happening),
            answered = self.calls.next() => Next::Answered(answered),
            stored = self.writer.stored() => {
                stored.map_or(Next::End(StopReason::StoreFailed), Next::Stored)
            }
            // Without requests nobody holds the host any more.
            request = sources.requests.recv() => {
                request.map_or(Next::End(StopReason::Finished), Next::Asked)
            }
            () = sleep(wait) => Next::Tick,
            () = redial => Next::Redial,
            () = overdue => Next::End(StopReason::Overdue),
        }
    }

    fn take(&mut self, next: Next) {
        match next {
            Next::Arrived(arrived) => self.arrived(arrived),
            Next::Happened(happening) => self.network_changed(happening),
            Next::Answered(answered) => self.answered(answered),
            Next::Stored(batch) => self.handle(Input::Stored { batch }),
            Next::Asked(request) => self.asked(request),
            // Time passes without anything happening.
            Next::Tick => self.peer.handle(clock::now(), Input::Tick),
            Next::Redial => {
                let due = self.kept.take_due(Instant::now());
                due.into_iter().for_each(|peer| self.dial(peer));
            }
            Next::End(_) => {}
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

    fn arrived(&mut self, Arrived { peer, connection, arrival, at }: Arrived) {
        self.counters.waited.time(at.elapsed());
        match arrival {
            // What still comes over a connection that does not count will come again.
            Arrival::Frame(bytes) if self.links.counts(peer, connection) => {
                self.counters.frame_received(peer, bytes.len());
                self.handle(Input::Frame { from: peer, bytes });
            }
            Arrival::Frame(_) => {}
            Arrival::Closed(reason) => self.lost(peer, connection, reason),
            Arrival::Broken(error) => {
                if self.links.counts(peer, connection) {
                    let (reason, from) = (pipe::reason_of(&error), Some(peer));
                    let detail = error.to_string();
                    self.reported(Report::Dropped { reason, particle: None, from, detail });
                }
                self.lost(peer, connection, error.to_string());
            }
        }
    }

    fn lost(&mut self, peer: PeerId, connection: libp2p::swarm::ConnectionId, reason: String) {
        if self.links.drop_link(peer, connection) {
            self.counters.links_down += 1;
            self.observe(Event::LinkDown { peer, reason });
            self.kept.down(peer, Instant::now());
            self.handle(Input::Disconnected { peer });
        }
    }

    fn network_changed(&mut self, happening: Happening) {
        match happening {
            Happening::Opened { peer, connection, end, stream } => {
                match self.links.opened(peer, connection, end, stream) {
                    Admitted::Refused => return,
                    Admitted::Denied => return self.dial_failed(peer, DENIED.to_owned()),
                    Admitted::New => {}
                    Admitted::Replaced => self.handle(Input::Disconnected { peer }),
                }
                self.counters.links_up += 1;
                self.observe(Event::LinkUp { peer });
                self.kept.up(peer);
                self.connecting.settled(peer, true);
                self.handle(Input::Connected { peer });
            }
            Happening::Closed { peer, connection, reason } => {
                self.links.closing(peer, connection, reason);
            }
            Happening::DialFailed { peer, reason } => {
                if self.links.dial_failed(peer) {
                    self.dial_failed(peer, reason);
                }
            }
            Happening::Established { end: End::Dialer, took } => self.counters.dialled.time(took),
            Happening::Established { end: End::Listener, took } => {
                self.counters.accepted.time(took);
            }
            Happening::TurnedAway { why } => {
                *self.counters.turned_away.entry(why).or_default() += 1;
            }
        }
    }

    fn dial_failed(&mut self, peer: PeerId, reason: String) {
        self.counters.dials_failed += 1;
        self.connecting.settled(peer, false);
        self.observe(Event::DialFailed { peer, reason });
        self.kept.down(peer, Instant::now());
        // Not counted as happening: a peer that is away fails again and again.
        self.peer.handle(clock::now(), Input::DialFailed { peer });
    }

    fn answered(&mut self, Answered { node, program, call, result, took }: Answered) {
        self.counters.answered(&call.service, result.is_err(), took);
        let (particle, key) = (call.particle, call.key);
        if self.observer.is_some() {
            self.observe(Event::Answered { node, program, call, result: result.clone(), took });
        }
        self.handle(Input::Answer { particle, key, result });
    }

    fn asked(&mut self, request: Request) {
        match request {
            Request::Run { job, started, ended } => self.run_job(job, started, ended),
            Request::Begin { start, started, ended } => self.begin_run(*start, started, ended),
            Request::Standing(particle, reply) => {
                let _gave_up = reply.send(self.peer.standing(&particle));
            }
            Request::Receipt(particle, reply) => {
                let _gave_up = reply.send(self.peer.receipt(&particle));
            }
            Request::Status(reply) => {
                let _gave_up = reply.send(self.status());
            }
            Request::Counters(reply) => {
                let _gave_up = reply.send(self.counters.clone());
            }
            Request::Snapshot(reply) => {
                let _gave_up = reply.send(Box::new(self.snapshot()));
            }
            Request::Connect { peer, addresses, reply } => {
                self.links.learn(peer, addresses);
                if peer == self.me || self.links.is_up(peer) {
                    let _gave_up = reply.send(true);
                } else {
                    self.connecting.wait(peer, reply);
                    self.dial(peer);
                }
            }
            Request::Deny(peers, reply) => {
                self.deny(peers);
                let _gave_up = reply.send(());
            }
            Request::Admit(admission, reply) => {
                self.admit(admission);
                let _gave_up = reply.send(());
            }
            Request::Limits(limits) => self.handle(Input::Limits(limits)),
            Request::Stop { within } => {
                self.stop_by.get_or_insert_with(|| Instant::now() + within);
                self.handle(Input::Shutdown);
            }
        }
    }

    /// Cuts the links to these peers, and dials at once those that are wanted and not denied any
    /// more.
    fn deny(&mut self, peers: BTreeSet<PeerId>) {
        let before = self.links.denied().clone();
        for (peer, connection) in self.links.deny(peers) {
            self.lost(peer, connection, DENIED.to_owned());
        }
        let wanted = self.kept.peers().into_iter().chain(self.peer.neighbours_wanted());
        let allowed = |peer: &PeerId| before.contains(peer) && !self.links.denied().contains(peer);
        for peer in wanted.filter(allowed).collect::<BTreeSet<_>>() {
            self.dial(peer);
        }
    }

    /// Cuts the links to peers that are not admitted any more, and dials those that are wanted.
    fn admit(&mut self, admission: Admission) {
        let unwelcome = self.links.unwelcome(&admission);
        self.guests.replace(admission);
        for (peer, connection) in unwelcome {
            self.lost(peer, connection, NOT_ADMITTED.to_owned());
        }
        let wanted = self.kept.peers().into_iter().chain(self.peer.neighbours_wanted());
        for peer in wanted.filter(|peer| self.guests.admits(*peer)).collect::<BTreeSet<_>>() {
            self.dial(peer);
        }
    }

    fn run_job(&mut self, job: Job, started: Started, ended: Ended) {
        match job.draft(&self.peer) {
            Ok(start) => self.begin_run(start, started, ended),
            Err(problem) => {
                let _gave_up = started.send(Err(problem.into()));
            }
        }
    }

    fn begin_run(&mut self, start: Start, started: Started, ended: Ended) {
        let particle = start.header.header.id();
        self.handle(Input::Start(Box::new(start)));
        if self.peer.run(&particle).is_some() {
            self.runs.taken(particle, started, ended);
        } else {
            self.runs.not_taken(particle, started);
        }
    }

    fn status(&self) -> Status {
        let activity = self.peer.activity();
        let (reached, unreached) =
            self.peer.parcels().partition(|(peer, _)| self.links.is_up(*peer));
        Status {
            happened: self.happened,
            calls: activity.calls.max(self.calls.len()),
            unsent_bytes: self.links.unsent(),
            unfinished: activity.unfinished > 0 || !self.writer.is_idle(),
            dialing: self.links.dialing(),
            unacknowledged: reached,
            unreached,
        }
    }

    fn snapshot(&self) -> Snapshot {
        Snapshot {
            me: Some(self.me),
            counters: self.counters.clone(),
            status: self.status(),
            links: self.links.count(),
            particles: self.peer.particles().len(),
            denied: self.denied.count(),
            stored: self.writer.so_far().stored(),
            failing: self.writer.so_far().failing(),
            up: self.began.elapsed(),
            stopping: self.stop_by.is_some(),
        }
    }

    /// Says where it listens, and connects to these, and to those to which there shall always be
    /// a link, without being asked.
    pub(crate) fn begin(&mut self, addresses: &[Multiaddr], peers: Vec<PeerId>) {
        for address in addresses {
            self.observe(Event::Listening { address: address.clone() });
        }
        let kept = self.kept.peers();
        kept.into_iter().chain(peers).for_each(|peer| self.dial(peer));
    }

    /// Does what the peer wants done. Gives a reason if that is to stop.
    async fn perform_all(&mut self) -> Option<StopReason> {
        while let Some(output) = self.peer.poll() {
            if let Some(reason) = self.perform(output).await {
                return Some(reason);
            }
        }
        None
    }

    async fn perform(&mut self, output: Output) -> Option<StopReason> {
        match output {
            Output::Store(batch) => {
                if !self.writer.write(batch).await {
                    return Some(StopReason::StoreFailed);
                }
            }
            Output::Ended => return Some(StopReason::Finished),
            Output::Send { to, lane, bytes } => {
                self.counters.frame_sent(to, bytes.len());
                if let Err(connection) = self.links.send(to, lane, &bytes) {
                    self.lost(to, connection, "too much waits to be sent".to_owned());
                }
            }
            Output::Dial { peer } => self.dial(peer),
            Output::HangUp { peer } => {
                if let Some(connection) = self.links.connection(peer) {
                    self.lost(peer, connection, "it sent too much that is malformed".to_owned());
                }
            }
            Output::Call { node, attempt, call } => {
                let call = Arc::new(*call);
                self.counters.called(&call.service);
                self.counters.repeated_calls += u64::from(attempt == Attempt::Again);
                let program = self.peer.run(&call.particle).map(|run| run.header().header.program);
                self.observe(Event::Called { node, attempt, program, call: call.clone() });
                self.calls.start(node, program, call);
            }
            Output::Cancel { key, .. } => {
                self.counters.cancelled_calls += u64::from(self.calls.cancel(key));
            }
            Output::Finished { particle, ending } => {
                self.observe(Event::Finished { particle, ending: ending.clone() });
                self.runs.ended(particle, ending);
            }
            Output::Report(report) => self.reported(report),
        }
        None
    }

    fn dial(&mut self, peer: PeerId) {
        if let Err(reason) = self.links.dial(peer) {
            self.dial_failed(peer, reason);
        }
    }

    fn reported(&mut self, report: Report) {
        self.counters.report(&report);
        self.measure(&report);
        if let Report::Dropped { particle: Some(particle), reason, detail, .. } = &report {
            self.runs.dropped(*particle, *reason, detail);
        }
        tracing::debug!(peer = %self.me, ?report);
        self.observe(Event::Report(report));
    }

    /// What a report says about time, as far as the run lives here.
    fn measure(&mut self, report: &Report) {
        let (Report::Sent { particle, .. } | Report::Received { particle, .. }) = report else {
            return;
        };
        let Some(header) = self.peer.run(particle).map(|run| run.header().clone()) else { return };
        let (header, now) = (&header.header, clock::now());
        if matches!(report, Report::Received { .. }) {
            let age = now.since(aquac_peer::Time(header.issued_at));
            self.counters.age.add(&Histogram::MILLISECONDS, age);
            self.counters.came_from(header.initiator);
        } else {
            let left = aquac_peer::Time(header.deadline()).since(now);
            self.counters.left.add(&Histogram::MILLISECONDS, left);
        }
    }

    async fn end(self, reason: StopReason) -> StopReason {
        let Self { writer, observer, me, links, network, .. } = self;
        links.flush(FLUSH).await;
        // The swarm closes its connections when nobody commands it any more.
        drop(links);
        let _too_slow = timeout(FLUSH, network).await;
        if let Err(failure) = writer.finish().await
            && let Some(observer) = observer
        {
            observer(Observed { host: me, at: clock::now(), event: Event::StoreFailed(failure) });
        }
        reason
    }
}
