//! Pure values of a workflow, before they have numbers in a program.
//!
//! Equal terms are one term, so a term that many steps read is stored once. Terms are made by the
//! functions in [`make`], which fold constants on the way: what is known when the program is
//! compiled never becomes a step.

mod make;
mod rebuild;

use std::collections::HashMap;

use aquac_base::{Arena, Id, Name};
use aquac_ir::{BinaryOp, Fact, IndexKind, Value};

/// A term, by its number in [`Terms`].
pub(crate) type TermId = Id<Entry>;
/// A slot, by its number in [`Terms`].
pub(crate) type SlotId = Id<Slot>;

/// Terms nest at most this deep; what is deeper is named by a step of its own. Well below
/// [`aquac_ir::limits::MAX_EXPR_DEPTH`], because naming happens between operators only.
pub(crate) const MAX_TERM_DEPTH: u16 = 48;

/// A value that is written once, by one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Slot {
    /// What the source calls it; empty if it has no name there.
    pub(crate) name: Name,
}

/// A pure computation; like [`aquac_ir::Expr`] with its pools written out.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Term {
    Const(Value),
    Arg(u32),
    Slot(SlotId),
    Fact(Fact),
    Field { of: TermId, name: Name },
    Index { of: TermId, index: TermId, kind: IndexKind },
    Length(TermId),
    Not(TermId),
    And(TermId, TermId),
    Or(TermId, TermId),
    Binary { op: BinaryOp, left: TermId, right: TermId },
    Array(Vec<TermId>),
    Object(Vec<(Name, TermId)>),
    Update { of: TermId, fields: Vec<(Name, TermId)> },
    First(Vec<TermId>),
    Either(Vec<TermId>),
    Contains { map: TermId, key: TermId },
    Keys(TermId),
}

/// A term with what is asked about it all the time.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    term: Term,
    depth: u16,
    risk: Risk,
}

/// Whether evaluating a term can fail once everything that it reads is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Risk {
    /// It cannot.
    None,
    /// It selects an element, which may be missing. A name for such a value does nothing until
    /// something reads it.
    Selects,
    /// It calculates, which may have no result. That is an error even if nobody reads it.
    Calculates,
}

/// Every term and slot of one workflow.
#[derive(Debug, Default)]
pub(crate) struct Terms {
    entries: Arena<Entry>,
    known: HashMap<Term, TermId>,
    slots: Arena<Slot>,
}

impl Terms {
    /// The term behind a number.
    pub(crate) fn get(&self, id: TermId) -> &Term {
        &self.entries[id].term
    }

    /// How deep it nests: 0 for a leaf.
    pub(crate) fn depth(&self, id: TermId) -> u16 {
        self.entries[id].depth
    }

    /// Whether it can fail.
    pub(crate) fn risk(&self, id: TermId) -> Risk {
        self.entries[id].risk
    }

    /// The constant, if it is one.
    pub(crate) fn constant(&self, id: TermId) -> Option<&Value> {
        if let Term::Const(value) = self.get(id) { Some(value) } else { None }
    }

    /// A new slot with the name it has in the source.
    pub(crate) fn slot(&mut self, name: Name) -> SlotId {
        self.slots.add(Slot { name })
    }

    /// Number of slots.
    pub(crate) fn slot_count(&self) -> usize {
        self.slots.len()
    }

    /// Number of terms.
    pub(crate) fn term_count(&self) -> usize {
        self.entries.len()
    }

    /// What the source calls a slot; empty if it has no name there.
    pub(crate) fn slot_name(&self, slot: SlotId) -> &Name {
        &self.slots[slot].name
    }

    /// Gives a slot that has no name yet the name under which the source knows its value.
    pub(crate) fn name_slot(&mut self, slot: SlotId, name: &Name) {
        let slot = &mut self.slots[slot];
        if slot.name.is_empty() {
            slot.name = name.clone();
        }
    }

