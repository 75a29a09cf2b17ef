//! Receipts: all that is known of a run in one file, which anybody can check offline and alone.
//!
//! Checking runs the program again: every signature, every argument digest, every branch that was
//! taken, every snapshot. The initiator seals which turns there are, so that nothing can be left
//! out afterwards, not even a branch that nobody else has seen.

use alloc::collections::BTreeSet;
use alloc::sync::Arc;
use alloc::vec::Vec;

use aquac_ir::{
    Digest, Domain, Fault, FaultCode, ParticleId, PeerId, Signature, SignedHeader, Value,
    VerifiedProgram, VerifyError, encode,
};
use serde::{Deserialize, Serialize};

use crate::fork::Fork;
use crate::history::Refusal;
use crate::run::{Lie, Run, Status};
use crate::sign::{Claim, HeaderError, Purpose, Signer, Verifier, check_header};
use crate::story::{Deed, Done};
use crate::turn::{Heads, SignedTurn};
use crate::waiting::{Waiting, WaitsFor};
use crate::{Position, SaltedValue};

const MAGIC: [u8; 4] = *b"aqre";
const VERSION: u8 = 1;

/// Events after which checking a receipt gives up: a program that never ends is no proof.
pub const MAX_RECEIPT_FUEL: u64 = 100_000_000;

/// The history of a run with everything that is needed to check it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    /// The bytes of the program.
    pub program: Vec<u8>,
    /// The signed header.
    pub header: SignedHeader,
    /// The turns, each behind those on which it rests.
    pub turns: Vec<SignedTurn>,
    /// Pairs of turns that prove that their author contradicted itself.
    pub forks: Vec<(SignedTurn, SignedTurn)>,
    /// The values that the sealing peer had.
    pub values: Vec<SaltedValue>,
    /// Which turns there are.
    pub heads: Heads,
    /// The initiator's signature over particle and heads.
    pub seal: Signature,
}

/// Why a receipt is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// The bytes do not begin as a receipt does.
    #[error("this is not a receipt")]
    NotAReceipt,
    /// Written by another version.
    #[error("the receipt has format version {0}, this build reads version {VERSION}")]
    UnknownVersion(u8),
    /// Damaged, or another encoding of the same receipt.
    #[error("the receipt is damaged")]
    Damaged,
    /// The program is none.
    #[error("its program does not hold: {0}")]
    Program(#[from] VerifyError),
    /// Not the program that the initiator started.
    #[error("the program is not the one that the initiator signed")]
    OtherProgram,
    /// The header does not hold.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// The initiator did not sign which turns there are.
    #[error("the seal is not the initiator's, or not over these turns")]
    BadSeal,
    /// A turn does not hold.
    #[error("turn {number} of {author} is refused: {why}")]
    Turn {
        /// Its author.
        author: PeerId,
        /// Its number.
        number: u32,
        /// Why.
        why: Refusal,
    },
    /// A turn is not there: others rest on it, or the seal names it.
    #[error("turn {number} of {author} is missing")]
    MissingTurn {
        /// Its author.
        author: PeerId,
        /// Its number.
        number: u32,
    },
    /// A turn that the seal does not name.
    #[error("turn {number} of {author} was not there when the receipt was sealed")]
    NotSealed {
        /// Its author.
        author: PeerId,
        /// Its number.
        number: u32,
    },
    /// A turn stands before one on which it rests, or twice.
    #[error("the turns are not in order")]
    OutOfOrder,
    /// Two turns of one author exclude each other.
    #[error("{author} has signed two different turns {number}")]
    Forked {
        /// Who.
        author: PeerId,
        /// The number.
        number: u32,
    },
    /// A value that nothing signed refers to.
    #[error("a value is not one that was signed")]
    StrayValue,
    /// A value without which nobody can tell how the run went on.
    #[error("the value {0} is missing, and the run cannot be followed without it")]
    MissingValue(Digest),
    /// A record for other arguments than the program gives.
    #[error("{author} recorded other arguments than the program gives")]
    OtherArguments {
        /// Where.
        position: Position,
        /// Who.
        author: PeerId,
    },
    /// A record of an error where none can be: only calls fail for reasons of their own.
    #[error("{author} recorded an error for a step that is no call")]
    Failed {
        /// Where.
        position: Position,
        /// Who.
        author: PeerId,
    },
    /// A record at a position that the run does not reach, or that is another peer's.
    #[error("{author} recorded a step that is not its to do")]
    OutOfPlace {
        /// Where.
        position: Position,
        /// Who.
        author: PeerId,
    },
    /// A snapshot does not hold what its peer had seen.
    #[error("{author} recorded a snapshot that is not what it had seen")]
    WrongSnapshot {
        /// Where.
        position: Position,
        /// Who.
        author: PeerId,
    },
    /// The program goes on for too long.
    #[error("the run is too long to be checked")]
    TooLong,
}

