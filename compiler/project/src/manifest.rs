//! `aqua.toml`: what a project is made of, which peers it has and what runs beside them.
//!
//! Every field that is not known is an error with its place, because a misspelt `timeout` that is
//! silently ignored is found at midnight.

use std::collections::BTreeMap;

use aquac_base::{Code, Diagnostic, SourceId, Span};
use aquac_ir::Value;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// A whole `aqua.toml`. `S` is how a service is described, `A` how a permission, `D` how a
/// duration is written; `aquac-services` defines them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[serde(bound = "S: DeserializeOwned, A: DeserializeOwned, D: DeserializeOwned")]
pub struct Manifest<S, A, D> {
    /// `[project]`
    #[serde(default)]
    pub project: ProjectTable,
    /// `[peers.NAME]`, sorted by name.
    #[serde(default = "BTreeMap::new")]
    pub peers: BTreeMap<String, PeerTable<S, A>>,
    /// `[[process]]`
    #[serde(default)]
    pub process: Vec<ProcessTable>,
    /// `[run]`
    #[serde(default = "RunTable::default")]
    pub run: RunTable<D>,
}

impl<S, A, D> Default for Manifest<S, A, D> {
    fn default() -> Self {
        Self {
            project: ProjectTable::default(),
            peers: BTreeMap::new(),
            process: Vec::new(),
            run: RunTable::default(),
        }
    }
}

/// `[project]`: where the sources are and what they may refer to.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProjectTable {
    /// What people call it.
    pub name: Option<String>,
    /// The folder of the sources, below the manifest's.
    pub src: String,
    /// Further folders in which imports are looked up, below the manifest's.
    pub imports: Vec<String>,
    /// Constants that every module sees.
    pub constants: BTreeMap<String, Value>,
}

impl Default for ProjectTable {
    fn default() -> Self {
        Self { name: None, src: "src".to_owned(), imports: Vec::new(), constants: BTreeMap::new() }
    }
}

/// `[peers.NAME]`: one participant. Every module gets its id as a constant, `bank` as `BANK`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[serde(bound = "S: DeserializeOwned, A: DeserializeOwned")]
pub struct PeerTable<S, A> {
    /// Its id, if it is not the development peer of that name.
    pub id: Option<String>,
    /// Addresses on which it listens.
    #[serde(default)]
    pub listen: Vec<String>,
    /// The peer through which it is reached, if it cannot be dialled: then it does not listen.
    pub relay: Option<String>,
    /// `[[peers.NAME.service]]`
    #[serde(default = "Vec::new")]
    pub service: Vec<S>,
    /// `[[peers.NAME.allow]]`
    #[serde(default = "Vec::new")]
    pub allow: Vec<A>,
}

/// `[[process]]`: what a run starts and stops beside the peers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProcessTable {
    /// What messages call it.
    pub name: String,
    /// The program and its arguments. It starts in the manifest's folder.
    pub command: Vec<String>,
    /// A URL that answers with 200 when it is ready.
    pub ready: Option<String>,
}

/// `[run]`: how `aquac run` starts a program of this project.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[serde(bound = "D: DeserializeOwned")]
pub struct RunTable<D> {
    /// How long a particle lives.
    pub ttl: Option<D>,
    /// The client's relay, by name.
    pub relay: Option<String>,
}

impl<D> Default for RunTable<D> {
    fn default() -> Self {
        Self { ttl: None, relay: None }
    }
}

