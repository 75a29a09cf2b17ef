//! The greatest common subtype and the least common supertype.
//!
//! Used for the elements of collection literals (meet), the results of arithmetic and whether
//! two values can be compared (join). Structs are special: their meet keeps the common fields.

use aquac_base::Name;

use super::scalar::{greatest_below, least_above};
use super::{Arrow, Field, RecordId, Relation, Type, TypeId, Types};

impl Types {
    /// `A ∩ B`.
    pub fn meet(&mut self, left: TypeId, right: TypeId) -> TypeId {
        let relation = self.compare(left, right);
        if relation == Relation::Equal {
            return left;
        }
        match (self.get(left), self.get(right)) {
            (Type::Data(l), Type::Data(r)) => self.meet_data((left, l), (right, r)),
            (Type::Arrow(l), Type::Arrow(r)) => {
                let (l, r) = (self.arrow(l).clone(), self.arrow(r).clone());
                self.blend_arrows(&l, &r)
            }
            (
                Type::Option(l),
                Type::Array(r) | Type::Option(r) | Type::Stream(r) | Type::Map(r),
            )
            | (Type::Array(l) | Type::Stream(l) | Type::Map(l), Type::Option(r)) => {
                let of = self.meet(l, r);
                self.option(of)
            }
            (Type::Array(l), Type::Array(r) | Type::Stream(r) | Type::Map(r))
            | (Type::Stream(l) | Type::Map(l), Type::Array(r)) => {
                let of = self.meet(l, r);
                self.array(of)
            }
            (Type::Stream(l), Type::Stream(r)) => {
                let of = self.meet(l, r);
                self.stream(of)
            }
            (Type::Map(l), Type::Map(r)) => {
                let of = self.meet(l, r);
                self.map(of)
            }
            (Type::Scalar(l), Type::Scalar(r)) if relation == Relation::Unrelated => {
                greatest_below(l, r).map_or(self.bottom(), |scalar| self.scalar(scalar))
            }
            _ => match relation {
                Relation::Equal | Relation::Narrower => left,
                Relation::Wider => right,
                Relation::Unrelated => self.bottom(),
            },
        }
    }

    /// `A ∪ B`.
    pub fn join(&mut self, left: TypeId, right: TypeId) -> TypeId {
        if left == right {
            return left;
        }
        match (self.get(left), self.get(right)) {
            (Type::Data(l), Type::Data(r)) => self.join_data((left, l), (right, r)),
            (Type::Arrow(l), Type::Arrow(r)) => {
                let (l, r) = (self.arrow(l).clone(), self.arrow(r).clone());
                self.blend_arrows(&l, &r)
            }
            (Type::Array(l) | Type::Stream(l), Type::Array(r) | Type::Option(r))
            | (Type::Array(l) | Type::Option(l), Type::Stream(r))
            | (Type::Option(l), Type::Array(r)) => {
                let of = self.join(l, r);
                self.array(of)
            }
            (Type::Option(l), Type::Option(r)) => {
                let of = self.join(l, r);
                self.option(of)
            }
            (Type::Stream(l), Type::Stream(r)) => {
                let of = self.join(l, r);
                self.stream(of)
            }
            (Type::Map(l), Type::Map(r)) => {
                let of = self.join(l, r);
                self.map(of)
            }
            _ => match self.compare(left, right) {
                Relation::Equal | Relation::Wider => left,
                Relation::Narrower => right,
                Relation::Unrelated => self.join_unrelated(left, right),
            },
        }
    }

    fn join_unrelated(&self, left: TypeId, right: TypeId) -> TypeId {
        if let (Type::Scalar(l), Type::Scalar(r)) = (self.get(left), self.get(right)) {
            return least_above(l, r).map_or(self.top(), |scalar| self.scalar(scalar));
        }
        self.top()
    }

    /// Parameters joined column by column, results met.
    fn blend_arrows(&mut self, left: &Arrow, right: &Arrow) -> TypeId {
        let mut parameters = Vec::with_capacity(left.parameters.len().max(right.parameters.len()));
        // The specification joins products column by column with the *meet*, and keeps the rest
        // of the longer one.
        for (l, r) in left.parameters.iter().zip(&right.parameters) {
            parameters.push(self.meet(*l, *r));
        }
        let longer = if left.parameters.len() > right.parameters.len() { left } else { right };
        parameters.extend(longer.parameters.iter().skip(parameters.len()));
        let mut results = Vec::with_capacity(left.results.len().min(right.results.len()));
        for (l, r) in left.results.iter().zip(&right.results) {
            results.push(self.meet(*l, *r));
        }
        self.function(&parameters, &results)
    }

