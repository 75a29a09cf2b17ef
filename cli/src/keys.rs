//! Secret keys. Development keys are the same for the same name everywhere, and only for loopback
//! networks; the others are made of random bytes and kept in files that only their owner reads.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use aquac_ir::{PeerId, development_seed};
use aquac_vm::{Ed25519Signer, Signer};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::project::shorten;

/// Key files have this extension.
pub(crate) const EXTENSION: &str = "key";

/// Who may read a key file: its owner.
const OWNER_ONLY: u32 = 0o600;

/// The id of the development peer with this name.
pub(crate) fn development_peer(name: &str) -> PeerId {
    peer_of(development_seed(name))
}

/// The id of the peer that has this secret.
pub(crate) fn peer_of(seed: [u8; 32]) -> PeerId {
    Ed25519Signer::from_seed(seed).peer()
}

/// A secret that nobody has seen.
pub(crate) fn fresh() -> Result<[u8; 32], Failure> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|why| {
        Failure::new(Exit::Network, format!("the system gives no random bytes: {why}"))
    })?;
    Ok(seed)
}

/// Where the keys of a project are.
pub(crate) fn folder(root: &Path) -> PathBuf {
    root.join(".aquac/keys")
}

/// Writes a secret into a new file. One that is there is never written over.
pub(crate) fn write(path: &Path, seed: [u8; 32]) -> Result<(), Failure> {
    let failed = |error: &std::io::Error| {
        let shown = shorten(path);
        Failure::command(if error.kind() == ErrorKind::AlreadyExists {
            format!("{shown} is there already; a key is never written over")
        } else {
            format!("cannot write {shown}: {}", crate::files::reason(error))
        })
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|error| failed(&error))?;
    }
    let digits: String = seed.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut options = File::options();
    options.write(true).create_new(true).mode(OWNER_ONLY);
    let mut file = options.open(path).map_err(|error| failed(&error))?;
    file.write_all(format!("{digits}\n").as_bytes()).map_err(|error| failed(&error))
}

/// Reads a key file. One that others may read is used, and said.
pub(crate) fn read(path: &Path) -> Result<[u8; 32], Failure> {
    let shown = shorten(path);
    let text = crate::files::read_text(path)
        .map_err(|why| Failure::command(format!("cannot read the key {shown}: {why}")))?;
    let seed = parse_seed(&text).ok_or_else(|| {
        Failure::command(format!("the key file {shown} does not hold 64 hexadecimal digits"))
    })?;
    if std::fs::metadata(path).is_ok_and(|data| data.permissions().mode() & 0o077 != 0) {
        tell!("warning: others may read the key {shown}; `chmod 600 {shown}` ends that");
    }
    Ok(seed)
}

/// The secret seed in a key file: 64 hexadecimal digits.
fn parse_seed(text: &str) -> Option<[u8; 32]> {
    let digits = text.trim();
    let mut seed = [0; 32];
    if digits.len() != 64 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    for (at, byte) in seed.iter_mut().enumerate() {
        *byte = u8::from_str_radix(digits.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(seed)
}

/// Whether a secret is the development key of one of these names.
pub(crate) fn derived<'a>(
    seed: [u8; 32],
    mut names: impl Iterator<Item = &'a str>,
) -> Option<&'a str> {
    names.find(|name| development_seed(name) == seed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_64_hexadecimal_digits() {
        assert_eq!(parse_seed(&format!("{}\n", "0a".repeat(32))), Some([10; 32]));
        assert_eq!(parse_seed(&"+1".repeat(32)), None, "a sign is no digit");
        assert_eq!(parse_seed(&"0a".repeat(31)), None);
    }

    #[test]
    fn a_development_key_is_known_by_its_name() {
        let names = ["client", "bank"];
        assert_eq!(derived(development_seed("bank"), names.into_iter()), Some("bank"));
        assert_eq!(derived([7; 32], names.into_iter()), None);
    }
}
