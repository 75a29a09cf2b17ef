//! A text → the same text as nobody should write it.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "there are seventy kinds of tokens, and each question is about a few"
)]

use aquac_base::SourceId;
use aquac_syntax::{Kind, Line, Tokens, layout, lex};

/// Numbers that look random and are not: xorshift.
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    /// A number below `bound`.
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x9E37_79B9_7F4A_7C15) % bound
    }

    fn one_in(&mut self, odds: u64) -> bool {
        self.below(odds) == 0
    }

    fn blanks(&mut self, from: u64) -> String {
        let length = from + self.below(4);
        (0..length).map(|_| if self.one_in(6) { '\t' } else { ' ' }).collect()
    }
}

/// A formatted text with other indentation, other blanks and other line ends. The tokens, the
/// comments and the empty lines stay.
pub(crate) fn ugly(text: &str, chance: &mut Chance) -> String {
    let tokens = lex(text, SourceId(0));
    let lines = layout(&tokens);
    let tabs = chance.one_in(4);
    let line_end = if chance.one_in(3) { "\r\n" } else { "\n" };
    let mut writer =
        Writer { tokens: &tokens, chance, out: String::new(), levels: vec![0], tabs, line_end };
    let mut at = 0;
    for line in lines.as_slice() {
        writer.between(at, line.first as usize, line);
        writer.line(line);
        at = line.end as usize;
    }
    writer.end(at, tokens.len());
    let Writer { mut out, .. } = writer;
    if chance.one_in(3) {
        out.truncate(out.trim_end_matches(['\r', '\n']).len());
    }
    out
}

struct Writer<'t> {
    tokens: &'t Tokens<'t>,
    chance: &'t mut Chance,
    out: String,
    /// Columns for each level of the formatted text.
    levels: Vec<u64>,
    tabs: bool,
    line_end: &'static str,
}

impl Writer<'_> {
    /// Indents as deep as a formatted line with this many blanks is.
    fn indent(&mut self, blanks: usize) {
        let level = blanks / 2;
        self.levels.truncate(level + 1);
        while self.levels.len() <= level {
            let wider = 1 + self.chance.below(if self.tabs { 2 } else { 6 });
            self.levels.push(self.levels.last().unwrap() + wider);
        }
        let unit = if self.tabs { "\t" } else { " " };
        self.out.push_str(&unit.repeat(*self.levels.last().unwrap() as usize));
    }

    fn end_line(&mut self) {
        if self.chance.one_in(4) {
            let blanks = self.chance.blanks(1);
            self.out.push_str(&blanks);
        }
        self.out.push_str(self.line_end);
    }

    /// Comments and empty lines above a line.
    fn between(&mut self, from: usize, to: usize, line: &Line) {
        let mut column = 0;
        for at in from..to {
            match self.tokens.kind(at).unwrap() {
                Kind::Blank => column = self.tokens.slice(at).len(),
                Kind::Newline => {
                    self.end_line();
                    column = 0;
                }
                Kind::Comment => {
                    if self.out.is_empty() || self.out.ends_with('\n') {
                        self.indent(column);
                    } else {
                        let blanks = self.chance.blanks(0);
                        self.out.push_str(&blanks);
                    }
                    self.out.push_str(self.tokens.slice(at));
                }
                _ => {}
            }
        }
        self.indent((line.start - line.indent_start) as usize);
    }

    fn line(&mut self, line: &Line) {
        let mut fresh = false;
        for at in line.first as usize..line.end as usize {
            let blanks = self.chance.blanks(1);
            match self.tokens.kind(at).unwrap() {
                // What stands first on a line inside of brackets may stand anywhere.
                Kind::Blank => self.out.push_str(&blanks),
                Kind::Newline => {
                    self.end_line();
                    fresh = true;
                    continue;
                }
                Kind::Comma if !fresh && self.chance.one_in(4) => {
                    self.out.push_str(&blanks);
                    self.out.push(',');
                }
                _ => self.out.push_str(self.tokens.slice(at)),
            }
            fresh = false;
        }
    }

    fn end(&mut self, from: usize, to: usize) {
        let mut column = 0;
        for at in from..to {
            match self.tokens.kind(at).unwrap() {
                Kind::Blank => column = self.tokens.slice(at).len(),
                Kind::Newline => {
                    self.end_line();
                    column = 0;
                }
                _ => {
                    if self.out.ends_with('\n') {
                        self.indent(column);
                    } else {
                        self.out.push(' ');
                    }
                    self.out.push_str(self.tokens.slice(at));
                }
            }
        }
    }
}

/// The text with comments behind lines and between them.
pub(crate) fn commented(text: &str, chance: &mut Chance) -> String {
    let tokens = lex(text, SourceId(0));
    let mut out = String::new();
    let mut number = 0;
    for at in 0..tokens.len() {
        let behind_comment = at > 0 && tokens.kind(at - 1) == Some(Kind::Comment);
        if tokens.kind(at) == Some(Kind::Newline) {
            if !behind_comment && chance.one_in(3) {
                number += 1;
                let blanks = chance.blanks(0);
                // Without a blank, a minus in front would be part of the dashes.
                let gap = if out.ends_with('-') { " " } else { "" };
                out.push_str(&format!("{blanks}{gap}-- c{number}"));
            }
            out.push_str(tokens.slice(at));
            if chance.one_in(4) {
                number += 1;
                let blanks = chance.blanks(0);
                let odd = ["--", "---", "-- @budget hops<=900", "--x"][chance.below(4) as usize];
                out.push_str(&format!(
                    "{blanks}{odd}{}\n",
                    if odd.contains('@') { String::new() } else { format!(" {number}") }
                ));
            }
        } else {
            out.push_str(tokens.slice(at));
        }
    }
    out
}
