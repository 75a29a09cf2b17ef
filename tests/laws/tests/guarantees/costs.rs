//! Costs: where the report says how many frames there are, how many follow each other, or that
//! there are no more, it is so, whether links are alike or not.

use std::collections::BTreeMap;

use aquac_lowering::guarantee::cost::{Amount, Cost, Sizes};

use crate::amounts::value;
use crate::measured::{Links, Measured, measure};
use crate::programs::LISTED;
use crate::runs::Checked;
use crate::soundness::{ANSWERS, holds};
use crate::{programs_to_try, texts};

/// Wrong predictions that are shown, the shortest programs first.
const SHOWN: usize = 12;
/// Runs of each program in which links and services take any time.
const CHANCES: u64 = 2;
/// Programs whose prediction was wrong once.
const WRONG_ONCE: [u64; 27] = [
    70_544, 116_294, 117_834, 122_821, 145_471, 157_292, 158_370, 181_601, 194_675, 194_836,
    257_594, 260_905, 266_025, 1_046_442, 1_078_037, 1_104_629, 1_131_135, 1_172_741, 1_516_278,
    1_517_373, 1_520_744, 1_521_016, 1_525_424, 1_534_239, 1_574_525, 1_587_743, 1_680_758,
];
/// Measured bytes for each hundred estimated ones: of all runs but the first and the last twentieth,
/// in the middle, and of all but one in a thousand at each end: rounds beside each other that stay at
/// one place are all counted, however many have ended when a frame leaves.
const MOST_BYTES: std::ops::RangeInclusive<u64> = 80..=135;
const MIDDLE_BYTES: std::ops::RangeInclusive<u64> = 95..=110;
const ALL_BYTES: std::ops::RangeInclusive<u64> = 25..=250;

/// What was seen.
#[derive(Debug, Default)]
struct Seen {
    runs: u32,
    exact: u32,
    bounded: u32,
    chains: u32,
    wrong: Vec<String>,
    /// Programs by what their prediction depends on.
    doubts: BTreeMap<String, u32>,
    /// Measured bytes for each hundred estimated ones, where the hops are exact, and of which program.
    bytes: Vec<(u64, u64)>,
}

/// What a report's symbols stand for in these runs.
fn symbol(word: &str) -> Option<i64> {
    let listed = i64::try_from(LISTED.len()).ok()?;
    match word {
        "ps.length" => Some(listed),
        "|p0|" | "|p1|" | "|p2|" => Some(54),
        "|ps|" => Some(54 * listed + 2),
        // Everything else is one answer, or some of them.
        _ if word.starts_with('|') => Some(8),
        _ => None,
    }
}

fn number(amount: &str) -> Option<u64> {
    value(amount, &symbol).and_then(|number| u64::try_from(number).ok())
}

/// A budget that bounds every size by what it is here bounds the amount.
fn is_bounded_by_sizes(amount: &Amount) -> bool {
    let size = |size: &str| Some((size.to_owned(), u64::try_from(symbol(size)?).ok()?));
    let sizes: Sizes = amount.sizes().filter_map(size).collect();
    number(&amount.text).is_none_or(|number| amount.at_most(&sizes) >= Some(number))
}

/// What is wrong with a prediction; nothing, if it holds.
fn differs(hops: u64, predicted: &Amount) -> Option<String> {
    let most = number(&predicted.text)?;
    let least = predicted.least.as_deref().and_then(number).unwrap_or_default();
    let wrong = if predicted.exact {
        hops != most
    } else {
        predicted.bounded && !(least..=most).contains(&hops)
    };
    wrong.then(|| format!("{hops}, not {least} to {most}: {predicted:?}"))
}

