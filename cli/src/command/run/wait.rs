//! Waiting for the end of a run, and never in silence: when nothing is under way any more it is
//! over at once, and who cannot be reached is said as soon as it is known.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use aquac_host::{Event, Observed, Running};
use aquac_ir::{ParticleId, PeerId};
use aquac_peer::{Ending, Report};
use aquac_services::config::Period;
use tokio::time::{Instant, sleep, timeout};

use crate::network::{Heard, Network};
use crate::output::counted;
use crate::progress::{PATIENCE, Progress, STEP};
use crate::project::Project;
use crate::waiting::View;

/// Nothing happened anywhere for this long and nothing is under way: it is over. Must cover
/// frames between hosts.
pub(super) const LULL: Duration = Duration::from_millis(120);

/// How often the peers of a local network are asked.
const ASK_EVERY: Duration = Duration::from_millis(50);

/// How long a peer may be away before that is said.
const AWAY: Duration = Duration::from_millis(500);

/// Who was away so long ago is away: at the deadline nothing waits for it any more.
const LATELY: Duration = Duration::from_secs(1);

/// So long before the deadline the peers are asked what they wait for.
const SHORTLY: Duration = Duration::from_millis(60);

/// How long after the deadline the client itself may take to say that it is over.
const OVERDUE: Duration = Duration::from_secs(2);

/// How a run ended, and who was away then or before.
pub(super) struct Waited {
    /// How it ended.
    pub(super) end: End,
    /// Peers for whom something waited, or who could not be asked.
    pub(super) away: Vec<PeerId>,
    /// What each peer knew shortly before the deadline, after which they forget it.
    pub(super) views: Vec<View>,
}

/// When peers were away last.
#[derive(Debug, Default)]
struct Missed(BTreeMap<PeerId, Instant>);

impl Missed {
    /// Those who were away until now, or until the deadline ended their waiting.
    fn lately(self) -> Vec<PeerId> {
        let lately = self.0.into_iter().filter(|(_, seen)| seen.elapsed() < LATELY);
        lately.map(|(peer, _)| peer).collect()
    }
}

/// How a run ended, as the client sees it.
pub(super) enum End {
    /// The client was told.
    Said(Ending),
    /// Nothing is under way any more, and the client was told nothing.
    Quiet,
    /// Everything waits for these, and no one of them could be dialled even once.
    OutOfReach(BTreeMap<PeerId, String>),
}

/// What is waited for.
pub(super) struct Patience<'a> {
    /// The peers.
    pub(super) network: &'a Network,
    /// Their names.
    pub(super) project: &'a Project,
    /// Whether every peer is in this process, so that quiet means the end.
    pub(super) all_here: bool,
    /// How long the particle lives.
    pub(super) ttl: Period,
}

