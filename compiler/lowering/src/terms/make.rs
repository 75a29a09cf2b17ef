//! Makes terms, and computes at once what is known already.
//!
//! What an operator computes is defined in [`aquac_ir::ops`], for the run and for this file.
//! Division by zero and negative powers stay in the program: they are errors of the run, which
//! the source may catch.

use std::collections::BTreeMap;
use std::sync::Arc;

use aquac_base::Name;
use aquac_ir::{BinaryOp, IndexKind, Value, ops};

use super::{Risk, SlotId, Term, TermId, Terms};

/// Constants whose result does not fit in 64 bits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Overflow {
    /// The calculation as the source might write it.
    pub(crate) calculation: String,
}

impl Terms {
    /// A constant.
    pub(crate) fn value(&mut self, value: impl Into<Value>) -> TermId {
        self.intern(Term::Const(value.into()))
    }

    /// The value of a slot.
    pub(crate) fn read(&mut self, slot: SlotId) -> TermId {
        self.intern(Term::Slot(slot))
    }

    /// A field of a struct.
    pub(crate) fn field(&mut self, of: TermId, name: &Name) -> TermId {
        let known = if let Term::Object(fields) = self.get(of) {
            // The other fields are dropped, so none of them may be the one that fails.
            let safe = fields.iter().all(|(_, value)| self.risk(*value) == Risk::None);
            fields.iter().find(|(field, _)| field == name && safe).map(|(_, value)| *value)
        } else if let Term::Const(Value::Object(object)) = self.get(of) {
            object.get(name).cloned().map(|value| self.value(value))
        } else {
            None
        };
        known.unwrap_or_else(|| self.intern(Term::Field { of, name: name.clone() }))
    }

    /// An element.
    pub(crate) fn index(&mut self, of: TermId, index: TermId, kind: IndexKind) -> TermId {
        let at = self.constant(index).and_then(Value::as_integer);
        let at = at.and_then(|at| usize::try_from(at).ok()).filter(|_| kind != IndexKind::Map);
        let known = at.and_then(|at| self.constant(of)?.as_array()?.get(at).cloned());
        match known {
            Some(value) => self.value(value),
            None => self.intern(Term::Index { of, index, kind }),
        }
    }

    /// The number of elements.
    pub(crate) fn length(&mut self, of: TermId) -> TermId {
        match self.constant(of).and_then(Value::as_array).map(<[Value]>::len) {
            Some(length) => self.value(length as u64),
            None => self.intern(Term::Length(of)),
        }
    }

    /// Negation.
    pub(crate) fn not(&mut self, of: TermId) -> TermId {
        if let Term::Const(Value::Bool(truth)) = self.get(of) {
            let opposite = !truth;
            return self.value(opposite);
        }
        if let Term::Not(inner) = self.get(of) {
            return *inner;
        }
        self.intern(Term::Not(of))
    }

    /// `&&`
    pub(crate) fn and(&mut self, left: TermId, right: TermId) -> TermId {
        match self.constant(left) {
            Some(Value::Bool(true)) => right,
            Some(Value::Bool(false)) => left,
            Some(_) | None => self.intern(Term::And(left, right)),
        }
    }

    /// `||`
    pub(crate) fn or(&mut self, left: TermId, right: TermId) -> TermId {
        match self.constant(left) {
            Some(Value::Bool(true)) => left,
            Some(Value::Bool(false)) => right,
            Some(_) | None => self.intern(Term::Or(left, right)),
        }
    }

    /// An operator on two operands.
    ///
    /// # Errors
    ///
    /// [`Overflow`] if both are constants and their result does not fit.
    pub(crate) fn binary(
        &mut self,
        op: BinaryOp,
        left: TermId,
        right: TermId,
    ) -> Result<TermId, Overflow> {
        if let Some((l, r)) = self.constant(left).zip(self.constant(right)) {
            match ops::binary(op, l, r) {
                Ok(value) => return Ok(self.value(value)),
                Err(_) if overflows(op, r) => {
                    let calculation = format!("{l} {} {r}", ops::symbol(op));
                    return Err(Overflow { calculation });
                }
                Err(_) => {}
            }
        }
        if let Some(sum) = self.regrouped(op, left, right) {
            return Ok(sum);
        }
        Ok(self.intern(Term::Binary { op, left, right }))
    }

