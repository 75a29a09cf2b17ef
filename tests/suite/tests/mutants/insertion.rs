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

/// The starts of lines that are not inside a string.
fn line_starts(text: &str) -> Vec<usize> {
    let mut quotes = 0;
    let mut starts = vec![0];
    for (at, line) in text.match_indices('\n') {
        let start = starts.last().copied().unwrap_or(0);
        let code = text[start..at].split("--").next().unwrap_or("");
        quotes += code.matches('"').count();
        let _ = line;
        if quotes % 2 == 0 || code.matches('"').count() % 2 == 1 {
            quotes = 0;
            starts.push(at + 1);
        }
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
