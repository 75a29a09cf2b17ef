//! Short random programs as people write them: a peer is asked, branches run beside each other, and
//! what one of them found is used behind it, somewhere else.

use crate::programs::{Dice, HEAD, PEERS, PRELUDE};

const STREAMS: [&str; 2] = ["s0", "s1"];

/// What a program is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Steps and branches.
    Flat,
    /// Choices, loops, attempts and relays too.
    Nested,
}

/// A program and its lines.
pub(crate) fn plain(seed: u64, shape: Shape) -> String {
    plain_below(seed, shape, HEAD)
}

/// A program behind another head.
pub(crate) fn plain_below(seed: u64, shape: Shape, head: &str) -> String {
    let dice = Dice::new(seed ^ 0x7e57);
    let mut writer = Writer { dice, shape, text: String::new(), named: 0, known: Vec::new() };
    writer.text.push_str(PRELUDE);
    writer.line(0, head);
    for stream in STREAMS {
        writer.line(1, &format!("{stream}: *string"));
    }
    for _ in 0..2 + writer.dice.roll(3) {
        if writer.dice.roll(4) == 0 {
            let peer = writer.peer();
            writer.line(1, &format!("on {peer}:"));
            writer.block(2);
        } else {
            writer.block(1);
        }
    }
    writer.end();
    writer.text
}

struct Writer {
    dice: Dice,
    shape: Shape,
    text: String,
    /// How many names there are.
    named: usize,
    /// Those in sight.
    known: Vec<String>,
}

impl Writer {
    fn line(&mut self, indent: usize, line: &str) {
        self.text.push_str(&"  ".repeat(indent));
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn peer(&mut self) -> &'static str {
        self.dice.one_of(&PEERS)
    }

    fn stream(&mut self) -> &'static str {
        self.dice.one_of(&STREAMS)
    }

    fn name(&mut self) -> String {
        self.named += 1;
        format!("v{}", self.named)
    }

    /// A name in sight, or a text.
    fn value(&mut self) -> String {
        let some = self.dice.roll(self.known.len().max(1));
        let name = self.known.get(some).filter(|_| self.dice.roll(2) == 0);
        name.cloned().unwrap_or_else(|| "\"x\"".to_owned())
    }

    fn step(&mut self, indent: usize) {
        let (value, stream) = (self.value(), self.stream());
        match self.dice.roll(20) {
            0..7 => {
                let name = self.name();
                self.line(indent, &format!("{name} <- Tool.get({value})"));
                self.known.push(name);
            }
            7..12 => self.line(indent, &format!("Tool.put({value})")),
            12..17 => self.line(indent, &format!("{stream} <- Tool.get({value})")),
            _ => self.line(indent, &format!("{stream} <<- {value}")),
        }
    }

    /// Whether the program has something here that only nested ones have.
    fn nests(&mut self, one_in: usize) -> bool {
        self.shape == Shape::Nested && self.dice.roll(one_in) == 0
    }

    /// One or two steps on a peer, perhaps on another one from there.
    fn on(&mut self, indent: usize, word: &str) {
        let peer = self.peer();
        let relay = if self.nests(8) { self.peer() } else { peer };
        let via = if relay == peer { String::new() } else { format!(" via {relay}") };
        self.line(indent, &format!("{word}on {peer}{via}:"));
        for _ in 0..1 + self.dice.roll(2) {
            if indent < 3 && self.nests(8) {
                self.nested(indent + 1);
            } else if indent < 3 && self.dice.roll(7) == 0 {
                self.on(indent + 1, "");
            } else {
                self.step(indent + 1);
            }
        }
    }

    /// Branches that see nothing of each other; what is behind them sees all.
    fn branches(&mut self, indent: usize) {
        let before = self.known.clone();
        let mut made = Vec::new();
        for branch in 0..2 + usize::from(self.dice.roll(4) == 0) {
            self.on(indent, if branch == 0 { "" } else { "par " });
            made.extend(self.known.split_off(before.len()));
        }
        self.known.extend(made);
    }

    /// A block below a line; what it names is not seen behind it.
    fn below(&mut self, indent: usize, line: &str) {
        let known = self.known.len();
        self.line(indent, line);
        self.block(indent + 1);
        self.known.truncate(known);
    }

    /// A choice, a loop or an attempt.
    fn nested(&mut self, indent: usize) {
        match self.dice.roll(10) {
            0..4 => {
                let condition = self.dice.one_of(&["if c:", "if d:"]);
                self.below(indent, condition);
                if self.dice.roll(2) == 0 {
                    self.below(indent, "else:");
                }
            }
            4..7 => self.below(indent, &format!("for w{indent} <- [\"x\", \"y\"]:")),
            _ => {
                self.below(indent, "try:");
                self.below(indent, "otherwise:");
            }
        }
    }

    fn block(&mut self, indent: usize) {
        if indent < 4 && self.nests(10) {
            return self.nested(indent);
        }
        match self.dice.roll(20) {
            0..6 => self.branches(indent),
            6..10 => self.on(indent, "co "),
            10..13 => self.on(indent, ""),
            13..15 => self.step(indent),
            15..17 => {
                let mode = self.dice.one_of(&[" par", " par", ""]);
                let (stream, value) = (self.stream(), self.value());
                self.line(indent, &format!("for q <- ps{mode}:"));
                self.line(indent + 1, "on q:");
                self.line(indent + 2, &format!("{stream} <- Tool.get({value})"));
            }
            17..19 => {
                let stream = self.stream();
                let index = self.dice.one_of(&["0", "0", "1", "ps.length - 1"]);
                self.line(indent, &format!("join {stream}[{index}]"));
            }
            _ => self.first(indent),
        }
    }

    /// The first element of a stream.
    fn first(&mut self, indent: usize) {
        let (name, stream) = (self.name(), self.stream());
        self.line(indent, &format!("{name} = {stream}!"));
        self.known.push(name);
    }

    /// What becomes of it.
    fn end(&mut self) {
        if self.dice.roll(2) == 0 {
            self.first(1);
        }
        let value = self.value();
        if self.dice.roll(5) == 0 {
            let peer = self.peer();
            self.line(1, &format!("on {peer}:"));
            self.line(2, &format!("Tool.put({value})"));
        }
        self.line(1, &format!("<- {value}"));
    }
}
