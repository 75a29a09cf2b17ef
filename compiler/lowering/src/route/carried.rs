//! Which values a particle takes along: those that were made before and are read at the next step
//! or later.
//!
//! Numbers are positions in pre-order. What only names a value is computed by every peer again,
//! so what travels is what it was computed from; constants are part of the program.

use std::collections::{HashMap, HashSet};

use aquac_ir::Value;
use aquac_semantics::{Scalar, Type, TypeId, Types};

use super::Bytes;
use crate::inline::Parameter;
use crate::placed::{Placed, PlacedKind};
use crate::plan::{Output, Over, Pools, StreamId};
use crate::terms::{SlotId, Term, TermId};

/// What can travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Variable {
    Arg(u32),
    Slot(SlotId),
    Stream(StreamId),
}

/// What is known of something that can travel.
#[derive(Debug, Clone)]
pub(crate) struct Use {
    pub(crate) variable: Variable,
    /// Where it is made; arguments are there from the start.
    pub(crate) made: usize,
    /// The last step that can read it.
    pub(crate) read: usize,
    /// How large it can be.
    pub(crate) bytes: Option<Bytes>,
}

/// Every value of a workflow, in the order in which they are made.
#[derive(Debug, Default)]
pub(crate) struct Uses {
    all: Vec<Use>,
    numbers: HashMap<Variable, usize>,
    /// Who writes what, in order.
    writes: Vec<(usize, Variable)>,
    reads: HashMap<usize, Vec<Variable>>,
}

impl Uses {
    /// Finds them.
    pub(crate) fn of(
        placed: &Placed,
        pools: &Pools,
        parameters: &[Parameter],
        types: &Types,
    ) -> Self {
        let mut walk = Walk {
            pools,
            types,
            uses: Self::default(),
            known: HashMap::new(),
            loops: Vec::new(),
            next: 1,
        };
        for (number, parameter) in (0_u32..).zip(parameters) {
            walk.made(Variable::Arg(number), 0, size(types, parameter.ty));
        }
        walk.construct(placed);
        walk.uses
    }

    /// Every value, in the order in which they are made.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Use> {
        self.all.iter()
    }

    fn get(&self, variable: Variable) -> Option<&Use> {
        self.numbers.get(&variable).and_then(|number| self.all.get(*number))
    }

    /// What a construct itself reads.
    pub(super) fn read_by(&self, number: usize) -> &[Variable] {
        self.reads.get(&number).map_or(&[], Vec::as_slice)
    }

    /// What is written in `from..to` and read at `to` or later.
    pub(super) fn leaving(&self, from: usize, to: usize) -> HashSet<Variable> {
        let start = self.writes.partition_point(|(at, _)| *at < from);
        let written = self.writes.iter().skip(start).take_while(|(at, _)| *at < to);
        let read = |variable: &Variable| self.get(*variable).is_some_and(|one| one.read >= to);
        written.map(|(_, variable)| *variable).filter(read).collect()
    }
}

struct Walk<'a> {
    pools: &'a Pools,
    types: &'a Types,
    uses: Uses,
    /// What names were computed from.
    known: HashMap<SlotId, Vec<Variable>>,
    /// Start and end of the loops around here.
    loops: Vec<(usize, usize)>,
    next: usize,
}

