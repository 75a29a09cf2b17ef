//! Where the peers of a run are: in this process, on a local network that is up, or behind a relay
//! somewhere. And who the client is, so that two runs at once are two clients.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, TryLockError};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;

use aquac_host::{Multiaddr, Purpose, peer_of_seed, read_address};
use aquac_ir::{PeerId, development_seed};

use crate::arguments::RunArguments;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::net::place::{DEFAULT_NAME, Place, open_private};
use crate::net::state::{MAX_CLIENTS, State, clients};
use crate::network::plan::own_peers;
use crate::project::{CLIENT, Project};

/// Everything that is not in this process.
#[derive(Debug)]
pub(crate) struct Elsewhere {
    /// Peers that do not start here, with their addresses as far as they are known.
    pub(crate) peers: BTreeMap<String, Vec<Multiaddr>>,
    /// The client's relay.
    pub(crate) relay: Option<PeerId>,
    /// Where a relay is that the project does not name.
    pub(crate) relay_at: Option<Multiaddr>,
    /// The local network, if it is one.
    pub(crate) net: Option<LocalNet>,
    /// Who starts the run.
    pub(crate) client: Client,
}

/// A local network that was up when the run began.
#[derive(Debug, Clone)]
pub(crate) struct LocalNet {
    /// Where it is.
    pub(crate) place: Place,
    /// What was known of it then.
    pub(crate) state: State,
}

impl LocalNet {
    /// What is known of it now: a peer that was started again is somewhere else. What was known
    /// before, if its file is gone.
    pub(crate) fn now(&self) -> State {
        self.place.read().ok().flatten().unwrap_or_else(|| self.state.clone())
    }
}

/// Who starts a run.
#[derive(Debug)]
pub(crate) struct Client {
    /// What it is called.
    pub(crate) name: String,
    /// Its secret.
    pub(crate) seed: [u8; 32],
    /// Held while the run is this client.
    _held: Option<File>,
}

impl Elsewhere {
    /// What the command line says. Peers of a local network and the client's id are added to the
    /// project.
    pub(crate) fn of(arguments: &RunArguments, project: &mut Project) -> Result<Self, Failure> {
        let mut elsewhere = match (&arguments.net, relay_address(arguments)?) {
            (Some(name), None) => Self::on_net(name, arguments, project)?,
            (None, Some((id, address))) => Self::behind(id, address, project)?,
            (None, None) => Self::at(arguments, project)?,
            (Some(_), Some(_)) => {
                let text = "--relay with an address and --net exclude each other: a network knows where its peers are";
                return Err(Failure::command(text));
            }
        };
        if let Some(file) = &arguments.key {
            let seed = crate::keys::read(file)?;
            elsewhere.client = Client { name: CLIENT.to_owned(), seed, _held: None };
        }
        let Client { name, seed, .. } = &elsewhere.client;
        let id = peer_of_seed(*seed).map_err(|why| Failure::command(why.to_string()))?;
        project.peers.insert(name.clone(), id);
        Ok(elsewhere)
    }

    /// Nothing but what `--at` says is elsewhere.
    fn at(arguments: &RunArguments, project: &Project) -> Result<Self, Failure> {
        let mut peers = BTreeMap::new();
        for text in &arguments.at {
            let (name, address) = named_address(text)?;
            if !project.peers.contains_key(&name) {
                let text = format!("--at {name}=…: aqua.toml has no `[peers.{name}]`");
                return Err(Failure::command(text));
            }
            peers.entry(name).or_insert_with(Vec::new).push(address);
        }
        let client = if peers.is_empty() {
            Client::alone(CLIENT)
        } else {
            Client::of_addresses(&arguments.at)?
        };
        let relay = named_relay(arguments, project)?;
        Ok(Self { peers, relay, relay_at: None, net: None, client })
    }

    /// Everybody is on a local network that is up.
    fn on_net(
        name: &str,
        arguments: &RunArguments,
        project: &mut Project,
    ) -> Result<Self, Failure> {
        let place = net_of(name, project)?;
        let state = place.read_up()?;
        project.add_peers(state.more);
        let mut peers = BTreeMap::new();
        for (name, member) in &state.peers {
            let known = member.addresses.iter().filter_map(|text| text.parse().ok()).collect();
            peers.insert(name.clone(), known);
            project.peers.insert(name.clone(), member.id);
        }
        for (name, _) in own_peers(project) {
            if !peers.contains_key(name) {
                tell!(
                    "note: `{name}` is new in aqua.toml and not on the network; `aquac net down` and `up` start it"
                );
                peers.insert(name.to_owned(), Vec::new());
            }
        }
        let client = Client::free(|name| place.of_client(name))?;
        let relay = named_relay(arguments, project)?;
        Ok(Self { peers, relay, relay_at: None, net: Some(LocalNet { place, state }), client })
    }

    /// Everybody is behind a relay of which only the address is known.
    fn behind(id: PeerId, address: Multiaddr, project: &Project) -> Result<Self, Failure> {
        let mut peers = BTreeMap::new();
        for (name, table) in &project.manifest.peers {
            peers.insert(name.clone(), super::plan::addresses(name, &table.listen)?);
        }
        peers.remove(CLIENT);
        let client = if is_loopback(&address) {
            Client::of_addresses(&[address.to_string()])?
        } else {
            // Everybody has the development keys: beyond this machine they prove nothing.
            let seed = crate::keys::fresh()?;
            Client { name: CLIENT.to_owned(), seed, _held: None }
        };
        Ok(Self { peers, relay: Some(id), relay_at: Some(address), net: None, client })
    }

