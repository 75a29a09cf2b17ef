//! What is printed or encoded comes back as the same program.

use aquac_ir::{
    Builder, Expr, Node, Shape, Value, VerifiedProgram, decode, encode, from_json, parse, print,
    to_json,
};
use proptest::prelude::*;

use crate::random;

fn choices() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..400)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn a_random_program_passes_the_check_and_comes_back_from_its_bytes(bytes in choices()) {
        let program = random::program(&bytes);
        let checked = VerifiedProgram::new(program.clone());
        prop_assert!(checked.is_ok(), "{:?}", checked.err());
        let encoded = encode(&program);
        prop_assert_eq!(decode(&encoded), Ok(program));
        let decoded = VerifiedProgram::from_bytes(&encoded);
        prop_assert_eq!(decoded, checked);
    }

    #[test]
    fn a_random_program_comes_back_from_its_text(bytes in choices()) {
        let program = random::program(&bytes);
        let text = print(&program);
        let parsed = parse(&text);
        prop_assert!(parsed.is_ok(), "{}\n{text}", parsed.unwrap_err());
        let parsed = parsed.unwrap();
        prop_assert_eq!(encode(&parsed), encode(&program), "{}", text);
        prop_assert_eq!(print(&parsed), text);
    }

    #[test]
    fn spaces_and_comments_mean_nothing(bytes in choices()) {
        let program = random::program(&bytes);
        let text = print(&program).replace('\n', "  // what\n\n// ever\n");
        prop_assert_eq!(parse(&text), Ok(program));
    }

    #[test]
    fn a_fraction_comes_back_from_its_text(bits in any::<u64>()) {
        let number = f64::from_bits(bits);
        prop_assume!(number.is_finite());
        let text = format!("{number:?}");
        let value = from_json(&text).unwrap();
        prop_assert_eq!(from_json(&to_json(&value)).unwrap(), value);
    }
}

#[test]
fn the_order_in_which_a_program_was_made_does_not_count() {
    let build = |busy: bool| {
        let mut builder = Builder::new();
        if busy {
            builder.constant(Value::text("never used"));
            let any = builder.shape(Shape::Any);
            builder.shape(Shape::Array(any));
            builder.constant(Value::text("second"));
        }
        let left = builder.constant(Value::text("first"));
        let right = builder.constant(Value::text("second"));
        let values = [builder.expr(Expr::And(left, right))].into();
        builder.leaf(Node::Return { values });
        encode(&builder.finish())
    };
    assert_eq!(build(false), build(true));
}

#[test]
fn shared_expressions_do_not_blow_up_the_text() {
    let mut builder = Builder::new();
    let mut value = builder.constant(Value::from(1_u64));
    for _ in 0..100 {
        value = builder.expr(Expr::Array([value, value].into()));
    }
    let mut shape = builder.shape(Shape::Text);
    for _ in 0..60 {
        let fields =
            ["a", "b"].map(|name| aquac_ir::ShapeField { name: builder.text(name), shape });
        shape = builder.shape(Shape::Object(fields.into()));
    }
    builder.parameter(shape);
    builder.leaf(Node::Return { values: [value].into() });
    let program = builder.finish();
    let text = print(&program);
    assert!(text.len() < 20_000, "{} bytes", text.len());
    assert_eq!(parse(&text), Ok(program));
}

#[test]
fn the_deepest_value_can_be_written_and_read() {
    let value = random::deepest_value();
    assert_eq!(from_json(&to_json(&value)).ok(), Some(value.clone()));
    let mut builder = Builder::new();
    let values = [builder.constant(value)].into();
    builder.leaf(Node::Return { values });
    let program = builder.finish();
    assert_eq!(parse(&print(&program)), Ok(program.clone()));
    assert_eq!(decode(&encode(&program)), Ok(program));
}
