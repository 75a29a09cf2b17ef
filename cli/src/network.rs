//! The network of a run: hosts on loopback in this process, one for each peer that is not
//! elsewhere, and the client.

pub(crate) mod elsewhere;
pub(crate) mod plan;
mod settled;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aquac_host::{AddressBook, Config, Counters, Event, Handle, Observed, Observer};
use aquac_ir::{ParticleId, PeerId};
use aquac_peer::Report;
use futures::future::join_all;
use tokio::time::{Instant, sleep};

use self::elsewhere::{Elsewhere, LocalNet};
use self::plan::{Plan, add_strangers, distinct};
use self::settled::settled;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::net::control::{self, Ask, NoAnswer, Reply, Working};
use crate::net::state::State;

use crate::progress::Progress;
use crate::project::{CLIENT, Project};
use crate::verdict::Known;
use crate::waiting::{View, failures, together};

/// Peers of this network refuse particles of any other.
pub(crate) const NETWORK: &str = "local";

/// Things that are kept of what happened; a run that does more loses the rest of its diagram.
const MAX_OBSERVED: usize = 100_000;

/// How long peers that run elsewhere may take to be reached.
const REACH_WITHIN: Duration = Duration::from_secs(5);

/// How often it is looked whether one is.
const ASK_EVERY: Duration = Duration::from_millis(2);

/// Running peers, the client among them.
#[derive(Debug)]
pub(crate) struct Network {
    hosts: Vec<(String, Handle)>,
    client: Handle,
    observed: Arc<Mutex<Vec<Observed>>>,
    net: Option<LocalNet>,
}

/// What the peers of a local network say of themselves.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Heard {
    /// Those who answered.
    pub(crate) working: BTreeMap<PeerId, Working>,
    /// Those who did not.
    pub(crate) silent: Vec<PeerId>,
}

impl Heard {
    /// Whether everybody said that nothing is under way, and nothing waits for anybody.
    pub(crate) fn is_quiet(&self) -> bool {
        let quiet = |working: &Working| working.idle && working.unreached.is_empty();
        self.silent.is_empty() && self.working.values().all(quiet)
    }
}

impl Network {
    /// Starts every peer of the project that does not run elsewhere, and the client.
    pub(crate) async fn start(
        plan: &Plan<'_>,
        elsewhere: &Elsewhere,
        watcher: Option<Observer>,
        progress: &Arc<Progress>,
    ) -> Result<Self, Failure> {
        let book = address_book(plan.project, elsewhere)?;
        let observed = Arc::new(Mutex::new(Vec::new()));
        let observer = keep(Arc::clone(&observed), watcher);
        let mut hosts = Vec::new();
        for (name, table) in plan.here(elsewhere) {
            let config = plan.passing(name, table, &book, observer.clone())?;
            hosts.push((name.to_owned(), start(name, config).await?));
        }
        let config = plan.client(elsewhere, &book, observer, progress)?;
        let client = start(CLIENT, config).await?;
        let needed = elsewhere.needed(plan.project, hosts.len());
        let network = Self { hosts, client, observed, net: elsewhere.net.clone() };
        network.reach(&needed, plan.project).await?;
        Ok(network)
    }

    /// Waits for a link to one of these peers. If none can be dialled, that is the whole answer.
    async fn reach(&self, needed: &[PeerId], project: &Project) -> Result<(), Failure> {
        let me = self.client.peer();
        let until = Instant::now() + REACH_WITHIN;
        let mut failures: BTreeMap<PeerId, String> = BTreeMap::new();
        while !needed.is_empty() {
            for happened in self.observed().into_iter().filter(|happened| happened.host == me) {
                if let Event::LinkUp { peer } = happened.event
                    && needed.contains(&peer)
                {
                    return Ok(());
                }
                if let Event::DialFailed { peer, reason } = happened.event
                    && needed.contains(&peer)
                {
                    failures.insert(peer, reason);
                }
            }
            if failures.len() == needed.len() || Instant::now() >= until {
                return Err(unreachable(needed, &failures, project));
            }
            sleep(ASK_EVERY).await;
        }
        Ok(())
    }

    /// The peer that starts runs.
    pub(crate) const fn client(&self) -> &Handle {
        &self.client
    }

    /// Waits until nothing is under way on any peer of this process; where that cannot be counted,
    /// until nothing has happened for so long.
    pub(crate) async fn quiet(&self, lull: Duration) {
        let all: Vec<&Handle> = self.all().map(|(_, host)| host).collect();
        settled(&all, lull).await;
    }

    fn all(&self) -> impl Iterator<Item = (&str, &Handle)> {
        let hosts = self.hosts.iter().map(|(name, host)| (name.as_str(), host));
        hosts.chain([(CLIENT, &self.client)])
    }

    /// What each host of this process counted, by the peer's name.
    pub(crate) async fn counters(&self) -> Vec<(String, Counters)> {
        let mut all = Vec::new();
        for (name, host) in self.all() {
            all.push((name.to_owned(), host.counters().await.unwrap_or_default()));
        }
        all
    }

