//! How much is to be done here, and what neighbours may send because of it.

use crate::wire::Credit;

/// How busy a peer is. One step down needs half of what led one step up, so that it does not
/// waver.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Load {
    /// Neighbours may send as much as they do without having heard anything.
    #[default]
    Light,
    /// More than [`HEAVY`] things wait.
    Heavy,
    /// More than [`TOO_HEAVY`] things wait.
    TooHeavy,
}

/// Things that wait for the store or for fuel, above which neighbours send less.
pub(crate) const HEAVY: usize = 1024;

/// The same, above which they send next to nothing.
pub(crate) const TOO_HEAVY: usize = 8 * HEAVY;

impl Load {
    /// The load when so much waits.
    pub(crate) const fn after(self, waiting: usize) -> Self {
        match self {
            _ if waiting > TOO_HEAVY => Self::TooHeavy,
            Self::TooHeavy if waiting > TOO_HEAVY / 2 => Self::TooHeavy,
            _ if waiting > HEAVY => Self::Heavy,
            Self::Heavy | Self::TooHeavy if waiting > HEAVY / 2 => Self::Heavy,
            Self::Light | Self::Heavy | Self::TooHeavy => Self::Light,
        }
    }

    /// What each neighbour may have under way to this peer.
    pub(crate) fn credit(self) -> Credit {
        match self {
            Self::Light => Credit::default(),
            Self::Heavy => Credit { parcels: 32, bytes: 4 << 20 },
            Self::TooHeavy => Credit { parcels: 2, bytes: 1 << 20 },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_load_that_wavers_says_nothing() {
        let mut load = Load::Light;
        let mut changes = 0;
        for waiting in [0, 1025, 1000, 1030, 900, 600, 512, 600, 1000, 9000, 8000, 5000, 4096, 0] {
            let next = load.after(waiting);
            changes += u32::from(next != load);
            load = next;
        }
        assert_eq!((load, changes), (Load::Light, 5));
    }
}
