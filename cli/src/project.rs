//! What a command knows about the project that a file belongs to.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use aquac_base::{Diagnostic, Source, SourceMap};
use aquac_ir::PeerId;
use aquac_project::{Manifest, find_manifest, read_manifest};
use aquac_services::config::{AllowConfig, Period, ServiceConfig};

use crate::event::Names;
use crate::failure::Failure;

/// `aqua.toml` as this binary reads it.
pub(crate) type ProjectManifest = Manifest<ServiceConfig, AllowConfig, Period>;

/// One `[peers.NAME]`.
pub(crate) type PeerTable = aquac_project::PeerTable<ServiceConfig, AllowConfig>;

/// The project of a file: its manifest, or the default of a file that stands alone.
#[derive(Debug)]
pub(crate) struct Project {
    /// Where `aqua.toml` is; the file's own folder if there is none.
    pub(crate) root: PathBuf,
    /// What it says.
    pub(crate) manifest: ProjectManifest,
    /// The id of each named peer.
    pub(crate) peers: BTreeMap<String, PeerId>,
}

/// The peer that starts the runs of this process.
pub(crate) const CLIENT: &str = "client";

impl Project {
    /// Finds and reads the manifest that governs a file.
    pub(crate) fn of(file: &Path) -> Result<Self, Failure> {
        let absolute = std::path::absolute(file).unwrap_or_else(|_| file.to_path_buf());
        let Some(path) = find_manifest(&absolute) else {
            let root = absolute.parent().unwrap_or(&absolute).to_path_buf();
            return Self::new(root, ProjectManifest::default());
        };
        let shown = shorten(&path);
        let text = crate::files::read_text(&path)
            .map_err(|error| Failure::command(format!("cannot read {shown}: {error}")))?;
        let mut sources = SourceMap::new();
        let source = sources.add(Source::new(shown, text.as_str()));
        let manifest = read_manifest(source, &text)
            .map_err(|diagnostic: Box<Diagnostic>| Failure::manifest(*diagnostic, sources))?;
        Self::new(path.parent().unwrap_or(&path).to_path_buf(), manifest)
    }

    fn new(root: PathBuf, manifest: ProjectManifest) -> Result<Self, Failure> {
        let mut peers = BTreeMap::new();
        for (name, table) in &manifest.peers {
            let id = match &table.id {
                None => crate::keys::development_peer(name),
                Some(text) => text.parse().map_err(|error| {
                    Failure::command(format!(
                        "aqua.toml: `[peers.{name}] id = \"{text}\"` is no peer id: {error}"
                    ))
                })?,
            };
            peers.insert(name.clone(), id);
        }
        peers.entry(CLIENT.to_owned()).or_insert_with(|| crate::keys::development_peer(CLIENT));
        Ok(Self { root, manifest, peers })
    }

    /// With so many peers more: see [`Project::add_peers`].
    pub(crate) fn with_more_peers(mut self, more: u32) -> Self {
        self.add_peers(more);
        self
    }

    /// Adds development peers `peer1`, `peer2` and so on, unless the manifest has one of that
    /// name. Programs see them as `PEER1`, `PEER2` …
    pub(crate) fn add_peers(&mut self, more: u32) {
        for number in 1..=more {
            let name = format!("peer{number}");
            self.peers
                .entry(name.clone())
                .or_insert_with_key(|name| crate::keys::development_peer(name));
            self.manifest.peers.entry(name).or_insert_with(|| PeerTable {
                id: None,
                listen: Vec::new(),
                relay: None,
                service: Vec::new(),
                allow: Vec::new(),
            });
        }
    }

    /// What peers are called, without the rest of the project.
    pub(crate) fn names(&self) -> PeerNames {
        PeerNames(self.peers.iter().map(|(name, id)| (*id, name.clone())).collect())
    }

    /// What to call a peer in messages and diagrams: its name, or the head of its id.
    pub(crate) fn name(&self, peer: PeerId) -> String {
        self.peers
            .iter()
            .find(|(_, id)| **id == peer)
            .map_or_else(|| peer.to_string(), |(name, _)| name.clone())
    }
}

/// Names of peers by their ids.
#[derive(Debug, Clone)]
pub(crate) struct PeerNames(BTreeMap<PeerId, String>);

impl PeerNames {
    /// Only one peer has a name.
    pub(crate) fn of_one(id: PeerId, name: &str) -> Self {
        Self(BTreeMap::from([(id, name.to_owned())]))
    }
}

impl Names for PeerNames {
    fn peer(&self, id: PeerId) -> String {
        self.0.get(&id).cloned().unwrap_or_else(|| id.to_string())
    }
}

/// A path as people would write it: relative to where they are, if it is below.
pub(crate) fn shorten(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    match absolute.strip_prefix(&here).unwrap_or(path) {
        this if this.as_os_str().is_empty() => ".".to_owned(),
        other => other.display().to_string(),
    }
}