    /// Whether reading it again costs no more than reading a slot, so that it needs no name.
    pub(crate) fn is_cheap(&self, id: TermId) -> bool {
        match self.get(id) {
            Term::Const(_) | Term::Arg(_) | Term::Slot(_) | Term::Fact(_) => true,
            Term::Field { of, .. } => self.depth(id) < MAX_TERM_DEPTH && self.is_cheap(*of),
            Term::Index { .. }
            | Term::Length(_)
            | Term::Not(_)
            | Term::And(..)
            | Term::Or(..)
            | Term::Binary { .. }
            | Term::Array(_)
            | Term::Object(_)
            | Term::Update { .. }
            | Term::First(_)
            | Term::Either(_)
            | Term::Contains { .. }
            | Term::Keys(_) => false,
        }
    }

    /// The terms that a term is made of, in the order of their evaluation.
    pub(crate) fn parts(&self, id: TermId) -> Vec<TermId> {
        self.each_part(id).collect()
    }

    /// The same, one by one.
    pub(crate) fn each_part(&self, id: TermId) -> impl Iterator<Item = TermId> {
        self.get(id).parts()
    }

    /// The number of a term as it stands, without folding.
    pub(crate) fn intern(&mut self, term: Term) -> TermId {
        if let Some(id) = self.known.get(&term) {
            return *id;
        }
        let depth = term.parts().map(|part| self.depth(part) + 1).max().unwrap_or(0);
        let inherited = term.parts().map(|part| self.risk(part)).max().unwrap_or(Risk::None);
        // The first that does not fail does not fail.
        let chooses = matches!(term, Term::First(_));
        let risk = if chooses { Risk::None } else { inherited.max(term.own_risk()) };
        let id = self.entries.add(Entry { term: term.clone(), depth, risk });
        self.known.insert(term, id);
        id
    }
}

impl Term {
    fn parts(&self) -> impl Iterator<Item = TermId> {
        let (none, no_fields): (&[TermId], &[(Name, TermId)]) = (&[], &[]);
        let (one, two, items, fields) = match self {
            Self::Const(_) | Self::Arg(_) | Self::Slot(_) | Self::Fact(_) => {
                (None, None, none, no_fields)
            }
            Self::Field { of, .. } | Self::Length(of) | Self::Not(of) | Self::Keys(of) => {
                (Some(*of), None, none, no_fields)
            }
            Self::Index { of: a, index: b, .. }
            | Self::And(a, b)
            | Self::Or(a, b)
            | Self::Binary { left: a, right: b, .. }
            | Self::Contains { map: a, key: b } => (Some(*a), Some(*b), none, no_fields),
            Self::Array(items) | Self::First(items) | Self::Either(items) => {
                (None, None, items.as_slice(), no_fields)
            }
            Self::Object(fields) => (None, None, none, fields.as_slice()),
            Self::Update { of, fields } => (Some(*of), None, none, fields.as_slice()),
        };
        let fields = fields.iter().map(|(_, value)| *value);
        one.into_iter().chain(two).chain(items.iter().copied()).chain(fields)
    }

    /// What can go wrong in this operation alone, given that its operands have the types that
    /// were checked.
    fn own_risk(&self) -> Risk {
        match self {
            // Which alternative counts is only known where all of them have been tried.
            Self::Index { kind: IndexKind::Value | IndexKind::Snapshot, .. } | Self::Either(_) => {
                Risk::Selects
            }
            Self::Binary { op, .. } => match op {
                BinaryOp::Add
                | BinaryOp::Sub
                | BinaryOp::Mul
                | BinaryOp::FloatMul
                | BinaryOp::Div
                | BinaryOp::Rem
                | BinaryOp::Pow => Risk::Calculates,
                BinaryOp::Less
                | BinaryOp::LessEqual
                | BinaryOp::Greater
                | BinaryOp::GreaterEqual
                | BinaryOp::Equal
                | BinaryOp::Different => Risk::None,
            },
            Self::Const(_)
            | Self::Arg(_)
            | Self::Slot(_)
            | Self::Fact(_)
            | Self::Field { .. }
            | Self::Index { kind: IndexKind::Map, .. }
            | Self::Length(_)
            | Self::Not(_)
            | Self::And(..)
            | Self::Or(..)
            | Self::Array(_)
            | Self::Object(_)
            | Self::Update { .. }
            | Self::First(_)
            | Self::Contains { .. }
            | Self::Keys(_) => Risk::None,
        }
    }
}
