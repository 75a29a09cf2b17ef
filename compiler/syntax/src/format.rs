//! Text → the same text in the one style of Aqua.
//!
//! Works on tokens and lines, not on the tree: every token and comment stays, only blanks, line
//! ends and indentation change. Two spaces for each block, one blank between tokens, an empty
//! line around declarations with a body; line breaks inside of brackets stay where they are.
//! Lines that are misaligned are aligned; a text that is damaged otherwise is left alone.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "there are seventy kinds of tokens, and each question is about a few"
)]

mod separators;
mod spacing;

use aquac_base::{Diagnostic, SourceId};

use crate::depths::Depths;
use crate::layout::{Line, layout};
use crate::lex::{Kind, Tokens, lex};

use separators::{Above, Comment};
use spacing::Spacing;

/// Spaces for each level of indentation.
const INDENT: usize = 2;

/// How often the result is looked at again; a text without mistakes is settled at once.
const MAX_SETTLING: usize = 4;

/// Longer texts are not read as a whole by [`format_correct`], so that it stays fast.
const MAX_CHECKED_BYTES: usize = 1 << 20;

/// Formats a module like [`format()`], but leaves a text alone that has any mistake of syntax.
///
/// In a text of more than 1 MiB, a line with a mistake of its own keeps its tokens
/// and is formatted like any other.
///
/// # Errors
///
/// Everything that is wrong with the text.
pub fn format_correct(text: &str) -> Result<String, Vec<Diagnostic>> {
    let formatted = format(text)?;
    if text.len() > MAX_CHECKED_BYTES {
        return Ok(formatted);
    }
    let wrong = crate::parse(SourceId(0), text).diagnostics.into_iter();
    let wrong: Vec<Diagnostic> = wrong.filter(is_in_the_way).collect();
    if wrong.is_empty() { Ok(formatted) } else { Err(wrong) }
}

/// Formats a module as far as it can be understood line by line: what an editor does while
/// somebody types. The result is stable: formatting it again changes nothing.
///
/// # Errors
///
/// Everything that is wrong with the text, if it cannot be said for certain what its lines mean.
pub fn format(text: &str) -> Result<String, Vec<Diagnostic>> {
    let mut formatted = format_once(text)?;
    // Text that no line can be made of may move once more when what stood before it has moved.
    for _ in 0..MAX_SETTLING {
        let again = format_once(&formatted)?;
        if again == formatted {
            break;
        }
        formatted = again;
    }
    Ok(formatted)
}

fn format_once(text: &str) -> Result<String, Vec<Diagnostic>> {
    let source = SourceId(0);
    let tokens = lex(text, source);
    let lines = layout(&tokens);
    let mut formatter = Formatter {
        tokens: &tokens,
        out: String::with_capacity(text.len() + text.len() / 8),
        depths: Depths::default(),
        comments: Vec::new(),
        doubtful: tokens.block_braces().next().is_some(),
        stray: false,
        above: Above::Nothing,
        block_starts: false,
    };
    formatter.lines(lines.as_slice());
    if formatter.doubtful {
        let stray = formatter.stray;
        let wrong = crate::parse(source, text).diagnostics.into_iter();
        let wrong: Vec<Diagnostic> = wrong.filter(|one| stray || is_in_the_way(one)).collect();
        if !wrong.is_empty() {
            return Err(wrong);
        }
    }
    Ok(formatter.out)
}

/// Whether a problem makes it doubtful what the lines around it mean. Alignment is what a
/// formatter repairs; a missing header is none of its business.
fn is_in_the_way(diagnostic: &Diagnostic) -> bool {
    let harmless = ["AQ0001", "AQ0002", "AQ0101"];
    diagnostic.is_error() && !harmless.contains(&diagnostic.code.0)
}

struct Formatter<'t> {
    tokens: &'t Tokens<'t>,
    out: String,
    depths: Depths,
    /// Comments on lines of their own that wait for the line below them.
    comments: Vec<Comment>,
    /// Whether something in the text is more than a formatter understands.
    doubtful: bool,
    /// Whether an indented line belongs to no block.
    stray: bool,
    /// What the last line in the first column was.
    above: Above,
    /// Whether the line that was written last opens a block.
    block_starts: bool,
}

