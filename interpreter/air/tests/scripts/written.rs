//! Any program can be written as AIR, or it says something that AIR has no way to say.

use aquac_air::{Frame, Problem, Relay, WriteError, parse, write};
use aquac_ir::VerifiedProgram;
use proptest::prelude::*;

use crate::random_programs;

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn a_random_program_is_written_or_says_why_not(
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        relay in any::<bool>(),
    ) {
        let program = VerifiedProgram::new(random_programs::program(&bytes)).unwrap();
        let parameters: Vec<String> = (0..5).map(|number| format!("p{number}")).collect();
        let relay = if relay { Relay::Loaded } else { Relay::None };
        match write(&program, Frame::Function { parameters: &parameters, relay }) {
            Ok(text) => prop_assert!(parse(&text).is_ok()),
            Err(WriteError::Unsayable(error)) => {
                let two_in_one =
                    matches!(error.problem, Problem::MultipleNext(_) | Problem::AfterNext);
                prop_assert!(two_in_one, "{error}");
            }
            Err(other) => prop_assert!(false, "{other}"),
        }
    }
}

#[test]
fn what_a_program_shares_is_counted_as_often_as_it_is_written() {
    let mut builder = aquac_ir::Builder::new();
    let mut value = builder.expr(aquac_ir::Expr::Fact(aquac_ir::Fact::Ttl));
    for _ in 0..60 {
        value = builder.expr(aquac_ir::Expr::Array([value, value].into()));
    }
    builder.leaf(aquac_ir::Node::Return { values: [value].into() });
    if let Ok(program) = VerifiedProgram::new(builder.finish()) {
        assert_eq!(write(&program, Frame::Bare), Err(WriteError::TooLarge));
    }
}
