//! Types as small numbers.
//!
//! Every type is interned: equal types have the same [`TypeId`], so most comparisons are one
//! integer compare. Named types (`data`, `service`, `ability`) are structural in the language;
//! here each declaration is a [`Record`], and [`Types::compare`] looks at the fields. Answers for
//! pairs of records are remembered, so that types that share parts cost linear time.

mod compare;
mod lattice;
mod scalar;
mod show;

use std::collections::HashMap;

use aquac_base::{Arena, Id, Name, Span};

pub use scalar::{LiteralType, Relation, Scalar};
pub use show::Shown;

use crate::symbols::QuickHash;

/// A type, by its number in [`Types`].
pub type TypeId = Id<Type>;
/// A named type, by its number in [`Types`].
pub type RecordId = Id<Record>;
/// The type of a function, by its number in [`Types`].
pub type ArrowId = Id<Arrow>;

/// Types nest at most this deep; a deeper one is reported and becomes the error type. Bounds the
/// recursion of everything that walks types.
pub const MAX_TYPE_DEPTH: u16 = 200;

/// What a value can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Type {
    /// Something was wrong and has been reported; fits everywhere and accepts everything.
    Error,
    /// `⊤`: a value nothing is known about.
    Top,
    /// `⊥`: the element of the empty collection; fits everywhere.
    Bottom,
    /// A single value.
    Scalar(Scalar),
    /// A literal that has not met a scalar yet.
    Literal(LiteralType),
    /// `[]T`
    Array(TypeId),
    /// `?T`: an array of at most one element.
    Option(TypeId),
    /// `*T`: filled by branches, read by waiting or by a snapshot.
    Stream(TypeId),
    /// `%T`: a stream of pairs with string keys.
    Map(TypeId),
    /// A `data`, or the type of an element of a stream map.
    Data(RecordId),
    /// A `service`.
    Service(RecordId),
    /// An `ability`.
    Ability(RecordId),
    /// A function, method, closure or callback.
    Arrow(ArrowId),
}

/// A type with a name and members.
#[derive(Debug, Clone)]
pub struct Record {
    /// As declared; types made by the compiler have made-up names.
    pub name: Name,
    /// Where it is declared; `None` for types that the compiler made.
    pub span: Option<Span>,
    /// Members in the order of their declaration, names unique.
    pub fields: Vec<Field>,
    /// Positions in `fields`, ordered by name.
    by_name: Vec<u32>,
}

/// A field of a `data`, a method of a `service`, either of an `ability`.
#[derive(Debug, Clone)]
pub struct Field {
    /// What it is called.
    pub name: Name,
    /// The type of the field; for a method its arrow.
    pub ty: TypeId,
    /// The declaration: name and type; `None` for fields that the compiler made.
    pub span: Option<Span>,
    /// Names and places of a method's parameters, where the declaration gives them.
    pub parameters: Vec<ParameterNote>,
}

/// What messages can say about a parameter.
#[derive(Debug, Clone)]
pub struct ParameterNote {
    /// Its name; empty in the anonymous form `T -> R`.
    pub name: Name,
    /// Its declaration.
    pub span: Span,
}

impl Record {
    fn new(name: Name, span: Option<Span>, fields: Vec<Field>) -> Self {
        let mut by_name: Vec<u32> = (0..).take(fields.len()).collect();
        by_name.sort_by_key(|at| fields.get(*at as usize).map(|field| field.name.clone()));
        Self { name, span, fields, by_name }
    }

    /// The member with this name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        let at = self
            .by_name
            .binary_search_by(|at| {
                self.fields.get(*at as usize).map_or("", |field| field.name.as_str()).cmp(name)
            })
            .ok()?;
        self.fields.get(*self.by_name.get(at)? as usize)
    }

    /// Members ordered by name.
    pub fn sorted(&self) -> impl Iterator<Item = &Field> {
        self.by_name.iter().filter_map(|at| self.fields.get(*at as usize))
    }
}

/// What a function takes and gives.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Arrow {
    /// Types of the parameters, ability parameters first.
    pub parameters: Box<[TypeId]>,
    /// Types of the results.
    pub results: Box<[TypeId]>,
}

/// Every type of a compilation. Ids stay valid for its whole life.
#[derive(Debug, Clone)]
pub struct Types {
    types: Arena<Type>,
    depths: Vec<u16>,
    records: Arena<Record>,
    record_depths: Vec<u16>,
    arrows: Arena<Arrow>,
    numbers: HashMap<Type, TypeId, QuickHash>,
    arrow_numbers: HashMap<Arrow, ArrowId, QuickHash>,
    memo: Memo,
    basic: Basic,
}

/// Answers already worked out.
#[derive(Debug, Clone, Default)]
struct Memo {
    compared: HashMap<(RecordId, RecordId), Relation, QuickHash>,
    met: HashMap<(TypeId, TypeId), TypeId, QuickHash>,
    joined: HashMap<(TypeId, TypeId), TypeId, QuickHash>,
    pairs: HashMap<TypeId, TypeId, QuickHash>,
}

