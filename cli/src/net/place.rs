//! Where a local network keeps what belongs to it: `.aquac/net/NAME` beside `aqua.toml`.
//!
//! ```text
//! .aquac/.gitignore                  nothing below is for a repository
//! .aquac/net/NAME/net.json           who is in the network; for its owner only
//! .aquac/net/NAME/lock               held by the command that changes it
//! .aquac/net/NAME/peers/PEER/lock    its process id, held by it, so that a dead one is known
//! .aquac/net/NAME/peers/PEER/log     what happened, JSON lines; `log.1` is what came before
//! .aquac/net/NAME/peers/PEER/stderr  what its process says
//! .aquac/net/NAME/peers/PEER/peer.redb
//! .aquac/net/NAME/processes/NAME     what a `[[process]]` says, held while it runs
//! .aquac/net/NAME/processes/NAME.pid its process id, and when it began
//! .aquac/net/NAME/programs/DIGEST    the debug table of a program that was run here
//! .aquac/net/NAME/clients/CLIENT     held by the run that is this client
//! ```

use std::fs::{File, TryLockError};
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::state::{SCHEMA, State};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::project::{Project, shorten};

/// A file that says which process something is ends in this. Names of processes have no dot in
/// files.
const PID_EXTENSION: &str = "pid";

/// The network that is meant if no name is said.
pub(crate) const DEFAULT_NAME: &str = "local";

/// A local network's folder.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// The network's name.
    pub(crate) name: String,
    /// The project's folder.
    pub(crate) root: PathBuf,
    folder: PathBuf,
}

impl Place {
    /// The folder of the network with this name in the project of the current folder.
    pub(crate) fn here(name: &str) -> Result<Self, Failure> {
        let project = Project::of(Path::new("x.aqua"))?;
        Self::below(&project.root, name)
    }

