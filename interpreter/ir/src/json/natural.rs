//! Whole numbers of any size, with only what turning fractions into decimal digits and back needs.

use alloc::vec::Vec;
use core::cmp::Ordering;

/// A whole number: limbs of 32 bits, the lowest first, the highest never zero.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Natural(Vec<u32>);

impl Natural {
    pub(super) fn new(number: u64) -> Self {
        let mut limbs = alloc::vec![number as u32, (number >> 32) as u32];
        while limbs.last() == Some(&0) {
            limbs.pop();
        }
        Self(limbs)
    }

    pub(super) const fn is_zero(&self) -> bool {
        self.0.is_empty()
    }

    /// The number of bits up to the highest that is set.
    pub(super) fn bits(&self) -> usize {
        let top = self.0.last().map_or(0, |limb| limb.leading_zeros());
        self.0.len() * 32 - top as usize
    }

    /// Times a factor that is not zero, plus something.
    pub(super) fn scale(&mut self, factor: u32, plus: u32) {
        let mut carry = u64::from(plus);
        for limb in &mut self.0 {
            carry += u64::from(*limb) * u64::from(factor);
            *limb = carry as u32;
            carry >>= 32;
        }
        if carry > 0 {
            self.0.push(carry as u32);
        }
    }

    /// One more decimal digit behind.
    pub(super) fn append(&mut self, digit: u32) {
        self.scale(10, digit);
    }

    /// Times a power of ten.
    pub(super) fn scale_by_ten(&mut self, mut power: usize) {
        while power > 0 {
            let step = power.min(9);
            self.scale((0..step).fold(1, |ten, _| ten * 10), 0);
            power -= step;
        }
    }

    /// Times a power of two.
    pub(super) fn shift(&mut self, bits: usize) {
        let mut limbs = alloc::vec![0; if self.is_zero() { 0 } else { bits / 32 }];
        limbs.append(&mut self.0);
        self.0 = limbs;
        self.scale(1 << (bits % 32), 0);
    }

    /// Takes away a number that is not greater.
    pub(super) fn subtract(&mut self, other: &Self) {
        let mut borrow = false;
        let less = other.0.iter().copied().chain(core::iter::repeat(0));
        for (limb, less) in self.0.iter_mut().zip(less) {
            let (left, first) = limb.overflowing_sub(less);
            let (left, second) = left.overflowing_sub(u32::from(borrow));
            *limb = left;
            borrow = first | second;
        }
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
    }
}

impl Ord for Natural {
    fn cmp(&self, other: &Self) -> Ordering {
        let length = self.0.len().cmp(&other.0.len());
        length.then_with(|| self.0.iter().rev().cmp(other.0.iter().rev()))
    }
}

impl PartialOrd for Natural {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
