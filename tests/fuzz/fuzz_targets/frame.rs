//! Frames: one frame has one encoding, items too, and a stream gives the same frames however it is cut.

#![no_main]

use aquac_peer::wire::{Frame, Item, StreamReader, decode, encode, frame_to_stream};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(frame) = decode(bytes) {
        assert_eq!(encode(&frame), bytes, "one frame, one encoding");
        frames_in(&frame);
    }
    let whole = frames(bytes, bytes.len().max(1));
    assert_eq!(whole, frames(bytes, 3), "the pieces do not matter");
    let (read, _) = whole;
    let again: Vec<u8> = read.iter().flat_map(|frame| frame_to_stream(frame)).collect();
    assert!(bytes.starts_with(&again), "what is cut out was there");
});

fn frames_in(frame: &Frame) {
    match frame {
        Frame::Push(push) => {
            for bytes in &push.items {
                if let Ok(item) = Item::from_bytes(bytes, push.particle) {
                    assert_eq!(&item.to_bytes(), bytes, "one item, one encoding");
                }
            }
        }
        Frame::Bundle(parcels) => {
            for bytes in parcels {
                if let Ok(Frame::Push(push)) = decode(bytes) {
                    frames_in(&Frame::Push(push));
                }
            }
        }
        Frame::Hello(_) | Frame::Chunk(_) | Frame::Ack(_) | Frame::Nack(_) | Frame::Credit(_) => {}
    }
}

fn frames(bytes: &[u8], size: usize) -> (Vec<Vec<u8>>, bool) {
    let mut reader = StreamReader::new();
    let mut frames = Vec::new();
    for piece in bytes.chunks(size) {
        reader.push(piece);
        loop {
            match reader.next_frame() {
                Ok(Some(frame)) => frames.push(frame),
                Ok(None) => break,
                Err(_) => return (frames, true),
            }
        }
    }
    (frames, false)
}
