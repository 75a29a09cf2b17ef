//! How fast the compiler is: `cargo bench -p aquac-driver`.
//!
//! First a table: nanoseconds a line of each pass, then criterion's medians. Every iteration gets
//! a text that was not there before. `-- once check 10000` does one thing once, for a profiler
//! that counts instructions: the work for ten times the lines is at most eleven times as much.
//! `-- beside FOLDER 10000` runs the reference on the same text, see `beside.rs`.

#[path = "compile/beside.rs"]
mod beside;
#[path = "compile/hostile.rs"]
mod hostile;
#[path = "compile/program.rs"]
mod program;

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use aquac_base::SourceId;
use aquac_driver::{Artifact, Checked, Options, Request, build, check};
use aquac_ir::{VerifiedProgram, encode};
use aquac_syntax::{layout, lex, parse};
use criterion::{BatchSize, Criterion, Throughput};

const FILE: &str = "main.aqua";

/// Repetitions of each pass for the table; the best counts, because nothing makes a pass faster
/// than it is.
const REPEATS: u64 = 7;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["once", what, lines] => once(what, lines.parse().expect("a number of lines")),
        ["hostile", shape, lines] => {
            let text = hostile::text(shape, lines.parse().expect("a number of lines"));
            let (bytes, found) = (text.len(), diagnostics(text));
            println!("{bytes} bytes, {found} diagnostics");
        }
        ["beside", folder, lines] => {
            both(Path::new(folder), lines.parse().expect("a number of lines"));
        }
        ["text", lines] => {
            print!("{}", program::module(1, lines.parse().expect("a number of lines")))
        }
        _ => {
            table(1_000);
            table(10_000);
            let mut criterion = Criterion::default().configure_from_args();
            for lines in [1_000, 10_000] {
                measure(&mut criterion, lines);
            }
            criterion.final_summary();
        }
    }
}

/// Text to typed program, in a session of its own.
fn checked(text: String) -> Checked {
    let sources = BTreeMap::from([(FILE.to_owned(), text)]);
    let request = Request { entries: vec![FILE.to_owned()], ..Request::default() };
    let checked = check(&request, &sources);
    assert!(checked.is_ok(), "the bench's program is right: {:?}", checked.errors().first());
    checked
}

/// How many diagnostics a text has.
fn diagnostics(text: String) -> usize {
    let sources = BTreeMap::from([(FILE.to_owned(), text)]);
    let request = Request { entries: vec![FILE.to_owned()], ..Request::default() };
    check(&request, &sources).diagnostics.len()
}

fn built(checked: &Checked) -> Vec<Artifact> {
    build(checked, &Options::default()).expect("what is right is built")
}

fn encoded(artifacts: &[Artifact]) -> usize {
    artifacts.iter().map(|artifact| encode(&artifact.program).len()).sum()
}

/// One thing, once.
fn once(what: &str, lines: usize) {
    let text = program::module(1, lines);
    match what {
        "text" => drop(black_box(text)),
        "lex" => drop(black_box(lex(&text, SourceId(0)))),
        "layout" => drop(black_box(layout(&lex(&text, SourceId(0))))),
        "parse" => drop(black_box(parse(SourceId(0), &text))),
        "check" => drop(black_box(checked(text))),
        "build" => drop(black_box(encoded(&built(&checked(text))))),
        other => panic!("there is no `{other}`: text, lex, layout, parse, check, build"),
    }
}

#[expect(clippy::disallowed_methods, reason = "a measurement needs a clock")]
fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let begin = Instant::now();
    let made = black_box(work());
    (begin.elapsed(), made)
}

/// Our compiler and the reference, one after the other on the same text.
fn both(folder: &Path, lines: usize) {
    let mut passes = Passes::default();
    let text = program::module(1, lines);
    // Compilations until both have seen the text twice; the best counts for both.
    let reference = beside::reference(folder, &text, 2);
    for _ in 0..REPEATS {
        let fresh = text.clone();
        let (checking, typed) = timed(|| checked(fresh));
        let (building, _) = timed(|| encoded(&built(&typed)));
        passes.note("check", checking);
        passes.note("build", checking + building);
    }
    beside::show(text.lines().count(), &passes.best, reference);
}

/// The best of several times of each pass.
#[derive(Default)]
struct Passes {
    best: Vec<(&'static str, Duration)>,
}

impl Passes {
    fn note(&mut self, name: &'static str, took: Duration) {
        match self.best.iter_mut().find(|(known, _)| *known == name) {
            Some((_, best)) => *best = took.min(*best),
            None => self.best.push((name, took)),
        }
    }
}

/// What each pass costs.
fn table(lines: usize) {
    let mut passes = Passes::default();
    let (mut real_lines, mut programs, mut bytes) = (0, 0, 0);
    for seed in 1..=REPEATS {
        let text = program::module(seed, lines);
        real_lines = text.lines().count();
        let (lexing, tokens) = timed(|| lex(&text, SourceId(0)));
        let (laying, _) = timed(|| layout(&tokens));
        let (parsing, parsed) = timed(|| parse(SourceId(0), &text));
        let fresh = text.clone();
        let (checking, typed) = timed(|| checked(fresh));
        let (lowering, artifacts) = timed(|| built(&typed));
        let (encoding, length) = timed(|| encoded(&artifacts));
        programs = artifacts.len();
        bytes = length;
        let (verifying, _) = timed(|| verified(&artifacts));
        passes.note("lex", lexing);
        passes.note("layout", laying);
        passes.note("parse", parsing.saturating_sub(lexing + laying));
        passes.note("check", checking.saturating_sub(parsing));
        passes.note("lower", lowering);
        passes.note("encode", encoding);
        passes.note("verify", verifying);
        passes.note("= check", checking);
        passes.note("= build", checking + lowering + encoding);
        drop(parsed);
    }
    println!("{real_lines} lines, {programs} programs of {bytes} bytes in all");
    for (name, took) in passes.best {
        let each = took.as_secs_f64() / real_lines as f64;
        println!(
            "  {name:8} {:9.3} ms {:7.0} ns/line {:10.0} lines/s",
            took.as_secs_f64() * 1e3,
            each * 1e9,
            1.0 / each
        );
    }
    println!("  goals: check 400,000 lines/s, build 150,000 lines/s");
}

fn verified(artifacts: &[Artifact]) -> usize {
    let programs = artifacts.iter().map(|artifact| VerifiedProgram::new(artifact.program.clone()));
    programs.filter(Result::is_ok).count()
}

fn measure(criterion: &mut Criterion, lines: usize) {
    let mut seed = 1_000;
    let mut fresh = move || {
        seed += 1;
        program::module(seed, lines)
    };
    let mut group = criterion.benchmark_group(format!("{lines} lines"));
    group.throughput(Throughput::Elements(lines as u64)).sample_size(20);
    group.bench_function("lex", |bencher| {
        bencher.iter_batched(
            &mut fresh,
            |text| black_box(lex(&text, SourceId(0)).kind(0)),
            BatchSize::PerIteration,
        );
    });
    group.bench_function("parse", |bencher| {
        bencher.iter_batched(&mut fresh, |text| parse(SourceId(0), &text), BatchSize::PerIteration);
    });
    group.bench_function("check", |bencher| {
        bencher.iter_batched(&mut fresh, checked, BatchSize::PerIteration);
    });
    group.bench_function("build", |bencher| {
        bencher.iter_batched(
            &mut fresh,
            |text| encoded(&built(&checked(text))),
            BatchSize::PerIteration,
        );
    });
    group.finish();
}
