//! What formatting costs: `cargo bench -p aquac-syntax`. The goal is 800,000 lines in a second.
//!
//! A good text and an ugly one of 100,000 lines each; reading alone is there to compare.

#![allow(missing_docs, reason = "criterion's macros make public functions")]

use std::hint::black_box;

use aquac_base::SourceId;
use aquac_syntax::{format, lex, parse};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

/// Lines of each text.
const LINES: usize = 100_000;

/// A program as people write them: one that is repeated under other names.
const SAMPLE: &str = include_str!("../../../examples/booking/src/main.aqua");

fn good() -> String {
    let (head, functions) = SAMPLE.split_once("-- A flight").unwrap_or(("", SAMPLE));
    let mut text = format!("{head}-- A flight{functions}");
    let mut number = 0;
    while text.len() / functions.len() * functions.lines().count() < LINES {
        number += 1;
        let more = functions.replace("func book", &format!("func book{number}"));
        text.push_str("\n-- A flight");
        text.push_str(&more);
    }
    text
}

fn ugly() -> String {
    let wide = good().replace("  ", "\t   ");
    wide.replace(" <- ", "<-").replace(", ", "  ,   ").replace('\n', "  \r\n")
}

fn measure(criterion: &mut Criterion) {
    for (name, text) in [("good", good()), ("ugly", ugly())] {
        let mut group = criterion.benchmark_group(name);
        let lines = u64::try_from(text.lines().count()).unwrap_or(u64::MAX);
        group.throughput(Throughput::Elements(lines)).sample_size(10);
        group.bench_function("lex", |bencher| {
            bencher.iter(|| lex(black_box(&text), SourceId(0)).len())
        });
        group.bench_function("parse", |bencher| {
            bencher.iter(|| parse(SourceId(0), black_box(&text)))
        });
        group.bench_function("format", |bencher| bencher.iter(|| format(black_box(&text))));
        group.finish();
    }
}

criterion_group!(benches, measure);
criterion_main!(benches);