impl Formatter<'_> {
    fn lines(&mut self, lines: &[Line]) {
        let mut at = 0;
        for line in lines {
            let spaced = self.between(at, line.first as usize);
            let aligned = self.depths.place(self.tokens, *line);
            self.doubtful |= !aligned || !line.balanced || line.too_deep;
            let depth = self.depths.depth();
            self.stray |= !aligned && depth == 0 && at > 0;
            self.separate(*line, depth, spaced);
            self.line(*line, depth);
            at = line.end as usize;
            self.block_starts = self.depths.open(self.tokens, *line);
        }
        self.between(at, self.tokens.len());
        self.flush_comments(0);
    }

    /// Writes one logical line.
    fn line(&mut self, line: Line, depth: usize) {
        let own = depth * INDENT;
        // The indentation of the physical line on which each open bracket stands.
        let mut brackets: Vec<usize> = Vec::new();
        let mut current = own;
        let mut spacing = Spacing::default();
        let mut broken = false;
        let mut blank = false;
        self.indent(own);
        for at in line.first as usize..line.end as usize {
            let Some(kind) = self.tokens.kind(at) else { break };
            match kind {
                Kind::Blank | Kind::Mark => blank = true,
                Kind::Newline => broken = true,
                Kind::Comment | Kind::ForeignComment => {
                    if broken {
                        self.break_line(inner(&brackets, own));
                        broken = false;
                    } else {
                        self.out.push_str("  ");
                    }
                    self.doubtful |= kind == Kind::ForeignComment;
                    self.out.push_str(self.tokens.slice(at).trim_end());
                }
                _ => {
                    self.doubtful |= kind == Kind::Unknown;
                    if closes(kind) {
                        let opened = brackets.pop();
                        current = if broken { opened.unwrap_or(own) } else { current };
                    } else if broken {
                        current = inner(&brackets, own);
                    }
                    let wanted = spacing.before(self.tokens, at, kind, blank);
                    if broken {
                        self.break_line(current);
                    } else if wanted {
                        self.out.push(' ');
                    }
                    if opens(kind) {
                        brackets.push(current);
                    }
                    self.out.push_str(self.tokens.slice(at));
                    broken = false;
                    blank = false;
                }
            }
        }
        self.out.push('\n');
    }

    /// Starts a new physical line.
    fn break_line(&mut self, indent: usize) {
        self.out.push('\n');
        self.indent(indent);
    }

    fn indent(&mut self, width: usize) {
        const BLANKS: &str = "                                ";
        let mut left = width;
        while left > BLANKS.len() {
            self.out.push_str(BLANKS);
            left -= BLANKS.len();
        }
        self.out.push_str(BLANKS.get(..left).unwrap_or_default());
    }
}

/// The indentation of a line that continues another one.
fn inner(brackets: &[usize], own: usize) -> usize {
    match brackets.last() {
        Some(opened) => opened + INDENT,
        None => own + 2 * INDENT,
    }
}

fn opens(kind: Kind) -> bool {
    matches!(kind, Kind::LeftParen | Kind::LeftBracket | Kind::LeftBrace)
}

fn closes(kind: Kind) -> bool {
    matches!(kind, Kind::RightParen | Kind::RightBracket | Kind::RightBrace)
}

#[cfg(test)]
mod tests {
    use super::{format, format_correct};

    fn formatted(text: &str) -> String {
        let once = format(text).unwrap();
        assert_eq!(format(&once).unwrap(), once, "stable");
        once
    }

