//! What is known of a local network: `net.json` in its folder.
//!
//! Only commands write it, one at a time (see [`Place::lock`]); the processes of the peers read it
//! when they start and when they are told that it has changed.
//!
//! [`Place::lock`]: super::place::Place::lock

use std::collections::{BTreeMap, BTreeSet};

use aquac_ir::PeerId;
use serde::{Deserialize, Serialize};

use crate::project::CLIENT;

/// The form of the file. Another one is not read.
pub(crate) const SCHEMA: &str = "aquac.net/1";

/// Runs of one network that can go on at once, each as a client of its own.
pub(crate) const MAX_CLIENTS: u32 = 64;

/// What the clients of a network are called: `client`, then `client-2` and so on.
pub(crate) fn clients() -> impl Iterator<Item = String> {
    let more = (2..=MAX_CLIENTS).map(|number| format!("{CLIENT}-{number}"));
    [CLIENT.to_owned()].into_iter().chain(more)
}

/// The whole file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct State {
    /// [`SCHEMA`].
    pub(crate) schema: String,
    /// Who knows it may command the peers. The file is for its owner only.
    pub(crate) token: String,
    /// Peers beside those of `aqua.toml`: `--peers`.
    pub(crate) more: u32,
    /// By name.
    pub(crate) peers: BTreeMap<String, Member>,
    /// Process ids of what `[[process]]` names, by name.
    pub(crate) processes: BTreeMap<String, u32>,
    /// Pairs of peers without a link between them.
    pub(crate) cuts: BTreeSet<Pair>,
}

/// One peer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Member {
    /// Its id.
    pub(crate) id: PeerId,
    /// Its process; none if it was stopped.
    pub(crate) pid: Option<u32>,
    /// The port on loopback where it takes commands.
    pub(crate) control: u16,
    /// Where it can be dialled; nowhere behind a relay.
    pub(crate) addresses: Vec<String>,
}

/// Two names, the smaller first, so that a pair is one pair.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Pair(pub(crate) String, pub(crate) String);

impl Pair {
    /// The pair of these two, in whatever order.
    pub(crate) fn of(one: &str, other: &str) -> Self {
        let (first, second) = if one <= other { (one, other) } else { (other, one) };
        Self(first.to_owned(), second.to_owned())
    }

    /// The other one, if this is one of them.
    fn beside(&self, name: &str) -> Option<&str> {
        match (self.0 == name, self.1 == name) {
            (true, _) => Some(&self.1),
            (false, true) => Some(&self.0),
            (false, false) => None,
        }
    }
}

impl State {
    /// Nobody yet.
    pub(crate) fn new(token: String, more: u32) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            token,
            more,
            peers: BTreeMap::new(),
            processes: BTreeMap::new(),
            cuts: BTreeSet::new(),
        }
    }

    /// The id of a peer; of `client` the ids of all clients that can be at once.
    fn ids(&self, name: &str) -> Vec<PeerId> {
        match self.peers.get(name) {
            Some(member) => vec![member.id],
            None if name == CLIENT => {
                clients().map(|name| crate::keys::development_peer(&name)).collect()
            }
            None => Vec::new(),
        }
    }

    /// Those with whom this one has no link.
    pub(crate) fn cut_from(&self, name: &str) -> BTreeSet<PeerId> {
        let others = self.cuts.iter().filter_map(|pair| pair.beside(name));
        others.flat_map(|other| self.ids(other)).collect()
    }

    /// Every name that a command may mean.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.peers.keys().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(name: &str) -> Member {
        let id = crate::keys::development_peer(name);
        Member { id, pid: Some(1), control: 2, addresses: vec!["/ip4/127.0.0.1/tcp/3".to_owned()] }
    }

    #[test]
    fn a_cut_holds_for_both_ends_in_whatever_order_it_was_asked_for() {
        let mut state = State::new("t".to_owned(), 0);
        for name in ["bank", "telco"] {
            state.peers.insert(name.to_owned(), member(name));
        }
        state.cuts.extend([Pair::of("telco", "bank"), Pair::of("bank", "telco")]);
        state.cuts.insert(Pair::of("client", "telco"));
        assert_eq!(state.cuts.len(), 2);
        assert_eq!(state.cut_from("bank"), BTreeSet::from([member("telco").id]));
        let of_telco = state.cut_from("telco");
        for name in ["bank", "client", "client-2"] {
            assert!(of_telco.contains(&crate::keys::development_peer(name)), "{name}");
        }
        assert_eq!(of_telco.len(), 1 + MAX_CLIENTS as usize);
        assert_eq!(state.cut_from(CLIENT), BTreeSet::from([member("telco").id]));
        assert_eq!(state.cut_from("relay"), BTreeSet::new());
    }

    #[test]
    fn what_is_written_is_read() {
        let mut state = State::new("t".to_owned(), 3);
        state.peers.insert("bank".to_owned(), member("bank"));
        state.cuts.insert(Pair::of("bank", "client"));
        let text = serde_json::to_string(&state).unwrap();
        assert_eq!(serde_json::from_str::<State>(&text).unwrap(), state);
    }
}
