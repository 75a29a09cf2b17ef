//! Words of other languages, and words that are nearly ours.

use aquac_base::did_you_mean;

use crate::error::{ForeignError, Form};
use crate::line::feed::{Fed, Mode, Tok};

use super::{Slip, Slipped};

/// Words that start a declaration, with their terminals.
const DECLARATIONS: [(&str, Tok); 6] = [
    ("func", Tok::Func),
    ("service", Tok::Service),
    ("ability", Tok::Ability),
    ("data", Tok::Data),
    ("const", Tok::Const),
    ("alias", Tok::Alias),
];

/// Words that start a header line, with their terminals.
const HEADERS: [(&str, Tok); 4] =
    [("aqua", Tok::Aqua), ("import", Tok::Import), ("use", Tok::Use), ("export", Tok::Export)];

/// Words that start a statement, with their terminals.
const STATEMENTS: [(&str, Tok); 11] = [
    ("on", Tok::On),
    ("if", Tok::If),
    ("else", Tok::Else),
    ("try", Tok::Try),
    ("catch", Tok::Catch),
    ("otherwise", Tok::Otherwise),
    ("for", Tok::For),
    ("parseq", Tok::Parseq),
    ("par", Tok::Par),
    ("co", Tok::Co),
    ("join", Tok::Join),
];

/// The note that every unknown declaration gets.
const DECLARED: &str =
    "declarations start with: `func`, `service`, `ability`, `data`, `const`, `alias`";

/// Which of our words a declaration of another language starts with, and what to say.
fn foreign_declaration_word(word: &str) -> Option<(&'static str, &'static str)> {
    Some(match word {
        "def" | "fn" | "fun" | "function" | "proc" | "sub" | "method" => {
            ("func", "functions are declared with `func`")
        }
        "struct" | "record" | "class" | "message" => ("data", "records are declared with `data`"),
        "interface" | "trait" | "protocol" => ("ability", "interfaces are declared with `ability`"),
        "let" | "var" | "val" | "define" => ("const", "constants are declared with `const`"),
        "type" | "typedef" => ("alias", "other names of types are declared with `alias`"),
        "include" | "require" => ("import", "modules are brought in with `import`"),
        _ => return None,
    })
}

