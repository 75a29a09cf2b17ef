//! Signatures: every purpose has words of its own in front of what is signed, so that a signature
//! for one can never pass for another. The identity key never signs bytes that others chose, only
//! digests that this crate has computed.

use alloc::vec::Vec;
use core::fmt;

use aquac_ir::{Digest, Domain, Header, ParticleId, PeerId, Salt, Signature, SignedHeader};
use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::IsIdentity as _;
use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest as _, Sha512};

/// What a signature is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    /// A particle's header, by its initiator.
    Header,
    /// A turn, by its author.
    Turn,
    /// A receipt, by the initiator.
    Receipt,
}

impl Purpose {
    const fn words(self) -> &'static [u8] {
        match self {
            Self::Header => b"aquac 2026 header signature v1\0",
            Self::Turn => b"aquac 2026 turn signature v1\0",
            Self::Receipt => b"aquac 2026 receipt signature v1\0",
        }
    }

    /// The bytes that are signed.
    #[must_use]
    pub fn message(self, digest: &Digest) -> Vec<u8> {
        self.words().iter().chain(&digest.0).copied().collect()
    }
}

/// A peer's identity key.
pub trait Signer {
    /// Whose key it is.
    fn peer(&self) -> PeerId;

    /// Signs a digest for a purpose.
    fn sign(&self, purpose: Purpose, digest: &Digest) -> Signature;

    /// A salt that nobody without the key can compute, and the same for the same parts.
    fn salt(&self, parts: &[&[u8]]) -> Salt;
}

/// Somebody's signature under a digest: to be checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Who is said to have signed.
    pub signer: PeerId,
    /// What for.
    pub purpose: Purpose,
    /// What was signed.
    pub digest: Digest,
    /// The signature.
    pub signature: Signature,
}

/// Checks signatures, many at once where that is cheaper.
pub trait Verifier {
    /// For each claim, whether it is true.
    fn verify(&self, claims: &[Claim]) -> Vec<bool>;
}

/// Signs with ed25519.
pub struct Ed25519Signer {
    key: SigningKey,
    salt_key: Digest,
}

impl Ed25519Signer {
    /// The signer with this secret seed.
    #[must_use]
    pub fn from_seed(seed: [u8; 32]) -> Self {
        let salt_key = Digest::of(Domain::Salt, &[b"key of all salts", &seed]);
        Self { key: SigningKey::from_bytes(&seed), salt_key }
    }
}

impl fmt::Debug for Ed25519Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Ed25519Signer").field(&self.peer()).finish()
    }
}

impl Signer for Ed25519Signer {
    fn peer(&self) -> PeerId {
        PeerId(self.key.verifying_key().to_bytes())
    }

    fn sign(&self, purpose: Purpose, digest: &Digest) -> Signature {
        Signature(self.key.sign(&purpose.message(digest)).to_bytes())
    }

    fn salt(&self, parts: &[&[u8]]) -> Salt {
        salt_from(&self.salt_key, parts)
    }
}

/// The salt that a secret gives for these parts.
fn salt_from(secret: &Digest, parts: &[&[u8]]) -> Salt {
    let digest = Digest::make(Domain::Salt, |making| {
        making.part(&secret.0);
        parts.iter().for_each(|part| making.part(part));
    });
    Salt(digest.short())
}

/// Checks ed25519 signatures.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ed25519Verifier;

impl Verifier for Ed25519Verifier {
    fn verify(&self, claims: &[Claim]) -> Vec<bool> {
        if claims.len() > 1 && batch_holds(claims) {
            return alloc::vec![true; claims.len()];
        }
        claims.iter().map(holds).collect()
    }
}

