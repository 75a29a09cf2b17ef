//! Why a number of frames is not decided by the program alone.

use aquac_base::Span;

/// Something that a run decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Doubt {
    /// Which of two arms of different cost is taken.
    Choice,
    /// Whether the peers of two loops over one list are the same ones.
    Same,
    /// How many elements come while somebody looks.
    Live,
    /// Whether a loop has a first round.
    Empty,
    /// How many branches the rounds of a loop leave behind.
    Rounds,
    /// Whether several rounds or branches that end at one peer are told there once or each.
    Together,
    /// Who brings a value to a peer that is not where the branches began.
    Elsewhere,
    /// Whether a value is there before the branch that made it is over.
    Early,
    /// What a snapshot finds.
    Frozen,
    /// Who speaks for two branches that pass one peer.
    Crossing,
    /// Whether frames of two branches leave on one link at one moment.
    Link,
    /// Whether a branch that stays where it began is over before the others.
    Stays,
    /// Through which relays a peer is reached that is named with several ways.
    Ways,
}

/// What is in doubt, and where it was noticed first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Because {
    /// What.
    pub doubt: Doubt,
    /// The step or construct.
    pub span: Span,
}

impl Doubt {
    /// Whether the number is still never exceeded.
    #[must_use]
    pub const fn is_bounded(self) -> bool {
        match self {
            Self::Choice | Self::Same | Self::Empty => true,
            Self::Live
            | Self::Rounds
            | Self::Together
            | Self::Elsewhere
            | Self::Early
            | Self::Frozen
            | Self::Crossing
            | Self::Link
            | Self::Stays
            | Self::Ways => false,
        }
    }

    /// For people, behind "it depends on".
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Choice => "which arm is taken",
            Self::Same => "which rounds of two loops over one list meet at one peer",
            Self::Live => "how many elements come while it runs",
            Self::Empty => "whether the loop has a first round",
            Self::Rounds => "how many branches the loop leaves behind",
            Self::Together => "whether branches that end at one peer are told there together",
            Self::Elsewhere => "who brings a value to a peer where its branches did not begin",
            Self::Early => "whether a value comes before its branch is over",
            Self::Frozen => "what has come when the stream is frozen",
            Self::Crossing => "which of the branches that pass one peer speaks for the others",
            Self::Link => "whether frames on one link leave together",
            Self::Stays => "whether the branch that stays is over first",
            Self::Ways => "which way leads to a peer that is named with several",
        }
    }
}
