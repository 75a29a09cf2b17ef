//! The order of keys and digests: that of their 32 bytes, eight at a time. They are what most maps
//! of a peer are ordered by, and comparing bytes as such is a call for each pair.

use core::cmp::Ordering;

/// The order of the bytes. A page loads it once for all maps.
#[cfg_attr(target_family = "wasm", inline(never))]
#[cfg_attr(not(target_family = "wasm"), inline)]
pub(crate) fn byte_order(one: &[u8; 32], other: &[u8; 32]) -> Ordering {
    let (one, _) = one.as_chunks::<8>();
    let (other, _) = other.as_chunks::<8>();
    for (one, other) in one.iter().zip(other) {
        if one != other {
            return u64::from_be_bytes(*one).cmp(&u64::from_be_bytes(*other));
        }
    }
    Ordering::Equal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_order_of_the_bytes() {
        let mut all = alloc::vec![[0; 32], [255; 32]];
        for at in 0..32 {
            for byte in [1, 127, 128, 255] {
                let mut bytes = [7; 32];
                bytes[at] = byte;
                all.push(bytes);
            }
        }
        for (one, other) in all.iter().flat_map(|one| all.iter().map(move |other| (one, other))) {
            assert_eq!(byte_order(one, other), one.cmp(other));
        }
    }
}
