//! Random programs in which every value says in its text which one it is: `v1` is asked for with
//! `v1`, an error is asked for with the number of its line. Some services fail, some handlers name
//! what failed, some peers stand behind relays.

use crate::plain::{Shape, plain_below};
use crate::programs::{Dice, HEAD, written};

/// Relays that a program names.
pub(crate) const RELAYS: [&str; 2] = ["r0", "r1"];

/// The programs of a seed.
pub(crate) fn secrets(seed: u64) -> [String; 3] {
    let head = HEAD.replace("d: bool)", "d: bool, secret: string, r0: string, r1: string)");
    let plain = |shape| plain_below(seed, shape, &head);
    [written(seed, &head), plain(Shape::Flat), plain(Shape::Nested)].map(|text| marked(&text, seed))
}

/// The program with its values marked.
fn marked(text: &str, seed: u64) -> String {
    let mut dice = Dice::new(seed ^ 0x7a17);
    let fails = dice.roll(3) == 0;
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        let number = lines.len();
        let body = line.trim_start();
        let indent = &line[..line.len() - body.len()];
        let asked = body.split_once(" <- Tool.get(").map(|(name, _)| name);
        let one_in = |dice: &mut Dice, sides| dice.roll(sides) == 0;
        match (asked, body) {
            (Some(name), _) => {
                // What is asked for is the mark of the answer; what is asked with is used beside it.
                let with = body.split_once("get(").map_or("", |(_, with)| with);
                if !with.starts_with('"') {
                    lines.push(format!("{indent}Tool.put({with}"));
                }
                lines.push(format!("{indent}{name} <- Tool.get(\"{name}\")"));
            }
            // An element has the mark of its stream.
            (None, _) if body.contains(" <<- v") => {
                let value = body.split_once("<<- ").map_or("", |(_, value)| value);
                lines.push(format!("{indent}Tool.put({value})"));
            }
            (None, "Tool.fail(\"x\")") => lines.push(format!("{indent}Tool.fail(\"e{number}\")")),
            (None, "Tool.put(\"x\")") if fails && one_in(&mut dice, 4) => {
                lines.push(format!("{indent}Tool.fail(\"e{number}\")"));
            }
            (None, "Tool.put(\"x\")") if one_in(&mut dice, 3) => {
                lines.push(line.replace("\"x\"", "secret"));
            }
            (None, "otherwise:") if one_in(&mut dice, 2) => {
                lines.push(format!("{indent}catch error{number}:"));
                lines.push(format!("{indent}  Tool.put(error{number}.message)"));
            }
            (None, _) if body.contains("on p") && one_in(&mut dice, 5) => {
                let relay = RELAYS.get(dice.roll(RELAYS.len())).copied().unwrap_or_default();
                lines.push(line.replace(':', &format!(" via {relay}:")));
            }
            (None, _) => lines.push(line.to_owned()),
        }
    }
    lines.join("\n") + "\n"
}

/// The line of the attempt whose handler takes what fails on a line; the function's if none does.
pub(crate) fn catcher(text: &str, failing: usize) -> Option<usize> {
    let lines: Vec<&str> = text.lines().collect();
    let indent = |at: usize| lines.get(at).map(|line| line.len() - line.trim_start().len());
    let mut depth = indent(failing)?;
    for at in (0..failing).rev() {
        let here = indent(at)?;
        let line = lines.get(at)?.trim();
        if here >= depth || line.is_empty() {
            continue;
        }
        depth = here;
        if line == "try:" || line.starts_with("func ") {
            return Some(at);
        }
    }
    None
}

#[test]
fn what_fails_in_a_handler_is_caught_further_out() {
    let text = "func f():\n  try:\n    try:\n      a()\n    otherwise:\n      b()\n  c()\n";
    assert_eq!([3, 5, 6].map(|line| catcher(text, line)), [Some(2), Some(1), Some(0)]);
}
