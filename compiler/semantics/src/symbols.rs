//! Spellings to small numbers, so that a scope is a vector and a look-up an index.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use aquac_base::Name;

/// A spelling that occurred: its position in [`Symbols`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Symbol(u32);

impl Symbol {
    /// Its number, in order of first occurrence.
    pub(crate) const fn index(self) -> usize {
        self.0 as usize
    }
}

/// Every spelling once.
#[derive(Debug, Default)]
pub(crate) struct Symbols {
    numbers: HashMap<Name, Symbol, QuickHash>,
    names: Vec<Name>,
}

impl Symbols {
    /// The number of a spelling, a new one if it never occurred.
    pub(crate) fn of(&mut self, name: &Name) -> Symbol {
        if let Some(symbol) = self.numbers.get(name) {
            return *symbol;
        }
        let symbol = Symbol(u32::try_from(self.names.len()).expect("sources are below 4 GiB"));
        self.numbers.insert(name.clone(), symbol);
        self.names.push(name.clone());
        symbol
    }

    /// How it is spelled.
    pub(crate) fn name(&self, symbol: Symbol) -> &Name {
        self.names.get(symbol.index()).expect("a symbol is only made by the table that it indexes")
    }
}

/// The hash state of maps whose keys are names or ids of this compilation.
pub(crate) type QuickHash = BuildHasherDefault<QuickHasher>;

/// Multiply and rotate, eight bytes at a time: keys are short and nobody gains from collisions
/// in the compilation of their own program.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct QuickHasher(u64);

const SEED: u64 = 0x51_7c_c1_b7_27_22_0a_95;

impl QuickHasher {
    fn add(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(SEED);
    }
}

impl Hasher for QuickHasher {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.add(u64::from_le_bytes(*word));
        }
        let tail = rest.iter().rev().fold(0, |word, byte| (word << 8) | u64::from(*byte));
        self.add(tail ^ ((rest.len() as u64) << 56));
    }

    fn write_u8(&mut self, n: u8) {
        self.add(u64::from(n));
    }

    fn write_u32(&mut self, n: u32) {
        self.add(u64::from(n));
    }

    fn write_u64(&mut self, n: u64) {
        self.add(n);
    }

    fn write_usize(&mut self, n: usize) {
        self.add(n as u64);
    }

    fn finish(&self) -> u64 {
        self.0.rotate_left(26)
    }
}
