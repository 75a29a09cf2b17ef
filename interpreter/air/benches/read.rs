//! What it costs to read scripts: `cargo bench -p aquac-air`. The reference parses a script again
//! at every step, we once.

use std::fmt::Write as _;
use std::hint::black_box;

use aquac_air::{parse, read};
use aquac_ir::VerifiedProgram;
use criterion::Criterion;

/// So many calls in sequence, each with the result of the one before.
fn script(calls: usize) -> String {
    let mut text = String::new();
    for number in 0..calls {
        let argument = if number == 0 { "1".to_owned() } else { format!("x{}", number - 1) };
        let call = format!("(call %init_peer_id% (\"s\" \"f\") [{argument}] x{number})");
        let whole = if number + 1 < calls { format!("(seq {call}\n") } else { call };
        text.write_str(&whole).expect("a string grows");
    }
    text + &")".repeat(calls.saturating_sub(1))
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    for calls in [100, 10_000] {
        let text = script(calls);
        println!("{calls} calls: {} bytes of AIR", text.len());
        criterion.bench_function(&format!("{calls} calls: text to tree"), |bencher| {
            bencher.iter(|| parse(black_box(&text)).expect("the script is right"));
        });
        criterion.bench_function(&format!("{calls} calls: text to a program"), |bencher| {
            bencher.iter(|| read(black_box(&text)).expect("the script is right"));
        });
        let reading = read(&text).expect("the script is right");
        let bytes = aquac_ir::encode(reading.program.program());
        criterion.bench_function(&format!("{calls} calls: program from bytes"), |bencher| {
            bencher.iter(|| VerifiedProgram::from_bytes(black_box(&bytes)).expect("it is one"));
        });
    }
    println!("(the reference: 10,000 calls parsed in 17,000 us, at every step)");
    criterion.final_summary();
}
