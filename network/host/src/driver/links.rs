//! The links of a host: at most one per peer.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aquac_ir::PeerId;
use aquac_peer::Lane;
use libp2p::swarm::{ConnectionId, Stream};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};

use crate::Admission;
use crate::address::AddressBook;
use crate::here::Connected;
use crate::link::behaviour::End;
use crate::link::outbox::Outbox;
use crate::link::pipe::{Arrival, Arrived, Pipe};
use crate::link::table::newer_counts;
use crate::swarm::Command;

/// How often it is looked whether everything is written.
const FLUSH_STEP: Duration = Duration::from_millis(2);

/// How long the rest of a closed connection may take to be read.
const READ_OUT: Duration = Duration::from_millis(500);

/// Why a link goes when its peer stands on a list that was changed.
pub(crate) const NOT_ADMITTED: &str = "this peer is not admitted any more";

/// Why there is no link to a peer, in words.
pub(crate) const DENIED: &str = "links to it are cut here";

struct Link {
    connection: ConnectionId,
    end: End,
    since: Instant,
    outbox: Outbox,
    pipe: Pipe,
}

/// Who can be asked where a peer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Search {
    /// Nobody: what is not in the address book cannot be reached.
    Nobody,
    /// The peers of the table.
    Others,
}

/// What a new connection means.
pub(crate) enum Admitted {
    /// It is the link now.
    New,
    /// It is the link now, in place of another connection.
    Replaced,
    /// It does not count and was closed.
    Refused,
    /// The same, and it was wanted before links to that peer were cut.
    Denied,
}

/// The links, and the dials that are under way.
pub(crate) struct Links {
    me: PeerId,
    up: BTreeMap<PeerId, Link>,
    dialing: BTreeSet<PeerId>,
    /// Peers with which there is no link, whoever wants one.
    denied: BTreeSet<PeerId>,
    book: AddressBook,
    search: Search,
    connected: Connected,
    commands: mpsc::Sender<Command>,
    arrivals: mpsc::Sender<Arrived>,
}

impl Links {
    pub(crate) fn new(
        me: PeerId,
        book: AddressBook,
        search: Search,
        connected: Connected,
        commands: mpsc::Sender<Command>,
        arrivals: mpsc::Sender<Arrived>,
    ) -> Self {
        Self {
            me,
            up: BTreeMap::new(),
            dialing: BTreeSet::new(),
            denied: BTreeSet::new(),
            book,
            search,
            connected,
            commands,
            arrivals,
        }
    }

    /// Asks the swarm for a connection, unless there is one or one is being made. Fails at once
    /// when no address is known and nobody can be asked for one.
    pub(crate) fn dial(&mut self, peer: PeerId) -> Result<(), String> {
        if self.dialing.contains(&peer) || self.up.contains_key(&peer) {
            return Ok(());
        }
        if self.denied.contains(&peer) {
            return Err(DENIED.to_owned());
        }
        let addresses = self.book.of(peer);
        if addresses.is_empty() && self.search == Search::Nobody {
            return Err("no address of it is known".to_owned());
        }
        let command = Command::Dial { peer, addresses };
        self.commands.try_send(command).map_err(|_| "too many dials at once".to_owned())?;
        self.dialing.insert(peer);
        Ok(())
    }

    /// Addresses that a program tells.
    pub(crate) fn learn(&self, peer: PeerId, addresses: Vec<libp2p::Multiaddr>) {
        self.book.learn(peer, addresses);
    }

    /// A dial has failed. False if there is a link, which is what was wanted.
    pub(crate) fn dial_failed(&mut self, peer: PeerId) -> bool {
        self.dialing.remove(&peer) && !self.up.contains_key(&peer)
    }

    /// A connection has its stream.
    pub(crate) fn opened(
        &mut self,
        peer: PeerId,
        connection: ConnectionId,
        end: End,
        stream: Stream,
    ) -> Admitted {
        let wanted = self.dialing.remove(&peer);
        if self.denied.contains(&peer) {
            self.close(connection);
            return if wanted { Admitted::Denied } else { Admitted::Refused };
        }
        let now = Instant::now();
        let old = self.up.get(&peer);
        let counts = old.is_none_or(|old| {
            newer_counts(self.me, peer, now.duration_since(old.since), old.end, end)
        });
        if !counts {
            self.close(connection);
            return Admitted::Refused;
        }
        let outbox = Outbox::default();
        let pipe = Pipe::start(peer, connection, stream, outbox.clone(), self.arrivals.clone());
        let replaced = self.up.insert(peer, Link { connection, end, since: now, outbox, pipe });
        self.connected.up(peer);
        match replaced {
            None => Admitted::New,
            Some(old) => {
                self.close(old.connection);
                Admitted::Replaced
            }
        }
    }