    /// The fields that both have; `⊤` if there is none.
    fn meet_data(&mut self, left: (TypeId, RecordId), right: (TypeId, RecordId)) -> TypeId {
        if let Some(known) = self.memo.met.get(&(left.0, right.0)) {
            return *known;
        }
        let mut fields = Vec::new();
        for field in self.record(left.1).fields.clone() {
            if let Some(other) = self.record(right.1).field(&field.name).map(|other| other.ty) {
                fields.push(Field::made(field.name, self.meet(field.ty, other)));
            }
        }
        let met = if fields.is_empty() {
            self.top()
        } else {
            let name = self.blended_name(left.1, "_x_", right.1);
            let record = self.add_record(name, None, fields);
            self.intern(Type::Data(record))
        };
        self.memo.met.insert((left.0, right.0), met);
        met
    }

    /// All fields, common ones joined.
    fn join_data(&mut self, left: (TypeId, RecordId), right: (TypeId, RecordId)) -> TypeId {
        if let Some(known) = self.memo.joined.get(&(left.0, right.0)) {
            return *known;
        }
        let mut fields = Vec::new();
        for field in self.record(left.1).fields.clone() {
            let other = self.record(right.1).field(&field.name).map(|other| other.ty);
            let ty = other.map_or(field.ty, |other| self.join(field.ty, other));
            fields.push(Field::made(field.name, ty));
        }
        let only_right = self
            .record(right.1)
            .fields
            .iter()
            .filter(|f| self.record(left.1).field(&f.name).is_none());
        let only_right: Vec<Field> =
            only_right.map(|field| Field::made(field.name.clone(), field.ty)).collect();
        fields.extend(only_right);
        let name = self.blended_name(left.1, "_U_", right.1);
        let record = self.add_record(name, None, fields);
        let joined = self.intern(Type::Data(record));
        self.memo.joined.insert((left.0, right.0), joined);
        joined
    }

    /// `A_x_B`, cut where a chain of them would grow without end.
    fn blended_name(&self, left: RecordId, by: &str, right: RecordId) -> Name {
        const LONGEST: usize = 64;
        let (left, right) = (&self.record(left).name, &self.record(right).name);
        if left.len() + right.len() > LONGEST {
            return left.clone();
        }
        Name::new(&format!("{left}{by}{right}"))
    }

    /// The element type of a collection literal with elements of these types.
    pub fn element_of(&mut self, elements: impl IntoIterator<Item = TypeId>) -> TypeId {
        let mut met: Option<TypeId> = None;
        for ty in elements {
            let ty = self.frozen(ty);
            met = Some(met.map_or(ty, |so_far| self.meet(so_far, ty)));
        }
        match met {
            None => self.bottom(),
            Some(ty) if ty == self.bottom() => self.top(),
            Some(ty) => ty,
        }
    }

    /// Whether `==` makes sense between values of these types.
    pub fn comparable(&mut self, left: TypeId, right: TypeId) -> bool {
        match (self.get(left), self.get(right)) {
            (Type::Error, _) | (_, Type::Error) => true,
            (Type::Scalar(l), Type::Scalar(r)) if l.is_number() && r.is_number() => true,
            (Type::Scalar(number), Type::Literal(super::LiteralType::Signed))
            | (Type::Literal(super::LiteralType::Signed), Type::Scalar(number))
                if number.is_number() =>
            {
                true
            }
            (
                Type::Array(l) | Type::Option(l) | Type::Stream(l),
                Type::Array(r) | Type::Option(r) | Type::Stream(r),
            ) => self.comparable(l, r),
            (Type::Ability(_), Type::Ability(_)) | (Type::Arrow(_), Type::Arrow(_)) => false,
            (Type::Map(_), _) | (_, Type::Map(_)) => false,
            (Type::Literal(l), Type::Literal(r)) => l.scalars().meets(r.scalars()),
            _ => self.join(left, right) != self.top(),
        }
    }
}