    /// `x + 1`, where the compiler itself counts.
    pub(crate) fn successor(&mut self, of: TermId) -> TermId {
        let (op, right) = (BinaryOp::Add, self.value(1_u64));
        self.binary(op, of, right)
            .unwrap_or_else(|_| self.intern(Term::Binary { op, left: of, right }))
    }

    /// Collects the constants of a sum: `x - 1 + 3` is `x + 2`, `x - 1 + 1` is `x`.
    fn regrouped(&mut self, op: BinaryOp, left: TermId, right: TermId) -> Option<TermId> {
        if op == BinaryOp::Add && self.constant(left).is_some() {
            let (op, left, right) = (op, right, left);
            return self
                .regrouped(op, left, right)
                .or_else(|| Some(self.intern(Term::Binary { op, left, right })));
        }
        let outer = self.addend(op, right)?;
        let (base, inner) = if let Term::Binary { op, left: base, right } = self.get(left)
            && let Some(inner) = self.addend(*op, *right)
        {
            (*base, inner)
        } else {
            (left, 0)
        };
        let sum = inner.checked_add(outer)?;
        if sum == 0 {
            return Some(base);
        }
        let op = if sum < 0 { BinaryOp::Sub } else { BinaryOp::Add };
        let right = self.value(u64::try_from(sum.unsigned_abs()).ok()?);
        Some(self.intern(Term::Binary { op, left: base, right }))
    }

    /// What `op right` adds, if that is known.
    fn addend(&self, op: BinaryOp, right: TermId) -> Option<i128> {
        let right = self.constant(right)?.as_integer()?;
        match op {
            BinaryOp::Add => Some(right),
            BinaryOp::Sub => Some(-right),
            BinaryOp::Mul
            | BinaryOp::FloatMul
            | BinaryOp::Div
            | BinaryOp::Rem
            | BinaryOp::Pow
            | BinaryOp::Less
            | BinaryOp::LessEqual
            | BinaryOp::Greater
            | BinaryOp::GreaterEqual
            | BinaryOp::Equal
            | BinaryOp::Different => None,
        }
    }

    /// An array.
    pub(crate) fn array(&mut self, items: Vec<TermId>) -> TermId {
        let known: Option<Vec<Value>> =
            items.iter().map(|item| self.constant(*item).cloned()).collect();
        match known.and_then(|values| Value::array(values).ok()) {
            Some(array) => self.value(array),
            None => self.intern(Term::Array(items)),
        }
    }

    /// A struct.
    pub(crate) fn object(&mut self, mut fields: Vec<(Name, TermId)>) -> TermId {
        fields.sort_by(|(left, _), (right, _)| left.cmp(right));
        let known: Option<BTreeMap<Arc<str>, Value>> = fields
            .iter()
            .map(|(name, of)| Some((Arc::from(name.as_str()), self.constant(*of)?.clone())))
            .collect();
        match known.and_then(|values| Value::object(values).ok()) {
            Some(object) => self.value(object),
            None => self.intern(Term::Object(fields)),
        }
    }

    /// A copy of a struct with some fields replaced.
    pub(crate) fn update(&mut self, of: TermId, mut fields: Vec<(Name, TermId)>) -> TermId {
        fields.sort_by(|(left, _), (right, _)| left.cmp(right));
        if let Term::Object(old) = self.get(of)
            && old.iter().all(|(_, value)| self.risk(*value) == Risk::None)
        {
            let given = |name: &Name| fields.iter().any(|(field, _)| field == name);
            fields.extend(old.iter().filter(|(name, _)| !given(name)).cloned().collect::<Vec<_>>());
            return self.object(fields);
        }
        self.intern(Term::Update { of, fields })
    }

    /// The first that does not fail, as an array of one; empty if there is none.
    pub(crate) fn first(&mut self, mut items: Vec<TermId>) -> TermId {
        if let Some(at) = items.iter().position(|item| self.risk(*item) == Risk::None) {
            items.truncate(at + 1);
        }
        match items.as_slice() {
            [] => self.array(items),
            [only] if self.risk(*only) == Risk::None => self.array(items),
            _ => self.intern(Term::First(items)),
        }
    }
}

