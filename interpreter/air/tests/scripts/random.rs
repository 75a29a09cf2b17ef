//! Random scripts that the reference would take, made from a stream of choices.

use std::borrow::Cow;

use aquac_air::Script;
use aquac_air::ast::{Accessor, Instruction, Kind, Lens, Operand, Register, Variable, What};
use aquac_ir::Finite;

/// Choices; when they run out, the simplest.
pub(crate) struct Choices<'a>(std::slice::Iter<'a, u8>);

impl Choices<'_> {
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0.next().map_or(0, |byte| usize::from(*byte) % bound)
    }
}

struct Maker<'a> {
    choices: Choices<'a>,
    script: Script<'static>,
    /// Names that are defined before the current place.
    scalars: Vec<String>,
    canons: Vec<String>,
    maps: Vec<String>,
    /// Folds whose `next` may stand here: the element, whether over a stream, whether something
    /// follows here.
    loops: Vec<(String, bool, bool)>,
    names: usize,
}

/// A random script.
pub(crate) fn script(bytes: &[u8]) -> Script<'static> {
    let mut maker = Maker {
        choices: Choices(bytes.iter()),
        script: Script::default(),
        scalars: Vec::new(),
        canons: Vec::new(),
        maps: Vec::new(),
        loops: Vec::new(),
        names: 0,
    };
    // Two streams that are always there.
    let nested = maker.begin(What::Seq);
    maker.leaf(What::Ap { key: None, value: Operand::Int(1), to: stream() });
    let inner = maker.begin(What::Seq);
    maker.leaf(What::Ap { key: Some("k".into()), value: Operand::Int(2), to: map() });
    maker.instruction(0);
    maker.end(inner);
    maker.end(nested);
    maker.script
}

fn variable(kind: Kind, name: &str) -> Variable<'static> {
    Variable { kind, name: Cow::Owned(name.to_owned()) }
}

fn stream() -> Variable<'static> {
    variable(Kind::Stream, "$stream")
}

fn map() -> Variable<'static> {
    variable(Kind::Map, "%map")
}

