//! Bytes as a program: read, written back, printed, written as AIR, and run on one peer whose
//! services answer everything.

#![no_main]

use aquac_fuzz::run_alone;
use aquac_ir::{VerifiedProgram, decode, encode, parse, print};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(program) = decode(bytes) else { return };
    assert_eq!(encode(&program), bytes, "one program, one encoding");
    let Ok(verified) = VerifiedProgram::new(program.clone()) else { return };
    assert_eq!(parse(&print(&program)).as_ref(), Ok(&program), "the text says it all");
    run_alone(verified);
});
