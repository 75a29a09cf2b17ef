//! `aquac net` and `aquac key`: what can be said to them.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::examples;
use super::run::MAX_PEERS;

#[derive(Debug, Args)]
pub(crate) struct NetArguments {
    /// Which network, where a project has several
    #[arg(long, value_name = "NAME", default_value = "local", global = true)]
    pub(crate) name: String,
    #[command(subcommand)]
    pub(crate) command: NetCommand,
}

/// What to do with a local network.
#[derive(Debug, Subcommand)]
pub(crate) enum NetCommand {
    /// Start a process for each peer of aqua.toml, and what `[[process]]` names
    #[command(after_help = examples::NET_UP)]
    Up {
        /// Start N development peers more, `peer1` to `peerN`; programs see them as PEER1 …
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=MAX_PEERS))]
        peers: Option<u32>,
    },
    /// List the peers: what runs, where, and which links are cut
    #[command(after_help = examples::NET_PS)]
    Ps {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Print what happened, of all peers in the order of time, or of one
    #[command(after_help = examples::NET_LOGS)]
    Logs {
        /// Only this peer
        peer: Option<String>,
        /// Only this run: its id, or the beginning of it
        #[arg(long, value_name = "ID")]
        particle: Option<String>,
        /// Go on with what happens from now on, until the network is down
        #[arg(short, long)]
        follow: bool,
        /// As JSON lines, see `aquac run --trace`
        #[arg(long)]
        json: bool,
    },
    /// Cut the link between two peers; `client` is who starts runs
    #[command(after_help = examples::NET_CUT)]
    Cut {
        /// One end
        #[arg(value_name = "A")]
        one: String,
        /// The other
        #[arg(value_name = "B")]
        other: String,
    },
    /// Heal every cut, or the one between two peers
    #[command(after_help = examples::NET_CUT)]
    Heal {
        /// One end
        #[arg(value_name = "A", requires = "other")]
        one: Option<String>,
        /// The other
        #[arg(value_name = "B")]
        other: Option<String>,
    },
    /// Stop a peer; what it was given, it keeps
    #[command(after_help = examples::NET_STOP)]
    Stop {
        /// Which
        peer: String,
    },
    /// Start a peer that was stopped, or that died, where it was
    #[command(after_help = examples::NET_STOP)]
    Start {
        /// Which
        peer: String,
    },
    /// Stop everything; logs stay until the next `up`
    #[command(after_help = examples::NET_UP)]
    Down,
    /// Be one peer of a local network
    #[command(hide = true)]
    Member {
        /// The network's folder
        folder: PathBuf,
        /// The peer
        peer: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct KeyArguments {
    #[command(subcommand)]
    pub(crate) command: KeyCommand,
}

/// What to do with keys.
#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// Make a key of random bytes, and print the id of its peer
    #[command(after_help = examples::KEY)]
    New {
        /// A name, for a key of the project, or the path of a new file
        #[arg(value_name = "NAME|FILE")]
        key: String,
    },
    /// Print the id of a key's peer; never the secret
    #[command(after_help = examples::KEY)]
    Show {
        /// A name, of a key of the project, or the path of a key file
        #[arg(value_name = "NAME|FILE")]
        key: String,
    },
    /// List the keys of the project with the ids of their peers
    #[command(after_help = examples::KEY)]
    List,
}
