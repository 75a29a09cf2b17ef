//! `aquac run` and `aquac peer`: what can be said to them.

use std::path::PathBuf;

use clap::Args;

use super::SourceArguments;
use crate::log::{Level, LogFormat};

/// The most peers that `--peers` adds.
pub(super) const MAX_PEERS: i64 = 200;

#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    /// The source file
    pub(crate) file: PathBuf,
    /// What to call, for instance 'greet("Ada", 3)'
    #[arg(short = 'f', long = "function", value_name = "CALL")]
    pub(crate) call: Option<String>,
    /// Values for names in the call: a JSON object, or @FILE
    #[arg(long, value_name = "JSON|@FILE")]
    pub(crate) data: Option<String>,
    /// How long the particle lives, for instance 15s
    #[arg(long, value_name = "TIME")]
    pub(crate) ttl: Option<String>,
    /// Start N development peers more, `peer1` to `peerN`; programs see them as PEER1 …
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=MAX_PEERS), conflicts_with = "net", help_heading = "Network")]
    pub(crate) peers: Option<u32>,
    /// Talk to the peers of a local network that is up, see `aquac net`
    #[arg(long, value_name = "NAME", conflicts_with = "at", help_heading = "Network")]
    pub(crate) net: Option<String>,
    /// The client's relay, which is its HOST_PEER_ID: a peer of the project, or an address that
    /// ends in /p2p/ID; then no peer is started here
    #[arg(long, value_name = "PEER|MULTIADDR", help_heading = "Network")]
    pub(crate) relay: Option<String>,
    /// Talk to a peer that runs elsewhere instead of starting it; may be said again
    #[arg(long = "at", value_name = "NAME=ADDRESS", help_heading = "Network")]
    pub(crate) at: Vec<String>,
    /// Start the run with the key in this file, see `aquac key new`
    #[arg(long, value_name = "FILE", help_heading = "Network")]
    pub(crate) key: Option<PathBuf>,
    /// Draw who talked to whom, as a Mermaid sequence diagram; `-` prints it
    #[arg(long, value_name = "FILE|-", help_heading = "What is told")]
    pub(crate) diagram: Option<PathBuf>,
    /// Say what each peer counted: calls, turns, bytes, what was dropped
    #[arg(long, help_heading = "What is told")]
    pub(crate) stats: bool,
    /// Write everything that happens, one JSON object a line; `-` prints it
    #[arg(long, value_name = "FILE|-", help_heading = "What is told")]
    pub(crate) trace: Option<PathBuf>,
    /// Write the receipt: what the run proves, for `aquac receipt`
    #[arg(long, value_name = "FILE", help_heading = "What is told")]
    pub(crate) receipt: Option<PathBuf>,
    /// Run again whenever a source or aqua.toml changes, until interrupted
    #[arg(long, help_heading = "What is told")]
    pub(crate) watch: bool,
    #[command(flatten)]
    pub(crate) sources: SourceArguments,
}

#[derive(Debug, Args)]
pub(crate) struct PeerArguments {
    /// The peer's own table, as a file
    #[arg(long, value_name = "FILE")]
    pub(crate) config: PathBuf,
    /// Say whether the file is right, print what it means with all defaults, and end
    #[arg(long)]
    pub(crate) check: bool,
    /// How much is said on standard error: off, error, warn, info, debug or trace
    #[arg(long, value_enum, value_name = "LEVEL", hide_possible_values = true)]
    pub(crate) log: Option<Level>,
    /// How it is said: text, or json for one object a line
    #[arg(long, value_enum, value_name = "FORMAT", hide_possible_values = true)]
    pub(crate) log_format: Option<LogFormat>,
}
