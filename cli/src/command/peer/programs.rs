//! The lines of steps, for a peer that was told where the debug tables of programs are: a folder
//! that `aquac build -o` wrote. Programs themselves travel without them.

use std::collections::BTreeMap;
use std::path::Path;

use aquac_ir::{Debug, Digest, Domain, NodeId, PeerId};

use crate::command::receipt::DEBUG_EXTENSION;
use crate::event::Names;
use crate::project::PeerNames;

/// Programs whose tables are kept; the rest of a larger folder is not read.
const MAX_PROGRAMS: usize = 10_000;

/// What this peer knows of names and lines.
pub(super) struct Known {
    peers: PeerNames,
    programs: BTreeMap<Digest, Debug>,
}

impl Known {
    /// This peer's name, and no lines.
    pub(super) fn new(me: PeerId, name: &str) -> Self {
        Self { peers: PeerNames::of_one(me, name), programs: BTreeMap::new() }
    }

    /// With the tables of this folder. Gives how many there are.
    ///
    /// # Errors
    ///
    /// Why the folder cannot be read.
    pub(super) fn read(&mut self, folder: &Path) -> Result<usize, std::io::Error> {
        for entry in std::fs::read_dir(folder)?.flatten().take(2 * MAX_PROGRAMS) {
            let program = entry.path();
            if program.extension().is_none_or(|extension| extension != "aqir") {
                continue;
            }
            let table = std::fs::read(program.with_extension(DEBUG_EXTENSION)).ok();
            let table = table.and_then(|bytes| Debug::from_bytes(&bytes).ok());
            if let (Ok(bytes), Some(table)) = (std::fs::read(&program), table) {
                self.programs.insert(Digest::of(Domain::Program, &[&bytes]), table);
            }
        }
        Ok(self.programs.len())
    }
}

impl Names for Known {
    fn peer(&self, id: PeerId) -> String {
        self.peers.peer(id)
    }

    fn source(&self, program: Option<Digest>, node: NodeId) -> Option<String> {
        crate::command::net::line(self.programs.get(&program?)?, node)
    }
}