    /// The folder of the network with this name in a project.
    pub(crate) fn below(root: &Path, name: &str) -> Result<Self, Failure> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if name.is_empty() || !name.chars().all(plain) {
            return Err(Failure::command(format!(
                "`{name}` is no name of a network: take letters, digits, `-` and `_`"
            )));
        }
        let folder = root.join(".aquac/net").join(name);
        Ok(Self { name: name.to_owned(), root: root.to_path_buf(), folder })
    }

    /// The folder that a process was told.
    pub(crate) fn at(folder: &Path) -> Option<Self> {
        let root = folder.parent()?.parent()?.parent()?.to_path_buf();
        let name = folder.file_name()?.to_str()?.to_owned();
        Some(Self { name, root, folder: folder.to_path_buf() })
    }

    /// Where it is.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder of one peer.
    pub(crate) fn of_peer(&self, name: &str) -> PathBuf {
        self.folder.join("peers").join(file_name(name))
    }

    /// What a `[[process]]` says.
    pub(crate) fn of_process(&self, name: &str) -> PathBuf {
        self.folder.join("processes").join(file_name(name))
    }

    /// Which process a `[[process]]` is.
    pub(crate) fn id_of_process(&self, name: &str) -> PathBuf {
        self.of_process(name).with_added_extension(PID_EXTENSION)
    }

    /// Where the debug tables of programs are that were run here.
    pub(crate) fn programs(&self) -> PathBuf {
        self.folder.join("programs")
    }

    /// The file that a run holds while it is this client.
    pub(crate) fn of_client(&self, name: &str) -> PathBuf {
        self.folder.join("clients").join(name)
    }

    /// Makes the folder, and keeps it out of repositories.
    pub(crate) fn make(&self) -> Result<(), Failure> {
        make_folder(&self.folder)?;
        let ignore = self.root.join(".aquac/.gitignore");
        if ignore.exists() { Ok(()) } else { crate::files::write(&ignore, b"*\n") }
    }

    /// Waits until no other command changes the network, and holds it until the answer is dropped.
    pub(crate) fn lock(&self) -> Result<File, Failure> {
        let path = self.folder.join("lock");
        let file = open_private(&path)?;
        file.lock().map_err(|error| cannot("lock", &path, &error))?;
        Ok(file)
    }

    /// What is known; nothing if the network is not up.
    pub(crate) fn read(&self) -> Result<Option<State>, Failure> {
        let path = self.folder.join("net.json");
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(cannot("read", &path, &error)),
        };
        let damaged = |why: String| {
            let shown = shorten(&path);
            Failure::command(format!("{shown} is damaged ({why}); `aquac net down` removes it"))
        };
        let state: State = serde_json::from_str(&text).map_err(|why| damaged(why.to_string()))?;
        if state.schema == SCHEMA { Ok(Some(state)) } else { Err(damaged(state.schema)) }
    }

    /// What is known of a network that must be up.
    pub(crate) fn read_up(&self) -> Result<State, Failure> {
        self.read()?.ok_or_else(|| self.is_not_up())
    }

    /// Nobody is there.
    pub(crate) fn is_not_up(&self) -> Failure {
        let others = self.up();
        let flag =
            if self.name == DEFAULT_NAME { String::new() } else { format!(" {}", self.name) };
        let begin = format!("the network `{}` is not up", self.name);
        Failure::command(match others.as_slice() {
            [] if flag.is_empty() => format!("{begin}; `aquac net up` starts it"),
            [] => format!("{begin}; `aquac net up --name{flag}` starts it"),
            names => format!("{begin}; what is up: {}", names.join(", ")),
        })
    }

    /// Networks of the project that are up.
    pub(crate) fn up(&self) -> Vec<String> {
        let Some(above) = self.folder.parent() else { return Vec::new() };
        let entries = std::fs::read_dir(above).into_iter().flatten().flatten();
        let up = entries.filter(|entry| entry.path().join("net.json").is_file());
        let mut names: Vec<String> =
            up.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// Writes it: whole or not at all.
    pub(crate) fn write(&self, state: &State) -> Result<(), Failure> {
        let path = self.folder.join("net.json");
        let fresh = self.folder.join("net.json.new");
        let text = serde_json::to_string_pretty(state)
            .map_err(|error| Failure::new(Exit::Bug, error.to_string()))?;
        open_private(&fresh).and_then(|mut file| {
            let write = file
                .set_len(0)
                .and_then(|()| std::io::Write::write_all(&mut file, text.as_bytes()))
                .and_then(|()| std::fs::rename(&fresh, &path));
            write.map_err(|error| cannot("write", &path, &error))
        })
    }

    /// The network is not up any more. What was logged stays until the next one.
    pub(crate) fn forget(&self) -> Result<(), Failure> {
        let path = self.folder.join("net.json");
        match std::fs::remove_file(&path) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(cannot("remove", &path, &error)),
        }
    }

    /// Removes what an earlier network of this name left: logs and stores.
    pub(crate) fn clear(&self) -> Result<(), Failure> {
        for part in ["peers", "processes", "clients", "programs"] {
            let path = self.folder.join(part);
            match std::fs::remove_dir_all(&path) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(cannot("remove", &path, &error)),
            }
        }
        Ok(())
    }

    /// Whether a peer's process runs. Process ids are used again; a lock is not.
    pub(crate) fn lives(&self, peer: &str) -> bool {
        is_held(&self.of_peer(peer).join("lock"))
    }

    /// Process ids of the peers that run, also when nothing else is known of the network.
    pub(crate) fn living(&self) -> Vec<u32> {
        let folders = std::fs::read_dir(self.folder.join("peers"));
        let locks =
            folders.into_iter().flatten().flatten().map(|folder| folder.path().join("lock"));
        let pid = |lock: PathBuf| std::fs::read_to_string(lock).ok()?.trim().parse().ok();
        locks.filter(|lock| is_held(lock)).filter_map(pid).collect()
    }

    /// Whether a `[[process]]` runs.
    pub(crate) fn process_lives(&self, name: &str) -> bool {
        is_held(&self.of_process(name))
    }

    /// Every `[[process]]` that runs, also when nothing else is known of the network: the files
    /// that it holds and that say which it is.
    pub(crate) fn living_processes(&self) -> Vec<(PathBuf, PathBuf)> {
        let files = std::fs::read_dir(self.folder.join("processes"));
        let ids = files.into_iter().flatten().flatten().map(|file| file.path());
        ids.filter(|id| id.extension().is_some_and(|extension| extension == PID_EXTENSION))
            .map(|id| (id.with_extension(""), id))
            .filter(|(voice, _)| is_held(voice))
            .collect()
    }

    /// Whether anything of this network runs.
    pub(crate) fn is_alive(&self) -> bool {
        !self.living().is_empty() || !self.living_processes().is_empty()
    }
}

/// Whether some process holds a file.
pub(crate) fn is_held(path: &Path) -> bool {
    let Ok(file) = File::open(path) else { return false };
    matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
}

/// Makes a folder with those above it.
pub(crate) fn make_folder(path: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(path).map_err(|error| cannot("make", path, &error))
}

/// Opens a file that only its owner may read, and makes it if it is not there.
pub(crate) fn open_private(path: &Path) -> Result<File, Failure> {
    make_folder(path.parent().unwrap_or(Path::new(".")))?;
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false).mode(0o600);
    options.open(path).map_err(|error| cannot("open", path, &error))
}

fn cannot(do_what: &str, path: &Path, error: &std::io::Error) -> Failure {
    let text = format!("cannot {do_what} {}: {}", shorten(path), crate::files::reason(error));
    Failure::command(text)
}

/// A name as a file's: names in `aqua.toml` may have any letters.
fn file_name(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    name.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02x}") })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_s_name_never_leaves_the_folder() {
        let place = Place::below(Path::new("/p"), "local").unwrap();
        assert_eq!(place.of_peer("../bank"), Path::new("/p/.aquac/net/local/peers/%2e%2e%2fbank"));
        assert!(Place::below(Path::new("/p"), "../x").is_err());
        let again = Place::at(place.folder()).unwrap();
        assert_eq!((again.name.as_str(), again.root.as_path()), ("local", Path::new("/p")));
    }
}
