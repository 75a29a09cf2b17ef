//! Frames on a stream of bytes: each behind its length, four bytes, least significant first.

use super::frame::MAX_FRAME_BYTES;

const PREFIX: usize = 4;

/// The length prefix and the frame.
#[must_use]
pub fn frame_to_stream(frame: &[u8]) -> Vec<u8> {
    let length = u32::try_from(frame.len()).unwrap_or(u32::MAX);
    let mut bytes = Vec::with_capacity(PREFIX + frame.len());
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(frame);
    bytes
}

/// Why a stream cannot be read any further: close the link.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StreamError {
    /// A length above [`MAX_FRAME_BYTES`]. Nothing was allocated for it.
    #[error("a frame claims {0} bytes, more than {MAX_FRAME_BYTES}")]
    TooLong(u32),
    /// Not even a version byte.
    #[error("a frame without bytes")]
    Empty,
}

/// Cuts a stream into frames, whatever pieces it comes in.
#[derive(Debug, Default)]
pub struct StreamReader {
    buffer: Vec<u8>,
    /// Bytes of the buffer that are read already.
    read: usize,
}

impl StreamReader {
    /// At the beginning of a stream.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes what arrived. Call [`StreamReader::next_frame`] until there is none: then at most one
    /// incomplete frame is kept.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.read > 0 {
            self.buffer.drain(..self.read);
            self.read = 0;
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// The next complete frame, without its prefix.
    ///
    /// # Errors
    ///
    /// [`StreamError`] if the stream is broken: it stays so.
    pub fn next_frame(&mut self) -> Result<Option<Vec<u8>>, StreamError> {
        let rest = self.buffer.get(self.read..).unwrap_or_default();
        let Some((prefix, rest)) = rest.split_first_chunk::<PREFIX>() else { return Ok(None) };
        let claimed = u32::from_le_bytes(*prefix);
        let length = claimed as usize;
        if length > MAX_FRAME_BYTES {
            return Err(StreamError::TooLong(claimed));
        }
        if length == 0 {
            return Err(StreamError::Empty);
        }
        let Some(frame) = rest.get(..length) else { return Ok(None) };
        let frame = frame.to_vec();
        self.read += PREFIX + length;
        Ok(Some(frame))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_back_from_any_pieces() {
        let frames = [vec![1], vec![2; 300], vec![3, 4]];
        let bytes: Vec<u8> = frames.iter().flat_map(|frame| frame_to_stream(frame)).collect();
        for size in [1, 2, 3, 5, 7, 100, 1000] {
            let mut reader = StreamReader::new();
            let mut seen = Vec::new();
            for piece in bytes.chunks(size) {
                reader.push(piece);
                while let Some(frame) = reader.next_frame().unwrap() {
                    seen.push(frame);
                }
            }
            assert_eq!(seen, frames, "in pieces of {size}");
        }
    }

    #[test]
    fn a_length_that_is_too_large_is_refused_before_its_bytes_come() {
        let mut reader = StreamReader::new();
        reader.push(&u32::MAX.to_le_bytes());
        assert_eq!(reader.next_frame(), Err(StreamError::TooLong(u32::MAX)));
    }
}