    /// A line of a body, formatted.
    fn line(text: &str) -> String {
        let whole = formatted(&format!("aqua A\n\nfunc f():\n  {text}\n"));
        let line = whole.strip_prefix("aqua A\n\nfunc f():\n").unwrap_or_default();
        line.lines().map(|line| line.get(2..).unwrap_or_default()).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn tokens_have_one_blank_between_them_and_brackets_none_inside() {
        assert_eq!(line("x=a+2*b-1"), "x = a + 2 * b - 1");
        assert_eq!(line("x = f ( a ,b )"), "x = f(a, b)");
        assert_eq!(line("x = [ 1,2 ] [ 0 ]"), "x = [1, 2][0]");
        assert_eq!(line("x = f {a} (1)  -- c  "), "x = f{a}(1)  -- c");
        assert_eq!(line("a,b<-f()"), "a, b <- f()");
        assert_eq!(line("s<<-1"), "s <<- 1");
    }

    #[test]
    fn signs_stay_with_what_they_belong_to() {
        assert_eq!(line("x = a*-1"), "x = a * -1");
        assert_eq!(line("x = - 1 + a"), "x = - 1 + a");
        assert_eq!(line("x = a<-1"), "x = a <-1");
        assert_eq!(line("x = ! a && !b"), "x = !a && !b");
        assert_eq!(line("x = a! == 1"), "x = a! == 1");
        assert_eq!(line("x = a!==1"), "x = a!== 1");
        assert_eq!(line("x = a!1.b"), "x = a!1.b");
        assert_eq!(line("x = a *[1]!"), "x = a * [1]!");
        assert_eq!(line("x = *[1]"), "x = *[1]");
        assert_eq!(line("s:  *[]?u8"), "s: *[]?u8");
        assert_eq!(line("s:[]*[][]%u8"), "s: []*[][]%u8");
    }

    #[test]
    fn words_keep_their_distance() {
        assert_eq!(line("if (a):\n    b()"), "if (a):\n  b()");
        assert_eq!(line("if !a :\n    b()"), "if !a:\n  b()");
        assert_eq!(line("if -1<x:\n    b()"), "if -1 < x:\n  b()");
        assert_eq!(line("on *[1]! via [r]:\n    b()"), "on *[1]! via [r]:\n  b()");
        assert_eq!(line("Srv (x)"), "Srv (x)");
        assert_eq!(line("join(x)"), "join(x)");
        assert_eq!(line("c = func (x:u8)->u8:\n    b()"), "c = func (x: u8) -> u8:\n  b()");
    }

    #[test]
    fn line_breaks_in_brackets_stay_and_are_indented() {
        assert_eq!(
            line("x = f(\na, -- one\n-- two\n      [b,\nc]\n)"),
            "x = f(\n  a,  -- one\n  -- two\n  [b,\n    c]\n)"
        );
        assert_eq!(line("x = a +\n      b"), "x = a +\n    b");
    }

    #[test]
    fn blocks_are_two_spaces_deep_and_declarations_have_room() {
        let text = "\n\naqua A declares*\nimport \"x\"\nuse \"y\"\nconst N=1\nconst M=2\n\n\nalias B:u8\n-- doc\nfunc f():\n\n\tif a:\n\t\t\tb()\n\n\n\t\t\tc()\n\t-- last\nfunc g():\n d()\n";
        assert_eq!(
            formatted(text),
            "aqua A declares *\n\nimport \"x\"\nuse \"y\"\n\nconst N = 1\nconst M = 2\n\nalias B: u8\n\n-- doc\nfunc f():\n  if a:\n    b()\n\n    c()\n  -- last\n\nfunc g():\n  d()\n"
        );
    }

    #[test]
    fn what_a_comment_says_to_tools_stays_with_the_function() {
        let head = "aqua A\n\nfunc f():\n  a()\n";
        let body = "func g():\n  b()\n";
        let good = format!("{head}\n-- @budget hops<=6\n-- and why\n{body}");
        let odd = format!("{head}    -- @budget hops<=6\n -- and why\n{body}");
        assert_eq!(formatted(&odd), good);
        let apart = format!("{head}  -- @budget hops<=6\n\n{body}");
        assert_eq!(formatted(&apart), apart);
    }

    #[test]
    fn a_line_with_a_mistake_keeps_its_tokens_or_all_is_left_alone() {
        let text = "aqua A\n\nfunc f():\n    x = =3\n";
        assert_eq!(formatted(text), "aqua A\n\nfunc f():\n  x = = 3\n");
        assert!(format_correct(text).is_err());
        let misaligned = "aqua A\n\nfunc f():\n  a()\n   b()\n";
        assert!(format_correct(misaligned).is_ok());
    }

    #[test]
    fn misaligned_lines_are_aligned_and_damaged_texts_are_left_alone() {
        let misaligned = "aqua A\n\nfunc f():\n  a()\n   b()\n";
        assert_eq!(formatted(misaligned), "aqua A\n\nfunc f():\n  a()\n  b()\n");
        let codes = |text: &str| -> Vec<&str> {
            format(text).unwrap_err().iter().map(|wrong| wrong.code.0).collect()
        };
        assert_eq!(codes("aqua A\nfunc f()\n  a()\n"), ["AQ0103"]);
        assert_eq!(codes("aqua A\nfunc f():\n  a(\n"), ["AQ0102"]);
        assert_eq!(codes("aqua A\nfunc f():\n  a @ b\n"), ["AQ0007"]);
    }
}
