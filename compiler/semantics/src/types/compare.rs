//! Which type can stand where another is expected.
//!
//! The rows of the language's comparison table, in its order. Every place where a value meets a
//! type asks [`Types::accepts`].

use super::scalar::{compare_literal, compare_literals, compare_scalars};
use super::{RecordId, Relation, Type, TypeId, Types};

impl Types {
    /// Whether a value of type `given` fits where `expected` is wanted.
    pub fn accepts(&mut self, expected: TypeId, given: TypeId) -> bool {
        expected == given || self.compare(expected, given).accepts()
    }

    /// How two types relate.
    ///
    /// Recursion is bounded by [`MAX_TYPE_DEPTH`](super::MAX_TYPE_DEPTH).
    pub fn compare(&mut self, left: TypeId, right: TypeId) -> Relation {
        if left == right {
            return Relation::Equal;
        }
        match (self.get(left), self.get(right)) {
            (Type::Error, _) | (_, Type::Error) => Relation::Equal,
            (Type::Top, _) | (_, Type::Bottom) => Relation::Wider,
            (Type::Bottom, _) | (_, Type::Top) => Relation::Narrower,
            (Type::Array(l), Type::Array(r) | Type::Stream(r) | Type::Option(r))
            | (Type::Option(l), Type::Option(r) | Type::Stream(r) | Type::Array(r))
            | (Type::Stream(l), Type::Stream(r)) => self.compare(l, r),
            (Type::Data(l), Type::Data(r))
            | (Type::Service(l) | Type::Ability(l), Type::Service(r) | Type::Ability(r)) => {
                self.compare_records(l, r)
            }
            (Type::Scalar(l), Type::Scalar(r)) => compare_scalars(l, r),
            (Type::Literal(l), Type::Scalar(r)) => compare_literal(l, r),
            (Type::Scalar(l), Type::Literal(r)) => compare_literal(r, l).mirrored(),
            (Type::Literal(l), Type::Literal(r)) => compare_literals(l, r),
            (Type::Arrow(l), Type::Arrow(r)) => {
                let (l, r) = (self.arrow(l).clone(), self.arrow(r).clone());
                let domains = self.compare_products(&l.parameters, &r.parameters);
                let results = self.compare_products(&l.results, &r.results);
                domains.mirrored().and(results)
            }
            (
                Type::Array(_)
                | Type::Option(_)
                | Type::Stream(_)
                | Type::Map(_)
                | Type::Data(_)
                | Type::Service(_)
                | Type::Ability(_)
                | Type::Scalar(_)
                | Type::Literal(_)
                | Type::Arrow(_),
                _,
            ) => Relation::Unrelated,
        }
    }

    /// Element by element; the longer list is the narrower one.
    pub(crate) fn compare_products(&mut self, left: &[TypeId], right: &[TypeId]) -> Relation {
        let lengths = match left.len().cmp(&right.len()) {
            std::cmp::Ordering::Equal => Relation::Equal,
            std::cmp::Ordering::Greater => Relation::Narrower,
            std::cmp::Ordering::Less => Relation::Wider,
        };
        left.iter().zip(right).fold(lengths, |relation, (l, r)| relation.and(self.compare(*l, *r)))
    }

    /// By fields: more of them fit where fewer are expected, and each may be narrower. Names of
    /// types never matter.
    fn compare_records(&mut self, left: RecordId, right: RecordId) -> Relation {
        if left == right {
            return Relation::Equal;
        }
        if let Some(known) = self.memo.compared.get(&(left, right)) {
            return *known;
        }
        let (shared, only_left, only_right) = self.match_fields(left, right);
        let keys = match (only_left, only_right) {
            (false, false) => Relation::Equal,
            (false, true) => Relation::Wider,
            (true, false) => Relation::Narrower,
            (true, true) => Relation::Unrelated,
        };
        let relation =
            shared.into_iter().fold(keys, |relation, (l, r)| relation.and(self.compare(l, r)));
        self.memo.compared.insert((left, right), relation);
        self.memo.compared.insert((right, left), relation.mirrored());
        relation
    }

    /// Types of the fields that both have, and whether either has a field of its own.
    fn match_fields(&self, left: RecordId, right: RecordId) -> (Vec<(TypeId, TypeId)>, bool, bool) {
        let (l, r) = (self.record(left), self.record(right));
        let shared: Vec<_> = l
            .fields
            .iter()
            .filter_map(|field| Some((field.ty, r.field(&field.name)?.ty)))
            .collect();
        let (only_left, only_right) =
            (shared.len() < l.fields.len(), shared.len() < r.fields.len());
        (shared, only_left, only_right)
    }
}