impl Patience<'_> {
    /// Waits for the end.
    pub(super) async fn wait(&self, running: &mut Running, progress: &Progress) -> Waited {
        let begun = Instant::now();
        let missed = Mutex::new(Missed::default());
        let views = Mutex::new(Vec::new());
        let particle = running.particle;
        let mut end = tokio::select! {
            biased;
            ending = running.ended() => match ending {
                Ok(ending) => End::Said(ending),
                Err(_) => End::Quiet,
            },
            end = self.quiet(progress, &missed) => end,
            () = self.show(progress), if progress.is_seen() => End::Quiet,
            () = self.look(particle, &views) => End::Quiet,
        };
        // The deadline makes the others quiet as well, perhaps before the client has noticed it.
        let late = begun.elapsed() >= self.ttl.duration();
        if late
            && matches!(end, End::Quiet)
            && let Ok(Ok(ending)) = timeout(OVERDUE, running.ended()).await
        {
            end = End::Said(ending);
        }
        let missed = missed.into_inner().unwrap_or_else(PoisonError::into_inner);
        let views = views.into_inner().unwrap_or_else(PoisonError::into_inner);
        Waited { end, away: missed.lately(), views }
    }

    async fn quiet(&self, progress: &Progress, missed: &Mutex<Missed>) -> End {
        if self.all_here {
            self.network.quiet(LULL).await;
            End::Quiet
        } else {
            self.remote_quiet(progress, missed).await
        }
    }

    /// Until every peer of a local network says that nothing is under way, and nothing has
    /// happened for a while. Where somebody cannot be asked, or something waits for a peer that
    /// is away and may come back, until the deadline; unless it never was there, and nobody who
    /// cannot be asked was given anything to do.
    async fn remote_quiet(&self, progress: &Progress, missed: &Mutex<Missed>) -> End {
        let begun = Instant::now();
        let until = begun + self.ttl.duration() + OVERDUE;
        let (mut last, mut since) = (Heard::default(), begun);
        let mut away_since = None;
        while Instant::now() < until {
            sleep(ASK_EVERY).await;
            let heard = self.network.hear().await;
            let away = away(&heard);
            let asked_all = self.network.is_asked();
            if !asked_all
                && heard == last
                && since.elapsed() >= LULL
                && let Some(reasons) = self.network.out_of_reach().await
            {
                return End::OutOfReach(reasons);
            }
            if away.is_empty() {
                away_since = None;
            } else if away_since.get_or_insert_with(Instant::now).elapsed() >= AWAY {
                self.say_away(&away, missed, progress);
            }
            let quiet = heard.is_quiet() || (!asked_all && !away.is_empty());
            if !quiet || heard != last {
                since = Instant::now();
            } else if asked_all && since.elapsed() >= LULL {
                return End::Quiet;
            }
            last = heard;
        }
        End::Quiet
    }

    /// Says once of every peer that it is waited for.
    fn say_away(&self, away: &[PeerId], missed: &Mutex<Missed>, progress: &Progress) {
        let mut missed = missed.lock().unwrap_or_else(PoisonError::into_inner);
        for peer in away.iter().filter(|peer| missed.0.insert(**peer, Instant::now()).is_none()) {
            let name = self.project.name(*peer);
            let seconds = self.ttl.millis().div_ceil(1000);
            progress.say(&format!(
                "note: `{name}` cannot be reached; what is for it waits until the deadline ({seconds} s)"
            ));
        }
    }

    /// Asks the peers what they wait for, shortly before the deadline. Never ends.
    async fn look(&self, particle: ParticleId, views: &Mutex<Vec<View>>) {
        sleep(self.ttl.duration().saturating_sub(SHORTLY)).await;
        let seen = self.network.views(particle).await;
        *views.lock().unwrap_or_else(PoisonError::into_inner) = seen;
        std::future::pending().await
    }

    /// What happens, on a terminal. Never ends.
    async fn show(&self, progress: &Progress) {
        let begun = Instant::now();
        sleep(PATIENCE).await;
        loop {
            let line = doing(&self.network.observed(), self.project, begun.elapsed());
            progress.show(&line);
            sleep(STEP).await;
        }
    }
}

fn away(heard: &Heard) -> Vec<PeerId> {
    let unreached = heard.working.values().flat_map(|working| working.unreached.iter().copied());
    unreached.chain(heard.silent.iter().copied()).collect::<BTreeSet<_>>().into_iter().collect()
}

/// One line: how far the run is, and which calls are not answered.
fn doing(observed: &[Observed], project: &Project, since: Duration) -> String {
    let mut hops = 0;
    let mut open: Vec<String> = Vec::new();
    for happened in observed {
        let asked = |call: &aquac_ir::Call| {
            format!("{}.{} on {}", call.service, call.function, project.name(happened.host))
        };
        if let Event::Report(Report::Sent { .. }) = &happened.event {
            hops += 1;
        } else if let Event::Called { call, .. } = &happened.event {
            open.push(asked(call));
        } else if let Event::Answered { call, .. } = &happened.event
            && let Some(at) = open.iter().position(|one| *one == asked(call))
        {
            open.remove(at);
        }
    }
    let waits = match open.as_slice() {
        [] => String::new(),
        [one] => format!(", waits for {one}"),
        [first, more @ ..] => format!(", waits for {first} and {} more", more.len()),
    };
    format!("running {:.1} s, {}{waits}", since.as_secs_f64(), counted(hops, "hop"))
}
