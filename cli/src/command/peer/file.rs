//! A peer's file: its text, what it says, and where it says it, so that every problem has a place.

use std::path::{Path, PathBuf};

use aquac_base::{Source, SourceId, SourceMap};
use aquac_host::{LimitsTable, MetricsTable, NetworkTable, SettingError};
use aquac_project::{PeerManifest, read_manifest};
use aquac_services::config::{AllowConfig, ServiceConfig};

use crate::failure::Failure;
use crate::located::{self, Step};
use crate::project::{ProjectManifest, shorten};

/// The peer's file as this binary reads it.
pub(super) type Manifest =
    PeerManifest<ServiceConfig, AllowConfig, NetworkTable, LimitsTable, MetricsTable>;

/// A file that was read.
#[derive(Debug)]
pub(super) struct PeerFile {
    /// What it says.
    pub(super) manifest: Manifest,
    /// Where paths in it begin.
    pub(super) folder: PathBuf,
    text: String,
    shown: String,
}

impl PeerFile {
    /// Reads it.
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let shown = shorten(path);
        let text = crate::files::read_text(path)
            .map_err(|why| Failure::command(format!("cannot read {shown}: {why}")))?;
        let (source, sources) = texts(&shown, &text);
        let manifest = read_manifest(source, &text).map_err(|wrong| {
            let wrong = match read_manifest::<ProjectManifest>(source, &text) {
                Ok(project) if !project.peers.is_empty() => wrong.with_note(
                    "this is the file of a project: `aquac net up` starts all its peers",
                ),
                Ok(_) | Err(_) => *wrong,
            };
            Failure::manifest(wrong, sources)
        })?;
        // The parent of a bare name is empty, which is no folder.
        let above = path.parent().filter(|above| !above.as_os_str().is_empty());
        let folder = above.unwrap_or(Path::new(".")).to_path_buf();
        Ok(Self { manifest, folder, text, shown })
    }

    /// Something in it cannot be, at this place.
    pub(super) fn wrong(&self, path: &[Step<'_>], what: impl Into<String>) -> Failure {
        let (source, sources) = texts(&self.shown, &self.text);
        Failure::manifest(located::problem(source, &self.text, path, what), sources)
    }

    /// The same, of a table of the host; `table` is empty for the top.
    pub(super) fn wrong_setting(&self, table: &[Step<'_>], error: &SettingError) -> Failure {
        let index = error.index.map(Step::Index);
        let field = [Step::Key(error.field)];
        let path: Vec<Step<'_>> = table.iter().copied().chain(field).chain(index).collect();
        self.wrong(&path, error.to_string())
    }
}

fn texts(shown: &str, text: &str) -> (SourceId, SourceMap) {
    let mut sources = SourceMap::new();
    let source = sources.add(Source::new(shown, text));
    (source, sources)
}