/// What a receipt proves.
#[derive(Debug, Clone, PartialEq)]
pub struct Proved {
    /// The run.
    pub particle: ParticleId,
    /// Who started it, with these arguments and limits.
    pub initiator: PeerId,
    /// The program, by the digest of its bytes.
    pub program: Digest,
    /// How many turns; the signature of each holds.
    pub turns: usize,
    /// What was done, in order: at the place that the program names, when its turn had come.
    pub steps: Vec<Done>,
    /// The result that the initiator took, or what the run failed with.
    pub result: Option<Result<Vec<Value>, Fault>>,
    /// Calls of which the arguments could not be computed, because values stayed where they were
    /// made: what the peer recorded is believed.
    pub arguments_believed: Vec<Position>,
    /// Snapshots of which elements stayed where they were made: their order is believed.
    pub snapshots_believed: Vec<Position>,
    /// Steps that were given up: that their peer could not be reached is the word of who says so.
    /// Said in the turn that leads to the step, it contradicts nobody; only of a step that the
    /// header alone leads to nothing shows whether the initiator had told somebody before.
    pub unreachable_believed: Vec<Position>,
    /// Steps that are reached and not done.
    pub open: Vec<Waiting>,
    /// Peers that contradicted themselves; what they did from then on counts for nothing.
    pub forked: Vec<PeerId>,
}

/// The steps that somebody gave up.
fn given_up(steps: &[Done]) -> Vec<Position> {
    let unreachable =
        |done: &&Done| matches!(&done.outcome, Err((code, _)) if *code == FaultCode::Unreachable);
    let used = steps.iter().filter(|done| done.deed != Deed::Unused);
    used.filter(unreachable).map(|done| done.position.clone()).collect()
}

fn seal_digest(particle: &ParticleId, heads: &Heads, forks: &[(SignedTurn, SignedTurn)]) -> Digest {
    let heads = postcard::to_allocvec(heads).expect("heads have only numbers and bytes");
    let forks: Vec<u8> = forks
        .iter()
        .flat_map(|(one, other)| [one.body.digest().0, other.body.digest().0])
        .flatten()
        .collect();
    Digest::of(Domain::Receipt, &[&particle.0.0, &heads, &forks])
}

impl Receipt {
    /// The receipt of a run, sealed. Only the initiator's seal is accepted.
    #[must_use]
    pub fn seal(run: &Run, signer: &dyn Signer) -> Self {
        let history = run.history();
        let proof = |fork: &Fork| fork.turns().map(|turn| (**turn).clone()).into();
        let forks: Vec<(SignedTurn, SignedTurn)> = run.forks().map(proof).collect();
        let heads = history.heads();
        let seal = signer.sign(Purpose::Receipt, &seal_digest(&run.particle(), &heads, &forks));
        Self {
            program: encode(run.program().program()),
            header: (**run.header()).clone(),
            turns: history.since(|_| 0).iter().map(|turn| (**turn).clone()).collect(),
            forks,
            values: run.values().cloned().collect(),
            heads,
            seal,
        }
    }

