//! Random well-typed programs with streams, waits and branches, from a number each.

/// Peers that a program names.
pub(crate) const PEERS: [&str; 3] = ["p0", "p1", "p2"];
/// Peers in the list that a program is given.
pub(crate) const LISTED: [&str; 5] = ["a0", "a1", "a2", "a3", "a4"];
const STREAMS: [&str; 3] = ["s0", "s1", "s2"];

/// What stands above every program.
pub(crate) const PRELUDE: &str = "aqua Random\nexport main\n\nservice Tool(\"tool\"):\n  get(x: string) -> string\n  put(x: string)\n  fail(x: string) -> string\n\n";
/// The head of every program.
pub(crate) const HEAD: &str =
    "func main(p0: string, p1: string, p2: string, ps: []string, c: bool, d: bool) -> string:";

/// A source of choices.
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// A number below `sides`.
    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap_or_default() % sides.max(1)
    }

    /// Any of these.
    pub(crate) fn one_of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all.get(self.roll(all.len())).copied().unwrap_or_default()
    }
}

/// What surrounds a statement.
#[derive(Debug, Clone, Copy)]
struct Around {
    depth: usize,
    /// Whether control comes from here to what follows one step after the other.
    straight: bool,
}

/// A program and its lines.
pub(crate) fn program(seed: u64) -> String {
    written(seed, HEAD)
}

/// A program behind another head.
pub(crate) fn written(seed: u64, head: &str) -> String {
    let mut writer = Writer { dice: Dice::new(seed), text: String::new(), names: 0 };
    writer.text.push_str(PRELUDE);
    writer.line(0, head);
    for stream in STREAMS {
        writer.line(1, &format!("{stream}: *string"));
    }
    let lines = 2 + writer.dice.roll(4);
    writer.body(lines, 1, Around { depth: 2, straight: true }, &mut Vec::new());
    writer.line(1, "<- \"done\"");
    writer.text
}

struct Writer {
    dice: Dice,
    text: String,
    names: usize,
}

impl Writer {
    fn line(&mut self, indent: usize, line: &str) {
        self.text.push_str(&"  ".repeat(indent));
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn body(&mut self, lines: usize, indent: usize, around: Around, known: &mut Vec<String>) {
        let mark = known.len();
        for _ in 0..lines {
            self.statement(indent, around, known);
        }
        // Names stay in sight only where the language says so; the writer is stricter.
        if indent > 1 {
            known.truncate(mark);
        }
    }

    fn inside(&mut self, indent: usize, around: Around, known: &mut Vec<String>) {
        let lines = 1 + self.dice.roll(3);
        self.body(lines, indent + 1, around, known);
    }

    fn statement(&mut self, indent: usize, around: Around, known: &mut Vec<String>) {
        let leaf = around.depth == 0;
        let stream = self.dice.one_of(&STREAMS);
        let deeper = Around { depth: around.depth.saturating_sub(1), ..around };
        let beside = Around { straight: false, ..deeper };
        match self.dice.roll(if leaf { 9 } else { 18 }) {
            0 => self.line(indent, "Tool.put(\"x\")"),
            1 => {
                self.names += 1;
                let name = format!("v{}", self.names);
                self.line(indent, &format!("{name} <- Tool.get(\"x\")"));
                known.push(name);
            }
            2 => {
                let name = known.last().cloned().unwrap_or_else(|| "\"x\"".to_owned());
                self.line(indent, &format!("Tool.put({name})"));
            }
            3 | 4 => self.line(indent, &format!("{stream} <- Tool.get(\"x\")")),
            5 | 6 => self.line(indent, &format!("{stream} <<- \"x\"")),
            7 => self.join(indent, stream),
            8 => {
                self.names += 1;
                let name = format!("v{}", self.names);
                self.line(indent, &format!("{name} = {stream}!"));
                known.push(name);
            }
            9 | 10 => {
                let peer = self.dice.one_of(&PEERS);
                self.line(indent, &format!("on {peer}:"));
                self.inside(indent, deeper, known);
            }
            11 | 12 => {
                let (one, other) = (self.dice.one_of(&PEERS), self.dice.one_of(&PEERS));
                self.line(indent, &format!("on {one}:"));
                self.inside(indent, beside, known);
                self.line(indent, &format!("par on {other}:"));
                self.inside(indent, beside, known);
            }
            13 => {
                let peer = self.dice.one_of(&PEERS);
                self.line(indent, &format!("co on {peer}:"));
                self.inside(indent, beside, known);
            }
            14 | 15 => self.each(indent, beside, known),
            16 => self.choice(indent, deeper, known),
            _ if around.straight => {
                self.line(indent, "try:");
                self.inside(indent, deeper, known);
                self.line(indent + 1, "Tool.fail(\"x\")");
                self.line(indent, "otherwise:");
                self.inside(indent, deeper, known);
            }
            _ => self.line(indent, &format!("{stream} <- Tool.get(\"x\")")),
        }
    }

    fn join(&mut self, indent: usize, stream: &str) {
        let index = self.dice.one_of(&["0", "0", "1", "1", "2", "3", "ps.length - 1"]);
        self.line(indent, &format!("join {stream}[{index}]"));
    }

    fn each(&mut self, indent: usize, around: Around, known: &mut Vec<String>) {
        self.names += 1;
        let item = format!("i{}", self.names);
        let mode = self.dice.one_of(&[" par", " par", ""]);
        let over = self.dice.one_of(&["ps", "ps", "[\"x\", \"y\"]", "[p0, p1, p2]"]);
        self.line(indent, &format!("for {item} <- {over}{mode}:"));
        if over != "[\"x\", \"y\"]" && self.dice.roll(2) == 0 {
            self.line(indent + 1, &format!("on {item}:"));
            self.inside(indent + 1, around, known);
        } else {
            self.inside(indent, around, known);
        }
    }

    fn choice(&mut self, indent: usize, around: Around, known: &mut Vec<String>) {
        let condition = self.dice.one_of(&["c", "d", "!c", "c && d"]);
        self.line(indent, &format!("if {condition}:"));
        self.inside(indent, around, known);
        if self.dice.roll(2) == 0 {
            self.line(indent, "else:");
            self.inside(indent, around, known);
        }
    }
}