impl Slipped<'_> {
    /// `async func main():`, `pub data P:`
    pub(super) fn modifier(&self) -> Option<Slip> {
        let (word, declares) = (self.name(1)?, self.name(2)?);
        let (declares, tok) = *DECLARATIONS.iter().find(|(word, _)| *word == declares)?;
        if self.tok(3)? != Tok::Name {
            return None;
        }
        let (first, second) = (self.get(1)?.1, self.get(2)?.1);
        let error = ForeignError::ForeignWord {
            span: first,
            word: word.to_owned(),
            expected: "not needed",
            help: format!("no word stands before `{declares}`"),
            note: None,
            edits: vec![(self.between(first.start, second.start), "")],
        };
        let fed = self.spliced(1..3, [Fed(tok, second)]);
        Some(Slip { fed, error, else_if: None, certain: true })
    }

    /// `export func main():`
    pub(super) fn exported_declaration(&self) -> Option<Slip> {
        let declares = self.name(2)?;
        let (_, tok) = *DECLARATIONS.iter().find(|(word, _)| *word == declares)?;
        if self.tok(1)? != Tok::Export || self.tok(3)? != Tok::Name {
            return None;
        }
        let fed = self.spliced(1..3, [Fed(tok, self.get(2)?.1)]);
        Some(self.form(Form::ExportedDeclaration, self.get(1)?.1, Vec::new(), fed))
    }

    /// `def main():`, `fucn main():`
    pub(super) fn foreign_declaration(&self) -> Option<Slip> {
        let first = self.get(1)?;
        if first.0 != Tok::Name || !matches!(self.get(2)?.0, Tok::Name | Tok::String) {
            return None;
        }
        let word = self.text(first);
        if matches!(word, "enum" | "union") {
            return self.unreadable(
                "a choice is a `data` type with an option for each case: `name: ?type`",
            );
        }
        let known = DECLARATIONS.iter().chain(&HEADERS);
        let near = || did_you_mean(word, known.clone().map(|(word, _)| *word));
        let (ours, help) = match foreign_declaration_word(word) {
            Some((ours, help)) => (ours, help.to_owned()),
            None => {
                let near = near()?;
                (near, format!("did you mean `{near}`?"))
            }
        };
        let (ours, tok) = *known.clone().find(|(word, _)| *word == ours)?;
        let error = ForeignError::ForeignWord {
            span: self.span(first),
            word: word.to_owned(),
            expected: "expected a declaration",
            help,
            note: Some(DECLARED),
            edits: vec![(self.span(first), ours)],
        };
        Some(Slip { fed: self.changed(1, tok), error, else_if: None, certain: ours == "func" })
    }

    /// `return x`, `let x = 1`, `while c:`, `fro x <- xs:`
    pub(super) fn foreign_statement(&self) -> Option<Slip> {
        let first = self.get(1)?;
        if first.0 != Tok::Name {
            return None;
        }
        match self.text(first) {
            "return" | "yield" | "returns" => self.returned(),
            "let" | "var" | "val" | "const" | "set" | "auto" | "new" | "mut" => {
                self.without_first("names are bound without a word: `name = value`", true)
            }
            "await" | "call" | "do" => {
                self.without_first("calls need no word: `name <- call()`", true)
            }
            "while" | "loop" | "foreach" | "repeat" => {
                self.unreadable("loops go over collections: `for x <- xs:`")
            }
            "match" | "switch" | "case" | "when" => self.unreadable("choose with `if` and `else`"),
            "unless" => self.unreadable("write `if` and the opposite of the condition"),
            "throw" | "raise" | "assert" => {
                self.unreadable("a step fails when a service call fails")
            }
            "except" | "rescue" => {
                self.instead(Tok::Catch, "catch", "errors are caught with `catch e:`")
            }
            "spawn" | "go" | "async" => {
                self.instead(Tok::Co, "co", "what nobody waits for is started with `co`")
            }
            "parsec" => self.instead(Tok::Parseq, "parseq", "did you mean `parseq`?"),
            word => {
                // A single letter is near to everything.
                if word.len() < 2 {
                    return None;
                }
                let near = did_you_mean(word, STATEMENTS.iter().map(|(word, _)| *word))?;
                let (near, tok) = *STATEMENTS.iter().find(|(word, _)| *word == near)?;
                self.instead(tok, near, &format!("did you mean `{near}`?"))
            }
        }
    }

    /// `return (x)` and `return` alone, which would be a call and a name.
    pub(super) fn call_like_return(&self) -> Option<Slip> {
        let first = self.get(1)?;
        if self.text(first) != "return" {
            return None;
        }
        match self.get(2) {
            None => self.unreadable("results are returned with an arrow: `<- value`"),
            Some(Fed(Tok::LeftParen, span)) if span.start > first.1.end => self.returned(),
            Some(_) => None,
        }
    }

    /// `seq:` and the like, which would be a stream without a type.
    pub(super) fn unknown_block(&self) -> Option<Slip> {
        let first = self.get(1)?;
        if !self.place.has_body || self.fed.len() != 3 || self.get(2)?.0 != Tok::Open {
            return None;
        }
        let help = match self.text(first) {
            "seq" => "lines of a block run one after another: put them in the block around it",
            "parallel" => "write `par` before each line that runs beside the one above it",
            "finally" | "default" | "except" => {
                "alternatives are written `catch e:` or `otherwise:`"
            }
            word => {
                let blocks = ["else", "try", "otherwise"];
                if let Some(near) = did_you_mean(word, blocks) {
                    let (near, tok) = *STATEMENTS.iter().find(|(word, _)| *word == near)?;
                    return self.instead(tok, near, &format!("did you mean `{near}`?"));
                }
                "blocks start with `if`, `for`, `on`, `try`, `parseq`"
            }
        };
        self.unreadable(help)
    }

    fn returned(&self) -> Option<Slip> {
        let value = self.get(2).map_or("value", |Fed(_, span)| {
            self.tokens.bytes(span.start, self.place.line.end_byte(self.tokens))
        });
        let help = format!("results are returned with an arrow: `<- {value}`");
        let mut slip = self.instead(Tok::LeftArrow, "<-", &help)?;
        slip.certain = true;
        Some(slip)
    }

    fn foreign(&self, help: &str, better: Option<&'static str>) -> Option<ForeignError> {
        let first = self.get(1)?;
        Some(ForeignError::ForeignWord {
            span: self.span(first),
            word: self.text(first).to_owned(),
            expected: match self.place.mode {
                Mode::Top | Mode::Members => "expected a declaration",
                Mode::Body => "expected a statement",
            },
            help: help.to_owned(),
            note: None,
            edits: better.map(|better| (self.span(first), better)).into_iter().collect(),
        })
    }

    /// The line with another first word.
    fn instead(&self, tok: Tok, better: &'static str, help: &str) -> Option<Slip> {
        let error = self.foreign(help, Some(better))?;
        Some(Slip { fed: self.changed(1, tok), error, else_if: None, certain: false })
    }

    /// The line without its first word.
    fn without_first(&self, help: &str, certain: bool) -> Option<Slip> {
        let mut error = self.foreign(help, Some(""))?;
        if let (ForeignError::ForeignWord { edits, .. }, Some(Fed(_, next))) =
            (&mut error, self.get(2))
        {
            // The blanks behind the word go with it.
            edits.iter_mut().for_each(|(span, _)| span.end = next.start);
        }
        let fed: Vec<Fed> =
            self.fed.iter().take(1).chain(self.fed.iter().skip(2)).copied().collect();
        Some(Slip { fed, error, else_if: None, certain })
    }

    /// A line that has no counterpart.
    fn unreadable(&self, help: &str) -> Option<Slip> {
        let error = self.foreign(help, None)?;
        let fed = self.fed.iter().take(1).copied().collect();
        Some(Slip { fed, error, else_if: None, certain: true })
    }
}