/// What `aquac peer --config` reads: one peer's table at the top, and what only a peer that runs
/// by itself needs. What stands in the tables is the business of who runs it: services, rules,
/// network, limits and metrics.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[serde(
    bound = "S: DeserializeOwned, A: DeserializeOwned, N: DeserializeOwned + Default, L: DeserializeOwned + Default, M: DeserializeOwned"
)]
pub struct PeerManifest<S, A, N, L, M> {
    /// What logs call it; with `dev`, also what its key is derived from.
    pub name: String,
    /// Whether its key is the development key of its name, which everybody knows.
    #[serde(default)]
    pub dev: bool,
    /// The file with its secret key.
    pub key_file: Option<String>,
    /// Where it stores; in memory only if absent.
    pub data_dir: Option<String>,
    /// Addresses on which it listens.
    #[serde(default)]
    pub listen: Vec<String>,
    /// A folder of programs with their debug tables, which give the steps in logs their lines.
    pub programs: Option<String>,
    /// Addresses of other peers, each ending in `/p2p/ID`.
    #[serde(default)]
    pub bootstrap: Vec<String>,
    /// The id of the peer through which it is reached, if it cannot be dialled.
    pub relay: Option<String>,
    /// `[network]`
    #[serde(default)]
    pub network: N,
    /// `[limits]`
    #[serde(default)]
    pub limits: L,
    /// Where it tells its metrics and its health.
    pub metrics: Option<M>,
    /// `[[service]]`
    #[serde(default = "Vec::new")]
    pub service: Vec<S>,
    /// `[[allow]]`
    #[serde(default = "Vec::new")]
    pub allow: Vec<A>,
}

/// The manifest cannot be read.
const BAD_MANIFEST: Code = Code("AQ0810");

/// Reads the text of an `aqua.toml` as a [`Manifest`], or of a peer's file as a [`PeerManifest`].
///
/// # Errors
///
/// One diagnostic with the place of the first thing that is wrong.
pub fn read_manifest<T: DeserializeOwned>(
    source: SourceId,
    text: &str,
) -> Result<T, Box<Diagnostic>> {
    toml::from_str(text).map_err(|error| {
        let bytes = error.span().unwrap_or(0..0);
        let at = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        let span = Span::new(source, at(bytes.start), at(bytes.end));
        let (headline, hint) = explain(error.message());
        let diagnostic = Diagnostic::error(BAD_MANIFEST, headline, span, "here");
        Box::new(match hint {
            Some(hint) => diagnostic.with_help(hint),
            None => diagnostic,
        })
    })
}

/// serde lists the known fields in the message itself; they make a better second line.
fn explain(message: &str) -> (String, Option<String>) {
    let message = message.trim().replace('\n', ", ");
    match message.split_once(", expected ") {
        Some((headline, expected)) if headline.starts_with("unknown ") => {
            let meant = headline.split('`').nth(1).and_then(|written| {
                aquac_base::did_you_mean(written, expected.split('`').skip(1).step_by(2))
            });
            let meant = meant.map(|meant| format!("did you mean `{meant}`? "));
            (headline.to_owned(), Some(format!("{}expected {expected}", meant.unwrap_or_default())))
        }
        Some(_) | None => (message, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Manifest<toml::Table, toml::Table, String>, String> {
        read_manifest(SourceId(0), text).map_err(|diagnostic| {
            let span = diagnostic.primary.map(|label| (label.span.start, label.span.end));
            format!("{} {span:?} {:?}", diagnostic.message, diagnostic.help)
        })
    }

    #[test]
    fn the_whole_form_is_read() {
        let manifest = read(
            r#"
            [project]
            name = "credit-sms"
            constants = { LIMIT = 700 }
            [peers.bank]
            [[peers.bank.service]]
            id = "credit"
            [[peers.telco.allow]]
            call = "sms.send"
            initiator = ["client"]
            args.1.from = { peer = "bank", service = "credit", function = "check", path = ".ok" }
            rate = "10/min"
            [[process]]
            name = "bank-api"
            command = ["cargo", "run"]
            [run]
            ttl = "15s"
            relay = "relay1"
            "#,
        )
        .unwrap();
        assert_eq!(manifest.run.ttl.as_deref(), Some("15s"));
        assert_eq!(manifest.project.src, "src");
        assert_eq!(manifest.peers.keys().collect::<Vec<_>>(), ["bank", "telco"]);
    }

    #[test]
    fn an_unknown_field_is_an_error_at_its_place() {
        insta::assert_snapshot!(read("[run]\ntll = \"1s\"\n").unwrap_err(), @r#"unknown field `tll` Some((6, 9)) ["did you mean `ttl`? expected `ttl` or `relay`"]"#);
    }
}