impl Walk<'_> {
    fn construct(&mut self, placed: &Placed) {
        let at = self.next;
        self.next += 1;
        for term in placed.own_terms() {
            self.read_term(term, at);
        }
        match &placed.kind {
            PlacedKind::Let { slot, value } => {
                let from = self.variables(*value);
                self.known.insert(*slot, from);
            }
            PlacedKind::Call { call, .. } => match call.output {
                Output::Nothing => {}
                Output::Slot(slot) => {
                    let bytes = call.returns.and_then(|ty| size(self.types, ty));
                    self.made(Variable::Slot(slot), at, bytes);
                }
                Output::Stream(stream) => self.made(Variable::Stream(stream), at, None),
            },
            PlacedKind::Push { stream, .. } => self.made(Variable::Stream(*stream), at, None),
            PlacedKind::Snapshot { stream, slot, .. } | PlacedKind::Await { stream, slot, .. } => {
                self.read(Variable::Stream(*stream), at);
                self.made(Variable::Slot(*slot), at, None);
            }
            PlacedKind::For(each) => self.item(each.over, each.item, at),
            PlacedKind::Null
            | PlacedKind::Seq(_)
            | PlacedKind::Par(_)
            | PlacedKind::Try { .. }
            | PlacedKind::If { .. }
            | PlacedKind::Wait(_)
            | PlacedKind::Scope { .. }
            | PlacedKind::Return(_) => {}
        }
        let is_loop = matches!(placed.kind, PlacedKind::For(_));
        if is_loop {
            self.loops.push((at, at + placed.size()));
        }
        placed.children().for_each(|child| self.construct(child));
        if is_loop {
            self.loops.pop();
        }
    }

    /// The current element of a loop comes from what the loop runs over.
    fn item(&mut self, over: Over, item: SlotId, at: usize) {
        let from = match over {
            Over::Array(value) | Over::Entries(value) => self.variables(value),
            Over::Live(stream) => {
                self.read(Variable::Stream(stream), at);
                vec![Variable::Stream(stream)]
            }
        };
        self.known.insert(item, from);
    }

    /// Notes that something is written. A stream is made where the first does it.
    fn made(&mut self, variable: Variable, at: usize, bytes: Option<Bytes>) {
        self.uses.writes.push((at, variable));
        let number = self.uses.all.len();
        self.uses.numbers.entry(variable).or_insert_with(|| {
            self.uses.all.push(Use { variable, made: at, read: at, bytes });
            number
        });
    }

    fn read_term(&mut self, term: TermId, at: usize) {
        for variable in self.variables(term) {
            self.read(variable, at);
        }
    }

    /// Notes that something is read. A loop reads what was made before it until its end.
    fn read(&mut self, variable: Variable, at: usize) {
        let Some(number) = self.uses.numbers.get(&variable) else { return };
        let Some(one) = self.uses.all.get_mut(*number) else { return };
        let around = self.loops.iter().find(|(start, _)| *start > one.made);
        let until = around.map_or(at, |(_, end)| end.saturating_sub(1));
        one.read = one.read.max(until);
        self.uses.reads.entry(at).or_default().push(variable);
    }

    /// What a term is computed from.
    fn variables(&self, term: TermId) -> Vec<Variable> {
        let mut found = Vec::new();
        let mut seen = HashSet::new();
        let mut rest = vec![term];
        while let Some(term) = rest.pop() {
            if !seen.insert(term) {
                continue;
            }
            if let Term::Arg(number) = self.pools.terms.get(term) {
                found.push(Variable::Arg(*number));
            } else if let Term::Slot(slot) = self.pools.terms.get(term) {
                let known = self.known.get(slot);
                found.extend(known.map_or(&[Variable::Slot(*slot)][..], Vec::as_slice));
            } else {
                rest.extend(self.pools.terms.parts(term));
            }
        }
        found
    }
}

/// How many bytes a value of a type has at most when it travels, if the type says so.
fn size(types: &Types, ty: TypeId) -> Option<Bytes> {
    let Type::Scalar(scalar) = types.get(ty) else { return None };
    let longest = match scalar {
        Scalar::Bool => Value::from(true).to_bytes().len(),
        Scalar::String => return None,
        Scalar::F32 | Scalar::F64 => aquac_ir::from_json("1.5e300").ok()?.to_bytes().len(),
        Scalar::U8
        | Scalar::U16
        | Scalar::U32
        | Scalar::U64
        | Scalar::I8
        | Scalar::I16
        | Scalar::I32
        | Scalar::I64 => {
            let (least, most) = scalar.range()?;
            [least, most].into_iter().map(integer_bytes).max()?
        }
    };
    Some(Bytes::AtMost(longest))
}

fn integer_bytes(number: i128) -> usize {
    let signed = i64::try_from(number).map(Value::from);
    let value = signed.or_else(|_| u64::try_from(number).map(Value::from));
    value.map_or(0, |value| value.to_bytes().len())
}
