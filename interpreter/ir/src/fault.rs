//! Errors inside a program: each has a stable number and becomes a value that a handler reads.

use alloc::string::String;

use serde::{Deserialize, Serialize};

/// What went wrong. Below 11000 the numbers are AIR's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum FaultCode {
    /// 10000: a service answered with an error, or with something that is not JSON.
    Service,
    /// 10001: `match` compared different values.
    MatchDifferent,
    /// 10002: `mismatch` compared equal values.
    MismatchEqual,
    /// 10003: a variable that nothing wrote was used where one cannot wait for it.
    Undefined,
    /// 10005: a loop over something that is no array.
    NotIterable,
    /// 10006: `fail`.
    User,
    /// 10007: a field or index that is not there.
    Lens,
    /// 10008: `fail` with something that is no error object.
    BadError,
    /// 10009: a variable inside its `new` was read before it was set.
    ReadAfterNew,
    /// 10010: the length of something that is no array.
    NoLength,
    /// 10011: a peer, service or function that is no text.
    NotText,
    /// 10012: a map key that is neither text nor integer.
    BadKey,
    /// 20004: the current element of a loop is written.
    ItemWritten,
    /// 20007: a slot is written twice.
    WrittenTwice,
    /// 20013: a stream would hold more elements than a run may keep.
    StreamFull,
    /// 11001: a peer cannot be reached, and it is certain that nothing was delivered.
    Unreachable,
    /// 11002: a policy denied the call.
    Denied,
    /// 11003: the deadline passed.
    Expired,
    /// 11004: a peer has too much to do.
    Overloaded,
    /// 11005: a value or frame is too large.
    TooLarge,
    /// 11006: an answer does not fit its declared type.
    AnswerDoesNotFit,
    /// 11007: a peer was shown to contradict itself.
    Cheating,
    /// 11008: arithmetic without a result: overflow, division by zero.
    Arithmetic,
    /// 11009: a condition or operand of the wrong kind.
    WrongKind,
    /// 11010: no peer id where one is needed.
    BadPeer,
}

impl FaultCode {
    const ALL: [Self; 25] = [
        Self::Service,
        Self::MatchDifferent,
        Self::MismatchEqual,
        Self::Undefined,
        Self::NotIterable,
        Self::User,
        Self::Lens,
        Self::BadError,
        Self::ReadAfterNew,
        Self::NoLength,
        Self::NotText,
        Self::BadKey,
        Self::ItemWritten,
        Self::WrittenTwice,
        Self::StreamFull,
        Self::Unreachable,
        Self::Denied,
        Self::Expired,
        Self::Overloaded,
        Self::TooLarge,
        Self::AnswerDoesNotFit,
        Self::Cheating,
        Self::Arithmetic,
        Self::WrongKind,
        Self::BadPeer,
    ];

    /// The stable number.
    #[must_use]
    pub const fn number(self) -> i64 {
        match self {
            Self::Service => 10000,
            Self::MatchDifferent => 10001,
            Self::MismatchEqual => 10002,
            Self::Undefined => 10003,
            Self::NotIterable => 10005,
            Self::User => 10006,
            Self::Lens => 10007,
            Self::BadError => 10008,
            Self::ReadAfterNew => 10009,
            Self::NoLength => 10010,
            Self::NotText => 10011,
            Self::BadKey => 10012,
            Self::ItemWritten => 20004,
            Self::WrittenTwice => 20007,
            Self::StreamFull => 20013,
            Self::Unreachable => 11001,
            Self::Denied => 11002,
            Self::Expired => 11003,
            Self::Overloaded => 11004,
            Self::TooLarge => 11005,
            Self::AnswerDoesNotFit => 11006,
            Self::Cheating => 11007,
            Self::Arithmetic => 11008,
            Self::WrongKind => 11009,
            Self::BadPeer => 11010,
        }
    }

    /// The code with this number, if there is one.
    #[must_use]
    pub fn from_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.number() == number)
    }

    /// The place among all codes, by which turns name it.
    #[must_use]
    pub const fn place(self) -> u8 {
        self as u8
    }

    /// The code at this place, if there is one.
    #[must_use]
    pub fn at(place: usize) -> Option<Self> {
        Self::ALL.get(place).copied()
    }

    /// Whether it is what becomes of a call: only the peer of the call knows, and records it. All
    /// else follows from the program and its values, and is everybody's to compute.
    #[must_use]
    pub const fn is_of_a_call(self) -> bool {
        match self {
            Self::Service
            | Self::Unreachable
            | Self::Denied
            | Self::Expired
            | Self::Overloaded
            | Self::TooLarge
            | Self::AnswerDoesNotFit
            | Self::Cheating => true,
            Self::MatchDifferent
            | Self::MismatchEqual
            | Self::Undefined
            | Self::NotIterable
            | Self::User
            | Self::Lens
            | Self::BadError
            | Self::ReadAfterNew
            | Self::NoLength
            | Self::NotText
            | Self::BadKey
            | Self::ItemWritten
            | Self::WrittenTwice
            | Self::StreamFull
            | Self::Arithmetic
            | Self::WrongKind
            | Self::BadPeer => false,
        }
    }

    /// Whether `try` may catch it. The rest ends the run on every peer.
    #[must_use]
    pub const fn catchable(self) -> bool {
        self.number() < 20000
    }
}

/// An error with its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{} ({})", self.message, self.code.number())]
pub struct Fault {
    /// What went wrong.
    pub code: FaultCode,
    /// In words; the same on every peer.
    pub message: String,
}

impl Fault {
    /// An error with this text.
    pub fn new(code: FaultCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_written_as_its_place() {
        for (place, code) in FaultCode::ALL.into_iter().enumerate() {
            assert_eq!((usize::from(code.place()), FaultCode::at(place)), (place, Some(code)));
            assert_eq!(postcard::to_allocvec(&code).unwrap(), [code.place()]);
        }
        let behind = FaultCode::ALL.len();
        assert!(postcard::from_bytes::<FaultCode>(&[u8::try_from(behind).unwrap()]).is_err());
        assert_eq!(FaultCode::at(behind), None);
    }
}
