//! Why something was not done. Every drop has one; it becomes a counter's label, travels in a
//! NACK one hop back, and where a `try` can see it, becomes a fault.

use core::fmt;

use aquac_ir::FaultCode;
use serde::{Deserialize, Serialize};

/// Why a frame, a turn or a particle was not accepted. The order is the wire's: add at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Reason {
    /// The bytes are no frame of this version.
    Malformed,
    /// A frame, value or program is larger than this peer takes.
    TooLarge,
    /// A queue is full; try again later.
    Overloaded,
    /// The particle's deadline has passed.
    Expired,
    /// The particle was issued in the future, by more than clocks may differ.
    ClockSkew,
    /// The particle lives longer than this peer allows.
    TtlTooLong,
    /// The particle is of another network.
    OtherNetwork,
    /// The header has a version that this peer does not know.
    UnknownVersion,
    /// The header's signature is not the initiator's.
    BadHeaderSignature,
    /// A turn's signature is not its author's.
    BadTurnSignature,
    /// A turn does not follow from the turns before it: a wrong number or digest.
    BrokenChain,
    /// A record stands at a position where the program has no such step, or names another peer.
    WrongPosition,
    /// A record's arguments are not those that the program gives.
    WrongArguments,
    /// A value does not have the digest under which it was sent.
    WrongValue,
    /// Two turns of one author with one number.
    Equivocation,
    /// A turn or record that stands before what it rests on.
    WrongOrder,
    /// A program that does not verify.
    BadProgram,
    /// A turn of a peer that the program names nowhere.
    Stranger,
    /// More turns or records than one author may add.
    Quota,
    /// Nothing can be delivered to the peer.
    Unreachable,
    /// This peer is no relay for the destination.
    NotRelayed,
    /// The initiator may not do this here.
    Denied,
    /// The particle has ended on this peer.
    Ended,
    /// This peer is shutting down.
    ShuttingDown,
    /// It was already here.
    Duplicate,
    /// The header or program that it needs did not come.
    Missing,
    /// Too much of what the neighbour sent was malformed: nothing is taken from it for a while.
    ShutOut,
}

impl Reason {
    /// The label of its counter.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::TooLarge => "too-large",
            Self::Overloaded => "overloaded",
            Self::Expired => "expired",
            Self::ClockSkew => "clock-skew",
            Self::TtlTooLong => "ttl-too-long",
            Self::OtherNetwork => "other-network",
            Self::UnknownVersion => "unknown-version",
            Self::BadHeaderSignature => "bad-header-signature",
            Self::BadTurnSignature => "bad-turn-signature",
            Self::BrokenChain => "broken-chain",
            Self::WrongPosition => "wrong-position",
            Self::WrongArguments => "wrong-arguments",
            Self::WrongValue => "wrong-value",
            Self::Equivocation => "equivocation",
            Self::WrongOrder => "wrong-order",
            Self::BadProgram => "bad-program",
            Self::Stranger => "stranger",
            Self::Quota => "quota",
            Self::Unreachable => "unreachable",
            Self::NotRelayed => "not-relayed",
            Self::Denied => "denied",
            Self::Ended => "ended",
            Self::ShuttingDown => "shutting-down",
            Self::Duplicate => "duplicate",
            Self::Missing => "missing",
            Self::ShutOut => "shut-out",
        }
    }

    /// The fault that a program sees, where it can see one.
    #[must_use]
    pub const fn fault(self) -> FaultCode {
        match self {
            Self::TooLarge | Self::Quota => FaultCode::TooLarge,
            Self::Overloaded | Self::ShuttingDown => FaultCode::Overloaded,
            Self::Expired | Self::ClockSkew | Self::TtlTooLong | Self::Ended => FaultCode::Expired,
            Self::Denied => FaultCode::Denied,
            Self::Equivocation
            | Self::BadHeaderSignature
            | Self::BadTurnSignature
            | Self::BrokenChain
            | Self::WrongPosition
            | Self::WrongArguments
            | Self::WrongValue
            | Self::WrongOrder => FaultCode::Cheating,
            Self::Malformed
            | Self::OtherNetwork
            | Self::UnknownVersion
            | Self::BadProgram
            | Self::Stranger
            | Self::Unreachable
            | Self::NotRelayed
            | Self::Duplicate
            | Self::Missing
            | Self::ShutOut => FaultCode::Unreachable,
        }
    }

    /// Whether it stands in the header that nothing can be taken: whoever says so has kept nothing
    /// of the run.
    #[must_use]
    pub const fn is_before_anything(self) -> bool {
        matches!(
            self,
            Self::OtherNetwork
                | Self::UnknownVersion
                | Self::ClockSkew
                | Self::TtlTooLong
                | Self::BadHeaderSignature
        )
    }

    /// Whether sending the same again later can help.
    #[must_use]
    pub const fn passing(self) -> bool {
        matches!(self, Self::Overloaded | Self::ShuttingDown)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}
