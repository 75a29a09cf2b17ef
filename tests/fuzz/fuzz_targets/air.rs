//! AIR text: printed and read again it is the same script, and what becomes a program runs.

#![no_main]

use aquac_air::{parse, print, read};
use aquac_fuzz::run_alone;
use aquac_ir::{decode, encode};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(script) = parse(text) else { return };
    let printed = print(&script);
    match parse(&printed) {
        Ok(again) => assert_eq!(print(&again), printed, "printing is stable"),
        Err(errors) => panic!("what is printed cannot be read: {errors:?}\n{printed}"),
    }
    let Ok(reading) = read(text) else { return };
    let program = reading.program.program();
    assert_eq!(decode(&encode(program)).as_ref(), Ok(program), "the bytes say it all");
    run_alone(reading.program);
});
