//! Damaged and changed texts: nothing panics, other declarations still check, and what does not
//! matter changes nothing.

use super::outcome;

const PROGRAM: &str = "aqua Whole declares *

export main, other

data Point:
  x: u32
  y: u32

ability Sink:
  tag: string
  emit(s: string) -> u32

service Tool(\"tool\"):
  text(s: string) -> string
  number(n: u32) -> u32
  points() -> []Point

const LIMIT = 7

func use_it{Sink}(n: u32) -> u32:
  a <- Sink.emit(Sink.tag)
  <- a + n

func main(peer: string, names: []string) -> []string, u32:
  all: *string
  count: *u32
  on peer via HOST_PEER_ID:
    for name <- names par:
      text <- Tool.text(name)
      if text == \"stop\":
        count <<- 1
      else:
        all <<- text
    join all[names.length]
  try:
    ps <- Tool.points()
    for p <- ps:
      count <<- p.x + LIMIT
  catch e:
    all <<- e.message
  emit = (s: string) -> u32:
    n <- Tool.number(1)
    all <<- s
    <- n
  sink = Sink(tag = \"t\", emit)
  total <- use_it{sink}(3)
  count <<- total
  <- all, count!

func other(p: Point) -> u32:
  q = p.copy(x = 1)
  <- q.x + q.y
";

#[test]
fn the_program_is_clean() {
    let found = outcome(PROGRAM);
    assert!(found.codes().is_empty(), "{}", found.shown());
}

#[test]
fn without_any_one_line_the_checker_is_total_and_other_declarations_check() {
    let lines: Vec<&str> = PROGRAM.lines().collect();
    for drop in 0..lines.len() {
        let kept = lines.iter().enumerate().filter(|(at, _)| *at != drop);
        let text: String = kept.map(|(_, line)| format!("{line}\n")).collect();
        let found = outcome(&text);
        // `other` needs only `Point`; nothing else can make it wrong.
        let start = text.find("func other").map_or(u32::MAX, |at| at as u32);
        let beyond =
            found.diagnostics.iter().filter(|found| found.is_error()).filter(|found| {
                found.primary.as_ref().is_some_and(|label| label.span.start > start)
            });
        let about_point = (4..7).contains(&drop) || drop + 5 > lines.len();
        assert!(about_point || beyond.count() == 0, "without line {drop}\n{}", found.shown());
    }
}

#[test]
fn an_unreadable_line_is_one_mistake() {
    let lines: Vec<&str> = PROGRAM.lines().collect();
    for broken in (0..lines.len()).filter(|at| !lines[*at].trim().is_empty()) {
        let line = lines[broken];
        let indent = &line[..line.len() - line.trim_start().len()];
        let damaged = format!("{indent}?? {} ?", line.trim());
        let text: String = lines
            .iter()
            .enumerate()
            .map(
                |(at, line)| {
                    if at == broken { damaged.clone() + "\n" } else { format!("{line}\n") }
                },
            )
            .collect();
        let found = outcome(&text);
        let beyond = found.errors().into_iter().filter(|code| *code >= "AQ02").count();
        assert_eq!(beyond, 0, "line {broken}: {line}\n{}", found.shown());
    }
}

#[test]
fn blank_lines_move_diagnostics_and_nothing_else() {
    let wrong =
        PROGRAM.replace("Tool.number(1)", "Tool.numbr(1)").replace("q.x + q.y", "q.x + q.z");
    let moved = wrong.replace("func use_it", "-- one\n-- two\n\nfunc use_it");
    let (before, after) = (outcome(&wrong), outcome(&moved));
    assert_eq!(before.codes(), after.codes());
    assert_eq!(before.codes().len(), 2, "{}", before.shown());
    let shift = "-- one\n-- two\n\n".len() as u32;
    for (before, after) in before.diagnostics.iter().zip(&after.diagnostics) {
        let start = |found: &aquac_base::Diagnostic| found.primary.as_ref().map(|l| l.span.start);
        assert_eq!(start(before).map(|at| at + shift), start(after));
    }
}

#[test]
fn renaming_everything_changes_no_code() {
    let wrong = PROGRAM.replace("Tool.number(1)", "Tool.numbr(1)");
    let renamed = wrong
        .replace("total", "summe")
        .replace("names", "namen")
        .replace("Point", "Punkt")
        .replace("use_it", "nutze")
        .replace("Tool", "Werk");
    assert_eq!(outcome(&wrong).codes(), outcome(&renamed).codes());
}

#[test]
fn ten_thousand_wrong_names_take_linear_time() {
    let body: String = (0..10_000).map(|n| format!("  x{n} = unknown_name_{n}\n")).collect();
    let found = outcome(&format!("aqua Many\nfunc f():\n{body}"));
    assert_eq!(found.errors().len(), 10_000);
}

#[test]
fn types_that_share_parts_take_linear_time() {
    let mut text = "aqua Deep\ndata A0:\n  x: u8\ndata B0:\n  x: u8\n".to_owned();
    for n in 1..120 {
        for side in ["A", "B"] {
            let inner = n - 1;
            text += &format!("data {side}{n}:\n  l: {side}{inner}\n  r: {side}{inner}\n");
        }
    }
    text += "func f(a: A119) -> A119:\n  <- a\nfunc main(b: B119) -> A119:\n  <- f(b)\n";
    let found = outcome(&text);
    assert!(found.errors().is_empty(), "{}", found.shown());
}
