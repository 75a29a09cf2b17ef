//! Programs with one mistake that may break a wait, of every kind that people make.

use crate::programs::Dice;

/// A kind of mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mistake {
    /// The index is too large.
    WaitsForMore,
    /// Nothing is written where something was.
    NotWritten,
    /// It is written only if a question has one answer.
    WrittenSometimes,
    /// It is written to another stream.
    OtherStream,
    /// It is written at the end of the function.
    WrittenLast,
    /// The wait stands at the beginning of the function.
    WaitsFirst,
    /// It is written only if something fails, and nothing does.
    WrittenInHandler,
    /// It is written in a loop, for an element that no list has.
    WrittenForNobody,
    /// Two that write wait for each other first.
    Circle,
    /// What ran beside something runs before it.
    NotBeside,
}

const MISTAKES: [Mistake; 10] = [
    Mistake::WaitsForMore,
    Mistake::NotWritten,
    Mistake::WrittenSometimes,
    Mistake::OtherStream,
    Mistake::WrittenLast,
    Mistake::WaitsFirst,
    Mistake::WrittenInHandler,
    Mistake::WrittenForNobody,
    Mistake::Circle,
    Mistake::NotBeside,
];

/// Lines of a program before the body of its function: header, service, head, streams.
fn first_of_body(lines: &[String]) -> usize {
    let is_stream = |line: &String| line.ends_with(": *string");
    lines.iter().rposition(is_stream).map_or(lines.len() - 1, |last| last + 1)
}

/// The lines in which a mistake can be made.
fn candidates(lines: &[String], mistake: Mistake) -> Vec<usize> {
    match mistake {
        Mistake::WaitsForMore => positions(lines, |line| line.starts_with("join ")),
        Mistake::WaitsFirst => positions(lines, |line| line.starts_with("join ") || is_read(line)),
        Mistake::NotBeside => positions(lines, runs_beside),
        Mistake::NotWritten
        | Mistake::WrittenSometimes
        | Mistake::OtherStream
        | Mistake::WrittenLast
        | Mistake::WrittenInHandler
        | Mistake::WrittenForNobody
        | Mistake::Circle => positions(lines, writes),
    }
}

/// The program with one change that may break a wait; `None` if it has nothing to change.
pub(crate) fn broken(text: &str, seed: u64) -> Option<(Mistake, String)> {
    let mut dice = Dice::new(seed);
    let mistake = *MISTAKES.get(dice.roll(MISTAKES.len()))?;
    let mut lines: Vec<String> = text.lines().map(ToOwned::to_owned).collect();
    let of = candidates(&lines, mistake);
    let at = *of.get(dice.roll(of.len()))?;
    let line = lines.get(at)?.clone();
    let (indent, said) = line.split_at(line.len() - line.trim_start().len());
    let last = lines.len() - 1;
    let nothing = format!("{indent}Tool.put(\"x\")");
    let changed = match mistake {
        Mistake::WaitsForMore => line.replace(']', " + 2]"),
        Mistake::NotWritten => nothing,
        Mistake::WrittenSometimes => format!("{indent}if c && !d:\n  {line}"),
        Mistake::OtherStream => {
            let other = if said.starts_with("s0") { "s1" } else { "s0" };
            format!("{indent}{other}{}", said.get(2..)?)
        }
        Mistake::WrittenLast => {
            lines.insert(last, format!("  {said}"));
            nothing
        }
        Mistake::WaitsFirst => {
            let moved = said.replacen("v", "w", usize::from(is_read(said)));
            let first = first_of_body(&lines);
            lines.insert(first, format!("  {moved}"));
            return Some((mistake, joined(&lines)));
        }
        Mistake::WrittenInHandler => {
            format!("{indent}try:\n{indent}  Tool.put(\"x\")\n{indent}otherwise:\n  {line}")
        }
        Mistake::WrittenForNobody => {
            format!("{indent}for z <- ps par:\n{indent}  if z == \"nobody\":\n    {line}")
        }
        Mistake::Circle => {
            let stream = said.get(..2)?;
            let others = |line: &str| writes(line) && !line.starts_with(stream);
            let others = positions(&lines, others);
            let other = *others.get(dice.roll(others.len()))?;
            let there = lines.get_mut(other)?;
            let (beside, what) = there.split_at(there.len() - there.trim_start().len());
            let awaited = what.get(..2)?.to_owned();
            *there = format!("{beside}join {stream}[0]\n{there}");
            format!("{indent}join {awaited}[0]\n{line}")
        }
        Mistake::NotBeside => {
            let said = said.strip_prefix("par ").or(said.strip_prefix("co ")).unwrap_or(said);
            format!("{indent}{}", said.replace(" par:", ":"))
        }
    };
    *lines.get_mut(at)? = changed;
    Some((mistake, joined(&lines)))
}

fn joined(lines: &[String]) -> String {
    lines.join("\n") + "\n"
}

fn is_read(line: &str) -> bool {
    line.starts_with('v') && line.ends_with('!')
}

fn writes(line: &str) -> bool {
    line.starts_with('s') && (line.contains(" <<- ") || line.contains(" <- "))
}

fn runs_beside(line: &str) -> bool {
    line.starts_with("par ") || line.starts_with("co ") || line.ends_with(" par:")
}

fn positions(lines: &[String], is: impl Fn(&str) -> bool) -> Vec<usize> {
    let found = lines.iter().enumerate().filter(|(_, line)| is(line.trim_start()));
    found.map(|(at, _)| at).collect()
}