/// The types that need no declaration.
#[derive(Debug, Clone, Copy)]
struct Basic {
    error: TypeId,
    top: TypeId,
    bottom: TypeId,
    nil: TypeId,
    scalars: [TypeId; 12],
    literals: [TypeId; 5],
    fault: TypeId,
}

impl Default for Types {
    fn default() -> Self {
        Self::new()
    }
}

impl Types {
    /// The built-in types.
    #[must_use]
    pub fn new() -> Self {
        let mut types = Arena::new();
        let error = types.add(Type::Error);
        let mut all = Self {
            types,
            depths: vec![0],
            records: Arena::new(),
            record_depths: Vec::new(),
            arrows: Arena::new(),
            numbers: HashMap::default(),
            arrow_numbers: HashMap::default(),
            memo: Memo::default(),
            basic: Basic {
                error,
                top: error,
                bottom: error,
                nil: error,
                scalars: [error; 12],
                literals: [error; 5],
                fault: error,
            },
        };
        all.numbers.insert(Type::Error, error);
        all.basic.top = all.intern(Type::Top);
        all.basic.bottom = all.intern(Type::Bottom);
        all.basic.nil = all.intern(Type::Option(all.basic.bottom));
        all.basic.scalars = Scalar::ALL.map(|scalar| all.intern(Type::Scalar(scalar)));
        all.basic.literals = LiteralType::ALL.map(|literal| all.intern(Type::Literal(literal)));
        all.basic.fault = all.fault_record();
        all
    }

    /// The struct that `catch` binds and `LAST_ERROR` is.
    fn fault_record(&mut self) -> TypeId {
        let string = self.scalar(Scalar::String);
        let number = self.scalar(Scalar::I64);
        let field = |name: &str, ty| Field::made(Name::new(name), ty);
        let fields = vec![
            field("message", string),
            field("error_code", number),
            field("instruction", string),
            field("peer_id", string),
        ];
        let record = self.add_record(Name::new("Error"), None, fields);
        self.intern(Type::Data(record))
    }

    /// What a type is.
    #[must_use]
    pub fn get(&self, id: TypeId) -> Type {
        self.types[id]
    }

    /// Name and members of a named type.
    #[must_use]
    pub fn record(&self, id: RecordId) -> &Record {
        &self.records[id]
    }

    /// Parameters and results of a function type.
    #[must_use]
    pub fn arrow(&self, id: ArrowId) -> &Arrow {
        &self.arrows[id]
    }

    /// How deep it nests: 0 for a scalar.
    #[must_use]
    pub fn depth(&self, id: TypeId) -> u16 {
        self.depths.get(id.index()).copied().unwrap_or(0)
    }

    /// The type of what has been reported already.
    #[must_use]
    pub const fn error(&self) -> TypeId {
        self.basic.error
    }

    /// `⊤`
    #[must_use]
    pub const fn top(&self) -> TypeId {
        self.basic.top
    }

    /// `⊥`
    #[must_use]
    pub const fn bottom(&self) -> TypeId {
        self.basic.bottom
    }

    /// `?⊥`, the type of `nil` and `[]`.
    #[must_use]
    pub const fn nil(&self) -> TypeId {
        self.basic.nil
    }

    /// The struct `Error` of `catch` and `LAST_ERROR`.
    #[must_use]
    pub const fn fault(&self) -> TypeId {
        self.basic.fault
    }

    /// A scalar type.
    #[must_use]
    #[expect(clippy::indexing_slicing, reason = "one entry for each variant")]
    pub const fn scalar(&self, scalar: Scalar) -> TypeId {
        self.basic.scalars[scalar as usize]
    }

    /// The type of a literal.
    #[must_use]
    #[expect(clippy::indexing_slicing, reason = "one entry for each variant")]
    pub const fn literal(&self, literal: LiteralType) -> TypeId {
        self.basic.literals[literal as usize]
    }

    /// The number of a type; the error type if it nests deeper than [`MAX_TYPE_DEPTH`].
    pub fn intern(&mut self, ty: Type) -> TypeId {
        if let Some(id) = self.numbers.get(&ty) {
            return *id;
        }
        let depth = self.depth_of(ty);
        if depth > MAX_TYPE_DEPTH {
            return self.basic.error;
        }
        let id = self.types.add(ty);
        self.depths.push(depth);
        self.numbers.insert(ty, id);
        id
    }

    fn depth_of(&self, ty: Type) -> u16 {
        match ty {
            Type::Error | Type::Top | Type::Bottom | Type::Scalar(_) | Type::Literal(_) => 0,
            Type::Array(of) | Type::Option(of) | Type::Stream(of) | Type::Map(of) => {
                self.depth(of) + 1
            }
            Type::Data(record) | Type::Service(record) | Type::Ability(record) => {
                self.record_depths.get(record.index()).copied().unwrap_or(0)
            }
            Type::Arrow(arrow) => {
                let arrow = self.arrow(arrow);
                let inner = arrow.parameters.iter().chain(&arrow.results);
                inner.map(|ty| self.depth(*ty)).max().unwrap_or(0) + 1
            }
        }
    }