    /// Asks the peers of the local network, and the hosts of this process.
    pub(crate) async fn hear(&self) -> Heard {
        let mut heard = Heard::default();
        for (id, answer) in self.ask(Ask::Status).await {
            match answer {
                Ok(Reply::Status(working)) => {
                    heard.working.insert(id, working);
                }
                Ok(Reply::Done | Reply::Waiting(_) | Reply::Refused(_))
                | Err(NoAnswer::Gone | NoAnswer::Silent | NoAnswer::Refused(_)) => {
                    heard.silent.push(id);
                }
            }
        }
        for (_, host) in self.all() {
            let status = host.status().await.unwrap_or_default();
            heard.working.insert(host.peer(), Working::from(&status));
        }
        heard
    }

    /// Asks each peer of the local network, if it is one, where it is now.
    async fn ask(&self, ask: Ask) -> Vec<(PeerId, Result<Reply, NoAnswer>)> {
        let Some(State { token, peers, .. }) = self.net.as_ref().map(LocalNet::now) else {
            return Vec::new();
        };
        let token = &token;
        let asked = peers
            .values()
            .map(|member| async move { (member.id, control::ask(member, token, ask).await) });
        join_all(asked).await
    }

    /// Whether every peer can be asked how it is: a local network has no others.
    pub(crate) const fn is_asked(&self) -> bool {
        self.net.is_some()
    }

    /// Why those for whom something waits cannot be reached, if that is so since the beginning and
    /// nothing was given to anybody elsewhere, who could still do something.
    pub(crate) async fn out_of_reach(&self) -> Option<BTreeMap<PeerId, String>> {
        let here: Vec<PeerId> = self.all().map(|(_, host)| host.peer()).collect();
        let mut waiting = Vec::new();
        for (_, host) in self.all() {
            let status = host.status().await?;
            if !status.is_idle() {
                return None;
            }
            waiting.extend(status.unreached.into_iter().map(|(peer, _)| peer));
        }
        let mut reasons = BTreeMap::new();
        for happened in self.observed() {
            if let Event::LinkUp { peer } = happened.event {
                if waiting.contains(&peer) {
                    return None;
                }
            } else if let Event::Report(Report::Sent { to, .. }) = happened.event {
                if !here.contains(&to) {
                    return None;
                }
            } else if let Event::DialFailed { peer, reason } = happened.event {
                reasons.insert(peer, reason);
            }
        }
        let all = !waiting.is_empty() && waiting.iter().all(|peer| reasons.contains_key(peer));
        reasons.retain(|peer, _| waiting.contains(peer));
        all.then_some(reasons)
    }

    /// What each peer knows of a run, as far as it can be asked.
    pub(crate) async fn views(&self, particle: ParticleId) -> Vec<View> {
        let mut views = Vec::new();
        for (_, host) in self.all() {
            views.push(View::new(host.peer(), &host.standing(particle).await));
        }
        for (peer, answer) in self.ask(Ask::Waiting(particle)).await {
            if let Ok(Reply::Waiting(view)) = answer {
                views.push(View { peer, ..view });
            }
        }
        views
    }

    /// What is known of a run that gives no result, with what its peers know of it.
    pub(crate) async fn known(&self, views: &[View]) -> Known {
        let heard = self.hear().await;
        let unreached = heard.working.into_values().flat_map(|working| working.unreached);
        let unreached = distinct(unreached);
        let silent = heard.silent.into_iter().filter(|peer| !unreached.contains(peer)).collect();
        Known { waiting: together(views), failed: failures(views), unreached, silent }
    }

    /// What happened so far, in the order in which it was seen.
    pub(crate) fn observed(&self) -> Vec<Observed> {
        self.observed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Stops every peer of this process.
    pub(crate) async fn stop(self, within: Duration) {
        let hosts = self.hosts.into_iter().map(|(_, host)| host).chain([self.client]);
        join_all(hosts.map(|host| host.stop(within))).await;
    }
}

fn unreachable(
    needed: &[PeerId],
    failures: &BTreeMap<PeerId, String>,
    project: &Project,
) -> Failure {
    let lines = needed.iter().map(|peer| {
        let reason = failures.get(peer).map_or("it does not answer", String::as_str);
        format!("\n  {}: {reason}", project.name(*peer))
    });
    let text = format!("cannot reach the network{}", lines.collect::<String>());
    Failure::new(Exit::Network, text)
}

fn address_book(project: &Project, elsewhere: &Elsewhere) -> Result<AddressBook, Failure> {
    let book = AddressBook::default();
    for (name, addresses) in &elsewhere.peers {
        if let Some(id) = project.peers.get(name) {
            book.add(*id, addresses.iter().cloned());
        }
    }
    if let (Some(relay), Some(address)) = (elsewhere.relay, &elsewhere.relay_at) {
        book.add(relay, [address.clone()]);
    }
    add_strangers(&book, project)?;
    Ok(book)
}

async fn start(name: &str, config: Config) -> Result<Handle, Failure> {
    aquac_host::start(config)
        .await
        .map_err(|error| Failure::new(Exit::Network, format!("the peer {name}: {error}")))
}

fn keep(observed: Arc<Mutex<Vec<Observed>>>, watcher: Option<Observer>) -> Observer {
    Arc::new(move |happened| {
        if let Some(watcher) = &watcher {
            watcher(happened.clone());
        }
        let mut kept = observed.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < MAX_OBSERVED {
            kept.push(happened);
        }
    })
}
