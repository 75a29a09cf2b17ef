//! A header as an item: its canonical bytes, and the signature. Nothing else is read.

use aquac_ir::{Header, Reader, Signature, SignedHeader};

/// What stands before every header: which item it is.
pub(super) const KIND: u8 = 0;

/// A header as an item.
pub(crate) fn header_bytes(header: &SignedHeader) -> Vec<u8> {
    let (content, signature) = (header.header.to_bytes(), &header.signature.0);
    let mut bytes = Vec::with_capacity(1 + content.len() + signature.len());
    bytes.push(KIND);
    bytes.extend_from_slice(&content);
    bytes.extend_from_slice(signature);
    bytes
}

/// What [`header_bytes`] wrote; nothing for any other bytes.
pub(super) fn read_header(bytes: &[u8]) -> Option<SignedHeader> {
    let mut reader = Reader::new(bytes);
    (reader.byte()? == KIND).then_some(())?;
    let header = Header::read(&mut reader)?;
    let signature = Signature(reader.array()?);
    (reader.left() == 0).then_some(SignedHeader { header, signature })
}

#[cfg(test)]
mod tests {
    use aquac_ir::{Digest, Limits, Nonce, PeerId};

    use super::*;

    fn header(count: u8) -> SignedHeader {
        let header = Header {
            version: u16::from(count) * 100,
            network: "n".repeat(usize::from(count)),
            initiator: PeerId([count; 32]),
            relay: (count > 1).then_some(PeerId([7; 32])),
            program: Digest([2; 32]),
            args: (0..count).map(|number| Digest([number; 32])).collect(),
            nonce: Nonce([3; 16]),
            issued_at: u64::MAX >> (count % 64),
            ttl: u32::from(count) << 20,
            limits: Limits { fan_out: u32::MAX, ..Limits::default() },
        };
        SignedHeader { header, signature: Signature([4; 64]) }
    }

    #[test]
    fn headers_come_back_and_no_cut_one_does() {
        for header in [0, 1, 3, 200].map(header) {
            let bytes = header_bytes(&header);
            assert!((0..bytes.len()).all(|end| read_header(&bytes[..end]).is_none()));
            assert_eq!(read_header(&bytes), Some(header));
        }
    }

    #[test]
    fn a_header_has_one_encoding() {
        let bytes = header_bytes(&header(3));
        let mut read = 0;
        for (at, byte) in (0..bytes.len()).flat_map(|at| [0, 1, 128, 255].map(|b| (at, b))) {
            let (mut changed, mut longer) = (bytes.clone(), bytes.clone());
            changed[at] = byte;
            longer.insert(at, byte);
            for other in [changed, longer] {
                let header = read_header(&other);
                read += usize::from(header.is_some());
                assert!(header.is_none_or(|header| header_bytes(&header) == other), "{at}: {byte}");
            }
        }
        assert!(read > 100, "many of them are headers");
    }
}