impl Seen {
    fn run(&mut self, seed: u64, cost: &Cost, measured: &Measured) -> Option<String> {
        self.runs += 1;
        self.exact += u32::from(cost.hops.exact);
        self.bounded += u32::from(cost.hops.bounded && !cost.hops.exact);
        if cost.hops.exact
            && measured.hops > 0
            && let Some(bytes) = number(&cost.bytes.text)
        {
            self.bytes.push((measured.bytes * 100 / bytes.max(1), seed));
        }
        let chain = measured.chain.filter(|_| cost.chain.exact);
        self.chains += u32::from(chain.is_some());
        let chain = chain.and_then(|chain| differs(chain, &cost.chain));
        let hops = differs(measured.hops, &cost.hops);
        let wrong = hops.or(chain.map(|chain| format!("a chain of {chain}")))?;
        Some(format!("{wrong}; {}", measured.ways))
    }

    fn program(&mut self, seed: u64, text: &str, checked: &Checked, cost: &Cost) {
        let mut amounts = [&cost.hops, &cost.chain, &cost.bytes].into_iter();
        assert!(amounts.all(is_bounded_by_sizes), "{text}\n{seed}: {cost:?}");
        let doubts: Vec<_> = cost.doubts.iter().map(|because| because.doubt).collect();
        *self.doubts.entry(format!("{doubts:?}")).or_default() += 1;
        let lowered = checked.lowered();
        for answers in ANSWERS {
            let chance = (0..CHANCES).map(|more| Links::Chance(seed + more));
            for links in std::iter::once(Links::Alike).chain(chance) {
                let Some(measured) = measure(&lowered, answers, LISTED.len(), links) else {
                    continue;
                };
                if let Some(wrong) = self.run(seed, cost, &measured) {
                    self.wrong.push(format!("{text}\n{seed} {answers:?} {links:?}: {wrong}\n"));
                    return;
                }
            }
        }
    }
}

#[test]
fn a_run_costs_what_is_predicted() {
    let mut seen = Seen::default();
    let seeds = WRONG_ONCE.into_iter().chain(programs_to_try(500));
    for (seed, text) in seeds.flat_map(|seed| texts(seed).map(|text| (seed, text))) {
        // The prediction is for runs in which nothing fails and no list is too short for a wait.
        let Some(checked) = Checked::new(&text).filter(|_| !text.contains("  Tool.fail")) else {
            continue;
        };
        let cost = checked.cost();
        if checked.findings().is_empty() && holds(&cost, LISTED.len()) == Some(true) {
            seen.program(seed, &text, &checked, &cost);
        }
    }
    let Seen { runs, exact, bounded, chains, mut wrong, doubts, mut bytes } = seen;
    println!("of {runs} runs {exact} have an exact prediction, {bounded} a bound; {chains} chains");
    println!("{} programs are wrong", wrong.len());
    bytes.sort_unstable();
    let at = |part: usize| (bytes.len() * part / 1000).min(bytes.len().saturating_sub(1));
    let [(least, first), (low, _), (middle, _), (high, _), (most, last)] =
        [1, 50, 500, 950, 999].map(|part| bytes.get(at(part)).copied().unwrap_or_default());
    println!(
        "{least}, {low}, {middle}, {high}, {most} bytes for 100: 0.1, 5, 50, 95, 99.9 % of runs"
    );
    let mut doubts: Vec<_> = doubts.into_iter().map(|(doubts, often)| (often, doubts)).collect();
    doubts.sort_unstable();
    doubts.iter().rev().take(SHOWN).for_each(|(often, doubts)| println!("{often} {doubts}"));
    wrong.sort_by_key(String::len);
    assert!(wrong.is_empty(), "{}", wrong.into_iter().take(SHOWN).collect::<String>());
    assert!(
        exact > 0 && bounded > 0 && chains > 0,
        "{exact} exact, {bounded} bounded, {chains} chains"
    );
    let sound = MOST_BYTES.contains(&low) && MOST_BYTES.contains(&high);
    let sound = sound && MIDDLE_BYTES.contains(&middle);
    let sound = sound && ALL_BYTES.contains(&least) && ALL_BYTES.contains(&most);
    assert!(
        sound,
        "{low}, {middle} and {high} of {least} (program {first}) to {most} (program {last}) measured bytes for 100"
    );
}
