//! Any program as a script that the reference interpreter runs.
//!
//! What we leave to peers must be said in AIR: the hops between places, the way home before an
//! error is handled, pure computation as calls of the services that the reference's hosts have,
//! arguments as calls of `getDataSrv`. Correct rather than clever: an expression is computed at
//! the home of its step, and control comes home where it cannot be told where it is.

mod branch;
mod code;
mod constant;
mod expr;
mod logic;
mod node;
mod place;
mod repeat;
mod shape;

use alloc::borrow::Cow;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use aquac_ir::{ArgId, NodeId, Program, SlotId, VerifiedProgram};

use crate::ast::{Kind, Operand, Register, Variable, What};
use crate::validate::undefined;
use crate::write::code::Code;
use crate::write::place::Location;
use crate::{AirError, Script, parse, print};

/// The most instructions of a script that is written; programs that share much can be short and
/// need more.
const MAX_INSTRUCTIONS: usize = 1 << 20;

/// Whether the initiator is reached through a relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relay {
    /// Through the peer whose id the host gives as `-relay-`.
    Loaded,
    /// It is not behind a relay.
    None,
}

/// What stands around the program in the script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frame<'a> {
    /// What the reference compiler writes around a function: arguments are asked of the host, and
    /// an error that nothing catches is reported to it.
    Function {
        /// The names of the arguments, in order.
        parameters: &'a [String],
        /// How the initiator is reached.
        relay: Relay,
    },
    /// Nothing: the program was a script.
    Bare,
}

/// Why a program cannot be written as AIR.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// An argument without a name.
    #[error("argument {} has no name that the host could be asked for", .0.0)]
    NoName(ArgId),
    /// Written out, the program would be longer than a script may be.
    #[error("the script would have more than {MAX_INSTRUCTIONS} instructions")]
    TooLarge,
    /// The program says something that AIR cannot say.
    #[error("AIR cannot say what the program says: {}", .0.problem)]
    Unsayable(AirError),
}

/// Writes a program as canonical AIR text.
///
/// # Errors
///
/// [`WriteError`] if the frame does not fit the program, or AIR cannot say it.
pub fn write(program: &VerifiedProgram, frame: Frame<'_>) -> Result<String, WriteError> {
    let mut writer = Writer::new(program, frame);
    let body = writer.block(NodeId(0))?;
    let body = writer.framed(body)?;
    let text = print(&mention(code::script(body)));
    match parse(&text) {
        Ok(_) => Ok(text),
        Err(errors) => match errors.into_iter().next() {
            Some(error) => Err(WriteError::Unsayable(error)),
            None => Ok(text),
        },
    }
}

/// The reference refuses names that nothing defines before they are used, even where the use only
/// waits. An arm that never runs defines them.
fn mention(script: Script<'static>) -> Script<'static> {
    let names: BTreeSet<String> = undefined(&script).map(|(_, name)| String::from(name)).collect();
    let definitions: Vec<Code> = names.into_iter().map(define).collect();
    if definitions.is_empty() {
        return script;
    }
    let never = Code::xor(Code::null(), Code::seq(definitions));
    code::before(never, script)
}

fn define(name: String) -> Code {
    let (stream, map) = (variable(Kind::Stream, "$-t-".into()), variable(Kind::Map, "%-t-".into()));
    if name.starts_with("#%") {
        return Code::canon(Operand::Initiator, map, variable(Kind::CanonMap, name));
    }
    if name.starts_with('#') {
        return Code::canon(Operand::Initiator, stream, variable(Kind::Canon, name));
    }
    if name.starts_with('%') {
        return Code::put(text(""), Operand::Int(0), variable(Kind::Map, name));
    }
    let kind = if name.starts_with('$') { Kind::Stream } else { Kind::Scalar };
    Code::ap(Operand::Int(0), variable(kind, name))
}

type Written<T> = Result<T, WriteError>;

struct Writer<'a> {
    verified: &'a VerifiedProgram,
    program: &'a Program,
    frame: Frame<'a>,
    /// Where control is.
    here: Location,
    /// Where the current node is at home.
    home: Location,
    /// The caught error of the handler that is being written, while `:error:` still holds it.
    caught: Option<SlotId>,
    /// Places that are being named.
    naming: usize,
    /// Branches of parallels around the current node.
    branches: usize,
    /// Pushes that wait for the end of their branch, and those that are waiting.
    waiting: BTreeSet<NodeId>,
    waited: Vec<Code>,
    /// Expressions that cannot be computed without a peer.
    local: Vec<bool>,
    /// Arguments that the script reads.
    loaded: BTreeSet<ArgId>,
    uses_relay: bool,
    uses_one: bool,
    /// Names given so far.
    names: usize,
    /// Instructions written so far.
    written: usize,
}

