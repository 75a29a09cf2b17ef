//! Laws of the type lattice, over generated types.

use proptest::prelude::*;

use super::*;

#[derive(Debug, Clone)]
enum Shape {
    Top,
    Bottom,
    Scalar(usize),
    Literal(usize),
    Array(Box<Shape>),
    Option(Box<Shape>),
    Stream(Box<Shape>),
    Data(Vec<Shape>),
    Ability(Vec<Shape>),
    Arrow(Vec<Shape>, Vec<Shape>),
}

fn shape() -> impl Strategy<Value = Shape> {
    let leaf = prop_oneof![
        Just(Shape::Top),
        Just(Shape::Bottom),
        (0..12usize).prop_map(Shape::Scalar),
        (0..5usize).prop_map(Shape::Literal),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        let boxed = inner.clone().prop_map(Box::new);
        let some = proptest::collection::vec(inner, 0..3);
        prop_oneof![
            boxed.clone().prop_map(Shape::Array),
            boxed.clone().prop_map(Shape::Option),
            boxed.prop_map(Shape::Stream),
            some.clone().prop_map(Shape::Data),
            some.clone().prop_map(Shape::Ability),
            (some.clone(), some).prop_map(|(from, to)| Shape::Arrow(from, to)),
        ]
    })
}

/// Field names are taken from the front of one list, so that records overlap.
fn fields(types: &mut Types, shapes: &[Shape]) -> Vec<Field> {
    let names = ["a", "b", "c"];
    shapes
        .iter()
        .zip(names)
        .map(|(shape, name)| Field::made(Name::new(name), build(types, shape)))
        .collect()
}

fn build(types: &mut Types, shape: &Shape) -> TypeId {
    match shape {
        Shape::Top => types.top(),
        Shape::Bottom => types.bottom(),
        Shape::Scalar(n) => types.scalar(Scalar::ALL[*n]),
        Shape::Literal(n) => types.literal(LiteralType::ALL[*n]),
        Shape::Array(of) => {
            let of = build(types, of);
            types.array(of)
        }
        Shape::Option(of) => {
            let of = build(types, of);
            types.option(of)
        }
        Shape::Stream(of) => {
            let of = build(types, of);
            types.stream(of)
        }
        Shape::Data(members) => {
            let members = fields(types, members);
            let record = types.add_record(Name::new("D"), None, members);
            types.intern(Type::Data(record))
        }
        Shape::Ability(members) => {
            let members = fields(types, members);
            let record = types.add_record(Name::new("A"), None, members);
            types.intern(Type::Ability(record))
        }
        Shape::Arrow(from, to) => {
            let from: Vec<_> = from.iter().map(|shape| build(types, shape)).collect();
            let to: Vec<_> = to.iter().map(|shape| build(types, shape)).collect();
            types.function(&from, &to)
        }
    }
}

proptest! {
    #[test]
    fn every_type_accepts_itself_even_rebuilt(shape in shape()) {
        let mut types = Types::new();
        let (one, two) = (build(&mut types, &shape), build(&mut types, &shape));
        prop_assert!(types.accepts(one, two));
        prop_assert!(types.accepts(two, one));
    }

    #[test]
    fn what_fits_a_thing_that_fits_fits(a in shape(), b in shape(), c in shape()) {
        let mut types = Types::new();
        let [a, b, c] = [&a, &b, &c].map(|shape| build(&mut types, shape));
        for (x, y, z) in [(a, b, c), (a, c, b), (b, a, c), (b, c, a), (c, a, b), (c, b, a)] {
            if types.accepts(x, y) && types.accepts(y, z) {
                let text = format!("{} {} {}", types.show(x), types.show(y), types.show(z));
                prop_assert!(types.accepts(x, z), "{}", text);
            }
        }
    }

    #[test]
    fn top_accepts_all_and_bottom_fits_all(shape in shape()) {
        let mut types = Types::new();
        let ty = build(&mut types, &shape);
        let (top, bottom) = (types.top(), types.bottom());
        prop_assert!(types.accepts(top, ty));
        prop_assert!(types.accepts(ty, bottom));
        prop_assert_eq!(types.join(ty, top), top);
        prop_assert_eq!(types.meet(ty, bottom), bottom);
    }

    #[test]
    fn meet_and_join_are_idempotent_and_commutative(a in shape(), b in shape()) {
        let mut types = Types::new();
        let (a, b) = (build(&mut types, &a), build(&mut types, &b));
        prop_assert_eq!(types.meet(a, a), a);
        prop_assert_eq!(types.join(a, a), a);
        let (ab, ba) = (types.meet(a, b), types.meet(b, a));
        prop_assert_eq!(types.compare(ab, ba), Relation::Equal);
        let (ab, ba) = (types.join(a, b), types.join(b, a));
        prop_assert_eq!(types.compare(ab, ba), Relation::Equal);
    }

    #[test]
    fn the_join_of_scalars_and_literals_accepts_both_and_their_meet_fits_both(
        a in 0..17usize, b in 0..17usize,
    ) {
        let mut types = Types::new();
        let simple: Vec<TypeId> = Scalar::ALL.map(|s| types.scalar(s)).into_iter()
            .chain(LiteralType::ALL.map(|l| types.literal(l))).collect();
        let (a, b) = (simple[a], simple[b]);
        let (join, meet) = (types.join(a, b), types.meet(a, b));
        prop_assert!(types.accepts(join, a) && types.accepts(join, b));
        prop_assert!(types.accepts(a, meet) && types.accepts(b, meet));
    }
}

#[test]
fn arrays_and_options_are_interchangeable_and_streams_fit_both() {
    let mut types = Types::new();
    let byte = types.scalar(Scalar::U8);
    let (array, option, stream) = (types.array(byte), types.option(byte), types.stream(byte));
    assert!(types.accepts(array, option) && types.accepts(option, array));
    assert!(types.accepts(array, stream) && types.accepts(option, stream));
    assert!(!types.accepts(stream, array) && !types.accepts(stream, option));
    let nil = types.nil();
    assert!(types.accepts(array, nil) && !types.accepts(stream, nil));
}

#[test]
fn collection_literals_meet_their_elements() {
    let mut types = Types::new();
    let (small, wide) = (types.scalar(Scalar::U8), types.scalar(Scalar::U16));
    let text = types.scalar(Scalar::String);
    assert_eq!(types.element_of([small, wide]), small);
    assert_eq!(types.element_of([small, text]), types.top());
    let one = types.literal(LiteralType::Unsigned);
    let minus_one = types.literal(LiteralType::Signed);
    assert_eq!(types.element_of([one, minus_one]), one);
    let option = types.option(small);
    let nil = types.nil();
    let element = types.element_of([option, nil]);
    assert_eq!(types.show(element).to_string(), "?⊥");
}

#[test]
fn a_type_that_nests_too_deep_is_the_error_type() {
    let mut types = Types::new();
    let mut ty = types.top();
    for _ in 0..=MAX_TYPE_DEPTH {
        ty = types.array(ty);
    }
    assert!(types.is_error(ty));
}