    /// Whether every peer of the run is in this process, so that quiet means the end.
    pub(crate) fn is_nowhere(&self) -> bool {
        self.peers.is_empty() && self.relay_at.is_none()
    }

    /// Peers elsewhere of which at least one must be there to begin: the relay, or, if no peer
    /// runs here, anybody with an address.
    pub(crate) fn needed(&self, project: &Project, here: usize) -> Vec<PeerId> {
        let known = self.peers.iter().filter(|(_, addresses)| !addresses.is_empty());
        let ids: Vec<PeerId> =
            known.filter_map(|(name, _)| project.peers.get(name)).copied().collect();
        match self.relay {
            Some(relay) if ids.contains(&relay) || self.relay_at.is_some() => vec![relay],
            Some(_) | None if here == 0 => ids,
            Some(_) | None => Vec::new(),
        }
    }

    /// Peers with which the client has no link because a link was cut.
    pub(crate) fn cut(&self) -> BTreeSet<PeerId> {
        let net = self.net.as_ref();
        net.map(|net| net.state.cut_from(CLIENT)).unwrap_or_default()
    }
}

impl Client {
    /// Nobody else can be this client: the network is this process.
    fn alone(name: &str) -> Self {
        Self { name: name.to_owned(), seed: development_seed(name), _held: None }
    }

    /// The client that no other run at these addresses is.
    fn of_addresses(addresses: &[String]) -> Result<Self, Failure> {
        let mut hasher = DefaultHasher::new();
        addresses.iter().collect::<BTreeSet<_>>().hash(&mut hasher);
        let user = rustix::process::getuid().as_raw();
        let folder = std::env::temp_dir().join(format!("aquac-{user}"));
        let network = hasher.finish();
        Self::free(|name| folder.join(format!("{network:016x}-{name}.lock")))
    }

    /// The client that no other run is: `client`, then `client-2` and so on.
    fn free(lock: impl Fn(&str) -> PathBuf) -> Result<Self, Failure> {
        for name in clients() {
            let file = open_private(&lock(&name))?;
            match file.try_lock() {
                Ok(()) => return Ok(Self { _held: Some(file), ..Self::alone(&name) }),
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) => {
                    return Err(Failure::command(format!("cannot lock {name}: {error}")));
                }
            }
        }
        let text = format!("{MAX_CLIENTS} runs are under way on this network");
        Err(Failure::new(Exit::Network, text))
    }
}

/// The network that `--net` names: of the file's project, else of the current folder's. A project
/// that has one network may call it by its own name.
fn net_of(name: &str, project: &Project) -> Result<Place, Failure> {
    let own = Place::below(&project.root, name)?;
    let by_project = project.manifest.project.name.as_deref() == Some(name);
    let mut places = vec![own.clone(), Place::here(name)?];
    if by_project {
        places.push(Place::below(&project.root, DEFAULT_NAME)?);
    }
    for place in places {
        if place.read()?.is_some() {
            return Ok(place);
        }
    }
    Ok(own)
}

/// `--relay`, if it is an address: whose, and without the id.
fn relay_address(arguments: &RunArguments) -> Result<Option<(PeerId, Multiaddr)>, Failure> {
    let Some(text) = arguments.relay.as_ref().filter(|text| text.starts_with('/')) else {
        return Ok(None);
    };
    if !arguments.at.is_empty() || arguments.peers.is_some() {
        let text = "--relay with an address excludes --peers and --at: all peers are behind it";
        return Err(Failure::command(text));
    }
    let bad = |why: &str| Failure::command(format!("--relay {text}: {why}"));
    peer_address(text).map(Some).map_err(|why| bad(&why))
}

/// An address that ends in `/p2p/ID`, in its two parts.
pub(crate) fn peer_address(text: &str) -> Result<(PeerId, Multiaddr), String> {
    let (address, id) = text.rsplit_once("/p2p/").ok_or("it must end in /p2p/ID")?;
    let id = id.parse().map_err(|why| format!("what follows /p2p/ is no peer id: {why}"))?;
    let address = read_address(address, Purpose::Dial).map_err(|why| format!("it {why}"))?;
    Ok((id, address))
}

fn named_relay(arguments: &RunArguments, project: &Project) -> Result<Option<PeerId>, Failure> {
    let Some(name) = arguments.relay.as_ref().or(project.manifest.run.relay.as_ref()) else {
        return Ok(None);
    };
    match project.peers.get(name).filter(|_| name != CLIENT) {
        Some(id) => Ok(Some(*id)),
        None => Err(Failure::command(format!(
            "the relay `{name}` is no peer of the project; add `[peers.{name}]` to aqua.toml, or give an address that ends in /p2p/ID"
        ))),
    }
}

fn named_address(text: &str) -> Result<(String, Multiaddr), Failure> {
    let bad = |why: String| Failure::command(format!("--at {text}: {why}"));
    let (name, address) =
        text.split_once('=').ok_or_else(|| bad("write NAME=ADDRESS".to_owned()))?;
    let address =
        read_address(address, Purpose::Dial).map_err(|why| bad(format!("`{address}` {why}")))?;
    Ok((name.to_owned(), address))
}

/// Whether an address is of this machine.
pub(crate) fn is_loopback(address: &Multiaddr) -> bool {
    let text = address.to_string();
    let own = ["/ip4/127.", "/ip6/::1/", "/dns/localhost/", "/dns4/localhost/", "/dns6/localhost/"];
    own.iter().any(|start| text.starts_with(start)) || text.starts_with("/memory/")
}
