//! Costs: as many frames as predicted where the prediction says that it is exact.

use crate::programs::program;
use crate::programs_to_try;
use crate::runs::{Checked, run};
use crate::soundness::ANSWERS;

#[test]
fn a_run_has_as_many_hops_as_predicted() {
    let (mut exact, mut judged, mut wrong) = (0, 0, 0);
    let (mut example, mut ways) = (String::new(), String::new());
    for seed in programs_to_try(300) {
        let text = program(seed);
        // The prediction is for runs in which nothing fails.
        let Some(checked) = Checked::new(&text).filter(|_| !text.contains("  Tool.fail")) else {
            continue;
        };
        let cost = checked.cost();
        let Some(predicted) = cost.hops.number.filter(|_| checked.findings().is_empty()) else {
            continue;
        };
        let lowered = checked.lowered();
        for answers in ANSWERS {
            let outcome = run(&lowered, answers, seed);
            let measured = outcome.messages.len() as u64;
            // A list that is too short for a wait is another matter.
            let short = outcome.waiting.iter().any(|waiting| waiting.r#for.contains("elements"));
            if outcome.response.is_none() || short {
                continue;
            }
            judged += 1;
            if cost.hops.exact {
                exact += 1;
                if measured != predicted {
                    wrong += 1;
                    let said = format!("{seed} {answers:?}: {measured}, not {predicted}\n{text}");
                    if example.is_empty() || said.len() < example.len() {
                        example = said;
                        ways = outcome
                            .messages
                            .iter()
                            .map(|m| format!("{}>{} ", m.from, m.to))
                            .collect();
                    }
                }
            }
        }
    }
    println!("{exact} of {judged} runs have an exact prediction, {wrong} are wrong");
    assert_eq!(wrong, 0, "{wrong} of {exact} ({judged} in all)\n{example}\n{ways}");
    assert!(exact > 0, "no prediction is exact");
}
