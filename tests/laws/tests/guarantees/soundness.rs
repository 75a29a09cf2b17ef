//! Join liveness: no finding, no starving; a broken wait, a finding.

use std::collections::BTreeMap;

use aquac_lowering::guarantee::cost::{Cost, JoinCost};

use crate::broken::{Mistake, broken};
use crate::programs::LISTED;
use crate::runs::{Checked, run_with};
use crate::{programs_to_try, texts};

/// The answers to the two questions that programs ask.
pub(crate) const ANSWERS: [(bool, bool); 4] =
    [(false, false), (false, true), (true, false), (true, true)];

/// Programs that got stuck once without a finding.
const STUCK_ONCE: [u64; 1] = [1_059_173];

/// The answers with which a program gets stuck, if it does, with so many listed peers.
fn stuck(checked: &Checked, listed: usize, seed: u64) -> Option<(bool, bool)> {
    let lowered = checked.lowered();
    ANSWERS.into_iter().find(|answers| {
        let outcome = run_with(&lowered, *answers, listed, seed);
        outcome.response.is_none() && outcome.error.is_none()
    })
}

/// What the report says about a wait.
fn said(join: &JoinCost) -> String {
    let spare = join.spare.as_ref().map(|spare| spare.text.as_str());
    format!("{}: {} of {}, spare {spare:?}", join.stream, join.need.text, join.offered.text)
}

/// Whether every condition holds that the report names, with so many listed peers; `None` if there
/// is one that this test cannot read.
pub(crate) fn holds(cost: &Cost, listed: usize) -> Option<bool> {
    let mut all = true;
    for join in cost.joins.iter().filter(|join| join.spare.is_none()) {
        all &= sum(&join.offered.text, listed)? >= sum(&join.need.text, listed)?;
    }
    Some(all)
}

/// The value of `2 * ps.length - 1`.
pub(crate) fn sum(text: &str, listed: usize) -> Option<i64> {
    let (mut sum, mut product) = (0, 1);
    for word in text.split(' ') {
        match word {
            "*" => {}
            "+" | "-" => {
                sum += product;
                product = if word == "+" { 1 } else { -1 };
            }
            "ps.length" => product *= i64::try_from(listed).ok()?,
            number => product *= number.parse::<i64>().ok()?,
        }
    }
    Some(sum + product)
}

#[test]
fn conditions_are_read_as_they_are_written() {
    assert_eq!(sum("2 * ps.length * ps.length + ps.length - 1", 5), Some(54));
    assert_eq!(sum("3", 5), Some(3));
    assert_eq!(sum("any number", 5), None);
}

#[test]
fn a_program_without_a_finding_is_never_stuck() {
    let (mut judged, mut warned, mut unmet, mut unread) = (0, 0, 0, 0);
    let seeds = STUCK_ONCE.into_iter().chain(programs_to_try(400));
    for (seed, text) in seeds.flat_map(|seed| texts(seed).map(|text| (seed, text))) {
        let Some(checked) = Checked::new(&text) else { panic!("{seed} is wrong\n{text}") };
        if !checked.findings().is_empty() {
            warned += 1;
            continue;
        }
        // What depends on the length of the list that is given is a condition, not a promise.
        let listed = usize::try_from(seed).unwrap_or_default() % (LISTED.len() + 1);
        let listed = LISTED.len() - listed;
        match holds(&checked.cost(), listed) {
            Some(true) => judged += 1,
            Some(false) => {
                unmet += 1;
                continue;
            }
            None => {
                unread += 1;
                continue;
            }
        }
        let stuck = stuck(&checked, listed, seed);
        let conditions: Vec<String> = checked.cost().joins.iter().map(said).collect();
        let conditions = conditions.join("\n");
        assert_eq!(stuck, None, "{seed} is stuck with {listed} peers\n{text}{conditions}");
    }
    println!(
        "{judged} judged; {warned} with a finding, {unmet} with too short a list, {unread} with a condition that depends on something else"
    );
    assert!(judged > unmet + unread, "{judged} judged, {unmet} and {unread} not");
}

#[test]
fn broken_waits_are_found() {
    // For each kind of mistake: how many broke a wait, and how many of these were found.
    let mut kinds: BTreeMap<Mistake, (u32, u32)> = BTreeMap::new();
    let mut missed = Vec::new();
    let all = LISTED.len();
    let seeds = programs_to_try(600).flat_map(|seed| texts(seed).map(|text| (seed, text)));
    for (seed, text) in seeds {
        let Some(checked) = Checked::new(&text) else { continue };
        if !checked.findings().is_empty() || stuck(&checked, all, seed).is_some() {
            continue;
        }
        let Some((mistake, changed)) = broken(&text, seed) else { continue };
        let Some(checked) = Checked::new(&changed) else { continue };
        if stuck(&checked, all, seed).is_none() {
            continue;
        }
        let (broken, found) = kinds.entry(mistake).or_default();
        *broken += 1;
        if checked.findings().is_empty() {
            missed.push(format!("{seed}, {mistake:?}\n{changed}"));
        } else {
            *found += 1;
        }
    }
    let of = kinds.values().map(|(broken, _)| broken).sum::<u32>();
    let found = kinds.values().map(|(_, found)| found).sum::<u32>();
    println!("{found} of {of} broken programs found; {kinds:?}\n{}", missed.join("\n"));
    assert!(of > 0, "nothing was broken");
    assert!(found * 100 >= of * 95, "{found} of {of}; missed:\n{}", missed.join("\n"));
}
