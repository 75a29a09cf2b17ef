//! Costs: as many frames as predicted where the prediction is exact, else at most so many.

use crate::programs::program;
use crate::programs_to_try;
use crate::runs::{Checked, run};
use crate::soundness::ANSWERS;

#[test]
fn a_run_has_as_many_hops_as_predicted() {
    let (mut exact, mut judged) = (0, 0);
    for seed in 0..programs_to_try(300) {
        let text = program(seed);
        let Some(checked) = Checked::new(&text) else { continue };
        let cost = checked.cost();
        let Some(predicted) = cost.hops.number.filter(|_| checked.findings().is_empty()) else {
            continue;
        };
        let lowered = checked.lowered();
        for answers in ANSWERS {
            let outcome = run(&lowered, answers, seed);
            let measured = outcome.messages.len() as u64;
            judged += 1;
            if cost.hops.exact {
                exact += 1;
                assert_eq!(measured, predicted, "{seed} {answers:?}\n{text}\n{:?}", outcome.messages);
            } else {
                assert!(measured <= predicted, "{seed} {answers:?}: {measured} > {predicted}\n{text}");
            }
        }
    }
    assert!(exact > 0 && judged > exact, "{exact} of {judged}");
}