/// Whether a signature holds by itself. The rule must be the one that a batch follows, or peers
/// that check many at once and peers that check one would differ about a turn of which the author
/// wants just that: the equation is multiplied by the cofactor, as in ZIP 215.
fn holds(claim: &Claim) -> bool {
    let (encoded, scalar) = claim.signature.0.split_at(32);
    let key = VerifyingKey::from_bytes(&claim.signer.0).ok().filter(|key| !key.is_weak());
    let commitment = CompressedEdwardsY::from_slice(encoded).ok().and_then(|y| y.decompress());
    let scalar = <[u8; 32]>::try_from(scalar).ok().map(Scalar::from_canonical_bytes);
    let scalar = scalar.and_then(Option::from);
    let (Some(key), Some(commitment), Some(scalar)) = (key, commitment, scalar) else {
        return false;
    };
    let challenge = Sha512::new()
        .chain_update(encoded)
        .chain_update(claim.signer.0)
        .chain_update(claim.purpose.message(&claim.digest));
    let challenge = Scalar::from_hash(challenge);
    let expected =
        EdwardsPoint::vartime_double_scalar_mul_basepoint(&challenge, &-key.to_edwards(), &scalar);
    (expected - commitment).mul_by_cofactor().is_identity()
}

#[cfg(not(feature = "batch"))]
const fn batch_holds(_: &[Claim]) -> bool {
    false
}

/// If this says yes, every one holds; if not, one does not hold, or is odd.
#[cfg(feature = "batch")]
fn batch_holds(claims: &[Claim]) -> bool {
    let keys: Option<Vec<VerifyingKey>> = claims
        .iter()
        .map(|claim| VerifyingKey::from_bytes(&claim.signer.0).ok().filter(|key| !key.is_weak()))
        .collect();
    let Some(keys) = keys else { return false };
    let messages: Vec<Vec<u8>> =
        claims.iter().map(|claim| claim.purpose.message(&claim.digest)).collect();
    let messages: Vec<&[u8]> = messages.iter().map(Vec::as_slice).collect();
    let signatures: Vec<_> = claims
        .iter()
        .map(|claim| ed25519_dalek::Signature::from_bytes(&claim.signature.0))
        .collect();
    ed25519_dalek::verify_batch(&messages, &signatures, &keys).is_ok()
}

/// Signatures that anyone can make: for simulations in which nobody lies about who they are, and
/// a million events count. Never part of a real peer.
#[derive(Debug, Clone, Copy)]
pub struct UncheckedSigner(pub PeerId);

impl Signer for UncheckedSigner {
    fn peer(&self) -> PeerId {
        self.0
    }

    fn sign(&self, purpose: Purpose, digest: &Digest) -> Signature {
        unchecked_signature(&self.0, purpose, digest)
    }

    fn salt(&self, parts: &[&[u8]]) -> Salt {
        salt_from(&Digest(self.0.0), parts)
    }
}

/// The digest, and whose and what for: nothing is computed.
fn unchecked_signature(peer: &PeerId, purpose: Purpose, digest: &Digest) -> Signature {
    let mut bytes = [purpose.words().len() as u8; 64];
    let (low, high) = bytes.split_at_mut(32);
    low.iter_mut().zip(digest.0).for_each(|(to, from)| *to ^= from);
    high.iter_mut().zip(peer.0).for_each(|(to, from)| *to ^= from);
    Signature(bytes)
}

/// Checks what [`UncheckedSigner`] makes: finds accidents, stops nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct UncheckedVerifier;

impl Verifier for UncheckedVerifier {
    fn verify(&self, claims: &[Claim]) -> Vec<bool> {
        claims
            .iter()
            .map(|claim| {
                unchecked_signature(&claim.signer, claim.purpose, &claim.digest) == claim.signature
            })
            .collect()
    }
}

/// Signs a header as its initiator.
#[must_use]
pub fn sign_header(header: Header, signer: &dyn Signer) -> SignedHeader {
    let signature = signer.sign(Purpose::Header, &header.id().0);
    SignedHeader { header, signature }
}

/// Why a header is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// Another version of the format or of the meaning of programs.
    #[error("the particle has version {0}, this build knows version {known}", known = Header::VERSION)]
    UnknownVersion(u16),
    /// Not signed by its initiator.
    #[error("the header is not signed by its initiator")]
    BadSignature,
}