    /// As bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.push(VERSION);
        postcard::to_extend(self, bytes).expect("a receipt has only numbers, bytes and lists")
    }

    /// Reads the bytes. Nothing in them is checked yet.
    ///
    /// # Errors
    ///
    /// [`ReceiptError`] if they are not exactly what [`Receipt::to_bytes`] writes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ReceiptError> {
        let (version, body) = bytes
            .strip_prefix(&MAGIC)
            .and_then(<[u8]>::split_first)
            .ok_or(ReceiptError::NotAReceipt)?;
        if *version != VERSION {
            return Err(ReceiptError::UnknownVersion(*version));
        }
        let receipt: Self = postcard::from_bytes(body).map_err(|_| ReceiptError::Damaged)?;
        if receipt.to_bytes() == bytes { Ok(receipt) } else { Err(ReceiptError::Damaged) }
    }

    /// Checks everything and says what it proves.
    ///
    /// # Errors
    ///
    /// [`ReceiptError`] with the first thing that does not hold.
    pub fn verify(&self, verifier: &dyn Verifier) -> Result<Proved, ReceiptError> {
        let program = Arc::new(VerifiedProgram::from_bytes(&self.program)?);
        if program.digest() != self.header.header.program {
            return Err(ReceiptError::OtherProgram);
        }
        let particle = check_header(&self.header, verifier)?;
        self.check_seal(&particle, verifier)?;
        // Nobody's view: nothing in it is this peer's to do.
        let mut run = self.replay(&program, PeerId([0; 32]), verifier)?;
        self.check_run(&mut run)?;
        let snapshots_believed = self.check_snapshots(&program, &run, verifier)?;
        let steps = run.story();
        Ok(Proved {
            particle,
            initiator: self.header.header.initiator,
            program: program.digest(),
            turns: run.history().len(),
            unreachable_believed: given_up(&steps),
            steps,
            result: run.result(),
            arguments_believed: run.state().unproved.clone(),
            snapshots_believed,
            open: run.waiting(),
            forked: run.forks().map(|fork| fork.author).collect(),
        })
    }

    fn check_seal(
        &self,
        particle: &ParticleId,
        verifier: &dyn Verifier,
    ) -> Result<(), ReceiptError> {
        let claim = Claim {
            signer: self.header.header.initiator,
            purpose: Purpose::Receipt,
            digest: seal_digest(particle, &self.heads, &self.forks),
            signature: self.seal,
        };
        let holds = verifier.verify(&[claim]).first() == Some(&true);
        if holds { Ok(()) } else { Err(ReceiptError::BadSeal) }
    }

    /// A run of this peer with the turns and values of the receipt.
    fn replay(
        &self,
        program: &Arc<VerifiedProgram>,
        me: PeerId,
        verifier: &dyn Verifier,
    ) -> Result<Run, ReceiptError> {
        let mut run = Run::new(program.clone(), Arc::new(self.header.clone()), me);
        run.check_snapshots();
        let proofs = self.forks.iter().flat_map(|(one, other)| [one.clone(), other.clone()]);
        let proofs = run.absorb(proofs, [], verifier);
        let known: BTreeSet<PeerId> = proofs.forks.iter().map(|fork| fork.author).collect();
        let absorbed =
            run.absorb(self.turns.iter().cloned(), self.values.iter().cloned(), verifier);
        if let Some(refused) = absorbed.refused.first() {
            let (author, number) = (refused.author, refused.number);
            return Err(ReceiptError::Turn { author, number, why: refused.why });
        }
        if let Some(fork) = absorbed.forks.iter().find(|fork| !known.contains(&fork.author)) {
            return Err(ReceiptError::Forked { author: fork.author, number: fork.number });
        }
        if let Some(missing) = absorbed.missing.first() {
            let (author, number) = (missing.author, missing.number);
            return Err(ReceiptError::MissingTurn { author, number });
        }
        self.check_heads(&run.history().heads())?;
        if !self.is_in_order() {
            return Err(ReceiptError::OutOfOrder);
        }
        if absorbed.unwanted_values > 0 {
            return Err(ReceiptError::StrayValue);
        }
        Ok(run)
    }

    fn check_heads(&self, have: &Heads) -> Result<(), ReceiptError> {
        for (author, head) in self.heads.iter() {
            let (author, number) = (*author, have.number(author));
            if number < head.number {
                return Err(ReceiptError::MissingTurn { author, number: number + 1 });
            }
        }
        for (author, head) in have.iter() {
            if self.heads.get(author) != Some(head) {
                let (author, number) = (*author, head.number);
                return Err(ReceiptError::NotSealed { author, number });
            }
        }
        Ok(())
    }

    /// Whether each turn stands once, behind those on which it rests.
    fn is_in_order(&self) -> bool {
        let mut have = Heads::default();
        self.turns.iter().all(|turn| {
            let body = &turn.body;
            let next = body.number == have.number(&body.author) + 1;
            let seen = body.entries.iter().all(|entry| match entry {
                crate::Entry::Saw { peer, number, .. } => {
                    have.number(peer) >= *number || self.is_forked(peer)
                }
                crate::Entry::Record(_) => true,
            });
            have.raise(body.author, crate::Head { number: body.number, digest: body.digest() });
            next && seen
        })
    }

    fn is_forked(&self, peer: &PeerId) -> bool {
        self.forks.iter().any(|(one, _)| one.body.author == *peer)
    }

    /// Follows the program and looks at what does not fit it.
    fn check_run(&self, run: &mut Run) -> Result<(), ReceiptError> {
        if run.step(MAX_RECEIPT_FUEL).status == Status::OutOfFuel {
            return Err(ReceiptError::TooLong);
        }
        if let Some(refuted) = run.refuted().first() {
            let (position, author) = (refuted.position.clone(), refuted.author);
            return Err(match refuted.lie {
                Lie::OtherArguments => ReceiptError::OtherArguments { position, author },
                Lie::Failed => ReceiptError::Failed { position, author },
            });
        }
        for waiting in run.waiting() {
            if let WaitsFor::Bytes(digest) = waiting.waits_for {
                return Err(ReceiptError::MissingValue(digest));
            }
        }
        // A run that was ended on every peer, and what rests on a fork, leave steps behind.
        if run.state().fatal.is_some() || !self.forks.is_empty() {
            return Ok(());
        }
        match run.story().into_iter().find(|done| done.deed == Deed::Unused) {
            Some(Done { position, peer: author, .. }) => {
                Err(ReceiptError::OutOfPlace { position, author })
            }
            None => Ok(()),
        }
    }

    /// Follows the log of every peer that took snapshots, as that peer.
    fn check_snapshots(
        &self,
        program: &Arc<VerifiedProgram>,
        run: &Run,
        verifier: &dyn Verifier,
    ) -> Result<Vec<Position>, ReceiptError> {
        let takers: BTreeSet<PeerId> = run
            .story()
            .into_iter()
            .filter(|done| done.deed == Deed::Snapshot)
            .map(|done| done.peer)
            .collect();
        let mut believed = Vec::new();
        for author in takers {
            let own = self.replay(program, author, verifier)?;
            for (position, verdict) in &own.state().snapshots {
                match verdict {
                    Some(true) => {}
                    Some(false) => {
                        let position = position.clone();
                        return Err(ReceiptError::WrongSnapshot { position, author });
                    }
                    None => believed.push(position.clone()),
                }
            }
        }
        Ok(believed)
    }
}
