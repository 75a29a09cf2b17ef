//! Join liveness: no finding, no starving; a broken wait, a finding.

use crate::programs::{mutant, program};
use crate::programs_to_try;
use crate::runs::{Checked, run};

/// The answers to the two questions that programs ask.
pub(crate) const ANSWERS: [(bool, bool); 4] =
    [(false, false), (false, true), (true, false), (true, true)];

/// The answers with which a program gets stuck, if it does.
fn stuck(checked: &Checked, seed: u64) -> Option<(bool, bool)> {
    let lowered = checked.lowered();
    ANSWERS.into_iter().find(|answers| {
        let outcome = run(&lowered, *answers, seed);
        outcome.response.is_none() && outcome.error.is_none()
    })
}

#[test]
fn a_program_without_a_finding_is_never_stuck() {
    let mut judged = 0;
    for seed in 0..programs_to_try(400) {
        let text = program(seed);
        let Some(checked) = Checked::new(&text) else { panic!("{seed} is wrong\n{text}") };
        if !checked.findings().is_empty() {
            continue;
        }
        // What depends on the length of the list that is given is a condition, not a promise.
        if checked.cost().joins.iter().any(|join| join.spare.is_none()) {
            continue;
        }
        judged += 1;
        let stuck = stuck(&checked, seed);
        assert_eq!(stuck, None, "{seed} is stuck\n{text}");
    }
    assert!(judged > 0, "no program was judged");
}

#[test]
fn broken_waits_are_found() {
    let (mut broken, mut found) = (0_u32, 0_u32);
    let mut missed = String::new();
    for seed in 0..programs_to_try(600) {
        let text = program(seed);
        let Some(checked) = Checked::new(&text) else { continue };
        if !checked.findings().is_empty() || stuck(&checked, seed).is_some() {
            continue;
        }
        let Some(changed) = mutant(&text, seed) else { continue };
        let Some(checked) = Checked::new(&changed) else { continue };
        if stuck(&checked, seed).is_none() {
            continue;
        }
        broken += 1;
        if checked.findings().is_empty() {
            missed = changed;
        } else {
            found += 1;
        }
    }
    assert!(broken > 0, "nothing was broken");
    assert!(found * 100 >= broken * 95, "{found} of {broken}; one that was missed:\n{missed}");
}