/// Whether a calculation that has no result failed because the result is too large.
fn overflows(op: BinaryOp, right: &Value) -> bool {
    match op {
        BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul | BinaryOp::FloatMul => true,
        BinaryOp::Pow => right.as_integer().is_some_and(|exponent| exponent >= 0),
        BinaryOp::Div
        | BinaryOp::Rem
        | BinaryOp::Less
        | BinaryOp::LessEqual
        | BinaryOp::Greater
        | BinaryOp::GreaterEqual
        | BinaryOp::Equal
        | BinaryOp::Different => false,
    }
}

#[cfg(test)]
mod tests {
    use aquac_ir::from_json;

    use super::*;

    fn constant(terms: &mut Terms, json: &str) -> TermId {
        terms.value(from_json(json).unwrap())
    }

    fn folded(op: BinaryOp, left: &str, right: &str) -> Result<Option<String>, Overflow> {
        let mut terms = Terms::default();
        let (left, right) = (constant(&mut terms, left), constant(&mut terms, right));
        let result = terms.binary(op, left, right)?;
        Ok(terms.constant(result).map(ToString::to_string))
    }

    #[test]
    fn constants_are_computed_and_what_does_not_fit_is_reported() {
        assert_eq!(folded(BinaryOp::Sub, "3", "5"), Ok(Some("-2".into())));
        assert_eq!(folded(BinaryOp::Pow, "2", "10"), Ok(Some("1024".into())));
        assert_eq!(folded(BinaryOp::Equal, "\"a\"", "\"a\""), Ok(Some("true".into())));
        let calculation = "18446744073709551615 + 1".to_owned();
        let overflow = folded(BinaryOp::Add, "18446744073709551615", "1");
        assert_eq!(overflow, Err(Overflow { calculation }));
    }

    #[test]
    fn errors_of_the_run_stay_in_the_program() {
        assert_eq!(folded(BinaryOp::Div, "1", "0"), Ok(None));
        assert_eq!(folded(BinaryOp::Pow, "2", "-1"), Ok(None));
    }

    #[test]
    fn constants_of_a_sum_are_collected() {
        let mut terms = Terms::default();
        let x = terms.intern(Term::Arg(0));
        let (one, three) = (constant(&mut terms, "1"), constant(&mut terms, "3"));
        let less = terms.binary(BinaryOp::Sub, x, one).unwrap();
        let two = constant(&mut terms, "2");
        let expected = terms.intern(Term::Binary { op: BinaryOp::Add, left: x, right: two });
        assert_eq!(terms.binary(BinaryOp::Add, less, three).unwrap(), expected);
        assert_eq!(terms.binary(BinaryOp::Add, three, less).unwrap(), expected);
        assert_eq!(terms.successor(less), x);
    }

    #[test]
    fn a_field_is_not_taken_from_a_struct_whose_other_fields_may_fail() {
        let mut terms = Terms::default();
        let list = terms.intern(Term::Arg(0));
        let zero = constant(&mut terms, "0");
        let risky = terms.index(list, zero, IndexKind::Value);
        let (a, b) = (Name::new("a"), Name::new("b"));
        let safe = terms.object(vec![(b.clone(), list), (a.clone(), zero)]);
        let unsafe_one = terms.object(vec![(b, risky), (a.clone(), zero)]);
        assert_eq!(terms.field(safe, &a), zero);
        let kept = terms.field(unsafe_one, &a);
        assert_eq!(*terms.get(kept), Term::Field { of: unsafe_one, name: a });
        assert_eq!(terms.risk(kept), Risk::Selects);
    }

    #[test]
    fn an_option_ends_with_the_first_element_that_cannot_fail() {
        let mut terms = Terms::default();
        let list = terms.intern(Term::Arg(0));
        let zero = constant(&mut terms, "0");
        let risky = terms.index(list, zero, IndexKind::Value);
        let option = terms.first(vec![risky, list, zero]);
        assert_eq!(*terms.get(option), Term::First(vec![risky, list]));
        let one = terms.first(vec![zero, risky]);
        assert_eq!(terms.constant(one).map(ToString::to_string), Some("[0]".into()));
    }
}