fn variable(kind: Kind, name: String) -> Variable<'static> {
    Variable { kind, name: Cow::Owned(name) }
}

fn scalar(name: String) -> Variable<'static> {
    variable(Kind::Scalar, name)
}

fn whole(variable: Variable<'static>) -> Operand<'static> {
    Operand::Variable(variable, None)
}

fn text(text: &str) -> Operand<'static> {
    Operand::Text(Cow::Owned(text.into()))
}

fn host_call(
    service: &str,
    function: &str,
    args: Vec<Operand<'static>>,
    output: Option<Variable<'static>>,
) -> Code {
    let (peer, service, function) = (Operand::Initiator, text(service), text(function));
    Code::leaf(What::Call { peer, service, function, args, output })
}

/// What the relay of the initiator is called.
const RELAY: &str = "-relay-";

/// An array that is not empty, to loop over once.
const ONE: &str = "-one-";

impl<'a> Writer<'a> {
    fn new(verified: &'a VerifiedProgram, frame: Frame<'a>) -> Self {
        let program = verified.program();
        let home = Location::initiator(frame);
        Self {
            verified,
            program,
            frame,
            here: home.clone(),
            home,
            caught: None,
            naming: 0,
            branches: 0,
            waiting: BTreeSet::new(),
            waited: Vec::new(),
            local: expr::need_a_peer(verified),
            loaded: BTreeSet::new(),
            uses_relay: false,
            uses_one: false,
            names: 0,
            written: 0,
        }
    }

    /// Loads what the script reads, and reports what nothing catches.
    fn framed(&self, body: Code) -> Written<Code> {
        let mut steps = Vec::new();
        if self.uses_relay {
            steps.push(host_call("getDataSrv", RELAY, Vec::new(), Some(scalar(RELAY.into()))));
        }
        for arg in &self.loaded {
            let name = self.parameter(*arg)?;
            let output = Some(self.argument(*arg)?);
            steps.push(host_call("getDataSrv", name, Vec::new(), output));
        }
        if self.uses_one {
            steps.push(self.one());
        }
        steps.push(body);
        let whole = Code::seq(steps);
        Ok(match self.frame {
            Frame::Bare => whole,
            Frame::Function { .. } => {
                let error = Operand::Error(Register::Caught, None);
                let args = alloc::vec![error, Operand::Int(0)];
                Code::xor(whole, host_call("errorHandlingSrv", "error", args, None))
            }
        })
    }

    fn one(&self) -> Code {
        let (stream, canon) = (variable(Kind::Stream, format!("${ONE}")), format!("#{ONE}"));
        let canon = variable(Kind::Canon, canon);
        Code::seq(alloc::vec![
            Code::ap(Operand::Int(1), stream.clone()),
            Code::canon(Operand::Initiator, stream, canon.clone()),
            Code::ap(whole(canon), scalar(ONE.into())),
        ])
    }

    fn parameter(&self, arg: ArgId) -> Written<&'a str> {
        let name = match self.frame {
            Frame::Function { parameters, .. } => parameters.get(arg.index()),
            Frame::Bare => None,
        };
        name.map(String::as_str).ok_or(WriteError::NoName(arg))
    }

    /// The variable that holds an argument.
    fn argument(&self, arg: ArgId) -> Written<Variable<'static>> {
        let name = self.parameter(arg)?;
        let legal = crate::lens::is_name(name);
        Ok(scalar(if legal { format!("-{name}-arg-") } else { format!("-{}-arg-", arg.0) }))
    }

    /// A name that nothing else has.
    fn fresh(&mut self, kind: Kind) -> Written<Variable<'static>> {
        self.names += 1;
        self.count(1)?;
        let sigil = match kind {
            Kind::Scalar => "",
            Kind::Stream => "$",
            Kind::Map => "%",
            Kind::Canon => "#",
            Kind::CanonMap => "#%",
        };
        Ok(variable(kind, format!("{sigil}-t{}-", self.names)))
    }

    /// Counts instructions, so that no program makes a script without end.
    fn count(&mut self, instructions: usize) -> Written<()> {
        self.written += instructions;
        if self.written > MAX_INSTRUCTIONS { Err(WriteError::TooLarge) } else { Ok(()) }
    }
}