impl Maker<'_> {
    fn begin(&mut self, what: What<'static>) -> usize {
        let at = self.script.instructions.len();
        self.script.instructions.push(Instruction { what, span: Default::default(), end: at + 1 });
        at
    }

    fn end(&mut self, at: usize) {
        let end = self.script.instructions.len();
        self.script.instructions[at].end = end;
    }

    fn leaf(&mut self, what: What<'static>) {
        self.begin(what);
    }

    fn fresh(&mut self) -> String {
        self.names += 1;
        let forms = ["x", "-x-", "x_", "1x", "ключ"];
        format!("{}{}", forms[self.choices.below(forms.len())], self.names)
    }

    fn lens(&mut self, first_is_index: bool) -> Option<Lens<'static>> {
        match self.choices.below(4) {
            0 | 1 => None,
            2 => Some(Lens::Length),
            _ => {
                let mut path = Vec::new();
                if first_is_index {
                    path.push(Accessor::Index(0));
                }
                for _ in 0..=self.choices.below(3) {
                    path.push(match self.choices.below(3) {
                        0 => Accessor::Field(Cow::Borrowed("length")),
                        1 => Accessor::Index(7),
                        _ => match self.scalars.last() {
                            Some(name) => Accessor::Variable(Cow::Owned(name.clone())),
                            None => Accessor::Field(Cow::Borrowed("a-b_c")),
                        },
                    });
                }
                Some(Lens::Path(path))
            }
        }
    }

    fn scalar(&mut self) -> Option<Operand<'static>> {
        if self.scalars.is_empty() {
            return None;
        }
        let name = self.scalars[self.choices.below(self.scalars.len())].clone();
        let lens = self.lens(false);
        Some(Operand::Variable(variable(Kind::Scalar, &name), lens))
    }

    /// What `call`, `match` and `ap` take alike.
    fn value(&mut self) -> Operand<'static> {
        match self.choices.below(12) {
            0 => Operand::Int(-3),
            1 => Operand::Float(Finite::new(-1_234_567.0).unwrap()),
            2 => Operand::Float(Finite::new(0.000_001).unwrap()),
            3 => Operand::Bool(true),
            4 => Operand::Empty,
            5 => Operand::Ttl,
            6 => Operand::Error(Register::Caught, self.lens(false)),
            7 => Operand::Error(Register::Last, self.lens(false)),
            8 if !self.canons.is_empty() => {
                let name = self.canons[self.choices.below(self.canons.len())].clone();
                Operand::Variable(variable(Kind::Canon, &name), self.lens(true))
            }
            9 if !self.maps.is_empty() => {
                let name = self.maps[self.choices.below(self.maps.len())].clone();
                Operand::Variable(variable(Kind::CanonMap, &name), Some(Lens::Length))
            }
            _ => self.scalar().unwrap_or_else(|| "a ; \\n ( text".into()),
        }
    }

    fn peer(&mut self) -> Operand<'static> {
        match self.choices.below(3) {
            0 => Operand::Initiator,
            1 => self.scalar().unwrap_or(Operand::Initiator),
            _ => "peer".into(),
        }
    }

    fn instruction(&mut self, depth: usize) {
        match self.choices.below(if depth < 6 { 20 } else { 10 }) {
            0 => self.leaf(What::Null),
            1 => self.leaf(What::Never),
            2 => self.leaf(What::FailWith { code: -7, message: Cow::Borrowed("no") }),
            3 => self.leaf(What::Fail(Operand::Error(Register::Caught, None))),
            4 | 5 => self.call(),
            6 => self.canon(),
            7 => self.ap(),
            8 => self.next(),
            9 => {
                let value = self.value();
                let key = Some(Operand::Int(4));
                self.leaf(What::Ap { key, value, to: map() });
            }
            10..=12 => self.group(What::Seq, depth),
            13 | 14 => self.group(What::Par, depth),
            15 => self.group(What::Xor, depth),
            16 => {
                let equal = self.choices.below(2) == 0;
                let (left, right) = (self.value(), self.value());
                let at = self.begin(What::Match { equal, left, right });
                self.instruction(depth + 1);
                self.end(at);
            }
            17 => {
                let fresh = [stream(), map(), variable(Kind::Scalar, "fresh")];
                let fresh = fresh[self.choices.below(3)].clone();
                let at = self.begin(What::New(fresh));
                self.instruction(depth + 1);
                self.end(at);
            }
            _ => self.fold(depth),
        }
    }

    fn call(&mut self) {
        let (peer, service, function) = (self.peer(), "s".into(), "f".into());
        let args = (0..self.choices.below(4)).map(|_| self.value()).collect();
        let output = match self.choices.below(3) {
            0 => None,
            1 => Some(stream()),
            _ => Some(variable(Kind::Scalar, &self.fresh())),
        };
        let defined = output.as_ref().filter(|output| output.kind == Kind::Scalar);
        let defined = defined.map(|output| output.name.to_string());
        self.leaf(What::Call { peer, service, function, args, output });
        self.scalars.extend(defined);
    }

    fn canon(&mut self) {
        let peer = self.peer();
        let name = self.fresh();
        let (from, to) = match self.choices.below(3) {
            0 => (stream(), variable(Kind::Canon, &format!("#${name}"))),
            1 => (map(), variable(Kind::CanonMap, &format!("#%{name}"))),
            _ => (map(), variable(Kind::Scalar, &name)),
        };
        let defined = to.name.to_string();
        match to.kind {
            Kind::Canon => self.canons.push(defined),
            Kind::CanonMap => self.maps.push(defined),
            Kind::Scalar | Kind::Stream | Kind::Map => self.scalars.push(defined),
        }
        self.leaf(What::Canon { peer, from, to });
    }

    fn ap(&mut self) {
        let value = self.value();
        let to = if self.choices.below(2) == 0 {
            stream()
        } else {
            let name = self.fresh();
            self.scalars.push(name.clone());
            variable(Kind::Scalar, &name)
        };
        self.leaf(What::Ap { key: None, value, to });
    }

    /// Each fold has one, and over a stream nothing may follow it.
    fn next(&mut self) {
        let last = self.loops.last();
        match last.filter(|(_, live, followed)| !(*live && *followed)) {
            Some((item, ..)) => {
                let item = variable(Kind::Scalar, item);
                self.loops.pop();
                self.loops.push((String::new(), true, true));
                self.leaf(What::Next(item));
            }
            None => self.leaf(What::Null),
        }
    }

    fn group(&mut self, what: What<'static>, depth: usize) {
        let follows = !matches!(what, What::Xor);
        let at = self.begin(what);
        let before = self.loops.last().map(|(_, _, followed)| *followed);
        if let Some((_, _, followed)) = self.loops.last_mut() {
            *followed |= follows;
        }
        self.instruction(depth + 1);
        if let (Some((item, _, followed)), Some(before)) = (self.loops.last_mut(), before)
            && !item.is_empty()
        {
            *followed = before;
        }
        self.instruction(depth + 1);
        self.end(at);
    }

    fn fold(&mut self, depth: usize) {
        let live = self.choices.below(2) == 0;
        let iterable = if live {
            Operand::Variable([stream(), map()][self.choices.below(2)].clone(), None)
        } else {
            self.scalar().unwrap_or(Operand::Empty)
        };
        let item = self.fresh();
        let last = self.choices.below(3) > 0;
        let at = self.begin(What::Fold { iterable, item: variable(Kind::Scalar, &item), last });
        self.scalars.push(item.clone());
        self.loops.push((item, live, false));
        self.instruction(depth + 1);
        self.loops.pop();
        if last {
            self.loops.push((String::new(), true, true));
            let never = self.choices.below(2) == 0;
            self.leaf(if never { What::Never } else { What::Null });
            self.loops.pop();
        }
        self.end(at);
    }
}

/// The text with other white space, and comments in it.
pub(crate) fn respaced(text: &str, bytes: &[u8]) -> String {
    let spaces = [" ", "\n", "\t\r\n", " ; (seq \"\n", "  ;;\n; x\n ", "\u{a0}\u{2003}"];
    let mut choices = Choices(bytes.iter());
    let mut out = String::new();
    let mut quoted = false;
    for c in text.chars() {
        quoted ^= c == '"';
        let bracket = matches!(c, '(' | ')') && !quoted;
        if bracket {
            out.push_str(spaces[choices.below(spaces.len())]);
        }
        if c.is_whitespace() && !quoted {
            out.push_str(spaces[choices.below(spaces.len())]);
        } else {
            out.push(c);
        }
        if bracket && choices.below(2) == 0 {
            out.push_str(spaces[choices.below(spaces.len())]);
        }
    }
    out
}
