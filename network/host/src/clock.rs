//! The wall clock and the system's randomness: the two things that a peer is given.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aquac_peer::Time;

use crate::NoRandomness;

/// Now, in milliseconds since 1970.
pub(crate) fn now() -> Time {
    #[expect(clippy::disallowed_methods, reason = "the host is where the core's time comes from")]
    let now = SystemTime::now();
    let since = now.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    Time(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// Bytes that nobody can guess.
pub(crate) fn random<const LENGTH: usize>() -> Result<[u8; LENGTH], NoRandomness> {
    let mut bytes = [0; LENGTH];
    getrandom::fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(bytes)
}
