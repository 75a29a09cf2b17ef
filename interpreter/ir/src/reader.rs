//! Bytes to numbers, keys and digests, in the encoding of postcard and in no longer one: for what
//! every peer reads often, and what a page would load a derived reader for.

use crate::Digest;

/// Bytes that are being read. What is not there is `None`, and so is what has a shorter encoding.
#[derive(Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Reads these bytes from their beginning.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// How many bytes are not read yet.
    #[must_use]
    pub const fn left(&self) -> usize {
        self.rest.len()
    }

    /// One byte.
    #[inline]
    pub fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    /// So many bytes.
    #[inline]
    pub fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(bytes)
    }

    /// As many bytes as are asked for.
    #[inline]
    pub fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(*first)
    }

    /// A digest.
    #[inline]
    pub fn digest(&mut self) -> Option<Digest> {
        self.array().map(Digest)
    }

    /// Seven bits a byte, the lowest first, and no byte more than it takes.
    pub fn number(&mut self) -> Option<u64> {
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

    /// A number that fits into fewer bits.
    #[inline]
    pub fn small<T: TryFrom<u64>>(&mut self) -> Option<T> {
        T::try_from(self.number()?).ok()
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
