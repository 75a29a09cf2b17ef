//! Three lines that say nothing move everything behind them, and change nothing else.

use crate::corpus::{Said, all};

const INSERTED: &str = "-- one\n\n  -- three\n";

#[test]
fn three_lines_more_shift_every_place_behind_them_and_nothing_else() {
    let mut tried = 0;
    for program in all() {
        let before = program.check();
        for at in line_starts(&program.text) {
            let text = format!("{}{INSERTED}{}", &program.text[..at], &program.text[at..]);
            let moved: Vec<Said> = before.iter().map(|said| shifted(said, at)).collect();
            assert_eq!(program.check_as(&text), moved, "{} at byte {at}", program.path);
            tried += 1;
        }
    }
    assert!(tried > 2_000, "only {tried} places were tried");
}

/// The starts of lines that are not inside a string, nor between a budget and its function.
fn line_starts(text: &str) -> Vec<usize> {
    let mut starts = Vec::new();
    let (mut at, mut quotes, mut bound) = (0, 0, false);
    for line in text.split_inclusive('\n') {
        if quotes % 2 == 0 && !bound {
            starts.push(at);
        }
        let code = if quotes % 2 == 0 { line.split("--").next().unwrap_or("") } else { line };
        quotes += code.matches('"').count();
        bound = line.trim_start().starts_with("-- @");
        at += line.len();
    }
    starts
}

fn shifted(said: &Said, at: usize) -> Said {
    let by = |place: usize| if place >= at { place + INSERTED.len() } else { place };
    // What ends with a line ends before the lines that are inserted there.
    let place = said.place.map(|(start, end)| {
        let end = if end == start { by(start) } else { by(end - 1) + 1 };
        (by(start), end)
    });
    Said { place, ..said.clone() }
}
