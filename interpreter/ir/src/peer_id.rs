//! Peers, named by their public key.

use alloc::string::String;
use core::cmp::Ordering;
use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::byte_order::byte_order;

/// A peer: its ed25519 public key. The text is libp2p's, `12D3Koo…`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PeerId(pub [u8; 32]);

impl Ord for PeerId {
    fn cmp(&self, other: &Self) -> Ordering {
        byte_order(&self.0, &other.0)
    }
}

impl PartialOrd for PeerId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Why a text is no peer id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PeerIdError {
    /// Not base58.
    #[error("it is not base58 text")]
    NotBase58,
    /// Base58 of something else, for instance of another kind of key.
    #[error("it does not name an ed25519 key")]
    NotEd25519,
}

/// What stands before the key: the identity multihash of 36 bytes, holding a protobuf with key
/// type 1 (ed25519) and 32 bytes of data.
const PREFIX: [u8; 6] = [0x00, 0x24, 0x08, 0x01, 0x12, 0x20];

impl fmt::Display for PeerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(core::str::from_utf8(&usual_text(self)).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for PeerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The letters of base58, by value.
const LETTERS: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/// Writes the text in words instead of bytes, as [`read_usual`] reads it.
fn usual_text(peer: &PeerId) -> [u8; 52] {
    let mut bytes = [0; 40];
    let from = [0; 2].iter().chain(&PREFIX).chain(&peer.0);
    bytes.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
    let mut number = [0_u32; 10]; // the highest word first
    for (word, bytes) in number.iter_mut().zip(bytes.chunks_exact(4)) {
        *word = bytes.iter().fold(0, |word, byte| word << 8 | u32::from(*byte));
    }
    // The first letter is the zero byte of the prefix; the others are a number of 37 bytes.
    let mut text = [b'1'; 52];
    for group in text.rchunks_mut(5) {
        let mut rest = 0_u64;
        for word in &mut number {
            let whole = rest << 32 | u64::from(*word);
            *word = (whole / 58_u64.pow(5)) as u32;
            rest = whole % 58_u64.pow(5);
        }
        for letter in group.iter_mut().rev() {
            *letter = LETTERS.get((rest % 58) as usize).copied().unwrap_or(b'1');
            rest /= 58;
        }
    }
    text
}

/// The letters of base58, each with its value.
#[expect(clippy::indexing_slicing, reason = "computed by the compiler, which would refuse it")]
const DIGITS: [u8; 128] = {
    let mut digits = [u8::MAX; 128];
    let mut value = 0;
    while value < LETTERS.len() {
        digits[LETTERS[value] as usize] = value as u8;
        value += 1;
    }
    digits
};

/// Reads a text of the usual form, in words instead of bytes: places are looked up for every
/// step of a run. Whatever else the text may be, [`bs58`] tells.
fn read_usual(text: &str) -> Option<PeerId> {
    // The first letter is the zero byte of the prefix; the others are a number of 37 bytes.
    let digits = text.as_bytes().strip_prefix(b"1")?;
    if digits.len() != 51 {
        return None;
    }
    let mut number = [0_u64; 5]; // the lowest word first
    for group in digits.chunks(10) {
        let (mut factor, mut value) = (1_u64, 0_u64);
        for letter in group {
            let digit = *DIGITS.get(usize::from(*letter))?;
            value = value * 58 + u64::from(if digit < 58 { digit } else { return None });
            factor *= 58;
        }
        let mut carry = u128::from(value);
        for word in &mut number {
            carry += u128::from(*word) * u128::from(factor);
            *word = carry as u64;
            carry >>= 64;
        }
    }
    let mut bytes = [0; 40];
    for (to, word) in bytes.chunks_exact_mut(8).zip(number.iter().rev()) {
        to.copy_from_slice(&word.to_be_bytes());
    }
    let key = bytes.strip_prefix(&[0; 2])?.strip_prefix(&PREFIX)?;
    key.try_into().ok().map(PeerId)
}

impl FromStr for PeerId {
    type Err = PeerIdError;

    fn from_str(text: &str) -> Result<Self, PeerIdError> {
        if let Some(peer) = read_usual(text) {
            return Ok(peer);
        }
        // 52 characters are the most that 38 bytes take; longer text is not worth decoding.
        if text.len() > 64 {
            return Err(PeerIdError::NotEd25519);
        }
        let bytes = bs58::decode(text).into_vec().map_err(|_| PeerIdError::NotBase58)?;
        let key = bytes.strip_prefix(&PREFIX).ok_or(PeerIdError::NotEd25519)?;
        key.try_into().map(Self).map_err(|_| PeerIdError::NotEd25519)
    }
}

impl Serialize for PeerId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            self.0.serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for PeerId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
        } else {
            crate::byte_array::read_byte_array(deserializer).map(Self)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quick_way_reads_what_the_other_reads() {
        let seeds =
            (0..=255_u8).map(|seed| PeerId(crate::development_seed(&alloc::format!("{seed}"))));
        for peer in seeds.chain([PeerId([0; 32]), PeerId([255; 32])]) {
            let text = alloc::format!("{peer}");
            assert_eq!(read_usual(&text), Some(peer));
            let bytes = bs58::decode(&text).into_vec().unwrap();
            assert_eq!(bytes.strip_prefix(&PREFIX), Some(&peer.0[..]));
            for wrong in
                [&text[1..], &text[..51], &text.replace('K', "0"), &text.replace("12D", "12E")]
            {
                assert_eq!(read_usual(wrong), None, "{wrong}");
                assert!(wrong.parse::<PeerId>().is_err(), "{wrong}");
            }
        }
    }

    #[test]
    fn the_text_is_the_one_that_libp2p_writes() {
        let text = "12D3KooWGzBuZLPUnvc4BamSfWkbDVSYRWEaxxjvoKmPpZyuNSSy";
        let peer: Result<PeerId, _> = text.parse();
        if let Ok(peer) = peer {
            assert_eq!(alloc::format!("{peer}"), text);
        }
        let peer = PeerId([7; 32]);
        assert_eq!(alloc::format!("{peer}").parse(), Ok(peer));
        assert!(alloc::format!("{peer}").starts_with("12D3Koo"));
        assert_eq!("bank".parse::<PeerId>(), Err(PeerIdError::NotEd25519));
        assert_eq!("0OIl".parse::<PeerId>(), Err(PeerIdError::NotBase58));
    }
}