/// Checks a header; gives the id of its particle.
///
/// # Errors
///
/// [`HeaderError`] if its version is unknown or its initiator did not sign it.
pub fn check_header(
    signed: &SignedHeader,
    verifier: &dyn Verifier,
) -> Result<ParticleId, HeaderError> {
    if signed.header.version != Header::VERSION {
        return Err(HeaderError::UnknownVersion(signed.header.version));
    }
    let id = signed.header.id();
    let claim = Claim {
        signer: signed.header.initiator,
        purpose: Purpose::Header,
        digest: id.0,
        signature: signed.signature,
    };
    let holds = verifier.verify(&[claim]).first() == Some(&true);
    if holds { Ok(id) } else { Err(HeaderError::BadSignature) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(seed: u8, purpose: Purpose) -> Claim {
        let signer = Ed25519Signer::from_seed([seed; 32]);
        let digest = Digest([seed; 32]);
        let signature = signer.sign(purpose, &digest);
        Claim { signer: signer.peer(), purpose, digest, signature }
    }

    #[test]
    fn a_signature_for_one_purpose_never_passes_for_another() {
        let good = claim(1, Purpose::Turn);
        let moved = Claim { purpose: Purpose::Header, ..good.clone() };
        assert_eq!(Ed25519Verifier.verify(&[good, moved]), [true, false]);
    }

    #[test]
    fn one_bad_signature_in_a_batch_is_found_and_the_others_stand() {
        let mut claims: Vec<Claim> = (1..6).map(|seed| claim(seed, Purpose::Turn)).collect();
        assert_eq!(Ed25519Verifier.verify(&claims), [true; 5]);
        claims[3].signature.0[7] ^= 1;
        assert_eq!(Ed25519Verifier.verify(&claims), [true, true, true, false, true]);
    }

    /// A signature that only its author can make: its commitment has a part of order eight, which
    /// some ways of checking see and others do not.
    fn odd_claim(seed: u8) -> Claim {
        let signer = Ed25519Signer::from_seed([seed; 32]);
        let (digest, purpose) = (Digest([seed; 32]), Purpose::Turn);
        let nonce = Scalar::from(77_u64 + u64::from(seed));
        let odd = curve25519_dalek::constants::EIGHT_TORSION[1];
        let commitment = (EdwardsPoint::mul_base(&nonce) + odd).compress();
        let challenge = Sha512::new()
            .chain_update(commitment.as_bytes())
            .chain_update(signer.peer().0)
            .chain_update(purpose.message(&digest));
        let scalar = nonce + Scalar::from_hash(challenge) * signer.key.to_scalar();
        let mut signature = [0; 64];
        signature[..32].copy_from_slice(commitment.as_bytes());
        signature[32..].copy_from_slice(scalar.as_bytes());
        Claim { signer: signer.peer(), purpose, digest, signature: Signature(signature) }
    }

    #[test]
    fn a_signature_means_the_same_alone_and_in_a_batch() {
        for seed in 1..40 {
            let odd = odd_claim(seed);
            let alone = Ed25519Verifier.verify(core::slice::from_ref(&odd));
            let together = Ed25519Verifier.verify(&[odd, claim(99, Purpose::Turn)]);
            assert_eq!(together, [alone[0], true], "{seed}");
        }
    }

    #[test]
    fn salts_depend_on_the_key_and_on_how_the_parts_are_cut() {
        let one = Ed25519Signer::from_seed([1; 32]);
        let two = Ed25519Signer::from_seed([2; 32]);
        assert_eq!(one.salt(&[b"ab"]), one.salt(&[b"ab"]));
        assert_ne!(one.salt(&[b"ab"]), two.salt(&[b"ab"]));
        assert_ne!(one.salt(&[b"ab"]), one.salt(&[b"a", b"b"]));
    }
}
