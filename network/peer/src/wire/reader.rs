//! Reads headers and turns, of which every peer reads many: keys and digests in one go, and nothing
//! that has a shorter encoding.

use aquac_ir::Digest;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::exact::is_written_as;

/// What is not read yet.
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// How many bytes are not read yet.
    pub(super) const fn left(&self) -> usize {
        self.rest.len()
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    pub(super) fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(bytes)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(*first)
    }

    pub(super) fn digest(&mut self) -> Option<Digest> {
        self.array().map(Digest)
    }

    /// Seven bits a byte, the lowest first, and no byte more than it takes.
    pub(super) fn number(&mut self) -> Option<u64> {
        let mut number = 0_u64;
        for shift in (0..u64::BITS).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            number |= bits << shift;
            if byte < 0x80 {
                let is_shortest = byte > 0 || shift == 0;
                let fits = bits << shift >> shift == bits;
                return (is_shortest && fits).then_some(number);
            }
        }
        None
    }

    /// A number of fewer bits.
    pub(super) fn small<T: TryFrom<u64>>(&mut self) -> Option<T> {
        T::try_from(self.number()?).ok()
    }

    /// Something that is seldom there.
    pub(super) fn part<T: DeserializeOwned + Serialize>(&mut self) -> Option<T> {
        let (part, rest) = postcard::take_from_bytes(self.rest).ok()?;
        let read = self.rest.strip_suffix(rest)?;
        self.rest = rest;
        is_written_as(&part, read).then_some(part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_in_its_shortest_encoding_only() {
        let powers = (0..64).map(|bit| 1_u64 << bit);
        for number in powers.flat_map(|power| [power - 1, power, u64::MAX - power]) {
            let bytes = postcard::to_allocvec(&number).unwrap();
            let mut reader = Reader::new(&bytes);
            assert_eq!((reader.number(), reader.left()), (Some(number), 0));
            let mut longer = bytes.clone();
            *longer.last_mut().unwrap() |= 128;
            assert_eq!(Reader::new(&longer).number(), None);
            longer.push(0);
            assert_eq!(Reader::new(&longer).number(), None);
        }
        let too_large = [[255; 9].as_slice(), &[2]].concat();
        assert_eq!(Reader::new(&too_large).number(), None);
        assert_eq!(Reader::new(&[128, 2]).small::<u8>(), None);
    }
}
