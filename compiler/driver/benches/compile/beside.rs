//! Our compiler and the reference on the same text in the same run.
//!
//! The reference runs as a black box, in a folder that someone has set up for it: `compile.mjs`
//! there takes a file and `--bench N`, and answers with JSON that has `bench.ms` in it. Off by
//! default: `cargo bench -p aquac-driver -- beside FOLDER LINES`.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// How often the reference has to be beaten.
const GOAL: f64 = 500.0;

/// Seconds of the reference for one compilation of the text, its process already warm.
#[expect(clippy::disallowed_methods, reason = "a bench writes its text where the other can read")]
pub(crate) fn reference(folder: &Path, text: &str, repeats: usize) -> f64 {
    let file = std::env::temp_dir().join(format!("aquac-beside-{}.aqua", std::process::id()));
    std::fs::write(&file, text).expect("the temporary folder takes a file");
    let output = Command::new("node")
        .current_dir(folder)
        .args(["--stack-size=4000", "compile.mjs"])
        .arg(&file)
        .args(["--bench", &repeats.to_string()])
        .output()
        .expect("node runs");
    let _gone = std::fs::remove_file(&file);
    let answer: serde_json::Value =
        serde_json::from_slice(&output.stdout).expect("the reference answers with JSON");
    let errors = answer.get("errors").and_then(serde_json::Value::as_array).map_or(0, Vec::len);
    assert_eq!(errors, 0, "the bench's program is right for the reference too");
    let all = answer.pointer("/bench/ms").and_then(serde_json::Value::as_array);
    let all = all.expect("it says how long it took");
    let best = all.iter().filter_map(serde_json::Value::as_f64).fold(f64::INFINITY, f64::min);
    best / 1e3
}

/// Both figures and how they compare.
pub(crate) fn show(lines: usize, ours: &[(&str, Duration)], reference: f64) {
    println!("{lines} lines; the reference: {:.1} ms", reference * 1e3);
    for (name, took) in ours {
        let times = reference / took.as_secs_f64();
        println!("  {name:8} {:9.3} ms {times:8.0} times as fast", took.as_secs_f64() * 1e3);
    }
    println!("  goal: {GOAL} times");
}
