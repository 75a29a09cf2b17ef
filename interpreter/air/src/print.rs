//! Scripts as canonical text, and instructions as error objects name them.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::{self, Display, Formatter};

use crate::ast::{Accessor, Lens, Operand, Register, Script, Variable, What};
use crate::lex::MAX_FLOAT_CHARS;

/// Most levels that are shown by indentation; deeper ones stay at this one.
const MAX_INDENT: usize = 64;

/// Prints a script: one level of nesting is one space, as the reference compiler writes it.
#[must_use]
pub fn print(script: &Script<'_>) -> String {
    let mut out = String::new();
    // Where the open instructions end.
    let mut open: Vec<usize> = Vec::new();
    for (at, instruction) in script.instructions.iter().enumerate() {
        while open.pop_if(|end| *end <= at).is_some() {
            line(&mut out, open.len(), "", ")");
        }
        let is_leaf = instruction.what.arity() == 0;
        let text = format!("({}", instruction.what);
        line(&mut out, open.len(), text.trim_end(), if is_leaf { ")" } else { "" });
        if !is_leaf {
            open.push(instruction.end);
        }
    }
    while open.pop().is_some() {
        line(&mut out, open.len(), "", ")");
    }
    out
}

fn line(out: &mut String, depth: usize, text: &str, end: &str) {
    out.extend(core::iter::repeat_n(' ', depth.min(MAX_INDENT)));
    out.push_str(text);
    out.push_str(end);
    out.push('\n');
}

/// An instruction without brackets and children, as error objects name it: a fraction that is an
/// integer is written as one.
#[must_use]
pub fn instruction(what: &What<'_>) -> String {
    let mut what = what.clone();
    let plain = |operand: &mut Operand<'_>| {
        if let Operand::Float(number) = operand
            && let Ok(integer) = number.get().to_string().parse()
        {
            *operand = Operand::Int(integer);
        }
    };
    match &mut what {
        What::Call { args, .. } => args.iter_mut().for_each(plain),
        What::Ap { value, .. } => plain(value),
        What::Match { left, right, .. } => [left, right].into_iter().for_each(plain),
        What::Canon { .. }
        | What::Seq
        | What::Par
        | What::Xor
        | What::Fold { .. }
        | What::Next(_)
        | What::New(_)
        | What::Fail(_)
        | What::FailWith { .. }
        | What::Never
        | What::Null => {}
    }
    what.to_string()
}

impl Display for What<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call { peer, service, function, args, output } => {
                write!(f, "call {peer} ({service} {function}) [")?;
                for (at, arg) in args.iter().enumerate() {
                    write!(f, "{}{arg}", if at > 0 { " " } else { "" })?;
                }
                // Without an output the space stays.
                f.write_str("] ")?;
                output.iter().try_for_each(|output| write!(f, "{output}"))
            }
            Self::Canon { peer, from, to } => write!(f, "canon {peer} {from} {to}"),
            Self::Ap { key: None, value, to } => write!(f, "ap {value} {to}"),
            Self::Ap { key: Some(key), value, to } => write!(f, "ap ({key} {value}) {to}"),
            Self::Seq => f.write_str("seq"),
            Self::Par => f.write_str("par"),
            Self::Xor => f.write_str("xor"),
            Self::Match { equal, left, right } => {
                write!(f, "{} {left} {right}", if *equal { "match" } else { "mismatch" })
            }
            Self::Fold { iterable, item, .. } => write!(f, "fold {iterable} {item}"),
            Self::Next(item) => write!(f, "next {item}"),
            Self::New(variable) => write!(f, "new {variable}"),
            Self::Fail(error) => write!(f, "fail {error}"),
            Self::FailWith { code, message } => write!(f, "fail {code} \"{message}\""),
            Self::Never => f.write_str("never"),
            Self::Null => f.write_str("null"),
        }
    }
}

impl Display for Variable<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl Display for Operand<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (name, lens): (&dyn Display, _) = match self {
            Self::Text(text) => return write!(f, "\"{text}\""),
            Self::Int(number) => return write!(f, "{number}"),
            Self::Float(number) => return write_float(f, number.get()),
            Self::Bool(truth) => return write!(f, "{truth}"),
            Self::Empty => return f.write_str("[]"),
            Self::Initiator => return f.write_str("%init_peer_id%"),
            Self::Timestamp => return f.write_str("%timestamp%"),
            Self::Ttl => return f.write_str("%ttl%"),
            Self::Error(Register::Caught, lens) => (&":error:", lens),
            Self::Error(Register::Last, lens) => (&"%last_error%", lens),
            Self::Variable(variable, lens) => (variable, lens),
        };
        name.fmt(f)?;
        lens.iter().try_for_each(|lens| lens.fmt(f))
    }
}

/// A fraction that is read back as one, in at most as many characters as it may have.
fn write_float(f: &mut Formatter<'_>, number: f64) -> fmt::Result {
    let digits = number.to_string();
    let end = match (digits.contains('.'), digits.len() + 2 > MAX_FLOAT_CHARS) {
        (true, _) => "",
        (false, true) => ".",
        (false, false) => ".0",
    };
    write!(f, "{digits}{end}")
}

impl Display for Lens<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length => f.write_str(".length"),
            Self::Path(steps) => {
                f.write_str(".$")?;
                steps.iter().try_for_each(|step| match step {
                    Accessor::Field(name) => write!(f, ".{name}"),
                    Accessor::Index(index) => write!(f, ".[{index}]"),
                    Accessor::Variable(name) => write!(f, ".[{name}]"),
                })
            }
        }
    }
}