    /// Whether this connection is the link to its peer.
    pub(crate) fn counts(&self, peer: PeerId, connection: ConnectionId) -> bool {
        self.up.get(&peer).is_some_and(|link| link.connection == connection)
    }

    /// A connection is gone. What came over it before is still to be read, so the link is only
    /// dropped when its reader says so, or after [`READ_OUT`].
    pub(crate) fn closing(&self, peer: PeerId, connection: ConnectionId, reason: String) {
        if self.counts(peer, connection) {
            let arrivals = self.arrivals.clone();
            tokio::spawn(async move {
                sleep(READ_OUT).await;
                let arrival = Arrival::Closed(reason);
                let _stopped =
                    arrivals.send(Arrived { peer, connection, arrival, at: Instant::now() }).await;
            });
        }
    }

    /// Forgets a link if this connection is it, and closes the connection.
    pub(crate) fn drop_link(&mut self, peer: PeerId, connection: ConnectionId) -> bool {
        let counts = self.counts(peer, connection);
        if counts {
            self.up.remove(&peer);
            self.connected.down(peer);
            self.close(connection);
        }
        counts
    }

    /// From now on there are no links with these peers, and with all others there may be. Gives
    /// the links that are there and must go.
    pub(crate) fn deny(&mut self, peers: BTreeSet<PeerId>) -> Vec<(PeerId, ConnectionId)> {
        self.denied = peers;
        let up = self.up.iter().filter(|(peer, _)| self.denied.contains(peer));
        up.map(|(peer, link)| (*peer, link.connection)).collect()
    }

    /// Links with peers that are not admitted any more, which must go.
    pub(crate) fn unwelcome(&self, admission: &Admission) -> Vec<(PeerId, ConnectionId)> {
        let up = self.up.iter().filter(|(peer, _)| !admission.admits(**peer));
        up.map(|(peer, link)| (*peer, link.connection)).collect()
    }

    /// Peers with which there is no link.
    pub(crate) const fn denied(&self) -> &BTreeSet<PeerId> {
        &self.denied
    }

    /// Queues a frame. Gives the connection back that is closed because it is overfull; a frame
    /// for a link that is down is gone, as the peer will hear.
    pub(crate) fn send(
        &mut self,
        to: PeerId,
        lane: Lane,
        frame: &[u8],
    ) -> Result<(), ConnectionId> {
        let Some(link) = self.up.get(&to) else { return Ok(()) };
        link.outbox.push(lane, frame).map_err(|_overfull| link.connection)
    }

    /// Bytes that the transport has not taken yet.
    pub(crate) fn unsent(&self) -> usize {
        self.up.values().map(|link| link.outbox.waiting()).sum()
    }

    /// Dials whose outcome is not known yet.
    pub(crate) fn dialing(&self) -> usize {
        self.dialing.len()
    }

    /// How many are up.
    pub(crate) fn count(&self) -> usize {
        self.up.len()
    }

    /// The connection that is the link to this peer.
    pub(crate) fn connection(&self, peer: PeerId) -> Option<ConnectionId> {
        self.up.get(&peer).map(|link| link.connection)
    }

    /// Whether there is a link to this peer.
    pub(crate) fn is_up(&self, peer: PeerId) -> bool {
        self.up.contains_key(&peer)
    }

    /// Lets the links write what waits, for so long at most.
    pub(crate) async fn flush(&self, most: Duration) {
        for link in self.up.values() {
            link.outbox.close();
        }
        let all_written = async {
            while !self.up.values().all(|link| link.pipe.has_written()) {
                sleep(FLUSH_STEP).await;
            }
        };
        let _too_slow = tokio::time::timeout(most, all_written).await;
    }

    /// A full queue is no harm: nothing is done with a connection that does not count.
    fn close(&self, connection: ConnectionId) {
        let _full = self.commands.try_send(Command::Close(connection));
    }
}