    /// Adds a named type. The names of its fields must be unique.
    pub fn add_record(&mut self, name: Name, span: Option<Span>, fields: Vec<Field>) -> RecordId {
        let depth = fields.iter().map(|field| self.depth(field.ty)).max().unwrap_or(0);
        self.record_depths.push(depth + 1);
        self.records.add(Record::new(name, span, fields))
    }

    /// `[]T`
    pub fn array(&mut self, of: TypeId) -> TypeId {
        self.intern(Type::Array(of))
    }

    /// `?T`
    pub fn option(&mut self, of: TypeId) -> TypeId {
        self.intern(Type::Option(of))
    }

    /// `*T`
    pub fn stream(&mut self, of: TypeId) -> TypeId {
        self.intern(Type::Stream(of))
    }

    /// `%T`
    pub fn map(&mut self, of: TypeId) -> TypeId {
        self.intern(Type::Map(of))
    }

    /// A function type.
    pub fn function(&mut self, parameters: &[TypeId], results: &[TypeId]) -> TypeId {
        let arrow = Arrow { parameters: parameters.into(), results: results.into() };
        let id = if let Some(id) = self.arrow_numbers.get(&arrow) {
            *id
        } else {
            let id = self.arrows.add(arrow.clone());
            self.arrow_numbers.insert(arrow, id);
            id
        };
        self.intern(Type::Arrow(id))
    }

    /// What iterating a stream map of `T` gives: a struct of `key` and `value`.
    pub fn pair(&mut self, of: TypeId) -> TypeId {
        if let Some(id) = self.memo.pairs.get(&of) {
            return *id;
        }
        let key = Field::made(Name::new("key"), self.scalar(Scalar::String));
        let value = Field::made(Name::new("value"), of);
        let record = self.add_record(Name::new("KeyValue"), None, vec![key, value]);
        let id = self.intern(Type::Data(record));
        self.memo.pairs.insert(of, id);
        id
    }

    /// Whether it is the error type, on the outside.
    #[must_use]
    pub fn is_error(&self, id: TypeId) -> bool {
        id == self.basic.error
    }

    /// Whether values of it can be stored, sent and collected.
    #[must_use]
    pub fn is_data(&self, id: TypeId) -> bool {
        match self.get(id) {
            Type::Error
            | Type::Top
            | Type::Bottom
            | Type::Scalar(_)
            | Type::Literal(_)
            | Type::Array(_)
            | Type::Option(_)
            | Type::Data(_) => true,
            Type::Stream(_)
            | Type::Map(_)
            | Type::Service(_)
            | Type::Ability(_)
            | Type::Arrow(_) => false,
        }
    }

    /// The element type of an array, option or stream.
    #[must_use]
    pub fn element(&self, id: TypeId) -> Option<TypeId> {
        match self.get(id) {
            Type::Array(of) | Type::Option(of) | Type::Stream(of) => Some(of),
            Type::Error
            | Type::Top
            | Type::Bottom
            | Type::Scalar(_)
            | Type::Literal(_)
            | Type::Map(_)
            | Type::Data(_)
            | Type::Service(_)
            | Type::Ability(_)
            | Type::Arrow(_) => None,
        }
    }

    /// What it is if it is no data, in words: no service takes or answers with it.
    pub(crate) fn beside_data(&self, id: TypeId) -> Option<&'static str> {
        match self.get(id) {
            Type::Arrow(_) => Some("a function"),
            Type::Service(_) => Some("a service"),
            Type::Ability(_) => Some("an ability"),
            Type::Error
            | Type::Top
            | Type::Bottom
            | Type::Scalar(_)
            | Type::Literal(_)
            | Type::Array(_)
            | Type::Option(_)
            | Type::Stream(_)
            | Type::Map(_)
            | Type::Data(_) => None,
        }
    }

    /// The named type behind it, with its kind forgotten.
    #[must_use]
    pub fn named(&self, id: TypeId) -> Option<RecordId> {
        match self.get(id) {
            Type::Data(record) | Type::Service(record) | Type::Ability(record) => Some(record),
            Type::Error
            | Type::Top
            | Type::Bottom
            | Type::Scalar(_)
            | Type::Literal(_)
            | Type::Array(_)
            | Type::Option(_)
            | Type::Stream(_)
            | Type::Map(_)
            | Type::Arrow(_) => None,
        }
    }

    /// The function type behind it.
    #[must_use]
    pub fn as_arrow(&self, id: TypeId) -> Option<&Arrow> {
        if let Type::Arrow(arrow) = self.get(id) { Some(self.arrow(arrow)) } else { None }
    }

    /// Whether it is a stream.
    #[must_use]
    pub fn is_stream(&self, id: TypeId) -> bool {
        matches!(self.get(id), Type::Stream(_))
    }

    /// What a frozen copy of a stream is: an array. Other types stay as they are.
    pub fn frozen(&mut self, id: TypeId) -> TypeId {
        if let Type::Stream(of) = self.get(id) { self.array(of) } else { id }
    }
}

impl Field {
    /// A field that no source declares.
    #[must_use]
    pub fn made(name: Name, ty: TypeId) -> Self {
        Self { name, ty, span: None, parameters: Vec::new() }
    }
}

#[cfg(test)]
mod tests;
