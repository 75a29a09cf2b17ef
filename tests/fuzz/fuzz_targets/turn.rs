//! Bytes as a turn: one turn has one encoding, and a run takes or refuses it.

#![no_main]

use aquac_fuzz::{Chain, FUEL};
use aquac_vm::{Run, SignedTurn, UncheckedVerifier};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(turn) = SignedTurn::from_bytes(bytes) else { return };
    assert_eq!(turn.to_bytes(), bytes, "one turn, one encoding");
    let chain = Chain::new();
    let mut run = Run::new(chain.program, chain.header, chain.me);
    let absorbed = run.absorb([turn], [], &UncheckedVerifier);
    assert!(absorbed.added.len() + absorbed.refused.len() <= 1);
    run.step(FUEL);
    run.forward();
});
