//! Exit codes. They are an interface: documented in README.md, tested end to end.

use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Success.
    Success,
    /// The text is wrong: a source, a `-f` call, AIR.
    BadText,
    /// The command is wrong: a flag, a job, `aqua.toml`.
    BadCommand,
    /// The program ran and failed.
    ProgramFailed,
    /// It cannot go on: stuck, or the deadline is over.
    Stuck,
    /// The network: cannot listen, no relay or peer can be dialled.
    Network,
    /// A bug of aquac.
    Bug,
    /// Interrupted by the user.
    Interrupted,
}

impl Exit {
    /// The number that the process exits with.
    pub(crate) const fn number(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::BadText => 1,
            Self::BadCommand => 2,
            Self::ProgramFailed => 3,
            Self::Stuck => 4,
            Self::Network => 5,
            Self::Bug => 70,
            Self::Interrupted => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.number())
    }
}
