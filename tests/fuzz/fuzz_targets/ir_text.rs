//! Text as a program: what is read is printed and read the same, survives as bytes, and runs.

#![no_main]

use aquac_fuzz::run_alone;
use aquac_ir::{VerifiedProgram, decode, encode, parse, print};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(program) = parse(text) else { return };
    let Ok(verified) = VerifiedProgram::new(program.clone()) else { return };
    assert_eq!(parse(&print(&program)).as_ref(), Ok(&program), "the text says it all");
    assert_eq!(decode(&encode(&program)).as_ref(), Ok(&program), "so do the bytes");
    run_alone(verified);
});
